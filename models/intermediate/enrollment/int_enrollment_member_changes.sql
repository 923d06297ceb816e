{{ changes_of_spells(
    ref('int_enrollment_counted_spells'),
    ['population', 'region_code', 'scheme', 'member_status', 'employer_type', 'account_mode'],
    ['members', 'members_as_reported']
) }}
