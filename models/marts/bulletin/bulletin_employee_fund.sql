{{ bulletin_table([
    ['income', 'fund_income', {'scheme': 'employee'}],
    ['income_growth', 'fund_income', {'scheme': 'employee'}, 'growth_pct'],
    ['expenditure', 'fund_expenditure', {'scheme': 'employee'}],
    ['expenditure_growth', 'fund_expenditure', {'scheme': 'employee'}, 'growth_pct'],
    ['pooled_income', 'fund_income', {'scheme': 'employee', 'fund_part': 'pooled'}],
    ['pooled_expenditure', 'fund_expenditure', {'scheme': 'employee', 'fund_part': 'pooled'}],
    ['pooled_current_balance', 'fund_current_balance', {'scheme': 'employee', 'fund_part': 'pooled'}],
    ['pooled_cumulative_balance', 'fund_cumulative_balance', {'scheme': 'employee', 'fund_part': 'pooled'}],
    ['account_income', 'fund_income', {'scheme': 'employee', 'fund_part': 'account'}],
    ['account_expenditure', 'fund_expenditure', {'scheme': 'employee', 'fund_part': 'account'}],
    ['account_current_balance', 'fund_current_balance', {'scheme': 'employee', 'fund_part': 'account'}],
    ['account_cumulative_balance', 'fund_cumulative_balance', {'scheme': 'employee', 'fund_part': 'account'}],
]) }}
