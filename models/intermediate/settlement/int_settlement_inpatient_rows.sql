-- depends_on: {{ ref('code_lists') }}
{{ config(materialized='view') }}

with

settlements as (

    {{ with_settlement_cells(current_rows('settlement') ~ ' as staged') | indent(4) }}

)

select
    batch_id,
    row_no,
    {{ stay() }} as stay_id,
    settlement_id,
    settled_at,
    is_visit,
    {{ stay_days() }} as bed_days,
    {{ settlement_words() }}

from settlements
where is_inpatient
    and is_valid
