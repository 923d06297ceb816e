select
    batch_id,
    row_no,
    broken_rules,
    is_rejected,
    is_valid,
    single.*

from {{ ref('condensed_settlements') }}
where batch_id is not null
