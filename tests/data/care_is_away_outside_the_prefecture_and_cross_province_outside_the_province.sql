-- Where care is away, on pairs of places; a row is a pair that comes out otherwise.
with

pairs as (

    -- another county of the prefecture, another prefecture
    select '370102' as insured, '370104' as treated, 'local' as expected
    union all select '370102', '370200', 'in_province'
    -- a municipality is one prefecture
    union all select '110105', '110228', 'local'
    -- a county run as a city is its own, and so is each city that its province runs
    union all select '130181', '130102', 'in_province'
    union all select '429004', '429005', 'in_province'
    union all select '429004', '429004', 'local'
    union all select '420102', '429004', 'in_province'
    union all select '659001', '659002', 'in_province'
    union all select '469001', '460100', 'in_province'
    -- whoever is insured at the province's own level is at home in the whole province, not outside it
    union all select '379900', '370102', 'local'
    union all select '370000', '370102', 'local'
    union all select '429000', '429004', 'local'
    union all select '379900', '110105', 'cross_province'
    union all select '370102', '379900', 'in_province'
    -- the Corps is a province of its own
    union all select '660100', '650100', 'cross_province'
    -- an abolished prefecture counts under its successor
    union all select '522200', '520602', 'local'
    union all select '542326', '540202', 'local'
    union all select '632121', '630203', 'local'
    union all select '371202', '370116', 'local'
    -- a county that went elsewhere than its prefecture counts where it is now
    union all select '341422', '340203', 'local'
    union all select '341422', '340102', 'in_province'
    union all select '469003', '460400', 'local'

)

select
    insured,
    treated,
    expected,
    {{ travel_scope('insured', destination_of('insured', 'treated')) }} as found

from pairs
where {{ travel_scope('insured', destination_of('insured', 'treated')) }} <> expected
