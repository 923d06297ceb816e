{%- set dimensions = observation_dimensions() -%}

with

compared as (

    select
        published.*,
        case published.value_column
            when 'value' then observations.value
            when 'change' then observations.change
            when 'growth_pct' then observations.growth_pct
        end as rebuilt_base,
        observations.status_reason,
        observations.indicator is not null as has_observation,
        cast(0.5 as decimal(10, 6)) * case published.printed_decimals
            when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 when 5 then 0.00001 else 0.000001
        end as tolerance,
        notes.standing,
        notes.reason_zh as note_zh,
        notes.reason_en as note_en

    from {{ ref('published_figures') }} as published
    left join {{ ref('observations') }} as observations
        on published.indicator = observations.indicator
        and published.region_code = observations.region_code
        and published.period_kind = observations.period_kind
        and cast(published.year as {{ dbt.type_string() }}) = observations.time_period
        {%- for dimension in dimensions %}
        and replace(published.{{ dimension }}, '_Z', '_T') = replace(observations.{{ dimension }}, '_Z', '_T')
        {%- endfor %}
    left join {{ ref('figure_notes') }} as notes on published.figure_id = notes.figure_id

),

differences as (

    select
        *,
        rebuilt_base / scale as rebuilt_value,
        rebuilt_base / scale - cast(value as double) as difference

    from compared

),

-- The bulletin's own figure for the same key: a preliminary or restated copy that differs from it is explained by it.
judged as (

    select
        this_figure.*,
        bulletin.printed_value as bulletin_printed_value,
        case
            when this_figure.rebuilt_value is null then 'not rebuilt'
            when abs(this_figure.difference) <= this_figure.tolerance + 1e-9 then 'pass'
            when this_figure.standing in ('definition', 'scope') then 'definition differs'
            -- A stated reason never covers more than a tenth of the figure.
            when abs(this_figure.difference) > abs(cast(this_figure.value as double)) / 10 then 'differs'
            when this_figure.standing is not null then 'explained'
            when this_figure.vintage <> 'bulletin'
                and abs(bulletin.difference) <= bulletin.tolerance + 1e-9
                and abs(bulletin.value - this_figure.value) > 0 then 'explained'
            else 'differs'
        end as status

    from differences as this_figure
    left join differences as bulletin
        on this_figure.vintage <> 'bulletin'
        and bulletin.vintage = 'bulletin'
        and this_figure.indicator = bulletin.indicator
        and this_figure.year = bulletin.year
        and this_figure.value_column = bulletin.value_column
        and this_figure.unit = bulletin.unit
        {%- for dimension in dimensions %}
        and this_figure.{{ dimension }} = bulletin.{{ dimension }}
        {%- endfor %}

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
    {%- for dimension in dimensions %}
    {{ dimension }},
    {%- endfor %}
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
        when status in ('definition differs', 'explained') then coalesce(note_zh, '口径版本不同：公报同一指标为' || bulletin_printed_value || unit)
    end as reason_zh,
    case
        when status = 'not rebuilt' then case
            when indicator is null then 'the core records do not give this figure'
            when not has_observation then 'this breakdown is not rebuilt'
            else coalesce(status_reason, 'no value')
        end
        when status in ('definition differs', 'explained') then coalesce(note_en, 'another vintage: the bulletin prints ' || bulletin_printed_value || ' ' || unit)
    end as reason_en,
    source

from judged
qualify row_number() over (partition by figure_id order by bulletin_printed_value) = 1
