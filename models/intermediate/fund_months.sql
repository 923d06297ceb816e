with

series as (

    select
        ledger.region_code,
        ledger.scheme,
        ledger.fund_part,
        min(ledger.month_no) as first_month_no,
        {{ year_of_month('max(ledger.month_no)') }} * 12 + 11 as last_month_no

    from {{ ref('ledger_months') }} as ledger
    group by ledger.region_code, ledger.scheme, ledger.fund_part

),

-- Every month of the series has a row, so that a month without entries keeps its balance.
dense as (

    select
        series.region_code,
        series.scheme,
        series.fund_part,
        months.month_no,
        coalesce(ledger.income, 0) as income,
        coalesce(ledger.expenditure, 0) as expenditure,
        coalesce(ledger.maternity_expenditure, 0) as maternity_expenditure,
        coalesce(ledger.net_transfers, 0) as net_transfers,
        coalesce(ledger.adjustment, 0) as delivered_adjustment,
        ledger.month_no is not null as has_entries,
        ledger.opening,
        ledger.closing

    from series
    inner join {{ ref('months') }} as months
        on months.month_no between series.first_month_no and series.last_month_no
    left join {{ ref('ledger_months') }} as ledger
        on series.region_code = ledger.region_code
        and series.scheme = ledger.scheme
        and series.fund_part = ledger.fund_part
        and months.month_no = ledger.month_no

),

running as (

    select
        *,
        sum(income - expenditure + net_transfers + delivered_adjustment) over (
            partition by region_code, scheme, fund_part order by month_no
        ) as flows_so_far,
        sum(expenditure) over (
            partition by region_code, scheme, fund_part order by month_no rows between 11 preceding and current row
        ) as expenditure_of_12_months,
        count(*) over (
            partition by region_code, scheme, fund_part order by month_no rows between 11 preceding and current row
        ) as months_of_12,
        row_number() over (partition by region_code, scheme, fund_part order by month_no) as month_of_series

    from dense

),

-- The level of the balance above the flows so far, wherever a balance was delivered: the opening of a year counts before
-- the flows of its month, a closing after them.
levels as (

    select
        *,
        opening - (flows_so_far - (income - expenditure + net_transfers + delivered_adjustment)) as opening_level,
        closing - flows_so_far as closing_level

    from running

),

-- The opening stands on every month of a year in some books; only its first month of the year says something.
anchors as (

    select
        *,
        coalesce(
            closing_level,
            case
                when row_number() over (
                    partition by region_code, scheme, fund_part, {{ year_of_month('month_no') }}, opening_level is null
                    order by month_no
                ) = 1 then opening_level
            end
        ) as level_known

    from levels

),

grouped as (

    select
        *,
        count(level_known) over (partition by region_code, scheme, fund_part order by month_no) as level_no

    from anchors

),

levelled as (

    select
        *,
        max(level_known) over (partition by region_code, scheme, fund_part, level_no) as level_so_far,
        max(case when level_no = 1 then level_known end) over (partition by region_code, scheme, fund_part) as first_level,
        max(case when month_of_series = 1 then opening_level end) over (partition by region_code, scheme, fund_part) as first_opening

    from grouped

),

balanced as (

    select
        *,
        coalesce(level_so_far, first_level) as level_now,
        coalesce(
            lag(coalesce(level_so_far, first_level)) over (partition by region_code, scheme, fund_part order by month_no),
            first_opening,
            first_level
        ) as level_before

    from levelled

)

select
    region_code,
    scheme,
    fund_part,
    month_no,
    has_entries,
    income,
    expenditure,
    income - expenditure as current_balance,
    maternity_expenditure,
    net_transfers,
    delivered_adjustment,
    coalesce(level_now - level_before, 0) as found_adjustment,
    delivered_adjustment + coalesce(level_now - level_before, 0) as adjustment,
    flows_so_far + level_now as cumulative_balance,
    case when months_of_12 = 12 then expenditure_of_12_months end as expenditure_of_12_months

from balanced
