"""The unit tests of the models, the tests of the seeds and those of every table's grain, run by dbt on the sample country built once more; what
two engines would order differently."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from country import Country
from rebuilt import Rebuilt


@pytest.mark.parametrize(("kind", "at_least"), [("unit", 15), ("seeds", 60), ("grain", 60)])
def test_dbt_tests_pass(rebuilt: Rebuilt, kind: str, at_least: int) -> None:
    manifest = json.loads((rebuilt.project / "target" / "manifest.json").read_text(encoding="utf-8"))
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    asked = {
        "unit": list(manifest["unit_tests"]),
        "seeds": [name for name, node in tests.items() if node["original_file_path"].startswith("seeds/")],
        "grain": [name for name, node in tests.items() if "grain" in node["tags"]],
    }[kind]
    assert len(asked) >= at_least
    assert {name: rebuilt.statuses.get(name) for name in asked} == dict.fromkeys(asked, "pass"), rebuilt.printed[-4000:]


def test_dbt_makes_its_pages(rebuilt: Rebuilt) -> None:
    # Compiling is what every build does.
    rebuilt.run("dbt", "docs", "generate", "--no-version-check", "--no-compile")
    target = rebuilt.project / "target"
    assert (target / "index.html").stat().st_size > 100_000
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    made = {name for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    assert set(catalog["nodes"]) == made and not catalog["errors"]


def ordered_windows(sql: str) -> Iterator[str]:
    """What stands between `order by` and the end, or the frame, of each window of a query."""
    for begun in re.finditer(r"\b(?:over|as) \((?=\s*(?:partition|order) by\b)", sql):
        depth, end = 1, begun.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        window = sql[begun.end() : end - 1]
        if ordered := re.search(r"\border by\b(.*)", window, re.DOTALL):
            yield re.split(r"\b(?:rows|range) between\b", ordered[1])[0]


def terms_of(order: str) -> list[str]:
    depth, terms = 0, [""]
    for sign in order:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        terms = [*terms, ""] if sign == "," and not depth else [*terms[:-1], terms[-1] + sign]
    return [" ".join(term.split()) for term in terms]


def test_every_term_that_orders_a_window_says_where_nulls_stand_since_engines_differ(country: Country) -> None:
    compiled = list((country.home / "warehouse" / "target" / "compiled").rglob("models/**/*.sql"))
    orders = {f"{path.stem}: {order.strip()}" for path in compiled for order in ordered_windows(path.read_text(encoding="utf-8"))}
    assert len(orders) > 20
    assert [order for order in sorted(orders) if not all(term.endswith("nulls last") for term in terms_of(order))] == []
