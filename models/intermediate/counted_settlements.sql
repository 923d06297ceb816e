{{ config(materialized='view') }}

with

counted as (

    select
        staged.*,
        {{ month_index('staged.settled_at') }} as month_no,
        substr(staged.person_type_code, 1, 2) as person_class_code,
        {{ travel_scope('staged.insured_region_code', 'staged.treatment_region_code') }} as travel_scope,
        coalesce(staged.interim_flag, '0') <> '1' and coalesce(staged.settlement_type_code, '0') <> '3' as counts_as_visit,
        {{ maps_to('staged.visit_type_code', 'med_type', 'inpatient') }} as is_inpatient

    from {{ current_rows('settlement') }} as staged
    left join {{ ref('settlements_left_out') }} as left_out
        on staged.batch_id = left_out.batch_id
        and staged.row_no = left_out.row_no
    where left_out.row_no is null
        and {{ is_valid('staged.valid_flag') }}

)

select
    *,
    case when travel_scope <> 'local' then {{ province_of('treatment_region_code') }} end as destination_code

from counted
