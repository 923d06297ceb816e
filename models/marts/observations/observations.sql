{%- set dimensions = observation_dimensions() -%}

with

rebuilt as (

    {% for subject in subjects() -%}
    select * from {{ ref('observations_' ~ subject) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

-- A value that is missing has a row too: every indicator at the nation in every year, and every region of a level wherever
-- the nation has a value.
wanted as (

    select distinct
        rebuilt.dataflow,
        rebuilt.indicator,
        regions.region_code,
        regions.region_level,
        rebuilt.time_period,
        {%- for dimension in dimensions %}
        rebuilt.{{ dimension }},
        {%- endfor %}
        rebuilt.unit,
        rebuilt.scope_id

    from rebuilt
    inner join {{ ref('dim_region') }} as regions
        on regions.region_level in ('province', 'prefecture')
        and regions.in_statistics
        and regions.kind in ('province', 'corps', 'prefecture', 'county_as_city', 'division')
    where rebuilt.region_level = 'nation'
        and rebuilt.period_kind = 'year'
        and rebuilt.counterpart_region in ('_T', '_Z')

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

),

missing as (

    select wanted.*

    from wanted
    left join rebuilt
        on wanted.indicator = rebuilt.indicator
        and wanted.region_code = rebuilt.region_code
        and wanted.region_level = rebuilt.region_level
        and wanted.time_period = rebuilt.time_period
        and rebuilt.period_kind = 'year'
        {%- for dimension in dimensions %}
        and wanted.{{ dimension }} = rebuilt.{{ dimension }}
        {%- endfor %}
    where rebuilt.indicator is null

),

with_missing as (

    select * from rebuilt

    union all

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

    from missing

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

from with_missing as cells
left join {{ ref('definition_breaks') }} as breaks
    on cells.indicator = breaks.indicator
    and substr(cells.time_period, 1, 4) = cast(breaks.year as {{ dbt.type_string() }})
    and breaks.breaks_growth
    {%- for dimension in dimensions %}
    and coalesce(breaks.{{ dimension }}, cells.{{ dimension }}) = cells.{{ dimension }}
    {%- endfor %}
left join {{ ref('delivery_gaps') }} as gaps on cells.indicator = gaps.indicator
