-- What is left of each delivered record, of the batches that no later one replaces.
-- A subject is empty when none of its rows counts in the years of the statistics, and nearly empty when less than a tenth of the
-- delivered rows are accepted: such a release would show the faults of the delivery as statistics.
with

batches as (

    select
        record,
        sum(rows_delivered) as rows_delivered,
        sum(rows_accepted) as rows_accepted

    from {{ ref('batches') }}
    where corrected_by_batch_id is null
    group by record

),

counted as (

    select record, count(*) as counted_cells
    from {{ ref('delivered_months') }}
    where record <> 'enrollment'
    group by record

    union all

    select 'enrollment' as record, count(*) as counted_cells
    from {{ ref('fct_enrollment') }}

)

select
    batches.record,
    cast(batches.rows_delivered as bigint) as rows_delivered,
    cast(batches.rows_accepted as bigint) as rows_accepted,
    case
        when batches.rows_accepted * {{ var('least_accepted') }} < batches.rows_delivered then 'nearly empty'
        when coalesce(counted.counted_cells, 0) = 0 then 'empty'
        else 'counted'
    end as subject

from batches
left join counted on batches.record = counted.record
