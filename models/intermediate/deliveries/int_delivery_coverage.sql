-- What was delivered of a record for a period: of a province by its own deliveries, of the nation by those of the provinces.
with

delivered as (

    -- What is delivered for the nation itself is no province's.
    select * from {{ ref('int_delivered_province_months') }}
    where province_code <> '100000'
        and record not in ('{{ records_with('every', ['year']) | join("', '") }}')

),

spans as (

    select record, province_code, min(month_no) as first_month_no, max(month_no) as last_month_no
    from delivered
    group by record, province_code

),

periods as (

    select distinct
        closure.period_kind,
        closure.time_period,
        closure.first_month_no as from_month_no,
        closure.last_month_no as to_month_no

    from {{ ref('int_period_closure') }} as closure
    cross join {{ ref('reporting_period') }} as period
    where closure.last_month_no between least(period.first_stock_month_no, period.first_flow_month_no) and period.last_month_no

),

-- Flows need every month of the period, stocks its last.
of_provinces as (

    select
        'flow' as measure,
        spans.record,
        spans.province_code,
        spans.first_month_no,
        spans.last_month_no,
        periods.period_kind,
        periods.time_period,
        periods.from_month_no,
        periods.to_month_no,
        periods.to_month_no - periods.from_month_no + 1 as months,
        count(delivered.month_no) as months_delivered,
        count(delivered.month_no) > 0 as has_part

    from spans
    cross join periods
    left join delivered
        on spans.record = delivered.record
        and spans.province_code = delivered.province_code
        and delivered.month_no between periods.from_month_no and periods.to_month_no
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10

    union all

    select
        'stock' as measure,
        spans.record,
        spans.province_code,
        spans.first_month_no,
        spans.last_month_no,
        periods.period_kind,
        periods.time_period,
        periods.to_month_no as from_month_no,
        periods.to_month_no,
        1 as months,
        case when periods.to_month_no between spans.first_month_no and spans.last_month_no then 1 else 0 end as months_delivered,
        periods.to_month_no >= spans.first_month_no as has_part

    from spans
    cross join periods
    where periods.period_kind <> 'ytd'

),

provinces as (

    select
        measure,
        record,
        province_code as region_code,
        period_kind,
        time_period,
        from_month_no,
        to_month_no,
        first_month_no,
        last_month_no,
        months,
        months_delivered,
        has_part,
        cast(null as int) as provinces_whole,
        cast(null as int) as provinces_expected,
        months_delivered = months as is_whole,
        province_code as covered

    from of_provinces

),

-- The Corps is expected where it delivers.
listed as (

    select count(*) as provinces from {{ ref('regions') }} where kind = 'province'

),

nation as (

    select
        of_provinces.measure,
        of_provinces.record,
        '100000' as region_code,
        of_provinces.period_kind,
        of_provinces.time_period,
        of_provinces.from_month_no,
        of_provinces.to_month_no,
        min(of_provinces.first_month_no) as first_month_no,
        max(of_provinces.last_month_no) as last_month_no,
        max(of_provinces.months) as months,
        max(of_provinces.months_delivered) as months_delivered,
        max(case when of_provinces.has_part then 1 else 0 end) = 1 as has_part,
        cast(count(case when of_provinces.months_delivered = of_provinces.months then 1 end) as int) as provinces_whole,
        cast(max(listed.provinces) + count(case when of_provinces.province_code = '660000' then 1 end) as int) as provinces_expected,
        count(case when of_provinces.months_delivered = of_provinces.months then 1 end) = count(case when of_provinces.has_part then 1 end)
        and count(case when of_provinces.has_part then 1 end) > 0 as is_whole,
        {{ listed('case when of_provinces.has_part then of_provinces.province_code end', ',', 'of_provinces.province_code') }} as covered

    from of_provinces
    cross join listed
    group by 1, 2, 3, 4, 5, 6, 7

),

together as (

    select * from provinces
    union all
    select * from nation

)

select
    this.record,
    this.measure,
    this.region_code,
    this.period_kind,
    this.time_period,
    this.has_part,
    this.months_delivered > 0 as is_delivered,
    -- Two values compare where both are whole and of the same provinces.
    coalesce(this.is_whole and year_before.is_whole and this.covered = year_before.covered, false) as is_comparable,
    coalesce(year_before.months_delivered > 0, false) as is_delivered_before,
    case
        when this.measure = 'flow' and this.has_part and (this.first_month_no > this.from_month_no or this.last_month_no < this.to_month_no)
            then 'part'
        when not this.is_whole or this.provinces_whole < this.provinces_expected then 'provisional'
        else 'normal'
    end as status,
    nullif(concat_ws(
        '; ',
        case
            when not this.has_part or (this.measure = 'stock' and this.last_month_no < this.to_month_no)
                then case
                    when this.last_month_no < this.to_month_no
                        then this.record || ' delivered until ' || {{ month_text('this.last_month_no') }}
                    when this.first_month_no > this.from_month_no
                        then this.record || ' delivered from ' || {{ month_text('this.first_month_no') }}
                    else this.record || ' not delivered for the period'
                end
            when this.measure = 'flow' and (this.first_month_no > this.from_month_no or this.last_month_no < this.to_month_no)
                then this.record || ' delivered from '
                    || {{ month_text('greatest(this.first_month_no, this.from_month_no)') }}
                    || ' to ' || {{ month_text('least(this.last_month_no, this.to_month_no)') }}
            when this.months_delivered < this.months and this.region_code <> '100000'
                then this.record || ' not delivered for '
                    || cast(this.months - this.months_delivered as {{ dbt.type_string() }})
                    || ' of ' || cast(this.months as {{ dbt.type_string() }}) || ' months'
        end,
        case
            when this.provinces_whole < this.provinces_expected
                then this.record || ' complete in ' || cast(this.provinces_whole as {{ dbt.type_string() }})
                    || ' of ' || cast(this.provinces_expected as {{ dbt.type_string() }}) || ' provinces'
        end
    ), '') as status_reason

from together as this
left join together as year_before
    on this.record = year_before.record
    and this.measure = year_before.measure
    and this.region_code = year_before.region_code
    and this.period_kind = year_before.period_kind
    and {{ year_before('this.time_period') }} = year_before.time_period
