{{ config(materialized='table') }}

{{ checked('fund_ledger') }}
