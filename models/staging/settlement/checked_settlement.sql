{{ config(materialized='table') }}

{{ checked('settlement', rows=ref('condensed_settlements'), versions=ref('single_settlements'), cancelling=ref('refunds')) }}
