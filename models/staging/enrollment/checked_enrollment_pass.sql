{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
{%- set cell = spell_cell() | join(',\n        ') %}

with

enrollments as (

    {{ with_spell_cells('(' ~ with_broken_rules('enrollment', current_rows('enrollment')) ~ ')') | indent(4) }}

),

condensed as (

    select
        {{ cell }},
        broken_rules,
        case when broken_rules <> 0 then batch_id end as batch_id,
        case when broken_rules <> 0 then row_no end as row_no,
        any_value(case when broken_rules <> 0 then row_key end) as row_key,
        cast({{ month_index('max(updated_at)') }} as int) as updated_month_no,
        count(*) as spells

    from enrollments
    group by
        {{ cell }},
        broken_rules,
        case when broken_rules <> 0 then batch_id end,
        case when broken_rules <> 0 then row_no end

)

select
    {{ spell_words() }},
    broken_rules,
    {{ is_rejected('enrollment') }} as is_rejected,
    batch_id,
    row_no,
    row_key,
    updated_month_no,
    spells

from condensed
