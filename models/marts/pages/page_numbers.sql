{%- set rows = [] %}
{%- for page in page_exposures() %}
{%- for figure in figures_of_page(page) %}
{%- for number in figure.numbers %}
{%- if rows %}

union all
{% endif %}
{%- do rows.append(number) %}
select
    {{ text(page.name) }} as page,
    {{ text(figure.name) }} as figure,
    cast({{ number.position }} as int) as position,
    {{ text(number.indicator) }} as indicator,
    '{{ number.dims }}' as dims,
    {{ text(number.show) }} as shown,
    {{ text(number.get('before')) }} as indicator_before,
    {{ text(number.get('zh')) }} as label_zh,
    {{ text(number.get('en')) }} as label_en
{%- endfor %}
{%- endfor %}
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
