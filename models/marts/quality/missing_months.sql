-- What was due of a province and is not there. Of an event or a monthly count that is a month that was not delivered, of a register one outside
-- its first and last month; a ledger owes every month, and lacks it where one of its running books has no entry.
{%- set ledgers = records_with('form', ['ledger']) | join("', '") %}
with

provinces as (

    select region_code as province_code from {{ ref('regions') }} where kind in ('province', 'corps')

),

seen as (

    select * from {{ ref('int_entries_by_month') }} where entries > 0

),

-- A record that nobody delivered is due of nobody; of one by year the years are those that somebody delivered.
due as (

    select
        records.record,
        months.month_no,
        months.month

    from (select distinct record from seen where record in ('{{ records_due('month') | join("', '") }}')) as records
    cross join {{ ref('reporting_period') }} as period
    inner join {{ ref('int_months') }} as months on months.month_no between period.first_month_no and period.last_month_no

    union

    select
        seen.record,
        months.month_no,
        months.month

    from seen
    cross join {{ ref('reporting_period') }} as period
    inner join {{ ref('int_months') }} as months on seen.month_no = months.month_no
    where seen.record in ('{{ records_due('year') | join("', '") }}')
        and seen.month_no between period.first_month_no and period.last_month_no

),

delivered as (

    select record, province_code, month_no
    from {{ ref('int_delivered_province_months') }}
    where record not in ('{{ ledgers }}')

    union all

    select
        record,
        province_code,
        month_no

    from seen
    where record in ('{{ ledgers }}')
        and not exists (
            select 1
            from {{ ref('int_ledger_fund_months') }} as books
            where {{ province_of('books.region_code') }} = seen.province_code
                and books.month_no = seen.month_no
                and books.is_missing
                and books.months_covered is null
        )

)

select
    due.record,
    provinces.province_code,
    cast(due.month as date) as month

from due
cross join provinces
left join delivered
    on due.record = delivered.record
    and provinces.province_code = delivered.province_code
    and due.month_no = delivered.month_no
where delivered.record is null
