{{ bulletin_table([
    ['visits_by_insured', 'away_visits', {}],
    ['cross_province_visits_by_insured', 'away_visits', {'travel_scope': 'cross_province'}],
    ['cleared_out', 'cross_province_visits', {'side': 'insured'}],
    ['cleared_in', 'cross_province_visits', {'side': 'treatment'}],
    ['direct_settlement_rate', 'direct_settlement_rate', {'side': 'insured'}],
], levels=['province']) }}
