{{ config(materialized='table') }}

with

identities as (

    select
        {{ key_hash(person_of('certificate_key', 'certificate_check', 'person_number_key')) }} as person_hash,
        case when person_number_key is not null then {{ key_hash('person_number_key') }} end as number_hash,
        try_cast(insured_region_code as int) as region_no,
        {{ month_index('started_on') }} as start_month_no,
        coalesce({{ month_index('suspended_on') }}, 999999) as end_month_no

    from {{ current_rows('enrollment') }} as staged

),

-- Spells meet when, both in order, an end comes after the start that follows it. Of two and three spells the order can be told
-- from smallest, largest and sum; persons with more are all compared.
persons as (

    select
        person_hash,
        min(region_no) as region_no,
        min(number_hash) <> max(number_hash) as has_several_numbers,
        count(*) > 3
        or (count(*) = 3 and min(end_month_no) > sum(start_month_no) - min(start_month_no) - max(start_month_no))
        or (count(*) = 3 and sum(end_month_no) - min(end_month_no) - max(end_month_no) > max(start_month_no))
        or (count(*) = 2 and min(end_month_no) > max(start_month_no)) as may_overlap

    from identities
    where start_month_no <= end_month_no
    group by person_hash

)

select
    person_hash,
    cast(region_no as {{ dbt.type_string() }}) as region_code,
    has_several_numbers,
    may_overlap

from persons
where has_several_numbers
    or may_overlap
