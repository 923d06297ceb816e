{# The form monthly count: a number an area, month and kind, in the month alone (M), cumulative from January (C), or as a stock at the
   month's end (S). #}

{# Body of a model of counted months: by `cell` (columns without empty values) and month what is known of the month alone (`counted`,
   with the months it covers: more than one where months before it were not delivered) and the stock at its end. `rows` are accepted
   and valid rows; of them `month_no`, `basis`, and the column `number`. Where a month was delivered alone, that counts, and
   `contradicted_by` says by how much a cumulative number of it differs; a cumulative number gives the months since the one before it
   (else since January) that were not delivered alone, in the last of them. Falling ones give a month below zero. #}
{% macro counted_months(rows, cell, month_no, basis, number) -%}
{%- set names = cell | join(', ') -%}
{%- set pairs = [] -%}
{%- for name in cell -%}{%- do pairs.append('reports.' ~ name ~ ' = entries.' ~ name) -%}{%- endfor -%}
with

entries as (

    select
        {{ cell | join(',\n        ') }},
        {{ month_no }} as month_no,
        {{ year_of_month(month_no) }} as year_no,
        max(case when {{ basis }} = 'M' then {{ number }} end) as of_month,
        max(case when {{ basis }} = 'C' then {{ number }} end) as cumulative,
        max(case when {{ basis }} = 'S' then {{ number }} end) as stock

    from {{ rows }} as delivered
    group by {{ names }}, {{ month_no }}

),

-- Cumulative numbers with the months that each of them speaks for.
reports as (

    select
        {{ cell | join(',\n        ') }},
        month_no,
        cumulative - coalesce(lag(cumulative) over reports_of_year, 0) as since_last_report,
        coalesce(lag(month_no) over reports_of_year + 1, year_no * 12) as first_month_no

    from entries
    where cumulative is not null
    window reports_of_year as (partition by {{ names }}, year_no order by month_no nulls last)

),

-- Of each the months that were delivered alone, and of the others the first, the last and their number.
completed as (

    select
        {% for name in cell %}reports.{{ name }},
        {% endfor %}reports.month_no,
        reports.since_last_report - coalesce(sum(entries.of_month), 0) as rest,
        count(case when entries.of_month is null then 1 end) as months_open,
        min(case when entries.of_month is null then months.month_no end) as first_open_no,
        max(case when entries.of_month is null then months.month_no end) as last_open_no

    from reports
    inner join {{ ref('int_months') }} as months on months.month_no between reports.first_month_no and reports.month_no
    left join entries
        on {{ pairs | join('\n        and ') }}
        and months.month_no = entries.month_no
    group by {% for name in cell %}reports.{{ name }}, {% endfor %}reports.month_no, reports.since_last_report

),

parts as (

    select
        {{ cell | join(',\n        ') }},
        month_no,
        of_month as counted,
        case when of_month is not null then month_no end as first_month_no,
        case when of_month is not null then 1 end as months_covered,
        stock,
        null as contradicted_by

    from entries
    where of_month is not null
        or stock is not null

    union all

    select
        {{ cell | join(',\n        ') }},
        coalesce(last_open_no, month_no) as month_no,
        case when months_open > 0 then rest end as counted,
        first_open_no as first_month_no,
        nullif(months_open, 0) as months_covered,
        null as stock,
        case when months_open = 0 and rest <> 0 then rest end as contradicted_by

    from completed
    where months_open > 0
        or rest <> 0

)

select
    {{ cell | join(',\n    ') }},
    month_no,
    max(counted) as counted,
    max(first_month_no) as first_month_no,
    max(months_covered) as months_covered,
    max(stock) as stock,
    max(contradicted_by) as contradicted_by

from parts
group by {{ names }}, month_no
{%- endmacro %}
