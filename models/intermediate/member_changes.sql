select
    spells.population,
    spells.region_code,
    spells.scheme,
    spells.member_status,
    spells.employer_type,
    spells.account_mode,
    case when side.sign = 1 then spells.start_month_no else spells.end_month_no end as month_no,
    sum(side.sign * spells.members) as members,
    sum(side.sign * spells.members_as_reported) as members_as_reported

from {{ ref('counted_spells') }} as spells
cross join (select 1 as sign union all select -1) as side
group by 1, 2, 3, 4, 5, 6, 7
