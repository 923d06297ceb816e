{%- set rows = [] -%}
{%- for page in page_exposures() -%}
    {%- for figure in figures_of_page(page) -%}
        {%- for number in figure.numbers -%}
            {%- do rows.append({
                'page': text(page.name),
                'figure': text(figure.name),
                'position': 'cast(' ~ number.position ~ ' as int)',
                'indicator': text(number.indicator),
                'dims': quoted(number.dims),
                'shown': text(number.show),
                'indicator_before': text(number.get('before')),
                'label_zh': text(number.get('zh')),
                'label_en': text(number.get('en')),
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
{{ literal_rows(rows) }}
