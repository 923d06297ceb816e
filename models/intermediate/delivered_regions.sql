{{ config(materialized='view') }}

select distinct region_code from {{ ref('care_cube') }}
union
select distinct region_code from {{ ref('member_changes') }}
union
select distinct region_code from {{ ref('ledger_months') }}
union
select distinct insured_region_code from {{ ref('counted_clearing_lines') }}
union
select distinct treatment_region_code from {{ ref('counted_clearing_lines') }}
union
select distinct region_code from {{ ref('accepted_population') }}
