-- A carer may work for several institutions at once.
{%- set person = person_of('certificate_key', 'certificate_check', 'person_number_key') %}
{{ overlapping_rows(
    candidates_of('person_register'),
    [person, 'register_code', "coalesce(kind_code, '')", "case when register_code = 'ltc_carer' then organisation_code end"],
    'PREG-012'
) }}
