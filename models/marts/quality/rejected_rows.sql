select
    record,
    batch_id,
    row_no,
    {{ listed('rule_code', ',') }} as rule_codes

from {{ ref('rule_breaks') }}
where level = 'error'
group by record, batch_id, row_no
