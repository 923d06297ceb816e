-- What the books of an area spent on benefits in a year, in cash, beside the benefits for the months of the year. They need not be equal
-- (a benefit of December is paid in January); more than 5 % of difference is to be looked at.
with

ledger as (

    select
        entries.region_code,
        entries.month_no,
        coalesce(sums.amount, entries.amount) as amount

    from {{ ref('int_ledger_counted_entries') }} as entries
    left join {{ ref('int_ledger_cumulative_entries') }} as sums
        on entries.basis_code = 'C'
        and entries.book_id = sums.book_id
        and entries.item_code = sums.item_code
        and entries.month_no = sums.month_no
        and sums.gives = 'months'
    where entries.scheme = 'long_term_care'
        and entries.item_code = 'E01'
        and (entries.basis_code = 'M' or sums.book_id is not null)

),

amounts as (

    select
        region_code,
        month_no,
        amount as ledger_benefits,
        0 as paid

    from ledger

    union all

    select
        region_code,
        cast({{ month_index('month') }} as int) as month_no,
        0 as ledger_benefits,
        paid

    from {{ ref('fct_ltc_benefits') }}

),

by_area as (

    select
        {{ year_of_month('amounts.month_no') }} as year,
        coalesce(scopes.area_code, {{ prefecture_of('amounts.region_code') }}) as region_code,
        cast(sum(amounts.ledger_benefits) as decimal(28, 2)) as ledger_benefits,
        cast(sum(amounts.paid) as decimal(28, 2)) as paid

    from amounts
    cross join {{ ref('reporting_period') }} as period
    left join {{ ref('int_ltc_scopes') }} as scopes
        on amounts.region_code = scopes.region_code
        and amounts.month_no = scopes.month_no
    where amounts.month_no between period.first_flow_month_no and period.last_month_no
    group by {{ year_of_month('amounts.month_no') }}, coalesce(scopes.area_code, {{ prefecture_of('amounts.region_code') }})

)

select
    cast(year as int) as year,
    region_code,
    ledger_benefits,
    paid,
    cast(paid - ledger_benefits as decimal(28, 2)) as difference,
    cast(round({{ ratio('paid - ledger_benefits', 'ledger_benefits', 100) }}, 1) as decimal(28, 1)) as difference_pct

from by_area
where abs(paid - ledger_benefits) > 0.05 * abs(ledger_benefits)
