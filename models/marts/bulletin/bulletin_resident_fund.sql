{{ bulletin_table([
    ['income', 'fund_income', {'scheme': 'resident'}],
    ['income_growth', 'fund_income', {'scheme': 'resident'}, 'growth_pct'],
    ['expenditure', 'fund_expenditure', {'scheme': 'resident'}],
    ['expenditure_growth', 'fund_expenditure', {'scheme': 'resident'}, 'growth_pct'],
    ['current_balance', 'fund_current_balance', {'scheme': 'resident'}],
    ['cumulative_balance', 'fund_cumulative_balance', {'scheme': 'resident'}],
]) }}
