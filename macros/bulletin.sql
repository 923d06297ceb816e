{# Body of a bulletin table: one row per region and year, each column one printed figure. A column is
   [name, indicator, {dimension: value}, 'value' | 'change' | 'growth_pct']; a dimension that is not named is total. #}
{% macro bulletin_table(columns, levels=none) -%}
with

figures as (

    select * from {{ ref('bulletin_figures') }}
    where region_level in ('{{ (levels or var('bulletin_levels')) | join("', '") }}')
        and indicator in (
            {%- set indicators = columns | map(attribute=1) | unique | list -%}
            {%- for indicator in indicators %}'{{ indicator }}'{{ ', ' if not loop.last }}{% endfor -%}
        )

)

select
    year,
    region_code,
    region_level,
    {%- for column in columns %}
    max(case
        when indicator = '{{ column[1] }}'
            and dims = '{{ dims_of(column[2]) }}'
            then printed_{{ column[3] if column | length > 3 else 'value' }}
    end) as {{ column[0] }}{{ ',' if not loop.last }}
    {%- endfor %}

from figures
group by year, region_code, region_level
{%- endmacro %}

{# The same columns for the two schemes: visits, cost, and the inpatient figures by hospital level. #}
{% macro benefit_columns(scheme) %}
    {%- set s = {'scheme': scheme} -%}
    {{ return([
        ['benefit_visits', 'benefit_visits', s],
        ['benefit_visits_growth', 'benefit_visits', s, 'growth_pct'],
        ['institution_visits', 'institution_visits', s],
        ['institution_visits_growth', 'institution_visits', s, 'growth_pct'],
        ['outpatient_emergency_visits', 'benefit_visits', {'scheme': scheme, 'care_type': 'outpatient_emergency'}],
        ['outpatient_chronic_visits', 'benefit_visits', {'scheme': scheme, 'care_type': 'outpatient_chronic'}],
        ['inpatient_visits', 'benefit_visits', {'scheme': scheme, 'care_type': 'inpatient'}],
        ['pharmacy_visits', 'benefit_visits', {'scheme': scheme, 'care_type': 'pharmacy'}],
        ['medical_cost', 'medical_cost', s],
        ['medical_cost_growth', 'medical_cost', s, 'growth_pct'],
        ['institution_cost', 'institution_cost', s],
        ['pharmacy_cost', 'medical_cost', {'scheme': scheme, 'care_type': 'pharmacy'}],
    ]) }}
{% endmacro %}

{% macro inpatient_columns(scheme) %}
    {%- set columns = [['discharges', 'discharges', {'scheme': scheme}], ['hospitalization_rate', 'hospitalization_rate', {'scheme': scheme}]] -%}
    {%- for name, indicator in [('cost_per_stay', 'avg_inpatient_cost'), ('length_of_stay', 'avg_length_of_stay'), ('payment_ratio', 'inpatient_catalog_payment_ratio')] -%}
        {%- do columns.append([name, indicator, {'scheme': scheme}]) -%}
        {%- for level in ['tertiary', 'secondary', 'primary_and_below'] -%}
            {%- do columns.append([name ~ '_' ~ level, indicator, {'scheme': scheme, 'hospital_level': level}]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}
