{# Rules stand in the YAML of the checked models (config.meta.rules); everything that speaks of rules reads them here.
   A rule with `sql` is a statement true of good data; where it is neither true nor false (a field is empty) it is not tested.
   A rule with `found_in` needs other rows and names the model that finds its breaks. #}

{% macro records() %}{{ return(['enrollment', 'settlement', 'cross_province', 'fund_ledger', 'population']) }}{% endmacro %}

{% macro rules_of(record) %}
    {%- if execute -%}
        {{ return(graph.nodes['model.gongbao.checked_' ~ record].config.meta.rules) }}
    {%- endif -%}
    {{ return([]) }}
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

{# A number whose bit i is set when rule i of the record is broken. Asked first whether the rule holds, an engine leaves out
   what comes after the part of an `or` that is true. #}
{% macro broken_rules(record) -%}
    cast(0
    {%- for rule in rules_of(record) %}
        {%- if rule.sql %}
        {%- set sql = rule_sql(rule) %}
        + case when {{ sql }} then 0 when not ({{ sql }}) then {{ 2 ** loop.index0 }} else 0 end
        {%- endif %}
    {%- endfor %} as bigint)
{%- endmacro %}

{# The bits of a record's rules of one level. #}
{% macro rule_bits(record, level) -%}
    {%- set bits = namespace(value=0) -%}
    {%- for rule in rules_of(record) -%}
        {%- if rule.sql and rule.level == level %}{% set bits.value = bits.value + 2 ** loop.index0 %}{% endif -%}
    {%- endfor -%}
    {{ return(bits.value) }}
{%- endmacro %}

{# Rows of a record without those of batches that a later batch replaced. In the passes over millions of rows the replaced
   batches are constants, which the scan of a batch's file decides once. #}
{% macro current_rows(record) -%}
    (
        select *
        from {{ ref('stg_' ~ record) }}
        where {% if record in condensed_records() -%}
            batch_id not in ('{{ (replaced_batches() + ['']) | join("', '") }}')
        {%- else -%}
            batch_id not in (select corrects_batch_id from {{ ref('stg_batches') }} where corrects_batch_id is not null)
        {%- endif %}
    )
{%- endmacro %}

{% macro condensed_records() %}{{ return(['enrollment', 'settlement']) }}{% endmacro %}

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

{# Body of a checked model: the current rows with the rules they break. #}
{% macro checked(record) -%}
-- depends_on: {{ ref('code_lists') }}
{{ with_broken_rules(record, current_rows(record)) }}
{%- endmacro %}

{# Body of a findings model: the few rows that break a rule of their own, out of `rows`. #}
{% macro findings(record, rows) -%}
select
    batch_id,
    row_no,
    row_key,
    broken_rules,
    {{ is_rejected(record) }} as is_rejected

from {{ rows }}
where broken_rules <> 0
{%- endmacro %}

{# Whether a row breaks an error rule of its own. #}
{% macro is_rejected(record) %}({{ bit_and('broken_rules', rule_bits(record, 'error')) }} <> 0){% endmacro %}

{% macro bit_and(left, right) %}({{ left }} & {{ right }}){% endmacro %}

{# A key belongs to the province that gave it: the same number of two provinces is two keys. The hash of a key with its province,
   and the two to compare exactly. A ledger's and a population's keys name their region themselves. #}
{% macro hash_in_province(record, key, region='insured_region_code') -%}
{{ key_hash(in_province(record, key, region)) }}
{%- endmacro %}

{% macro in_province(record, key, region='insured_region_code') -%}
{{ key }}{{ ', substr(' ~ region ~ ', 1, 2)' if record in ['enrollment', 'settlement', 'cross_province'] }}
{%- endmacro %}

{# Hashes of a record's keys that occur more than once: what shares a key is sought by hash, then compared exactly. #}
{% macro repeated_hashes(record) -%}
select {{ hash_in_province(record, 'row_key') }} as key_hash
from {{ current_rows(record) }} as staged
group by {{ hash_in_province(record, 'row_key') }}
having count(*) > 1
{%- endmacro %}

{# Rows of a record whose key may occur more than once, with the rules they break. #}
{% macro repeated_rows(record) -%}
(
        select checked.*
        from {{ ref('checked_' ~ record) }} as checked
        inner join ({{ repeated_hashes(record) }}) as repeated on {{ hash_in_province(record, 'checked.row_key', 'checked.insured_region_code') }} = repeated.key_hash
    )
{%- endmacro %}

{# Body of an older-versions model: of several accepted rows with one key, out of `rows`, all but the latest
   (latest update, else the batch that arrived later, else the larger row number). #}
{% macro older_versions(record, rows, region='insured_region_code') -%}
with

ranked as (

    select
        candidates.batch_id,
        candidates.row_no,
        candidates.row_key,
        row_number() over (
            partition by {{ in_province(record, 'candidates.row_key', 'candidates.' ~ region) }}
            order by
                candidates.updated_at desc nulls last,
                batches.sequence desc,
                candidates.row_no desc
        ) as version_no

    from {{ rows }} as candidates
    inner join {{ ref('stg_batches') }} as batches on candidates.batch_id = batches.batch_id
    where not {{ is_rejected(record) }}

)

select
    batch_id,
    row_no,
    row_key

from ranked
where version_no > 1
{%- endmacro %}

{# Rows of a record that no error rule rejects, each key in its latest version. #}
{% macro accepted_rows(record) -%}
    (
        select staged.*
        from {{ current_rows(record) }} as staged
        left join {{ ref('findings_' ~ record) }} as findings
            on staged.batch_id = findings.batch_id
            and staged.row_no = findings.row_no
            and findings.is_rejected
        left join {{ ref('older_' ~ record) }} as older
            on staged.batch_id = older.batch_id
            and staged.row_no = older.row_no
        where findings.row_no is null
            and older.row_no is null
    )
{%- endmacro %}

{# The same of the single rows of a condensed record. #}
{% macro accepted_singles(record) -%}
(
        select single.*
        from {{ ref('single_' ~ record ~ 's') }} as single
        left join {{ ref('older_' ~ record) }} as older
            on single.batch_id = older.batch_id
            and single.row_no = older.row_no
        where older.row_no is null
            and not single.is_rejected
    )
{%- endmacro %}
