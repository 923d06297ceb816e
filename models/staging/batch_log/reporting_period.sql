{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
{#- Which records say which years the statistics are of: those of events and ledgers, else counts by month or year, else registers,
    since what they hold began long ago. -#}
{%- set ranks = {'event': 1, 'ledger': 1, 'monthly': 2, 'register': 3} %}
-- The years of the statistics: as given, else from the first to the last year in which rows of the records count, by the log of the
-- batches (of registers the last ten). A year with fewer than one in a thousand rows of a record is taken for mistyped dates.
with

batches as (

    select batch_id, record
    from {{ ref('stg_batches') }}
    where batch_id not in (select replaced.corrects_batch_id from {{ ref('stg_batches') }} as replaced where replaced.corrects_batch_id is not null)

),

logged as (

    select batches.record, years.year_no, years.rows_counted
    from {{ ref('stg_batch_years') }} as years
    inner join batches on years.batch_id = batches.batch_id
    {%- for record in var('records') %}
    -- depends_on: {{ ref('stg_' ~ record) }}
    {%- set batches_without = batches_without_years(record) %}
    {%- if batches_without %}

    union all

    select '{{ record }}' as record, {{ counted_year(record) }} as year_no, count(*) as rows_counted
    from (
        {{ with_broken_rules(record, '(select * from ' ~ ref('stg_' ~ record) ~ " where batch_id in ('" ~ batches_without | join("', '") ~ "'))") }}
    ) as checked
    where not {{ is_rejected(record) }}
        and batch_id in (select batches.batch_id from batches)
    group by 2
    {%- endif %}
    {%- endfor %}

),

rows_by_year as (

    select
        record,
        case record
        {%- for record in var('records') %}
            when '{{ record }}' then {{ ranks.get(meta_of(record).form, 'null') }}
        {%- endfor %}
        end as rank_of_record,
        year_no,
        sum(rows_counted) as rows_counted

    from logged
    where year_no is not null
    group by 1, 2, 3

),

in_record as (

    select
        record,
        sum(rows_counted) as rows_counted

    from rows_by_year
    group by record

),

years_seen as (

    select
        rows_by_year.rank_of_record,
        rows_by_year.year_no

    from rows_by_year
    inner join in_record
        on rows_by_year.record = in_record.record
    where rows_by_year.rows_counted * 1000 >= in_record.rows_counted

),

years_asked as (

    select
        rank_of_record,
        min(year_no) as first_year,
        max(year_no) as last_year

    from years_seen
    where rank_of_record = (select min(seen.rank_of_record) from years_seen as seen)
    group by rank_of_record

),

span as (

    select
        coalesce(
            {{ var('first_year') or 'null' }},
            (select case when rank_of_record = 3 then greatest(first_year, last_year - 9) else first_year end from years_asked)
        ) as first_year,
        coalesce({{ var('last_year') or 'null' }}, (select last_year from years_asked)) as last_year,
        (select min(year_no) from years_seen where rank_of_record = 1) as first_year_seen

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
