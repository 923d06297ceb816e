{%- set always = always_dimensions() -%}
{%- set units = units_of_print_groups() -%}
{%- for metric in published_metrics() %}
{%- set meta = metric.config.meta %}
{%- set subject = subject_of(metric) %}
{%- set parts = parts_of(metric) %}
{%- set main_cell = {} %}
{%- for name in dimensions_of(subject) if name in always %}{% do main_cell.update({name: always[name]}) %}{% endfor %}
{%- set rests_on = [] %}
{%- for part in parts %}
    {%- set one = [record_of(part), measure_kind(part)] %}
    {%- if one not in rests_on %}{% do rests_on.append(one) %}{% endif %}
{%- endfor %}
{%- if not loop.first %}

union all
{% endif %}
select
    {{ text(metric.name) }} as indicator,
    {{ text(subject) }} as dataflow,
    {{ text(metric.label) }} as label_zh,
    {{ text(meta.label_en) }} as label_en,
    {{ text(metric.description) }} as definition_zh,
    {{ text(meta.definition_en) }} as definition_en,
    {{ text(unit_of(metric, units)) }} as unit,
    {{ text(meta.print_group) }} as print_group,
    {{ text(meta.section) }} as section,
    {{ text(kind_of(metric)) }} as kind,
    {{ text(published_sets(metric, always) | map('join', ' × ') | join('; ')) }} as breakdowns,
    {%- for role in ['numerator', 'denominator'] %}
    {%- set of = parts[loop.index0] if metric.type == 'ratio' else none %}
    {{ text(of.name if of else none) }} as {{ role }},
    {{ text(of.label if of else none) }} as {{ role }}_zh,
    {{ text(of.config.meta.label_en if of else none) }} as {{ role }}_en,
    {%- endfor %}
    cast({{ meta.get('scale', 1) }} as int) as scale,
    {{ text(filter_sql(metric)) }} as filter,
    {{ text(fact_of(subject)) }} as fact,
    {{ text(yearly_sql(metric, always)) }} as yearly_sql,
    {{ text(var(meta.scope) if meta.scope.endswith('_rule') else meta.scope) }} as scope_id,
    '{{ dims_of(main_cell) }}' as main_dims,
    '{{ main_cell | sort | join(' ') }}' as main_breakdown,
    {{ text(rests_on[0][0]) }} as record,
    {{ text(rests_on[0][1]) }} as measure,
    {{ text(rests_on[1][0] if rests_on | length > 1 else none) }} as other_record,
    {{ text(rests_on[1][1] if rests_on | length > 1 else none) }} as other_measure,
    {{ counts_rows(metric) | lower }} as is_count,
    {{ text(meta.get('needs')) }} as needs
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
