{# Region arithmetic on six-digit codes, by the counting rules: a prefecture is the first four digits, a municipality is
   one prefecture, county-level cities run as cities or by their province are their own, and an abolished prefecture counts under
   its successor. The collective row of the cities that a province runs is no place: what stands on it is the province's own. #}

{% macro province_of(code) %}(substr({{ code }}, 1, 2) || '0000'){% endmacro %}

{# Whose deliveries a region's figure rests on: its province's, the nation's. #}
{% macro delivering_region(place) %}case when {{ place }}.region_level = 'nation' then {{ place }}.region_code else {{ province_of(place ~ '.region_code') }} end{% endmacro %}

{% macro prefecture_of(code) -%}
case
    when substr({{ code }}, 1, 2) in ('11', '12', '31', '50') then substr({{ code }}, 1, 2) || '0100'
    when substr({{ code }}, 3, 4) = '0000' then substr({{ code }}, 1, 2) || '9900'
    when {{ is_one_of(code, var('counties_run_as_cities')) }} then {{ code }}
    when {{ is_one_of('substr(' ~ code ~ ', 1, 4)', var('run_by_the_province')) }} and substr({{ code }}, 5, 2) = '00' then substr({{ code }}, 1, 2) || '9900'
    else coalesce(
        {{ looked_up_text(code, var('successors_of_counties')) }},
        {{ looked_up_text('substr(' ~ code ~ ', 1, 4)', var('successor_prefectures')) }},
        case when {{ is_one_of('substr(' ~ code ~ ', 1, 4)', var('run_by_the_province')) }} then {{ code }} end,
        substr({{ code }}, 1, 4) || '00'
    )
end
{%- endmacro %}

{% macro looked_up_text(column, words) -%}
    {%- set values = [] -%}
    {%- for word in words.values() -%}{%- do values.append("'" ~ word ~ "'") -%}{%- endfor -%}
    {{ return(looked_up(column, words.keys() | list, values)) }}
{%- endmacro %}

{% macro province_known(code) -%}
({{ code }} is not null and length({{ code }}) = 6 and {{ is_one_of("substr(" ~ code ~ ", 1, 2)", var("province_prefixes")) }})
{%- endmacro %}

{# The province of treatment away from home, that is outside the insured prefecture; null at home. Whoever is insured at a
   province's own level is at home in all of it. #}
{% macro destination_of(insured, treated) -%}
case
    when {{ insured }} = {{ treated }} then null
    when substr({{ insured }}, 1, 2) <> substr({{ treated }}, 1, 2) then {{ province_of(treated) }}
    when substr({{ prefecture_of(insured) }}, 3, 2) = '99' then null
    when {{ prefecture_of(insured) }} <> {{ prefecture_of(treated) }} then {{ province_of(treated) }}
end
{%- endmacro %}

{% macro travel_scope(insured, destination) -%}
case
    when {{ destination }} is null then 'local'
    when {{ destination }} = {{ province_of(insured) }} then 'in_province'
    else 'cross_province'
end
{%- endmacro %}
