{#- What says that a month of a record was delivered, read from the condensed models: the raw records are not opened again.
    Of `rows`: the region, the month, how many entries count in it, and the largest weight of one. #}
{%- set deliveries = [
    {'record': 'enrollment', 'rows': 'enrolled', 'region': 'region_code', 'month_no': 'month_no', 'entries': 'sum(spells)',
     'weight': 'max(weight)'},
    {'record': 'settlement', 'rows': ref('counted_settlements'), 'region': 'insured_region_code', 'month_no': 'month_no',
     'entries': 'sum(settlements)', 'weight': 'max(weight)'},
    {'record': 'cross_province', 'rows': ref('counted_clearing_lines'), 'region': 'insured_region_code', 'month_no': 'month_no',
     'entries': 'sum(lines_read)', 'weight': 'max(lines / lines_read)'},
    {'record': 'fund_ledger', 'rows': 'ledgers', 'region': 'region_code', 'month_no': 'month_no', 'entries': 'sum(books)', 'weight': '1'},
    {'record': 'population', 'rows': ref('accepted_population'), 'region': 'region_code', 'month_no': '(cast(year_code as int) * 12 + 11)',
     'entries': 'count(*)', 'weight': '1'},
] -%}
with

-- A spell is delivered in the month it starts; the month of its latest update, which says until when the register was kept,
-- has no entry of its own.
enrolled as (

    select region_code, start_month_no as month_no, spells, weight
    from {{ ref('condensed_enrollments') }}
    where is_enrolled
        and not is_rejected

    union all

    select region_code, updated_month_no as month_no, 0 as spells, weight
    from {{ ref('condensed_enrollments') }}
    where updated_month_no is not null
        and not is_rejected

    union all

    select single.region_code, single.start_month_no as month_no, -1 as spells, single.weight
    from {{ ref('single_enrollments') }} as single
    inner join {{ ref('checked_enrollment') }} as checked
        on single.batch_id = checked.batch_id
        and single.row_no = checked.row_no
    where single.is_enrolled
        and checked.reason = 'older version'

),

-- A sum of months is an entry of its last month; its first month is delivered with it.
ledgers as (

    select region_code, month_no, 1 as books from {{ ref('ledger_months') }}
    union all
    select region_code, first_month_no, 0 from {{ ref('ledger_months') }} where months_covered > 1

)

{% for delivery in deliveries -%}
select
    '{{ delivery.record }}' as record,
    {{ province_of('rows_of_record.' ~ delivery.region) }} as province_code,
    cast({{ delivery.month_no }} as int) as month_no,
    cast({{ delivery.entries }} as bigint) as entries,
    {{ delivery.weight }} > 1 as is_extract

from {{ delivery.rows }} as rows_of_record
group by 2, 3
{%- if not loop.last %}

union all

{% endif %}
{%- endfor %}
