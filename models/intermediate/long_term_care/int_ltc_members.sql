-- Spells of long-term care insurance count by themselves, whatever other insurance a person has.
{{ held_objects(
    "(select"
    ~ " spells.*,"
    ~ " spells.started_on as began_on,"
    ~ " spells.suspended_on as ended_on,"
    ~ person_of('spells.certificate_key', 'spells.certificate_check', 'spells.person_number_key') ~ " as person_id,"
    ~ " case when substr(spells.person_type_code, 1, 2) in ('11', '12', '13') then 'employee' else 'resident' end as ltc_source"
    ~ " from " ~ ref('accepted_enrollment') ~ " as spells"
    ~ " where spells.insurance_type_code = '410' and spells.enrollment_status_code not in ('0', '3'))",
    ['person_id'],
    ['region_code', 'ltc_source'],
    ['began_on desc', 'region_code', 'spell_id']
) }}
