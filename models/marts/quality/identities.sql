{%- set keys = ['region_code', 'region_level', 'period_kind', 'time_period'] -%}

with

split as (

    {% for subject in var('subjects') if not has_every_level(subject) -%}
    {{ identities_of(subject) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

book_months as (

    select
        lag(cumulative_balance) over (partition by book_id order by month_no) as balance_before,
        coalesce(current_balance, 0) as current_balance,
        coalesce(net_transfers, 0) as net_transfers,
        coalesce(delivered_adjustment, 0) as delivered_adjustment,
        found_adjustment,
        cumulative_balance

    from {{ ref('fund_months') }}

),

between_metrics as (

    {{ identity_between(
        'members as reported − duplicates = members', 'enrollment',
        'members_as_reported - duplicate_members', 'members',
        ref('rollup_enrollment'), 'members is not null'
    ) }}

    union all

    {{ identity_between(
        'income − expenditure = current balance', 'fund',
        'fund_income - fund_expenditure', 'fund_current_balance',
        ref('rollup_fund'), 'fund_income is not null'
    ) }}

    union all

    {{ identity_between(
        'opening + current balance + net transfers + adjustment = cumulative balance', 'fund',
        'previous_fund_cumulative_balance + fund_current_balance + fund_net_transfers + fund_adjustment', 'fund_cumulative_balance',
        ref('rollup_fund'),
        "period_kind = 'year' and previous_fund_cumulative_balance is not null "
        "and fund_books_without_balance = 0 and previous_fund_books_without_balance = 0"
    ) }}

    union all

    {{ identity_between(
        'balance of a book a month before + current balance + net transfers + adjustments = its balance', 'fund',
        'balance_before + current_balance + net_transfers + delivered_adjustment + found_adjustment', 'cumulative_balance',
        'book_months', 'balance_before is not null and cumulative_balance is not null'
    ) }}

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
    select * from between_metrics
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
