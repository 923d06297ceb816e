{{ config(materialized='table') }}

{{ findings('settlement', ref('single_settlements')) }}
