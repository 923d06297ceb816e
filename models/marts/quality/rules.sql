{%- set rows = [] -%}
{%- for record in var('records') -%}
    {%- for rule in rules_of(record) -%}
        {%- do rows.append({
            'record': text(record),
            'rule_code': text(rule.code),
            'level': text(rule.level),
            'category': text(rule.category),
            'message_zh': text(rule.zh),
            'message_en': text(rule.en),
            'true_of_good_rows': text(rule.sql),
            'bit': 'cast(' ~ rule.bit ~ ' as bigint)',
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{{ literal_rows(rows) }}
