{%- set cell = settlement_cell() | reject('equalto', 'weight') | join(',\n        ') %}
{%- set amounts = settlement_sums() | reject('equalto', 'visits') | list %}

with

parts as (

    select
        {{ cell }},
        settlements,
        {{ weighted('visits') }} as visits,
        cast(0 as decimal(38, 8)) as discharges,
        cast(0 as decimal(38, 8)) as bed_days,
        {%- for amount in amounts %}
        {{ weighted(amount) }} as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('int_settlement_counted_cells') }}

    union all

    select
        {{ cell }},
        0 as settlements,
        {{ weighted('discharges') }} as visits,
        {{ weighted('discharges') }} as discharges,
        {{ weighted('bed_days') }} as bed_days,
        {%- for amount in amounts %}
        null as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('int_settlement_stays') }}

),

summed as (

    select
        {{ cell }},
        sum(settlements) as settlements,
        sum(visits) as visits,
        sum(discharges) as discharges,
        sum(bed_days) as bed_days,
        {%- for amount in amounts %}
        sum({{ amount }}) as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from parts
    group by
        {{ cell }}
    having sum(settlements) > 0

)

select
    {{ month_end('month_no') }} as month,
    region_code,
    {%- for name in ['scheme', 'member_status', 'care_type', 'hospital_level'] %}
    cast({{ name }} as {{ dbt.type_string() }}) as {{ name }},
    {%- endfor %}
    {{ travel_scope('region_code', 'destination_code') }} as travel_scope,
    destination_code as counterpart_region,
    settlements,
    {%- for count in ['visits', 'discharges', 'bed_days'] %}
    cast({{ count }} as decimal(28, 6)) as {{ count }},
    {%- endfor %}
    {%- for amount in amounts %}
    cast({{ amount }} as decimal(28, 8)) as {{ 'medical_cost' if amount == 'total_cost' else amount }}{{ ',' if not loop.last }}
    {%- endfor %}

from summed
