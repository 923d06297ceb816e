{{ config(materialized='view') }}

{%- set dimensions = observation_dimensions() -%}

with

cells as (

    {% for subject in subjects() -%}
    select * from {{ ref('observations_' ~ subject) }}

    union all

    {% endfor -%}
    select
        dataflow,
        indicator,
        region_code,
        region_level,
        'year' as period_kind,
        time_period,
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        cast(null as decimal(38, 10)) as value,
        cast(null as decimal(38, 10)) as numerator,
        cast(null as decimal(38, 10)) as denominator,
        cast(null as decimal(38, 10)) as previous_value,
        unit,
        scope_id

    from {{ ref('missing_observations') }}

)

select
    cells.dataflow,
    cells.indicator,
    cells.region_code,
    cells.region_level,
    cells.period_kind,
    cells.time_period,
    {%- for dimension in dimensions %}
    cells.{{ dimension }},
    {%- endfor %}
    cells.value,
    cells.numerator,
    cells.denominator,
    cells.unit,
    case when cells.value is null then 'missing' else 'normal' end as status,
    case
        when cells.value is null then coalesce(gaps.gap_when_missing, 'no value')
        else gaps.gap_when_present
    end as status_reason,
    cells.scope_id,
    cells.previous_value,
    -- Across a change of definition a comparison would compare two things.
    case when breaks.break_id is null then cast(cells.value - cells.previous_value as decimal(38, 10)) end as change,
    case
        when breaks.break_id is null and cells.previous_value <> 0
            then {{ ratio('(cells.value - cells.previous_value)', 'abs(cells.previous_value)', 100) }}
    end as growth_pct

from cells
left join {{ ref('definition_breaks') }} as breaks
    on cells.indicator = breaks.indicator
    and substr(cells.time_period, 1, 4) = cast(breaks.year as {{ dbt.type_string() }})
    and breaks.breaks_growth
    {%- for dimension in dimensions %}
    and coalesce(breaks.{{ dimension }}, cells.{{ dimension }}) = cells.{{ dimension }}
    {%- endfor %}
left join {{ ref('delivery_gaps') }} as gaps on cells.indicator = gaps.indicator
