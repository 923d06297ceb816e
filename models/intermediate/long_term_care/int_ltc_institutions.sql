{{ held_objects(
    "(select * from " ~ ref('accepted_register_entry') ~ " as entries where entries.register_code = 'ltc_institution')",
    ['object_id'],
    ['region_code', 'kind_code']
) }}
