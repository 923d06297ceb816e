{# Indicators are dbt metrics on semantic models over the facts. These macros read them from the graph and write the models
   that roll facts up and turn them into observations; an indicator is added in YAML alone. #}

{% macro subjects() %}{{ return(['enrollment', 'maternity', 'fund', 'care', 'away_care', 'cross_province', 'population']) }}{% endmacro %}

{# The dimensions of an observation, in the order of its columns. #}
{% macro observation_dimensions() %}
    {{ return(['scheme', 'fund_part', 'member_status', 'employer_type', 'account_mode', 'care_type', 'hospital_level', 'travel_scope',
               'settle_mode', 'side', 'counterpart_region']) }}
{% endmacro %}

{% macro all_metrics() %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for id in graph.metrics | sort %}{% do found.append(graph.metrics[id]) %}{% endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{% macro metric_named(name) %}{{ return(graph.metrics['metric.gongbao.' ~ name]) }}{% endmacro %}

{% macro is_published(metric) %}{{ return(metric.config.meta.get('published', true)) }}{% endmacro %}

{# Indicators whose months are published below the province. #}
{% macro monthly_below_province() -%}
    {%- set names = [] -%}
    {%- for metric in all_metrics() if metric.config.meta.get('monthly_below_province', false) -%}{%- do names.append(metric.name) -%}{%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# Categorical dimensions of a subject. #}
{% macro dimensions_of(subject) %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for dimension in graph.semantic_models['semantic_model.gongbao.' ~ subject].dimensions if dimension.name in observation_dimensions() -%}
            {%- do names.append(dimension.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}

{# Whether amounts of a subject may cover more than a month: then its fact says in `covers` the shortest kind of period (month, half,
   year) that holds them, and shorter periods do not count them. #}
{% macro has_sums_of_months(subject) %}
    {{ return(graph.semantic_models['semantic_model.gongbao.' ~ subject].dimensions | selectattr('name', 'equalto', 'covers') | list | length > 0) }}
{% endmacro %}

{# Whether a subject's fact holds the figures of every region level, with its `region_level`, in place of parts that add up. #}
{% macro has_every_level(subject) %}
    {%- if not execute -%}{{ return(false) }}{%- endif -%}
    {%- for dimension in graph.semantic_models['semantic_model.gongbao.' ~ subject].dimensions if dimension.name == 'region_level' -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{# The measure of a simple metric: its expression in the fact and whether it is a stock. #}
{% macro measure_of(metric) %}
    {%- for id in graph.semantic_models -%}
        {%- for measure in graph.semantic_models[id].measures if measure.name == metric.type_params.measure.name -%}
            {{ return({'subject': graph.semantic_models[id].name, 'expr': measure.expr, 'is_stock': measure.non_additive_dimension is not none}) }}
        {%- endfor -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的度量不存在 · metric " ~ metric.name ~ " names a measure that no semantic model has: " ~ metric.type_params.measure.name) }}
{% endmacro %}

{% macro simple_metrics_of(subject) %}
    {%- set found = [] -%}
    {%- for metric in all_metrics() if metric.type == 'simple' and measure_of(metric).subject == subject -%}
        {%- do found.append(metric) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The subject whose dimensions an indicator has: its fact, or that of its numerator. #}
{% macro subject_of(metric) %}
    {%- if metric.type == 'ratio' -%}{{ return(measure_of(metric_named(metric.type_params.numerator.name)).subject) }}{%- endif -%}
    {{ return(measure_of(metric).subject) }}
{% endmacro %}

{# A metric's filter as SQL on the fact: Dimension('care_cell__care_type') is the column care_type. #}
{% macro filter_sql(metric) %}
    {%- if not metric.filter -%}{{ return('') }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for where in metric.filter.where_filters -%}
        {%- do conditions.append('(' ~ modules.re.sub("\\{\\{\\s*Dimension\\(\\s*'(?:\\w+?__)?(\\w+)'\\s*\\)\\s*\\}\\}", '\\1', where.where_sql_template) ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}

{# A metric of the nation by year, as a query on the facts: what the catalogue shows a reader. Stocks are taken in December. #}
{% macro yearly_sql(metric) -%}
{%- if metric.type == 'ratio' -%}
with
numerator as (
{{ yearly_sql(metric_named(metric.type_params.numerator.name)) | indent(4, true) }}
),
denominator as (
{{ yearly_sql(metric_named(metric.type_params.denominator.name)) | indent(4, true) }}
)
select year, numerator.value{{ ' * ' ~ metric.config.meta.scale if metric.config.meta.get('scale', 1) != 1 }} / denominator.value as value
from numerator
inner join denominator using (year)
order by year
{%- else -%}
{%- set measure = measure_of(metric) -%}
{%- set conditions = [] -%}
{%- if measure.is_stock -%}{%- do conditions.append('month(month) = 12') -%}{%- endif -%}
{%- if 'side' in metric.config.meta.get('always', []) -%}{%- do conditions.append("side = 'insured'") -%}{%- endif -%}
{%- if filter_sql(metric) -%}{%- do conditions.append(filter_sql(metric)) -%}{%- endif -%}
select year(month) as year, sum({{ measure.expr }}) as value
from {{ fact_of(measure.subject) }}
{%- if conditions %}
where {{ conditions | join('\n    and ') }}
{%- endif %}
group by year(month)
order by year
{%- endif -%}
{%- endmacro %}

{# The table of a subject's fact. #}
{% macro fact_of(subject) %}{{ return(graph.semantic_models['semantic_model.gongbao.' ~ subject].node_relation.alias) }}{% endmacro %}

{# The combinations of dimensions in which a metric is published: what its YAML lists, and the total. #}
{% macro published_sets(metric) %}
    {%- set sets = [metric.config.meta.get('always', [])] -%}
    {%- for breakdown in metric.config.meta.breakdowns if breakdown not in sets -%}{%- do sets.append(breakdown) -%}{%- endfor -%}
    {{ return(sets) }}
{% endmacro %}

{# A set of dimensions as text, in the order of the subject's dimensions: what the rollup column `breakdown` holds. #}
{% macro set_text(dimensions, names) %}
    {%- set parts = [] -%}
    {%- for name in dimensions if name in names -%}{%- do parts.append(name) -%}{%- endfor -%}
    {{ return(parts | join(' ')) }}
{% endmacro %}

{# Every set of dimensions in which a subject is rolled up: those of its metrics, and of the ratios that use them. #}
{% macro rollup_sets(subject) %}
    {%- set dimensions = dimensions_of(subject) -%}
    {%- set texts = [] -%}
    {%- for metric in all_metrics() -%}
        {%- set touched = namespace(value=false) -%}
        {%- for name in (
                [metric.name] if metric.type == 'simple'
                else [metric.type_params.numerator.name, metric.type_params.denominator.name]
            ) if measure_of(metric_named(name)).subject == subject -%}
            {%- set touched.value = true -%}
        {%- endfor -%}
        {%- if touched.value -%}
            {%- for names in published_sets(metric) -%}
                {%- set text = set_text(dimensions, names) -%}
                {%- if text not in texts -%}{%- do texts.append(text) -%}{%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(texts) }}
{% endmacro %}

{# Of some sets those that are part of no other: the fact is read for these only, the others are sums of them. #}
{% macro widest_of(texts) %}
    {%- set widest = [] -%}
    {%- for text in texts -%}
        {%- set covered = namespace(value=false) -%}
        {%- for other in texts if other != text -%}
            {%- if text.split(' ') | reject('in', other.split(' ')) | reject('equalto', '') | list | length == 0 -%}{%- set covered.value = true -%}{%- endif -%}
        {%- endfor -%}
        {%- if not covered.value -%}{%- do widest.append(text) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(widest) }}
{% endmacro %}

{# The sets of a subject that are published at a region level for some kind of period (var published_detail). #}
{% macro sets_of_level(subject, level) %}
    {%- set kept = [] -%}
    {%- for text in rollup_sets(subject) -%}
        {%- for period_kind, levels in var('published_detail').items() if text not in kept -%}
            {%- if level not in levels or text.split(' ') | reject('in', levels[level] + ['side', '']) | list | length == 0 -%}
                {%- do kept.append(text) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(kept) }}
{% endmacro %}

{# The sum of a metric in a grouping of the dimensions `kept`. Where rows are there and none passes the metric's filter it is 0,
   unless the filter shuts the whole cell out: no resident is in service. #}
{% macro summed_or_zero(metric, kept) -%}
    {%- if not filter_sql(metric) -%}{{ return('sum(' ~ metric.name ~ ')') }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for piece in filter_pieces(metric) if piece.dimension in kept -%}
        {%- do conditions.append('(' ~ piece.dimension ~ ' is null or ' ~ piece.sql ~ ')') -%}
    {%- endfor -%}
    {{ return('coalesce(sum(' ~ metric.name ~ '), case when ' ~ (conditions | join(' and ') or 'true') ~ ' then 0 end)') }}
{%- endmacro %}

{# The conditions of a metric's filter, each on one dimension. #}
{% macro filter_pieces(metric) -%}
    {%- set pieces = [] -%}
    {%- for where in metric.filter.where_filters -%}
        {%- for text in modules.re.split('(?i)\\s+and\\s+', where.where_sql_template) -%}
            {%- set names = modules.re.findall("Dimension\\(\\s*'(?:\\w+?__)?(\\w+)'\\s*\\)", text) -%}
            {%- if names | length != 1 -%}
                {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的筛选须由只含一个维度的条件以 and 相连 · the filter of metric " ~ metric.name ~ " must be conditions on one dimension each, joined by and: " ~ text) }}
            {%- endif -%}
            {%- do pieces.append({'dimension': names[0], 'sql': modules.re.sub("\\{\\{.*?\\}\\}", names[0], text)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pieces) }}
{%- endmacro %}

{# A subject's simple metrics summed from its fact by the regions of one level and by month: for each of the sets `wanted`, read
   from the fact once for every set that is part of no other. CTEs named after `name`, the last of them `name` itself. #}
{% macro cells_of_level(subject, name, level, wanted) -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set metrics = simple_metrics_of(subject) -%}
{%- set covers = ', covers' if has_sums_of_months(subject) else '' -%}
{%- set widest = widest_of(wanted) -%}
{%- for names in widest %}
{%- set kept = names.split(' ') if names else [] %}
{{ name }}_{{ loop.index }} as (

    select
        {{ "closure.ancestor_code" if level == 'county' else "coalesce(closure.ancestor_code, fact.region_code)" }} as region_code,
        fact.month{{ covers | replace(' ', ' fact.') }},
        {%- for dimension in kept %}
        fact.{{ dimension }},
        {%- endfor %}
        {%- for metric in metrics %}
        {%- set condition = filter_sql(metric) %}
        sum({% if condition %}case when {{ condition }} then {{ measure_of(metric).expr }} end{% else %}{{ measure_of(metric).expr }}{% endif %}) as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ graph.semantic_models['semantic_model.gongbao.' ~ subject].node_relation.relation_name }} as fact
    {{ 'inner' if level == 'county' else 'left' }} join {{ ref('region_closure') }} as closure
        on fact.region_code = closure.region_code
        and closure.region_level = '{{ level }}'
    group by {{ "closure.ancestor_code" if level == 'county' else "coalesce(closure.ancestor_code, fact.region_code)" }}, fact.month{{ covers | replace(' ', ' fact.') }}{% for dimension in kept %}, fact.{{ dimension }}{% endfor %}

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
    select
        region_code,
        month{{ covers }},
        {%- for dimension in dimensions %}
        {{ "coalesce(" ~ dimension ~ ", '_T')" if dimension in kept else "'_T'" }} as {{ dimension }},
        {%- endfor %}
        {%- for metric in metrics %}
        {{ summed_or_zero(metric, kept) }} as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ name }}_{{ loop.index }}
    group by grouping sets (
        {%- for text in sets %}
        (region_code, month{{ covers }}{{ ', ' if text }}{{ text | replace(' ', ', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endfor %}

),
{%- endmacro %}

{# Regions of a level summed to the level above. #}
{% macro summed_upwards(subject, rows, region_code) -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set covers = ', covers' if has_sums_of_months(subject) else '' -%}
    select
        {{ region_code }} as region_code,
        month{{ covers }},
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        {%- for metric in simple_metrics_of(subject) %}
        sum({{ metric.name }}) as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ rows }}
    group by {{ region_code ~ ', ' if '(' in region_code }}month{{ covers }}{% for dimension in dimensions %}, {{ dimension }}{% endfor %}
{%- endmacro %}

{# The figures of one level as a fact with every level has them. #}
{% macro cells_of_given_level(subject, level) -%}
    select
        region_code,
        month
        {%- for metric in simple_metrics_of(subject) %},
        {{ measure_of(metric).expr }} as {{ metric.name }}
        {%- endfor %}

    from {{ graph.semantic_models['semantic_model.gongbao.' ~ subject].node_relation.relation_name }}
    where region_level = '{{ level }}'
{%- endmacro %}

{# Body of a rollup model: a subject's simple metrics at every region level, kind of period and set of dimensions.
   Regions are summed level by level, each from the one below; flows are summed over a period, stocks taken at its last month. #}
{% macro rollup(subject) -%}
{%- if execute -%}
{%- set dimensions = dimensions_of(subject) -%}
{%- set metrics = simple_metrics_of(subject) -%}
{%- set dimension_list = dimensions | join(', ') ~ (', ' if dimensions) -%}
{%- set covers = has_sums_of_months(subject) -%}
with

{% if has_every_level(subject) -%}
{% for name, level in [('counties', 'county'), ('prefectures', 'prefecture'), ('provinces', 'province'), ('nation', 'nation')] -%}
{{ name }} as (

{{ cells_of_given_level(subject, level) }}

),

{% endfor -%}
{%- else -%}
{{ cells_of_level(subject, 'counties', 'county', sets_of_level(subject, 'county')) }}

{{ cells_of_level(subject, 'prefectures', 'prefecture', rollup_sets(subject)) }}

provinces as (

{{ summed_upwards(subject, "prefectures where region_code <> '100000'", province_of('region_code')) }}

),

nation as (

{{ summed_upwards(subject, "(select * from provinces union all select * from prefectures where region_code = '100000') as provinces_and_nation", "'100000'") }}

),

{% endif -%}
places as (

    select *, 'county' as region_level from counties
    union all
    select *, 'prefecture' as region_level from prefectures where region_code <> '100000'
    union all
    select *, 'province' as region_level from provinces
    union all
    select *, 'nation' as region_level from nation

),

by_region as (

    select
        places.region_code,
        places.region_level,
        months.month_no,
        months.year_no,
        months.month_of_year,
        {{ 'places.covers,' if covers }}
        {{ dimension_list }}
        {%- for metric in metrics %}
        places.{{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from places
    inner join {{ ref('months') }} as months on places.month = months.month
    {%- if dimensions %}
    -- A dimension that does not apply (the employer of a resident) is no breakdown.
    where '_Z' not in ({{ dimensions | join(', ') }})
    {%- endif %}

),

monthly as (

    select * from by_region where {{ is_published_detail('month', dimensions) }}

),

year_to_date as (

    select
        monthly.region_code,
        monthly.region_level,
        months.year_no,
        months.month_of_year,
        {{ dimension_list }}
        {%- for metric in metrics %}
        {{ 'cast(null as decimal(38, 8))' if measure_of(metric).is_stock else 'sum(' ~ metric.name ~ ')' }} as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from monthly
    inner join {{ ref('months') }} as months
        on monthly.year_no = months.year_no
        and monthly.month_of_year <= months.month_of_year
        and months.month_no <= (select max(month_no) from monthly)
    group by {{ dimension_list }} monthly.region_code, monthly.region_level, months.year_no, months.month_of_year

),

periods as (

    select
        region_code,
        region_level,
        'month' as period_kind,
        {{ period_text('year_no', 'month_of_year') }} as time_period,
        {{ dimension_list }}
        {%- for metric in metrics %}
        {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from monthly
    {%- if covers %}
    where covers = 'month'
    {%- endif %}

    union all

    select
        region_code,
        region_level,
        'ytd' as period_kind,
        {{ period_text('year_no', 'month_of_year') }} as time_period,
        {{ dimension_list }}
        {%- for metric in metrics %}
        {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from year_to_date

    union all

    select
        region_code,
        region_level,
        'half' as period_kind,
        cast(year_no as {{ dbt.type_string() }}) || case when month_of_year <= 6 then '-S1' else '-S2' end as time_period,
        {{ dimension_list }}
        {%- for metric in metrics %}
        sum({{ 'case when month_of_year in (6, 12) then ' ~ metric.name ~ ' end' if measure_of(metric).is_stock else metric.name }}) as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from by_region
    where {{ is_published_detail('half', dimensions) }}
        {%- if covers %}
        and covers in ('month', 'half')
        {%- endif %}
    group by {{ dimension_list }} region_code, region_level, year_no, case when month_of_year <= 6 then '-S1' else '-S2' end

    union all

    select
        region_code,
        region_level,
        'year' as period_kind,
        cast(year_no as {{ dbt.type_string() }}) as time_period,
        {{ dimension_list }}
        {%- for metric in metrics %}
        sum({{ 'case when month_of_year = 12 then ' ~ metric.name ~ ' end' if measure_of(metric).is_stock else metric.name }}) as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from by_region
    where {{ is_published_detail('year', dimensions) }}
    group by {{ dimension_list }} region_code, region_level, year_no

)

select
    periods.*,
    {%- for metric in metrics %}
    year_before.{{ metric.name }} as previous_{{ metric.name }},
    {%- endfor %}
    trim({% for dimension in dimensions %}case when periods.{{ dimension }} = '_T' then '' else '{{ dimension }} ' end || {% endfor %}'') as breakdown

from periods
left join periods as year_before
    on periods.region_code = year_before.region_code
    and periods.region_level = year_before.region_level
    and periods.period_kind = year_before.period_kind
    and {{ year_before('periods.time_period') }} = year_before.time_period
    {%- for dimension in dimensions %}
    and periods.{{ dimension }} = year_before.{{ dimension }}
    {%- endfor %}
{%- else -%}
select 1 as parsed from {{ ref('region_closure') }} cross join {{ ref('months') }}
{%- endif -%}
{%- endmacro %}

{# Whether a cell is published for a kind of period: its region level may restrict by what it is broken down (var published_detail). #}
{% macro is_published_detail(period_kind, dimensions) -%}
{%- set conditions = [] -%}
{%- for level, allowed in var('published_detail')[period_kind].items() -%}
    {%- set totals = [] -%}
    {%- for dimension in dimensions if dimension not in allowed and dimension != 'side' -%}{%- do totals.append(dimension ~ " = '_T'") -%}{%- endfor -%}
    {%- if totals -%}{%- do conditions.append("(region_level <> '" ~ level ~ "' or (" ~ totals | join(' and ') ~ '))') -%}{%- endif -%}
{%- endfor -%}
{{ conditions | join(' and ') or 'true' }}
{%- endmacro %}

{% macro period_text(year, month) -%}
cast({{ year }} as {{ dbt.type_string() }}) || case when {{ month }} < 10 then '-0' else '-' end || cast({{ month }} as {{ dbt.type_string() }})
{%- endmacro %}

{# The dimension columns of an observation whose subject has some of them; `from_alias` gives their values. #}
{% macro dimension_columns(subject, from_alias) -%}
    {%- set dimensions = dimensions_of(subject) -%}
    {%- for dimension in observation_dimensions() %}
        {{ from_alias ~ '.' ~ dimension if dimension in dimensions else "'_Z'" }} as {{ dimension }},
    {%- endfor %}
{%- endmacro %}

{# Body of an observations model: every published indicator of a subject, one row a value. #}
{% macro observations_of(subject) -%}
{%- for other in subjects() %}
-- depends_on: {{ ref('rollup_' ~ other) }}
{%- endfor %}
-- depends_on: {{ ref('matched_populations') }}
-- depends_on: {{ ref('coverage') }}
{% set published = [] -%}
{%- for metric in all_metrics() if is_published(metric) and subject_of(metric) == subject -%}{%- do published.append(metric) -%}{%- endfor -%}
{%- for metric in published %}
{%- set meta = metric.config.meta %}
{%- set dimensions = dimensions_of(subject) %}
{%- set sets = [] -%}
{%- for names in published_sets(metric) -%}{%- do sets.append(set_text(dimensions, names)) -%}{%- endfor %}
{%- if not loop.first %}
union all
{% endif %}
{%- if metric.type == 'ratio' and has_every_level(measure_of(metric_named(metric.type_params.denominator.name)).subject) %}
{{ observations_of_matched_places(metric) }}
{%- elif metric.type == 'ratio' and measure_of(metric_named(metric.type_params.denominator.name)).subject != subject %}
{{ observations_of_two_records(metric) }}
{%- else %}
select
    '{{ meta.dataflow }}' as dataflow,
    '{{ metric.name }}' as indicator,
    numerators.region_code,
    numerators.region_level,
    numerators.period_kind,
    numerators.time_period,
    {{ dimension_columns(subject, 'numerators') }}
    {%- if metric.type == 'simple' %}
    {{ unless_gap_hides(metric, 'cast(numerators.' ~ metric.name ~ ' as decimal(38, 10))') }} as value,
    cast(null as decimal(38, 10)) as numerator,
    cast(null as decimal(38, 10)) as denominator,
    {{ unless_gap_hides(metric, 'cast(numerators.previous_' ~ metric.name ~ ' as decimal(38, 10))', 'previous_') }} as previous_value,
    {%- else %}
    {%- set numerator = metric.type_params.numerator.name %}
    {%- set denominator = metric.type_params.denominator.name %}
    {{ unless_gap_hides(metric, ratio('numerators.' ~ numerator, 'numerators.' ~ denominator, meta.get('scale', 1))) }} as value,
    cast(numerators.{{ numerator }} as decimal(38, 10)) as numerator,
    cast(numerators.{{ denominator }} as decimal(38, 10)) as denominator,
    {{ unless_gap_hides(metric, ratio('numerators.previous_' ~ numerator, 'numerators.previous_' ~ denominator, meta.get('scale', 1)), 'previous_') }} as previous_value,
    {%- endif %}
    {{ gap_columns(metric) }}
    {{ record_columns(metric) }}
    '{{ meta.unit }}' as unit,
    '{{ var(meta.scope) }}' as scope_id

from {{ ref('rollup_' ~ subject) }} as numerators
where numerators.breakdown in ('{{ sets | join("', '") }}')
    -- What a gap leaves without a value has a row that says so.
    and (
        {%- if metric.type == 'simple' %}
        numerators.{{ metric.name }} is not null
        {%- else %}
        (numerators.{{ numerator }} <> 0 or numerators.{{ denominator }} <> 0)
        {%- endif %}
        {%- for gap in gaps_of(metric, 'missing') + gaps_of(metric, 'provisional') %}
        or numerators.{{ gap.metric }} > 0
        {%- endfor %}
    )
    {%- if not meta.get('monthly_below_province', false) %}
    and (numerators.period_kind in ('year', 'half') or numerators.region_level in ('nation', 'province'))
    {%- endif %}
    {%- if meta.periods is defined %}
    and numerators.period_kind in ('{{ meta.periods | join("', '") }}')
    {%- endif %}
{%- endif %}
{%- endfor %}
{%- if not published %}select 1 as parsed{% endif %}
{%- endmacro %}

{# A ratio of two records, by the dimensions that both have: of the nation it takes the provinces that delivered both. #}
{% macro observations_of_two_records(metric) -%}
{%- set meta = metric.config.meta -%}
{%- set numerator = metric_named(metric.type_params.numerator.name) -%}
{%- set denominator = metric_named(metric.type_params.denominator.name) -%}
{%- set dimensions = dimensions_of(subject_of(metric)) -%}
{%- set common = [] -%}
{%- for dimension in dimensions if dimension in dimensions_of(measure_of(denominator).subject) -%}{%- do common.append(dimension) -%}{%- endfor -%}
select
    '{{ meta.dataflow }}' as dataflow,
    '{{ metric.name }}' as indicator,
    denominators.region_code,
    denominators.region_level,
    denominators.period_kind,
    denominators.time_period,
    {%- for dimension in observation_dimensions() %}
    {{ 'denominators.' ~ dimension if dimension in common else "'_T'" if dimension in dimensions else "'_Z'" }} as {{ dimension }},
    {%- endfor %}
    {{ ratio("coalesce(numerators.value, case when counted.is_delivered then 0 end)", 'denominators.value', meta.get('scale', 1)) }} as value,
    cast(coalesce(numerators.value, case when counted.is_delivered then 0 end) as decimal(38, 10)) as numerator,
    cast(denominators.value as decimal(38, 10)) as denominator,
    {{ ratio("coalesce(numerators_before.value, case when counted.is_delivered_before then 0 end)", 'denominators_before.value', meta.get('scale', 1)) }} as previous_value,
    {{ gap_columns(metric) }}
    {{ record_columns(metric) }}
    '{{ meta.unit }}' as unit,
    '{{ var(meta.scope) }}' as scope_id

from ({{ part_of_two_records(metric, denominator, numerator, common) }}) as denominators
left join ({{ part_of_two_records(metric, numerator, denominator, common) }}) as numerators
    on denominators.region_code = numerators.region_code
    and denominators.region_level = numerators.region_level
    and denominators.period_kind = numerators.period_kind
    and denominators.time_period = numerators.time_period
    {%- for dimension in common %}
    and denominators.{{ dimension }} = numerators.{{ dimension }}
    {%- endfor %}
{%- for alias, part, other in [('denominators_before', denominator, numerator), ('numerators_before', numerator, denominator)] %}
left join ({{ part_of_two_records(metric, part, other, common) }}) as {{ alias }}
    on denominators.region_code = {{ alias }}.region_code
    and denominators.region_level = {{ alias }}.region_level
    and denominators.period_kind = {{ alias }}.period_kind
    and {{ year_before('denominators.time_period') }} = {{ alias }}.time_period
    {%- for dimension in common %}
    and denominators.{{ dimension }} = {{ alias }}.{{ dimension }}
    {%- endfor %}
{%- endfor %}
left join {{ ref('coverage') }} as counted
    on counted.record = '{{ record_of(numerator) }}'
    and counted.measure = '{{ 'stock' if measure_of(numerator).is_stock else 'flow' }}'
    and {{ delivering_region('denominators') }} = counted.region_code
    and denominators.period_kind = counted.period_kind
    and denominators.time_period = counted.time_period
where denominators.value > 0
    and (numerators.value is not null or counted.is_delivered)
    {%- if not meta.get('monthly_below_province', false) %}
    and (denominators.period_kind in ('year', 'half') or denominators.region_level in ('nation', 'province'))
    {%- endif %}
    {%- if meta.periods is defined %}
    and denominators.period_kind in ('{{ meta.periods | join("', '") }}')
    {%- endif %}
{%- endmacro %}

{# One side of such a ratio: a simple metric in the ratio's breakdowns, of the nation summed over the provinces with the other side. #}
{% macro part_of_two_records(metric, part, other, dimensions) -%}
{%- set subject = measure_of(part).subject -%}
{%- set sets = [] -%}
{%- for names in published_sets(metric) -%}{%- do sets.append(set_text(dimensions_of(subject), names)) -%}{%- endfor %}
    select
        region_code,
        region_level,
        period_kind,
        time_period,
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        {{ part.name }} as value
    from {{ ref('rollup_' ~ subject) }}
    where breakdown in ('{{ sets | join("', '") }}')
        and region_level <> 'nation'
    union all
    select
        '100000' as region_code,
        'nation' as region_level,
        provinces.period_kind,
        provinces.time_period,
        {%- for dimension in dimensions %}
        provinces.{{ dimension }},
        {%- endfor %}
        sum(case when coverage.has_part then provinces.{{ part.name }} end) as value
    from {{ ref('rollup_' ~ subject) }} as provinces
    inner join {{ ref('coverage') }} as coverage
        on coverage.record = '{{ record_of(other) }}'
        and coverage.measure = '{{ 'stock' if measure_of(other).is_stock else 'flow' }}'
        and provinces.region_code = coverage.region_code
        and provinces.period_kind = coverage.period_kind
        and provinces.time_period = coverage.time_period
    where provinces.breakdown in ('{{ sets | join("', '") }}')
        and provinces.region_level = 'province'
    group by provinces.period_kind, provinces.time_period{% for dimension in dimensions %}, provinces.{{ dimension }}{% endfor %}
{%- endmacro %}

{# A rate of members per population, of the places that have both. #}
{% macro observations_of_matched_places(metric) -%}
{%- set meta = metric.config.meta -%}
select
    '{{ meta.dataflow }}' as dataflow,
    '{{ metric.name }}' as indicator,
    matched.region_code,
    matched.region_level,
    periods.period_kind,
    cast(matched.year_no as {{ dbt.type_string() }}) || periods.ending as time_period,
    {%- for dimension in observation_dimensions() %}
    '{{ '_T' if dimension in dimensions_of(subject_of(metric)) else '_Z' }}' as {{ dimension }},
    {%- endfor %}
    {{ ratio('matched.members', 'matched.population', meta.get('scale', 1)) }} as value,
    cast(matched.members as decimal(38, 10)) as numerator,
    cast(matched.population as decimal(38, 10)) as denominator,
    {{ ratio('matched.previous_members', 'matched.previous_population', meta.get('scale', 1)) }} as previous_value,
    case when not matched.is_whole then 'provisional' end as gap_status,
    case
        when not matched.is_whole
            then 'members and population known for ' || cast(matched.places_matched as {{ dbt.type_string() }}) || ' of '
                || cast(matched.places_below as {{ dbt.type_string() }}) || ' regions'
    end as gap_reason,
    matched.has_no_gap,
    {{ record_columns(metric) }}
    '{{ meta.unit }}' as unit,
    '{{ var(meta.scope) }}' as scope_id

from {{ ref('matched_populations') }} as matched
cross join (
    select 'year' as period_kind, '' as ending
    union all
    select 'half', '-S2'
    union all
    select 'month', '-12'
) as periods
where matched.denominator = '{{ metric.type_params.denominator.name }}'
    and (periods.period_kind <> 'month' or matched.region_level in ('nation', 'province'))
{%- endmacro %}

{# Every period of the statistics with its first and last month. #}
{% macro periods_of_the_statistics() -%}
{%- set year = 'cast(months.year_no as ' ~ dbt.type_string() ~ ')' -%}
{%- set month = period_text('months.year_no', 'months.month_of_year') -%}
{#- By kind: the period's text, its first month, and the months in which one ends. #}
{%- set kinds = [
    ('month', month, 'months.month_no', none),
    ('ytd', month, 'months.year_no * 12', none),
    ('half', year ~ " || case when months.month_of_year = 6 then '-S1' else '-S2' end", 'months.month_no - 5', '(6, 12)'),
    ('year', year, 'months.month_no - 11', '(12)'),
] -%}
{%- for kind, text, from_month_no, ending_in in kinds %}
{%- if not loop.first %}

union all

{% endif -%}
select
    '{{ kind }}' as period_kind,
    {{ text }} as time_period,
    {{ from_month_no }} as from_month_no,
    months.month_no as to_month_no

from {{ ref('months') }} as months
cross join {{ ref('reporting_period') }} as period
where months.month_no between least(period.first_stock_month_no, period.first_flow_month_no) and period.last_month_no
    {{- '\n    and months.month_of_year in ' ~ ending_in if ending_in }}
{%- endfor %}
{%- endmacro %}

{# What a value rests on: the record of its measure and whether it is a flow or a stock; of a ratio, the denominator's besides where
   that differs. `is_count`: a count or sum over rows, which is 0 where the record was delivered and no row is of the kind. #}
{% macro record_columns(metric) -%}
    {%- set parts = [metric] if metric.type == 'simple' else [metric_named(metric.type_params.numerator.name), metric_named(metric.type_params.denominator.name)] -%}
    {%- set rests_on = [] -%}
    {%- for part in parts -%}
        {%- set one = [record_of(part), 'stock' if measure_of(part).is_stock else 'flow'] -%}
        {%- if one not in rests_on -%}{%- do rests_on.append(one) -%}{%- endif -%}
    {%- endfor -%}
    '{{ rests_on[0][0] }}' as record,
    '{{ rests_on[0][1] }}' as measure,
    {{ text(rests_on[1][0] if rests_on | length > 1 else none) }} as other_record,
    {{ text(rests_on[1][1] if rests_on | length > 1 else none) }} as other_measure,
    {{ 'true' if metric.type == 'simple' and record_of(metric) not in ['fund_ledger', 'population'] else 'false' }} as is_count,
{%- endmacro %}

{# Gaps that only the fact itself knows. A metric names them in its meta, as simple metrics of its subject that count what is
   missing in a cell:  gaps: [{metric: missing_months, status: provisional, reason: months of books not delivered}].
   Where one is above zero, the value has that status (`missing`: it has no value) and the reason with its number, and neither
   it nor the value a year later is compared. With status `normal` it counts what the year before lacks: the value stands, and
   only it is not compared. #}
{% macro gaps_of(metric, status=none) -%}
    {%- set found = [] -%}
    {%- for gap in metric.config.meta.get('gaps', []) if status is none or gap.status == status -%}{%- do found.append(gap) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro unless_gap_hides(metric, value, prefix='') -%}
    {%- set hiding = gaps_of(metric, 'missing') -%}
    {%- if not hiding -%}{{ return(value) }}{%- endif -%}
    case when {% for gap in hiding %}coalesce(numerators.{{ prefix ~ gap.metric }}, 0) = 0{{ ' and ' if not loop.last }}{% endfor %} then {{ value }} end
{%- endmacro %}

{% macro gap_columns(metric) -%}
    {%- set gaps = gaps_of(metric, 'missing') + gaps_of(metric, 'provisional') -%}
    {%- if gaps %}
    case when {% for gap in gaps %}numerators.{{ gap.metric }} > 0{{ ' or ' if not loop.last }}{% endfor %} then 'provisional' end as gap_status,
    nullif(concat_ws(
        '; ',
        {%- for gap in gaps %}
        case when numerators.{{ gap.metric }} > 0 then cast(cast(numerators.{{ gap.metric }} as bigint) as {{ dbt.type_string() }}) || {{ text(' ' ~ gap.reason) }} end{{ ',' if not loop.last }}
        {%- endfor %}
    ), '') as gap_reason,
    {% for gap in gaps %}coalesce(numerators.{{ gap.metric }}, 0) = 0 and coalesce(numerators.previous_{{ gap.metric }}, 0) = 0{{ ' and ' if not loop.last }}{% endfor %}
    {%- for gap in gaps_of(metric, 'normal') %} and coalesce(numerators.{{ gap.metric }}, 0) = 0{% endfor %} as has_no_gap,
    {%- else %}
    cast(null as {{ dbt.type_string() }}) as gap_status,
    cast(null as {{ dbt.type_string() }}) as gap_reason,
    true as has_no_gap,
    {%- endif %}
{%- endmacro %}

{# A month index as text: 2024-05. #}
{% macro month_text(month_no) %}{{ period_text(year_of_month(month_no), month_of_year(month_no)) }}{% endmacro %}

{# The record whose deliveries a simple metric rests on. #}
{% macro record_of(metric) -%}
    {%- set measure = measure_of(metric) -%}
    {{ return({'enrollment': 'enrollment', 'maternity': 'enrollment' if measure.is_stock else 'settlement', 'fund': 'fund_ledger',
               'care': 'settlement', 'away_care': 'settlement', 'cross_province': 'cross_province', 'population': 'population'}[measure.subject]) }}
{%- endmacro %}

{# The same period a year before: '2024-05' becomes '2023-05'. #}
{% macro year_before(period) -%}
(cast(cast(substr({{ period }}, 1, 4) as int) - 1 as {{ dbt.type_string() }}) || substr({{ period }}, 5))
{%- endmacro %}

{# Text as an SQL literal, or null. #}
{% macro text(value) -%}
{%- if value is undefined or value is none or value == '' -%}cast(null as {{ dbt.type_string() }}){%- else -%}'{{ value | replace("'", "''") }}'{%- endif -%}
{%- endmacro %}
