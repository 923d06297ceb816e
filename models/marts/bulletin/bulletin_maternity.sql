{{ bulletin_table([
    ['members', 'maternity_members', {}],
    ['members_change', 'maternity_members', {}, 'change'],
    ['members_growth', 'maternity_members', {}, 'growth_pct'],
    ['benefit_visits', 'maternity_benefit_visits', {}],
    ['benefit_visits_growth', 'maternity_benefit_visits', {}, 'growth_pct'],
    ['fund_expenditure', 'maternity_fund_expenditure', {}],
    ['fund_expenditure_growth', 'maternity_fund_expenditure', {}, 'growth_pct'],
]) }}
