{{ config(materialized='table') }}

{{ findings('settlement', ref('condensed_settlements')) }}
