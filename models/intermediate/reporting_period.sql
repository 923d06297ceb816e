{#- Which records say which years the statistics are of: those of events and ledgers, else counts by month or year. What registers
    hold began long ago: they are asked, and read, only where nothing else was delivered. -#}
{%- set ranks = {'event': 1, 'ledger': 1, 'monthly': 2, 'register': 3} %}
{%- set delivered = first_column("select distinct record from " ~ ref('stg_batches') ~ " where batch_id not in (select corrects_batch_id from " ~ ref('stg_batches') ~ " where corrects_batch_id is not null)") %}
{%- set others = [] %}
{%- for record in delivered if ranks.get(meta_of(record).form, 3) < 3 %}{% do others.append(record) %}{% endfor %}
-- The years of the statistics: as given, else from the first to the last year in which rows of the records fall (of registers the
-- last ten). A year before 2000 (of a register: 1951) or after the delivery, and one with fewer than one in a thousand rows of a
-- record, is taken for mistyped dates.
with

rows_by_year as (

    {% for record in var('records') -%}
    select
        '{{ record }}' as record,
        cast({{ ranks.get(meta_of(record).form, 'null') }} as int) as rank_of_record,
        cast(extract(year from counted_on) as int) as year_no,
        count(*) as rows_found

    from {{ current_rows(record) }} as rows_of_record
    where {{ is_entry(record) }}
        and counted_on >= date '{{ 1951 if meta_of(record).form == 'register' else 2000 }}-01-01'
        and extract(year from counted_on) <= extract(year from received_on)
        {%- if others and meta_of(record).form == 'register' %}
        and 1 = 0
        {%- endif %}
    group by 3
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

years_seen as (

    select
        counted.rank_of_record,
        counted.year_no

    from rows_by_year as counted
    inner join (select record, sum(rows_found) as rows_of_record from rows_by_year group by record) as records
        on counted.record = records.record
    where counted.rows_found * 1000 >= records.rows_of_record

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
