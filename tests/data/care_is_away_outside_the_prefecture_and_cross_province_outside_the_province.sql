-- Where care is away, on pairs of places; a row is a pair that comes out otherwise.
with

pairs as (

    -- another county of the prefecture, another prefecture
    select '370102' as insured, '370104' as treated, 'local' as expected
    union all select '370102', '370200', 'in_province'
    -- a municipality is one prefecture
    union all select '110105', '110228', 'local'
    -- a county run as a city is its own, the province's own pool too
    union all select '130181', '130102', 'in_province'
    union all select '379900', '370102', 'in_province'
    -- the Corps is a province of its own
    union all select '660100', '650100', 'cross_province'
    -- an abolished prefecture counts under its successor
    union all select '522200', '520602', 'local'

)

select
    insured,
    treated,
    expected,
    {{ travel_scope('insured', destination_of('insured', 'treated')) }} as found

from pairs
where {{ travel_scope('insured', destination_of('insured', 'treated')) }} <> expected
