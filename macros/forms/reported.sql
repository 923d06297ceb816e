{# The form reported figure: one number with its source, as it was published or reported. #}

{# Body of a model of reported figures: of each region, indicator, period and cell (`dims`) the row that is published, out of the
   accepted `rows`: bulletin before monthly report, yearbook, flash report, external source and news; then the one published later;
   then the smaller source. Values in base units; they are never rolled up or split, and compare only within a vintage class. #}
{% macro reported_figures(rows) -%}
{%- set vintages = ['bulletin', 'monthly', 'yearbook', 'flash', 'external', 'news'] -%}
with

ranked as (

    select
        figures.*,
        units.maps_to as unit_kind,
        cast(units.note as decimal(18, 4)) as factor,
        row_number() over (
            partition by figures.region_code, figures.indicator_code, figures.time_period, coalesce(figures.dims, '')
            order by
                case figures.vintage
                {%- for vintage in vintages %}
                    when '{{ vintage }}' then {{ loop.index }}
                {%- endfor %}
                end nulls last,
                figures.published_on desc nulls last,
                figures.source nulls last
        ) as rank_of_figure

    from {{ rows }} as figures
    inner join {{ ref('code_lists') }} as units
        on units.list = 'figure_unit'
        and figures.unit = units.code

)

select
    indicator_code as indicator,
    coalesce(dims, '') as dims,
    region_code,
    case
        when time_period like '%/%' then 'plan'
        when time_period like '%-S_' then 'half'
        when time_period like '%-%' then 'ytd'
        else 'year'
    end as period_kind,
    time_period,
    cast(cast(value as decimal(28, 4)) * factor as decimal(38, 10)) as value,
    unit_kind,
    qualifier,
    vintage,
    case vintage when 'external' then 'external' when 'news' then 'external' else 'bulletin' end as vintage_class,
    case when vintage in ('external', 'news') then 'provisional' else 'normal' end as status,
    source

from ranked
where rank_of_figure = 1
{%- endmacro %}
