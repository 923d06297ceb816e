-- What a region was given beyond the regions below it stands on the region's own code, so that sums give the delivered
-- figure of every region whichever levels were delivered.
with

delivered as (

    select
        cast(year_code as int) as year_no,
        region_code,
        case
            when region_code = '100000' then null
            when region_code = {{ province_of('region_code') }} then '100000'
            when region_code = {{ prefecture_of('region_code') }} then {{ province_of('region_code') }}
            else {{ prefecture_of('region_code') }}
        end as parent_code,
        resident_population,
        eligible_population

    from {{ accepted_rows('population') }} as population

),

regions_below as (

    select
        year_no,
        parent_code as region_code,
        sum(resident_population) as resident_population,
        sum(eligible_population) as eligible_population

    from delivered
    where parent_code is not null
    group by year_no, parent_code

),

own as (

    select
        delivered.year_no,
        delivered.region_code,
        delivered.resident_population - coalesce(regions_below.resident_population, 0) as resident_population,
        delivered.eligible_population - coalesce(regions_below.eligible_population, 0) as eligible_population

    from delivered
    left join regions_below
        on delivered.year_no = regions_below.year_no
        and delivered.region_code = regions_below.region_code

)

select
    {{ month_end('(own.year_no * 12 + 11)') }} as month,
    own.region_code,
    cast(own.resident_population as decimal(28, 2)) as resident_population,
    cast(own.eligible_population as decimal(28, 2)) as eligible_population

from own
cross join {{ ref('reporting_period') }} as period
where own.year_no between period.first_year - 1 and period.last_year
    and (own.resident_population <> 0 or own.eligible_population <> 0)
