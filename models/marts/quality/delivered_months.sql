-- Which months are there, read from the condensed models: the raw records are not opened again.
with

entries_by_month as (

    select
        'enrollment' as record,
        {{ province_of('condensed.region_code') }} as province_code,
        {{ month_end('condensed.start_month_no') }} as month,
        sum(condensed.spells) as entries

    from {{ ref('condensed_enrollments') }} as condensed
    left join {{ ref('older_enrollment') }} as older
        on condensed.batch_id = older.batch_id
        and condensed.row_no = older.row_no
    where condensed.is_enrolled
        and not condensed.is_rejected
        and older.row_no is null
    group by 2, 3

    union all

    select
        'settlement' as record,
        {{ province_of('region_code') }} as province_code,
        month,
        sum(settlements) as entries

    from {{ ref('care_cube') }}
    group by 2, 3

    union all

    select
        'cross_province' as record,
        {{ province_of('insured_region_code') }} as province_code,
        {{ month_end('month_no') }} as month,
        sum(lines_read) as entries

    from {{ ref('counted_clearing_lines') }}
    group by 2, 3

    union all

    select
        'fund_ledger' as record,
        {{ province_of('region_code') }} as province_code,
        {{ month_end('month_no') }} as month,
        count(*) as entries

    from {{ ref('ledger_months') }}
    group by 2, 3

    union all

    select
        'population' as record,
        {{ province_of('region_code') }} as province_code,
        month,
        count(*) as entries

    from {{ ref('fct_population') }}
    group by 2, 3

)

select
    entries_by_month.record,
    entries_by_month.province_code,
    cast(entries_by_month.month as date) as month,
    cast(entries_by_month.entries as bigint) as entries

from entries_by_month
cross join {{ ref('reporting_period') }} as period
where entries_by_month.entries > 0
    and extract(year from entries_by_month.month) between period.first_year and period.last_year
