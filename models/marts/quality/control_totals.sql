select
    totals.batch_id,
    totals.measure,
    totals.expected,
    totals.delivered,
    totals.delivered - totals.expected as difference,
    case when totals.delivered = totals.expected then 'equal' else 'differs' end as status

from {{ ref('stg_control_totals') }} as totals
