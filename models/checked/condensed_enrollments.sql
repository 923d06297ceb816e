{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
{%- set numbers = ['insured_region_code', 'scheme_no', 'has_maternity', 'member_status_no', 'employer_type_no', 'account_mode_no',
    'start_month_no', 'end_month_no', 'is_enrolled', 'weight', 'broken_rules'] %}
{%- set details = {} %}
{%- for column in ['row_key', 'updated_at', 'spell_id', 'started_on', 'person_id', 'person_number_key', 'certificate_key', 'certificate_check'] %}
    {%- do details.update({column: column}) %}
{%- endfor %}
{%- set employee = number_of_word('insutype', 'employee') %}

with

classified as (

    select
        checked.*,
        {{ word_number('insutype', 'checked.insurance_type_code', 'other') }} as scheme_no,
        coalesce(checked.maternity_insured_flag, '0') = '1' as is_flagged_maternity,
        {{ word_number('psn_type', 'substr(checked.person_type_code, 1, 2)', 'unknown') }} as member_status_no,
        case
            when coalesce(checked.employer_type_code, '') = '' then {{ number_of_word('emp_type', 'flexible_other') }}
            else {{ word_number('emp_type', 'checked.employer_type_code', 'enterprise') }}
        end as employer_no,
        {{ word_number('hi_type', 'checked.account_type_code', 'unknown') }} as account_no,
        {{ is_valid('checked.valid_flag') }} and checked.enrollment_status_code not in ('0', '3') as is_enrolled,
        {{ person_of('checked.certificate_key', 'checked.certificate_check', 'checked.person_number_key') }} as person_id,
        greatest(cast({{ month_index('checked.started_on') }} as int), period.first_stock_month_no) as start_month_no,
        least(coalesce(cast({{ month_index('checked.suspended_on') }} as int), period.last_month_no + 1), period.last_month_no + 1) as end_month_no

    from {{ ref('checked_enrollment') }} as checked
    cross join {{ ref('reporting_period') }} as period

),

marked as (

    select
        *,
        scheme_no = {{ employee }} and is_flagged_maternity as has_maternity,
        case when scheme_no = {{ employee }} then employer_no end as employer_type_no,
        case when scheme_no = {{ employee }} then account_no end as account_mode_no,
        broken_rules <> 0
        or {{ key_hash('row_key') }} in (select key_hash from {{ ref('compared_enrollment_keys') }})
        or {{ key_hash('person_id') }} in (select key_hash from {{ ref('compared_enrollment_keys') }})
        or {{ key_hash('person_number_key') }} in (select key_hash from {{ ref('compared_enrollment_keys') }}) as is_single

    from classified

),

condensed as (

    select
        {{ numbers | join(',\n        ') }},
        case when is_single then batch_id end as batch_id,
        case when is_single then row_no end as row_no,
        any_value(case when is_single then {{ struct_of(details) }} end) as single,
        count(*) as spells

    from marked
    group by
        {{ numbers | join(',\n        ') }},
        case when is_single then batch_id end,
        case when is_single then row_no end

)

select
    insured_region_code as region_code,
    {{ word('insutype', 'scheme_no', 'other') }} as scheme,
    has_maternity,
    {{ word('psn_type', 'member_status_no', 'unknown') }} as member_status,
    case when employer_type_no is null then '_Z' else {{ word('emp_type', 'employer_type_no', 'enterprise') }} end as employer_type,
    case when account_mode_no is null then '_Z' else {{ word('hi_type', 'account_mode_no', 'unknown') }} end as account_mode,
    start_month_no,
    end_month_no,
    is_enrolled,
    weight,
    broken_rules,
    {{ is_rejected('enrollment') }} as is_rejected,
    batch_id,
    row_no,
    single,
    spells

from condensed
