select
    delivered.region_code,
    {{ prefecture_of('delivered.region_code') }} as counted_under,
    case
        when listed.kind = 'collective' then 'collective'
        when prefectures.region_code is null then 'unlisted'
        else 'abolished'
    end as finding

from {{ ref('int_delivered_regions') }} as delivered
left join {{ ref('regions') }} as prefectures on {{ prefecture_of('delivered.region_code') }} = prefectures.region_code
left join {{ ref('regions') }} as listed on delivered.region_code = listed.region_code
where delivered.region_code <> '100000'
    and (
        prefectures.region_code is null
        or (listed.kind = 'collective' and not listed.in_statistics)
        or substr(delivered.region_code, 1, 4) in ('{{ var("successor_prefectures").keys() | join("', '") }}')
        or delivered.region_code in ('{{ var("successors_of_counties").keys() | join("', '") }}')
    )
