{{ held_objects(
    "(select entries.*," ~ person_of('entries.certificate_key', 'entries.certificate_check', 'entries.person_number_key') ~ " as person_id"
    ~ " from " ~ ref('accepted_person_register') ~ " as entries where entries.register_code = 'ltc_assessment' and entries.result_code = '1')",
    ['person_id'],
    ['region_code', 'kind_code'],
    ['began_on desc', 'region_code', 'register_id']
) }}
