"""What the project's catalogue says: who reads which table, what makes a row of one, and that dbt can show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from country import PROJECT, Country
from deep_links import OF_SCRIPTS, PAGES
from reads import tables_read

KEY_TESTS = {"unique_together", "single_row", "unique"}


@pytest.fixture(scope="module")
def manifest(country: Country) -> dict[str, Any]:
    """dbt's manifest of the build."""
    return json.loads((country.home / "warehouse" / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def read_by(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """The tables that each exposure names, as they are called in the published file."""
    nodes = manifest["nodes"]
    return {exposure["name"]: {nodes[node]["alias"] for node in exposure["depends_on"]["nodes"]} for exposure in manifest["exposures"].values()}


@pytest.fixture(scope="module")
def published(country: Country) -> set[str]:
    """The tables and views of the published file."""
    release = json.loads((country.home / "published" / "release.json").read_text(encoding="utf-8"))
    return {table["table"] for table in release["tables"]} | {view["view"] for view in release["views"]}


def test_every_page_is_an_exposure(read_by: dict[str, set[str]]) -> None:
    assert set(read_by) - {"bulletin_tables"} == set(PAGES)


@pytest.mark.parametrize("page", OF_SCRIPTS)
def test_the_exposure_of_a_script_names_the_tables_of_its_queries(read_by: dict[str, set[str]], published: set[str], page: str) -> None:
    """What the frame reads for every page besides; a page that lists what the file holds may name any of it."""
    read = tables_read(PAGES[page]["view"], published)
    if read == published:
        assert read_by[page] <= published
    else:
        assert read_by[page] - tables_read(None, published) == read - tables_read(None, published) != set()


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OF_SCRIPTS])
def test_the_exposure_of_a_page_of_figures_names_its_facts_and_printed_tables(country: Country, read_by: dict[str, set[str]], page: str) -> None:
    facts = country.query(
        """
        select distinct catalogue.fact from indicator_catalogue as catalogue
        inner join pages on list_contains(string_split(pages.indicators, ' '), catalogue.indicator) where pages.page = ?
        """,
        page,
    )
    printed = {figure["of"] for figure in PAGES[page]["figures"] if figure["kind"] in ("statement", "list")}
    assert read_by[page] == {fact for (fact,) in facts} | printed


def test_every_table_of_the_bulletin_is_named_by_an_exposure(read_by: dict[str, set[str]], published: set[str]) -> None:
    """That of its system, or that of the tables which stand on no page."""
    named = {table for tables in read_by.values() for table in tables}
    assert {table for table in published if table.startswith("bulletin_")} <= named


def test_every_model_has_a_test_of_its_key_or_says_why_not(manifest: dict[str, Any]) -> None:
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    tested = {node["attached_node"] for node in manifest["nodes"].values() if node.get("test_metadata", {}).get("name") in KEY_TESTS}
    excused = {name for name, node in models.items() if node["config"]["meta"].get("no_key")}
    assert len(models) > 90 and len(excused) * 20 < len(models)
    assert set(models) - tested == excused


def test_every_model_and_every_column_that_is_published_is_described(manifest: dict[str, Any], published: set[str]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    assert [node["name"] for node in models if not node["description"]] == []
    bare = [(node["name"], name) for node in models if node["alias"] in published for name, column in node["columns"].items() if not column["description"]]
    assert bare == []


def test_the_variables_name_the_records_and_subjects_of_the_graph(manifest: dict[str, Any]) -> None:
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert set(variables["subjects"]) == {model["name"] for model in manifest["semantic_models"].values()}
    delivered = {source["name"] for source in manifest["sources"].values()}
    assert len(variables["records"]) >= 5 and set(variables["records"]) <= delivered
    staged = {Path(node["original_file_path"]).parent.name for name, node in manifest["nodes"].items() if name.startswith("model.gongbao.accepted_")}
    assert set(variables["records"]) == staged


def test_what_is_public_has_a_contract(manifest: dict[str, Any]) -> None:
    public = [node for node in manifest["nodes"].values() if node.get("access") == "public"]
    assert len(public) > 35
    assert [node["name"] for node in public if not node["config"]["contract"]["enforced"]] == []


def test_every_dimension_is_listed_and_every_value_has_words(manifest: dict[str, Any], country: Country) -> None:
    categories = {
        dimension["name"] for model in manifest["semantic_models"].values() for dimension in model["dimensions"] if dimension["type"] == "categorical"
    }
    assert categories - {"covers", "region_level"} == {name for (name,) in country.query("select dimension from dimensions")}
    wordless = country.query("select dims, dims_zh from series where dims <> '' and regexp_matches(dims_zh, '[a-z]')")
    assert wordless == []


def test_every_kind_of_period_of_the_closure_has_its_detail(country: Country) -> None:
    detail = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["published_detail"]
    assert set(detail) == {kind for (kind,) in country.query("select distinct period_kind from int_period_closure")}


def test_every_cell_is_written_in_one_way(country: Country) -> None:
    cells = country.query("select distinct dims, breakdown from series")
    assert len(cells) > 100 and ("", "") in cells
    for dims, breakdown in cells:
        pairs = [pair.split("=") for pair in dims.split(";")] if dims else []
        assert all(len(pair) == 2 and pair[1] not in ("", "_T", "_Z") for pair in pairs), dims
        assert [name for name, _ in pairs] == sorted({name for name, _ in pairs}) == breakdown.split(), dims


def test_an_indicator_rests_on_the_record_that_its_fact_is_made_from(country: Country) -> None:
    found = set(country.query("select dataflow, measure, record from indicator_catalogue where kind <> 'ratio'"))
    assert found >= {
        ("enrollment", "stock", "enrollment"), ("maternity", "stock", "enrollment"), ("maternity", "flow", "settlement"), ("fund", "flow", "fund_ledger"),
        ("fund", "stock", "fund_ledger"), ("care", "flow", "settlement"), ("away_care", "flow", "settlement"),
        ("cross_province", "flow", "cross_province"), ("population", "stock", "population"),
    }  # fmt: skip
    assert country.query("select record, other_record from indicator_catalogue where indicator = 'hospitalization_rate'") == [("settlement", "enrollment")]
