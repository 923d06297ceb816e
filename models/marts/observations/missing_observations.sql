{%- set dimensions = observation_dimensions() -%}
{%- set fine = dimensions | reject('in', var('published_detail').year.county + ['side', 'counterpart_region']) -%}
{#- Below the year, and there for counts alone: provinces in their published detail, prefectures in the total. -#}
{%- set unlisted = {} -%}
{%- for kind in ['half', 'month'] -%}
    {%- do unlisted.update({kind: dimensions | reject('in', var('published_detail')[kind].province + ['side', 'counterpart_region']) | list}) -%}
{%- endfor -%}
{%- do unlisted.update({'ytd': unlisted.month}) -%}

with

made as (

    {% for subject in subjects() -%}
    select * from {{ ref('observations_' ~ subject) }} where period_kind = 'year' or is_count
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

-- A value that no row gives has a row too. By year: every indicator at the nation, every province wherever the nation has a value,
-- and every prefecture in the breakdowns of a county. (In a finer one, no row means that nothing of the kind was delivered.)
-- By shorter periods: counts that are zero, of a province as it is published, of a prefecture in the total.
wanted as (

    select
        made.dataflow,
        made.indicator,
        regions.region_code,
        regions.region_level,
        made.period_kind,
        made.time_period,
        {%- for dimension in dimensions %}
        made.{{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}

    from made
    inner join {{ ref('dim_region') }} as regions
        on regions.region_level in ('province', 'prefecture')
        and regions.in_statistics
        and regions.kind in ('province', 'corps', 'prefecture', 'county_as_city', 'direct_city', 'division', 'collective')
    where made.region_level = 'nation'
        and made.counterpart_region in ('_T', '_Z')
        and case
            when made.period_kind = 'year' then regions.region_level = 'province' or (
                {%- for dimension in fine %}
                {% if not loop.first %}and {% endif %}made.{{ dimension }} in ('_T', '_Z')
                {%- endfor %}
            )
            when regions.region_level = 'province' then case made.period_kind
                {%- for kind, left_out in unlisted.items() %}
                when '{{ kind }}' then {% for dimension in left_out %}made.{{ dimension }} in ('_T', '_Z'){{ ' and ' if not loop.last }}{% else %}true{% endfor %}
                {%- endfor %}
            end
            else made.{{ (dimensions | reject('in', ['side', 'counterpart_region']) | list) | join(" in ('_T', '_Z') and made.") }} in ('_T', '_Z')
                and (made.period_kind = 'half' or made.indicator in ('{{ monthly_below_province() | join("', '") }}'))
        end

    union

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

    union

    -- Where nobody has any, all of what was delivered has none.
    select
        catalogue.dataflow,
        catalogue.indicator,
        regions.region_code,
        regions.region_level,
        coverage.period_kind,
        coverage.time_period,
        {%- for dimension in dimensions %}
        catalogue.total_{{ dimension }} as {{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('indicator_catalogue') }} as catalogue
    inner join indicators
        on catalogue.indicator = indicators.indicator
        and indicators.is_count
    inner join {{ ref('coverage') }} as coverage
        on indicators.record = coverage.record
        and indicators.measure = coverage.measure
        and coverage.period_kind = 'year'
        and coverage.is_delivered
    inner join {{ ref('dim_region') }} as regions
        on coverage.region_code = {{ province_of('regions.region_code') }}
        and regions.region_level in ('province', 'prefecture')
        and regions.in_statistics
        and regions.kind in ('province', 'corps', 'prefecture', 'county_as_city', 'direct_city', 'division', 'collective')

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
left join made
    on wanted.indicator = made.indicator
    and wanted.region_code = made.region_code
    and wanted.region_level = made.region_level
    and wanted.period_kind = made.period_kind
    and wanted.time_period = made.time_period
    {%- for dimension in dimensions %}
    and wanted.{{ dimension }} = made.{{ dimension }}
    {%- endfor %}
left join made as year_before
    on wanted.indicator = year_before.indicator
    and wanted.region_code = year_before.region_code
    and wanted.region_level = year_before.region_level
    and wanted.period_kind = year_before.period_kind
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
where made.indicator is null
    and (wanted.period_kind = 'year' or coverage.is_delivered)
