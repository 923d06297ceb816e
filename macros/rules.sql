{# Rules stand in the YAML of a record's folder (checked_<record>, config.meta.rules); everything that speaks of rules reads them here.
   A rule with `sql` is a statement true of good data; where it is neither true nor false (a field is empty) it is not tested.
   A rule with `found_in` needs other rows: `older` is found among the rows of one key, else it names the model that finds its breaks.
   `bit` is what broken_rules has set where the rule is broken. #}

{% macro rules_of(record) %}
    {%- set rules = [] -%}
    {%- if execute -%}
        {%- set meta = graph.nodes['model.gongbao.checked_' ~ record].config.meta -%}
        {%- set defaults = var('record_defaults').rules -%}
        {%- if meta.rule_prefix -%}
            {%- for rule in defaults.values() if rule.suffix -%}{%- do rules.append(dict(rule, code=meta.rule_prefix ~ '-' ~ rule.suffix)) -%}{%- endfor -%}
        {%- endif -%}
        {%- for rule in meta.get('rules', []) -%}{%- do rules.append(dict(defaults.get(rule.default, {}), **rule)) -%}{%- endfor -%}
        {%- for rule in rules -%}
            {%- if 'every(key)' in rule.get('sql', '') -%}
                {%- set parts = [] -%}
                {%- for column in meta.key_columns -%}{%- do parts.append(rule.sql | replace('every(key)', column)) -%}{%- endfor -%}
                {%- do rule.update(sql=parts | join(' and ')) -%}
            {%- endif -%}
            {%- do rule.update(bit=2 ** loop.index0) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rules) }}
{% endmacro %}

{# The SQL of a rule: `column in codes(list)` tests a column against that list's codes, `province_known(column)` a region code. #}
{% macro rule_sql(rule) -%}
    {%- set sql = namespace(text=rule.sql) -%}
    {%- for column, list in modules.re.findall('(substr\\([^)]*\\)|\\w+) in codes\\((\\w+)\\)', rule.sql) -%}
        {%- set sql.text = sql.text | replace(column ~ ' in codes(' ~ list ~ ')', is_one_of(column, codes_of(list))) -%}
    {%- endfor -%}
    {%- for column in modules.re.findall('province_known\\((\\w+)\\)', rule.sql) -%}
        {%- set sql.text = sql.text | replace('province_known(' ~ column ~ ')', province_known(column)) -%}
    {%- endfor -%}
    {{ return(sql.text) }}
{%- endmacro %}

{# A number with the bits of the rules that a row breaks by itself. Asked first whether the rule holds, an engine leaves out what
   comes after the part of an `or` that is true. #}
{% macro broken_rules(record) -%}
    cast(0
    {%- for rule in rules_of(record) if rule.sql %}
        {%- set sql = rule_sql(rule) %}
        + case when {{ sql }} then 0 when not ({{ sql }}) then {{ rule.bit }} else 0 end
    {%- endfor %} as bigint)
{%- endmacro %}

{% macro bit_and(left, right) %}({{ left }} & {{ right }}){% endmacro %}

{# Whether a row breaks an error rule. #}
{% macro is_rejected(record) -%}
({{ bit_and('broken_rules', rules_of(record) | selectattr('level', 'equalto', 'error') | sum(attribute='bit')) }} <> 0)
{%- endmacro %}

{# Rows of a record without those of batches that a later batch replaced. In the passes over millions of rows the replaced
   batches are constants, which the scan of a batch's file decides once. #}
{% macro current_rows(record) -%}
    (
        select *
        from {{ ref('stg_' ~ record) }}
        where {% if meta_of(record).passes == 'cells' -%}
            batch_id not in ('{{ (replaced_batches() + ['']) | join("', '") }}')
        {%- else -%}
            batch_id not in (select corrects_batch_id from {{ ref('stg_batches') }} where corrects_batch_id is not null)
        {%- endif %}
    )
{%- endmacro %}

{# What a record's YAML says of it (config.meta of its source). #}
{% macro meta_of(record) -%}
    {{ return(graph.sources['source.gongbao.lake.' ~ record].config.meta if graph.sources else {}) }}
{%- endmacro %}

{% macro replaced_batches() -%}
    {{ return(first_column("select distinct corrects_batch_id from " ~ ref('stg_batches') ~ " where corrects_batch_id is not null order by 1")) }}
{%- endmacro %}

{# Rows of a record with the rules they break. #}
{% macro with_broken_rules(record, rows) -%}
select
    staged.*,
    {{ broken_rules(record) }} as broken_rules

from {{ rows }} as staged
{%- endmacro %}

{# A key belongs to the province that gave it: the same number of two provinces is two keys. The hash of a key with its province,
   and the two to compare exactly. #}
{% macro hash_in_province(key, region='region_code') -%}
{{ key_hash(in_province(key, region)) }}
{%- endmacro %}

{% macro in_province(key, region='region_code') -%}
{{ key }}, substr({{ region }}, 1, 2)
{%- endmacro %}

{# Hashes of a record's keys that occur more than once: what shares a key is sought by hash, then compared exactly. #}
{% macro repeated_hashes(record) -%}
select {{ hash_in_province('row_key') }} as key_hash
from {{ current_rows(record) }} as staged
group by {{ hash_in_province('row_key') }}
having count(*) > 1
{%- endmacro %}

{# Rows of a record whose key may occur more than once, with the rules they break. #}
{% macro repeated_rows(record) -%}
(
    select checked.*
    from ({{ with_broken_rules(record, current_rows(record)) }}) as checked
    inner join ({{ repeated_hashes(record) }}) as repeated on {{ hash_in_province('checked.row_key', 'checked.region_code') }} = repeated.key_hash
)
{%- endmacro %}

{# Body of a checked model: the rows that do not count or carry a warning, each once, with the rules it breaks. `rows`: those of the
   record, or of a pass over them, with the rules that they break by themselves; `candidates`: among them those that may share
   their key with others. Of several rows with one key that no error rule rejects the latest counts (latest update, else the batch
   that arrived later, else the larger row number). `found`: models that find the breaks of rules that need other rows
   (batch_id, row_no, row_key, rule_code), made from `candidates_of`. #}
{% macro checked(record, rows=none, candidates=none, found=[]) -%}
-- depends_on: {{ ref('code_lists') }}
{%- set older_bit = rules_of(record) | selectattr('found_in', 'equalto', 'older') | sum(attribute='bit') %}
with

versions as (

    select
        candidates.batch_id,
        candidates.row_no,
        candidates.row_key,
        row_number() over (
            partition by {{ in_province('candidates.row_key', 'candidates.region_code') }}
            order by
                candidates.updated_at desc nulls last,
                batches.sequence desc,
                candidates.row_no desc
        ) as version_no

    from {{ candidates or repeated_rows(record) }} as candidates
    inner join {{ ref('stg_batches') }} as batches on candidates.batch_id = batches.batch_id
    where not {{ is_rejected(record) }}

),

found as (

    select
        batch_id,
        row_no,
        row_key,
        broken_rules

    from {{ rows or '(' ~ with_broken_rules(record, current_rows(record)) ~ ')' }} as own_rules
    where broken_rules <> 0

    union all

    select
        batch_id,
        row_no,
        row_key,
        {{ older_bit }} as broken_rules

    from versions
    where version_no > 1
    {%- for model in found %}

    union all

    select distinct
        batch_id,
        row_no,
        row_key,
        case rule_code
        {%- for rule in rules_of(record) if rule.found_in and rule.found_in != 'older' %}
            when '{{ rule.code }}' then {{ rule.bit }}
        {%- endfor %}
        end as broken_rules

    from {{ model }}
    where rule_code is not null
    {%- endfor %}

),

summed as (

    select
        batch_id,
        row_no,
        max(row_key) as row_key,
        cast(sum(broken_rules) as bigint) as broken_rules

    from found
    group by batch_id, row_no

)

select
    batch_id,
    row_no,
    row_key,
    broken_rules,
    {{ is_rejected(record) }} as is_rejected,
    case
        when {{ bit_and('broken_rules', older_bit) }} <> 0 then 'older version'
        when {{ is_rejected(record) }} then 'broken rule'
    end as reason

from summed
{%- endmacro %}

{# Rows of a record that no rule of their own rejects, each key in its latest version: among these, rules that need other rows are
   tested. #}
{% macro candidates_of(record) -%}
{%- set needed = ref('code_lists') -%}
(
        select *
        from (
            select
                own_rules.*,
                row_number() over (
                    partition by {{ in_province('own_rules.row_key', 'own_rules.region_code') }}
                    order by
                        own_rules.updated_at desc nulls last,
                        batches.sequence desc,
                        own_rules.row_no desc
                ) as version_no

            from ({{ with_broken_rules(record, current_rows(record)) }}) as own_rules
            inner join {{ ref('stg_batches') }} as batches on own_rules.batch_id = batches.batch_id
            where not {{ is_rejected(record) }}
        ) as versions
        where version_no = 1
    )
{%- endmacro %}

{# Body of an accepted model: the rows of a record that no error rule rejects, each key in its latest version. With `rows` those
   of a pass. #}
{% macro accepted(record, rows=none) -%}
select staged.*

from {{ rows or current_rows(record) }} as staged
left join {{ ref('checked_' ~ record) }} as checked
    on staged.batch_id = checked.batch_id
    and staged.row_no = checked.row_no
    and checked.is_rejected
where checked.row_no is null
{%- endmacro %}
