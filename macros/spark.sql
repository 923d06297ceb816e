{# What dbt-spark leaves out or does otherwise than this project needs. #}

{# Before anything is computed: an overflow must be an error, and the lake is made into tables. Another engine than DuckDB reads no pattern of
   files as a source: one table a record, its files put together. #}
{% macro before_spark() -%}
    {%- if execute and target.type == 'spark' -%}
        {%- if run_query('set spark.sql.ansi.enabled').columns[1].values()[0] != 'true' -%}
            {{ exceptions.raise_compiler_error("ANSI 未启用，溢出会变成空值：用 gongbao build --engine spark · ANSI is off, an overflow would be null: use gongbao build --engine spark") }}
        {%- endif -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique -%}{%- do gongbao.make_schema(schema) -%}{%- endfor -%}
        {%- for source in graph.sources.values() -%}
            {%- set table = source.schema ~ '.' ~ source.identifier -%}
            {%- set files = ('*/*/' ~ source.name if source.source_name == 'batch_log' else source.name ~ '/*/rows') ~ '.parquet' -%}
            {%- do run_query('drop table if exists ' ~ table) -%}
            {%- do run_query('create table ' ~ table ~ ' using parquet as select /*+ coalesce(1) */ * from parquet.`' ~ home_as_pattern() ~ '/lake/' ~ files ~ '`') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# The address of the data home as Spark sees it; a cluster may see another than this machine. #}
{% macro home_on_spark() %}{{ return(env_var('GONGBAO_SPARK_HOME', env_var('GONGBAO_HOME', 'data')).rstrip('/')) }}{% endmacro %}

{# The same as a pattern of files: signs of patterns stand for themselves. #}
{% macro home_as_pattern() -%}
    {{ return(modules.re.sub('([\\[\\]{}*?\\\\])', '\\\\\\1', home_on_spark()) | replace('`', '``')) }}
{%- endmacro %}

{# A schema whose tables lie in the data home. One of the same name that lies elsewhere is another's: nothing is dropped there. #}
{% macro make_schema(name) -%}
    {%- set place = '/warehouse/spark/' ~ name -%}
    {%- do run_query('create schema if not exists ' ~ name ~ ' location ' ~ gongbao.quoted(home_on_spark() ~ place)) -%}
    {%- for row in run_query('describe schema ' ~ name).rows if row[0] == 'Location' and not row[1].endswith(home_on_spark() ~ place) -%}
        {{ exceptions.raise_compiler_error("Spark 中已有库 " ~ name ~ "，不是本项目的：" ~ row[1] ~ " · Spark has a schema " ~ name ~ " that is not of this project: " ~ row[1]) }}
    {%- endfor -%}
{%- endmacro %}
{% macro spark__create_schema(relation) %}{%- do gongbao.make_schema(relation.schema) -%}{% endmacro %}

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
    {%- set steps = [] -%}
    {%- set query = gongbao.in_steps(compiled_code, steps) -%}
    {%- call statement('main') -%}{{ create_table_as(False, target_relation, query) }}{%- endcall -%}
    {%- for step in steps -%}{%- do run_query('drop table ' ~ step) -%}{%- endfor -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmacro %}

{# Spark computes a CTE anew wherever it is read, and plans it anew: a CTE that is read more than once and joins, groups or puts together
   is made a table first. Returns the query that reads these tables, whose names are added to `steps`; a query that does not begin with CTEs
   in the form of this project (`name as (` and `)` on lines of their own) stays whole. #}
{% macro in_steps(query, steps) -%}
    {%- set form = modules.re.compile('^(\\w+) as \\(\n(.*?)\n\\),?$', modules.re.MULTILINE + modules.re.DOTALL) -%}
    {%- set beginning = modules.re.compile('(\\s|--[^\n]*\n)*with\\s+') -%}
    {%- set left = form.sub('', query) -%}
    {%- set found = beginning.match(left) -%}
    {%- if not found -%}{{ return(query) }}{%- endif -%}
    {%- set rest = left[found.end():] -%}
    {%- set ctes = [] -%}
    {%- for name, body in form.findall(query) -%}{%- do ctes.append({'name': name, 'body': body}) -%}{%- endfor -%}
    {%- for cte in ctes -%}
        {%- set later = ctes[loop.index:] | map(attribute='body') | join(' ') ~ ' ' ~ rest -%}
        {%- set whole = gongbao.with_ctes(ctes[:loop.index0], cte.body) -%}
        {%- if modules.re.findall(gongbao.reads(cte.name), later) | length > 1 and modules.re.search('\\b(join|group by|union|distinct|over) ', whole) -%}
            {%- set table = this.schema ~ '.' ~ this.identifier ~ '__' ~ cte.name -%}
            {%- do run_query('create table ' ~ table ~ ' using parquet as\n' ~ whole) -%}
            {%- do steps.append(table) -%}
            {%- do cte.update({'body': 'select * from ' ~ table}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(gongbao.with_ctes(ctes, rest)) }}
{%- endmacro %}

{# A query with those CTEs that it reads. #}
{% macro with_ctes(ctes, query) -%}
    {%- set needed = [] -%}
    {%- for cte in ctes | reverse -%}
        {%- if modules.re.search(gongbao.reads(cte.name), needed | map(attribute='body') | join(' ') ~ ' ' ~ query) -%}{%- do needed.insert(0, cte) -%}{%- endif -%}
    {%- endfor -%}
    {%- set written = [] -%}
    {%- for cte in needed -%}{%- do written.append(cte.name ~ ' as (\n' ~ cte.body ~ '\n)') -%}{%- endfor -%}
    {%- if not written -%}{{ return(query) }}{%- endif -%}
    {{ return('with\n' ~ written | join(',\n') ~ '\n' ~ ('select * from (\n' ~ query ~ '\n)' if query.lstrip().startswith('with') else query)) }}
{%- endmacro %}
{% macro reads(name) %}{{ return('\\b(?:from|join)\\s+' ~ name ~ '\\b') }}{% endmacro %}

{# Columns of a contract. A Parquet table takes nulls wherever they come: what a contract says is not null is looked at while it is written. #}
{% macro spark__get_select_subquery(sql) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
            {%- do columns.append('coalesce(' ~ column.name ~ ', raise_error(' ~ gongbao.quoted('null in ' ~ this.identifier ~ '.' ~ column.name) ~ ')) as ' ~ column.name) -%}
        {%- else -%}
            {%- do columns.append(column.name) -%}
        {%- endif -%}
    {%- endfor %}
select {{ columns | join(', ') }}
from ({{ sql }}) as made
{%- endmacro %}

{# Whether a query gives the columns and types of the model's contract. dbt would run the query without its rows; that Spark describes it needs no plan. #}
{% macro spark__get_assert_columns_equivalent(sql) -%}
    {%- set words = {'integer': 'int', 'timestamp': 'timestamp_ntz', 'varchar': 'string'} -%}
    {%- set found = {} -%}
    {%- for row in run_query('describe query ' ~ sql).rows -%}{%- do found.update({row[0] | lower: row[1]}) -%}{%- endfor -%}
    {%- set wrong = [] -%}
    {%- for name, column in model.columns.items() -%}
        {%- set type = column.data_type | lower | replace(' ', '') -%}
        {%- if found.pop(name | lower, none) != words.get(type, type) -%}{%- do wrong.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {%- if wrong or found -%}
        {%- set names = (wrong + found | list) | join(', ') -%}
        {{ exceptions.raise_compiler_error(this.identifier ~ "：列与契约不符：" ~ names ~ " · " ~ this.identifier ~ ": columns that are not as the contract says: " ~ names) }}
    {%- endif -%}
{%- endmacro %}

{# dbt-spark's own leaves a quote in a description as it is. #}
{% macro spark__comment_clause() -%}
    {%- if config.get('persist_docs', {}).get('relation') and model.description %}comment {{ gongbao.quoted(model.description) }}{% endif -%}
{%- endmacro %}

{# Comments of columns: nothing can be added to a Parquet table once it stands. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}{%- endmacro %}
