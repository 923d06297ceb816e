with

changes as (

    select * from {{ ref('member_changes') }} where population = 'basic'

),

groups as (

    select distinct region_code, scheme, member_status, employer_type, account_mode from changes

),

by_month as (

    select
        groups.region_code,
        groups.scheme,
        groups.member_status,
        groups.employer_type,
        groups.account_mode,
        months.month,
        months.month_of_year,
        coalesce(sum(changes.members) over (
            partition by groups.region_code, groups.scheme, groups.member_status, groups.employer_type, groups.account_mode
            order by months.month_no
        ), 0) as members,
        coalesce(sum(changes.members_as_reported) over (
            partition by groups.region_code, groups.scheme, groups.member_status, groups.employer_type, groups.account_mode
            order by months.month_no
        ), 0) as members_as_reported

    from groups
    cross join {{ ref('reporting_period') }} as period
    inner join {{ ref('months') }} as months
        on months.month_no between period.first_stock_month_no and period.last_month_no
    left join changes
        on groups.region_code = changes.region_code
        and groups.scheme = changes.scheme
        and groups.member_status = changes.member_status
        and groups.employer_type is not distinct from changes.employer_type
        and groups.account_mode is not distinct from changes.account_mode
        and months.month_no = changes.month_no

),

with_base as (

    select
        *,
        lag(members, 12) over (
            partition by region_code, scheme, member_status, employer_type, account_mode
            order by month
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
