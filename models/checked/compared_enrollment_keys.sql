{{ config(materialized='table') }}

with

identities as (

    select
        person_number_key,
        certificate_key,
        certificate_check in ('valid', 'other_type') as is_certified,
        {{ person_of('certificate_key', 'certificate_check', 'person_number_key') }} as person_id,
        {{ month_index('started_on') }} as start_month_no,
        coalesce({{ month_index('suspended_on') }}, 999999) as end_month_no

    from {{ current_rows('enrollment') }} as staged

),

-- Spells meet when, both in order, an end comes after the start that follows it. Of two and three spells the order can be told
-- from smallest, largest and sum; persons with more are all compared.
persons_to_resolve as (

    select {{ key_hash('person_id') }} as key_hash
    from identities
    where start_month_no <= end_month_no
    group by {{ key_hash('person_id') }}
    having count(*) > 3
        or (count(*) = 3 and min(end_month_no) > sum(start_month_no) - min(start_month_no) - max(start_month_no))
        or (count(*) = 3 and sum(end_month_no) - min(end_month_no) - max(end_month_no) > max(start_month_no))
        or (count(*) = 2 and min(end_month_no) > max(start_month_no))
        or min({{ key_hash('person_number_key') }}) <> max({{ key_hash('person_number_key') }})

),

numbers_of_several_persons as (

    select {{ key_hash('person_number_key') }} as key_hash
    from identities
    where is_certified
    group by {{ key_hash('person_number_key') }}
    having min({{ key_hash('certificate_key') }}) <> max({{ key_hash('certificate_key') }})

)

{{ repeated_hashes('enrollment') }}

union

select key_hash from persons_to_resolve

union

select key_hash from numbers_of_several_persons
