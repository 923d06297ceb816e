-- The directory of a province is its own from the first item on, before that the nation's; a prefecture stands here where it has one.
with

begun as (

    select
        region_code,
        min(start_month_no) as first_month_no

    from {{ ref('int_ltc_items') }}
    group by region_code

),

-- Where nobody has delivered an item nothing is known of any directory.
places as (

    select
        places.region_code,
        places.region_level,
        months.month_no,
        months.month,
        case
            when own.first_month_no <= months.month_no then places.region_code
            when places.region_level = 'prefecture' and of_province.first_month_no <= months.month_no then {{ province_of('places.region_code') }}
            else '100000'
        end as directory_code

    from {{ ref('regions') }} as places
    cross join {{ ref('reporting_period') }} as period
    inner join {{ ref('int_months') }} as months on months.month_no between period.first_stock_month_no and period.last_month_no
    left join begun as own on places.region_code = own.region_code
    left join begun as of_province on {{ province_of('places.region_code') }} = of_province.region_code
    where places.in_statistics
        and (places.region_level in ('nation', 'province') or (places.region_level = 'prefecture' and own.first_month_no is not null))
        and exists (select 1 from begun)

),

kinds as (

    select code as item_class from {{ ref('code_lists') }} where list = 'ltc_item_kind'
    union all
    select '_T'

)

select
    places.month,
    places.region_code,
    places.region_level,
    kinds.item_class,
    cast(coalesce(sum(items.weight), 0) as decimal(28, 6)) as items

from places
cross join kinds
left join {{ ref('int_ltc_items') }} as items
    on places.directory_code = items.region_code
    and places.month_no between items.start_month_no and items.end_month_no - 1
    and kinds.item_class in (items.kind_code, '_T')
group by places.month, places.region_code, places.region_level, kinds.item_class
