{{ config(alias='regions') }}

with

listed as (

    select * from {{ ref('regions') }}

),

-- Counties have no list of their own: a delivered code below a prefecture is one.
counties as (

    select
        delivered.region_code,
        {{ prefecture_of('delivered.region_code') }} as parent_code

    from {{ ref('int_delivered_regions') }} as delivered
    left join listed on delivered.region_code = listed.region_code
    where listed.region_code is null
        and substr(delivered.region_code, 5, 2) <> '00'
        and delivered.region_code <> {{ prefecture_of('delivered.region_code') }}

),

-- A prefecture that the list does not know is kept under its code and put on the review list.
unlisted_prefectures as (

    select distinct {{ prefecture_of('delivered.region_code') }} as region_code

    from {{ ref('int_delivered_regions') }} as delivered
    left join listed on {{ prefecture_of('delivered.region_code') }} = listed.region_code
    where listed.region_code is null
        and delivered.region_code <> '100000'

)

select
    region_code,
    region_level,
    parent_code,
    name_zh,
    name_en,
    short_zh,
    kind,
    macro_region,
    cast(in_statistics as boolean) as in_statistics,
    cast(grid_row as int) as grid_row,
    cast(grid_col as int) as grid_col,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    successor_code

from listed

union all

select
    region_code,
    'county' as region_level,
    parent_code,
    region_code as name_zh,
    region_code as name_en,
    region_code as short_zh,
    'county' as kind,
    null as macro_region,
    true as in_statistics,
    null as grid_row,
    null as grid_col,
    null as valid_from,
    null as valid_to,
    null as successor_code

from counties

union all

select
    region_code,
    'prefecture' as region_level,
    {{ province_of('region_code') }} as parent_code,
    region_code as name_zh,
    region_code as name_en,
    region_code as short_zh,
    'unlisted' as kind,
    null as macro_region,
    true as in_statistics,
    null as grid_row,
    null as grid_col,
    null as valid_from,
    null as valid_to,
    null as successor_code

from unlisted_prefectures
