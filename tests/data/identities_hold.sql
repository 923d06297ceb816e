-- An identity of a subject that has records must hold, and must have compared something.
select identities.*

from {{ ref('identities') }} as identities
where identities.failed > 0
    or (
        identities.compared = 0
        and identities.identity like '% of the nation'
        and exists (
            select 1
            from {{ ref('observations') }} as observations
            where observations.dataflow = identities.subject
                and observations.region_level = 'province'
                and observations.value <> 0
        )
    )
