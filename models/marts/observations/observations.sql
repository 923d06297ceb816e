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
        period_kind,
        time_period,
        {%- for dimension in dimensions %}
        {{ dimension }},
        {%- endfor %}
        value,
        cast(null as decimal(38, 10)) as numerator,
        cast(null as decimal(38, 10)) as denominator,
        previous_value,
        cast(null as {{ dbt.type_string() }}) as gap_status,
        cast(null as {{ dbt.type_string() }}) as gap_reason,
        true as has_no_gap,
        record,
        measure,
        other_record,
        other_measure,
        is_count,
        unit,
        scope_id

    from {{ ref('missing_observations') }}

),

judged as (

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
        cells.scope_id,
        coalesce(
            cells.previous_value,
            case when cells.is_count and coverage.is_delivered_before then cast(0 as decimal(38, 10)) end
        ) as previous_value,
        case
            when cells.value is null then 'missing'
            when 'part' in (coverage.status, other_coverage.status) then 'part'
            when 'provisional' in (coverage.status, other_coverage.status, cells.gap_status) or gaps.is_partial then 'provisional'
            else 'normal'
        end as status,
        nullif(concat_ws('; ', cells.gap_reason, coverage.status_reason, other_coverage.status_reason), '') as status_reason,
        gaps.gap_when_missing,
        gaps.gap_when_present,
        cells.has_no_gap
        and coalesce(coverage.is_comparable, cells.record = 'population')
        and coalesce(other_coverage.is_comparable, cells.other_record is null or cells.other_record = 'population') as is_comparable

    from cells
    left join {{ ref('coverage') }} as coverage
        on cells.record = coverage.record
        and cells.measure = coverage.measure
        and {{ delivering_region('cells') }} = coverage.region_code
        and cells.period_kind = coverage.period_kind
        and cells.time_period = coverage.time_period
    left join {{ ref('coverage') }} as other_coverage
        on cells.other_record = other_coverage.record
        and cells.other_measure = other_coverage.measure
        and {{ delivering_region('cells') }} = other_coverage.region_code
        and cells.period_kind = other_coverage.period_kind
        and cells.time_period = other_coverage.time_period
    left join {{ ref('delivery_gaps') }} as gaps
        on cells.indicator = gaps.indicator
        and {{ delivering_region('cells') }} = gaps.region_code

)

select
    judged.dataflow,
    judged.indicator,
    judged.region_code,
    judged.region_level,
    judged.period_kind,
    judged.time_period,
    {%- for dimension in dimensions %}
    judged.{{ dimension }},
    {%- endfor %}
    judged.value,
    judged.numerator,
    judged.denominator,
    judged.unit,
    judged.status,
    case
        when judged.status = 'missing' then coalesce(judged.gap_when_missing, judged.status_reason, 'no value')
        else nullif(concat_ws('; ', judged.status_reason, judged.gap_when_present), '')
    end as status_reason,
    judged.scope_id,
    judged.previous_value,
    -- Across a change of definition, or from what was not delivered whole, a comparison would compare two things.
    case
        when judged.is_comparable and breaks.break_id is null
            then cast(judged.value - judged.previous_value as decimal(38, 10))
    end as change,
    case
        when judged.is_comparable and breaks.break_id is null and judged.previous_value > 0
            then {{ ratio('(judged.value - judged.previous_value)', 'judged.previous_value', 100) }}
    end as growth_pct

from judged
left join {{ ref('definition_breaks') }} as breaks
    on judged.indicator = breaks.indicator
    and substr(judged.time_period, 1, 4) = cast(breaks.year as {{ dbt.type_string() }})
    and breaks.breaks_growth
    {%- for dimension in dimensions %}
    and coalesce(breaks.{{ dimension }}, judged.{{ dimension }}) = judged.{{ dimension }}
    {%- endfor %}
