-- What is known of a book's flows: month by month, and where only a sum of months was delivered, that sum in its last month.
with

flows as (

    select * from {{ ref('int_ledger_counted_entries') }} where item_kind not in ('opening', 'closing')

),

parts as (

    select
        book_id,
        item_kind,
        amount,
        month_no as first_month_no,
        month_no as last_month_no,
        1 as months_covered

    from flows
    where basis_code = 'M'

    union all

    select
        book_id,
        item_kind,
        amount,
        first_month_no,
        last_month_no,
        months_covered

    from {{ ref('int_ledger_cumulative_entries') }}
    where gives = 'months'

),

-- Sums of months whose months meet become one: what is known of a book is known of all its items.
sums as (

    select
        book_id,
        first_month_no,
        last_month_no,
        case
            when first_month_no <= max(last_month_no) over (
                partition by book_id
                order by first_month_no nulls last, last_month_no nulls last
                rows between unbounded preceding and 1 preceding
            ) then 0 else 1
        end as begins

    from (select distinct book_id, first_month_no, last_month_no from parts where months_covered > 1) as sums_of_months

),

sums_numbered as (

    select
        *,
        sum(begins) over (partition by book_id order by first_month_no nulls last, last_month_no nulls last) as sum_no

    from sums

),

spans as (

    select
        book_id,
        sum_no,
        min(first_month_no) as first_month_no,
        max(last_month_no) as last_month_no

    from sums_numbered
    group by book_id, sum_no

),

-- Within a span, the months that stand alone: of a book kept by month and by sum those that no sum has to give.
known_months as (

    select distinct
        flows.book_id,
        flows.month_no

    from flows
    inner join (select distinct book_id, {{ year_of_month('month_no') }} as year_no from {{ ref('int_ledger_cumulative_entries') }} where is_mixed) as mixed_years
        on flows.book_id = mixed_years.book_id
        and flows.year_no = mixed_years.year_no
    where flows.basis_code = 'M'

),

months_in_sums as (

    select
        spans.book_id,
        spans.last_month_no,
        months.month_no

    from spans
    inner join {{ ref('int_months') }} as months on months.month_no between spans.first_month_no and spans.last_month_no
    left join known_months
        on spans.book_id = known_months.book_id
        and months.month_no = known_months.month_no
    where known_months.book_id is null

),

placed as (

    select
        parts.book_id,
        parts.item_kind,
        parts.amount,
        coalesce(months_in_sums.last_month_no, parts.last_month_no) as month_no

    from parts
    left join months_in_sums
        on parts.book_id = months_in_sums.book_id
        and parts.last_month_no = months_in_sums.month_no

),

covered as (

    select
        book_id,
        last_month_no as month_no,
        min(month_no) as first_month_no,
        count(*) as months_covered

    from months_in_sums
    group by book_id, last_month_no

),

books as (

    select distinct
        book_id,
        region_code,
        scheme,
        fund_part

    from flows

)

select
    placed.book_id,
    books.region_code,
    books.scheme,
    books.fund_part,
    placed.month_no,
    coalesce(covered.first_month_no, placed.month_no) as first_month_no,
    coalesce(covered.months_covered, 1) as months_covered,
    sum(case when placed.item_kind = 'income' then placed.amount else 0 end) as income,
    sum(case when placed.item_kind = 'expenditure' then placed.amount else 0 end) as expenditure,
    sum(case when placed.item_kind = 'maternity' then placed.amount else 0 end) as maternity_expenditure,
    sum(case placed.item_kind when 'transfer_in' then placed.amount when 'transfer_out' then -placed.amount else 0 end) as net_transfers,
    sum(case when placed.item_kind = 'adjustment' then placed.amount else 0 end) as adjustment

from placed
inner join books on placed.book_id = books.book_id
left join covered
    on placed.book_id = covered.book_id
    and placed.month_no = covered.month_no
group by
    placed.book_id, books.region_code, books.scheme, books.fund_part, placed.month_no, covered.first_month_no, covered.months_covered
