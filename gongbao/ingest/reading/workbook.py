"""Workbooks (XLSX, XLS): which sheets are the delivery, and their cells as the text that a person sees in them or none at all.

openpyxl parses the cells of XLSX, xlrd those of XLS; both give error cells, number formats, merged and hidden cells, which
tell what a value is. What cannot be told is refused with sheet, column and rows.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import warnings
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import duckdb

from gongbao.contracts import Column, Record
from gongbao.ingest.header import column_of, scaled_units
from gongbao.ingest.reading.delivery import (
    HEAD_ROWS,
    HEADER_SHARE,
    Delivery,
    NoRows,
    Part,
    Recognise,
    find_header,
    ident,
    literal,
    ranges,
    refuse,
    says_the_same,
    source,
    two_rows,
)
from gongbao.messages import GongbaoError, Problem

MOST_ROWS = 1_048_576  # that a sheet can hold
ROWS_AT_ONCE = 50_000  # written together
EARLIEST, LATEST = dt.datetime(1920, 1, 1), dt.datetime(2100, 1, 1)  # a number that as a date lies outside is a year, a month or a count, and no date
YEARS = (dt.datetime(1905, 3, 1), dt.datetime(1905, 11, 1))  # the years 1900 to 2100 taken for serial numbers
SERIALS = 100_000  # numbers below are serial numbers of dates; above they are text such as 20240131
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds a workbook with a password
PERIODS = ("ym", "year")  # columns of text in which a date cell is a month or a year

warnings.filterwarnings("ignore", module=r"openpyxl\..*")  # of styles and extensions, which hold no values


class Cell(NamedTuple):
    """A cell that is not empty: its column (0 is A), its text, and what it is.

    `kind`: text, number, date, error, formula (one without a value), zero_formula (one whose 0 may mean that nobody has
    calculated it); `format` is the number format of a number.
    """

    column: int
    text: str
    kind: str = "text"
    format: str = "General"


@dataclass
class Sheet(ABC):
    """A sheet as its file holds it; `merged` and `hidden_rows` are complete when all rows have been read."""

    name: str
    hidden: bool
    merged: list[tuple[int, int, int]] = field(default_factory=list)  # first row, last row, column (0 is A), of the ones over several rows
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    calculated: bool = False  # whether a formula has a value other than 0
    epoch: dt.datetime = dt.datetime(1899, 12, 30)  # day 0 of its serial numbers

    @abstractmethod
    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(row as the sheet shows it, its cells that are not empty), from top to bottom; empty rows may be missing."""


class Book(ABC):
    """An opened workbook."""

    sheets: list[Sheet]
    others: list[str]  # sheets that hold no cells: charts

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""


# ---------------------------------------------------------------- XLSX


class _XlsxSheet(Sheet):
    """Streams the XML of a sheet through openpyxl's parser of cells."""

    def __init__(self, book: object, source: object) -> None:
        super().__init__(source.title, source.sheet_state != "visible", epoch=book.epoch)
        self.book, self.source = book, source

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        from openpyxl.worksheet import _reader as xml

        self.merged, self.hidden_rows = [], []
        with self.source._get_source() as stream:
            parser = xml.WorkSheetParser(
                stream,
                self.source._shared_strings,
                data_only=True,
                epoch=self.book.epoch,
                date_formats=self.book._date_formats,
                timedelta_formats=self.book._timedelta_formats,
            )
            row_no = 0
            for _, element in xml.iterparse(stream):
                if element.tag == xml.ROW_TAG:
                    number = int(float(element.get("r") or row_no + 1))
                    if number <= row_no or number > MOST_ROWS:
                        raise _RowOutOfPlace(number)
                    row_no = parser.row_counter = number
                    parser.col_counter = 0
                    if element.get("hidden") in ("1", "true"):
                        self.hidden_rows.append(number)
                    cells = [cell for child in element if (cell := self._cell(child, parser, xml))]
                    element.clear()
                    if cells:
                        yield number, cells
                elif element.tag == xml.COL_TAG:
                    if element.get("hidden") in ("1", "true"):
                        self.hidden_columns.update(range(int(element.get("min")) - 1, min(int(element.get("max")), 1000)))
                elif element.tag == xml.MERGE_TAG:
                    self._merge(element)

    def _cell(self, element: object, parser: object, xml: object) -> Cell | None:
        found = parser.parse_cell(element)
        column, value, kind = found["column"] - 1, found["value"], found["data_type"]
        if element.find(xml.FORMULA_TAG) is not None and kind not in ("s", "str"):
            if value is None:
                return Cell(column, "", "formula")
            if value == 0 and self.book.calculation.fullCalcOnLoad:
                return Cell(column, "0", "zero_formula")
            self.calculated = True
        if value is None or value == "":
            return None
        if kind == "e":
            return Cell(column, str(value), "error")
        return _cell(column, value, self._format(found["style_id"]) if kind == "n" else "General")

    def _format(self, style: int) -> str:
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        if not style:
            return "General"
        number = self.book._cell_styles[style].numFmtId
        return BUILTIN_FORMATS.get(number, "General") if number < 164 else self.book._number_formats[number - 164]

    def _merge(self, element: object) -> None:
        from openpyxl.utils.cell import range_boundaries

        for child in element:
            left, top, _, bottom = range_boundaries(child.get("ref"))
            if bottom > top:
                self.merged.append((top, bottom, left - 1))


class _RowOutOfPlace(Exception):
    """A row beyond what a sheet can hold, or out of order."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


class XlsxBook(Book):
    """XLSX and XLSM, read row by row."""

    def __init__(self, file: Path) -> None:
        from openpyxl.reader.excel import ExcelReader

        charts: list[str] = []

        class Reader(ExcelReader):
            def read_chartsheet(self, sheet: object, rel: object) -> None:
                charts.append(sheet.name)  # it holds no cells, and a drawing that cannot be parsed would stop everything

        self._file = file.open("rb")  # by its name openpyxl would judge the suffix
        reader = Reader(self._file, read_only=True, data_only=True, keep_links=False)
        reader.read()
        self._book, self.others = reader.wb, charts
        self.sheets = [_XlsxSheet(self._book, sheet) for sheet in self._book.worksheets]

    def close(self) -> None:
        self._book.close()
        self._file.close()


# ---------------------------------------------------------------- XLS


class _XlsSheet(Sheet):
    def __init__(self, book: object, sheet: object) -> None:
        super().__init__(sheet.name, sheet.visibility != 0, epoch=dt.datetime(1904, 1, 1) if book.datemode else dt.datetime(1899, 12, 30))
        self.book = book

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        sheet = self.book.sheet_by_name(self.name)
        self.merged = [(top + 1, bottom, left) for top, bottom, left, _ in sheet.merged_cells if bottom - top > 1]
        self.hidden_rows = sorted(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
        self.hidden_columns = {column for column, info in sheet.colinfo_map.items() if info.hidden}
        for number in range(sheet.nrows):
            cells = [cell for column in range(sheet.row_len(number)) if (cell := self._cell(sheet, number, column))]
            if cells:
                yield number + 1, cells

    def _cell(self, sheet: object, row: int, column: int) -> Cell | None:
        import xlrd

        found = sheet.cell(row, column)
        match found.ctype:
            case xlrd.XL_CELL_TEXT:
                return Cell(column, found.value) if found.value else None
            case xlrd.XL_CELL_NUMBER:
                return _cell(column, found.value, self.book.format_map[self.book.xf_list[found.xf_index].format_key].format_str)
            case xlrd.XL_CELL_DATE:
                try:
                    return _cell(column, xlrd.xldate_as_datetime(found.value, self.book.datemode))
                except (xlrd.XLDateError, OverflowError, ValueError):
                    return Cell(column, "#VALUE!", "error")
            case xlrd.XL_CELL_BOOLEAN:
                return Cell(column, str(found.value))
            case xlrd.XL_CELL_ERROR:
                return Cell(column, xlrd.error_text_from_code.get(found.value, "#N/A"), "error")
        return None


class XlsBook(Book):
    """Workbooks of the form before 2007, which are held in memory (65,536 rows a sheet at most)."""

    def __init__(self, file: Path) -> None:
        import xlrd

        self._book = xlrd.open_workbook(file, formatting_info=True, logfile=io.StringIO())
        self.sheets = [_XlsSheet(self._book, sheet) for sheet in self._book.sheets()]
        self.others = []

    def close(self) -> None:
        self._book.release_resources()


# ---------------------------------------------------------------- cells


def _cell(column: int, value: object, number_format: str = "General") -> Cell:
    """A cell of any kind but error and formula. Dates become ISO text; numbers keep their digits and zeros that their format alone shows."""
    if type(value) is str:
        return Cell(column, value)
    if isinstance(value, bool):
        return Cell(column, "1" if value else "0")
    if isinstance(value, dt.datetime):
        return Cell(column, value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds"), "date")
    if isinstance(value, (dt.date, dt.time)):
        return Cell(column, value.isoformat(), "date")
    if isinstance(value, (int, float)):
        return Cell(column, _number_text(value, number_format), "number", number_format)
    return Cell(column, str(value), "date")  # a length of time


def _number_text(value: float, number_format: str) -> str:
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        value = int(Decimal(repr(value)))  # the digits that were kept and zeros, not the binary value behind them
    return str(value).zfill(len(number_format)) if set(number_format) == {"0"} and value >= 0 else str(value)


@lru_cache(maxsize=512)
def _shows_more(number_format: str) -> bool:
    """Whether a format shows digits or words that are not in the number: 00-00, "P"0000."""
    if set(number_format) == {"0"}:
        return False  # these zeros are kept
    first = number_format.split(";")[0]
    words = re.findall(r'"([^"]+)"|\\(.)', first)
    whole = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", first).split(".")[0]
    return whole.count("0") > 1 or any((word or char).strip() for word, char in words)


# ---------------------------------------------------------------- the delivery


@dataclass
class _Table:
    """A sheet that holds the record: its header and where it stands."""

    sheet: Sheet
    header: list[str]
    row: int


@dataclass
class WorkbookDelivery(Delivery):
    """The sheets of a workbook that hold the record, as one table. `readable` is the Parquet file of its rows once loaded."""

    book: Book | None = None
    tables: list[_Table] = field(default_factory=list)
    readable: Path = Path()
    connection: duckdb.DuckDBPyConnection | None = None

    def load(self, names: list[str], record: Record) -> None:
        """Write the rows of all sheets as Parquet. Raises GongbaoError where cells do not say what they are."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([*((name, pa.string()) for name in names), ("row_no", pa.int64())])
        before, count = 0, 0
        problems: list[Problem] = []
        merged: list[tuple[str, int, int]] = []
        try:
            with pq.ParquetWriter(self.readable, schema) as writer:
                for table in self.tables:
                    reading = _Reading(self, table, names, record, before)
                    for rows in reading.batches():
                        writer.write_table(pa.table(rows, schema=schema))
                        count += len(rows[0])
                    self.sheets.append({"sheet": table.sheet.name, "row_no": before + 1, "row": 1})
                    problems += reading.tell()
                    merged += reading.merged()
                    before = reading.last
        except (GongbaoError, MemoryError):
            raise
        except _RowOutOfPlace as error:
            raise _too_long(self.path, table.sheet.name, error.row) from error
        except Exception as error:  # a damaged workbook can raise anything
            raise _damaged(self.path) from error
        finally:
            self.book.close()
        if problems:
            raise GongbaoError(*problems)
        if not count:
            raise NoRows(self, sheet=self.sheet)
        self._fill(merged, record)

    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        nulls = ", ".join(literal(word) for word in null_words)
        columns = ", ".join(f"case when {ident(name)} in ({nulls}) then null else {ident(name)} end as {ident(name)}" for name in names)
        return f"select {columns}, row_no from read_parquet({source(self.readable)}, hive_partitioning=false)"

    def _fill(self, merged: list[tuple[str, int, int]], record: Record) -> None:
        """Give the value of a cell merged over several rows to each of them. Raises GongbaoError for an amount or a key, which may not be repeated."""
        if not merged:
            return
        rows = f"read_parquet({source(self.readable)}, hive_partitioning=false)"
        self.connection.execute("create or replace temp table merged (name varchar, first_row bigint, last_row bigint)")
        self.connection.executemany("insert into merged values (?, ?, ?)", merged)
        self.connection.execute(
            f"create or replace temp table merged_rows as select name, first_row, row_no from merged join (select row_no from {rows}) on row_no > first_row and row_no <= last_row"
        )
        problems = []
        filled = []
        for name, numbers, count in self.connection.execute(
            "select name, list(row_no order by row_no), count(*) from merged_rows group by 1 order by 1"
        ).fetchall():
            column = record.by_name[name]
            sheet, row = self.place(numbers[0])
            shown = ranges(self.place(number)[1] for number in numbers if self.place(number)[0] == sheet)
            if column.data_type.startswith(("decimal", "integer")) or record.key == (name,) or name == "rid":
                problems.append(
                    Problem(
                        f"{name}（{column.label_zh}）的单元格跨行合并，行 {shown} 没有自己的值",
                        f"cells of {name} are merged over several rows: row {shown} has no value of its own",
                        "取消合并，每行填写自己的值",
                        "undo the merging and give each row its own value",
                        file=self.path.name,
                        sheet=sheet or "",
                        line=row,
                        column=name,
                    )
                )
                continue
            filled.append(name)
            self.repairs[f"{name}.merged"] += count
            self.note(
                f"{name}（{column.label_zh}）的合并单元格已逐行填入：行 {shown}",
                f"merged cells of {name} were filled into each row: {shown}",
                row=row,
                sheet=sheet or "",
                column=name,
            )
        if problems:
            raise GongbaoError(*problems)
        if not filled:
            return
        values = ", ".join(f"coalesce(rows.{ident(name)}, {ident('from_' + name)}.value) as {ident(name)}" for name in filled)
        joins = " ".join(
            f"left join (select merged_rows.row_no, top.{ident(name)} as value from merged_rows join {rows} as top on top.row_no = first_row where name = {literal(name)}) "
            f"as {ident('from_' + name)} on {ident('from_' + name)}.row_no = rows.row_no"
            for name in filled
        )
        target = self.readable.with_name("filled.parquet")
        self.connection.execute(
            f"copy (select rows.* replace ({values}) from {rows} as rows {joins} order by row_no) to {literal(str(target))} (format parquet)"
        )
        self.readable = target


class _Reading:
    """One pass over the rows of a table, and what it met."""

    def __init__(self, delivery: WorkbookDelivery, table: _Table, names: list[str], record: Record, before: int) -> None:
        self.delivery, self.table, self.record, self.before = delivery, table, record, before
        self.sheet = table.sheet
        self.names = names
        self.position = self._position(names)
        self.columns = [record.by_name.get(name) for name in names]
        self.last = before
        self.rows_of: dict[tuple[str, int], list[int]] = defaultdict(list)  # (what was met, position) → rows
        self.outside: dict[int, list[int]] = defaultdict(list)  # columns without a name → rows with values
        self.repeated: list[int] = []

    def _position(self, names: list[str]) -> dict[int, int]:
        """Column of the sheet → position in the batch. Raises GongbaoError when this sheet has other columns of the record than the first."""
        first = self.delivery.tables[0]
        if self.table is first:
            return {column: column for column, title in enumerate(self.table.header) if title}
        found: dict[int, int] = {}
        for column, title in enumerate(self.table.header):
            name = column_of(title, self.record)[0]
            if name in names:
                found[column] = names.index(name)
            elif name:
                raise self._other_columns(first)
            elif title and title not in first.header:
                self.delivery.note(f"未知列「{title}」，未读入", f"unknown column '{title}', left out", row=self.table.row, sheet=self.sheet.name)
        known = [at for at, name in enumerate(names) if name in self.record.by_name]
        if sorted(found.values()) != known:
            raise self._other_columns(first)
        return found

    def _other_columns(self, first: _Table) -> GongbaoError:
        return refuse(
            self.delivery.path,
            f"工作表「{self.sheet.name}」与「{first.sheet.name}」的列不同",
            f"sheet '{self.sheet.name}' has other columns than '{first.sheet.name}'",
            "各工作表用同一表头，或分成几个文件",
            "give all sheets one header, or deliver them as files of their own",
            self.table.row,
            self.sheet.name,
        )

    def batches(self) -> Iterator[list[list]]:
        """The rows below the header as columns of text, the last being the row's number in the batch."""
        width = len(self.names)
        columns: list[list] = [[] for _ in range(width + 1)]
        titles, first = set(self.table.header), True
        for number, cells in self.sheet.rows():
            if number <= self.table.row:
                continue
            if (first or cells[0].text.strip() in titles) and says_the_same(self.table.header, _texts(cells), self.record):
                self.repeated.append(number)
                continue
            first = False
            values: list[str | None] = [None] * width
            for cell in cells:
                at = self.position.get(cell.column)
                if at is None:
                    if cell.column >= len(self.table.header) or not self.table.header[cell.column]:
                        self.outside[cell.column].append(number)
                else:
                    values[at] = cell.text if cell.kind == "text" else self._value(at, cell, number)
            self.last = self.before + number
            for column, value in zip(columns, [*values, self.last], strict=True):
                column.append(value)
            if len(columns[0]) == ROWS_AT_ONCE:
                yield columns
                columns = [[] for _ in range(width + 1)]
        if columns[0]:
            yield columns

    def _value(self, at: int, cell: Cell, number: int) -> str | None:
        """The text of a cell that is no text; what cannot be told is noted for `tell`."""
        column = self.columns[at]
        if column is None:
            return cell.text
        is_date = column.data_type in ("date", "timestamp")
        if cell.kind in ("formula", "zero_formula"):
            self.rows_of[cell.kind, at].append(number)
        elif cell.kind == "number" and is_date and 1 <= (value := float(cell.text)) < SERIALS:
            moment = self.sheet.epoch + dt.timedelta(days=value)
            if not EARLIEST <= moment < LATEST:
                self.rows_of["no_date", at].append(number)
            self.delivery.repairs[f"{column.name}.excel_serial"] += 1
            return _cell(0, moment.replace(microsecond=0) + dt.timedelta(seconds=round(moment.microsecond / 1e6))).text
        elif cell.kind == "date":
            if is_date and YEARS[0].isoformat() <= cell.text <= YEARS[1].isoformat():
                self.rows_of["no_date", at].append(number)
            elif _is_identity(column):
                self.rows_of["date", at].append(number)
        elif cell.kind == "number" and _is_identity(column) and _shows_more(cell.format):
            self.rows_of["format", at].append(number)
        return cell.text

    def merged(self) -> list[tuple[str, int, int]]:
        """(column, first row, last row) of merged cells below the header, in numbers of the batch."""
        found = []
        for top, bottom, column in self.sheet.merged:
            at = self.position.get(column)
            if at is not None and self.columns[at] is not None and top > self.table.row:
                found.append((self.names[at], self.before + top, self.before + bottom))
        return found

    def tell(self) -> list[Problem]:
        """Note what a reader should know of the sheet; returns what makes the file unfit."""
        delivery, name = self.delivery, self.sheet.name
        if hidden := [row for row in self.sheet.hidden_rows if self.table.row < row <= self.last - self.before]:
            delivery.note(
                f"{len(hidden)} 个隐藏行也已读入：行 {ranges(hidden)}",
                f"{len(hidden)} hidden row{'s' * (len(hidden) > 1)} read too: row {ranges(hidden)}",
                "不应计入的，请删除后重新报送",
                "delete what should not count and deliver again",
                row=hidden[0],
                sheet=name,
            )
        columns = [self.names[at] for column, at in self.position.items() if column in self.sheet.hidden_columns and self.columns[at] is not None]
        if columns:
            delivery.note(f"隐藏的列也已读入：{'、'.join(columns)}", f"hidden columns read too: {', '.join(columns)}", sheet=name)
        if self.repeated:
            delivery.note(
                f"重复的表头未读入：行 {ranges(self.repeated)}", f"repeated header left out: row {ranges(self.repeated)}", row=self.repeated[0], sheet=name
            )
        if self.outside:
            rows = sorted(set(itertools.chain.from_iterable(self.outside.values())))
            letters = ", ".join(_letter(column) for column in sorted(self.outside)[:10])
            delivery.note(
                f"表格以外的单元格未读入：{letters} 列，行 {ranges(rows)}",
                f"cells outside the table not read: column {letters}, row {ranges(rows)}",
                "若是数据，给该列加上列名；另一张表请单独报送",
                "name the column if it holds data; deliver another table as a file of its own",
                row=rows[0],
                sheet=name,
            )
        return [self._problem(what, at, rows) for (what, at), rows in self.rows_of.items() if what != "zero_formula" or not self.sheet.calculated]

    def _problem(self, what: str, at: int, rows: list[int]) -> Problem:
        column = self.columns[at]
        label, shown = f"{column.name}（{column.label_zh}）", ranges(rows)
        texts = {
            "no_date": (
                f"{label}有 {len(rows)} 个单元格的数字不是可信的日期（如年份 2020 会成为 1905 年）：行 {shown}",
                f"{column.name}: {len(rows)} cells hold a number that is no plausible date (the year 2020 would become 1905): row {shown}",
                "填写完整日期，如 2020-01-01",
                "give whole dates such as 2020-01-01",
            ),
            "date": (
                f"{label}有 {len(rows)} 个单元格被电子表格变成日期：行 {shown}",
                f"{column.name}: {len(rows)} cells were turned into dates by a spreadsheet: row {shown}",
                "把该列设为文本，重新填写原来的号码",
                "set the column to text and enter the original numbers again",
            ),
            "format": (
                f"{label}有 {len(rows)} 个单元格的文字或前导零只在数字格式中，值里没有：行 {shown}",
                f"{column.name}: {len(rows)} cells show digits or words that stand only in their number format: row {shown}",
                "把该列设为文本后重新导出",
                "set the column to text and export it again",
            ),
        }
        uncalculated = (
            f"{label}有 {len(rows)} 个公式没有计算结果：行 {shown}",
            f"{column.name}: {len(rows)} formulas have no values: row {shown}",
            "用电子表格软件打开并保存，或把公式换成数值",
            "open it in a spreadsheet and save it, or replace the formulas with values",
        )
        return Problem(*texts.get(what, uncalculated), file=self.delivery.path.name, sheet=self.sheet.name, line=rows[0], column=column.name)


def _is_identity(column: Column) -> bool:
    """Text that is taken as it is: numbers of persons, keys, institutions."""
    return column.data_type == "varchar" and not column.code_list and column.name not in PERIODS


def _texts(cells: list[Cell]) -> list[str]:
    """A row as a list of texts, empty where there is no cell."""
    texts = [""] * (cells[-1].column + 1)
    for cell in cells:
        texts[cell.column] = cell.text.strip()
    return texts


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column + 1)


def _too_long(path: Path, sheet: str, row: int) -> GongbaoError:
    return refuse(
        path,
        f"第 {row:,} 行超出一个工作表的 {MOST_ROWS:,} 行，或行号倒退",
        f"row {row:,} is beyond the {MOST_ROWS:,} that a sheet can hold, or out of order",
        "从源系统重新导出，超出部分另成文件",
        "export it from the source again, in several files",
        sheet=sheet,
    )


def _damaged(path: Path) -> GongbaoError:
    return refuse(
        path,
        "不是可读的 XLSX 或 XLS 工作簿（损坏或加密）",
        "not a readable XLSX or XLS workbook (damaged or encrypted)",
        "在电子表格软件中打开，另存为不加密的 XLSX 或 CSV",
        "open it in a spreadsheet and save it as XLSX or CSV without a password",
    )


# ---------------------------------------------------------------- choosing the sheets


@dataclass
class _Glance:
    """The first rows of a sheet, and what its header is."""

    sheet: Sheet
    numbers: list[int]
    rows: list[list[str]]
    at: int
    is_upper_half: bool
    record: str
    share: float

    @property
    def is_table(self) -> bool:
        return self.share >= HEADER_SHARE

    @property
    def titles(self) -> list[tuple[str, int, str]]:
        """What stands above the header; everything where there is none."""
        rows = self.rows[: self.at] if self.is_table else self.rows
        return [(self.sheet.name, number, " ".join(filter(None, row))) for number, row in zip(self.numbers, rows, strict=False)]

    def continues(self, width: int) -> bool:
        """Whether it looks like rows of a table of `width` columns whose header is not known: the first wide row holds a number, or one nearly as wide as the table does."""
        filled = [sum(map(bool, row)) for row in self.rows]
        first = next((row for row, cells in zip(self.rows, filled, strict=True) if cells >= max(3, width / 2)), [])
        as_wide = [row for row, cells in zip(self.rows, filled, strict=True) if cells >= max(3, width * 3 / 4)]
        return any(re.fullmatch(r"[-\d.,:/ ]*\d[-\d.,:/ ]*", cell) for row in (first, *as_wide) for cell in row)


def _glance(sheet: Sheet, path: Path, recognise: Recognise) -> _Glance | None:
    """None for a sheet without a single cell. Raises GongbaoError for a damaged one."""
    try:
        first = list(itertools.islice(sheet.rows(), HEAD_ROWS))
    except MemoryError:
        raise
    except _RowOutOfPlace as error:
        raise _too_long(path, sheet.name, error.row) from error
    except Exception as error:  # a damaged workbook can raise anything
        raise _damaged(path) from error
    if not first:
        return None
    rows = [_texts(cells) for _, cells in first]
    at, is_upper_half = find_header(rows, recognise)
    return _Glance(sheet, [number for number, _ in first], rows, at, is_upper_half, *recognise(rows[at]))


def _open(file: Path, path: Path, kind: str) -> Book:
    try:
        return XlsxBook(file) if kind == "xlsx" else XlsBook(file)
    except MemoryError:
        raise
    except Exception as error:  # a damaged workbook can raise anything
        if kind == "xls" and ENCRYPTED in file.read_bytes():
            raise refuse(
                path,
                "加密（有打开密码）的工作簿",
                "an encrypted workbook (it asks for a password)",
                "去掉密码后另存为 XLSX 或 CSV",
                "save it as XLSX or CSV without a password",
            ) from error
        raise _damaged(path) from error


def read_workbook(file: Path, path: Path, work: Path, kind: str, connection: duckdb.DuckDBPyConnection, recognise: Recognise) -> WorkbookDelivery:
    """The visible sheets that have the record's header, as one delivery. Raises GongbaoError when rows would be left out that may count."""
    book = _open(file, path, kind)
    glances = [glance for sheet in book.sheets if (glance := _glance(sheet, path, recognise))]
    visible = [glance for glance in glances if not glance.sheet.hidden]
    main = next((glance for glance in visible if glance.is_table), None) or _without_table(path, visible, glances, bool(book.sheets))
    if main.is_upper_half:
        raise two_rows(path, main.numbers[main.at], main.sheet.name)
    own = [glance for glance in visible if glance is main or (glance.is_table and glance.record == main.record)]
    tables = [_Table(glance.sheet, glance.rows[glance.at], glance.numbers[glance.at]) for glance in own]
    delivery = WorkbookDelivery(
        path=path,
        file_format=kind,
        header=tables[0].header,
        header_row=tables[0].row,
        sheet=tables[0].sheet.name,
        book=book,
        tables=tables,
        readable=work / "sheets.parquet",
        connection=connection,
        titles=[title for glance in own if glance.is_table for title in glance.titles],
    )
    delivery.note_titles()
    _require_one_unit(path, own)
    if len(tables) > 1:
        names = "、".join(f"「{table.sheet.name}」" for table in tables)
        delivery.note(
            f"{len(tables)} 个工作表作为一份报送读入：{names}", f"{len(tables)} sheets read as one delivery: {', '.join(table.sheet.name for table in tables)}"
        )
    for glance in glances:
        if glance not in own:
            _tell_left_out(delivery, glance, len(main.rows[main.at]))
    for name in book.others:
        delivery.note(f"图表工作表「{name}」未读入", f"chart sheet '{name}' not read", sheet=name)
    delivery.titles += [(table.sheet.name, 0, table.sheet.name) for table in tables]
    return delivery


def _without_table(path: Path, visible: list[_Glance], glances: list[_Glance], any_sheet: bool) -> _Glance:
    """The sheet whose header is to be complained about. Raises GongbaoError when only hidden sheets hold a table, or nothing holds anything."""
    if hidden := [glance for glance in glances if glance.sheet.hidden and glance.is_table]:
        name = hidden[0].sheet.name
        raise refuse(
            path,
            f"只有隐藏的工作表「{name}」有表头",
            f"only the hidden sheet '{name}' holds a header",
            "取消隐藏，或改为报送应计入的数据",
            "unhide it, or deliver the data that should count",
            hidden[0].numbers[hidden[0].at],
            name,
        )
    if not any_sheet:
        raise refuse(
            path,
            "工作簿中没有能读的工作表（或为 Strict Open XML 格式）",
            "the workbook has no sheet that can be read (or is Strict Open XML)",
            "另存为普通的 XLSX 工作簿",
            "save it as an ordinary XLSX workbook",
        )
    if not visible:
        raise refuse(path, "工作簿中没有可见的数据", "the workbook holds no visible data", "重新导出", "export it again")
    return visible[0]


def _require_one_unit(path: Path, own: list[_Glance]) -> None:
    """Raises GongbaoError when sheets of one delivery give different units: one of them would be dropped."""
    units = {
        glance.sheet.name: sorted(
            {unit for _, _, text in glance.titles for unit in scaled_units(text)} | {unit for cell in glance.rows[glance.at] for unit in scaled_units(cell)}
        )
        for glance in own
    }
    if len({tuple(found) for found in units.values()}) > 1:
        shown = "；".join(f"「{name}」{'、'.join(found) or '未注明'}" for name, found in units.items())
        raise refuse(
            path,
            f"各工作表的单位不同：{shown}",
            f"the sheets are in different units: {'; '.join(f'{name}: {chr(44).join(found) or chr(45)}' for name, found in units.items())}",
            "统一单位，或分成几个文件",
            "use one unit, or deliver files of their own",
        )


def _tell_left_out(delivery: WorkbookDelivery, glance: _Glance, width: int) -> None:
    """Note a sheet that is not read. Raises GongbaoError when it holds another record, or rows without a header."""
    name, row = glance.sheet.name, glance.numbers[0]
    if glance.sheet.hidden:
        header = ("，其中有表头", " (it holds a header)") if glance.is_table else ("", "")
        delivery.note(
            f"隐藏的工作表「{name}」未读入{header[0]}",
            f"hidden sheet '{name}' not read{header[1]}",
            "应计入的，请取消隐藏后重新报送",
            "unhide it and deliver again if it should count",
            row=row,
            sheet=name,
        )
    elif glance.is_table:
        raise refuse(
            delivery.path,
            f"工作表「{name}」是另一种记录（{glance.record}）",
            f"sheet '{name}' holds another record ({glance.record})",
            "另存为一个文件报送",
            "deliver it as a file of its own",
            glance.numbers[glance.at],
            name,
        )
    elif glance.continues(width):
        raise refuse(
            delivery.path,
            f"工作表「{name}」有数据行而没有可识别的表头",
            f"sheet '{name}' holds rows without a header that is known",
            "加上同样的表头，或从文件中删去该工作表",
            "give it the same header, or remove the sheet from the file",
            row,
            name,
        )
    else:
        delivery.titles += glance.titles  # a cover may name the unit of the table
        delivery.note(f"工作表「{name}」没有可识别的表头，未读入", f"sheet '{name}' has no header that is known and was not read", row=row, sheet=name)
