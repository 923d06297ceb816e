select
    record,
    batch_id,
    row_no,
    min(row_key) as row_key,
    {{ dbt.listagg('rule_code', "','", 'order by rule_code') }} as rule_codes

from {{ ref('rule_breaks') }}
where level = 'error'
group by record, batch_id, row_no
