-- Per indicator and province (and the nation), what was not delivered that it needs: a record, or an optional column of one.
with

regions as (

    select region_code from {{ ref('regions') }} where kind in ('nation', 'province', 'corps')

),

delivered as (

    select
        regions.region_code,
        batches.record,
        ',' || coalesce(batches.columns_delivered, '') || ',' as columns_delivered

    from {{ ref('stg_batches') }} as batches
    inner join regions
        on regions.region_code = '100000'
        or ',' || batches.province_codes || ',' like '%,' || regions.region_code || ',%'
    where batches.batch_id not in (
        select corrected.corrects_batch_id from {{ ref('stg_batches') }} as corrected where corrected.corrects_batch_id is not null
    )

),

needed as (

    select
        indicator,
        record,
        needs,
        split_part(needs, '.', 1) as needed_record,
        '%,' || split_part(needs, '.', 2) || ',%' as needed_column

    from {{ ref('indicator_catalogue') }}

),

found as (

    select
        needed.indicator,
        regions.region_code,
        needed.record,
        needed.needs,
        needed.needed_record,
        count(case when delivered.record = needed.record then 1 end) as batches,
        count(case when delivered.record = needed.needed_record then 1 end) as batches_of_needed_record,
        count(case when delivered.record = needed.needed_record and delivered.columns_delivered like needed.needed_column then 1 end) as batches_with_column,
        count(case when delivered.record = needed.record and ({{ tells_no_refunds('delivered') }}) then 1 end) as batches_without_refunds

    from needed
    cross join regions
    left join delivered on regions.region_code = delivered.region_code
    group by 1, 2, 3, 4, 5

)

select
    indicator,
    region_code,
    case
        when batches = 0 then 'record not delivered: ' || record
        when needs is not null and batches_of_needed_record = 0 then 'record not delivered: ' || needed_record
        when needs is not null and batches_with_column = 0 then 'column not delivered: ' || needs
    end as gap_when_missing,
    nullif(concat_ws(
        '; ',
        case when batches_without_refunds > 0 then 'refunds cannot be told apart in part of the deliveries' end,
        case
            when batches_with_column between 1 and batches_of_needed_record - 1
                then 'column not in ' || cast(batches_of_needed_record - batches_with_column as {{ dbt.type_string() }})
                    || ' of ' || cast(batches_of_needed_record as {{ dbt.type_string() }}) || ' deliveries: ' || needs
        end
    ), '') as gap_when_present,
    coalesce(batches_with_column between 1 and batches_of_needed_record - 1, false) as is_partial

from found
