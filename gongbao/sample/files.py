"""How the records lie in files: layouts, headers, encodings; and the numbering of rows for the truth files.

Which columns a record has, how they are called and what they hold is read from its contract.
"""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import duckdb
import openpyxl

from gongbao.contracts import Column, Record, fold

CHUNK = 1 << 22  # characters transcoded at a time
NAME = "姓名"  # no record wants it, exports bring it


@dataclass(frozen=True)
class Layout:
    """`kind` is the family of headers and values; the rest says how the bytes are written."""

    kind: str = "core"  # core: names of the core database | interface: the other names that are not Chinese | chinese: headers and words of an office
    alias: bool = False  # of Chinese headers: the first other one the contract knows, not the label
    suffix: str = "csv"  # csv | csv.gz | txt | parquet | xlsx
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    null_word: str = ""
    crlf: bool = False

    @property
    def is_text(self) -> bool:
        return self.suffix in ("csv", "txt", "csv.gz")


CORE, GBK = Layout(), Layout(encoding="gb18030")
OFFICE, OTHER_OFFICE = Layout("chinese", encoding="gb18030"), Layout("chinese", alias=True, encoding="gb18030")
TAB, QUOTED, PACKED = Layout(suffix="txt", delimiter="\t", null_word="null"), Layout(quote="'", crlf=True), Layout(suffix="csv.gz")
INTERFACE_NAMES, COLUMNAR, WORKBOOK = Layout("interface"), Layout(suffix="parquet"), Layout("chinese", suffix="xlsx")
CYCLE = (QUOTED, OFFICE, TAB, COLUMNAR, GBK, INTERFACE_NAMES, PACKED, OTHER_OFFICE, CORE, COLUMNAR, GBK, PACKED)  # GBK in one of three


def layout(record: int, province: int) -> Layout:
    """The layout of a province's file of a record, by their places in their lists, from 0."""
    return CYCLE[(province + 5 * record) % len(CYCLE)]


def header(column: Column, form: Layout) -> str:
    """The header of a column in a layout."""
    if form.kind == "core":
        return column.name
    others = [alias for alias in column.aliases if alias.isascii() == (form.kind == "interface")]
    if form.kind == "interface":
        return others[0] if others else column.name
    return others[0] if form.alias and others else column.label_zh


def value(record: Record, column: Column, form: Layout, words: dict[str, str]) -> str:
    """SQL of one column of a file, as text (typed in Parquet); `words`: the words for the codes of the column's list."""
    name = column.name
    if form.suffix == "parquet":
        # money has one type in such files, whatever its column's is
        data_type = re.sub(r"decimal\(\d+,2\)", "decimal(18,2)", column.data_type)
        return name if data_type == "varchar" else f"{name}::{data_type}"
    if form.kind == "chinese":
        if column.data_type == "date":
            return f"replace({name}, '-', '/')"
        if name == record.dated_by and column.data_type == "timestamp":
            return f"left({name}, 10)"
        if words:
            pairs = ", ".join(f"'{code}': '{word}'" for code, word in words.items())
            return f"coalesce(map {{{pairs}}}[{name}], {name})"
    elif form.encoding != "utf-8" and column.data_type == "date":
        return f"replace({name}, '-', '')"
    return name


@dataclass(frozen=True)
class Cell:
    """A column of a file: the SQL of its values, its header, and the name of the column that a total row sums, or nothing."""

    sql: str
    title: str
    summed: str = ""


def cells(record: Record, form: Layout, left_out: Container[str], words: dict[str, dict[str, str]]) -> list[Cell]:
    """The columns of a file in the contract's order, without those `left_out`. `words`: code list → code → the word for it."""
    found = []
    for column in record.columns:
        # in GBK the one word 元 is two bytes that are also valid UTF-8 (U+052A): a file with no other Chinese would be read wrong by any strict trial
        if column.name in left_out or form == GBK and column.kind == "unit":
            continue
        is_amount = column.data_type.startswith("decimal") and column.data_type.endswith(",2)")  # money, persons, days
        found.append(Cell(value(record, column, form, words.get(column.code_list, {})), header(column, form), column.name if is_amount else ""))
    if form.kind == "chinese" and fold(NAME) in record.dropped:
        found.append(Cell("'合成样例'", NAME))  # a column that is to be dropped
    if form.kind == "interface":
        found.append(Cell("NULL::VARCHAR", "memo"))  # a column that nobody knows
    return found


def number_rows(connection: duckdb.DuckDBPyConnection, record: str, seed: int) -> None:
    """Make table `file_<record>`: the rows in file order with `row_no` as a spreadsheet shows it (header 1)."""
    connection.execute(
        f"create table file_{record} as select *, row_number() over (partition by pp order by phase, hash(rk || '{seed}'), rk) + 1 as row_no "
        f"from {record} order by pp, row_no"
    )
    connection.execute(f"drop table {record}")


def write_file(connection: duckdb.DuckDBPyConnection, record: Record, pp: int, form: Layout, columns: list[Cell], path: Path, total_row: bool) -> None:
    """Write one province's file of a record. Rows go from DuckDB to the file; Python only transcodes bytes (a workbook excepted)."""
    select = ", ".join(f'{cell.sql} AS "{cell.title}"' for cell in columns)
    query = f"select {select} from file_{record.name} where pp = {pp} order by row_no"
    if form.suffix == "parquet":
        connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")
        return
    if form.suffix == "xlsx":
        _workbook(connection, query, path, record.label_zh)
        return
    plain = path.with_name(path.name + ".utf8")
    force = ", force_quote *" if form.quote == "'" else ""
    quote = form.quote.replace("'", "''")
    connection.execute(
        f"copy ({query}) to '{plain}' (format csv, header true, delimiter '{form.delimiter}', quote '{quote}', escape '{quote}', nullstr '{form.null_word}'{force})"
    )
    if total_row:
        sums = ", ".join(f"sum(try_cast({cell.summed} as decimal(18, 2)))::varchar" if cell.summed else "NULL" for cell in columns[1:])
        row = connection.execute(f"select {sums} from file_{record.name} where pp = {pp}").fetchone()
        with plain.open("a", encoding="utf-8", newline="") as file:
            file.write(form.delimiter.join(["合计", *(form.null_word if total is None else total for total in row or ())]) + "\n")
    _finish(plain, path, form)


def _finish(plain: Path, path: Path, form: Layout) -> None:
    """From DuckDB's UTF-8 text to the layout's bytes, a block at a time."""
    if form.suffix == "csv.gz":
        with plain.open("rb") as source, path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as target:
            shutil.copyfileobj(source, target, CHUNK)
        plain.unlink()
    elif form.encoding == "utf-8" and not form.crlf:
        plain.replace(path)
    else:
        with plain.open(encoding="utf-8", newline="") as source, path.open("w", encoding=form.encoding, newline="") as target:
            while block := source.read(CHUNK):
                target.write(block.replace("\n", "\r\n") if form.crlf else block)
        plain.unlink()


def _workbook(connection: duckdb.DuckDBPyConnection, query: str, path: Path, title: str) -> None:
    """A workbook of text cells; the times that openpyxl and zip put in are set to one moment, so that the same seed gives the same bytes."""
    relation = connection.execute(query)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append([column[0] for column in relation.description or ()])
    for row in relation.fetchall():
        sheet.append(row)
    first = path.with_name(path.name + ".first")
    book.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                start, end = data.index(b"<dcterms:created"), data.rindex(b"</dcterms:modified>") + len(b"</dcterms:modified>")
                data = data[:start] + data[end:]
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    first.unlink()
