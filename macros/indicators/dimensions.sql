{# The cell of an observation, as one text: `fund_part=pooled;scheme=employee`. Names in alphabetical order; a dimension that is not
   broken down, or does not apply, is absent; the total is ''. `breakdown` names the same dimensions: `fund_part scheme`. #}

{# The text from columns, in which '_T' stands for a total and null for what does not apply. #}
{% macro dims_text(dimensions, relation=none) -%}
    {%- set pairs = [] -%}
    {%- for name in dimensions | sort -%}
        {%- set column = (relation ~ '.' if relation else '') ~ name -%}
        {%- do pairs.append("case when " ~ column ~ " <> '_T' then '" ~ name ~ "=' || " ~ column ~ " end") -%}
    {%- endfor -%}
    {{ return("concat_ws(';', " ~ pairs | join(', ') ~ ")" if pairs else "''") }}
{%- endmacro %}

{% macro breakdown_text(dimensions, relation=none) -%}
    {%- set names = [] -%}
    {%- for name in dimensions | sort -%}
        {%- do names.append("case when " ~ (relation ~ '.' if relation else '') ~ name ~ " <> '_T' then '" ~ name ~ "' end") -%}
    {%- endfor -%}
    {{ return("concat_ws(' ', " ~ names | join(', ') ~ ")" if names else "''") }}
{%- endmacro %}

{# The text of a cell that is known when a model is written: dims_of({'scheme': 'employee'}). #}
{% macro dims_of(cell) -%}
    {%- set pairs = [] -%}
    {%- for name in cell | sort %}{% do pairs.append(name ~ '=' ~ cell[name]) %}{% endfor -%}
    {{ return(pairs | join(';')) }}
{%- endmacro %}

{# Dimensions without a total, which stand in every cell of a subject that has them, each with the value shown where none is asked for. #}
{% macro always_dimensions() -%}
    {%- set found = {} -%}
    {%- set listed = "select dimension, main_value from " ~ ref('dimensions') ~ " where always order by dimension" -%}
    {%- for row in rows_of(listed) %}{% do found.update({row[0]: row[1]}) %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# How fine a dimension is, by its name (var published_detail). #}
{% macro detail_classes() -%}
    {%- set found = {} -%}
    {%- set listed = "select dimension, detail_class from " ~ ref('dimensions') -%}
    {%- for row in rows_of(listed) %}{% do found.update({row[0]: row[1] | int}) %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The combinations of dimensions in which a metric is published: the total, and what its YAML lists. #}
{% macro published_sets(metric, always) %}
    {%- set base = dimensions_of(subject_of(metric)) | select('in', always) | list -%}
    {%- set sets = [base] -%}
    {%- for breakdown in metric.config.meta.get('breakdowns', []) -%}
        {%- set names = (base + breakdown) | unique | sort -%}
        {%- if names not in sets -%}{%- do sets.append(names) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(sets) }}
{% endmacro %}

{# The same as texts, of the dimensions that a subject has. #}
{% macro published_breakdowns(metric, subject, always) %}
    {%- set dimensions = dimensions_of(subject) -%}
    {%- set texts = [] -%}
    {%- for names in published_sets(metric, always) -%}{%- do texts.append(names | select('in', dimensions) | join(' ')) -%}{%- endfor -%}
    {{ return(texts | unique | list) }}
{% endmacro %}

{# Every breakdown in which a subject is rolled up: those of its metrics, and of the ratios that use them. #}
{% macro rollup_sets(subject, always) %}
    {%- set texts = [] -%}
    {%- for metric in all_metrics() -%}
        {%- set subjects_used = [] -%}
        {%- for part in parts_of(metric) %}{% do subjects_used.append(measure_of(part).subject) %}{% endfor -%}
        {%- if subject in subjects_used -%}{%- do texts.extend(published_breakdowns(metric, subject, always)) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(texts | unique | list) }}
{% endmacro %}

{# Of some breakdowns those that are part of no other: the fact is read for these only, the others are sums of them. #}
{% macro widest_of(texts) %}
    {%- set widest = [] -%}
    {%- for text in texts -%}
        {%- set covered = namespace(value=false) -%}
        {%- for other in texts if other != text -%}
            {%- if text.split(' ') | reject('in', other.split(' ')) | reject('equalto', '') | list | length == 0 -%}{%- set covered.value = true -%}{%- endif -%}
        {%- endfor -%}
        {%- if not covered.value -%}{%- do widest.append(text) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(widest) }}
{% endmacro %}

{# Of some breakdowns those that are published at a region level for one of the kinds of period (var published_detail: a level that is
   not listed has all). #}
{% macro sets_of_level(texts, level, kinds, classes) %}
    {%- set kept = [] -%}
    {%- for text in texts -%}
        {%- set finest = [0] -%}
        {%- for name in text.split(' ') if name %}{% do finest.append(classes[name]) %}{% endfor -%}
        {%- for kind in kinds if text not in kept and finest | max <= var('published_detail')[kind].get(level, 99) -%}
            {%- do kept.append(text) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(kept) }}
{% endmacro %}
