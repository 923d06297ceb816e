{%- set rows = [] -%}
{%- for page in page_exposures() -%}
    {%- set meta = page.config.meta -%}
    {%- set controls = [] -%}
    {%- for parameter, dimension in meta.get('controls', {}).items() %}{% do controls.append(parameter ~ '=' ~ dimension) %}{% endfor -%}
    {%- set row = {
        'page': text(page.name),
        'position': 'cast(' ~ loop.index ~ ' as int)',
        'label_zh': text(page.label),
        'label_en': text(meta.label_en),
    } -%}
    {%- for name in ['title', 'missing'] %}{% do row.update(in_both(meta, name)) %}{% endfor -%}
    {%- do row.update({
        'view_name': text(meta.get('view')),
        'is_for_staff': 'true' if meta.get('staff', false) else 'false',
        'staff_tables': text(meta.get('staff_tables', []) | join(' ')),
        'controls': text(controls | join(' ')),
        'indicators': text(indicators_of_page(page) | join(' ')),
    }) -%}
    {%- do rows.append(row) -%}
{%- endfor -%}
{{ literal_rows(rows) }}
