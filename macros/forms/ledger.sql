{# The form ledger: books of funds, kept by item and month. Models from int_ledger_book_rows to int_ledger_fund_months hold every book; a fact takes
   those of its funds. #}

{# The fund to which the books of a scheme belong: employees and residents have the two schemes of basic insurance, every other
   scheme is a fund of its own. #}
{% macro fund_of_scheme(scheme) %}case when {{ scheme }} in ('employee', 'resident') then 'basic_insurance' else {{ scheme }} end{% endmacro %}

{# Months of the books of some funds. #}
{% macro fund_months(funds) -%}
(select * from {{ ref('int_ledger_fund_months') }} where fund in ('{{ funds | join("', '") }}'))
{%- endmacro %}

{# Body of a fact of funds: what their books say by region, `dimensions` (columns of int_ledger_fund_months) and the period that amounts
   cover. Amounts stand in the last month they cover, with the shortest kind of period that holds all months they cover; what was
   not delivered is counted beside them, so that a roll-up knows what it lacks. #}
{% macro fund_fact(funds, dimensions) -%}
{%- set names = dimensions | map('string') | join(', ') ~ (', ' if dimensions) -%}
with

books as (

    select
        fund.*,
        months.month,
        coalesce(fund.months_covered, 0) = 1 as is_one_month

    from {{ fund_months(funds) }} as fund
    inner join {{ ref('int_months') }} as months on fund.month_no = months.month_no
    cross join {{ ref('reporting_period') }} as period
    where fund.month_no between period.first_stock_month_no and period.last_month_no

),

by_covered_period as (

    select
        month,
        region_code,
        {{ names }}
        'month' as covers,
        case when is_one_month then income end as income,
        case when is_one_month then expenditure end as expenditure,
        case when is_one_month then current_balance end as current_balance,
        case when is_one_month then maternity_expenditure end as maternity_expenditure,
        case when is_one_month then net_transfers end as net_transfers,
        case when is_one_month then delivered_adjustment end as delivered_adjustment,
        coalesce(found_adjustment, 0) + coalesce(new_book_adjustment, 0) + coalesce(ended_book_adjustment, 0) as other_adjustment,
        cumulative_balance,
        expenditure_of_12_months,
        case when is_missing or is_gone then 1 else 0 end as missing_months,
        case when is_new then 1 else 0 end as new_months,
        case when is_doubtful_balance or (is_gone and not has_balance) then 1 else 0 end as doubtful_balances,
        case when is_new_balance then 1 else 0 end as new_balances,
        case when has_balance and cumulative_balance is null then 1 else 0 end as books_without_balance,
        case when has_balance and expenditure_of_12_months is null then 1 else 0 end as books_without_12_months

    from books

    union all

    select
        month,
        region_code,
        {{ names }}
        case when floor(first_month_no / 6.0) = floor(month_no / 6.0) then 'half' else 'year' end as covers,
        income,
        expenditure,
        current_balance,
        maternity_expenditure,
        net_transfers,
        delivered_adjustment,
        0 as other_adjustment,
        null as cumulative_balance,
        null as expenditure_of_12_months,
        -months_covered as missing_months,
        0 as new_months,
        0 as doubtful_balances,
        0 as new_balances,
        0 as books_without_balance,
        0 as books_without_12_months

    from books
    where months_covered > 1

)

select
    month,
    region_code,
    {{ names }}
    covers,
    cast(sum(income) as decimal(28, 2)) as income,
    cast(sum(expenditure) as decimal(28, 2)) as expenditure,
    cast(sum(current_balance) as decimal(28, 2)) as current_balance,
    cast(sum(maternity_expenditure) as decimal(28, 2)) as maternity_expenditure,
    cast(sum(net_transfers) as decimal(28, 2)) as net_transfers,
    cast(
        case
            when count(delivered_adjustment) > 0 or max(abs(other_adjustment)) > 0
                then coalesce(sum(delivered_adjustment), 0) + sum(other_adjustment)
        end as decimal(28, 2)
    ) as adjustment,
    cast(sum(cumulative_balance) as decimal(28, 2)) as cumulative_balance,
    cast(sum(expenditure_of_12_months) as decimal(28, 2)) as expenditure_of_12_months,
    cast(sum(missing_months) as int) as missing_months,
    cast(sum(new_months) as int) as new_months,
    cast(sum(doubtful_balances) as int) as doubtful_balances,
    cast(sum(new_balances) as int) as new_balances,
    cast(sum(books_without_balance) as int) as books_without_balance,
    cast(sum(books_without_12_months) as int) as books_without_12_months

from by_covered_period
group by month, region_code, {{ names }}covers
{%- endmacro %}
