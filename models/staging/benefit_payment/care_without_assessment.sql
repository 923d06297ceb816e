with

payments as (

    select
        *,
        {{ person_of('certificate_key', 'certificate_check', 'person_number_key') }} as person_id

    from {{ ref('accepted_benefit_payment') }}
    where substr(benefit_type_code, 1, 2) = 'LT'
        and {{ is_valid('valid_flag') }}

),

approved as (

    select
        began_on,
        ended_on,
        {{ person_of('certificate_key', 'certificate_check', 'person_number_key') }} as person_id

    from {{ ref('accepted_person_register') }}
    where register_code = 'ltc_assessment'
        and result_code = '1'
        and {{ is_valid('valid_flag') }}

)

select
    payments.batch_id,
    payments.row_no,
    payments.row_key,
    'BPAY-016' as rule_code

from payments
where not exists (
    select 1
    from approved
    where payments.person_id = approved.person_id
        and approved.began_on <= payments.served_on
        and (approved.ended_on is null or approved.ended_on > cast(date_trunc('month', payments.served_on) as date))
)
