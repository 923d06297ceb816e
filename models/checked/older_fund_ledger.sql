{{ config(materialized='table') }}

{{ older_versions('fund_ledger', repeated_rows('fund_ledger')) }}
