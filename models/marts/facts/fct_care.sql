{{ config(materialized='view') }}

select
    month,
    region_code,
    scheme,
    member_status,
    care_type,
    hospital_level,
    travel_scope,
    counterpart_region,
    visits,
    discharges,
    bed_days,
    medical_cost,
    fund_paid,
    catalog_cost,
    catalog_fund_paid,
    in_scope_cost,
    in_scope_fund_paid

from {{ ref('care_cube') }}
where scheme in ('employee', 'resident')
