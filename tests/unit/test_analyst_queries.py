"""Every query of docs/analyst.md and of its Chinese page runs and answers."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml
from published_fixture import PROJECT, published_home  # noqa: F401

from gongbao.paths import Home

GUIDES = {name: (PROJECT / "docs" / name).read_text(encoding="utf-8") for name in ("analyst.md", "analyst.zh-CN.md")}
BLOCKS = {name: re.findall(r"^```(sql|python)\n(.*?)^```", text, re.M | re.S) for name, text in GUIDES.items()}


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_has_eleven_queries(guide: str) -> None:
    assert len(BLOCKS[guide]) == 11


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("number", range(1, 12))
def test_query_returns_rows(guide: str, number: int, published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    language, code = BLOCKS[guide][number - 1]
    monkeypatch.chdir(published_home.root.parent)
    if language == "sql":
        with duckdb.connect("data/published/gongbao.duckdb", read_only=True) as connection:
            rows = connection.execute(code).fetchall()
    else:
        names: dict[str, object] = {}
        exec(compile(code, f"docs/{guide}, query {number}", "exec"), names)
        rows = names["result"]
    assert len(rows) > 0


@pytest.mark.parametrize("guide", GUIDES)
def test_the_surplus_query_counts_the_provinces_without_the_corps(guide: str, published_home: Home) -> None:  # noqa: F811
    with duckdb.connect(str(published_home.published), read_only=True) as connection:
        assert connection.execute(BLOCKS[guide][2][1]).fetchall() == [(17, 14)]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_total_and_its_parts_are_told_apart(guide: str, published_home: Home) -> None:  # noqa: F811
    with duckdb.connect(str(published_home.published), read_only=True) as connection:
        rows = {year: rest for year, *rest in connection.execute(BLOCKS[guide][1][1]).fetchall()}
    assert rows["2024"] == [132662.07, 37948.34, 94713.73]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_names_every_public_table(guide: str) -> None:
    described = [model for file in sorted((PROJECT / "models").rglob("*.yml")) for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])]
    seeds = yaml.safe_load((PROJECT / "seeds" / "_seeds.yml").read_text(encoding="utf-8"))["seeds"]
    public = {model["name"] for model in described if model.get("access") == "public"}
    public |= {seed["name"] for seed in seeds if seed["config"]["meta"].get("access") == "public"}
    assert len(public) > 40
    families = {re.sub(r"^(bulletin|fct|review)_.*", r"\1_", name) for name in public - {"dim_region"}} | {"regions"}
    assert sorted(name for name in families if f"`{name}" not in GUIDES[guide]) == []
