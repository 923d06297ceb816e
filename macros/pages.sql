{# A page of the dashboard is a dbt exposure of type dashboard; these macros read them from the graph. docs/dashboard.md says what an
   exposure may hold. #}

{# What a figure may be, and what its numbers need. #}
{% macro figure_kinds() %}
    {{ return(['tiles', 'course', 'split', 'pair', 'ranking', 'map', 'months', 'statement', 'list']) }}
{% endmacro %}

{# The pages in the order of their links. #}
{% macro page_exposures() %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for id in graph.exposures | sort if graph.exposures[id].type == 'dashboard' -%}
            {%- do found.append(graph.exposures[id]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute='config.meta.order')) }}
{% endmacro %}

{# The figures of a page: each with its place and its name in the address. #}
{% macro figures_of_page(page) %}
    {%- set found = [] -%}
    {%- for figure in page.config.meta.get('figures', []) -%}
        {%- if figure.kind not in figure_kinds() -%}
            {{ exceptions.raise_compiler_error("页面 " ~ page.name ~ " 的图类型不存在 · exposure " ~ page.name ~ " has a figure of an unknown kind: " ~ figure.kind
                                               ~ " (" ~ figure_kinds() | join(', ') ~ ")") }}
        {%- endif -%}
        {%- set numbers = numbers_of_figure(page, figure) -%}
        {%- set name = figure.get('key', figure.kind ~ '-' ~ (figure.of if figure.of is string else numbers[0].indicator).split(';')[0]) -%}
        {%- do found.append({'position': loop.index, 'name': name | replace('_', '-'), 'given': figure, 'numbers': numbers}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The indicators of a page, each once: those of its figures; of a script those it says it shows. #}
{% macro indicators_of_page(page) %}
    {%- set found = page.config.meta.get('indicators', []) | list -%}
    {%- for figure in figures_of_page(page) -%}
        {%- for number in figure.numbers -%}{%- do found.extend([number.indicator, number.get('before')]) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(found | select | unique | list) }}
{% endmacro %}

{# The numbers of a figure: 'fund_income;scheme=employee', a list of such, or of such with names of their own; of a statement those that its
   table prints. A list has none. #}
{% macro numbers_of_figure(page, figure) %}
    {%- set found = [] -%}
    {%- if figure.kind == 'statement' -%}
        {%- for column in printed_columns(graph.nodes['model.gongbao.' ~ figure.of]) -%}
            {%- do found.append(dict(column, position=loop.index)) -%}
        {%- endfor -%}
    {%- elif figure.kind != 'list' -%}
        {%- for given in ([figure.of] if figure.of is string or figure.of is mapping else figure.of) -%}
            {%- set number = {'of': given} if given is string else given -%}
            {%- set pieces = number.of.split(';') -%}
            {%- for name in [pieces[0], number.get('before')] if name and 'metric.gongbao.' ~ name not in graph.metrics -%}
                {{ exceptions.raise_compiler_error("页面 " ~ page.name ~ " 的指标不存在 · exposure " ~ page.name ~ " names an indicator that no metric is: " ~ name) }}
            {%- endfor -%}
            {%- do found.append({
                'position': loop.index, 'indicator': pieces[0], 'dims': pieces[1:] | sort | join(';'), 'show': 'value', 'before': number.get('before'),
                'zh': number.get('zh'), 'en': number.get('en'),
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# Two columns with a text in both languages, which stands in YAML as name: {zh: …, en: …}, or not at all. #}
{% macro in_both(given, name) -%}
    {%- set columns = {} -%}
    {%- for language in ['zh', 'en'] %}{% do columns.update({name ~ '_' ~ language: text(given.get(name, {}).get(language))}) %}{% endfor -%}
    {{ return(columns) }}
{%- endmacro %}

