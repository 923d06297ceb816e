with

both_sides as (

    select
        month_no, scheme, care_type, settle_mode, lines, total_cost, agency_paid,
        'insured' as side,
        insured_region_code as region_code,
        {{ province_of('treatment_region_code') }} as counterpart_region

    from {{ ref('int_cross_province_counted_lines') }}

    union all

    select
        month_no, scheme, care_type, settle_mode, lines, total_cost, agency_paid,
        'treatment' as side,
        treatment_region_code as region_code,
        {{ province_of('insured_region_code') }} as counterpart_region

    from {{ ref('int_cross_province_counted_lines') }}

)

select
    {{ month_end('month_no') }} as month,
    region_code,
    side,
    scheme,
    care_type,
    settle_mode,
    counterpart_region,
    cast(sum(lines) as decimal(28, 6)) as lines,
    cast(sum(total_cost) as decimal(28, 8)) as medical_cost,
    cast(sum(agency_paid) as decimal(28, 8)) as agency_paid

from both_sides
where month_no between (select period.first_flow_month_no from {{ ref('reporting_period') }} as period)
    and (select period.last_month_no from {{ ref('reporting_period') }} as period)
group by month_no, region_code, side, scheme, care_type, settle_mode, counterpart_region
