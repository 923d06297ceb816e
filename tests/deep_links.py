"""The addresses under which the tests open the pages."""

from __future__ import annotations

# A page -> an address with every control of the page at another value than its default.
DEEP_LINKS: dict[str, dict[str, str]] = {
    "overview": {"year": "2023", "region": "510000"},
    "coverage": {"year": "2023", "region": "510000", "denom": "residents"},
    "employees": {"year": "2023", "region": "510100"},
    "monthly": {"year": "2024", "region": "510000", "measure": "fund_current_balance", "scheme": "resident", "period": "06"},
    "fund": {"year": "2024", "region": "510100", "scheme": "employee", "part": "account"},
    "benefits": {"year": "2023", "region": "510000", "scheme": "resident", "level": "secondary"},
    "away": {"year": "2023", "dir": "in", "mode": "direct", "region": "510000"},
    "provinces": {"year": "2024", "scheme": "employee", "sort": "region", "base": "2022", "region": "320000"},
    "profile": {"year": "2023", "region": "510100", "section": "fund"},
    "downloads": {"table": "bulletin_employee_fund"},
    "indicators": {"indicator": "fund_surplus_rate", "q": "rate"},
    "reconcile": {
        "year": "2023",
        "vintage": "flash",
        "section": "employee",
        "result": "explained",
        "figure": "2023-flash-employee-fund_income-pooled",
    },
    # Codes of batches depend on the content of the sample: they have a test of their own.
    "quality": {"record": "settlement", "rule": "SETL-019", "year": "2023"},
}
