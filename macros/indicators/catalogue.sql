{# What the catalogue of indicators says of a metric: what it rests on, and how a reader computes it. #}

{# The records that a subject's fact is made from: its ancestors in the graph up to the sources of the lake. Models that read every
   record to say something of all of them (meta `of_every_record`: the years of the statistics) are no way from one to another. #}
{% macro records_of(subject) -%}
    {%- set waiting = semantic_model_of(subject).depends_on.nodes | list -%}
    {%- set seen = [] -%}
    {%- set records = [] -%}
    {%- for _ in range(10000) if waiting -%}
        {%- set id = waiting.pop() -%}
        {%- if id in graph.sources -%}
            {%- if graph.sources[id].name in var('records') and graph.sources[id].name not in records -%}{%- do records.append(graph.sources[id].name) -%}{%- endif -%}
        {%- elif id in graph.nodes and id not in seen and not graph.nodes[id].config.meta.get('of_every_record', false) -%}
            {%- do seen.append(id) -%}
            {%- do waiting.extend(graph.nodes[id].depends_on.nodes) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(records | sort) }}
{%- endmacro %}

{# The record whose deliveries a simple metric rests on; where its fact has several, its measure says which (config: meta: record). #}
{% macro record_of(metric) -%}
    {%- for measure in semantic_model_of(measure_of(metric).subject).measures if measure.name == metric.type_params.measure.name and measure.config and measure.config.meta.get('record') -%}
        {{ return(measure.config.meta.record) }}
    {%- endfor -%}
    {%- set records = records_of(measure_of(metric).subject) -%}
    {%- if records | length != 1 -%}
        {{ exceptions.raise_compiler_error("度量 " ~ metric.type_params.measure.name ~ " 的事实表出自记录 " ~ records | join("、") ~ "：须在 config: meta: record 中写明一个 · the fact of measure " ~ metric.type_params.measure.name ~ " is made from " ~ records | join(", ") ~ ": name one record in config: meta: record") }}
    {%- endif -%}
    {{ return(records[0]) }}
{%- endmacro %}

{# The unit of values by print group: what its row of print_formats divides (code list print_group). #}
{% macro units_of_print_groups() -%}
    {%- set found = {} -%}
    {%- set listed = "select code, maps_to from " ~ ref('code_lists') ~ " where list = 'print_group'" -%}
    {%- for row in rows_of(listed) %}{% do found.update({row[0]: row[1]}) %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro unit_of(metric, units) -%}
    {%- set group = metric.config.meta.print_group -%}
    {%- if group not in units -%}
        {{ exceptions.raise_compiler_error("指标 " ~ metric.name ~ " 的 print_group " ~ group ~ " 没有单位：在 seeds/codes/code_lists.csv 的 print_group 中加一行 · metric " ~ metric.name ~ ": print_group " ~ group ~ " has no unit; add a row to the list print_group of seeds/codes/code_lists.csv") }}
    {%- endif -%}
    {{ return(units[group]) }}
{%- endmacro %}

{# Whether a value counts or sums rows, so that it is 0 where the record was delivered and no row is of the kind; books and figures of
   every level are given as they are. #}
{% macro counts_rows(metric) -%}
    {%- set measure = measure_of(metric) if metric.type == 'simple' else none -%}
    {{ return(measure is not none and measure.agg == 'sum' and not has_sums_of_months(measure.subject) and not has_every_level(measure.subject)) }}
{%- endmacro %}

{# A metric of the nation by year, as a query on the facts. Stocks are taken in December. #}
{% macro yearly_sql(metric, always) -%}
{%- if metric.type == 'ratio' -%}
{%- set numerator, denominator = parts_of(metric) -%}
with
numerator as (
{{ yearly_sql(numerator, always) | indent(4, true) }}
),
denominator as (
{{ yearly_sql(denominator, always) | indent(4, true) }}
)
select year, numerator.value{{ ' * ' ~ metric.config.meta.scale if metric.config.meta.get('scale', 1) != 1 }} / denominator.value as value
from numerator
inner join denominator using (year)
order by year
{%- else -%}
{%- set measure = measure_of(metric) -%}
{%- set conditions = [] -%}
{%- if measure.is_stock -%}{%- do conditions.append('month(month) = 12') -%}{%- endif -%}
{%- for name in dimensions_of(measure.subject) if name in always -%}{%- do conditions.append(name ~ " = '" ~ always[name] ~ "'") -%}{%- endfor -%}
{%- for name in dimensions_apart(measure.subject) -%}{%- do conditions.append(name ~ " = '_T'") -%}{%- endfor -%}
{%- if filter_sql(metric) -%}{%- do conditions.append(filter_sql(metric)) -%}{%- endif -%}
{%- set where = '\nwhere ' ~ conditions | join('\n    and ') if conditions else '' -%}
{%- if measure.agg == 'median' -%}
select year, min(value) as value
from (
    select
        year(month) as year,
        {{ measure.expr }} as value,
        sum({{ measure.weight }}) over (partition by year(month) order by {{ measure.expr }} nulls last) as reached,
        sum({{ measure.weight }}) over (partition by year(month)) as total
    from {{ fact_of(measure.subject) }}
    {{- where | indent(4) }}
)
where reached * 2 >= total
{%- else -%}
select year(month) as year, {{ measure.agg }}({{ measure.expr }}) as value
from {{ fact_of(measure.subject) }}
{{- where }}
{%- endif %}
group by year{{ '(month)' if measure.agg != 'median' }}
order by year
{%- endif -%}
{%- endmacro %}

{# Text as an SQL literal, or null. #}
{% macro text(value) -%}
{%- if value is undefined or value is none or value == '' -%}cast(null as {{ dbt.type_string() }}){%- else -%}{{ quoted(value) }}{%- endif -%}
{%- endmacro %}
