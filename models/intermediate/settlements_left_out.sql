select
    batch_id,
    row_no,
    reason

from {{ ref('checked_settlement') }}
where is_rejected

union all

select
    batch_id,
    row_no,
    case when rule_code is null then 'refund' else 'refused refund' end as reason

from {{ ref('refunds') }}

union all

select
    original_batch_id as batch_id,
    original_row_no as row_no,
    'refunded' as reason

from {{ ref('refunds') }}
where rule_code is null
