{{ config(materialized='view') }}
{%- set spell = ['region_code', 'scheme', 'has_maternity', 'member_status', 'employer_type', 'account_mode',
                 'start_month_no', 'end_month_no', 'is_enrolled'] | join(',\n        ') %}

with

points as (

    select population, person_id, start_month_no as month_no from {{ ref('spells') }}
    union
    select population, person_id, end_month_no from {{ ref('spells') }}

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
        spells.population,
        spells.region_code,
        spells.scheme,
        spells.member_status,
        spells.employer_type,
        spells.account_mode,
        spells.weight,
        intervals.start_month_no,
        intervals.end_month_no,
        row_number() over (
            partition by intervals.population, intervals.person_id, intervals.start_month_no
            order by {{ spell_precedence('spells') }}
        ) as rank_in_nation,
        row_number() over (
            partition by intervals.population, intervals.person_id, intervals.start_month_no, substr(spells.region_code, 1, 2)
            order by {{ spell_precedence('spells') }}
        ) as rank_in_province

    from intervals
    inner join {{ ref('spells') }} as spells
        on intervals.population = spells.population
        and intervals.person_id = spells.person_id
        and intervals.start_month_no >= spells.start_month_no
        and intervals.end_month_no <= spells.end_month_no

),

-- Every spell as it was delivered, without those whose time is divided above.
undivided as (

    select
        {{ spell }},
        {{ weighted('spells') }} as members

    from {{ ref('condensed_enrollments') }}
    where not is_rejected

    union all

    select
        {{ spell }},
        -weight as members

    from {{ ref('single_enrollments') }}
    where not is_rejected

)

select
    population,
    region_code,
    scheme,
    member_status,
    employer_type,
    account_mode,
    start_month_no,
    end_month_no,
    weight as members_as_reported,
    case when rank_in_nation = 1 then weight else 0 end as members

from ranked
where rank_in_province = 1

union all

{{ members_of_populations('undivided', ['members as members_as_reported', 'members']) }}
