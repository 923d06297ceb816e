{{ bulletin_table([
    ['visits', 'away_visits', {}],
    ['employee_visits', 'away_visits', {'scheme': 'employee'}],
    ['resident_visits', 'away_visits', {'scheme': 'resident'}],
    ['in_province_visits', 'away_visits', {'travel_scope': 'in_province'}],
    ['cross_province_visits', 'away_visits', {'travel_scope': 'cross_province'}],
    ['cost', 'away_cost', {}],
    ['employee_cost', 'away_cost', {'scheme': 'employee'}],
    ['resident_cost', 'away_cost', {'scheme': 'resident'}],
    ['in_province_cost', 'away_cost', {'travel_scope': 'in_province'}],
    ['cross_province_cost', 'away_cost', {'travel_scope': 'cross_province'}],
    ['direct_settlement_visits', 'direct_settlement_visits', {'side': 'insured'}],
    ['direct_settlement_rate', 'direct_settlement_rate', {'side': 'insured'}],
]) }}
