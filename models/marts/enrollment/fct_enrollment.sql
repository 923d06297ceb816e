with

changes as (

    select * from {{ ref('int_enrollment_member_changes') }} where population = 'basic'

),

by_month as (

    {{ stocks_by_month(
        'changes',
        ['region_code', 'scheme', 'member_status', 'employer_type', 'account_mode'],
        ['members', 'members_as_reported']
    ) | indent(4) }}

),

with_base as (

    select
        *,
        lag(members, 12) over (
            partition by region_code, scheme, member_status, employer_type, account_mode
            order by month nulls last
        ) as members_a_year_before

    from by_month

)

select
    month,
    region_code,
    scheme,
    member_status,
    employer_type,
    account_mode,
    cast(members as decimal(28, 6)) as members,
    cast(members_as_reported as decimal(28, 6)) as members_as_reported,
    cast(members_as_reported - members as decimal(28, 6)) as duplicate_members,
    -- The base of the hospitalisation rate is a yearly figure: mean of two year-ends for employees, the year-end for residents.
    cast(
        case
            when month_of_year <> 12 then null
            when scheme = 'employee' then {{ half_of('members + members_a_year_before') }}
            else members
        end as decimal(28, 6)
    ) as hospitalization_base

from with_base
where members_as_reported <> 0
    or coalesce(members_a_year_before, 0) <> 0
