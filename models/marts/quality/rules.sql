{%- for record in var('records') %}
{%- set outer = loop %}
{%- for rule in rules_of(record) %}
{%- if not (outer.first and loop.first) %}
union all
{%- endif %}
select
    '{{ record }}' as record,
    '{{ rule.code }}' as rule_code,
    '{{ rule.level }}' as level,
    '{{ rule.category }}' as category,
    {{ text(rule.zh) }} as message_zh,
    {{ text(rule.en) }} as message_en,
    {{ text(rule.sql) }} as true_of_good_rows,
    cast({{ rule.bit }} as bigint) as bit
{%- endfor %}
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
