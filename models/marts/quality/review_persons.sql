-- Findings are counted, not listed: a list of persons is personal.
with

identities as (

    select
        person_number_key,
        certificate_key,
        certificate_check,
        {{ province_of('region_code') }} as province_code

    from {{ accepted_singles('enrollment') }} as single

),

by_certificate as (

    select min(province_code) as province_code, count(distinct person_number_key) as person_numbers
    from identities
    where certificate_check in ('valid', 'other_type')
    group by certificate_key

),

by_person_number as (

    select min(province_code) as province_code, count(distinct certificate_key) as certificates
    from identities
    where certificate_check in ('valid', 'other_type')
    group by person_number_key

)

select
    'one certificate under several person numbers, taken as one person' as finding,
    province_code,
    count(*) as persons

from by_certificate
where person_numbers > 1
group by province_code

union all

select
    'one person number with several certificates, taken as several persons' as finding,
    province_code,
    count(*) as persons

from by_person_number
where certificates > 1
group by province_code
