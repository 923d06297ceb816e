{# What must add up, tested on a subject's rolled-up figures at every region, level and period: the values of a dimension give
   the total, the regions of a level the region above them, the months and halves the year. One row per identity and metric. #}
{% macro identities_of(subject) -%}
{%- set always = always_dimensions() -%}
{%- if execute -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set metrics = simple_metrics_of(subject, 'sum') -%}
{%- set rolled = ref('rollup_' ~ subject) -%}
{%- set used = (rollup_sets(subject, always) | join(' ')).split(' ') -%}
{%- set keys = ['region_code', 'region_level', 'period_kind', 'time_period'] -%}
{%- set checks = [] -%}
{%- for split in dimensions if split in used and split not in always -%}
    {%- set others = [] -%}
    {%- for other in dimensions if other != split -%}{%- do others.append(other) -%}{%- endfor -%}
    {%- do checks.append({
        'id': subject ~ ': parts of ' ~ split, 'stocks': true, 'keys': keys + others,
        'parts': split ~ " <> '_T'", 'totals': split ~ " = '_T'", 'part_keys': keys + others}) -%}
{%- endfor -%}
{%- do checks.append({
    'id': subject ~ ': provinces of the nation', 'stocks': true, 'keys': ['period_kind', 'time_period'] + dimensions,
    'parts': "region_level = 'province'", 'totals': "region_level = 'nation'", 'part_keys': ['period_kind', 'time_period'] + dimensions}) -%}
{%- do checks.append({
    'id': subject ~ ': prefectures of a province', 'stocks': true, 'keys': ['region_code', 'period_kind', 'time_period'] + dimensions,
    'parts': "region_level = 'prefecture'", 'totals': "region_level = 'province'",
    'part_keys': [province_of('region_code') ~ ' as region_code', 'period_kind', 'time_period'] + dimensions}) -%}
{%- do checks.append({
    'id': subject ~ ': halves of a year', 'stocks': false, 'of_parts_alone': has_sums_of_months(subject), 'keys': ['region_code', 'region_level', 'time_period'] + dimensions,
    'parts': "period_kind = 'half'", 'totals': "period_kind = 'year'",
    'part_keys': ['region_code', 'region_level', 'substr(time_period, 1, 4) as time_period'] + dimensions}) -%}
{%- do checks.append({
    'id': subject ~ ': months of a year', 'stocks': false, 'of_parts_alone': has_sums_of_months(subject), 'keys': ['region_code', 'region_level', 'time_period'] + dimensions,
    'parts': "period_kind = 'month'", 'totals': "period_kind = 'year'",
    'part_keys': ['region_code', 'region_level', 'substr(time_period, 1, 4) as time_period'] + dimensions}) -%}
{%- set ns = namespace(first=true) -%}
{%- for check in checks -%}
{%- set tested = [] -%}
{%- for metric in metrics if check.stocks or not measure_of(metric).is_stock -%}{%- do tested.append(metric.name) -%}{%- endfor -%}
{%- if tested -%}
{{ '' if ns.first else '\n\nunion all\n\n' }}{% set ns.first = false -%}
select
    '{{ check.id }}' as identity,
    '{{ subject }}' as subject,
    count(*) as compared,
    count(case when {% for name in tested %}coalesce(totals.{{ name }}, 0) <> coalesce(parts.{{ name }}, 0){{ ' or ' if not loop.last }}{% endfor %} then 1 end) as failed,
    cast(max(greatest({% for name in tested %}abs(coalesce(totals.{{ name }}, 0) - coalesce(parts.{{ name }}, 0)), {% endfor %}0)) as decimal(38, 8)) as largest_difference

from (
    select
        {%- for key in check.part_keys %}
        {{ key }},
        {%- endfor %}
        {%- for name in tested %}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ rolled }}
    where {{ check.parts }}
    group by {% for key in check.part_keys %}{{ key.split(' as ')[0] }}{{ ', ' if not loop.last }}{% endfor %}
) as parts
inner join (select * from {{ rolled }} where {{ check.totals }}) as totals
    on {% for key in check['keys'] %}totals.{{ key }} = parts.{{ key }}{{ '\n    and ' if not loop.last }}{% endfor %}
{%- if check.of_parts_alone %}
    -- A sum of months lies in no month: where one was delivered, its months have no amounts to add up.
    and totals.{{ subject }}_missing_months = parts.{{ subject }}_missing_months
{%- endif -%}
{%- endif -%}
{%- endfor -%}
{%- else -%}
select * from {{ ref('rollup_' ~ subject) }}
{%- endif -%}
{%- endmacro %}

{# One identity between two expressions on the rows of a relation, tested exactly: the same columns as identities_of. #}
{% macro identity_between(identity, subject, left, right, rows_of, condition) -%}
select
    '{{ identity }}' as identity,
    '{{ subject }}' as subject,
    count(*) as compared,
    count(case when {{ left }} <> {{ right }} then 1 end) as failed,
    cast(max(abs({{ left }} - ({{ right }}))) as decimal(38, 8)) as largest_difference

from {{ rows_of }}
where {{ condition }}
{%- endmacro %}
