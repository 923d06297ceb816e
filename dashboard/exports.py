"""Files of a figure: the table as it is shown, in a workbook with the full data too, and all that is needed to read them alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.text import MARKS, Language, say
from gongbao.numbers import rounded

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

# Columns of a frame that serve the page and not the reader of a file.
INTERNAL = frozenset(
    {"plotted", "name", "short", "group", "place", "definition_zh", "definition_en", "indicator_kind", "grid_row", "grid_col",
     "first_plotted", "second_plotted", "listed", "compared"}
)  # fmt: skip
# Columns of texts as the page prints them.
PRINTED = ("printed", "first_printed", "second_printed")
# Numbers in the base unit; what the bulletin prints stands beside them.
NUMBERS = ("value", "numerator", "denominator", "previous_value", "change", "growth_pct", "first_value", "second_value")
# How a text begins that a spreadsheet program would run as a formula, and the numbers that begin like one.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?%?")
# A number as the page prints it; what begins with a zero before another digit is a code.
SHOWN = re.compile(r"([+-]?)(?!0\d)(\d+)(?:\.(\d+))?(%?)")


@dataclass(frozen=True)
class Facts:
    """What a file says of itself: the answer, the filters in words, and (name, text) of unit, scope, status, source, notes …"""

    answer: str
    filters: str
    rows: Sequence[tuple[str, str]]
    synthetic: str
    release: str


def table_csv(table: pd.DataFrame, facts: Facts, language: Language) -> bytes:
    """The table as CSV with a BOM, so that Excel reads the Chinese; below it, after an empty line, what the file says of itself."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in (list(table.columns), *table.itertuples(index=False, name=None), [], *_about(facts, language)):
        writer.writerow([_harmless(_shown(str(cell))) for cell in row])
    return stream.getvalue().encode("utf-8-sig")


def csv_bytes(frame: pd.DataFrame, facts: Facts) -> bytes:
    """The frame as CSV with a BOM, so that Excel reads the Chinese; filters, release and the mark of a sample stand in every row."""
    full = frame[_columns(frame)].apply(lambda column: column.map(lambda value: _text(value, column.name)))
    full["filters"] = facts.filters
    full["data"] = facts.synthetic
    full["release"] = facts.release
    # Lines end in both signs, so that a text with either of them is quoted and stays one cell.
    return full.map(_harmless).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(frame: pd.DataFrame, facts: Facts, language: Language, table: pd.DataFrame | None = None) -> bytes:
    """A workbook: the table as it is shown, if there is one; the data with real numbers (base unit, and as printed with its decimals);
    a sheet of notes. No text is a formula."""
    from openpyxl import Workbook  # slow to import, and only a click needs it
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    if table is not None:
        sheet.title = say(language, "xlsx.table")
        _write_table(sheet, table, facts)
        sheet = book.create_sheet()
    sheet.title = say(language, "xlsx.data")
    columns = _columns(frame)
    sheet.append([_cell(sheet, name, bold=True) for name in (*columns, "data")])
    for row in frame.to_dict("records"):
        cells = [_cell(sheet, _excel(row, name)) for name in columns]
        for name, cell in zip(columns, cells, strict=True):
            if isinstance(cell.value, Decimal):
                cell.number_format = _decimals(row["print_decimals"]) if name == "printed" else "0.##########"
        sheet.append([*cells, _cell(sheet, facts.synthetic)])
    sheet.freeze_panes = "A2"
    for index, name in enumerate(columns, start=1):
        longest = max([len(name), *(len(str(value)) for value in frame[name].head(50))])
        sheet.column_dimensions[get_column_letter(index)].width = min(max(longest + 2, 8), 40)

    notes = book.create_sheet(say(language, "xlsx.notes"))
    for name, text in _about(facts, language):
        told = _cell(notes, text)
        told.alignment = Alignment(wrap_text=True, vertical="top")
        notes.append([_cell(notes, name, bold=True), told])
    notes.column_dimensions["A"].width = 16
    notes.column_dimensions["B"].width = 100
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write_table(sheet: Worksheet, table: pd.DataFrame, facts: Facts) -> None:
    """The table with its heads, numbers as numbers with the decimals of the page; below it the unit, and the mark of a sample."""
    from openpyxl.utils import get_column_letter

    sheet.append([_cell(sheet, str(name), bold=True) for name in table.columns])
    texts = [[_shown(str(text)) for text in table[name]] for name in table.columns]
    marks = {*MARKS.values(), ""}
    numeric = [place > 0 and all(text in marks or SHOWN.fullmatch(text) for text in column) for place, column in enumerate(texts)]
    for row in zip(*texts, strict=True):
        sheet.append([_number(sheet, text) if is_number else _cell(sheet, text) for text, is_number in zip(row, numeric, strict=True)])
    # The unit is the first of the facts.
    below = [*([" ".join(facts.rows[0])] if facts.rows else []), *([facts.synthetic] if facts.synthetic else [])]
    for text in ("", *below):
        sheet.append([_cell(sheet, text)])
    sheet.freeze_panes = "B2"
    for index, (name, column) in enumerate(zip(table.columns, texts, strict=True), start=1):
        # A Chinese character is as wide as two others.
        longest = max(len(text.encode("gb18030")) for text in (str(name), *column))
        sheet.column_dimensions[get_column_letter(index)].width = min(longest + 2, 60)


def _number(sheet: Worksheet, text: str) -> Cell:
    """A number of the table as a number that looks the same; a mark as it is."""
    found = SHOWN.fullmatch(text)
    if found is None:
        return _cell(sheet, text)
    sign, _, decimals, percent = found.groups()
    cell = _cell(sheet, Decimal(text.rstrip("%")) / (100 if percent else 1))
    look = _decimals(len(decimals or "")) + percent
    cell.number_format = f"+{look};-{look};{look}" if sign == "+" else look
    return cell


def _about(facts: Facts, language: Language) -> list[tuple[str, str]]:
    """What a file says of itself, (name, text) each."""
    chosen = [(say(language, "xlsx.filters"), facts.filters)] if facts.filters else []
    return [(say(language, "xlsx.answer"), facts.answer), *chosen, *facts.rows, *([("", facts.synthetic)] if facts.synthetic else [])]


def _shown(text: str) -> str:
    """A text of the page; of a number with a minus that programs read."""
    plain = text.replace("−", "-")
    return plain if SHOWN.fullmatch(plain) else text


def _columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in INTERNAL]


def _text(value: object, name: str) -> object:
    """A Decimal without padding zeros and never in scientific notation; a printed number with a minus that programs read; all else as it is."""
    if name in PRINTED and isinstance(value, str):
        return value.replace("−", "-")
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _excel(row: dict[str, object], name: str) -> object:
    """A cell: the printed number as a number, a mark where there is none, dates and texts as they are."""
    value = _text(row[name], name) if name in PRINTED else row[name]
    if name == "printed" and isinstance(row.get("value"), Decimal):
        return rounded(row["value"], row["print_scale"], row["print_decimals"])
    if isinstance(value, Decimal):
        return value.normalize()
    return None if value is None or value != value else value.item() if hasattr(value, "item") else value


def _harmless(value: object) -> object:
    """A text that a spreadsheet program would run as a formula, behind an apostrophe; all else, numbers too, as it is."""
    runs = isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value)
    return f"'{value}" if runs else value


def _cell(sheet: Worksheet, value: object, bold: bool = False) -> Cell:
    """A cell that shows a text as it is: never a formula, not after an edit either, and without characters a workbook cannot hold."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("�", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _decimals(count: int) -> str:
    return "0." + "0" * int(count) if count else "0"
