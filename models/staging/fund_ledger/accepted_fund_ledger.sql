{{ accepted('fund_ledger') }}
