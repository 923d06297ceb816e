{%- for page in page_exposures() %}
{%- set meta = page.config.meta %}
{%- if not loop.first %}

union all
{% endif %}
select
    {{ text(page.name) }} as page,
    cast({{ loop.index }} as int) as position,
    {{ text(page.label) }} as label_zh,
    {{ text(meta.label_en) }} as label_en,
    {{- in_both(meta, 'title') }},
    {{- in_both(meta, 'missing') }},
    {{ text(meta.get('view')) }} as view_name,
    {{ 'true' if meta.get('staff', false) else 'false' }} as is_for_staff,
    {{ text(meta.get('staff_tables', []) | join(' ')) }} as staff_tables,
    {%- set controls = [] %}
    {%- for parameter, dimension in meta.get('controls', {}).items() %}{% do controls.append(parameter ~ '=' ~ dimension) %}{% endfor %}
    {{ text(controls | join(' ')) }} as controls,
    {{ text(indicators_of_page(page) | join(' ')) }} as indicators
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
