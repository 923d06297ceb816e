-- Rows in current batches = rows counted in the care cube + rows left out for a named reason + rows marked invalid.
with

delivered as (

    select count(*) as rows_found from {{ current_rows('settlement') }} as staged

),

counted as (

    select coalesce(sum(settlements), 0) as rows_found from {{ ref('int_settlement_care') }}

),

left_out as (

    select count(*) as rows_found from {{ ref('checked_settlement') }} where reason is not null

),

invalid as (

    select coalesce(sum(settlements), 0) as rows_found
    from (
        select settlements from {{ ref('checked_settlement_pass') }} where not is_valid and not is_rejected
        union all
        select -1 as settlements
        from {{ ref('checked_settlement_rows_to_compare') }} as single
        inner join {{ ref('checked_settlement') }} as left_out
            on single.batch_id = left_out.batch_id
            and single.row_no = left_out.row_no
        where not single.is_valid
            and left_out.reason <> 'broken rule'
    ) as invalid_rows

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
