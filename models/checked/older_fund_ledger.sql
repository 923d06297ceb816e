{{ config(materialized='table') }}

{{ older_versions('fund_ledger') }}
