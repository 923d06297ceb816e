-- Ranks are taken on the full rate, largest surplus first.
with

figures as (

    select *
    from {{ ref('printed_years') }}
    where region_level = 'province'
        and indicator in (
            'fund_income', 'fund_expenditure', 'fund_current_balance', 'fund_cumulative_balance', 'fund_surplus_rate', 'fund_months_payable'
        )

),

by_province as (

    select
        year,
        region_code,
        dims,
        max(case when indicator = 'fund_income' then printed_value end) as income,
        max(case when indicator = 'fund_expenditure' then printed_value end) as expenditure,
        max(case when indicator = 'fund_current_balance' then printed_value end) as current_balance,
        max(case when indicator = 'fund_cumulative_balance' then printed_value end) as cumulative_balance,
        max(case when indicator = 'fund_surplus_rate' then printed_value end) as surplus_rate,
        max(case when indicator = 'fund_surplus_rate' then value end) as full_surplus_rate,
        max(case when indicator = 'fund_months_payable' then printed_value end) as months_payable

    from figures
    group by year, region_code, dims

)

select
    by_province.year,
    by_province.region_code,
    by_province.dims,
    series.dims_zh,
    series.dims_en,
    by_province.income,
    by_province.expenditure,
    by_province.current_balance,
    by_province.cumulative_balance,
    by_province.surplus_rate,
    case
        when by_province.full_surplus_rate is not null
            then cast(rank() over (partition by by_province.year, by_province.dims order by by_province.full_surplus_rate desc nulls last) as int)
    end as surplus_rank,
    by_province.months_payable

from by_province
inner join {{ ref('series') }} as series
    on by_province.dims = series.dims
    and series.indicator = 'fund_income'
