-- Days of payments that stay: a cancelling row has the days of the payment it cancels.
with

payments as (

    select
        events.*,
        {{ person_of('events.certificate_key', 'events.certificate_check', 'events.person_number_key') }} as person_id

    from ({{ counted_events(candidates_of('benefit_payment'), ref('benefit_cancellings')) }}) as events
    where substr(events.benefit_type_code, 1, 2) = 'LT'

),

summed as (

    select
        *,
        sum(benefit_days) over (partition by person_id, served_on) as days_of_person

    from payments

)

select
    batch_id,
    row_no,
    row_key,
    'BPAY-017' as rule_code

from summed
where days_of_person > extract(day from served_on)
