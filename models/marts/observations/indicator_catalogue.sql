{%- for metric in all_metrics() if is_published(metric) %}
{%- set meta = metric.config.meta %}
{%- set subject = subject_of(metric) %}
{%- set dimensions = dimensions_of(subject) %}
{%- if not loop.first %}

union all
{% endif %}
select
    {{ text(metric.name) }} as indicator,
    {{ text(meta.dataflow) }} as dataflow,
    {{ text(metric.label) }} as label_zh,
    {{ text(meta.label_en) }} as label_en,
    {{ text(metric.description) }} as definition_zh,
    {{ text(meta.definition_en) }} as definition_en,
    {{ text(meta.unit) }} as unit,
    {{ text(meta.print_group) }} as print_group,
    {{ text(meta.section) }} as section,
    {{ text(meta.kind) }} as kind,
    {{ text(published_sets(metric) | map('join', ' × ') | join('; ')) }} as breakdowns,
    {%- for part in ['numerator', 'denominator'] %}
    {%- set of = metric_named(metric.type_params[part].name) if metric.type == 'ratio' else none %}
    {{ text(of.name if of else none) }} as {{ part }},
    {{ text(of.label if of else none) }} as {{ part }}_zh,
    {{ text(of.config.meta.label_en if of else none) }} as {{ part }}_en,
    {%- endfor %}
    cast({{ meta.get('scale', 1) }} as int) as scale,
    {{ text(filter_sql(metric)) }} as filter,
    {{ text(fact_of(subject)) }} as fact,
    {{ text(yearly_sql(metric)) }} as yearly_sql,
    {{ text(var(meta.scope)) }} as scope_id,
    {%- for dimension in observation_dimensions() %}
    {{ "'insured'" if dimension == 'side' and 'side' in meta.get('always', []) else "'_T'" if dimension in dimensions else "'_Z'" }} as total_{{ dimension }},
    {%- endfor %}
    {{ text(meta.get('needs')) }} as needs
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
