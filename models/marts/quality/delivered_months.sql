select
    entries_by_month.record,
    entries_by_month.province_code,
    cast(months.month as date) as month,
    entries_by_month.entries

from {{ ref('entries_by_month') }} as entries_by_month
cross join {{ ref('reporting_period') }} as period
inner join {{ ref('months') }} as months on entries_by_month.month_no = months.month_no
where entries_by_month.entries > 0
    and entries_by_month.month_no between period.first_month_no and period.last_month_no
