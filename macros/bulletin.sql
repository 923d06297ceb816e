{# The bulletin's printed tables are written from the YAML of their columns. `meta` of the table: `dims`, what all of it is about
   (scheme=employee); `levels`, its region levels (var bulletin_levels); `chart`, the name of its five-year chart. `meta` of a printed
   column: `indicator`; `dims`, beside those of the table; `show`: value (the default), change or growth_pct; `five_years`: true, where
   the chart of the table draws it, or the name of the chart that does. #}

{# The printed columns of a table: name, indicator, dims, show, and the five-year chart that draws it (none: ''). #}
{% macro printed_columns(table) -%}
    {%- set found = [] -%}
    {%- for column in table.columns.values() if column.config.meta.get('indicator') -%}
        {%- set meta = column.config.meta -%}
        {%- set show = meta.get('show', 'value') -%}
        {%- if show not in ['value', 'change', 'growth_pct'] -%}
            {{ exceptions.raise_compiler_error(
                "表 " ~ table.name ~ " 列 " ~ column.name ~ " 的 show 应为 value、change 或 growth_pct，而不是 " ~ show
                ~ " · show of column " ~ column.name ~ " of " ~ table.name ~ " must be value, change or growth_pct, not " ~ show
            ) }}
        {%- endif -%}
        {%- if meta.indicator not in published_metrics() | map(attribute='name') -%}
            {{ exceptions.raise_compiler_error(
                "表 " ~ table.name ~ " 列 " ~ column.name ~ " 的指标 " ~ meta.indicator ~ " 没有发布"
                ~ " · column " ~ column.name ~ " of " ~ table.name ~ " prints " ~ meta.indicator ~ ", which is no published metric"
            ) }}
        {%- endif -%}
        {%- do found.append({
            'name': column.name,
            'indicator': meta.indicator,
            'dims': joined_dims([table.config.meta.get('dims', ''), meta.get('dims', '')]),
            'show': show,
            'chart': meta.five_years if meta.get('five_years') is string else table.config.meta.get('chart', '') if meta.get('five_years') else '',
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The lines of the five-year charts: the printed columns that one of them draws, table by table. #}
{% macro five_year_lines() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for id in graph.nodes | sort if graph.nodes[id].resource_type == 'model' and graph.nodes[id].name.startswith('bulletin_') -%}
            {%- do found.extend(printed_columns(graph.nodes[id]) | rejectattr('chart', 'equalto', '')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{# Several texts of dimensions as one, its names in alphabetical order. #}
{% macro joined_dims(texts) -%}
    {{ return((texts | join(';')).split(';') | reject('equalto', '') | unique | sort | join(';')) }}
{%- endmacro %}

{# Body of a printed table: one row per region and year, each column one printed figure. #}
{% macro bulletin_table() -%}
{%- set columns = printed_columns(model) if execute else [] -%}
{%- set levels = model.config.meta.get('levels', var('bulletin_levels')) if execute else [] -%}
with

figures as (

    select *
    from {{ ref('printed_years') }}
    where region_level in ('{{ levels | join("', '") }}')
        and indicator in ('{{ columns | map(attribute='indicator') | unique | join("', '") }}')

)

select
    year,
    region_code,
    region_level
    {%- for column in columns %},
    max(case when indicator = '{{ column.indicator }}' and dims = '{{ column.dims }}' then printed_{{ column.show }} end) as {{ column.name }}
    {%- endfor %}

from figures
group by year, region_code, region_level
{%- endmacro %}
