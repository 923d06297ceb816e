{{ config(materialized='view') }}

select
    cube.month,
    cube.region_code,
    cube.scheme,
    cube.member_status,
    cube.care_type,
    cube.hospital_level,
    cube.travel_scope,
    cube.counterpart_region,
    cube.visits,
    cube.discharges,
    cube.bed_days,
    cube.medical_cost,
    cube.fund_paid,
    cube.catalog_cost,
    cube.catalog_fund_paid,
    cube.in_scope_cost,
    cube.in_scope_fund_paid

from {{ ref('int_settlement_care') }} as cube
cross join {{ ref('reporting_period') }} as period
where cube.scheme in ('employee', 'resident')
    and cube.month between {{ month_end('period.first_flow_month_no') }} and {{ month_end('period.last_month_no') }}
