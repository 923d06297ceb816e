"""The rule of touch: what docs/templates hold, copied over the project, is read at the door, judged, counted and published by that alone."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from country import PROJECT, copy_project, gongbao

RECORD = "example_register"
# What a record touches: six files of its own, and two of the project with a word or rows.
OWN = {
    f"models/staging/{RECORD}/{RECORD}.yml",
    f"models/staging/{RECORD}/stg_{RECORD}.sql",
    f"models/staging/{RECORD}/checked_{RECORD}.sql",
    f"models/staging/{RECORD}/accepted_{RECORD}.sql",
    f"gongbao/sample/sql/{RECORD}.sql",
    f"tests/records/{RECORD}.csv",
}
SHARED = {"dbt_project.yml", "seeds/codes/code_lists.csv"}
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
def warehouse(ingested: tuple[Path, str]) -> Path:
    """The models that say what was delivered and what of it counts, with their tests."""
    project, _ = ingested
    selected = (
        "+rule_results",
        "+rejected_rows",
        "+batches",
        "+delivered_months",
        "+delivered_records",
        "+int_delivered_regions",
        "+coverage",
        f"accepted_{RECORD}",
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "build", "--profiles-dir", ".", "--no-version-check", "--quiet"),
            *("--select", *selected, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"),
        ],
        cwd=project,
        env=os.environ | {"GONGBAO_HOME": str(project / "data")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return project / "data" / "warehouse" / "gongbao.duckdb"


def ask(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_record_touches_six_files_of_its_own_and_two_of_the_project(touched: tuple[Path, set[str]]) -> None:
    assert touched[1] == OWN | SHARED


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
    ]


def test_batches_deliveries_and_coverage_include_it(warehouse: Path) -> None:
    assert ask(warehouse, "select record, rows_delivered, rows_rejected, rows_accepted from batches") == [(RECORD, 11, 5, 6)]
    assert ask(warehouse, "select record, subject from delivered_records") == [(RECORD, "counted")]
    assert ask(warehouse, "select strftime(month, '%Y-%m'), entries from delivered_months where record = 'example_register' order by 1") == [
        ("2023-01", 2),
        ("2023-03", 1),
        ("2023-05", 1),
        ("2023-06", 1),
        ("2024-07", 1),
    ]
    assert ask(warehouse, "select first_year, last_year from reporting_period") == [(2023, 2024)]
    assert ask(warehouse, "select region_code from int_delivered_regions order by 1") == [("370102",), ("370103",)]
    covered = f"select measure, is_delivered from coverage where record = '{RECORD}' and region_code = '370000' and time_period = '2024' order by 1"
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
