{# Periods as text: 2024, 2024-S1, 2024-05. #}

{% macro period_text(year, month) -%}
cast({{ year }} as {{ dbt.type_string() }}) || case when {{ month }} < 10 then '-0' else '-' end || cast({{ month }} as {{ dbt.type_string() }})
{%- endmacro %}

{# A month index as text. #}
{% macro month_text(month_no) %}{{ period_text(year_of_month(month_no), month_of_year(month_no)) }}{% endmacro %}

{# The same period a year before: '2024-05' becomes '2023-05'. #}
{% macro year_before(period) -%}
(cast(cast(substr({{ period }}, 1, 4) as int) - 1 as {{ dbt.type_string() }}) || substr({{ period }}, 5))
{%- endmacro %}
