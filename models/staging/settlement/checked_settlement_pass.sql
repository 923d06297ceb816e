{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
{%- set cell = settlement_cell_in_numbers() | join(',\n        ') %}
-- The one wide pass over settlements, of two grains: a row for every settlement that breaks a rule, and a row for every cell of all
-- the others, summed.
with

settlements as (

    {{ with_settlement_cells('(' ~ with_broken_rules('settlement', current_rows('settlement')) ~ ')') | indent(4) }}

),

summed as (

    select
        {{ cell }},
        is_valid,
        broken_rules,
        case when broken_rules <> 0 then batch_id end as batch_id,
        case when broken_rules <> 0 then row_no end as row_no,
        any_value(case when broken_rules <> 0 then row_key end) as row_key,
        count(*) as settlements,
        {%- for column in settlement_sums() %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from settlements
    group by
        {{ cell }},
        is_valid,
        broken_rules,
        case when broken_rules <> 0 then batch_id end,
        case when broken_rules <> 0 then row_no end

)

select
    {{ settlement_words() }},
    is_valid,
    broken_rules,
    {{ is_rejected('settlement') }} as is_rejected,
    batch_id,
    row_no,
    row_key,
    settlements,
    {{ settlement_sums() | join(',\n    ') }}

from summed
