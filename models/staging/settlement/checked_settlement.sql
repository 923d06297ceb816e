{{ config(materialized='table') }}

{{ checked('settlement', rows=ref('condensed_settlements'), candidates=ref('single_settlements')) }}
