{# What is counted of settlements (rule settled-visit-1), said here once:
     a visit      a settlement that is neither interim nor a second reimbursement
     inpatient    a settlement whose kind of care is the word inpatient
     a stay       the inpatient settlements of one visit number of a province, if a visit is among them: counted once, as the last of
                  its visits is (at one time the larger settlement number), with the days of all but second reimbursements #}
{% macro is_visit() %}coalesce(interim_flag, '0') <> '1' and not ({{ is_second_reimbursement() }}){% endmacro %}

{% macro is_second_reimbursement() %}coalesce(settlement_type_code, '0') = '3'{% endmacro %}

{% macro is_inpatient() %}care_type_no = {{ number_of_word('med_type', 'inpatient') }}{% endmacro %}

{% macro stay() %}coalesce(visit_id, settlement_id){% endmacro %}

{% macro last_of_stay() %}case when is_visit then 0 else 1 end nulls last, settled_at desc nulls last, settlement_id desc nulls last{% endmacro %}

{# Days of a settlement of a stay: as delivered, else from the dates, at least one; unknown without either. #}
{% macro stay_days() -%}
case
    when {{ is_second_reimbursement() }} then null
    when bed_days is not null then bed_days
    when began_on is not null and ended_on is not null then greatest({{ dbt.datediff('began_on', 'ended_on', 'day') }}, 1)
end
{%- endmacro %}

{# What a settlement is summed by: month, insured place, its words, province of treatment away from home. #}
{% macro settlement_cell() %}
    {{ return(['month_no', 'region_code', 'scheme', 'member_status', 'care_type', 'hospital_level', 'destination_code', 'weight']) }}
{% endmacro %}

{# The same in a pass over many rows, which groups by numbers of the words. #}
{% macro settlement_cell_in_numbers() %}
    {{ return(['month_no', 'region_code', 'scheme_no', 'member_status_no', 'care_type_no', 'hospital_level_no', 'destination_code', 'weight']) }}
{% endmacro %}

{# The columns of `settlement_cell` out of those numbers. #}
{% macro settlement_words() -%}
    month_no,
    region_code,
    {{ compact_word('insutype', 'scheme_no', 'other') }} as scheme,
    {{ compact_word('psn_type', 'member_status_no', 'unknown') }} as member_status,
    {{ compact_word('med_type', 'care_type_no', 'other') }} as care_type,
    {{ compact_word('hosp_lv', 'hospital_level_no', 'primary_and_below') }} as hospital_level,
    destination_code,
    weight
{%- endmacro %}

{# What of a settlement is summed: visits without stays, which are counted by visit number, and amounts in yuan. #}
{% macro settlement_sums() %}
    {{ return(['visits', 'total_cost', 'fund_paid', 'catalog_cost', 'catalog_fund_paid', 'in_scope_cost', 'in_scope_fund_paid']) }}
{% endmacro %}

{# Settlements out of `rows` with the numbers they are summed by and what of them is summed. #}
{% macro with_settlement_cells(rows) -%}
select
    *,
    {{ is_inpatient() }} as is_inpatient,
    case when is_visit and not ({{ is_inpatient() }}) then 1 else 0 end as visits,
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
        {{ is_visit() }} as is_visit

    from {{ rows }}
) as settlements
{%- endmacro %}
