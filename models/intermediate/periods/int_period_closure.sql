-- Every month with each period that it is part of. A further kind of period (a week of months, a plan) is one more line here.
{%- set year = 'cast(year_no as ' ~ dbt.type_string() ~ ')' %}
with

months as (

    select * from {{ ref('int_months') }}

),

-- By kind: its text, its first and its last month, of the period that `months` ends.
periods as (

    select 'month' as period_kind, {{ period_text('year_no', 'month_of_year') }} as time_period, month_no as first_month_no, month_no as last_month_no
    from months

    union all

    select 'ytd', {{ period_text('year_no', 'month_of_year') }}, year_no * 12, month_no
    from months

    union all

    select 'half', {{ year }} || case when month_of_year = 6 then '-S1' else '-S2' end, month_no - 5, month_no
    from months
    where month_of_year in (6, 12)

    union all

    select 'year', {{ year }}, month_no - 11, month_no
    from months
    where month_of_year = 12

)

select
    periods.period_kind,
    periods.time_period,
    periods.first_month_no,
    periods.last_month_no,
    months.month_no,
    -- A stock is taken here; that of a year to date is its month's.
    months.month_no = periods.last_month_no and periods.period_kind <> 'ytd' as is_last

from periods
inner join months on months.month_no between periods.first_month_no and periods.last_month_no
