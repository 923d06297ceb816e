{{ bulletin_table([
    ['members', 'members', {'scheme': 'employee'}],
    ['members_change', 'members', {'scheme': 'employee'}, 'change'],
    ['members_growth', 'members', {'scheme': 'employee'}, 'growth_pct'],
    ['in_service', 'members', {'scheme': 'employee', 'member_status': 'in_service'}],
    ['retired', 'members', {'scheme': 'employee', 'member_status': 'retired'}],
    ['in_service_retired_ratio', 'in_service_retired_ratio', {}],
    ['enterprise', 'members', {'scheme': 'employee', 'employer_type': 'enterprise'}],
    ['government_institution', 'members', {'scheme': 'employee', 'employer_type': 'government_institution'}],
    ['flexible_other', 'members', {'scheme': 'employee', 'employer_type': 'flexible_other'}],
    ['pooling_and_account', 'members', {'scheme': 'employee', 'account_mode': 'pooling_and_account'}],
    ['pooling_only', 'members', {'scheme': 'employee', 'account_mode': 'pooling_only'}],
]) }}
