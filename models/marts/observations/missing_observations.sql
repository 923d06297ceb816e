{%- set dimensions = observation_dimensions() -%}
{%- set fine = dimensions | reject('in', var('published_detail').year.county + ['side', 'counterpart_region']) -%}

with

yearly as (

    {% for subject in subjects() -%}
    select * from {{ ref('observations_' ~ subject) }} where period_kind = 'year'
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

indicators as (

    {% for metric in all_metrics() if is_published(metric) -%}
    select
        '{{ metric.name }}' as indicator,
        {{ record_columns(metric) }}
        '{{ metric.config.meta.unit }}' as unit,
        '{{ var(metric.config.meta.scope) }}' as scope_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}
    {%- if not execute %}select 1 as parsed{% endif %}

),

-- A value that no row gives has a row too: every indicator at the nation in every year, every province wherever the nation has a value,
-- and every prefecture in the breakdowns of a county. (In a finer one, no row means that nothing of the kind was delivered.)
wanted as (

    select distinct
        yearly.dataflow,
        yearly.indicator,
        regions.region_code,
        regions.region_level,
        yearly.period_kind,
        yearly.time_period,
        {%- for dimension in dimensions %}
        yearly.{{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}

    from yearly
    inner join {{ ref('dim_region') }} as regions
        on regions.region_level in ('province', 'prefecture')
        and regions.in_statistics
        and regions.kind in ('province', 'corps', 'prefecture', 'county_as_city', 'direct_city', 'division')
    where yearly.region_level = 'nation'
        and yearly.counterpart_region in ('_T', '_Z')
        and (
            regions.region_level = 'province'
            or (
                {%- for dimension in fine %}
                {% if not loop.first %}and {% endif %}yearly.{{ dimension }} in ('_T', '_Z')
                {%- endfor %}
            )
        )

    union all

    select
        catalogue.dataflow,
        catalogue.indicator,
        '100000' as region_code,
        'nation' as region_level,
        'year' as period_kind,
        cast(years.year_no as {{ dbt.type_string() }}) as time_period,
        {%- for dimension in dimensions %}
        catalogue.total_{{ dimension }} as {{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('indicator_catalogue') }} as catalogue
    cross join {{ ref('reporting_period') }} as period
    inner join (select distinct year_no from {{ ref('months') }}) as years
        on years.year_no between period.first_year and period.last_year

)

select
    wanted.*,
    -- Nothing of the kind among what was delivered is none of it.
    case when indicators.is_count and coverage.is_delivered then cast(0 as decimal(38, 10)) end as value,
    coalesce(
        year_before.value,
        case when indicators.is_count and coverage.is_delivered_before then cast(0 as decimal(38, 10)) end
    ) as previous_value,
    indicators.record,
    indicators.measure,
    indicators.other_record,
    indicators.other_measure,
    indicators.is_count,
    indicators.unit,
    indicators.scope_id

from wanted
inner join indicators on wanted.indicator = indicators.indicator
left join yearly
    on wanted.indicator = yearly.indicator
    and wanted.region_code = yearly.region_code
    and wanted.region_level = yearly.region_level
    and wanted.time_period = yearly.time_period
    {%- for dimension in dimensions %}
    and wanted.{{ dimension }} = yearly.{{ dimension }}
    {%- endfor %}
left join yearly as year_before
    on wanted.indicator = year_before.indicator
    and wanted.region_code = year_before.region_code
    and wanted.region_level = year_before.region_level
    and {{ year_before('wanted.time_period') }} = year_before.time_period
    {%- for dimension in dimensions %}
    and wanted.{{ dimension }} = year_before.{{ dimension }}
    {%- endfor %}
left join {{ ref('coverage') }} as coverage
    on indicators.record = coverage.record
    and indicators.measure = coverage.measure
    and {{ delivering_region('wanted') }} = coverage.region_code
    and wanted.period_kind = coverage.period_kind
    and wanted.time_period = coverage.time_period
where yearly.indicator is null
