with

entries as (

    select * from {{ ref('int_entries_by_month') }}

),

in_nation as (

    select record, month_no, sum(entries) as entries
    from entries
    group by record, month_no

),

record_spans as (

    select record, min(month_no) as first_month_no, max(month_no) as last_month_no
    from entries
    group by record

),

province_spans as (

    select
        record,
        province_code,
        min(month_no) as first_month_no,
        max(month_no) as last_month_no,
        sum(entries) as entries,
        max(case when is_extract then 1 else 0 end) = 1 as is_extract

    from entries
    group by record, province_code

),

-- What part of the nation's entries a province has in the months of its own deliveries.
shares as (

    select
        spans.record,
        spans.province_code,
        max(cast(spans.entries as double)) / nullif(sum(in_nation.entries), 0) as share_of_nation

    from province_spans as spans
    inner join in_nation
        on spans.record = in_nation.record
        and in_nation.month_no between spans.first_month_no and spans.last_month_no
    group by spans.record, spans.province_code

),

-- A register and a ledger run from their first to their last month (a month that a book leaves out is the book's matter);
-- of the others every month speaks for itself. Of a record that many places have nothing of (meta `silence: none`), whoever delivers
-- it at all has none where he delivers nothing.
month_by_month as (

    select
        spans.record,
        spans.province_code,
        spans.is_extract,
        months.month_no,
        coalesce(in_nation.entries, 0) * coalesce(shares.share_of_nation, 0) as entries_expected,
        case
            when spans.record in ('{{ records_with('silence', ['none']) | join("', '") }}') then true
            when spans.record in ('{{ records_with('form', ['register', 'ledger']) | join("', '") }}')
                then months.month_no between spans.first_month_no and spans.last_month_no
            else entries.month_no is not null
        end as is_seen

    from province_spans as spans
    inner join record_spans on spans.record = record_spans.record
    inner join {{ ref('int_months') }} as months
        on months.month_no between record_spans.first_month_no and record_spans.last_month_no
    left join shares
        on spans.record = shares.record
        and spans.province_code = shares.province_code
    left join in_nation
        on spans.record = in_nation.record
        and months.month_no = in_nation.month_no
    left join entries
        on spans.record = entries.record
        and spans.province_code = entries.province_code
        and months.month_no = entries.month_no

),

silences as (

    select
        *,
        sum(case when is_seen then 1 else 0 end) over (
            partition by record, province_code order by month_no nulls last
        ) as silence_no

    from month_by_month

),

judged as (

    select
        *,
        sum(case when is_seen then 0 else entries_expected end) over (
            partition by record, province_code, silence_no
        ) as entries_expected_in_silence

    from silences

)

select
    judged.record,
    judged.province_code,
    judged.month_no

from judged
cross join {{ ref('reporting_period') }} as period
where judged.month_no between least(period.first_stock_month_no, period.first_flow_month_no) and period.last_month_no
    and (
        judged.is_seen
        or (judged.is_extract and judged.entries_expected_in_silence < {{ var('entries_that_silence_hides') }})
    )
