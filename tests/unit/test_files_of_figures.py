"""Files of a figure: what a spreadsheet program would run as a formula is a text in them, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

from dashboard import exports

FORMULAS = ["=1+1", '=HYPERLINK("http://example.org")', "+1+cmd|' /C calc'!A0", "-1-1", "@SUM(1)", "\t=1+1", "\r=1+1"]
NUMBERS = ["-1.5", "−1.5", "-1,234.50", "+3.2%", "12"]
FRAME = pd.DataFrame(
    {
        "name_zh": [*FORMULAS, *NUMBERS],
        "value": [Decimal("-1.50")] * len(FORMULAS + NUMBERS),
        "rows": [-7] * len(FORMULAS + NUMBERS),
        "first_printed": ["−1.5"] * len(FORMULAS + NUMBERS),
    }
)


def facts(text: str) -> exports.Facts:
    return exports.Facts(text, text, [(text, text)], text, text)


def test_a_csv_file_holds_no_text_that_runs() -> None:
    for text in FORMULAS:
        rows = list(csv.DictReader(io.StringIO(exports.csv_bytes(FRAME, facts(text)).decode("utf-8-sig"), newline="")))
        assert [row["name_zh"] for row in rows] == [f"'{formula}" for formula in FORMULAS] + NUMBERS
        assert {row[column] for row in rows for column in ("filters", "data", "release")} == {f"'{text}"}


def test_a_csv_file_holds_negative_numbers_as_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.csv_bytes(FRAME, facts("")).decode("utf-8-sig"), newline="")))
    assert {(row["value"], row["rows"], row["first_printed"]) for row in rows} == {("-1.5", "-7", "-1.5")}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_workbook_holds_no_text_that_runs(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx_bytes(FRAME, facts(text), "en")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    data, notes = book
    assert [cell.value for cell in data["A"][1:]] == [formula.replace("\r", "\n") for formula in FORMULAS] + NUMBERS
    begins_like_one = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(exports.FORMULA)]
    assert len(begins_like_one) >= len(FORMULAS) and all(cell.quotePrefix for cell in begins_like_one)
    assert notes.max_row >= 3


def test_a_workbook_holds_negative_numbers_as_numbers() -> None:
    data = openpyxl.load_workbook(io.BytesIO(exports.xlsx_bytes(FRAME, facts(""), "en"))).worksheets[0]
    assert [cell.data_type for cell in data["B"][1:]] + [cell.data_type for cell in data["C"][1:]] == ["n"] * 2 * len(FRAME)
    assert {float(cell.value) for cell in data["B"][1:]} == {-1.5} and {cell.value for cell in data["C"][1:]} == {-7}


def test_a_text_with_a_character_that_no_workbook_holds_does_not_cost_the_file() -> None:
    frame = pd.DataFrame({"name_zh": ["a\x00b"]})
    assert openpyxl.load_workbook(io.BytesIO(exports.xlsx_bytes(frame, facts("a\x07b"), "en"))).worksheets[0]["A2"].value == "a�b"
