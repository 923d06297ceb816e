{%- set keys = ['region_code', 'region_level', 'period_kind', 'time_period'] -%}

with

split as (

    {% for subject in subjects() -%}
    {{ identities_of(subject) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

members as (

    select
        'members as reported − duplicates = members' as identity,
        'enrollment' as subject,
        count(*) as compared,
        count(case when members_as_reported - duplicate_members <> members then 1 end) as failed,
        cast(max(abs(members_as_reported - duplicate_members - members)) as decimal(38, 8)) as largest_difference

    from {{ ref('rollup_enrollment') }}
    where members is not null

),

balances as (

    select
        'income − expenditure = current balance' as identity,
        'fund' as subject,
        count(*) as compared,
        count(case when fund_income - fund_expenditure <> fund_current_balance then 1 end) as failed,
        cast(max(abs(fund_income - fund_expenditure - fund_current_balance)) as decimal(38, 8)) as largest_difference

    from {{ ref('rollup_fund') }}
    where fund_income is not null

),

roll_forward as (

    select
        'opening + current balance + net transfers + adjustment = cumulative balance' as identity,
        'fund' as subject,
        count(*) as compared,
        count(case
            when previous_fund_cumulative_balance + fund_current_balance + fund_net_transfers + fund_adjustment <> fund_cumulative_balance then 1
        end) as failed,
        cast(max(abs(
            previous_fund_cumulative_balance + fund_current_balance + fund_net_transfers + fund_adjustment - fund_cumulative_balance
        )) as decimal(38, 8)) as largest_difference

    from {{ ref('rollup_fund') }}
    where period_kind = 'year'
        and previous_fund_cumulative_balance is not null

),

stays as (

    select
        'inpatient benefit visits = discharges' as identity,
        'care' as subject,
        count(*) as compared,
        count(case when visits.benefit_visits <> stays.discharges then 1 end) as failed,
        cast(max(abs(visits.benefit_visits - stays.discharges)) as decimal(38, 8)) as largest_difference

    from {{ ref('rollup_care') }} as visits
    inner join {{ ref('rollup_care') }} as stays
        on {% for key in keys %}visits.{{ key }} = stays.{{ key }}
        and {% endfor %}visits.scheme = stays.scheme
        and visits.member_status = stays.member_status
        and visits.hospital_level = stays.hospital_level
        and stays.care_type = '_T'
    where visits.care_type = 'inpatient'

),

together as (

    select * from split
    union all
    select * from members
    union all
    select * from balances
    union all
    select * from roll_forward
    union all
    select * from stays

)

select
    identity,
    subject,
    compared,
    failed,
    coalesce(largest_difference, 0) as largest_difference,
    case when compared = 0 then 'nothing compared' when failed > 0 then 'fails' else 'holds' end as status

from together
