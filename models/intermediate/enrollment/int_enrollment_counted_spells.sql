{{ config(materialized='view') }}
{%- set spell = ['region_code', 'scheme', 'has_maternity', 'member_status', 'employer_type', 'account_mode',
                 'start_month_no', 'end_month_no', 'is_enrolled'] | join(',\n        ') %}

with

ranked as (

    select
        divided.*,
        row_number() over (
            partition by divided.population, divided.person_id, divided.piece_start_no
            order by {{ spell_precedence('divided') }}
        ) as rank_in_nation,
        row_number() over (
            partition by divided.population, divided.person_id, divided.piece_start_no, substr(divided.region_code, 1, 2)
            order by {{ spell_precedence('divided') }}
        ) as rank_in_province

    from {{ divided_rows(ref('int_enrollment_spells'), ['population', 'person_id']) }} as divided

),

-- Every spell as it was delivered, without those whose time is divided above.
undivided as (

    select
        {{ spell }},
        {{ weighted('spells') }} as members

    from {{ ref('checked_enrollment_pass') }}
    where not is_rejected

    union all

    select
        {{ spell }},
        -weight as members

    from {{ ref('checked_enrollment_rows_to_compare') }}
    where not is_rejected

)

select
    population,
    region_code,
    scheme,
    member_status,
    employer_type,
    account_mode,
    piece_start_no as start_month_no,
    piece_end_no as end_month_no,
    weight as members_as_reported,
    case when rank_in_nation = 1 then weight else 0 end as members

from ranked
where rank_in_province = 1

union all

{{ members_of_populations('undivided', ['members as members_as_reported', 'members']) }}
