{# The amounts of a settlement that a refund must reverse. #}
{% macro settlement_amounts() %}
    {{ return(['total_cost', 'own_expense', 'above_limit', 'paid_first', 'in_scope_cost', 'deductible_paid', 'fund_paid', 'pooled_fund_paid',
               'civil_servant_paid', 'enterprise_supplement_paid', 'critical_illness_paid', 'large_amount_paid', 'disabled_servicemen_paid',
               'assistance_paid', 'other_funds_paid', 'person_paid', 'account_paid', 'cash_paid', 'hospital_borne', 'family_account_paid']) }}
{% endmacro %}

{# What a settlement is summed by: month, insured place, its words as numbers, province of treatment away from home. #}
{% macro settlement_cell() %}
    {{ return(['month_no', 'insured_region_code', 'scheme_no', 'member_status_no', 'care_type_no', 'hospital_level_no', 'destination_code', 'weight']) }}
{% endmacro %}
