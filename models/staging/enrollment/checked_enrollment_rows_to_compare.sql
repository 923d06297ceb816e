{{ config(materialized='table') }}
-- depends_on: {{ ref('code_lists') }}
with

-- The few rows first: the rules are then tested for them alone.
found as (

    select *
    from (
        select
            *,
            {{ person_of('certificate_key', 'certificate_check', 'person_number_key') }} as person_id
        from {{ current_rows('enrollment') }} as staged
    ) as identified
    where {{ hash_in_province('row_key') }} in (select compared.key_hash from {{ ref('checked_enrollment_keys_to_compare') }} as compared)
        or {{ key_hash('person_id') }} in (select compared.key_hash from {{ ref('checked_enrollment_keys_to_compare') }} as compared)

),

checked as (

    {{ with_broken_rules('enrollment', 'found') | indent(4) }}

),

enrollments as (

    {{ with_spell_cells('checked') | indent(4) }}

),

with_their_versions as (

    {{ with_versions('enrollment', 'enrollments') | indent(4) }}

)

select
    batch_id,
    row_no,
    row_key,
    updated_at,
    spell_id,
    started_on,
    person_id,
    {{ spell_words() }},
    broken_rules,
    {{ is_rejected('enrollment') }} as is_rejected,
    version_no

from with_their_versions
