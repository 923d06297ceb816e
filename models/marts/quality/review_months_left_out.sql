select
    entries.record,
    entries.province_code,
    cast(months.month as date) as month,
    entries.entries

from {{ ref('int_entries_by_month') }} as entries
inner join {{ ref('int_months') }} as months on entries.month_no = months.month_no
cross join {{ ref('reporting_period') }} as period
where entries.record not in ('{{ (records_with('form', ['register']) + records_with('every', ['year'])) | join("', '") }}')
    and entries.entries > 0
    and not entries.month_no between period.first_flow_month_no and period.last_month_no
