select
    months.month,
    fund.region_code,
    fund.scheme,
    fund.fund_part,
    cast(fund.income as decimal(28, 2)) as income,
    cast(fund.expenditure as decimal(28, 2)) as expenditure,
    cast(fund.current_balance as decimal(28, 2)) as current_balance,
    cast(fund.maternity_expenditure as decimal(28, 2)) as maternity_expenditure,
    cast(fund.net_transfers as decimal(28, 2)) as net_transfers,
    cast(fund.adjustment as decimal(28, 2)) as adjustment,
    cast(fund.cumulative_balance as decimal(28, 2)) as cumulative_balance,
    cast(fund.expenditure_of_12_months as decimal(28, 2)) as expenditure_of_12_months

from {{ ref('fund_months') }} as fund
inner join {{ ref('months') }} as months on fund.month_no = months.month_no
cross join {{ ref('reporting_period') }} as period
where fund.month_no between period.first_stock_month_no and period.last_month_no
