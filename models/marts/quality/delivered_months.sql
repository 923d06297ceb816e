select
    entries.record,
    entries.province_code,
    cast(months.month as date) as month,
    case entries.record
    {%- for record in var('records') %}
        when '{{ record }}' then '{{ due_of(record) }}'
    {%- endfor %}
    end as due,
    entries.entries

from {{ ref('int_entries_by_month') }} as entries
cross join {{ ref('reporting_period') }} as period
inner join {{ ref('int_months') }} as months on entries.month_no = months.month_no
where entries.entries > 0
    and entries.month_no between period.first_month_no and period.last_month_no
