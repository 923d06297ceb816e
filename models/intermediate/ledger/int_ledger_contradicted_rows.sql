-- Ledger rows that other rows contradict: cumulative entries whose months were all delivered and add up to something else (there the
-- months count), and entries that stand once without and once with their agency level.
select distinct
    entries.batch_id,
    entries.row_no,
    entries.row_key,
    'FUND-011' as rule_code

from {{ ref('int_ledger_cumulative_entries') }} as sums
inner join {{ ref('int_ledger_book_rows') }} as entries
    on sums.book_id = entries.book_id
    and sums.month_no = entries.month_no
    and sums.version_rank = entries.version_rank
    and entries.basis_code = 'C'
    and substr(entries.item_code, 1, length(sums.item_code)) = sums.item_code
where sums.gives = 'nothing new'
    and abs(sums.amount) > 0.01
    and not entries.is_repeated

union all

select
    batch_id,
    row_no,
    row_key,
    'FUND-012' as rule_code

from {{ ref('int_ledger_book_rows') }}
where is_repeated
