with

changes as (

    select region_code, month_no, sum(members) as members
    from {{ ref('int_enrollment_member_changes') }}
    where population = 'maternity'
    group by region_code, month_no

),

members as (

    {{ stocks_by_month('changes', ['region_code'], ['members']) | indent(4) }}

),

benefits as (

    select
        cube.region_code,
        cube.month,
        sum(cube.visits) as visits,
        sum(cube.medical_cost) as medical_cost

    from {{ ref('int_settlement_care') }} as cube
    cross join {{ ref('reporting_period') }} as period
    where cube.care_type = 'maternity'
        and cube.month between {{ month_end('period.first_flow_month_no') }} and {{ month_end('period.last_month_no') }}
    group by cube.region_code, cube.month

)

select
    coalesce(members.month, benefits.month) as month,
    coalesce(members.region_code, benefits.region_code) as region_code,
    cast(members.members as decimal(28, 6)) as members,
    cast(benefits.visits as decimal(28, 6)) as visits,
    cast(benefits.medical_cost as decimal(28, 8)) as medical_cost

from members
full outer join benefits
    on members.region_code = benefits.region_code
    and members.month = benefits.month
