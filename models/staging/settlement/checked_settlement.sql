{{ config(materialized='table') }}

{{ checked('settlement', rows=ref('checked_settlement_pass'), versions=ref('checked_settlement_rows_to_compare'), cancelling=ref('checked_settlement_refunds')) }}
