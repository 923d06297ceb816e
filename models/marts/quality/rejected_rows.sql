select
    record,
    batch_id,
    row_no,
    {{ dbt.listagg('rule_code', "','", 'order by rule_code') }} as rule_codes

from {{ ref('rule_breaks') }}
where level = 'error'
group by record, batch_id, row_no
