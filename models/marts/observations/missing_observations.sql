{%- set detail = var('published_detail') -%}
-- Values that no delivered row gives.
with

made as (

    select made_observations.*
    from {{ ref('made_observations') }} as made_observations
    inner join {{ ref('indicator_catalogue') }} as catalogue on made_observations.indicator = catalogue.indicator
    where made_observations.period_kind = 'year' or catalogue.is_count

),

of_nation as (

    select indicator, dims, breakdown, period_kind, time_period from made where region_level = 'nation'

),

-- How fine a breakdown is: as its finest dimension.
breakdowns as (

    select
        used.breakdown,
        coalesce(max(dimensions.detail_class), 0) as detail_class

    from (select distinct breakdown from of_nation) as used
    left join {{ ref('dimensions') }} as dimensions on ' ' || used.breakdown || ' ' like '% ' || dimensions.dimension || ' %'
    group by used.breakdown

),

places as (

    select
        region_code,
        region_level

    from {{ ref('dim_region') }}
    where region_level in ('province', 'prefecture')
        and in_statistics
        and kind in ('province', 'corps', 'prefecture', 'county_as_city', 'direct_city', 'division', 'collective')

),

-- A value that no row gives has a row too. By year: every indicator at the nation, every province wherever the nation has a value,
-- and every prefecture in the breakdowns of a county. (In a finer one, no row means that nothing of the kind was delivered.)
-- By shorter periods: counts that are zero, of a province as it is published, of a prefecture in the total.
asked as (

    select
        of_nation.*,
        'province' as region_level

    from of_nation
    inner join breakdowns on of_nation.breakdown = breakdowns.breakdown
    where breakdowns.detail_class <= case of_nation.period_kind
        {%- for kind, levels in detail.items() if 'province' in levels %}
        when '{{ kind }}' then {{ levels.province }}
        {%- endfor %}
        else {{ detail.year.prefecture }}
    end

    union all

    select
        of_nation.*,
        'prefecture' as region_level

    from of_nation
    inner join breakdowns on of_nation.breakdown = breakdowns.breakdown
    where (of_nation.period_kind = 'year' and breakdowns.detail_class <= {{ detail.year.county }})
        or (
            breakdowns.detail_class = 0
            and (of_nation.period_kind = 'half' or of_nation.indicator in ('{{ monthly_below_province() | join("', '") }}'))
        )

),

wanted as (

    select
        asked.indicator,
        asked.dims,
        asked.breakdown,
        places.region_code,
        places.region_level,
        asked.period_kind,
        asked.time_period

    from asked
    inner join places on asked.region_level = places.region_level

    union

    select
        catalogue.indicator,
        catalogue.main_dims as dims,
        catalogue.main_breakdown as breakdown,
        '100000' as region_code,
        'nation' as region_level,
        'year' as period_kind,
        cast(years.year_no as {{ dbt.type_string() }}) as time_period

    from {{ ref('indicator_catalogue') }} as catalogue
    cross join {{ ref('reporting_period') }} as period
    inner join (select distinct year_no from {{ ref('int_months') }}) as years
        on years.year_no between period.first_year and period.last_year

    union

    -- Where nobody has any, all of what was delivered has none.
    select
        catalogue.indicator,
        catalogue.main_dims as dims,
        catalogue.main_breakdown as breakdown,
        places.region_code,
        places.region_level,
        coverage.period_kind,
        coverage.time_period

    from {{ ref('indicator_catalogue') }} as catalogue
    inner join {{ ref('int_delivery_coverage') }} as coverage
        on catalogue.record = coverage.record
        and catalogue.measure = coverage.measure
        and coverage.period_kind = 'year'
        and coverage.is_delivered
    inner join places on coverage.region_code = {{ province_of('places.region_code') }}
    where catalogue.is_count

)

select
    wanted.indicator,
    wanted.dims,
    wanted.breakdown,
    wanted.region_code,
    wanted.region_level,
    wanted.period_kind,
    wanted.time_period,
    -- Nothing of the kind among what was delivered is none of it.
    case when catalogue.is_count and coverage.is_delivered then cast(0 as decimal(38, 10)) end as value,
    coalesce(
        year_before.value,
        case when catalogue.is_count and coverage.is_delivered_before then cast(0 as decimal(38, 10)) end
    ) as previous_value

from wanted
inner join {{ ref('indicator_catalogue') }} as catalogue on wanted.indicator = catalogue.indicator
left join made
    on wanted.indicator = made.indicator
    and wanted.dims = made.dims
    and wanted.region_code = made.region_code
    and wanted.region_level = made.region_level
    and wanted.period_kind = made.period_kind
    and wanted.time_period = made.time_period
left join made as year_before
    on wanted.indicator = year_before.indicator
    and wanted.dims = year_before.dims
    and wanted.region_code = year_before.region_code
    and wanted.region_level = year_before.region_level
    and wanted.period_kind = year_before.period_kind
    and {{ year_before('wanted.time_period') }} = year_before.time_period
left join {{ ref('int_delivery_coverage') }} as coverage
    on catalogue.record = coverage.record
    and catalogue.measure = coverage.measure
    and {{ delivering_region('wanted') }} = coverage.region_code
    and wanted.period_kind = coverage.period_kind
    and wanted.time_period = coverage.time_period
where made.indicator is null
    and (wanted.period_kind = 'year' or coverage.is_delivered)
