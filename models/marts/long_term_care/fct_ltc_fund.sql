with

fund as (

    {{ fund_fact(['long_term_care'], []) | indent(4) }}

)

select
    fund.month,
    fund.region_code,
    coalesce(scopes.area_scope, 'outside') as area_scope,
    fund.covers,
    fund.income,
    fund.expenditure,
    fund.current_balance,
    fund.net_transfers,
    fund.adjustment,
    fund.cumulative_balance,
    fund.missing_months,
    fund.new_months,
    fund.doubtful_balances,
    fund.new_balances,
    fund.books_without_balance,
    case when scopes.area_scope in ('unlisted_area', 'unlisted_outside') then 1 else 0 end as unlisted_months

from fund
left join {{ ref('int_ltc_scopes') }} as scopes
    on fund.region_code = scopes.region_code
    and {{ month_index('fund.month') }} = scopes.month_no
