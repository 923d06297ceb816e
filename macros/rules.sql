{# Rules stand in the YAML of a record's folder (checked_<record>, config.meta.rules); everything that speaks of rules reads them here.
   What a rule says is one of three:
     sql        a statement true of good data, of a row alone; where it is neither true nor false (a field is empty) it is not tested
     among_sql  the same, over the rows that count (a window function)
     found_in   where its breaks are found: `older` (versions of a key), `cancelling` (rows that cancel others; `cancelling.absent`,
                `.unequal`, `.again` of one kind), else a model of `vars: finders`
   `bit` is what broken_rules has set where checked_<record> finds the rule broken. #}

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
            {%- do rule.update(bit=2 ** loop.index0 if rule.found_in not in var('finders') else 0) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rules) }}
{% endmacro %}

{# A rule's statement as SQL: `column in codes(list)` tests a column against that list's codes, `province_known(column)` a region code. #}
{% macro rule_sql(statement) -%}
    {%- set sql = namespace(text=statement) -%}
    {%- for column, list in modules.re.findall('(substr\\([^)]*\\)|\\w+) in codes\\((\\w+)\\)', statement) -%}
        {%- set sql.text = sql.text | replace(column ~ ' in codes(' ~ list ~ ')', is_one_of(column, codes_of(list))) -%}
    {%- endfor -%}
    {%- for column in modules.re.findall('province_known\\((\\w+)\\)', statement) -%}
        {%- set sql.text = sql.text | replace('province_known(' ~ column ~ ')', province_known(column)) -%}
    {%- endfor -%}
    {{ return(sql.text) }}
{%- endmacro %}

{# A number with the bits of the rules that a row breaks by itself; with `statement` among_sql, among the rows that count. Asked
   first whether the rule holds, an engine leaves out what comes after the part of an `or` that is true. #}
{% macro broken_rules(record, statement='sql') -%}
    cast(0
    {%- for rule in rules_of(record) if rule[statement] %}
        {%- set sql = rule_sql(rule[statement]) %}
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

{# Whether a row of a record is one of what was delivered, beside being accepted: valid, and what its YAML adds (`counted_where`). #}
{% macro is_entry(record) -%}
{{ is_valid('valid_flag') }}{{ ' and ' ~ meta_of(record).counted_where if meta_of(record).counted_where }}
{%- endmacro %}

{# The year in which a row of a record is an entry, as far as the row decides. #}
{% macro counted_year(record) -%}
case when {{ is_entry(record) }} then cast(extract(year from counted_on) as int) end
{%- endmacro %}

{# Whether a delivery of `batches` has none of the columns by which rows of its record cancel others (`needed_by: refunds` in the
   contract); false of a record without such columns. #}
{% macro tells_no_refunds(batches) -%}
    {%- set conditions = ['1 = 0'] -%}
    {%- for record in var('records') if graph.sources -%}
        {%- set lacking = [] -%}
        {%- for column in graph.sources['source.gongbao.lake.' ~ record].columns.values() if column.config.meta.needed_by == 'refunds' -%}
            {%- do lacking.append(batches ~ ".columns_delivered not like '%," ~ column.name ~ ",%'") -%}
        {%- endfor -%}
        {%- if lacking -%}{%- do conditions.append(batches ~ ".record = '" ~ record ~ "' and " ~ lacking | join(' and ')) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(conditions | join(' or ')) }}
{%- endmacro %}

{# The records whose YAML has one of the values at a key, as `form`. #}
{% macro records_with(key, values) -%}
    {%- set found = [] -%}
    {%- for record in var('records') if meta_of(record)[key] in values -%}{%- do found.append(record) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# How often a record is due of every place: 'month', 'year', or 'never' where many places have nothing of it. #}
{% macro due_of(record) -%}
    {%- set meta = meta_of(record) -%}
    {{ return('never' if meta.silence == 'none' else meta.every or 'month') }}
{%- endmacro %}

{% macro records_due(every) -%}
    {%- set found = [] -%}
    {%- for record in var('records') if due_of(record) == every -%}{%- do found.append(record) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro replaced_batches() -%}
    {{ return(first_column("select distinct corrects_batch_id from " ~ ref('stg_batches') ~ " where corrects_batch_id is not null order by 1")) }}
{%- endmacro %}

{# Batches of a record that an older version read: their years stand in no log and are counted from their rows. #}
{% macro batches_without_years(record) -%}
    {{ return(first_column("select batch_id from " ~ ref('stg_batches') ~ " where record = '" ~ record ~ "' and batch_id not in (select years.batch_id from " ~ ref('stg_batch_years') ~ " as years) order by 1")) }}
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

{# `rows` of a record with the version that each is of its key: of several that no error rule rejects the latest is the first (latest
   update, else the batch that arrived later, else the larger row number); a rejected row is no version. #}
{% macro with_versions(record, rows) -%}
select
    candidates.*,
    batches.sequence as batch_sequence,
    case
        when not {{ is_rejected(record) }}
            then row_number() over (
                partition by {{ in_province('candidates.row_key', 'candidates.region_code') }}, {{ is_rejected(record) }}
                order by
                    candidates.updated_at desc nulls last,
                    batches.sequence desc nulls last,
                    candidates.row_no desc nulls last
            )
    end as version_no

from {{ rows }} as candidates
inner join {{ ref('stg_batches') }} as batches on candidates.batch_id = batches.batch_id
{%- endmacro %}

{# Body of a checked model: the rows that do not count or carry a warning, each once, with the rules it breaks and the reason why it
   does not count. A record that is read in one pass has models of its own for
     rows        those that break rules by themselves
     versions    those that other rows may decide about, with their versions
     cancelling  those that cancel others (macro cancelling_rows)
   of the others these are all rows of the record, as far as its YAML asks for them. #}
{% macro checked(record, rows=none, versions=none, cancelling=none) -%}
-- depends_on: {{ ref('code_lists') }}
{%- set rows_with_rules = rows or '(' ~ with_broken_rules(record, current_rows(record)) ~ ')' %}
{%- set cancels = cancelling or meta_of(record).cancels %}
{%- set has_among = rules_of(record) | selectattr('among_sql', 'defined') | list | length > 0 %}
with

versions as (

    {% if versions -%}
    select * from {{ versions }}
    {%- elif cancels or has_among -%}
    {{ with_versions(record, rows_with_rules) | indent(4) }}
    {%- else -%}
    {{ with_versions(record, repeated_rows(record)) | indent(4) }}
    {%- endif %}

),

{% if cancels -%}
cancelling as (

    {% if cancelling -%}
    select * from {{ cancelling }}
    {%- else -%}
    {{ cancelling_rows('(select * from versions where version_no = 1 and ' ~ is_valid('valid_flag') ~ ')', names_of_cancelling(record), refusals_of(record)) | indent(4) }}
    {%- endif %}

),

{% endif -%}
{% if has_among -%}
counting as (

    select versions.*
    from versions
    {%- if cancels %}
    left join cancelling
        on versions.batch_id = cancelling.batch_id
        and versions.row_no = cancelling.row_no
    left join cancelling as cancelled
        on cancelled.rule_code is null
        and versions.batch_id = cancelled.original_batch_id
        and versions.row_no = cancelled.original_row_no
    {%- endif %}
    where versions.version_no = 1
        and {{ is_valid('versions.valid_flag') }}
        {%- if cancels %}
        and cancelling.row_no is null
        and cancelled.row_no is null
        {%- endif %}

),

{% endif -%}
found as (

    select
        batch_id,
        row_no,
        row_key,
        broken_rules,
        cast(null as {{ dbt.type_string() }}) as left_out

    from {{ rows_with_rules }} as of_rows
    where broken_rules <> 0

    union all

    select
        batch_id,
        row_no,
        row_key,
        {{ rules_of(record) | selectattr('found_in', 'equalto', 'older') | sum(attribute='bit') }} as broken_rules,
        'older version' as left_out

    from versions
    where version_no > 1
    {%- if cancels %}

    union all

    select
        batch_id,
        row_no,
        row_key,
        case rule_code
        {%- for rule in rules_of(record) if (rule.found_in or '').startswith('cancelling') %}
            when '{{ rule.code }}' then {{ rule.bit }}
        {%- endfor %}
            else 0
        end as broken_rules,
        case when rule_code is null then 'cancelling' else 'refused cancelling' end as left_out

    from cancelling

    union all

    select
        original_batch_id as batch_id,
        original_row_no as row_no,
        cast(null as {{ dbt.type_string() }}) as row_key,
        0 as broken_rules,
        'cancelled' as left_out

    from cancelling
    where rule_code is null
    {%- endif %}
    {%- if has_among %}

    union all

    select
        batch_id,
        row_no,
        row_key,
        broken_among as broken_rules,
        cast(null as {{ dbt.type_string() }}) as left_out

    from (
        select
            batch_id,
            row_no,
            row_key,
            {{ broken_rules(record, 'among_sql') }} as broken_among

        from counting
    ) as among
    where broken_among <> 0
    {%- endif %}

),

summed as (

    select
        batch_id,
        row_no,
        max(row_key) as row_key,
        cast(sum(broken_rules) as bigint) as broken_rules,
        max(left_out) as left_out

    from found
    group by batch_id, row_no

)

select
    batch_id,
    row_no,
    row_key,
    broken_rules,
    {{ is_rejected(record) }} as is_rejected,
    coalesce(left_out, case when {{ is_rejected(record) }} then 'broken rule' end) as reason

from summed
{%- endmacro %}

{# The names by which a record's YAML (`cancels`) says how its rows cancel others, and the rule of each kind of refusal. #}
{% macro names_of_cancelling(record) -%}
    {{ return(dict({'date': 'counted_on', 'region': 'region_code', 'amounts': []}, **(meta_of(record).cancels or {}))) }}
{%- endmacro %}

{% macro refusals_of(record) -%}
    {%- set refusals = {} -%}
    {%- for kind in ['absent', 'unequal', 'again'] -%}
        {%- for rule in rules_of(record) if rule.found_in in ['cancelling', 'cancelling.' ~ kind] -%}{%- do refusals.update({kind: rule.code}) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(refusals) }}
{%- endmacro %}

{# Body of an accepted model: the rows of a record that count: no error rule rejects them, each key is there in its latest version, no row
   cancels them. #}
{% macro accepted(record) -%}
select staged.*

from {{ current_rows(record) }} as staged
left join {{ ref('checked_' ~ record) }} as checked
    on staged.batch_id = checked.batch_id
    and staged.row_no = checked.row_no
    and checked.reason is not null
where checked.row_no is null
{%- endmacro %}
