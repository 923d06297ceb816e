select
    'balance adjusted without a delivered adjustment' as finding,
    months.month,
    fund.region_code,
    fund.scheme,
    fund.fund_part,
    fund.found_adjustment as amount

from {{ ref('fund_months') }} as fund
inner join {{ ref('months') }} as months on fund.month_no = months.month_no
where abs(fund.found_adjustment) > 0.01

union all

select
    'transfers between levels do not cancel in the nation' as finding,
    months.month,
    '100000' as region_code,
    fund.scheme,
    fund.fund_part,
    sum(fund.net_transfers) as amount

from {{ ref('fund_months') }} as fund
inner join {{ ref('months') }} as months on fund.month_no = months.month_no
group by months.month, fund.scheme, fund.fund_part
having abs(sum(fund.net_transfers)) > 0.01
