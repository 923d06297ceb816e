select
    entries.record,
    entries.province_code,
    cast(months.month as date) as month,
    entries.entries

from {{ ref('entries_by_month') }} as entries
inner join {{ ref('months') }} as months on entries.month_no = months.month_no
cross join {{ ref('reporting_period') }} as period
where entries.record in ('settlement', 'cross_province', 'fund_ledger')
    and entries.entries > 0
    and not entries.month_no between period.first_flow_month_no and period.last_month_no
