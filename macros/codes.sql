{# The codes of a list. #}
{% macro codes_of(list) -%}
    {{ return(first_column("select code from " ~ ref('code_lists') ~ " where list = '" ~ list ~ "' order by code")) }}
{%- endmacro %}

{# The words of a code list, in the order of their numbers from 1. #}
{% macro words_of(list) -%}
    {{ return(first_column("select distinct maps_to from " ~ ref('code_lists') ~ " where list = '" ~ list ~ "' and maps_to is not null order by maps_to")) }}
{%- endmacro %}

{# A code's word as its number in `words_of`: a pass over many rows groups by small numbers, and the words stand in its result.
   A code without a word gets that of `otherwise` (0 when no code has that word); with `parent` a local code outside the list
   first takes the word of its national parent (first two digits). #}
{% macro word_number(list, column, otherwise, parent=false) -%}
    {%- set code_lists = ref('code_lists') -%}
    {%- if execute -%}
        {%- set words = words_of(list) -%}
        {%- set codes = [] -%}
        {%- set numbers = [] -%}
        {%- for row in rows_of("select code, maps_to from " ~ code_lists ~ " where list = '" ~ list ~ "' and maps_to is not null order by code") -%}
            {%- do codes.append(row[0]) -%}
            {%- do numbers.append(words.index(row[1]) + 1) -%}
        {%- endfor -%}
        {{ return("coalesce(" ~ looked_up(column, codes, numbers) ~ ", " ~ (looked_up("substr(" ~ column ~ ", 1, 2)", codes, numbers) ~ ", " if parent) ~ (words.index(otherwise) + 1 if otherwise in words else 0) ~ ")") }}
    {%- endif -%}
    {{ return("0") }}
{%- endmacro %}

{# The word of a number of `word_number`. #}
{% macro word(list, number, otherwise) -%}
case when {{ number }} > 0 then {{ list_item(list_of(words_as_literals(list)), number) }} else '{{ otherwise }}' end
{%- endmacro %}

{# The same as a type that groups like a number, where an engine has one: for millions of cells. It is cast to text where they end. #}
{% macro compact_word(list, number, otherwise) %}{{ return(adapter.dispatch('compact_word', 'gongbao')(list, number, otherwise)) }}{% endmacro %}
{% macro duckdb__compact_word(list, number, otherwise) -%}
{%- set type = "enum('" ~ (words_of(list) | reject('equalto', otherwise) | list + [otherwise]) | join("', '") ~ "')" -%}
case when {{ number }} > 0 then {{ list_item('cast(' ~ list_of(words_as_literals(list)) ~ ' as ' ~ type ~ '[])', number) }} else cast('{{ otherwise }}' as {{ type }}) end
{%- endmacro %}
{% macro spark__compact_word(list, number, otherwise) %}{{ word(list, number, otherwise) }}{% endmacro %}

{% macro words_as_literals(list) -%}
    {%- set literals = [] -%}
    {%- for word in words_of(list) -%}{%- do literals.append("'" ~ word ~ "'") -%}{%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}

{# The number of one word of a list. #}
{% macro number_of_word(list, word) -%}
    {%- if execute -%}{{ return(words_of(list).index(word) + 1) }}{%- endif -%}
    {{ return(0) }}
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
