{{ config(materialized='table') }}

{{ findings('fund_ledger', ref('checked_fund_ledger')) }}
