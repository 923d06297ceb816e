{# How a model becomes a relation of the warehouse. Readers see what was published and never the warehouse while it is made, so nothing
   is built beside the old relation and moved into its place: the old one is dropped in the transaction that makes the new one. #}
{% materialization table, adapter='duckdb' %}{{ return(made_anew('table')) }}{% endmaterialization %}
{% materialization view, adapter='duckdb' %}{{ return(made_anew('view')) }}{% endmaterialization %}

{% macro made_anew(kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set made = this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {% if existing is not none %}drop {{ existing.type }} {{ existing }};{% endif %}
        {{ get_create_table_as_sql(False, made, compiled_code) if kind == 'table' else get_create_view_as_sql(made, compiled_code) }}
        {{ comments_on(made) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [made]}) }}
{%- endmacro %}

{# The descriptions of a model and its columns, written with it. A column that is described and is not there is an error. #}
{% macro comments_on(relation) -%}
    {%- if config.persist_relation_docs() and model.description %}
    {{ alter_relation_comment(relation, model.description) }}
    {%- endif %}
    {%- if config.persist_column_docs() %}
    {%- for column in model.columns.values() if column.description %}
    comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
    {%- endif %}
{%- endmacro %}
