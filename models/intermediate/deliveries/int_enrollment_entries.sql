-- The months in which enrolments say that they were delivered: a spell in the month it starts; the month of its latest update, which
-- says until when the register was kept, has no entry of its own. What ended before the years of the statistics is none of theirs.
{{ config(materialized='view') }}

with

spells as (

    select
        region_code,
        start_month_no as month_no,
        spells as entries,
        weight

    from {{ ref('checked_enrollment_pass') }}
    where is_enrolled
        and not is_rejected
        and end_month_no > (select period.first_stock_month_no from {{ ref('reporting_period') }} as period)

    union all

    select
        region_code,
        updated_month_no as month_no,
        0 as entries,
        weight

    from {{ ref('checked_enrollment_pass') }}
    where updated_month_no is not null
        and not is_rejected

    union all

    select
        single.region_code,
        single.start_month_no as month_no,
        -1 as entries,
        single.weight

    from {{ ref('checked_enrollment_rows_to_compare') }} as single
    inner join {{ ref('checked_enrollment') }} as checked
        on single.batch_id = checked.batch_id
        and single.row_no = checked.row_no
    where single.is_enrolled
        and checked.reason = 'older version'
        and single.end_month_no > (select period.first_stock_month_no from {{ ref('reporting_period') }} as period)

)

select
    region_code,
    month_no,
    sum(entries) as entries,
    max(weight) as weight

from spells
group by region_code, month_no
