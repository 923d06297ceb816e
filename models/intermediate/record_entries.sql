-- What says that a month of a record was delivered for a region. The raw records are not opened again where a model has their entries.
{%- for record in var('records') %}
{%- set entries = var('entries').get(record) %}
{{ 'union all' if not loop.first }}
select
    '{{ record }}' as record,
    region_code,
    {%- if entries %}
    cast(month_no as int) as month_no,
    cast(sum(entries) as bigint) as entries,
    {%- else %}
    cast({{ month_index('counted_on') }} as int) as month_no,
    count(*) as entries,
    {%- endif %}
    cast(max(weight) as decimal(18, 6)) as weight

from {{ ref(entries or 'accepted_' ~ record) }}
{%- if not entries %}
where {{ is_entry(record) }}
{%- endif %}
group by 2, 3
{%- if not entries and meta_of(record).form == 'register' %}

union all

-- The month of the latest update says until when a register was kept.
select
    '{{ record }}' as record,
    region_code,
    cast({{ month_index('max(updated_at)') }} as int) as month_no,
    0 as entries,
    1 as weight

from {{ ref('accepted_' ~ record) }}
where {{ is_entry(record) }}
    and updated_at is not null
group by region_code
{%- endif %}
{%- endfor %}
