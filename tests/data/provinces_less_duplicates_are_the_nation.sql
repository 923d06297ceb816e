-- Provinces report each person once in the province; less those counted in another province they are the nation, exactly.
with

yearly as (

    select
        time_period,
        dims,
        sum(case when indicator = 'members_as_reported' and region_level = 'province' then value end) as provinces,
        sum(case when indicator = 'duplicate_members' and region_level = 'nation' then value end) as duplicates,
        sum(case when indicator = 'members' and region_level = 'nation' then value end) as nation

    from {{ ref('observations') }}
    where period_kind = 'year'
        and indicator in ('members', 'members_as_reported', 'duplicate_members')
        and breakdown in ('', 'scheme')
    group by time_period, dims

)

select * from yearly
where nation is not null
    and coalesce(provinces, 0) - coalesce(duplicates, 0) <> nation
