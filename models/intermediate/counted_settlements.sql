{{ config(materialized='view') }}

select condensed.*

from {{ ref('condensed_settlements') }} as condensed
left join {{ ref('settlements_left_out') }} as left_out
    on condensed.batch_id = left_out.batch_id
    and condensed.row_no = left_out.row_no
where left_out.row_no is null
    and not condensed.is_rejected
    and condensed.is_valid
