with

payments as (

    select
        events.*,
        {{ person_of('events.certificate_key', 'events.certificate_check', 'events.person_number_key') }} as person_id,
        cast({{ month_index('events.served_on') }} as int) as month_no

    from {{ ref('accepted_benefit_payment') }} as events
    where substr(events.benefit_type_code, 1, 2) = 'LT'
        and {{ is_valid('events.valid_flag') }}

)

select
    payments.payment_id,
    payments.person_id,
    payments.region_code,
    payments.month_no,
    {{ year_of_month('payments.month_no') }} as year_no,
    payments.paid_at,
    payments.benefit_type_code,
    -- A device has no way of service of its own.
    coalesce(modes.maps_to, 'other') as service_mode,
    coalesce(grades.maps_to, 'unknown') as care_grade,
    coalesce(scopes.area_scope, 'outside') as area_scope,
    payments.fund_paid,
    payments.person_paid,
    case when payments.benefit_type_code <> 'LT40' then payments.benefit_days end as benefit_days,
    payments.weight

from payments
    {{ join_word('ltc_svc_mode', 'payments.service_mode_code', 'modes') }}
    {{ join_word('ltc_disability_level', 'payments.care_grade_code', 'grades') }}
left join {{ ref('int_ltc_scopes') }} as scopes
    on payments.region_code = scopes.region_code
    and payments.month_no = scopes.month_no
cross join {{ ref('reporting_period') }} as period
where payments.month_no between period.first_flow_month_no and period.last_month_no
