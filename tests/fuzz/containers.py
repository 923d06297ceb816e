"""From a draft to the bytes of a file."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from dataclasses import dataclass
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from drafts import Draft, Row, as_text
from openpyxl.cell.cell import Cell

SUFFIX = {
    "csv": ".csv",
    "csv-gbk": ".csv",
    "csv-bom": ".csv",
    "csv-quoted": ".csv",
    "tab": ".txt",
    "gz": ".csv.gz",
    "xlsx": ".xlsx",
    "parquet": ".parquet",
    "parquet-typed": ".parquet",
}


@dataclass(frozen=True)
class ErrorCell:
    """A spreadsheet's error value."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A formula that nobody has calculated."""

    text: str


def to_bytes(draft: Draft) -> bytes:
    """The file that a draft describes."""
    if draft.is_text:
        data = _text(draft)
    elif draft.container == "xlsx":
        data = _xlsx(draft)
    else:
        data = _parquet(draft)
    for step in draft.bytes_steps:
        data = step(data)
    return data


def header_of(draft: Draft) -> list[object]:
    return [draft.headers.get(name, name) for name in draft.columns] + list(draft.options.get("more_headers", ()))


def lines_of(draft: Draft) -> list[list[object]]:
    """All lines of the table: what stands above it, header, rows, what stands below."""
    more = [""] * len(draft.options.get("more_headers", ()))
    body = [[row.cells[name] for name in draft.columns] + (row.extra or more) for row in draft.rows]
    return [*draft.above, header_of(draft), *draft.options.get("second_header", ()), *body, *draft.below]


# ---------------------------------------------------------------- text


def _text(draft: Draft) -> bytes:
    delimiter = "\t" if draft.container == "tab" else ","
    end = str(draft.options.get("line_end", "\n"))
    quoting = csv.QUOTE_ALL if draft.container == "csv-quoted" else csv.QUOTE_MINIMAL
    own = {id(row): row for row in draft.rows}
    rows: list[Row | None] = [None] * (len(draft.above) + 1 + len(draft.options.get("second_header", ()))) + list(own.values()) + [None] * len(draft.below)
    lines = []
    for row, cells in zip(rows, lines_of(draft), strict=True):
        if row is not None and row.line is not None:
            lines.append(row.line)
            continue
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
        lines.append(out.getvalue() + str(draft.options.get("line_tail", "")))
    text = end.join(lines) + ("" if draft.options.get("no_last_end") else end)
    encoding = {"csv-gbk": "gb18030", "csv-bom": "utf-8-sig"}.get(draft.container, "utf-8")
    data = text.encode(str(draft.options.get("encoding", encoding)))
    for step in draft.options.get("text_steps", ()):
        data = step(data)
    return gzip.compress(data, compresslevel=1, mtime=0) if draft.container == "gz" else data


# ---------------------------------------------------------------- workbooks


def _xlsx(draft: Draft) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, state, lines in draft.first_sheets:
        _fill(book, name, state, lines)
    sheet = _fill(book, str(draft.options.get("sheet", "Sheet1")), "visible", lines_of(draft))
    top = len(draft.above) + 2 + len(draft.options.get("second_header", ()))
    places = {id(row): top + number for number, row in enumerate(draft.rows)}
    for column, rows in draft.merged:
        at = draft.columns.index(column) + 1
        sheet.merge_cells(start_row=places[id(rows[0])], end_row=places[id(rows[-1])], start_column=at, end_column=at)
    for number, row in enumerate(draft.rows):
        if row.hidden:
            sheet.row_dimensions[top + number].hidden = True
    for name, state, lines in draft.further_sheets:
        _fill(book, name, state, lines)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(book: openpyxl.Workbook, name: str, state: str, lines: list[list[object]]) -> openpyxl.worksheet.worksheet.Worksheet:
    sheet = book.create_sheet(name)
    sheet.sheet_state = state
    for number, line in enumerate(lines, 1):
        for at, value in enumerate(line, 1):
            if value is None or value == "":
                continue
            cell: Cell = sheet.cell(number, at)
            if isinstance(value, ErrorCell):
                cell.value, cell.data_type = value.text, "e"
            elif isinstance(value, Formula):
                cell.value = value.text
            elif isinstance(value, str):
                cell.value, cell.data_type = value, "s"
            else:
                cell.value = value
    return sheet


# ---------------------------------------------------------------- Parquet


def _parquet(draft: Draft) -> bytes:
    types: dict[str, pa.DataType] = dict(draft.options.get("types", {}))
    columns = {}
    for name in draft.columns:
        cells = [row.cells[name] for row in draft.rows]
        if len({type(cell) for cell in cells if cell is not None and cell != ""}) > 1:  # a column has one type: that of text
            cells = [as_text(name, cell) if not isinstance(cell, bytes) else cell.decode() for cell in cells]
        title = draft.headers.get(name, name)
        columns[title] = pa.array([None if cell == "" else cell for cell in cells], types.get(name) or _arrow_type(cells))
    for title in draft.options.get("more_headers", ()):
        columns[title] = pa.array([str(row.extra[0]) if row.extra else None for row in draft.rows], pa.string())
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **draft.options.get("parquet", {}))
    return out.getvalue()


def _arrow_type(cells: list[object]) -> pa.DataType:
    found = {type(cell) for cell in cells if cell is not None and cell != ""}
    if found == {Decimal}:
        return pa.decimal128(18, 2)
    return (
        {dt.date: pa.date32(), dt.datetime: pa.timestamp("us"), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), bytes: pa.binary()}.get(
            found.pop(), pa.string()
        )
        if len(found) == 1
        else pa.string()
    )
