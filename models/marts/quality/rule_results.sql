select
    batches.record,
    batches.batch_id,
    rules.rule_code,
    rules.level,
    rules.category,
    rules.message_zh,
    rules.message_en,
    batches.rows_typed as rows_checked,
    coalesce(breaks.rows_broken, 0) as rows_broken

from {{ ref('stg_batches') }} as batches
inner join {{ ref('rules') }} as rules on batches.record = rules.record
left join (
    select batch_id, rule_code, count(*) as rows_broken
    from {{ ref('rule_breaks') }}
    group by batch_id, rule_code
) as breaks
    on batches.batch_id = breaks.batch_id
    and rules.rule_code = breaks.rule_code
