{# What a settlement is summed by: month, insured place, its words as numbers, province of treatment away from home. #}
{% macro settlement_cell() %}
    {{ return(['month_no', 'insured_region_code', 'scheme_no', 'member_status_no', 'care_type_no', 'hospital_level_no', 'destination_code', 'weight']) }}
{% endmacro %}

{# What of a settlement is summed: visits without inpatient stays, which are counted by visit, and amounts in yuan. #}
{% macro settlement_sums() %}
    {{ return(['visits', 'total_cost', 'fund_paid', 'catalog_cost', 'catalog_fund_paid', 'in_scope_cost', 'in_scope_fund_paid']) }}
{% endmacro %}

{# Settlements out of `rows` with what they are summed by and what of them is summed. #}
{% macro with_settlement_cells(rows) -%}
{%- set is_inpatient = 'care_type_no = ' ~ number_of_word('med_type', 'inpatient') -%}
select
    *,
    {{ is_inpatient }} as is_inpatient,
    case when counts_as_visit and not ({{ is_inpatient }}) then 1 else 0 end as visits,
    total_cost - own_expense as catalog_cost,
    case when own_expense is not null then fund_paid end as catalog_fund_paid,
    case when in_scope_cost is not null then fund_paid end as in_scope_fund_paid

from (
    select
        *,
        {{ month_index('settled_at') }} as month_no,
        {{ word_number('insutype', 'insurance_type_code', 'other') }} as scheme_no,
        {{ word_number('psn_type', 'substr(person_type_code, 1, 2)', 'unknown') }} as member_status_no,
        {{ word_number('med_type', 'visit_type_code', 'other', parent=true) }} as care_type_no,
        {{ word_number('hosp_lv', 'hospital_level_code', 'primary_and_below') }} as hospital_level_no,
        {{ destination_of('insured_region_code', 'treatment_region_code') }} as destination_code,
        {{ is_valid('valid_flag') }} as is_valid,
        coalesce(interim_flag, '0') <> '1' and coalesce(settlement_type_code, '0') <> '3' as counts_as_visit

    from {{ rows }}
) as settlements
{%- endmacro %}
