-- What was delivered of a region's population for itself. A municipality and its only prefecture are one place; an abolished
-- prefecture counts under its successor.
with

accepted as (

    select
        cast(year_code as int) as year_no,
        case
            when region_code = '100000' or region_code = {{ province_of('region_code') }} then region_code
            when substr(region_code, 5, 2) = '00' or substr(region_code, 3, 2) = '99' then {{ prefecture_of('region_code') }}
            else region_code
        end as region_code,
        resident_population,
        eligible_population

    from {{ ref('accepted_population') }}

)

select
    year_no,
    region_code,
    case
        when region_code = '100000' then 'nation'
        when region_code = {{ province_of('region_code') }} then 'province'
        when region_code = {{ prefecture_of('region_code') }} then 'prefecture'
        else 'county'
    end as region_level,
    sum(resident_population) as resident_population,
    sum(eligible_population) as eligible_population

from accepted
group by year_no, region_code

union all

select
    municipalities.year_no,
    {{ prefecture_of('municipalities.region_code') }} as region_code,
    'prefecture' as region_level,
    municipalities.resident_population,
    municipalities.eligible_population

from accepted as municipalities
left join accepted as its_prefecture
    on municipalities.year_no = its_prefecture.year_no
    and its_prefecture.region_code = {{ prefecture_of('municipalities.region_code') }}
where municipalities.region_code = {{ province_of('municipalities.region_code') }}
    and {{ prefecture_of('municipalities.region_code') }} = substr(municipalities.region_code, 1, 2) || '0100'
    and its_prefecture.region_code is null
