{{ bulletin_table([
    ['members', 'members', {'scheme': 'resident'}],
    ['members_change', 'members', {'scheme': 'resident'}, 'change'],
    ['members_growth', 'members', {'scheme': 'resident'}, 'growth_pct'],
    ['child', 'members', {'scheme': 'resident', 'member_status': 'child'}],
    ['adult', 'members', {'scheme': 'resident', 'member_status': 'adult'}],
    ['elderly', 'members', {'scheme': 'resident', 'member_status': 'elderly'}],
]) }}
