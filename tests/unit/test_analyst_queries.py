"""Every query of docs/analyst.md runs and answers."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from published_fixture import PROJECT, published_home  # noqa: F401

from gongbao.paths import Home

BLOCKS = re.findall(r"^```(sql|python)\n(.*?)^```", (PROJECT / "docs" / "analyst.md").read_text(encoding="utf-8"), re.M | re.S)


def test_the_guide_has_ten_queries() -> None:
    assert len(BLOCKS) == 10


@pytest.mark.parametrize("number", range(1, 11))
def test_query_returns_rows(number: int, published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    language, code = BLOCKS[number - 1]
    monkeypatch.chdir(published_home.root.parent)
    if language == "sql":
        with duckdb.connect("data/published/gongbao.duckdb", read_only=True) as connection:
            rows = connection.execute(code).fetchall()
    else:
        names: dict[str, object] = {}
        exec(compile(code, f"docs/analyst.md, query {number}", "exec"), names)
        rows = names["result"]
    assert len(rows) > 0


def test_the_surplus_query_counts_the_provinces_without_the_corps(published_home: Home) -> None:  # noqa: F811
    with duckdb.connect(str(published_home.published), read_only=True) as connection:
        assert connection.execute(BLOCKS[2][1]).fetchall() == [(17, 14)]


def test_the_guide_names_every_public_table() -> None:
    from gongbao.publish import PUBLIC_PREFIXES, PUBLIC_TABLES

    guide = Path(PROJECT / "docs" / "analyst.md").read_text(encoding="utf-8")
    assert [name for name in (*PUBLIC_TABLES, *PUBLIC_PREFIXES) if f"`{name}" not in guide] == []
