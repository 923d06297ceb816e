{{ config(materialized='view') }}

with

contested as (

    select spells.*

    from {{ ref('spells') }} as spells
    inner join {{ ref('contested_persons') }} as persons
        on spells.population = persons.population
        and spells.person_id = persons.person_id

),

points as (

    select population, person_id, start_month_no as month_no from contested
    union
    select population, person_id, end_month_no from contested

),

intervals as (

    select
        population,
        person_id,
        month_no as start_month_no,
        lead(month_no) over (partition by population, person_id order by month_no) as end_month_no

    from points

),

ranked as (

    select
        contested.population,
        contested.region_code,
        contested.scheme,
        contested.person_class_code,
        contested.employer_type_code,
        contested.account_type_code,
        contested.weight,
        intervals.start_month_no,
        intervals.end_month_no,
        row_number() over (
            partition by intervals.population, intervals.person_id, intervals.start_month_no
            order by {{ spell_precedence('contested') }}
        ) as rank_in_nation,
        row_number() over (
            partition by intervals.population, intervals.person_id, intervals.start_month_no, substr(contested.region_code, 1, 2)
            order by {{ spell_precedence('contested') }}
        ) as rank_in_province

    from intervals
    inner join contested
        on intervals.population = contested.population
        and intervals.person_id = contested.person_id
        and intervals.start_month_no >= contested.start_month_no
        and intervals.end_month_no <= contested.end_month_no

),

alone as (

    select spells.*

    from {{ ref('spells') }} as spells
    left join {{ ref('contested_persons') }} as persons
        on spells.population = persons.population
        and spells.person_id = persons.person_id
    where persons.person_id is null

)

select
    population,
    region_code,
    scheme,
    person_class_code,
    employer_type_code,
    account_type_code,
    start_month_no,
    end_month_no,
    weight as members_as_reported,
    case when rank_in_nation = 1 then weight else 0 end as members

from ranked
where rank_in_province = 1

union all

select
    population,
    region_code,
    scheme,
    person_class_code,
    employer_type_code,
    account_type_code,
    start_month_no,
    end_month_no,
    weight as members_as_reported,
    weight as members

from alone
