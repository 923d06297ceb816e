{{ checked('fund_ledger') }}
