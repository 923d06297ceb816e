-- Rule ltc-scope-1: to 2024 the national pilots count, from 2025 all areas.
-- A region lies in an area that has its code, or its first four digits and then 00, or its first two and then 0000. Of a province that
-- delivered no list of areas nobody knows a pilot; what it delivers is of areas that run the insurance, and is said to be taken so.
with

regions as (

    select region_code from {{ ref('int_delivered_regions') }}

),

provinces_with_programmes as (

    select distinct {{ province_of('region_code') }} as province_code
    from {{ ref('accepted_register_entry') }}
    where register_code = 'area_programme'

),

in_areas as (

    select
        regions.region_code,
        areas.object_id as area_code,
        areas.kind_code,
        areas.start_month_no,
        areas.end_month_no

    from regions
    inner join {{ ref('int_ltc_areas') }} as areas
        on areas.object_id in (regions.region_code, substr(regions.region_code, 1, 4) || '00', {{ province_of('regions.region_code') }})

    union all

    select
        regions.region_code,
        {{ prefecture_of('regions.region_code') }} as area_code,
        'unlisted' as kind_code,
        period.first_stock_month_no as start_month_no,
        period.last_month_no + 1 as end_month_no

    from regions
    cross join {{ ref('reporting_period') }} as period
    left join provinces_with_programmes as known on {{ province_of('regions.region_code') }} = known.province_code
    where known.province_code is null

),

by_month as (

    select
        in_areas.region_code,
        months.month_no,
        months.year_no,
        -- The narrowest area: its code is the longest before the zeros.
        max(in_areas.area_code) as area_code,
        max(case when in_areas.kind_code = 'ltc_pilot' then 1 else 0 end) = 1 as is_pilot,
        max(case when in_areas.kind_code = 'unlisted' then 1 else 0 end) = 1 as is_unlisted

    from in_areas
    inner join {{ ref('int_months') }} as months on months.month_no between in_areas.start_month_no and in_areas.end_month_no - 1
    group by in_areas.region_code, months.month_no, months.year_no

)

select
    region_code,
    month_no,
    area_code,
    case
        when is_pilot then 'pilot'
        when is_unlisted then case when year_no >= 2025 then 'unlisted_area' else 'unlisted_outside' end
        when year_no >= 2025 then 'other_area'
        else 'outside'
    end as area_scope

from by_month
