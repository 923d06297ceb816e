-- Findings are counted, not listed: a list of persons is personal.
with

several_numbers as (

    select
        {{ province_of('region_code') }} as province_code,
        count(*) as persons

    from {{ ref('checked_enrollment_persons_to_compare') }}
    where has_several_numbers
    group by {{ province_of('region_code') }}

),

numbers as (

    select min(try_cast(insured_region_code as int)) as region_no
    from {{ current_rows('enrollment') }} as staged
    where certificate_check in ('valid', 'other_type')
        and person_number_key is not null
    group by {{ key_hash('person_number_key') }}
    having min({{ key_hash('certificate_key') }}) <> max({{ key_hash('certificate_key') }})

),

several_certificates as (

    select
        {{ province_of('cast(region_no as ' ~ dbt.type_string() ~ ')') }} as province_code,
        count(*) as persons

    from numbers
    group by {{ province_of('cast(region_no as ' ~ dbt.type_string() ~ ')') }}

)

select
    'one certificate under several person numbers, taken as one person' as finding,
    province_code,
    persons

from several_numbers

union all

select
    'one person number with several certificates, taken as several persons' as finding,
    province_code,
    persons

from several_certificates
