{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
{%- set cell = settlement_cell() | join(',\n    ') %}
{%- set details = {} %}
{%- for column in ['row_key', 'updated_at', 'settlement_id', 'cancelled_settlement_id', 'visit_id', 'is_refund', 'settled_at', 'began_on', 'ended_on',
    'bed_days', 'counts_as_visit'] %}
    {%- do details.update({column: column}) %}
{%- endfor %}
{#- Inside the case: for the other rows the list is never made. #}
{%- do details.update({'amounts': list_of(settlement_amounts())}) %}

with

classified as (

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

    from {{ ref('checked_settlement') }}

),

marked as (

    select
        *,
        broken_rules <> 0
        or is_refund
        or care_type_no = {{ number_of_word('med_type', 'inpatient') }}
        or {{ key_hash('row_key') }} in (select key_hash from {{ ref('compared_settlement_keys') }})
        or {{ key_hash('settlement_id') }} in (select key_hash from {{ ref('compared_settlement_keys') }}) as is_single

    from classified

)

select
    {{ cell }},
    is_valid,
    broken_rules,
    {{ is_rejected('settlement') }} as is_rejected,
    care_type_no = {{ number_of_word('med_type', 'inpatient') }} as is_inpatient,
    case when is_single then batch_id end as batch_id,
    case when is_single then row_no end as row_no,
    any_value(case when is_single then {{ struct_of(details) }} end) as single,
    count(*) as settlements,
    sum(case when counts_as_visit then 1 else 0 end) as visits,
    sum(total_cost) as total_cost,
    sum(fund_paid) as fund_paid,
    sum(case when own_expense is not null then total_cost - own_expense end) as catalog_cost,
    sum(case when own_expense is not null then fund_paid end) as catalog_fund_paid,
    sum(in_scope_cost) as in_scope_cost,
    sum(case when in_scope_cost is not null then fund_paid end) as in_scope_fund_paid

from marked
group by
    {{ cell }},
    is_valid,
    broken_rules,
    case when is_single then batch_id end,
    case when is_single then row_no end
