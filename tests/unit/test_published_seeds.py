"""Published figures and breaks of definition name cells that observations can have."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def rows(path: str) -> list[dict[str, str]]:
    with (SEEDS / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def values() -> dict[str, set[str]]:
    """Of every dimension the values that a cell can have."""
    listed: dict[str, set[str]] = {"regions": {row["region_code"] for row in rows("codes/regions.csv")}}
    for row in rows("codes/code_lists.csv"):
        listed.setdefault(row["list"], set()).add(row["code"])
    return {row["dimension"]: listed[row["code_list"]] for row in rows("codes/dimensions.csv")}


@pytest.mark.parametrize(("path", "at_least", "beyond"), [("published/published_figures.csv", 600, set()), ("published/definition_breaks.csv", 18, {"_T"})])
def test_dims_are_written_in_the_one_way_that_observations_write_them(path: str, at_least: int, beyond: set[str], values: dict[str, set[str]]) -> None:
    cells = [row["dims"] for row in rows(path) if row["dims"]]
    assert len(cells) >= at_least
    for dims in cells:
        pairs = [pair.split("=") for pair in dims.split(";")]
        names = [name for name, _ in pairs]
        assert names == sorted(set(names)), dims
        assert [value for name, value in pairs if value not in values[name] | beyond] == [], dims


def test_every_unit_group_prints_the_nation_in_every_edition_it_has() -> None:
    formats = rows("published/print_formats.csv")
    nation = {row["unit_group"] for row in formats if row["level"] == "nation"}
    assert {row["unit_group"] for row in formats} == nation
    assert all(bool(row["edition_year"]) == (row["level"] == "nation") for row in formats)
