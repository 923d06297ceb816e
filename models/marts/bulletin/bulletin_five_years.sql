-- The lines are the columns of the printed tables that say so in their YAML (meta.five_years).
with

lines as (

    {% for line in five_year_lines() -%}
    select
        '{{ line.chart }}' as chart,
        '{{ line.name }}' as series,
        '{{ line.indicator }}' as indicator,
        '{{ line.dims }}' as dims
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- else -%}
    select 'parsed' as chart
    {%- endfor %}

),

drawn as (

    select
        lines.chart,
        lines.series,
        figures.year,
        figures.region_code,
        figures.printed_value,
        figures.print_unit_zh,
        figures.print_unit_en

    from lines
    inner join {{ ref('printed_years') }} as figures
        on lines.indicator = figures.indicator
        and lines.dims = figures.dims

),

editions as (

    select distinct year as edition_year from drawn

)

select
    editions.edition_year,
    drawn.chart,
    drawn.series,
    drawn.year,
    drawn.region_code,
    drawn.printed_value,
    drawn.print_unit_zh,
    drawn.print_unit_en

from editions
inner join drawn on drawn.year between editions.edition_year - 4 and editions.edition_year
