"""The pages as their exposures say them, and the addresses under which the tests open them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import blocks
from gongbao.paths import Home

PATIENCE = 300  # seconds: how slow a machine may be
PROJECT = Path(__file__).resolve().parent.parent


def _exposures() -> dict[str, dict[str, Any]]:
    """`config.meta` of every page by name, in the order of the links, read from the YAML itself."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((PROJECT / "models").rglob("*.yml"))]
    found = {one["name"]: one["config"]["meta"] | {"label": one["label"]} for file in files for one in file.get("exposures", []) if one["type"] == "dashboard"}
    return dict(sorted(found.items(), key=lambda item: item[1]["order"]))


PAGES = _exposures()

# A page that is a script -> an address with every control of the page at another value than its default. On a page made from figures the
# tests choose the second option of every control themselves.
OF_SCRIPTS: dict[str, dict[str, str]] = {
    "overview": {"year": "2023", "region": "510000"},
    "coverage": {"year": "2023", "region": "510000", "denom": "residents"},
    "monthly": {"year": "2024", "region": "510000", "measure": "fund_current_balance", "scheme": "resident", "period": "06"},
    "fund": {"year": "2024", "region": "510100", "scheme": "employee", "part": "account"},
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


def controls_of(page: str) -> list[str]:
    """The controls of a page, as parameters of the address."""
    return list(OF_SCRIPTS.get(page) or ["region", "year", *PAGES[page].get("controls", {})])


def title_of(page: str, language: str) -> str:
    """The title of a page in a language."""
    return PAGES[page]["label" if language == "zh" else f"label_{language}"]


def of_each_kind() -> list[str]:
    """Every page that is a script, and of the others as many as show figures of every kind: what is looked at in a browser."""
    pages, kinds = list(OF_SCRIPTS), set()
    for page in (name for name in PAGES if name not in OF_SCRIPTS):
        own = {figure["kind"] for figure in PAGES[page]["figures"]}
        if own - kinds:
            pages.append(page)
            kinds |= own
    return [page for page in PAGES if page in pages]


IN_BROWSER = of_each_kind()


@functools.cache
def deep_link(home: Home, page: str) -> dict[str, str]:
    """The address of a page with every control at its second option, and at a province of which the page has most numbers."""
    if page in OF_SCRIPTS:
        return OF_SCRIPTS[page]
    with duckdb.connect(str(home.published), read_only=True) as connection:
        [(region,)] = connection.execute(
            """
            select region_code from observations inner join pages on list_contains(string_split(pages.indicators, ' '), observations.indicator)
            where page = ? and region_level = 'province' and period_kind = 'year' and value is not null
            group by region_code order by count(*) desc, region_code limit 1
            """,
            [page],
        ).fetchall()
    options: dict[str, list[str]] = {}
    real = blocks.choose

    def keep(here: blocks.Context, name: str, codes: Sequence[str], *rest: Any, **more: Any) -> str:
        options[name] = list(codes)
        return real(here, name, codes, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "choose", keep)
        open_page(home, page, region=region)
    return {"region": region} | {name: codes[1] for name, codes in options.items() if len(codes) > 1}


def open_page(home: Home, page: str = "overview", /, **parameters: str) -> AppTest:
    """The page after one run, as a reader with that address sees it."""
    app = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=PATIENCE)
    for name, value in parameters.items():
        app.query_params[name] = value
    if page != next(iter(PAGES)):
        # `AppTest.switch_page` goes by the script, of which pages of figures have one together; a reader's browser asks by address.
        app._page_hash = calc_hash(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGBAO_HOME", str(home.root))
        app.run()
    assert [error.value for error in app.exception] == []
    if home.published.is_file() and "context" in app.session_state:
        assert app.session_state["context"].page == page
    return app
