-- depends_on: {{ ref('code_lists') }}
{{ config(materialized='view') }}

with

settlements as (

    {{ with_settlement_cells(current_rows('settlement') ~ ' as staged') | indent(4) }}

)

select
    batch_id,
    row_no,
    coalesce(visit_id, settlement_id) as visit_id,
    settlement_id,
    settled_at,
    counts_as_visit,
    -- A second reimbursement pays for days that the first already counted.
    case when coalesce(settlement_type_code, '0') <> '3' then {{ stay_days('bed_days', 'began_on', 'ended_on') }} end as bed_days,
    {{ settlement_cell() | join(',\n    ') }}

from settlements
where is_inpatient
    and is_valid
