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

-- A value that is missing has a row too: every indicator at the nation in every year, every province wherever the nation has a value,
-- and every prefecture in the breakdowns of a county. (In a finer one, no row means that nothing of the kind was delivered.)
wanted as (

    select distinct
        yearly.dataflow,
        yearly.indicator,
        regions.region_code,
        regions.region_level,
        yearly.time_period,
        {%- for dimension in dimensions %}
        yearly.{{ dimension }},
        {%- endfor %}
        yearly.unit,
        yearly.scope_id

    from yearly
    inner join {{ ref('dim_region') }} as regions
        on regions.region_level in ('province', 'prefecture')
        and regions.in_statistics
        and regions.kind in ('province', 'corps', 'prefecture', 'county_as_city', 'division')
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
        cast(years.year_no as {{ dbt.type_string() }}) as time_period,
        {%- for dimension in dimensions %}
        catalogue.total_{{ dimension }} as {{ dimension }},
        {%- endfor %}
        catalogue.unit,
        catalogue.scope_id

    from {{ ref('indicator_catalogue') }} as catalogue
    cross join {{ ref('reporting_period') }} as period
    inner join (select distinct year_no from {{ ref('months') }}) as years
        on years.year_no between period.first_year and period.last_year

)

select wanted.*

from wanted
left join yearly
    on wanted.indicator = yearly.indicator
    and wanted.region_code = yearly.region_code
    and wanted.region_level = yearly.region_level
    and wanted.time_period = yearly.time_period
    {%- for dimension in dimensions %}
    and wanted.{{ dimension }} = yearly.{{ dimension }}
    {%- endfor %}
where yearly.indicator is null
