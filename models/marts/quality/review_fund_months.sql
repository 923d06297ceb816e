-- One row per thing a statistician should look at, with the book it concerns: what was delivered of a month, a balance or an entry is
-- not what a complete ledger would hold.
{# What stood in a book before its first month enters the roll-ups as an adjustment; what stands in it at its end leaves them. #}
{% set of_months = [
    {'finding': 'balance adjusted without a delivered adjustment', 'amount': 'found_adjustment', 'where': 'abs(found_adjustment) > 0.01'},
    {'finding': 'month not delivered', 'where': 'is_lost'},
    {'finding': 'month only within a cumulative figure', 'where': 'is_missing and not is_lost'},
    {'finding': 'book without a balance', 'where': 'month_of_book = 1 and has_balance and cumulative_balance is null'},
    {'finding': 'new book', 'amount': 'new_book_adjustment', 'where': 'month_of_book = 1 and begins_later'},
    {'finding': 'ended book', 'amount': '-balance_before', 'where': 'was_running_before and not is_running and month_no <= last_known_month_no'},
] -%}
{% set of_cumulatives = [
    {'finding': 'cumulative figure falls', 'amount': 'amount_since', 'where': 'is_falling'},
    {'finding': 'cumulative figure not continued', 'where': 'is_discontinued'},
    {'finding': 'cumulative figure completed by months', 'amount': 'amount', 'where': "is_mixed and gives = 'months'"},
    {'finding': 'cumulative figure of a version that months replace in part', 'amount': 'amount_since', 'where': "gives = 'another version'"},
    {'finding': 'cumulative figure contradicts its months', 'amount': 'amount', 'where': "gives = 'nothing new' and abs(amount) > 0.01"},
] -%}
with

last_known_months as (

    select
        {{ fund_of_scheme('scheme') }} as fund,
        max(month_no) as last_month_no

    from {{ ref('int_ledger_known_months') }}
    group by {{ fund_of_scheme('scheme') }}

),

book_months as (

    select
        fund.*,
        months.month,
        row_number() over (partition by fund.book_id order by fund.month_no nulls last) as month_of_book,
        {{ year_of_month('fund.month_no') }} > greatest({{ year_of_month('min(fund.month_no) over (partition by fund.fund)') }}, period.first_year) as begins_later,
        lag(fund.is_running) over (partition by fund.book_id order by fund.month_no nulls last) as was_running_before,
        lag(fund.cumulative_balance) over (partition by fund.book_id order by fund.month_no nulls last) as balance_before,
        known.last_month_no as last_known_month_no

    from {{ ref('int_ledger_fund_months') }} as fund
    inner join last_known_months as known on fund.fund = known.fund
    inner join {{ ref('int_months') }} as months on fund.month_no = months.month_no
    cross join {{ ref('reporting_period') }} as period

),

books as (

    select distinct
        book_id,
        region_code,
        agency_level,
        insurance_type_code,
        part_code,
        scheme,
        fund_part

    from {{ ref('int_ledger_book_rows') }}

),

cumulatives as (

    select
        sums.*,
        months.month,
        books.region_code,
        books.scheme,
        books.fund_part

    from {{ ref('int_ledger_cumulative_entries') }} as sums
    inner join books on sums.book_id = books.book_id
    inner join {{ ref('int_months') }} as months on sums.month_no = months.month_no

),

items_by_month as (

    select
        book_id,
        item_code,
        year_no,
        count(*) as months_listed

    from {{ ref('int_ledger_counted_entries') }}
    where basis_code = 'M'
        and item_kind not in ('opening', 'closing')
    group by book_id, item_code, year_no

),

-- Months that have entries by month, of books and years with several of them.
listed_months as (

    select
        entries.book_id,
        entries.year_no,
        entries.month_no,
        count(*) over (partition by entries.book_id, entries.year_no) as months_listed

    from (
        select distinct book_id, year_no, month_no
        from {{ ref('int_ledger_counted_entries') }}
        where basis_code = 'M'
            and item_kind not in ('opening', 'closing')
    ) as entries

),

findings as (

    {% for found in of_months + of_cumulatives -%}
    select
        '{{ found.finding }}' as finding,
        month,
        region_code,
        scheme,
        fund_part,
        book_id,
        {{ 'null' if found in of_months else 'item_code' }} as item_code,
        {{ found.amount or 'null' }} as amount

    from {{ 'book_months' if found in of_months else 'cumulatives' }}
    where {{ found.where }}

    union all

    {% endfor -%}
    -- It counts as zero there, though the other months have it.
    select
        'item left out in a month' as finding,
        months.month,
        books.region_code,
        books.scheme,
        books.fund_part,
        books.book_id,
        items_by_month.item_code,
        null as amount

    from listed_months
    inner join items_by_month
        on listed_months.book_id = items_by_month.book_id
        and listed_months.year_no = items_by_month.year_no
        and listed_months.months_listed > items_by_month.months_listed
        and listed_months.months_listed * 3 <= items_by_month.months_listed * 4
    inner join books on listed_months.book_id = books.book_id
    inner join {{ ref('int_months') }} as months on listed_months.month_no = months.month_no
    left join {{ ref('int_ledger_counted_entries') }} as entries
        on listed_months.book_id = entries.book_id
        and items_by_month.item_code = entries.item_code
        and listed_months.month_no = entries.month_no
    where entries.book_id is null

    union all

    -- They may be the same money once more.
    select
        'book without an agency level beside books with one' as finding,
        months.month,
        books.region_code,
        books.scheme,
        books.fund_part,
        books.book_id,
        null as item_code,
        null as amount

    from books
    inner join (select book_id, min(month_no) as month_no from {{ ref('int_ledger_book_rows') }} group by book_id) as firsts
        on books.book_id = firsts.book_id
    inner join {{ ref('int_months') }} as months on firsts.month_no = months.month_no
    where books.agency_level is null
        and exists (
            select 1
            from books as others
            where books.region_code = others.region_code
                and books.insurance_type_code = others.insurance_type_code
                and books.part_code = others.part_code
                and others.agency_level is not null
        )

    union all

    select
        'transfers between levels do not cancel in the nation' as finding,
        month,
        '100000' as region_code,
        scheme,
        fund_part,
        null as book_id,
        null as item_code,
        sum(net_transfers) as amount

    from book_months
    group by month, scheme, fund_part
    having abs(sum(net_transfers)) > 0.01

)

select
    findings.finding,
    cast(findings.month as date) as month,
    findings.region_code,
    findings.scheme,
    findings.fund_part,
    findings.book_id,
    cast(findings.item_code as {{ dbt.type_string() }}) as item_code,
    cast(findings.amount as decimal(28, 2)) as amount

from findings
cross join {{ ref('reporting_period') }} as period
where {{ year_of_month(month_index('findings.month')) }} between period.first_year and period.last_year
