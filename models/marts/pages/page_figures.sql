{%- set rows = [] %}
{%- for page in page_exposures() %}
{%- for figure in figures_of_page(page) %}
{%- set given = figure.given %}
{%- if rows %}

union all
{% endif %}
{%- do rows.append(figure) %}
select
    {{ text(page.name) }} as page,
    cast({{ figure.position }} as int) as position,
    {{ text(figure.name) }} as figure,
    {{ text(given.kind) }} as kind,
    {{ text(given.get('by')) }} as by_dimension,
    {{ 'true' if given.get('total', true) else 'false' }} as has_total,
    {{ text(given.get('shape')) }} as shape,
    {{ 'true' if given.get('half', false) else 'false' }} as is_half,
    {{ text(given.of if given.kind in ['statement', 'list'] else none) }} as table_name,
    {{- in_both(given, 'question') }},
    {{- in_both(given, 'answer') }},
    {{- in_both(given, 'note') }},
    {{- in_both(given, 'missing') }}
{%- endfor %}
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
