{# The codes of a list that map to a word, a local code outside the list going with its national parent (first two digits). #}
{% macro maps_to(column, list, word) -%}
    {%- set code_lists = ref('code_lists') -%}
    {%- if execute -%}
        {%- set all_codes = code_constants(list) -%}
        {%- set rows = run_query("select code from " ~ code_lists ~ " where list = '" ~ list ~ "' and maps_to = '" ~ word ~ "' order by code") -%}
        {%- set codes = "('" ~ rows.columns[0].values() | join("', '") ~ "')" -%}
        {{ return("(" ~ column ~ " in " ~ codes ~ " or (" ~ column ~ " not in " ~ all_codes ~ " and substr(" ~ column ~ ", 1, 2) in " ~ codes ~ "))") }}
    {%- endif -%}
    {{ return("false") }}
{%- endmacro %}

{# Join that gives the word of a code as `alias`.maps_to. With `parent` a local code outside the list takes the word of its
   national parent (first two digits). #}
{% macro join_word(list, column, alias, parent=false) -%}
left join (select code, maps_to from {{ ref('code_lists') }} where list = '{{ list }}') as {{ alias }}
        on {{ column }} = {{ alias }}.code
    {%- if parent %}
    left join (select code, maps_to from {{ ref('code_lists') }} where list = '{{ list }}') as {{ alias }}_parent
        on substr({{ column }}, 1, 2) = {{ alias }}_parent.code
    {%- endif %}
{%- endmacro %}

{# A row that counts: `vali_flag` absent or 1. #}
{% macro is_valid(column) %}coalesce({{ column }}, '1') = '1'{% endmacro %}

{# Bed days of a settlement: as delivered, else from the dates, at least one; unknown without either. #}
{% macro stay_days(delivered, began_on, ended_on) -%}
coalesce(
    {{ delivered }},
    case
        when {{ began_on }} is not null and {{ ended_on }} is not null
            then greatest({{ dbt.datediff(began_on, ended_on, 'day') }}, 1)
    end
)
{%- endmacro %}
