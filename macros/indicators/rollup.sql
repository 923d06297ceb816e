{# Body of a rollup model: a subject's simple metrics at every region level, kind of period and published breakdown, with their values
   a year before. Regions are put together level by level, each from the one below; flows are summed over a period, stocks taken at
   its last month; a maximum is that of maxima; a median is taken from the fact, in each cell anew. #}
{% macro rollup(subject) -%}
{%- set always = always_dimensions() -%}
{%- set classes = detail_classes() -%}
{%- set closure = ref('int_period_closure') -%}
{%- set regions = ref('int_region_closure') -%}
{%- if execute -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set medians = simple_metrics_of(subject, 'median') -%}
{%- set metrics = simple_metrics_of(subject) | reject('in', medians) | list -%}
{%- set sets = rollup_sets(subject, always) -%}
{%- set levels = [('counties', 'county'), ('prefectures', 'prefecture'), ('provinces', 'province'), ('nation', 'nation')] -%}
with

{% if has_every_level(subject) -%}
{% for name, level in levels -%}
{{ name }} as (

{{ cells_of_given_level(subject, metrics, level) }}

),

{% endfor -%}
{%- else -%}
{{ cells_of_level(subject, metrics, 'counties', 'county', sets_read(subject, sets_of_level(sets, 'county', var('published_detail').keys(), classes)), regions) }}

{{ cells_of_level(subject, metrics, 'prefectures', 'prefecture', sets_read(subject, sets), regions) }}

provinces as (

{{ put_together(subject, metrics, "prefectures where region_code <> '100000'", province_of('region_code')) }}

),

nation as (

{{ put_together(subject, metrics, "(select * from provinces union all select * from prefectures where region_code = '100000') as provinces_and_nation", "'100000'") }}

),

{% endif -%}
places as (

    {% for name, level in levels -%}
    select *, '{{ level }}' as region_level from {{ name }}{{ " where region_code <> '100000'" if level == 'prefecture' }}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

by_region as (

    select
        places.*,
        {{ month_index('places.month') }} as month_no,
        {{ dims_text(dimensions, 'places') }} as dims,
        {{ breakdown_text(dimensions, 'places') }} as breakdown

    from places

),

periods as (

    {% for kind in var('published_detail') -%}
    select
        by_region.region_code,
        by_region.region_level,
        '{{ kind }}' as period_kind,
        closure.time_period,
        by_region.dims,
        any_value(by_region.breakdown) as breakdown
        {%- for name in dimensions %},
        any_value(by_region.{{ name }}) as {{ name }}
        {%- endfor %}
        {%- for metric in metrics %}
        {%- set measure = measure_of(metric) %},
        {{ measure.agg }}({{ 'case when closure.is_last then by_region.' ~ metric.name ~ ' end' if measure.is_stock else 'by_region.' ~ metric.name }}) as {{ metric.name }}
        {%- endfor %}

    from by_region
    inner join {{ closure }} as closure
        on by_region.month_no = closure.month_no
        and closure.period_kind = '{{ kind }}'
    where {{ is_published_detail(kind, sets, classes) }}
        {%- if kind == 'ytd' %}
        -- Up to the last month that the fact has.
        and closure.last_month_no <= (select max(month_no) from by_region)
        {%- endif %}
        {%- if has_sums_of_months(subject) and kind in ('month', 'half') %}
        -- What covers several months counts in the periods that hold them all: `covers` is the shortest kind of these.
        and by_region.covers in ('month'{{ ", 'half'" if kind == 'half' }})
        {%- endif %}
    group by by_region.region_code, by_region.region_level, closure.time_period, by_region.dims
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),
{% for metric in medians %}
{{ medians_of(metric, sets, closure, regions) }}
{% endfor %}
figures as (

    select
        periods.*
        {%- for metric in medians %},
        {{ metric.name }}_medians.value as {{ metric.name }}
        {%- endfor %}

    from periods
    {%- for metric in medians %}
    left join {{ metric.name }}_medians
        on periods.region_code = {{ metric.name }}_medians.region_code
        and periods.region_level = {{ metric.name }}_medians.region_level
        and periods.period_kind = {{ metric.name }}_medians.period_kind
        and periods.time_period = {{ metric.name }}_medians.time_period
        and periods.dims = {{ metric.name }}_medians.dims
    {%- endfor %}

)

select
    figures.*
    {%- for metric in metrics + medians %},
    year_before.{{ metric.name }} as previous_{{ metric.name }}
    {%- endfor %}

from figures
left join figures as year_before
    on figures.region_code = year_before.region_code
    and figures.region_level = year_before.region_level
    and figures.period_kind = year_before.period_kind
    and {{ year_before('figures.time_period') }} = year_before.time_period
    and figures.dims = year_before.dims
{%- else -%}
select 1 as parsed from {{ regions }} cross join {{ closure }}
{%- endif -%}
{%- endmacro %}

{# The breakdowns in which a fact is read: dimensions that are counted apart stand in each, since the fact has their totals as rows. #}
{% macro sets_read(subject, sets) -%}
    {%- set read = [] -%}
    {%- for text in sets -%}
        {%- do read.append((text.split(' ') + dimensions_apart(subject)) | reject('equalto', '') | unique | sort | join(' ')) -%}
    {%- endfor -%}
    {{ return(read | unique | list) }}
{%- endmacro %}

{# Whether a cell is published for a kind of period: its region level may restrict the breakdowns (var published_detail). #}
{% macro is_published_detail(kind, sets, classes) -%}
    {%- set conditions = [] -%}
    {%- for level in var('published_detail')[kind] -%}
        {%- set kept = sets_of_level(sets, level, [kind], classes) -%}
        {%- if kept | length < sets | length -%}
            {%- do conditions.append("(by_region.region_level <> '" ~ level ~ "' or by_region.breakdown in ('" ~ kept | join("', '") ~ "'))") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(conditions | join('\n        and ') or 'true') }}
{%- endmacro %}

{# Metrics put together from a subject's fact by the regions of one level and by month: for each of the breakdowns `wanted`, read from
   the fact once for every breakdown that is part of no other. CTEs named after `name`, the last of them `name` itself. #}
{% macro cells_of_level(subject, metrics, name, level, wanted, regions) -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set covers = ', covers' if has_sums_of_months(subject) else '' -%}
{%- set place = "closure.ancestor_code" if level == 'county' else "coalesce(closure.ancestor_code, fact.region_code)" -%}
{%- set widest = widest_of(wanted) -%}
{%- for names in widest %}
{%- set kept = names.split(' ') if names else [] %}
{{ name }}_{{ loop.index }} as (

    select
        {{ place }} as region_code,
        fact.month{{ covers | replace(' ', ' fact.') }}
        {%- for dimension in kept %},
        fact.{{ dimension }}
        {%- endfor %}
        {%- for metric in metrics %}
        {%- set condition = filter_sql(metric) %}
        {%- set measure = measure_of(metric) %},
        {{ measure.agg }}({% if condition %}case when {{ condition }} then {{ measure.expr }} end{% else %}{{ measure.expr }}{% endif %}) as {{ metric.name }}
        {%- endfor %}

    from {{ fact_relation(subject) }} as fact
    {{ 'inner' if level == 'county' else 'left' }} join {{ regions }} as closure
        on fact.region_code = closure.region_code
        and closure.region_level = '{{ level }}'
    group by {{ place }}, fact.month{{ covers | replace(' ', ' fact.') }}{% for dimension in kept %}, fact.{{ dimension }}{% endfor %}

),
{% endfor %}
{%- set placed = [] %}
{{ name }} as (
    {% for names in widest %}
    {%- set kept = names.split(' ') if names else [] %}
    {%- set sets = [] %}
    {%- for text in wanted if text not in placed and text.split(' ') | reject('in', kept) | reject('equalto', '') | list | length == 0 %}
        {%- do sets.append(text) %}
        {%- do placed.append(text) %}
    {%- endfor %}
    {%- if not loop.first %}

    union all

    {% endif %}
    select *
    from (
        select
            region_code,
            month{{ covers }}
            {%- for dimension in dimensions %},
            {{ total_or_value(dimension) if dimension in kept else "'_T'" }} as {{ dimension }}
            {%- endfor %}
            {%- for metric in metrics %},
            {{ put_together_or_zero(metric, kept) }} as {{ metric.name }}
            {%- endfor %}

        from {{ name }}_{{ loop.index }}
        group by grouping sets (
            {%- for text in sets %}
            (region_code, month{{ covers }}{{ ', ' if text }}{{ text | replace(' ', ', ') }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as cells
    {{- where_dimensions_apply(kept) }}
    {%- endfor %}

),
{%- endmacro %}

{# A dimension within grouping sets: '_T' where it is summed over. #}
{% macro total_or_value(dimension) -%}case when grouping({{ dimension }}) = 1 then '_T' else {{ dimension }} end{%- endmacro %}

{# Of grouping sets without the cells of a dimension that does not apply (the employer of a resident): these are no breakdown. #}
{% macro where_dimensions_apply(dimensions) -%}
    {%- for dimension in dimensions %}
    {{ 'where' if loop.first else '    and' }} {{ dimension }} is not null
    {%- endfor %}
{%- endmacro %}

{# A metric in a grouping of the dimensions `kept`. A sum is 0 where rows are there and none passes the metric's filter, unless the
   filter shuts the whole cell out: no resident is in service. #}
{% macro put_together_or_zero(metric, kept) -%}
    {%- set agg = measure_of(metric).agg -%}
    {%- if agg != 'sum' or not filter_sql(metric) -%}{{ return(agg ~ '(' ~ metric.name ~ ')') }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for piece in filter_pieces(metric) if piece.dimension in kept -%}
        {%- do conditions.append('(grouping(' ~ piece.dimension ~ ') = 1 or ' ~ piece.sql ~ ')') -%}
    {%- endfor -%}
    {{ return('coalesce(sum(' ~ metric.name ~ '), case when ' ~ (conditions | join(' and ') or 'true') ~ ' then 0 end)') }}
{%- endmacro %}

{# Regions of a level put together to the level above. #}
{% macro put_together(subject, metrics, rows, region_code) -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set covers = ', covers' if has_sums_of_months(subject) else '' -%}
    select
        {{ region_code }} as region_code,
        month{{ covers }}
        {%- for dimension in dimensions %},
        {{ dimension }}
        {%- endfor %}
        {%- for metric in metrics %},
        {{ measure_of(metric).agg }}({{ metric.name }}) as {{ metric.name }}
        {%- endfor %}

    from {{ rows }}
    group by {{ region_code ~ ', ' if '(' in region_code }}month{{ covers }}{% for dimension in dimensions %}, {{ dimension }}{% endfor %}
{%- endmacro %}

{# The figures of one level as a fact with every level has them; where it has dimensions, with its totals ('_T') as rows. #}
{% macro cells_of_given_level(subject, metrics, level) -%}
    select
        region_code,
        month
        {%- for dimension in dimensions_of(subject) %},
        {{ dimension }}
        {%- endfor %}
        {%- for metric in metrics %},
        {{ measure_of(metric).expr }} as {{ metric.name }}
        {%- endfor %}

    from {{ fact_relation(subject) }}
    where region_level = '{{ level }}'
{%- endmacro %}

{# A median in every published cell, from the fact: the smallest value at which half of the weights are reached (lower weighted median). #}
{% macro medians_of(metric, sets, closure, regions) -%}
{%- set measure = measure_of(metric) -%}
{%- set dimensions = dimensions_of(measure.subject) -%}
{%- set used = (sets | join(' ')).split(' ') | reject('equalto', '') | unique | list -%}
{{ metric.name }}_weights as (

    select
        places.ancestor_code as region_code,
        places.region_level,
        closure.period_kind,
        closure.time_period
        {%- for dimension in dimensions %},
        {{ total_or_value(dimension) if dimension in used else "'_T'" }} as {{ dimension }}
        {%- endfor %},
        {{ measure.expr }} as value,
        sum({{ measure.weight }}) as weight

    from {{ fact_relation(measure.subject) }} as fact
    inner join {{ regions }} as places on fact.region_code = places.region_code
    inner join {{ closure }} as closure on {{ month_index('fact.month') }} = closure.month_no
    where {{ measure.expr }} is not null
        and {{ measure.weight }} > 0
        {%- if filter_sql(metric) %}
        and {{ filter_sql(metric) }}
        {%- endif %}
    group by grouping sets (
        {%- for text in sets %}
        (places.ancestor_code, places.region_level, closure.period_kind, closure.time_period, {{ measure.expr }}{{ ', ' if text }}{{ text | replace(' ', ', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )

),

{{ metric.name }}_reached as (

    select
        region_code,
        region_level,
        period_kind,
        time_period,
        {{ dims_text(dimensions) }} as dims,
        value,
        sum(weight) over (partition by region_code, region_level, period_kind, time_period, {{ dims_text(dimensions) }} order by value nulls last) as reached,
        sum(weight) over (partition by region_code, region_level, period_kind, time_period, {{ dims_text(dimensions) }}) as total

    from {{ metric.name }}_weights
    {{- where_dimensions_apply(used) }}

),

{{ metric.name }}_medians as (

    select region_code, region_level, period_kind, time_period, dims, min(value) as value
    from {{ metric.name }}_reached
    where reached * 2 >= total
    group by region_code, region_level, period_kind, time_period, dims

),
{%- endmacro %}
