{{ held_objects(
    "(select * from " ~ ref('accepted_register_entry') ~ " as entries where entries.register_code = 'ltc_item')",
    ['region_code', 'object_id'],
    ['kind_code']
) }}
