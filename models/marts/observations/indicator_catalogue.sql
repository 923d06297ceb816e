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
    {{ text(metric.type_params.numerator.name if metric.type == 'ratio' else none) }} as numerator,
    {{ text(metric.type_params.denominator.name if metric.type == 'ratio' else none) }} as denominator,
    cast({{ meta.get('scale', 1) }} as int) as scale,
    {{ text(filter_sql(metric)) }} as filter,
    {{ text(graph.semantic_models['semantic_model.gongbao.' ~ subject].node_relation.alias) }} as fact,
    {{ text(var(meta.scope)) }} as scope_id,
    {%- for dimension in observation_dimensions() %}
    {{ "'insured'" if dimension == 'side' and 'side' in meta.get('always', []) else "'_T'" if dimension in dimensions else "'_Z'" }} as total_{{ dimension }},
    {%- endfor %}
    {{ text(meta.get('needs')) }} as needs
{%- endfor %}
{%- if not execute %}select 1 as parsed{% endif %}
