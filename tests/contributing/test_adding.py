"""The rule of touch: what docs/templates hold, copied over the project, is read, judged, counted, printed and published by that alone."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from country import PROJECT, Country, copy_project, gongbao
from deep_links import open_page

from gongbao.paths import Home

RECORD = "example_register"
SYSTEM = "example_points"
# What a record touches: six files of its own, and two of the project with a word or rows.
OF_RECORD = {
    f"models/staging/{RECORD}/{RECORD}.yml",
    f"models/staging/{RECORD}/stg_{RECORD}.sql",
    f"models/staging/{RECORD}/checked_{RECORD}.sql",
    f"models/staging/{RECORD}/accepted_{RECORD}.sql",
    f"gongbao/sample/sql/{RECORD}.sql",
    f"tests/records/{RECORD}.csv",
}
SHARED_BY_RECORDS = {"dbt_project.yml", "seeds/codes/code_lists.csv"}
# What a system touches: three files and two a fact of its own, and of the project a word a fact and rows of seeds.
OF_SYSTEM = {
    f"models/marts/{SYSTEM}/{SYSTEM}.yml",
    f"models/marts/{SYSTEM}/bulletin_{SYSTEM}.sql",
    f"models/marts/{SYSTEM}/fct_{SYSTEM}.sql",
    f"models/marts/{SYSTEM}/rollup_{SYSTEM}.sql",
    f"tests/systems/test_{SYSTEM}.py",
}
SHARED_BY_SYSTEMS = SHARED_BY_RECORDS | {
    "seeds/codes/dimensions.csv",
    "seeds/published/print_formats.csv",
    "seeds/published/published_figures.csv",
    "seeds/published/definition_breaks.csv",
    "gongbao/sample/targets.csv",
}
DELIVERED = """point_no,admdvs,point_kind,begndate,enddate,updt_time
P1,370102,1,2023-01-01,2024-07-01,
P1,370102,2,2024-07-01,,
P2,990100,1,2023-03-01,,
P3,370102,村级服务点,2023-03-01,,
P4,370102,9,2023-03-01,,
P5,370102,1,1999-01-01,,
P6,370102,1,2023-03-01,2023-01-01,
P7,370102,1,2023-01-01,2023-12-01,
P7,370102,1,2023-06-01,,
P8,370103,1,2023-05-01,,
P8,370103,2,2023-05-01,,2024-12-10 08:00:00
P9,370102,2,2023-02-01,2024-09-01,
P10,370203,1,2024-03-01,,
P11,370203,1,2024-03-15,,
"""
# By line of the file: what breaks a rule, and which.
BROKEN = {4: "EXRG-002", 6: "EXRG-005", 7: "EXRG-003", 8: "EXRG-006", 10: "EXRG-007", 11: "EXRG-004"}


def contents(project: Path) -> dict[str, bytes]:
    """Every file of the project by its path."""
    left_out = {"data", "target", "__pycache__"}
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and left_out.isdisjoint(path.relative_to(project).parts)
    }


def add(template: str, project: Path, variable: str, word: str) -> set[str]:
    """Copy a template over the project as docs/adding.md says: its files, rows of seeds, a word in a list; returns the paths touched."""
    before = contents(project)
    folder = PROJECT / "docs" / "templates" / template
    for path in (path for path in folder.rglob("*") if path.is_file()):
        target = project / path.relative_to(folder)
        if target.exists():
            target.write_bytes(target.read_bytes() + path.read_bytes())
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    settings = (project / "dbt_project.yml").read_text(encoding="utf-8")
    (line,) = (line for line in settings.splitlines() if line.startswith(f"  {variable}: ["))
    (project / "dbt_project.yml").write_text(settings.replace(line, line.replace("]", f", {word}]")), encoding="utf-8")
    after = contents(project)
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the project with one more record, and the paths that it took."""
    project = copy_project(tmp_path_factory.mktemp("adding"), "models", "macros", "seeds", "gongbao", "tests/data", "tests/records")
    return project, add("record", project, "records", RECORD)


@pytest.fixture(scope="module")
def ingested(touched: tuple[Path, set[str]]) -> tuple[Path, str]:
    """The project with a delivery of the record in its lake, and what the door said of it."""
    project, _ = touched
    folder = project / "data" / "delivery" / RECORD  # the folder's name says which record it is
    folder.mkdir(parents=True)
    (folder / "points.csv").write_text(DELIVERED, encoding="utf-8")
    done = gongbao(project / "data", "ingest", folder, project=project)
    return project, done.stdout + done.stderr


@pytest.fixture(scope="module")
def with_system(ingested: tuple[Path, str]) -> tuple[Path, set[str]]:
    """The same with one more system, and the paths that it took."""
    project, _ = ingested
    return project, add("system", project, "subjects", SYSTEM)


@pytest.fixture(scope="module")
def warehouse(with_system: tuple[Path, set[str]]) -> Path:
    """All that is built, tested and published of it."""
    project, _ = with_system
    gongbao(project / "data", "build", project=project)
    return project / "data" / "warehouse" / "gongbao.duckdb"


def ask(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_record_touches_six_files_of_its_own_and_two_of_the_project(touched: tuple[Path, set[str]]) -> None:
    assert touched[1] == OF_RECORD | SHARED_BY_RECORDS


def test_the_door_reads_it_by_the_name_of_its_folder_and_applies_its_rules(ingested: tuple[Path, str]) -> None:
    said = ingested[1]
    alone = {code for line, code in BROKEN.items() if line < 10}  # the others need other rows
    assert {code for code in BROKEN.values() if code in said} == alone
    assert "point_kind.name_to_code 1" in said and "服务点类型缺失或不在代码表中" in said


def test_its_rules_those_of_every_record_and_those_over_other_rows_are_found_in_the_build(warehouse: Path) -> None:
    assert dict(ask(warehouse, "select row_no, rule_code from rule_breaks")) == BROKEN
    assert {code for (code,) in ask(warehouse, f"select rule_code from rule_results where record = '{RECORD}'")} == {f"EXRG-00{n}" for n in range(1, 9)}
    assert ask(warehouse, f"select row_no from checked_{RECORD} where not is_rejected") == [(10,)]


def test_what_counts_is_what_no_error_rejects_in_its_latest_version(warehouse: Path) -> None:
    assert ask(warehouse, f"select row_no, region_code, kind_code from accepted_{RECORD} order by row_no") == [
        (2, "370102", "1"),
        (3, "370102", "2"),
        (5, "370102", "2"),
        (9, "370102", "1"),
        (10, "370102", "1"),
        (12, "370103", "2"),
        (13, "370102", "2"),
        (14, "370203", "1"),
        (15, "370203", "1"),
    ]


def test_batches_deliveries_and_coverage_include_it(warehouse: Path) -> None:
    assert ask(warehouse, "select record, rows_delivered, rows_rejected, rows_accepted from batches") == [(RECORD, 14, 5, 9)]
    assert ask(warehouse, "select record, subject from delivered_records") == [(RECORD, "counted")]
    assert ask(warehouse, "select strftime(month, '%Y-%m'), entries from delivered_months where record = 'example_register' order by 1") == [
        ("2023-01", 2),
        ("2023-02", 1),
        ("2023-03", 1),
        ("2023-05", 1),
        ("2023-06", 1),
        ("2024-03", 2),
        ("2024-07", 1),
    ]
    assert ask(warehouse, "select first_year, last_year from reporting_period") == [(2023, 2024)]
    assert ask(warehouse, "select region_code from int_delivered_regions order by 1") == [("370102",), ("370103",), ("370203",)]
    covered = (
        f"select measure, is_delivered from int_delivery_coverage where record = '{RECORD}' and region_code = '370000' and time_period = '2024' order by 1"
    )
    assert ask(warehouse, covered) == [("flow", True), ("stock", True)]  # kept until its latest update


def test_the_sample_country_writes_it_and_every_planted_fault_of_a_row_is_told_at_the_door(touched: tuple[Path, set[str]]) -> None:
    project, _ = touched
    sample = project / "data" / "sample"
    gongbao(project / "data", "sample", "--out", sample, "--years", "2025-2025", "--scale", 1_000_000, project=project)
    with (sample / "truth" / "faults.csv").open(encoding="utf-8", newline="") as file:
        planted = Counter(row["rule_code"] for row in csv.DictReader(file) if row["record"] == RECORD and row["rule_code"])
    assert planted == {f"EXRG-00{n}": 3 for n in range(1, 9)}
    done = gongbao(project / "data", "check", "--summary", sample / RECORD, check=False, project=project)  # 1: rules are broken
    assert {code for code in planted if code in done.stdout + done.stderr} == set(planted) - {"EXRG-004", "EXRG-007"}


def test_a_system_touches_three_files_and_two_a_fact_of_its_own_and_rows_of_the_project(with_system: tuple[Path, set[str]]) -> None:
    touched = with_system[1]
    assert touched - SHARED_BY_SYSTEMS == OF_SYSTEM
    assert touched - OF_SYSTEM <= SHARED_BY_SYSTEMS and "dbt_project.yml" in touched


def module_at(path: Path) -> ModuleType:
    """A module of tests, read from its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def yearly(warehouse: Path, indicator: str, column: str = "value") -> dict[tuple[str, str], Decimal]:
    """A column of an indicator's observations in the delivering province, by year and cell."""
    sql = f"select time_period, dims, {column} from observations where indicator = '{indicator}' and region_code = '370000' and period_kind = 'year'"
    return {(year, dims): value for year, dims, value in ask(warehouse, sql)}


def test_its_indicators_are_observations_by_year_and_cell(warehouse: Path) -> None:
    office, village = "point_kind=office", "point_kind=village"
    # At the end of 2023: P1 and P7 offices, P3, P8 and P9 of villages. In 2024 P1 became one of a village, P9 went, P10 and P11 came.
    of_stock = {("2023", ""): 5, ("2023", office): 2, ("2023", village): 3, ("2024", ""): 6, ("2024", office): 3, ("2024", village): 3}
    assert {key: value for key, value in yearly(warehouse, "example_points").items() if key[0] >= "2023"} == of_stock
    opened = {("2023", ""): 5, ("2023", office): 2, ("2023", village): 3, ("2024", ""): 2, ("2024", office): 2, ("2024", village): 0}
    assert yearly(warehouse, "example_points_opened") == opened
    assert {key: value for key, value in yearly(warehouse, "example_points_closed").items() if value} == {("2024", ""): 1, ("2024", village): 1}
    assert {key: value for key, value in yearly(warehouse, "example_village_share").items() if value} == {("2023", ""): 60, ("2024", ""): 50}
    # The change of definition hides the growth of its cell, and of no other.
    change = yearly(warehouse, "example_points", "change")
    assert (change["2024", ""], change["2024", office], change["2024", village]) == (1, 1, None)


def test_its_series_are_in_words_of_the_code_lists(warehouse: Path) -> None:
    sql = "select dims, label_zh, dims_zh, dims_en, unit, kind, print_group from series where indicator = 'example_points' order by dims"
    assert ask(warehouse, sql) == [
        ("", "示例服务点数", "合计", "Total", "points", "stock", SYSTEM),
        ("point_kind=office", "示例服务点数", "经办大厅", "Offices", "points", "stock", SYSTEM),
        ("point_kind=village", "示例服务点数", "村级服务点", "Village points", "points", "stock", SYSTEM),
    ]


def test_its_table_prints_it(warehouse: Path) -> None:
    printed = "points, points_change, points_growth, village_points, points_opened, village_share"
    assert ask(warehouse, f"select {printed} from bulletin_{SYSTEM} where year = 2024 and region_code = '370000'") == [(6, 1, 20, 3, 2, 50)]


def test_its_printed_figures_are_reconciled_and_what_must_be_equal_is_compared(warehouse: Path) -> None:
    compared = ask(warehouse, f"select dims, published_value, rebuilt_value, status from reconciliation where section = '{SYSTEM}' order by dims")
    assert compared == [("", 6, 6, "pass"), ("point_kind=village", 3, 3, "pass")]
    identities = ask(warehouse, f"select identity, status from identities where subject = '{SYSTEM}'")
    assert {status for _, status in identities} == {"holds"}
    assert any("example_points_opened" in identity for identity, _ in identities)
    assert f"{SYSTEM}: parts of point_kind" in dict(identities)


def test_its_own_recount_of_the_delivered_rows_agrees(warehouse: Path, with_system: tuple[Path, set[str]]) -> None:
    project, _ = with_system
    recount = module_at(project / "tests" / "systems" / f"test_{SYSTEM}.py")
    recount.test_points_of_a_year_end_are_the_objects_that_hold_then(Country(project / "data" / "delivery", project / "data"))


def test_its_unit_tests_hold_and_its_rows_fit_the_seeds(warehouse: Path, with_system: tuple[Path, set[str]]) -> None:
    project, _ = with_system
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "test", "--profiles-dir", ".", "--no-version-check", "--target-path", warehouse.parent / "target"),
            *("--select", f"fct_{SYSTEM},test_type:unit", "path:seeds"),
        ],
        cwd=project,
        env=os.environ | {"GONGBAO_HOME": str(project / "data")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "a_service_point_that_changes_its_kind" in done.stdout and "1 unit test" in done.stdout


def test_what_the_project_asks_of_every_model_holds_of_its_models(warehouse: Path, with_system: tuple[Path, set[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = with_system
    manifest = json.loads((warehouse.parent / "target" / "manifest.json").read_text(encoding="utf-8"))
    published = {table["table"] for table in json.loads((project / "data" / "published" / "release.json").read_text(encoding="utf-8"))["tables"]}
    assert {f"fct_{SYSTEM}", f"bulletin_{SYSTEM}"} <= published
    of_project = module_at(PROJECT / "tests" / "functional" / "test_catalogue.py")
    monkeypatch.setattr(of_project, "PROJECT", project)
    of_project.test_every_model_has_a_test_of_its_key_or_says_why_not(manifest)
    of_project.test_every_model_and_every_column_that_is_published_is_described(manifest, published)
    of_project.test_the_variables_name_the_records_and_subjects_of_the_graph(manifest)
    of_project.test_what_is_public_has_a_contract(manifest)
    (exposure,) = (exposure for exposure in manifest["exposures"].values() if exposure["name"] == SYSTEM)
    assert {name.split(".")[-1] for name in exposure["depends_on"]["nodes"]} == {f"fct_{SYSTEM}", f"bulletin_{SYSTEM}"}


def test_analysts_find_it_in_the_published_file(warehouse: Path, with_system: tuple[Path, set[str]]) -> None:
    published = with_system[0] / "data" / "published" / "gongbao.duckdb"
    sql = f"select point_kind, value from obs_{SYSTEM} where indicator = 'example_points' and region_code = '370000' and time_period = '2024'"
    assert ask(published, f"{sql} and period_kind = 'year' order by 1 nulls first") == [(None, 6), ("office", 3), ("village", 3)]
    assert ask(published, f"select count(*) from bulletin_{SYSTEM} where year = 2024 and region_code = '370000'") == [(1,)]


def shown(home: Home, page: str, /, **parameters: str) -> str:
    """What a page says, opened under an address."""
    app = open_page(home, page, **parameters)
    kinds = ("title", "subheader", "caption", "markdown", "info", "warning")
    said = [element.value for kind in kinds for element in app.get(kind)] + [f"{metric.label} {metric.value}" for metric in app.metric]
    return "\n".join([*said, *(element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style>"))])


def test_its_page_opens_with_its_figures_in_both_languages(warehouse: Path, with_system: tuple[Path, set[str]]) -> None:
    home = Home(with_system[0] / "data")
    assert ask(home.published, f"select label_zh, label_en from pages where page = '{SYSTEM}'") == [("示例服务点", "Service points")]
    figures = ask(home.published, f"select kind from page_figures where page = '{SYSTEM}' order by position")
    assert [kind for (kind,) in figures] == ["tiles", "course", "split", "ranking", "statement"]
    chinese = shown(home, SYSTEM, region="370000", year="2024")
    english = shown(home, SYSTEM, region="370000", year="2024", lang="en")
    assert "示例服务点数 6" in chinese and "服务点是增是减？" in chinese and "村级服务点" in chinese and "50.0" in chinese
    assert "Service points (points) 6" in english and "Are there more points or fewer?" in english and "Village points" in english
    assert "期末有效的登记" in chinese and "registered at the end of the period" in english


@pytest.mark.parametrize(
    ("page", "address", "text"),
    [
        ("indicators", {"indicator": "example_points"}, "期末有效的服务点数"),
        ("indicators", {"lang": "en"}, "Example service points"),
        ("downloads", {"table": f"bulletin_{SYSTEM}"}, "村级服务点占比"),
        ("reconcile", {"year": "2024", "vintage": "news"}, "示例村级服务点数"),
        ("quality", {"record": RECORD}, "EXRG-005"),
    ],
)
def test_the_pages_of_all_systems_show_it(warehouse: Path, with_system: tuple[Path, set[str]], page: str, address: dict[str, str], text: str) -> None:
    home = Home(with_system[0] / "data")
    assert text in shown(home, page, **address)
    shown(home, page, **address | {"lang": "en"})
