{{ bulletin_table(benefit_columns('employee') + [
    ['in_service_institution_cost', 'institution_cost', {'scheme': 'employee', 'member_status': 'in_service'}],
    ['retired_institution_cost', 'institution_cost', {'scheme': 'employee', 'member_status': 'retired'}],
]) }}
