{{ config(materialized='table') }}

{{ older_versions('settlement', ref('single_settlements')) }}
