{# Every published indicator of a subject, one row a value: what the models of observations are made from. Empty for a subject without any. #}
{% macro observations_of(subject, always) -%}
{%- set selects = [] -%}
{%- for metric in published_metrics() if subject_of(metric) == subject -%}
    {%- set below = measure_of(parts_of(metric)[-1]).subject -%}
    {%- if metric.type == 'ratio' and has_every_level(below) -%}{%- do selects.append(observations_of_matched_places(metric)) -%}
    {%- elif below != subject -%}{%- do selects.append(observations_of_two_records(metric, always)) -%}
    {%- else -%}{%- do selects.append(observations_of_one_subject(metric, subject, always)) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(selects | join('\n\nunion all\n\n')) }}
{%- endmacro %}

{# An indicator that its subject's rollup gives by itself. #}
{% macro observations_of_one_subject(metric, subject, always) -%}
{%- set columns = observation_columns(metric) -%}
select
    '{{ metric.name }}' as indicator,
    numerators.dims,
    numerators.breakdown,
    numerators.region_code,
    numerators.region_level,
    numerators.period_kind,
    numerators.time_period,
    {%- for name, expression in columns.items() %}
    {{ expression }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}

from {{ ref('rollup_' ~ subject) }} as numerators
where numerators.breakdown in ('{{ published_breakdowns(metric, subject, always) | join("', '") }}')
    and {{ has_row(metric) }}
    and {{ published_periods(metric, 'numerators') }}
{%- endmacro %}

{# What an indicator gives in a row of its rollup. #}
{% macro observation_columns(metric) -%}
    {%- set nothing = 'cast(null as decimal(38, 10))' -%}
    {%- if metric.type == 'simple' -%}
        {%- set columns = {
            'value': unless_gap_hides(metric, 'cast(numerators.' ~ metric.name ~ ' as decimal(38, 10))'),
            'numerator': nothing,
            'denominator': nothing,
            'previous_value': unless_gap_hides(metric, 'cast(numerators.previous_' ~ metric.name ~ ' as decimal(38, 10))', 'previous_'),
        } -%}
    {%- else -%}
        {%- set scale = metric.config.meta.get('scale', 1) -%}
        {%- set above, below = parts_of(metric) | map(attribute='name') -%}
        {%- set columns = {
            'value': unless_gap_hides(metric, ratio('numerators.' ~ above, 'numerators.' ~ below, scale)),
            'numerator': 'cast(numerators.' ~ above ~ ' as decimal(38, 10))',
            'denominator': 'cast(numerators.' ~ below ~ ' as decimal(38, 10))',
            'previous_value': unless_gap_hides(metric, ratio('numerators.previous_' ~ above, 'numerators.previous_' ~ below, scale), 'previous_'),
        } -%}
    {%- endif -%}
    {%- do columns.update(gap_columns(metric)) -%}
    {{ return(columns) }}
{%- endmacro %}

{# Whether a row of its rollup gives an indicator a row. What a gap leaves without a value has one that says so. #}
{% macro has_row(metric) -%}
    {%- if metric.type == 'simple' -%}
        {%- set conditions = ['numerators.' ~ metric.name ~ ' is not null'] -%}
    {%- else -%}
        {%- set conditions = [] -%}
        {%- for part in parts_of(metric) %}{% do conditions.append('numerators.' ~ part.name ~ ' <> 0') %}{% endfor -%}
    {%- endif -%}
    {%- for gap in gaps_of(metric, 'missing') + gaps_of(metric, 'provisional') %}{% do conditions.append('numerators.' ~ gap.metric ~ ' > 0') %}{% endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}

{# The kinds of period and the levels that a metric's meta asks for. #}
{% macro published_periods(metric, relation) -%}
    {%- set conditions = [] -%}
    {%- if not metric.config.meta.get('monthly_below_province', false) -%}
        {%- do conditions.append("(" ~ relation ~ ".period_kind in ('year', 'half') or " ~ relation ~ ".region_level in ('nation', 'province'))") -%}
    {%- endif -%}
    {%- if metric.config.meta.periods is defined -%}
        {%- do conditions.append(relation ~ ".period_kind in ('" ~ metric.config.meta.periods | join("', '") ~ "')") -%}
    {%- endif -%}
    {{ return(conditions | join(' and ') or 'true') }}
{%- endmacro %}

{# A ratio of two records, in the breakdowns that both have: of the nation it takes the provinces that delivered both. #}
{% macro observations_of_two_records(metric, always) -%}
{%- set numerator, denominator = parts_of(metric) -%}
{%- set scale = metric.config.meta.get('scale', 1) -%}
{%- set keys = ['region_code', 'region_level', 'period_kind', 'dims'] -%}
select
    '{{ metric.name }}' as indicator,
    denominators.dims,
    denominators.breakdown,
    denominators.region_code,
    denominators.region_level,
    denominators.period_kind,
    denominators.time_period,
    {{ ratio('coalesce(numerators.value, case when counted.is_delivered then 0 end)', 'denominators.value', scale) }} as value,
    cast(coalesce(numerators.value, case when counted.is_delivered then 0 end) as decimal(38, 10)) as numerator,
    cast(denominators.value as decimal(38, 10)) as denominator,
    {{ ratio('coalesce(numerators_before.value, case when counted.is_delivered_before then 0 end)', 'denominators_before.value', scale) }} as previous_value,
    {%- for column, expression in gap_columns(metric).items() %}
    {{ expression }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}

from ({{ part_of_two_records(metric, denominator, numerator, always) }}) as denominators
{%- for alias, part, other, period in [
    ('numerators', numerator, denominator, 'denominators.time_period'),
    ('denominators_before', denominator, numerator, year_before('denominators.time_period')),
    ('numerators_before', numerator, denominator, year_before('denominators.time_period')),
] %}
left join ({{ part_of_two_records(metric, part, other, always) }}) as {{ alias }}
    on {{ period }} = {{ alias }}.time_period
    {%- for key in keys %}
    and denominators.{{ key }} = {{ alias }}.{{ key }}
    {%- endfor %}
{%- endfor %}
left join {{ ref('int_delivery_coverage') }} as counted
    on counted.record = '{{ record_of(numerator) }}'
    and counted.measure = '{{ measure_kind(numerator) }}'
    and {{ delivering_region('denominators') }} = counted.region_code
    and denominators.period_kind = counted.period_kind
    and denominators.time_period = counted.time_period
where denominators.value > 0
    and (numerators.value is not null or counted.is_delivered)
    and {{ published_periods(metric, 'denominators') }}
{%- endmacro %}

{# One side of such a ratio: a simple metric in the ratio's breakdowns, of the nation summed over the provinces with the other side. #}
{% macro part_of_two_records(metric, part, other, always) -%}
{%- set subject = measure_of(part).subject -%}
{%- set breakdowns = "'" ~ published_breakdowns(metric, subject, always) | join("', '") ~ "'" %}
    select
        region_code,
        region_level,
        period_kind,
        time_period,
        dims,
        breakdown,
        {{ part.name }} as value
    from {{ ref('rollup_' ~ subject) }}
    where breakdown in ({{ breakdowns }})
        and region_level <> 'nation'
    union all
    select
        '100000' as region_code,
        'nation' as region_level,
        provinces.period_kind,
        provinces.time_period,
        provinces.dims,
        provinces.breakdown,
        sum(case when coverage.has_part then provinces.{{ part.name }} end) as value
    from {{ ref('rollup_' ~ subject) }} as provinces
    inner join {{ ref('int_delivery_coverage') }} as coverage
        on coverage.record = '{{ record_of(other) }}'
        and coverage.measure = '{{ measure_kind(other) }}'
        and provinces.region_code = coverage.region_code
        and provinces.period_kind = coverage.period_kind
        and provinces.time_period = coverage.time_period
    where provinces.breakdown in ({{ breakdowns }})
        and provinces.region_level = 'province'
    group by provinces.period_kind, provinces.time_period, provinces.dims, provinces.breakdown
{%- endmacro %}

{# A rate of members per population, of the places that have both. #}
{% macro observations_of_matched_places(metric) -%}
{%- set scale = metric.config.meta.get('scale', 1) -%}
select
    '{{ metric.name }}' as indicator,
    '' as dims,
    '' as breakdown,
    matched.region_code,
    matched.region_level,
    periods.period_kind,
    cast(matched.year_no as {{ dbt.type_string() }}) || periods.ending as time_period,
    {{ ratio('matched.members', 'matched.population', scale) }} as value,
    cast(matched.members as decimal(38, 10)) as numerator,
    cast(matched.population as decimal(38, 10)) as denominator,
    {{ ratio('matched.previous_members', 'matched.previous_population', scale) }} as previous_value,
    case when not matched.is_whole then 'provisional' end as gap_status,
    case
        when not matched.is_whole
            then 'members and population known for ' || cast(matched.places_matched as {{ dbt.type_string() }}) || ' of '
                || cast(matched.places_below as {{ dbt.type_string() }}) || ' regions'
    end as gap_reason,
    matched.has_no_gap

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

{# Gaps that only the fact itself knows. A metric names them in its meta, as simple metrics of its subject that count what is
   missing in a cell:  gaps: [{metric: missing_months, status: provisional, reason: months of books not delivered}].
   Where one is above zero, the value has that status (`missing`: it has no value) and the reason with its number, and neither
   it nor the value a year later is compared. With status `normal` it counts what the year before lacks: the value stands, and
   only it is not compared. With `noted` the value stands and is compared: it only has the reason (where a value comes from). #}
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
    {%- set nothing = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
    {%- set found = [] -%}
    {%- set reasons = [] -%}
    {%- set whole = [] -%}
    {%- for gap in gaps_of(metric, 'missing') + gaps_of(metric, 'provisional') -%}
        {%- do found.append('numerators.' ~ gap.metric ~ ' > 0') -%}
        {%- do whole.append('coalesce(numerators.' ~ gap.metric ~ ', 0) = 0 and coalesce(numerators.previous_' ~ gap.metric ~ ', 0) = 0') -%}
    {%- endfor -%}
    {%- for gap in gaps_of(metric, 'missing') + gaps_of(metric, 'provisional') + gaps_of(metric, 'noted') -%}
        {%- do reasons.append('case when numerators.' ~ gap.metric ~ ' > 0 then cast(cast(numerators.' ~ gap.metric ~ ' as bigint) as ' ~ dbt.type_string() ~ ') || ' ~ text(' ' ~ gap.reason) ~ ' end') -%}
    {%- endfor -%}
    {%- for gap in gaps_of(metric, 'normal') if found %}{% do whole.append('coalesce(numerators.' ~ gap.metric ~ ', 0) = 0') %}{% endfor -%}
    {{ return({
        'gap_status': 'case when ' ~ found | join(' or ') ~ " then 'provisional' end" if found else nothing,
        'gap_reason': "nullif(concat_ws('; ', " ~ reasons | join(', ') ~ "), '')" if reasons else nothing,
        'has_no_gap': whole | join(' and ') if whole else 'true',
    }) }}
{%- endmacro %}
