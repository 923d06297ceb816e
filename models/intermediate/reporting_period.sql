with

years_seen as (

    select {{ year_of_month("month_no") }} as year_no from {{ ref('settlement_cube') }}
    union all
    select {{ year_of_month("month_no") }} from {{ ref('ledger_months') }}
    union all
    select {{ year_of_month("month_no") }} from {{ ref('counted_clearing_lines') }}
    union all
    select cast(year_code as int) from {{ accepted_rows('population') }} as population

),

enrollment_years as (

    select extract(year from started_on) as year_no from {{ accepted_rows('enrollment') }} as enrollment

),

span as (

    select
        coalesce(
            {{ var('first_year') or 'null' }},
            (select min(year_no) from years_seen),
            (select greatest(min(year_no), max(year_no) - 9) from enrollment_years)
        ) as first_year,
        coalesce(
            {{ var('last_year') or 'null' }},
            (select max(year_no) from years_seen),
            (select max(year_no) from enrollment_years)
        ) as last_year

)

select
    cast(first_year as int) as first_year,
    cast(last_year as int) as last_year,
    cast(first_year * 12 - 1 as int) as first_stock_month_no,
    cast(first_year * 12 as int) as first_month_no,
    cast(last_year * 12 + 11 as int) as last_month_no

from span
