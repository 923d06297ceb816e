{{ config(materialized='table') }}

{{ findings('fund_ledger') }}
