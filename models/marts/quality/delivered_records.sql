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

-- What a register holds at the end of the first year before the statistics counts in them.
counted as (

    select
        entries.record,
        sum(entries.entries) as entries

    from {{ ref('int_entries_by_month') }} as entries
    cross join {{ ref('reporting_period') }} as period
    where entries.month_no <= period.last_month_no
        and (entries.month_no >= period.first_month_no or entries.record in ('{{ records_with('form', ['register']) | join("', '") }}'))
    group by entries.record

)

select
    batches.record,
    cast(batches.rows_delivered as bigint) as rows_delivered,
    cast(batches.rows_accepted as bigint) as rows_accepted,
    case
        when batches.rows_accepted * {{ var('least_accepted') }} < batches.rows_delivered then 'nearly empty'
        when coalesce(counted.entries, 0) = 0 then 'empty'
        else 'counted'
    end as subject

from batches
left join counted on batches.record = counted.record
