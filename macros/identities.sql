{# What must add up among the rolled-up figures of a subject, at every region, level and period. Every macro here gives selects with the
   same columns: one row per identity. #}

{# Dimensions whose values add up to the total, by name with their labels. #}
{% macro additive_dimensions() -%}
    {%- set found = {} -%}
    {%- set listed = "select dimension, label_zh, label_en from " ~ ref('dimensions') ~ " where additive order by dimension" -%}
    {%- for row in rows_of(listed) %}{% do found.update({row[0]: {'zh': row[1], 'en': row[2]}}) %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# A cell without one of its dimensions: what it is a part of. Both are SQL. #}
{% macro without_dimension(dims, dimension) -%}
regexp_replace(regexp_replace({{ dims }}, '(^|;)' || {{ dimension }} || '=[^;]*', ''), '^;', '')
{%- endmacro %}

{# The parts of a whole: the values of a dimension and the total, the regions of a level and the region above them, the months and halves
   and their year. Maxima are compared with the maximum of the parts; medians are not made from parts. #}
{% macro identities_of_parts(subject, additive) -%}
{%- set rolled = ref('rollup_' ~ subject) -%}
{%- set used = (rollup_sets(subject, always_dimensions()) | join(' ')).split(' ') -%}
{%- set checks = [] -%}
{%- for split in dimensions_of(subject) if split in used and split in additive and split not in dimensions_apart(subject) -%}
    {%- set keys = {'region_code': 'region_code', 'period_kind': 'period_kind', 'time_period': 'time_period'} -%}
    {%- for other in dimensions_of(subject) if other != split -%}{%- do keys.update({other: other}) -%}{%- endfor -%}
    {%- do checks.append({
        'id': 'parts of ' ~ split,
        'zh': '各' ~ additive[split].zh ~ '之和＝合计',
        'en': 'Parts by ' ~ additive[split].en ~ ' = total',
        'split': split,
        'stocks': true,
        'parts': split ~ " <> '_T'",
        'totals': split ~ " = '_T'",
        'keys': keys,
    }) -%}
{%- endfor -%}
{%- for id, zh, en, parts, totals, region_code in [
    ('provinces of the nation', '各省之和＝全国', 'Provinces = nation', 'province', 'nation', none),
    ('prefectures of a province', '各地市之和＝全省', 'Prefectures = province', 'prefecture', 'province', province_of('region_code')),
] -%}
    {%- set keys = {'period_kind': 'period_kind', 'time_period': 'time_period', 'dims': 'dims'} -%}
    {%- if region_code -%}{%- do keys.update({'region_code': region_code}) -%}{%- endif -%}
    {%- do checks.append({
        'id': id, 'zh': zh, 'en': en, 'stocks': true, 'keys': keys,
        'parts': "region_level = '" ~ parts ~ "'",
        'totals': "region_level = '" ~ totals ~ "'",
    }) -%}
{%- endfor -%}
{%- for id, zh, en, kind in [
    ('halves of a year', '上下半年之和＝全年', 'Halves = year', 'half'),
    ('months of a year', '各月之和＝全年', 'Months = year', 'month'),
] -%}
    {%- do checks.append({
        'id': id, 'zh': zh, 'en': en, 'stocks': false,
        'parts': "period_kind = '" ~ kind ~ "'",
        'totals': "period_kind = 'year'",
        'keys': {'region_code': 'region_code', 'region_level': 'region_level', 'time_period': 'substr(time_period, 1, 4)', 'dims': 'dims'},
    }) -%}
{%- endfor -%}
{%- set added = simple_metrics_of(subject, 'sum') + simple_metrics_of(subject, 'max') -%}
{%- set parts_of_identities = [] -%}
{%- for check in checks -%}
{%- set tested = [] -%}
{%- for metric in added if check.stocks or not measure_of(metric).is_stock -%}
    {#- A dimension may apply to some of the metrics only: those that are broken down by it. -#}
    {%- if not check.split or check.split in metric.config.meta.get('breakdowns', []) | sum(start=[]) -%}{%- do tested.append(metric) -%}{%- endif -%}
{%- endfor -%}
{%- if tested -%}
{%- set select -%}
select
    '{{ subject }}: {{ check.id }}' as identity,
    '{{ subject }}' as subject,
    '{{ check.zh }}' as label_zh,
    '{{ check.en }}' as label_en,
    count(*) as compared,
    count(case when {% for metric in tested %}coalesce(totals.{{ metric.name }}, 0) <> coalesce(parts.{{ metric.name }}, 0){{ ' or ' if not loop.last }}{% endfor %} then 1 end) as failed,
    cast(max(greatest({% for metric in tested %}abs(coalesce(totals.{{ metric.name }}, 0) - coalesce(parts.{{ metric.name }}, 0)), {% endfor %}0)) as decimal(38, 8)) as largest_difference

from (
    select
        {%- for key in check['keys'] %}
        {{ check['keys'][key] }} as {{ key }},
        {%- endfor %}
        {%- for metric in tested %}
        {{ measure_of(metric).agg }}({{ metric.name }}) as {{ metric.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ rolled }}
    where {{ check.parts }}
    group by {{ check['keys'].values() | join(', ') }}
) as parts
inner join (select * from {{ rolled }} where {{ check.totals }}) as totals
    on {% for key in check['keys'] %}totals.{{ key }} = parts.{{ key }}{{ '\n    and ' if not loop.last }}{% endfor %}
{%- if not check.stocks and has_sums_of_months(subject) %}
    -- A sum of months lies in no month: where one was delivered, its months have no amounts to add up, and are counted as missing.
    {%- set counters = [] -%}
    {%- for metric in tested -%}
        {%- for gap in gaps_of(metric, 'provisional') -%}{%- do counters.append(gap.metric) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for name in counters | unique %}
    and totals.{{ name }} = parts.{{ name }}
    {%- endfor -%}
{%- endif -%}
{%- endset -%}
{%- do parts_of_identities.append(select) -%}
{%- endif -%}
{%- endfor -%}
{{ return(parts_of_identities | join('\n\nunion all\n\n')) }}
{%- endmacro %}

{# Between metrics of one subject, as their meta says:  equals: "pooled_income - pooled_expenditure".  A term is a metric; the same metric
   a year before (previous_…), and then only years are compared; or a metric within the cell (benefit_visits[care_type=inpatient]).
   Compared are the cells that have all the terms, where none of the gaps is that hide the metric. #}
{% macro identities_between_metrics(subject) -%}
{%- set rolled = ref('rollup_' ~ subject) -%}
{%- set found = [] -%}
{%- for metric in simple_metrics_of(subject) if metric.config.meta.get('equals') -%}
{%- set terms = modules.re.findall('[a-z_][a-z0-9_]*(?:\\[[^\\]]*\\])?', metric.config.meta.equals) -%}
{%- set ns = namespace(sql=metric.config.meta.equals, zh=metric.config.meta.equals, en=metric.config.meta.equals, joins=[], years=false) -%}
{%- set conditions = ['cells.' ~ metric.name ~ ' is not null'] -%}
{%- for term in terms -%}
    {%- set name = term.split('[')[0] -%}
    {%- set is_before = name.startswith('previous_') -%}
    {%- set of = metric_named(name.replace('previous_', '', 1)) -%}
    {%- if measure_of(of).subject != subject -%}
        {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的 equals 含另一主题的指标 " ~ of.name ~ " · equals of metric " ~ metric.name ~ " names a metric of another subject: " ~ of.name) }}
    {%- endif -%}
    {%- set cells = 'cells' -%}
    {%- set words = {'zh': '', 'en': ''} -%}
    {%- if '[' in term -%}
        {%- set cells = 'cells_' ~ loop.index -%}
        {%- set on = [] -%}
        {%- set within = [] -%}
        {%- for pair in term.split('[')[1][:-1].split(';') -%}
            {%- set dimension, value = pair.split('=') -%}
            {%- do within.append(dimension) -%}
            {%- do on.append(cells ~ '.' ~ dimension ~ " = '" ~ value ~ "'") -%}
            {%- do conditions.append('cells.' ~ dimension ~ " = '_T'") -%}
            {%- set names = rows_of("select name_zh, name_en from " ~ ref('code_lists') ~ " where list = '" ~ dimension ~ "' and code = '" ~ value ~ "'") -%}
            {%- do words.update({'zh': '（' ~ names[0][0] ~ '）', 'en': ' (' ~ names[0][1] ~ ')'} if names | length else {'zh': '（' ~ value ~ '）', 'en': ' (' ~ value ~ ')'}) -%}
        {%- endfor -%}
        {%- for key in ['region_code', 'region_level', 'period_kind', 'time_period'] + dimensions_of(subject) if key not in within -%}
            {%- do on.append(cells ~ '.' ~ key ~ ' = cells.' ~ key) -%}
        {%- endfor -%}
        {%- do ns.joins.append('inner join ' ~ rolled ~ ' as ' ~ cells ~ '\n    on ' ~ on | join('\n    and ')) -%}
    {%- endif -%}
    {%- if is_before -%}{%- set ns.years = true -%}{%- endif -%}
    {%- do conditions.append(cells ~ '.' ~ name ~ ' is not null') -%}
    {#- A term is replaced where it stands alone: it may be the end of another's name. -#}
    {%- set alone = '(?<![a-z0-9_.])' ~ modules.re.escape(term) ~ '(?![a-z0-9_\\[])' -%}
    {%- set ns.sql = modules.re.sub(alone, cells ~ '.' ~ name, ns.sql) -%}
    {%- set ns.zh = modules.re.sub(alone, ('上年' if is_before else '') ~ of.label ~ words.zh, ns.zh) -%}
    {%- set ns.en = modules.re.sub(alone, of.config.meta.label_en ~ words.en ~ (' a year before' if is_before else ''), ns.en) -%}
{%- endfor -%}
{%- if ns.years -%}{%- do conditions.append("cells.period_kind = 'year'") -%}{%- endif -%}
{%- for gap in gaps_of(metric, 'missing') -%}
    {%- do conditions.append('cells.' ~ gap.metric ~ ' = 0') -%}
    {%- if ns.years -%}{%- do conditions.append('cells.previous_' ~ gap.metric ~ ' = 0') -%}{%- endif -%}
{%- endfor -%}
{%- set select -%}
select
    '{{ metric.config.meta.equals }} = {{ metric.name }}' as identity,
    '{{ subject }}' as subject,
    '{{ ns.zh | replace(' + ', '＋') | replace(' - ', '－') }}＝{{ metric.label }}' as label_zh,
    '{{ ns.en | replace(' - ', ' − ') }} = {{ metric.config.meta.label_en }}' as label_en,
    count(*) as compared,
    count(case when {{ ns.sql }} <> cells.{{ metric.name }} then 1 end) as failed,
    cast(max(abs({{ ns.sql }} - cells.{{ metric.name }})) as decimal(38, 8)) as largest_difference

from {{ rolled }} as cells
{%- for join in ns.joins %}
{{ join }}
{%- endfor %}
where {{ conditions | join('\n    and ') }}
{%- endset -%}
{%- do found.append(select) -%}
{%- endfor -%}
{{ return(found | join('\n\nunion all\n\n')) }}
{%- endmacro %}
