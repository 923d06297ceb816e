{# Indicators are dbt metrics on semantic models over the facts; an indicator is added in YAML alone. These macros read both from
   the graph, which is whole when models are compiled and empty while the project is parsed. #}

{% macro all_metrics() %}
    {{ return(graph.metrics.values() | sort(attribute='unique_id') if execute else []) }}
{% endmacro %}

{% macro metric_named(name) %}{{ return(graph.metrics['metric.gongbao.' ~ name]) }}{% endmacro %}

{% macro published_metrics() %}
    {{ return(all_metrics() | rejectattr('config.meta.published', 'equalto', false) | list) }}
{% endmacro %}

{# Indicators whose months are published below the province. #}
{% macro monthly_below_province() -%}
    {%- set names = [] -%}
    {%- for metric in all_metrics() if metric.config.meta.get('monthly_below_province', false) -%}{%- do names.append(metric.name) -%}{%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro semantic_model_of(subject) %}{{ return(graph.semantic_models['semantic_model.gongbao.' ~ subject]) }}{% endmacro %}

{# The table of a subject's fact: as it is called in the published file, and as a relation of the warehouse. #}
{% macro fact_of(subject) %}{{ return(semantic_model_of(subject).node_relation.alias) }}{% endmacro %}
{% macro fact_relation(subject) %}{{ return(semantic_model_of(subject).node_relation.relation_name) }}{% endmacro %}

{% macro categories_of(subject) %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {{ return(semantic_model_of(subject).dimensions | selectattr('type', 'equalto', 'categorical') | map(attribute='name') | list) }}
{% endmacro %}

{# The dimensions of a subject's observations, in alphabetical order: the categories of its semantic model, but for two that say what a
   row of the fact is (`covers`, `region_level`). #}
{% macro dimensions_of(subject) %}
    {{ return(categories_of(subject) | reject('in', ['covers', 'region_level']) | sort) }}
{% endmacro %}

{# The dimensions of a subject whose values are counted each by itself, with the total (meta `counted_apart` of the dimension): a person
   with payments of two kinds is one person of each and one in all. The fact has rows of the total then, with '_T'. #}
{% macro dimensions_apart(subject) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for dimension in semantic_model_of(subject).dimensions if dimension.config and dimension.config.meta.get('counted_apart', false) -%}
            {%- do found.append(dimension.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# Whether amounts of a subject may cover more than a month: then its fact says in `covers` the shortest kind of period (month, half,
   year) that holds them, and shorter periods do not count them. #}
{% macro has_sums_of_months(subject) %}{{ return('covers' in categories_of(subject)) }}{% endmacro %}

{# Whether a subject's fact holds the figures of every region level, with its `region_level`, in place of parts that add up. #}
{% macro has_every_level(subject) %}{{ return('region_level' in categories_of(subject)) }}{% endmacro %}

{# The measure of a simple metric: subject, expression in the fact, how it is aggregated (sum, max, median), whether it is a stock, and
   the weight of a median. What no macro here can compute is refused before anything is computed. #}
{% macro measure_of(metric) %}
    {%- for id in metric.depends_on.nodes if id in graph.semantic_models -%}
        {%- for measure in graph.semantic_models[id].measures if measure.name == metric.type_params.measure.name -%}
            {%- set is_stock = measure.non_additive_dimension is not none -%}
            {%- set weight = (measure.config.meta if measure.config else {}).get('weight') -%}
            {%- if measure.agg not in ['sum', 'max', 'median'] -%}
                {{ exceptions.raise_compiler_error("度量 " ~ measure.name ~ " 的 agg: " ~ measure.agg ~ " 不能汇总：只有 sum（流量，或带 non_additive_dimension 的存量）、max、median · measure " ~ measure.name ~ ": agg " ~ measure.agg ~ " is none that is rolled up; write sum (a flow, or a stock with non_additive_dimension), max or median") }}
            {%- elif is_stock and measure.agg != 'sum' -%}
                {{ exceptions.raise_compiler_error("度量 " ~ measure.name ~ "：non_additive_dimension 只与 agg: sum 同用 · measure " ~ measure.name ~ ": non_additive_dimension goes with agg: sum only") }}
            {%- elif is_stock and measure.non_additive_dimension.window_choice != 'max' -%}
                {{ exceptions.raise_compiler_error("度量 " ~ measure.name ~ "：存量取期末值，window_choice 须为 max · measure " ~ measure.name ~ ": a stock is taken at the end of a period; window_choice must be max") }}
            {%- elif measure.agg == 'median' and not weight -%}
                {{ exceptions.raise_compiler_error("度量 " ~ measure.name ~ "：中位数须在 config: meta: weight 中写明权重列 · measure " ~ measure.name ~ ": a median names the column of its weights in config: meta: weight") }}
            {%- endif -%}
            {{ return({'subject': graph.semantic_models[id].name, 'expr': measure.expr, 'agg': measure.agg, 'is_stock': is_stock, 'weight': weight}) }}
        {%- endfor -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的度量不存在 · metric " ~ metric.name ~ " names a measure that no semantic model has: " ~ metric.type_params.measure.name) }}
{% endmacro %}

{# A subject's simple metrics; `agg` keeps those that are aggregated so. #}
{% macro simple_metrics_of(subject, agg=none) %}
    {%- set found = [] -%}
    {%- for metric in all_metrics() if metric.type == 'simple' and 'semantic_model.gongbao.' ~ subject in metric.depends_on.nodes -%}
        {%- if agg is none or measure_of(metric).agg == agg -%}{%- do found.append(metric) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The subject whose dimensions an indicator has: its fact, or that of its numerator. #}
{% macro subject_of(metric) %}{{ return(measure_of(parts_of(metric)[0]).subject) }}{% endmacro %}

{# The simple metrics that an indicator is made from: itself, or numerator and denominator. #}
{% macro parts_of(metric) %}
    {{ return([metric] if metric.type == 'simple' else [metric_named(metric.type_params.numerator.name), metric_named(metric.type_params.denominator.name)]) }}
{% endmacro %}

{# What an indicator is: a ratio, a stock or a flow. #}
{% macro kind_of(metric) %}{{ return('ratio' if metric.type == 'ratio' else measure_kind(metric)) }}{% endmacro %}
{% macro measure_kind(metric) %}{{ return('stock' if measure_of(metric).is_stock else 'flow') }}{% endmacro %}

{# A metric's filter as SQL on the fact: Dimension('care_cell__care_type') is the column care_type. #}
{% macro filter_sql(metric) %}
    {%- if not metric.filter -%}{{ return('') }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for where in metric.filter.where_filters -%}
        {%- do conditions.append('(' ~ modules.re.sub("\\{\\{\\s*Dimension\\(\\s*'(?:\\w+?__)?(\\w+)'\\s*\\)\\s*\\}\\}", '\\1', where.where_sql_template) ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}

{# The conditions of a metric's filter, each on one dimension. #}
{% macro filter_pieces(metric) -%}
    {%- set pieces = [] -%}
    {%- for where in metric.filter.where_filters -%}
        {%- for text in modules.re.split('(?i)\\s+and\\s+', where.where_sql_template) -%}
            {%- set names = modules.re.findall("Dimension\\(\\s*'(?:\\w+?__)?(\\w+)'\\s*\\)", text) -%}
            {%- if names | length != 1 -%}
                {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的筛选须由只含一个维度的条件以 and 相连 · the filter of metric " ~ metric.name ~ " must be conditions on one dimension each, joined by and: " ~ text) }}
            {%- endif -%}
            {%- do pieces.append({'dimension': names[0], 'sql': modules.re.sub("\\{\\{.*?\\}\\}", names[0], text)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pieces) }}
{%- endmacro %}
