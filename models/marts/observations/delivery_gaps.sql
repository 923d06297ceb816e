-- Per indicator, what was not delivered that it needs: a record, or an optional column of one.
with

delivered as (

    select
        record,
        ',' || coalesce(columns_delivered, '') || ',' as columns_delivered

    from {{ ref('stg_batches') }}
    where batch_id not in (select later.corrects_batch_id from {{ ref('stg_batches') }} as later where later.corrects_batch_id is not null)

),

needed as (

    select
        indicator,
        case fact
            when 'fct_enrollment' then 'enrollment'
            when 'fct_maternity' then case when indicator = 'maternity_members' then 'enrollment' else 'settlement' end
            when 'fct_fund' then 'fund_ledger'
            when 'fct_cross_province' then 'cross_province'
            when 'fct_population' then 'population'
            else 'settlement'
        end as record,
        needs

    from {{ ref('indicator_catalogue') }}

),

found as (

    select
        needed.indicator,
        needed.record,
        needed.needs,
        count(delivered.record) as batches,
        count(needs_record.record) as batches_of_needed_record,
        count(case when needs_record.columns_delivered like '%,' || split_part(needed.needs, '.', 2) || ',%' then 1 end) as batches_with_column,
        count(case when delivered.columns_delivered not like '%,refd_setl_flag,%' and delivered.columns_delivered not like '%,init_setl_id,%' then 1 end) as batches_without_refunds

    from needed
    left join delivered on needed.record = delivered.record
    left join delivered as needs_record
        on split_part(needed.needs, '.', 1) = needs_record.record
    group by needed.indicator, needed.record, needed.needs

)

select
    indicator,
    case
        when batches = 0 then 'record not delivered: ' || record
        when needs is not null and batches_of_needed_record = 0 then 'record not delivered: ' || split_part(needs, '.', 1)
        when needs is not null and batches_with_column = 0 then 'column not delivered: ' || needs
    end as gap_when_missing,
    case
        when record = 'settlement' and batches_without_refunds > 0 then 'refunds cannot be told apart in part of the deliveries'
    end as gap_when_present

from found
