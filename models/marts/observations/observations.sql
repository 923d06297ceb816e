{#- Records of figures by year, of which coverage says nothing. #}
{%- set uncovered = "'" ~ records_with('every', ['year']) | join("', '") ~ "'" -%}
{%- set difference = difference_of('value', 'value_before') -%}
with

made as (

    select * from {{ ref('made_observations') }}

    union all

    select
        indicator,
        dims,
        breakdown,
        region_code,
        region_level,
        period_kind,
        time_period,
        value,
        cast(null as decimal(38, 10)) as numerator,
        cast(null as decimal(38, 10)) as denominator,
        previous_value,
        cast(null as {{ dbt.type_string() }}) as gap_status,
        cast(null as {{ dbt.type_string() }}) as gap_reason,
        true as has_no_gap

    from {{ ref('missing_observations') }}

),

judged as (

    select
        made.*,
        catalogue.dataflow,
        catalogue.unit,
        catalogue.scope_id,
        coalesce(
            made.previous_value,
            case when catalogue.is_count and coverage.is_delivered_before then cast(0 as decimal(38, 10)) end
        ) as value_before,
        case
            when made.value is null then 'missing'
            when 'part' in (coverage.status, other_coverage.status) then 'part'
            when 'provisional' in (coverage.status, other_coverage.status, made.gap_status) or gaps.is_partial then 'provisional'
            else 'normal'
        end as status,
        nullif(concat_ws('; ', made.gap_reason, coverage.status_reason, other_coverage.status_reason), '') as status_reason,
        gaps.gap_when_missing,
        gaps.gap_when_present,
        made.has_no_gap
        and coalesce(coverage.is_comparable, catalogue.record in ({{ uncovered }}))
        and coalesce(other_coverage.is_comparable, catalogue.other_record is null or catalogue.other_record in ({{ uncovered }}))
        -- Across a change of definition, or from what was not delivered whole, a comparison would compare two things.
        and breaks.break_id is null as is_comparable

    from made
    inner join {{ ref('indicator_catalogue') }} as catalogue on made.indicator = catalogue.indicator
    left join {{ ref('int_delivery_coverage') }} as coverage
        on catalogue.record = coverage.record
        and catalogue.measure = coverage.measure
        and {{ delivering_region('made') }} = coverage.region_code
        and made.period_kind = coverage.period_kind
        and made.time_period = coverage.time_period
    left join {{ ref('int_delivery_coverage') }} as other_coverage
        on catalogue.other_record = other_coverage.record
        and catalogue.other_measure = other_coverage.measure
        and {{ delivering_region('made') }} = other_coverage.region_code
        and made.period_kind = other_coverage.period_kind
        and made.time_period = other_coverage.time_period
    left join {{ ref('delivery_gaps') }} as gaps
        on made.indicator = gaps.indicator
        and {{ delivering_region('made') }} = gaps.region_code
    left join {{ ref('definition_breaks') }} as breaks
        on made.indicator = breaks.indicator
        and substr(made.time_period, 1, 4) = cast(breaks.year as {{ dbt.type_string() }})
        and breaks.breaks_growth
        and {{ cell_contains('made.dims', 'breaks.dims') }}

)

select
    dataflow,
    indicator,
    dims,
    breakdown,
    region_code,
    region_level,
    period_kind,
    time_period,
    value,
    numerator,
    denominator,
    unit,
    status,
    case
        when status = 'missing' then coalesce(gap_when_missing, status_reason, 'no value')
        else nullif(concat_ws('; ', status_reason, gap_when_present), '')
    end as status_reason,
    scope_id,
    value_before as previous_value,
    case when is_comparable then cast({{ difference }} as decimal(38, 10)) end as change,
    case when is_comparable and value_before > 0 then {{ ratio(difference, 'value_before', 100) }} end as growth_pct

from judged
