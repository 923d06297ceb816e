{%- set rank_of_vintage = "case differences.vintage when 'bulletin' then 1 when 'yearbook' then 2 else 3 end" -%}

with

compared as (

    select
        published.figure_id,
        published.year,
        published.vintage,
        published.section,
        published.label_zh,
        published.printed_value,
        published.value,
        published.printed_decimals,
        published.unit,
        published.scale,
        published.indicator,
        published.value_column,
        published.region_code,
        coalesce(published.dims, '') as dims,
        published.source,
        case published.value_column
            when 'value' then observations.value
            when 'change' then observations.change
            when 'growth_pct' then observations.growth_pct
        end as rebuilt_base,
        observations.status_reason,
        observations.dataflow,
        observations.indicator is not null as has_observation,
        cast(cast(0.5 as decimal(10, 6)) * case published.printed_decimals
            when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 when 5 then 0.00001 else 0.000001
        end as decimal(18, 12)) as tolerance,
        notes.standing,
        notes.reason_zh as note_zh,
        notes.reason_en as note_en

    from {{ ref('published_figures') }} as published
    left join {{ ref('observations') }} as observations
        on published.indicator = observations.indicator
        and published.region_code = observations.region_code
        and published.period_kind = observations.period_kind
        and cast(published.year as {{ dbt.type_string() }}) = observations.time_period
        and coalesce(published.dims, '') = observations.dims
    left join {{ ref('figure_notes') }} as notes on published.figure_id = notes.figure_id

),

differences as (

    select
        *,
        rebuilt_base / scale as rebuilt_value,
        rebuilt_base / scale - cast(value as double) as difference

    from compared

),

-- Records of a few provinces cannot give the figure of the nation. A province that delivers and has none of a thing (long-term care
-- insurance up to a year) is covered too.
provinces_with_figures as (

    select
        catalogue.dataflow,
        figures.year,
        figures.region_code

    from {{ ref('printed_years') }} as figures
    inner join {{ ref('indicator_catalogue') }} as catalogue on figures.indicator = catalogue.indicator
    where figures.region_level = 'province'
        and figures.value is not null

    union

    select
        catalogue.dataflow,
        cast(delivered.time_period as int) as year,
        delivered.region_code

    from {{ ref('int_delivery_coverage') }} as delivered
    inner join {{ ref('indicator_catalogue') }} as catalogue
        on delivered.record = catalogue.record
        and delivered.measure = catalogue.measure
    where delivered.period_kind = 'year'
        and delivered.is_delivered
        and delivered.region_code <> '100000'

),

coverage as (

    select
        dataflow,
        year,
        count(distinct region_code) as provinces

    from provinces_with_figures
    where region_code <> '660000'
    group by dataflow, year

),

-- Keys whose rebuilt value agrees with some published copy: only then can another copy be explained as preliminary or restated.
agreed as (

    select
        differences.indicator,
        differences.year,
        differences.region_code,
        differences.dims,
        min_by(differences.printed_value || differences.unit, {{ rank_of_vintage }}) as agreed_value,
        min_by(differences.printed_value || coalesce(' (' || units.print_unit_en || ')', ''), {{ rank_of_vintage }}) as agreed_value_en,
        min_by(differences.vintage, {{ rank_of_vintage }}) as agreed_vintage

    from differences
    left join (select print_unit_zh, min(print_unit_en) as print_unit_en from {{ ref('print_formats') }} group by print_unit_zh) as units
        on differences.unit = units.print_unit_zh
    where differences.value_column = 'value'
        and abs(differences.difference) <= differences.tolerance + 1e-9
    group by differences.indicator, differences.year, differences.region_code, differences.dims

),

judged as (

    select
        this_figure.*,
        agreed.agreed_value,
        agreed.agreed_value_en,
        agreed.agreed_vintage,
        coverage.provinces,
        case
            when this_figure.rebuilt_value is null then 'not rebuilt'
            when this_figure.region_code = '100000' and coverage.provinces < 31 then 'definition differs'
            when abs(this_figure.difference) <= this_figure.tolerance + 1e-9 then 'pass'
            when this_figure.standing in ('definition', 'scope') then 'definition differs'
            -- Without a copy that agrees, a stated reason covers at most a tenth of the figure.
            when this_figure.standing is not null
                and (agreed.indicator is not null or abs(this_figure.difference) <= abs(cast(this_figure.value as double)) / 10) then 'explained'
            when agreed.indicator is not null and this_figure.value_column = 'value' then 'explained'
            else 'differs'
        end as status

    from differences as this_figure
    left join coverage
        on this_figure.dataflow = coverage.dataflow
        and this_figure.year = coverage.year
    left join agreed
        on this_figure.indicator = agreed.indicator
        and this_figure.year = agreed.year
        and this_figure.region_code = agreed.region_code
        and this_figure.dims = agreed.dims

)

select
    figure_id,
    cast(year as int) as year,
    vintage,
    section,
    label_zh,
    indicator,
    value_column,
    region_code,
    dims,
    printed_value,
    unit,
    cast(printed_decimals as int) as decimals,
    cast(value as decimal(28, 6)) as published_value,
    cast(rebuilt_value as decimal(28, 6)) as rebuilt_value,
    cast(difference as decimal(28, 6)) as difference,
    tolerance,
    status,
    case
        when status = 'not rebuilt' then case
            when indicator is null then '核心记录不产生此指标'
            when not has_observation then '无此分组的重建值'
            else coalesce('缺少交付数据：' || status_reason, '无重建值')
        end
        when status = 'definition differs' and provinces < 31 then '报送记录只覆盖' || provinces || '个省份，全国为31个'
        when status in ('definition differs', 'explained') then coalesce(
            note_zh,
            '版次不同：' || case agreed_vintage when 'bulletin' then '公报' when 'flash' then '快报' when 'yearbook' then '长期序列' else '新闻报道' end
            || '为' || agreed_value
        )
    end as reason_zh,
    case
        when status = 'not rebuilt' then case
            when indicator is null then 'the core records do not give this figure'
            when not has_observation then 'this breakdown is not rebuilt'
            else coalesce(status_reason, 'no value')
        end
        when status = 'definition differs' and provinces < 31 then 'the delivered records cover ' || provinces || ' of 31 provinces'
        when status in ('definition differs', 'explained') then coalesce(note_en, 'another vintage: ' || agreed_vintage || ' has ' || agreed_value_en)
    end as reason_en,
    source

from judged
