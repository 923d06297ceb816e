{{ held_objects(
    "(select * from " ~ ref('accepted_register_entry') ~ " as entries where entries.register_code = 'area_programme' and entries.kind_code in ('ltc', 'ltc_pilot'))",
    ['object_id', 'kind_code'],
    ['region_code']
) }}
