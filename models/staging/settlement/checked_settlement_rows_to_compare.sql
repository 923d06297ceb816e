{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
with

-- The few rows first: the rules are then tested for them alone.
found as (

    select *
    from {{ current_rows('settlement') }} as staged
    where is_refund
        or {{ hash_in_province('row_key') }} in (select compared.key_hash from {{ ref('checked_settlement_keys_to_compare') }} as compared)
        or {{ hash_in_province('settlement_id') }} in (select compared.key_hash from {{ ref('checked_settlement_keys_to_compare') }} as compared)

),

checked as (

    {{ with_broken_rules('settlement', 'found') | indent(4) }}

),

settlements as (

    {{ with_settlement_cells('checked') | indent(4) }}

),

with_their_versions as (

    {{ with_versions('settlement', 'settlements') | indent(4) }}

)

select
    batch_id,
    row_no,
    row_key,
    updated_at,
    settlement_id,
    cancelled_settlement_id,
    is_refund,
    settled_at,
    {{ settlement_words() }},
    is_valid,
    broken_rules,
    {{ is_rejected('settlement') }} as is_rejected,
    version_no,
    {{ settlement_sums() | join(',\n    ') }},
    {{ names_of_cancelling('settlement').amounts | reject('in', settlement_sums()) | join(',\n    ') }}

from with_their_versions
