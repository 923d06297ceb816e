-- Basic insurance alone: the books of assistance, long-term care and serious illness are funds of their own.
{{ fund_fact(['basic_insurance'], ['scheme', 'fund_part']) }}
