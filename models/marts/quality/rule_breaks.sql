-- One row per row and rule it breaks, from the rules of a row itself and from those that need other rows.
{%- for record in var('records') %}
{{ 'union all' if not loop.first }}
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
{%- endfor %}
{%- for finder in var('finders') %}

union all

select
    rules.record,
    found.batch_id,
    found.row_no,
    found.row_key,
    rules.rule_code,
    rules.level

from {{ ref(finder) }} as found
inner join {{ ref('rules') }} as rules on found.rule_code = rules.rule_code
{%- endfor %}
