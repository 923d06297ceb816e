-- depends_on: {{ ref('stg_enrollment') }}
{%- set others = first_column("select distinct record from " ~ ref('stg_batches') ~ " where record <> 'enrollment'") %}
-- The years of the statistics: as given, else from the first to the last year in which
-- settlements, clearing lines or ledger entries fall (else population, else enrolments). A year with fewer than
-- one in a thousand rows of a record is taken for mistyped dates and does not widen them.
with

rows_by_year as (

    select 'settlement' as record, {{ year_of_month("month_no") }} as year_no, sum(settlements) as rows_found
    from {{ ref('counted_settlements') }}
    group by 2

    union all

    select 'fund_ledger', {{ year_of_month("month_no") }}, count(*)
    from {{ ref('ledger_months') }}
    group by 2

    union all

    select 'cross_province', {{ year_of_month("month_no") }}, count(*)
    from {{ ref('counted_clearing_lines') }}
    group by 2

),

population_years as (

    select cast(year_code as int) as year_no from {{ ref('accepted_population') }}

),

years_seen as (

    select counted.year_no

    from rows_by_year as counted
    inner join (select record, sum(rows_found) as rows_of_record from rows_by_year group by record) as records
        on counted.record = records.record
    where counted.rows_found * 1000 >= records.rows_of_record

),

-- Registers decide only where no other record does: the raw starts would be read for nothing else.
enrollment_years as (

    {% if others -%}
    select cast(extract(year from enrollment.started_on) as int) as year_no
    from {{ current_rows('enrollment') }} as enrollment
    {%- else -%}
    select cast(extract(year from checked.started_on) as int) as year_no
    from ({{ with_broken_rules('enrollment', current_rows('enrollment')) }}) as checked
    where not {{ is_rejected('enrollment') }}
    {%- endif %}

),

span as (

    select
        coalesce(
            {{ var('first_year') or 'null' }},
            (select min(year_no) from years_seen),
            (select min(year_no) from population_years),
            (select greatest(min(year_no), max(year_no) - 9) from enrollment_years)
        ) as first_year,
        coalesce(
            {{ var('last_year') or 'null' }},
            (select max(year_no) from years_seen),
            (select max(year_no) from population_years),
            (select max(year_no) from enrollment_years)
        ) as last_year,
        (select min(year_no) from years_seen) as first_year_seen

)

select
    cast(first_year as int) as first_year,
    cast(last_year as int) as last_year,
    cast(first_year * 12 - 1 as int) as first_stock_month_no,
    cast(first_year * 12 as int) as first_month_no,
    -- Years before those asked for stay in the table, as what the first is compared with; mistyped ones do not.
    cast(least(first_year, coalesce(first_year_seen, first_year)) * 12 as int) as first_flow_month_no,
    cast(last_year * 12 + 11 as int) as last_month_no

from span
