-- A book month by month from its first to its last delivered month and, for what it leaves behind, to the end of the year after:
-- its balance stays to the end of its last year, and in the next January it leaves the roll-ups if later ledgers do not continue it.
with

delivered as (

    select
        book_id,
        region_code,
        scheme,
        fund_part,
        {{ fund_of_scheme('scheme') }} as fund,
        min(month_no) as first_month_no,
        min(case when item_kind <> 'closing' then month_no end) as first_entry_no,
        max(month_no) as last_month_no

    from {{ ref('int_ledger_counted_entries') }}
    group by book_id, region_code, scheme, fund_part

),

known as (

    select * from {{ ref('int_ledger_known_months') }}

),

books as (

    select
        delivered.book_id,
        delivered.region_code,
        delivered.scheme,
        delivered.fund_part,
        delivered.fund,
        least(delivered.first_month_no, coalesce(flows.first_month_no, delivered.first_month_no)) as first_month_no,
        -- A closing balance alone, before the first entry, opens a book but is no month of it.
        least(delivered.first_entry_no, coalesce(flows.first_month_no, delivered.first_entry_no)) as first_run_month_no,
        delivered.last_month_no,
        {{ year_of_month('delivered.last_month_no') }} * 12 + 11 as last_balance_month_no

    from delivered
    left join (select book_id, min(first_month_no) as first_month_no from known group by book_id) as flows
        on delivered.book_id = flows.book_id

),

-- Of a fund's books that begin in the first of these years nothing is new, and after the last of them nothing ends.
ledger_years as (

    select
        books.fund,
        greatest(min({{ year_of_month('books.first_month_no') }}), max(period.first_year)) as first_year,
        least(max({{ year_of_month('books.last_month_no') }}), max(period.last_year)) as last_year

    from books
    cross join {{ ref('reporting_period') }} as period
    group by books.fund

),

balances as (

    select
        book_id,
        month_no,
        max(case when item_kind = 'opening' then amount end) as opening,
        max(case when item_kind = 'closing' then amount end) as closing

    from {{ ref('int_ledger_counted_entries') }}
    where item_kind in ('opening', 'closing')
    group by book_id, month_no

),

-- The opening balance of a year may stand on every month of it; the first one counts, before all flows of the year.
openings as (

    select
        book_id,
        opening,
        {{ year_of_month('month_no') }} as year_no,
        row_number() over (partition by book_id, {{ year_of_month('month_no') }} order by month_no nulls last) as opening_no

    from balances
    where opening is not null

),

dense as (

    select
        books.book_id,
        books.region_code,
        books.scheme,
        books.fund_part,
        books.fund,
        months.month_no,
        coalesce(months.month_no between books.first_run_month_no and books.last_month_no, false) as is_running,
        coalesce(months.month_no - 12 between books.first_run_month_no and books.last_month_no, false) as was_running,
        months.month_no <= books.last_balance_month_no as has_balance,
        months.month_no - 12 between books.first_month_no and books.last_balance_month_no as had_balance,
        books.last_month_no,
        books.last_balance_month_no,
        known.first_month_no,
        known.months_covered,
        known.income,
        known.expenditure,
        known.maternity_expenditure,
        known.net_transfers,
        known.adjustment as delivered_adjustment,
        coalesce(known.income - known.expenditure + known.net_transfers + known.adjustment, 0) as net_flow,
        row_number() over (partition by books.book_id order by months.month_no nulls last) as month_of_book

    from books
    inner join ledger_years on books.fund = ledger_years.fund
    inner join {{ ref('int_months') }} as months
        on months.month_no between books.first_month_no
        and least(greatest(books.last_balance_month_no + 1, books.last_month_no + 12), ledger_years.last_year * 12 + 11)
    left join known
        on books.book_id = known.book_id
        and months.month_no = known.month_no

),

-- A month is missing unless it has entries of its own; then a later sum may still cover it.
marked as (

    select
        dense.*,
        dense.is_running and coalesce(dense.months_covered, 0) <> 1 as is_missing,
        coalesce(
            min(dense.first_month_no) over (
                partition by dense.book_id
                order by dense.month_no nulls last
                rows between current row and unbounded following
            ) <= dense.month_no,
            false
        ) as is_in_sum,
        openings.opening,
        balances.closing

    from dense
    left join openings
        on dense.book_id = openings.book_id
        and openings.opening_no = 1
        and {{ year_of_month('dense.month_no') }} = openings.year_no
        and (dense.month_of_book = 1 or {{ month_of_year('dense.month_no') }} = 1)
    left join balances
        on dense.book_id = balances.book_id
        and dense.month_no = balances.month_no

),

running as (

    select
        *,
        is_missing and not is_in_sum as is_lost,
        is_missing and is_in_sum and months_covered is null as is_within_sum,
        sum(net_flow) over (partition by book_id order by month_no nulls last) as flows_so_far,
        sum(expenditure) over twelve_months as expenditure_so_far,
        count(case when is_running then 1 end) over twelve_months as months_run,
        count(case when is_missing and not is_in_sum then 1 end) over twelve_months as months_lost,
        min(first_month_no) over twelve_months as first_month_of_sums

    from marked
    window twelve_months as (partition by book_id order by month_no nulls last rows between 11 preceding and current row)

),

-- The level of the balance above the flows so far, wherever a balance was delivered: an opening counts before the flows of its
-- month, a closing after them. A closing in the middle of a sum of months says nothing, since its flows are not known.
levels as (

    select
        *,
        opening - (flows_so_far - net_flow) as opening_level,
        case when not is_within_sum then closing - flows_so_far end as closing_level

    from running

),

anchors as (

    select
        book_id,
        month_no,
        coalesce(closing_level, opening_level) as level_known,
        row_number() over (partition by book_id order by month_no nulls last) as anchor_no

    from levels
    where coalesce(closing_level, opening_level) is not null

),

-- A delivered balance that differs by no more than 0.01 from what was carried forward is equal to it.
carried as (

    select
        book_id,
        {{ carried_forward('level_known', 'anchor_no', 0.01) }} as levels  -- noqa: PRS

    from anchors
    group by book_id

),

settled as (

    select
        anchors.book_id,
        anchors.month_no,
        {{ list_item('carried.levels', 'cast(anchors.anchor_no as int)') }} as level_known

    from anchors
    inner join carried on anchors.book_id = carried.book_id

),

grouped as (

    select
        levels.*,
        settled.level_known,
        count(settled.level_known) over (partition by levels.book_id order by levels.month_no nulls last) as level_no

    from levels
    left join settled
        on levels.book_id = settled.book_id
        and levels.month_no = settled.month_no

),

levelled as (

    select
        *,
        max(level_known) over (partition by book_id, level_no) as level_so_far,
        max(case when level_no = 1 then level_known end) over (partition by book_id) as first_level,
        max(case when month_of_book = 1 then opening_level end) over (partition by book_id) as first_opening,
        count(case when is_lost and closing_level is null then 1 end) over (partition by book_id, level_no order by month_no nulls last) as months_lost_since

    from grouped

),

balanced as (

    select
        *,
        coalesce(level_so_far, first_level) as level_now,
        coalesce(
            lag(coalesce(level_so_far, first_level)) over (partition by book_id order by month_no nulls last),
            first_opening,
            first_level
        ) as level_before

    from levelled

)

select
    balanced.book_id,
    balanced.region_code,
    balanced.scheme,
    balanced.fund_part,
    balanced.fund,
    balanced.month_no,
    balanced.is_running,
    balanced.is_missing,
    balanced.is_lost,
    balanced.month_no > balanced.last_month_no and (balanced.was_running or balanced.has_balance) as is_gone,
    balanced.is_running and not balanced.was_running as is_new,
    balanced.has_balance,
    balanced.has_balance and not balanced.had_balance as is_new_balance,
    balanced.first_month_no,
    balanced.months_covered,
    balanced.income,
    balanced.expenditure,
    balanced.income - balanced.expenditure as current_balance,
    balanced.maternity_expenditure,
    balanced.net_transfers,
    balanced.delivered_adjustment,
    case when balanced.has_balance then coalesce(balanced.level_now - balanced.level_before, 0) end as found_adjustment,
    case
        when balanced.month_of_book = 1 and {{ year_of_month('balanced.month_no') }} > ledger_years.first_year
            then balanced.level_before
    end as new_book_adjustment,
    case
        when balanced.month_no = balanced.last_balance_month_no + 1
            then -lag(balanced.flows_so_far + balanced.level_now) over (partition by balanced.book_id order by balanced.month_no nulls last)
    end as ended_book_adjustment,
    case when balanced.has_balance then balanced.flows_so_far + balanced.level_now end as cumulative_balance,
    balanced.has_balance
    and (balanced.months_lost_since > 0 or balanced.is_within_sum or balanced.month_no > balanced.last_month_no) as is_doubtful_balance,
    case
        when balanced.months_run = 12
            and balanced.months_lost = 0
            and not balanced.is_within_sum
            and coalesce(balanced.first_month_of_sums >= balanced.month_no - 11, true)
            then balanced.expenditure_so_far
    end as expenditure_of_12_months

from balanced
inner join ledger_years on balanced.fund = ledger_years.fund
