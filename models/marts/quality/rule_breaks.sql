-- One row per row and rule it breaks, from the rules of a row itself and from those that need other rows.
{% for record in var('records') %}
select
    '{{ record }}' as record,
    checked.batch_id,
    checked.row_no,
    checked.row_key,
    rules.rule_code,
    rules.level

from {{ ref('checked_' ~ record) }} as checked
inner join {{ ref('rules') }} as rules
    on rules.record = '{{ record }}'
    and {{ bit_and('checked.broken_rules', 'rules.bit') }} <> 0

union all
{% endfor %}
select
    'settlement' as record,
    refunds.batch_id,
    refunds.row_no,
    refunds.row_key,
    rules.rule_code,
    rules.level

from {{ ref('refunds') }} as refunds
inner join {{ ref('rules') }} as rules on refunds.rule_code = rules.rule_code

union all

select
    'fund_ledger' as record,
    refusals.batch_id,
    refusals.row_no,
    refusals.row_key,
    rules.rule_code,
    rules.level

from {{ ref('ledger_refusals') }} as refusals
inner join {{ ref('rules') }} as rules on refusals.rule_code = rules.rule_code
