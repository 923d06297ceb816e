-- Rows in current batches = rows counted in the care cube + rows left out for a named reason + rows marked invalid.
with

delivered as (

    select count(*) as rows_found from {{ current_rows('settlement') }} as staged

),

counted as (

    select coalesce(sum(settlements), 0) as rows_found from {{ ref('care_cube') }}

),

left_out as (

    select count(*) as rows_found
    from (
        select batch_id, row_no from {{ ref('settlements_left_out') }}
        union
        select batch_id, row_no from {{ ref('findings_settlement') }} where is_rejected
    ) as left_out_rows

),

invalid as (

    select coalesce(sum(condensed.settlements), 0) as rows_found
    from {{ ref('condensed_settlements') }} as condensed
    left join {{ ref('settlements_left_out') }} as left_out
        on condensed.batch_id = left_out.batch_id
        and condensed.row_no = left_out.row_no
    where not condensed.is_valid
        and not condensed.is_rejected
        and left_out.row_no is null

)

select
    delivered.rows_found as delivered,
    counted.rows_found as counted,
    left_out.rows_found as left_out,
    invalid.rows_found as invalid

from delivered
cross join counted
cross join left_out
cross join invalid
where delivered.rows_found <> counted.rows_found + left_out.rows_found + invalid.rows_found
