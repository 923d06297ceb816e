-- What says that a month of a record was delivered for a region: its entries. The raw records are not opened again where a model has
-- them. A register says besides until when it was kept: the month of its latest update has no entry of its own. A delivery without rows
-- says that its province has nothing, in all months of the statistics.
with

entries as (
    {%- for record in var('records') %}
    {%- set entries = var('entries').get(record) %}
    {{ 'union all' if not loop.first }}
    select
        '{{ record }}' as record,
        region_code,
        cast({{ 'month_no' if entries else month_index('counted_on') }} as int) as month_no,
        {{ 'entries' if entries else '1' }} as entries,
        weight

    from {{ ref(entries or 'accepted_' ~ record) }}
    {%- if not entries %}
    where {{ is_entry(record) }}
    {%- if meta_of(record).form == 'register' %}

    union all

    select
        '{{ record }}' as record,
        region_code,
        cast({{ month_index('max(updated_at)') }} as int) as month_no,
        0 as entries,
        max(weight) as weight

    from {{ ref('accepted_' ~ record) }}
    where updated_at is not null
    group by region_code
    {%- endif %}
    {%- endif %}
    {%- endfor %}

    union all

    select
        empty.record,
        empty.province_codes as region_code,
        months.month_no,
        0 as entries,
        1 as weight

    from {{ ref('stg_batches') }} as empty
    cross join {{ ref('reporting_period') }} as period
    inner join {{ ref('int_months') }} as months on months.month_no in (period.first_stock_month_no, period.last_month_no)
    where empty.rows_read = 0
        and empty.batch_id not in (select replaced.corrects_batch_id from {{ ref('stg_batches') }} as replaced where replaced.corrects_batch_id is not null)

)

select
    record,
    region_code,
    month_no,
    cast(sum(entries) as bigint) as entries,
    cast(max(weight) as decimal(18, 6)) as weight

from entries
group by record, region_code, month_no
