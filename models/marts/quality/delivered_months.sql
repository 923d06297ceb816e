{#- What says that a month of a record was delivered, read from the condensed models: the raw records are not opened again. #}
{%- set deliveries = [
    {'record': 'enrollment', 'rows': 'enrolled', 'region': 'region_code', 'month': month_end('start_month_no'), 'entries': 'sum(spells)'},
    {'record': 'settlement', 'rows': ref('care_cube'), 'region': 'region_code', 'month': 'month', 'entries': 'sum(settlements)'},
    {'record': 'cross_province', 'rows': ref('counted_clearing_lines'), 'region': 'insured_region_code', 'month': month_end('month_no'),
     'entries': 'sum(lines_read)'},
    {'record': 'fund_ledger', 'rows': ref('ledger_months'), 'region': 'region_code', 'month': month_end('month_no'), 'entries': 'count(*)'},
    {'record': 'population', 'rows': ref('fct_population'), 'region': 'region_code', 'month': 'month', 'entries': 'count(*)'},
] -%}
with

enrolled as (

    select region_code, start_month_no, spells
    from {{ ref('condensed_enrollments') }}
    where is_enrolled
        and not is_rejected

    union all

    select single.region_code, single.start_month_no, -1 as spells
    from {{ ref('single_enrollments') }} as single
    inner join {{ ref('older_enrollment') }} as older
        on single.batch_id = older.batch_id
        and single.row_no = older.row_no
    where single.is_enrolled

),

entries_by_month as (

    {% for delivery in deliveries -%}
    select
        '{{ delivery.record }}' as record,
        {{ province_of(delivery.region) }} as province_code,
        {{ delivery.month }} as month,
        {{ delivery.entries }} as entries

    from {{ delivery.rows }}
    group by 2, 3
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

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
