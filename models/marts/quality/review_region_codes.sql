select
    delivered.region_code,
    {{ prefecture_of('delivered.region_code') }} as counted_under,
    case when prefectures.region_code is null then 'unlisted' else 'abolished' end as finding

from {{ ref('delivered_regions') }} as delivered
left join {{ ref('regions') }} as prefectures on {{ prefecture_of('delivered.region_code') }} = prefectures.region_code
where delivered.region_code <> '100000'
    and (
        prefectures.region_code is null
        or substr(delivered.region_code, 1, 4) in ('{{ var("successor_prefectures").keys() | join("', '") }}')
    )
