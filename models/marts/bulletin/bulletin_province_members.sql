{{ bulletin_table([
    ['members', 'members', {}],
    ['employee_members', 'members', {'scheme': 'employee'}],
    ['resident_members', 'members', {'scheme': 'resident'}],
    ['members_as_reported', 'members_as_reported', {}],
    ['coverage_rate', 'coverage_rate', {}],
    ['population_coverage_rate', 'population_coverage_rate', {}],
    ['in_service_retired_ratio', 'in_service_retired_ratio', {}],
], levels=['province']) }}
