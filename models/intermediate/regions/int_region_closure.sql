-- Every delivered region with each region it is part of, itself included at its own level.
with

delivered as (

    select
        region_code,
        {{ prefecture_of('region_code') }} as prefecture_code,
        {{ province_of('region_code') }} as province_code

    from {{ ref('int_delivered_regions') }}

)

select
    region_code,
    region_code as ancestor_code,
    'county' as region_level

from delivered
where substr(region_code, 5, 2) <> '00'
    and region_code <> prefecture_code
    and substr(region_code, 3, 2) <> '99'

union all

select
    region_code,
    prefecture_code as ancestor_code,
    'prefecture' as region_level

from delivered
where region_code <> '100000'

union all

select
    region_code,
    province_code as ancestor_code,
    'province' as region_level

from delivered
where region_code <> '100000'

union all

select
    region_code,
    '100000' as ancestor_code,
    'nation' as region_level

from delivered
