select
    carers.batch_id,
    carers.row_no,
    carers.row_key,
    'PREG-015' as rule_code

from {{ ref('accepted_person_register') }} as carers
where {{ is_valid('carers.valid_flag') }}
    and carers.register_code = 'ltc_carer'
    and carers.organisation_code is not null
    and not exists (
        select 1
        from {{ ref('accepted_register_entry') }} as institutions
        where institutions.register_code = 'ltc_institution'
            and carers.organisation_code = institutions.object_id
            and {{ is_valid('institutions.valid_flag') }}
            and institutions.began_on <= carers.began_on
            and (institutions.ended_on is null or institutions.ended_on > carers.began_on)
    )
