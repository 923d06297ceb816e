-- Of employees, summed over all regions and kinds: as definitions say it, taken from the members alone.
with

year_ends as (

    select extract(year from month) as year, sum(members) as members, sum(hospitalization_base) as base
    from {{ ref('fct_enrollment') }}
    where scheme = 'employee'
        and extract(month from month) = 12
    group by 1

)

select
    year_ends.year,
    year_ends.base,
    (year_ends.members + before.members) / 2 as mean

from year_ends
inner join year_ends as before on year_ends.year = before.year + 1
where abs(year_ends.base - (year_ends.members + before.members) / 2) > 0.01
    or year_ends.base is null
