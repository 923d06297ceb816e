-- Cumulative entries of income, expenditure, transfers and adjustments, and the months each of them alone gives: those since its
-- last one (of an item that was zero until then: since the book's last cumulative report, or January) that have no entry by month.
with

flows as (

    select * from {{ ref('int_ledger_counted_entries') }} where item_kind not in ('opening', 'closing')

),

-- A book with an item on both bases in a year is kept by month and by sum: there an item that a month does not list is zero.
items_of_years as (

    select
        book_id,
        item_code,
        year_no,
        count(case when basis_code = 'M' then 1 end) as by_month,
        count(case when basis_code = 'C' then 1 end) as cumulative

    from flows
    group by book_id, item_code, year_no

),

mixed_years as (

    select distinct
        book_id,
        year_no

    from items_of_years
    where by_month > 0
        and cumulative > 0

),

reports as (

    select
        book_id,
        month_no,
        lag(month_no) over (partition by book_id, year_no order by month_no nulls last) as last_month_no

    from (select distinct book_id, year_no, month_no from flows where basis_code = 'C') as months_reported

),

cumulatives as (

    select
        flows.*,
        mixed_years.book_id is not null as is_mixed,
        items_of_years.by_month > 0 as has_months,
        -- A sum does not go away: an item that had one and is not reported was left out.
        case
            when lag(flows.amount) over item_of_year <> 0 then lag(flows.month_no) over item_of_year + 1
            else coalesce(reports.last_month_no + 1, flows.year_no * 12)
        end as first_month_no,
        lead(flows.month_no) over item_of_year is null
        and flows.amount <> 0
        and flows.month_no < max(reports.month_no) over (partition by flows.book_id, flows.year_no) as is_discontinued,
        coalesce(lag(flows.month_no) over item_of_year + 1, flows.year_no * 12) as first_month_of_sum,
        flows.amount - coalesce(lag(flows.amount) over item_of_year, 0) as amount_since

    from flows
    inner join reports
        on flows.book_id = reports.book_id
        and flows.month_no = reports.month_no
    inner join items_of_years
        on flows.book_id = items_of_years.book_id
        and flows.item_code = items_of_years.item_code
        and flows.year_no = items_of_years.year_no
    left join mixed_years
        on flows.book_id = mixed_years.book_id
        and flows.year_no = mixed_years.year_no
    where flows.basis_code = 'C'
    window item_of_year as (partition by flows.book_id, flows.item_code, flows.year_no order by flows.month_no nulls last)

),

-- What entries by month already give of it.
given_by_month as (

    select
        cumulatives.book_id,
        cumulatives.item_code,
        cumulatives.month_no,
        sum(flows.amount) as amount,
        min(flows.version_rank) as best_rank

    from cumulatives
    inner join flows
        on cumulatives.book_id = flows.book_id
        and cumulatives.item_code = flows.item_code
        and flows.month_no between cumulatives.first_month_of_sum and cumulatives.month_no
    where flows.basis_code = 'M'
    group by cumulatives.book_id, cumulatives.item_code, cumulatives.month_no

),

months_left as (

    select
        cumulatives.book_id,
        cumulatives.item_code,
        cumulatives.month_no,
        count(*) as months_left,
        min(months.month_no) as first_month_left,
        max(months.month_no) as last_month_left

    from cumulatives
    inner join {{ ref('int_months') }} as months on months.month_no between cumulatives.first_month_no and cumulatives.month_no
    left join (select distinct book_id, month_no from flows where basis_code = 'M') as by_month
        on cumulatives.is_mixed
        and cumulatives.book_id = by_month.book_id
        and months.month_no = by_month.month_no
    where by_month.book_id is null
    group by cumulatives.book_id, cumulatives.item_code, cumulatives.month_no

)

select
    cumulatives.book_id,
    cumulatives.item_code,
    cumulatives.item_kind,
    cumulatives.version_rank,
    cumulatives.month_no,
    cumulatives.amount_since,
    cumulatives.amount_since - coalesce(given_by_month.amount, 0) as amount,
    cumulatives.is_mixed,
    cumulatives.is_discontinued,
    cumulatives.amount_since < 0 and cumulatives.item_kind <> 'adjustment' as is_falling,
    case
        when given_by_month.best_rank < cumulatives.version_rank then 'another version'
        when months_left.months_left is null and cumulatives.has_months then 'nothing new'
        else 'months'
    end as gives,
    coalesce(months_left.months_left, cumulatives.month_no - cumulatives.first_month_no + 1) as months_covered,
    coalesce(months_left.first_month_left, cumulatives.first_month_no) as first_month_no,
    coalesce(months_left.last_month_left, cumulatives.month_no) as last_month_no

from cumulatives
left join given_by_month
    on cumulatives.book_id = given_by_month.book_id
    and cumulatives.item_code = given_by_month.item_code
    and cumulatives.month_no = given_by_month.month_no
left join months_left
    on cumulatives.book_id = months_left.book_id
    and cumulatives.item_code = months_left.item_code
    and cumulatives.month_no = months_left.month_no
