"""Deliveries that once stopped every publication, and such with personal values where none belong, through `gongbao build` as a user runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from building import Statistics
from delivering import DELIVERIES, Delivered
from test_figures import fund
from writing import csv_file, settlement

# An invented person, after whom a file and a column of it are named.
PERSON, NUMBER = "李四海", "370102190202020010"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, empty_lake: Path) -> Delivered:
    """Four deliveries in one lake, built and published as a user does."""
    folder = tmp_path_factory.mktemp("together")
    delivered = Delivered(folder / "files", folder / "data")
    shutil.copytree(empty_lake, delivered.home)
    for name in ("footer-names", "key-holds-certificate", "population-of-the-nation", "ledger-book-ends"):
        for path in (DELIVERIES / name).rglob("*.*"):
            target = delivered.folder / path.parent.name / f"{name}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    csv_file(
        delivered.folder, "settlement", [settlement(number, "330100", **{f"{PERSON}的备注": "x"}) for number in (1, 2)], f"{PERSON} {NUMBER} 13812345678.csv"
    )
    delivered.ingest()
    build = delivered.command("build")
    assert build.exit_code == 0, build.text
    return delivered


@pytest.fixture(scope="module")
def figures(published: Delivered) -> Statistics:
    return Statistics(published.home / "published" / "gongbao.duckdb")


def test_a_book_that_ends_is_reviewed_and_stops_no_publication(figures: Statistics) -> None:
    assert (fund(figures, "income", "370000", "2023").value, fund(figures, "income", "370000", "2024").value) == (2400, 1200)
    assert fund(figures, "cumulative_balance", "371400", "2023").value == 740
    assert figures.reviewed("371400")


def test_a_nation_with_more_people_than_its_provinces_stops_no_publication(figures: Statistics) -> None:
    found = {region: figures.figure("resident_population", region, "2024").value for region in ("100000", "370000", "510000")}
    assert found == {"100000": 5000, "370000": 100, "510000": 90}


def test_no_personal_value_of_a_footer_or_a_key_leaves_the_inbox(published: Delivered) -> None:
    everything = published.everything_outside_the_inbox()
    assert "张三" not in everything and "3701021901010100" not in everything


def test_the_name_of_a_file_and_of_an_unknown_column_is_not_published(published: Delivered, figures: Statistics) -> None:
    assert figures.figure("benefit_visits", "330000", "2024").value == 2
    (batch,) = [batch for batch in published.batches("settlement") if PERSON in batch["file_name"]]
    assert figures.query("select columns_unknown from batches where batch_id = ?", batch["batch_id"]) == [(1,)]
    said = published.everything_outside_the_inbox(published.home / "published")
    assert PERSON not in said and NUMBER not in said and "13812345678" not in said


def test_the_workbook_of_rejected_rows_has_no_certificate_number(published: Delivered) -> None:
    (batch,) = [batch for batch in published.batches("enrollment") if batch["rows_typed"] == 5 and "certno" in batch["columns_delivered"]]
    workbook = published.home / "rejects.xlsx"
    answer = published.command("rejects", "--batch", batch["batch_id"], "--xlsx", workbook)
    assert answer.exit_code == 0, answer.text
    cells = [str(cell) for sheet in openpyxl.load_workbook(workbook) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "ENRL-006" in " ".join(cells) and not any("3701021901010100" in cell for cell in cells)
