{%- set rows = [] -%}
{%- for page in page_exposures() -%}
    {%- for figure in figures_of_page(page) -%}
        {%- set given = figure.given -%}
        {%- set row = {
            'page': text(page.name),
            'position': 'cast(' ~ figure.position ~ ' as int)',
            'figure': text(figure.name),
            'kind': text(given.kind),
            'by_dimension': text(given.get('by')),
            'has_total': 'true' if given.get('total', true) else 'false',
            'shape': text(given.get('shape')),
            'is_half': 'true' if given.get('half', false) else 'false',
            'table_name': text(given.of if given.kind in ['statement', 'list'] else none),
        } -%}
        {%- for name in ['question', 'answer', 'note', 'missing'] %}{% do row.update(in_both(given, name)) %}{% endfor -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
{%- endfor -%}
{{ literal_rows(rows) }}
