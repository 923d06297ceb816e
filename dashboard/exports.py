"""Files of a figure: CSV and XLSX of what is shown, in full precision, with all that is needed to read them alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from dashboard.text import Language, say
from gongbao.numbers import rounded

# Columns of a frame that serve the page and not the reader of a file.
INTERNAL = frozenset(
    {"plotted", "name", "short", "group", "place", "definition_zh", "definition_en", "indicator_kind", "grid_row", "grid_col",
     "first_plotted", "second_plotted", "listed", "compared"}
)  # fmt: skip
# Columns of texts as the page prints them.
PRINTED = ("printed", "first_printed", "second_printed")
# Numbers in the base unit; what the bulletin prints stands beside them.
NUMBERS = ("value", "numerator", "denominator", "previous_value", "change", "growth_pct", "first_value", "second_value")


@dataclass(frozen=True)
class Facts:
    """What a file says of itself: the answer, the filters in words, and (name, text) of unit, scope, status, source, notes …"""

    answer: str
    filters: str
    rows: Sequence[tuple[str, str]]
    synthetic: str
    release: str


def csv_bytes(frame: pd.DataFrame, facts: Facts) -> bytes:
    """The frame as CSV with a BOM, so that Excel reads the Chinese; filters, release and the mark of a sample stand in every row."""
    full = frame[_columns(frame)].apply(lambda column: column.map(lambda value: _text(value, column.name)))
    full["filters"] = facts.filters
    full["data"] = facts.synthetic
    full["release"] = facts.release
    return full.to_csv(index=False).encode("utf-8-sig")


def xlsx_bytes(frame: pd.DataFrame, facts: Facts, language: Language) -> bytes:
    """A workbook: the data with real numbers (base unit, and as printed with its decimals), and a sheet of notes."""
    from openpyxl import Workbook  # slow to import, and only a click needs it
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = say(language, "xlsx.data")
    columns = _columns(frame)
    sheet.append([*columns, "data"])
    for row in frame.to_dict("records"):
        sheet.append([*(_excel(row, name) for name in columns), facts.synthetic])
        for index, name in enumerate(columns, start=1):
            cell = sheet.cell(sheet.max_row, index)
            if name == "printed" and isinstance(cell.value, Decimal):
                cell.number_format = _decimals(row["print_decimals"])
            elif isinstance(cell.value, Decimal):
                cell.number_format = "0.##########"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for index, name in enumerate(columns, start=1):
        longest = max([len(name), *(len(str(value)) for value in frame[name].head(50))])
        sheet.column_dimensions[get_column_letter(index)].width = min(max(longest + 2, 8), 40)

    notes = book.create_sheet(say(language, "xlsx.notes"))
    chosen = [(say(language, "xlsx.filters"), facts.filters)] if facts.filters else []
    for name, text in ((say(language, "xlsx.answer"), facts.answer), *chosen, *facts.rows):
        notes.append([name, text])
        notes.cell(notes.max_row, 1).font = Font(bold=True)
        notes.cell(notes.max_row, 2).alignment = Alignment(wrap_text=True, vertical="top")
    if facts.synthetic:
        notes.append(["", facts.synthetic])
    notes.column_dimensions["A"].width = 16
    notes.column_dimensions["B"].width = 100
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


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
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) and name not in PRINTED:
        return f"'{value}"  # never a formula
    return None if value is None or value != value else value.item() if hasattr(value, "item") else value


def _decimals(count: int) -> str:
    return "0." + "0" * int(count) if count else "0"
