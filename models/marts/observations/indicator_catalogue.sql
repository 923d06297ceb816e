{%- set always = always_dimensions() -%}
{%- set units = units_of_print_groups() -%}
{%- set rows = [] -%}
{%- for metric in published_metrics() -%}
    {%- set meta = metric.config.meta -%}
    {%- set subject = subject_of(metric) -%}
    {%- set parts = parts_of(metric) -%}
    {%- set main_cell = {} -%}
    {%- for name in dimensions_of(subject) if name in always %}{% do main_cell.update({name: always[name]}) %}{% endfor -%}
    {%- set rests_on = [] -%}
    {%- for part in parts -%}
        {%- set one = [record_of(part), measure_kind(part)] -%}
        {%- if one not in rests_on %}{% do rests_on.append(one) %}{% endif -%}
    {%- endfor -%}
    {%- set numerator, denominator = parts if metric.type == 'ratio' else ({}, {}) -%}
    {%- do rows.append({
        'indicator': text(metric.name),
        'dataflow': text(subject),
        'label_zh': text(metric.label),
        'label_en': text(meta.label_en),
        'definition_zh': text(metric.description),
        'definition_en': text(meta.definition_en),
        'unit': text(unit_of(metric, units)),
        'print_group': text(meta.print_group),
        'section': text(meta.section),
        'kind': text(kind_of(metric)),
        'breakdowns': text(published_sets(metric, always) | map('join', ' × ') | join('; ')),
        'numerator': text(numerator.name),
        'numerator_zh': text(numerator.label),
        'numerator_en': text(numerator.config.meta.label_en if numerator else none),
        'denominator': text(denominator.name),
        'denominator_zh': text(denominator.label),
        'denominator_en': text(denominator.config.meta.label_en if denominator else none),
        'scale': 'cast(' ~ meta.get('scale', 1) ~ ' as int)',
        'filter': text(filter_sql(metric)),
        'fact': text(fact_of(subject)),
        'yearly_sql': text(yearly_sql(metric, always)),
        'scope_id': text(var(meta.scope) if meta.scope.endswith('_rule') else meta.scope),
        'main_dims': quoted(dims_of(main_cell)),
        'main_breakdown': quoted(main_cell | sort | join(' ')),
        'record': text(rests_on[0][0]),
        'measure': text(rests_on[0][1]),
        'other_record': text(rests_on[1][0] if rests_on | length > 1 else none),
        'other_measure': text(rests_on[1][1] if rests_on | length > 1 else none),
        'is_count': counts_rows(metric) | lower,
        'needs': text(meta.get('needs')),
    }) -%}
{%- endfor -%}
{{ literal_rows(rows) }}
