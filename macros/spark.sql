{# What dbt-spark leaves out or does otherwise than this project needs. #}

{# Before anything is computed: an overflow must be an error, and the lake is made into tables. Another engine than DuckDB reads no pattern of
   files as a source: one table a record, its files put together. #}
{% macro before_spark() -%}
    {%- if execute and target.type == 'spark' -%}
        {%- if run_query('set spark.sql.ansi.enabled').columns[1].values()[0] != 'true' -%}
            {{ exceptions.raise_compiler_error("ANSI 未启用，溢出会变成空值：用 gongbao build --engine spark · ANSI is off, an overflow would be null: use gongbao build --engine spark") }}
        {%- endif -%}
        {%- for source in graph.sources.values() -%}
            {%- set table = source.schema ~ '.' ~ source.identifier -%}
            {%- set files = ('*/*/' ~ source.name if source.source_name == 'batch_log' else source.name ~ '/*/rows') ~ '.parquet' -%}
            {%- do run_query('create schema if not exists ' ~ source.schema) -%}
            {%- do run_query('drop table if exists ' ~ table) -%}
            {%- do run_query('create table ' ~ table ~ ' using parquet ' ~ location_on_spark(source.schema, source.identifier) ~ ' as select /*+ coalesce(1) */ * from parquet.`' ~ home_as_pattern() ~ '/lake/' ~ files ~ '`') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# The data home as a pattern of files for Spark: signs of patterns stand for themselves. #}
{% macro home_as_pattern() -%}
    {{ return(modules.re.sub('([\\[\\]{}*?\\\\])', '\\\\\\1', env_var('GONGBAO_HOME', 'data')) | replace('`', '``')) }}
{%- endmacro %}

{# Where a table lies: in the data home, whatever the folder of the session or server is. #}
{% macro location_on_spark(schema, name) -%}
    {{ return('location ' ~ gongbao.quoted(env_var('GONGBAO_HOME', 'data') ~ '/warehouse/spark/' ~ schema ~ '/' ~ name)) }}
{%- endmacro %}
{% macro spark__location_clause() %}{{ return(gongbao.location_on_spark(this.schema, this.identifier)) }}{% endmacro %}

{# Rows of a seed as literals: dbt-spark writes an empty cell as the text None and does not escape a quote. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for value in row -%}
            {%- do cells.append('null' if value is none else gongbao.quoted(value | string)) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append('cast(' ~ name ~ ' as ' ~ types[name] ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {%- set sql -%}
insert into {{ this.render() }}
select {{ columns | join(', ') }}
from values
{{ rows | join(',\n') }}
as given ({{ agate_table.column_names | join(', ') }})
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{% materialization table, adapter='spark' -%}
    {{ return(table_on_spark()) }}
{%- endmaterialization %}

{# A view on Spark is computed anew by every query that reads it: it is a table there, unless it is one of the raw rows of a record or is read
   by one model only and not published. #}
{% materialization view, adapter='spark' -%}
    {%- set readers = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and model.unique_id in node.depends_on.nodes -%}{%- do readers.append(node.name) -%}{%- endfor -%}
    {%- if model.group != 'records' and (model.access == 'public' or readers | length > 1) -%}{{ return(table_on_spark()) }}{%- endif -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}create or replace view {{ target_relation }} as {{ compiled_code }}{%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{% macro table_on_spark() -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}{{ create_table_as(False, target_relation, compiled_code) }}{%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmacro %}

{# dbt-spark's own leaves a quote in a description as it is. #}
{% macro spark__comment_clause() -%}
    {%- if config.get('persist_docs', {}).get('relation') and model.description %}comment {{ gongbao.quoted(model.description) }}{% endif -%}
{%- endmacro %}

{# Comments of columns: nothing can be added to a Parquet table once it stands. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}{%- endmacro %}
