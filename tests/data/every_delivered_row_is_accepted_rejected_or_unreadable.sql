-- Per batch: rows delivered (counted when the file was read) = rows found in the lake, accepted or rejected, + unreadable.
select
    batch_id,
    rows_delivered,
    rows_accepted,
    rows_rejected,
    rows_unreadable

from {{ ref('batches') }}
where rows_delivered <> rows_accepted + rows_rejected + rows_unreadable
    or rows_accepted < 0
