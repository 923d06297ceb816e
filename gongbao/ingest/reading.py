"""From the bytes of a delivered file to a relation of text columns that DuckDB can read.

Encoding and structure are decided by strict trial over the whole file, never by guessing; the rows themselves
do not pass through Python (a workbook excepted).
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import hashlib
import itertools
import re
import shutil
import zipfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import duckdb

from gongbao.messages import GongbaoError, Problem

CHUNK = 1 << 24  # bytes read at a time: large enough that Python's part is small, small against memory
HEAD_ROWS = 10  # rows looked at for a header that is not the first
HEAD = 1 << 16  # bytes looked at for header, delimiter and quotes
PART_LINES, MOST_PARTS = 100_000, 4  # a part must read over the lines before it: more parts would read more than they gain
BAD = "\x01"  # first cell of a line set aside by the line-wise path; the reason follows
LINE_DELIMITER = "\x02\x03"  # never met in a file: a whole line becomes one cell
ENCODINGS = ("utf-8", "gb18030")


def literal(value: str | None) -> str:
    """A text as an SQL literal."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def ident(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def source(path: Path) -> str:
    """A path as an SQL literal to read from: what would be a pattern in it is taken as it is."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))


def refuse(path: Path, zh: str, en: str, fix_zh: str = "", fix_en: str = "", line: int | None = None) -> GongbaoError:
    """A refusal of one whole file."""
    return GongbaoError(Problem(zh, en, fix_zh, fix_en, file=path.name, line=line))


def place_of(sheets: list[dict[str, str | int]], row_no: int) -> tuple[str | None, int]:
    """The sheet and the row as the spreadsheet shows it. `sheets` as in Delivery; a file without sheets numbers its rows itself."""
    for sheet in reversed(sheets):
        if row_no >= int(sheet["row_no"]):
            return str(sheet["sheet"]), row_no - int(sheet["row_no"]) + int(sheet["row"])
    return None, row_no


Part = tuple[int, int] | None  # of the rows: how many come before, how many there are; None for all


@dataclass
class Delivery(ABC):
    """A readable table of text: `header` as delivered, and `relation()` that gives its rows as SQL."""

    path: Path
    file_format: str
    header: list[str]
    head: list[list[str]] = field(default_factory=list)  # the first rows as cells, the header first
    encoding: str = ""
    delimiter: str = ""
    repairs: Counter[str] = field(default_factory=Counter)
    notes: list[Problem] = field(default_factory=list)
    # of a workbook, in order: {"sheet": its name, "row_no": number of its first row, "row": that row as the spreadsheet shows it}
    sheets: list[dict[str, str | int]] = field(default_factory=list)

    def place(self, row_no: int) -> tuple[str | None, int]:
        """The sheet and the row as the spreadsheet shows it; (None, row_no) for a file without sheets."""
        return place_of(self.sheets, row_no)

    def load(self, names: list[str], dates: set[str]) -> None:  # noqa: B027 - a form that needs no preparation keeps this
        """Prepare the rows under the SQL names `names`; `dates` are the names of date columns."""

    @abstractmethod
    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        """SQL of the rows: one VARCHAR column per name, NULL for a null word, and `row_no` BIGINT (header is 1)."""

    def parts(self, threads: int) -> list[Part]:
        """Parts of the rows that can be read side by side."""
        return [None]


# ---------------------------------------------------------------- text


@dataclass
class TextDelivery(Delivery):
    """CSV or TXT. `readable` is UTF-8 text: the file itself, or its transcoded copy in the work folder."""

    readable: Path = Path()
    work: Path = Path()
    quote: str = ""
    header_lines: int = 1
    data_lines: int = 0
    parallel: bool = True
    line_wise: bool = False

    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        nulls = ", ".join(literal(word) for word in null_words)
        before, count = part or (0, None)
        # a part is scanned by one thread, so that its first rows are the first and its numbers are right in any order of writing
        parallel = self.parallel and part is None
        scan = (
            f"select * from read_csv({source(self.readable)}, auto_detect=false, header=false, skip={self._skip + before}, "
            f"delim={literal(self.delimiter)}, quote={literal(self.quote)}, escape={literal(self.quote)}, nullstr=[{nulls}], "
            f"columns={{{columns}}}, strict_mode=true, parallel={str(parallel).lower()})" + (f" limit {count}" if count else "")
        )
        return f"select *, row_number() over () + {self.header_lines + before} as row_no from ({scan})"

    def parts(self, threads: int) -> list[Part]:
        pieces = min(threads, MOST_PARTS, self.data_lines // PART_LINES)
        if pieces < 2 or (self.quote and not self.line_wise):  # with quotes a row may take several lines
            return [None]
        bounds = [self.data_lines * at // pieces for at in range(pieces + 1)]
        return [(first, last - first) for first, last in itertools.pairwise(bounds)]

    @property
    def _skip(self) -> int:
        return 0 if self.line_wise else self.header_lines  # the line-wise copy has no header

    def lines(self) -> str:
        """SQL of the physical lines below the header, one VARCHAR `line` each; NULL for a blank one, also after the last row."""
        return (
            f"select line from read_csv({source(self.readable)}, auto_detect=false, header=false, skip={self._skip}, "
            f"delim={literal(LINE_DELIMITER)}, quote='', escape='', columns={{'line': 'VARCHAR'}})"
        )

    def _odd_quotes(self) -> str:
        return f"(strlen(line) - strlen(replace(line, {literal(self.quote)}, ''))) % 2 = 1"

    def has_unpaired_quote(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a physical line holds an odd number of quotes (in the middle of a cell DuckDB takes one for text)."""
        return bool(connection.execute(f"select count(*) from ({self.lines()}) where contains(line, {literal(self.quote)}) and {self._odd_quotes()}").fetchall()[0][0])

    def go_line_wise(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make every physical line one record: a line with broken quoting or a wrong number of fields is replaced by a
        mark in its place, so it costs itself only and the numbers of the others stay right. All of it is one SQL statement."""
        width = len(self.header)
        delimiter = self.delimiter

        def wrong_width(text: str, more: int = 0) -> str:
            return f"strlen({text}) - strlen(replace({text}, {literal(delimiter)}, '')) <> {width - 1 + more}"

        if self.quote:
            q, d = re.escape(self.quote), re.escape(delimiter)
            quoted = f"{q}(?:[^{q}]|{q}{q})*{q}"
            cell = f"(?:{quoted}|[^{q}{d}][^{d}]*)?"
            sound = f"regexp_full_match(line, {literal(f'{cell}(?:{d}{cell})*')})"
            # without its quoted cells (each taken with the delimiter before it) a line has only the delimiters that count
            bare = f"regexp_replace({literal(delimiter)} || line, {literal(f'{d}{quoted}')}, {literal(delimiter)}, 'g')"
            fault = (
                f"case when not contains(line, {literal(self.quote)}) then case when {wrong_width('line')} then 'fields' end "
                f"when {self._odd_quotes()} or not {sound} then 'quote' when {wrong_width(bare, 1)} then 'fields' end"
            )
        else:
            fault = f"case when {wrong_width('line')} then 'fields' end"
        clean = self.work / "lines.csv"
        rest = literal(delimiter * (width - 1))
        connection.execute(
            f"copy (select case when line is null or trim(line) = '' then {rest} "
            f"when ({fault}) is not null then {literal(BAD)} || ({fault}) || {rest} else line end as line from ({self.lines()}) limit {self.data_lines}) "
            f"to {literal(str(clean))} (format csv, header false, delimiter {literal(LINE_DELIMITER)}, quote '', escape '')"
        )
        self.readable, self.line_wise = clean, True


@dataclass
class _Scan:
    """What one pass over the bytes of a text told."""

    size: int = 0
    newlines: int = 0
    carriage_returns: int = 0
    crlf: int = 0
    double_quote: bool = False

    @property
    def mixed_ends(self) -> bool:
        """More than one kind of line end, or the old one of a lone carriage return."""
        return self.carriage_returns > self.crlf or 0 < self.crlf < self.newlines


def _open(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked when it is gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _chunks(path: Path) -> Iterator[bytes]:
    with _open(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _trial(path: Path, encoding: str) -> _Scan | None:
    """Decode the whole file strictly; None when it is not in this encoding."""
    scan = _Scan()
    decoder = codecs.getincrementaldecoder(encoding)()
    last = b""
    try:
        for chunk in _chunks(path):
            if b"\0" in chunk:
                raise refuse(
                    path, "含有 NUL 字节：二进制文件，或 UTF-16（「Unicode 文本」）", "the file holds NUL bytes: binary, or UTF-16 ('Unicode text')",
                    "另存为 UTF-8 的 CSV", "save it as CSV in UTF-8",
                )
            if not chunk.isascii() or decoder.getstate()[0]:  # a chunk of plain ASCII needs no decoding
                decoder.decode(chunk)
            scan.newlines += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                scan.carriage_returns += chunk.count(b"\r")
                scan.crlf += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            scan.double_quote = scan.double_quote or b'"' in chunk
            scan.size += len(chunk)
            last = chunk[-1:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return scan


def _transcode(path: Path, encoding: str, target: Path) -> int:
    """Write the text as UTF-8 with one kind of line end; returns how many there are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = 0
    with target.open("wb") as out:
        held = ""
        for chunk in _chunks(path):
            text = held + decoder.decode(chunk)
            held = "\r" if text.endswith("\r") else ""
            data = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").encode()
            newlines += data.count(b"\n")
            out.write(data)
        if held:
            out.write(b"\n")
            newlines += 1
    return newlines


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - CHUNK))
        return file.read()


def _choose_quote(sample: str, delimiter: str, double_quote: bool) -> str:
    """The quote that encloses more cells of the sample; with none enclosed, " when the file holds one, else none."""
    edge = re.escape(delimiter)
    enclosed = {quote: len(re.findall(rf"(?:^|{edge}){quote}[^{quote}{edge}\n]*{quote}(?={edge}|\r?$)", sample, re.MULTILINE)) for quote in "\"'"}
    if enclosed["'"] > enclosed['"']:
        return "'"
    return '"' if double_quote else ""


def _read_text(path: Path, work: Path) -> TextDelivery:
    try:
        encoding, scan = next(((name, scan) for name in ENCODINGS if (scan := _trial(path, name))), ("", None))
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, (EOFError, gzip.BadGzipFile)):
            raise refuse(path, "压缩文件不完整或已损坏", "the compressed file is cut short or damaged", "重新传送", "have it sent again") from error
        raise
    if scan is None:
        raise refuse(
            path, "既不是 UTF-8，也不是 GB18030（GBK）：无法解码", "neither UTF-8 nor GB18030 (GBK): it cannot be decoded",
            "请报送方另存为 UTF-8，或检查传输是否损坏", "have it saved as UTF-8, or check the transfer",
        )
    if not scan.size:
        raise refuse(path, "文件为空", "the file is empty", "重新导出", "export it again")
    readable = path
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    newlines = scan.newlines
    if encoding != "utf-8" or packed or scan.mixed_ends:
        readable = work / "text.csv"
        newlines = _transcode(path, encoding, readable)
    with readable.open("rb") as file:
        head = file.read(HEAD).decode("utf-8-sig", errors="ignore")
    first = head.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    if delimiter not in first:
        raise GongbaoError(no_table(path))
    quote = _choose_quote(head, delimiter, scan.double_quote)
    cells, header_lines = _records(head, delimiter, quote)
    header = cells[0]
    tail = _tail(readable)
    content = tail.rstrip(b"\r\n")
    lines = newlines - tail[len(content) :].count(b"\n") + 1
    delivery = TextDelivery(
        path=path, file_format="csv.gz" if packed else "csv", header=header, head=cells, encoding=encoding, delimiter=delimiter, readable=readable,
        work=work, quote=quote, header_lines=header_lines, data_lines=lines - header_lines,
    )
    if delivery.data_lines <= 0:
        raise refuse(path, "只有表头，没有数据行", "a header and no rows", "重新导出", "export it again")
    if len(content) == len(tail):
        _whole_last_line(delivery, content, lines)
    return delivery


def _records(text: str, delimiter: str, quote: str) -> tuple[list[list[str]], int]:
    """The first records as cells, and how many physical lines the very first takes."""
    options = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, **options)  # type: ignore[arg-type]
    first = [cell.strip() for cell in next(reader)]
    lines = reader.line_num
    return [first, *itertools.islice(reader, HEAD_ROWS - 1)], lines


def _whole_last_line(delivery: TextDelivery, content: bytes, line: int) -> None:
    """A file without a last line end must still end in a whole record, else it was cut off on its way."""
    last = content.rsplit(b"\n", 1)[-1].decode("utf-8", errors="ignore")
    odd = bool(delivery.quote) and last.count(delivery.quote) % 2
    cells = _records(last, delivery.delimiter, delivery.quote)[0][0]
    if odd or len(cells) < len(delivery.header):
        raise refuse(
            delivery.path, f"文件被截断：最后一行只有 {len(cells)} 个字段，应有 {len(delivery.header)} 个",
            f"the file was cut off: its last line has {len(cells)} fields of {len(delivery.header)}", "重新传送整份文件", "have the whole file sent again", line,
        )


def no_table(path: Path) -> Problem:
    """The first line has neither a comma nor a TAB."""
    return Problem(
        "找不到表头：首行既无逗号也无 TAB", "no header: the first line has neither a comma nor a TAB",
        "首行应为列名，以逗号或 TAB 分隔", "the first line must hold the column names, separated by commas or TABs", file=path.name, line=1,
    )


# ---------------------------------------------------------------- workbook, Parquet


@dataclass
class StagedDelivery(Delivery):
    """A Parquet file: the delivered one, or the rows of a workbook as text."""

    readable: Path = Path()
    work: Path = Path()
    types: list[str] = field(default_factory=list)

    def load(self, names: list[str], dates: set[str]) -> None:
        if self.file_format == "xlsx":
            self.readable = self.work / "sheet.parquet"
            _copy_sheet(self, names, dates)
            self.header, self.types = names, ["VARCHAR"] * len(names)

    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        nulls = ", ".join(literal(word) for word in null_words)
        columns = []
        for title, name, kind in zip(self.header, names, self.types, strict=True):
            cell = f"cast({ident(title)} as varchar)" if kind != "BOOLEAN" else f"case {ident(title)} when true then '1' when false then '0' end"
            columns.append(f"case when {cell} in ({nulls}) then null else {cell} end as {ident(name)}")
        return f"select {', '.join(columns)}, file_row_number + 2 as row_no from read_parquet({source(self.readable)}, file_row_number=true)"


def _read_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> StagedDelivery:
    try:
        rows = connection.execute(f"describe select * from read_parquet({source(path)}, hive_partitioning=false)").fetchall()
        count = connection.execute(f"select count(*) from read_parquet({source(path)})").fetchall()[0][0]
    except duckdb.Error as error:
        raise refuse(path, "Parquet 文件已损坏，无法读取", "the Parquet file is damaged and cannot be read", "重新传送", "have it sent again") from error
    if not count:
        raise refuse(path, "只有列名，没有数据行", "columns and no rows", "重新导出", "export it again")
    return StagedDelivery(path=path, file_format="parquet", header=[row[0] for row in rows], readable=path, types=[row[1] for row in rows])


def _sheet(path: Path):
    """(workbook, first sheet) of an XLSX file, for reading once from top to bottom."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, EOFError, SyntaxError) as error:
        raise refuse(path, "不是可读的 XLSX 工作簿（损坏、加密或其他 ZIP 文件）", "not a readable XLSX workbook (damaged, encrypted or another ZIP file)",
                     "在电子表格软件中另存为 XLSX 或 CSV；ZIP 请先解压", "save it again as XLSX or CSV; unpack a ZIP first") from error
    return book, sheet


def _read_workbook(path: Path, work: Path) -> StagedDelivery:
    book, sheet = _sheet(path)
    rows = sheet.iter_rows(values_only=True)
    head = [["" if cell is None else str(cell).strip() for cell in row] for row in itertools.islice(rows, HEAD_ROWS)]
    header = list(head[0]) if head else []
    while header and not header[-1]:
        header.pop()
    if not header:
        raise refuse(path, "第一个工作表为空，或首行为空", "the first sheet or its first row is empty", "把数据放在第一个工作表，表头放在第一行", "put the data on the first sheet, the header into its first row")
    if len(head) == 1:
        raise refuse(path, "只有表头，没有数据行", "a header and no rows", "重新导出", "export it again")
    delivery = StagedDelivery(path=path, file_format="xlsx", header=header, head=head, work=work)
    if len(book.worksheets) > 1:
        delivery.notes.append(
            Problem(f"只读第一个工作表「{sheet.title}」，其余 {len(book.worksheets) - 1} 个未读", f"only the first sheet '{sheet.title}' is read, {len(book.worksheets) - 1} more are not",
                    "其余工作表请另存为文件", "save other sheets as files of their own", file=path.name)
        )
    book.close()
    return delivery


def _cell_text(value: object, is_date: bool, epoch: dt.datetime) -> tuple[str | None, bool]:
    """A cell as text, and whether it was a date serial number. Dates become ISO text, whole numbers lose their '.0'."""
    if value is None:
        return None, False
    if isinstance(value, bool):
        return ("1" if value else "0"), False
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds"), False
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat(), False
    if isinstance(value, (int, float)):
        if is_date and 1 <= value < 100_000:
            from openpyxl.utils.datetime import from_excel

            moment = from_excel(value, epoch)
            return (moment.isoformat(" ", "seconds") if isinstance(moment, dt.datetime) else None), True
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return (str(value) if isinstance(value, int) else repr(value)), False
    return str(value), False


def _copy_sheet(delivery: StagedDelivery, names: list[str], dates: set[str]) -> None:
    """The rows of the first sheet as a Parquet file of text, 50 000 rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    book, sheet = _sheet(delivery.path)
    schema = pa.schema([(name, pa.string()) for name in names])
    is_date = [name in dates for name in names]
    width = len(names)
    rows = sheet.iter_rows(values_only=True)
    next(rows)
    with pq.ParquetWriter(delivery.readable, schema) as writer:
        columns: list[list[str | None]] = [[] for _ in names]
        for row in rows:
            for at in range(width):
                value = row[at] if at < len(row) else None
                if type(value) is str:
                    columns[at].append(value)
                    continue
                text, serial = _cell_text(value, is_date[at], book.epoch)
                columns[at].append(text)
                if serial:
                    delivery.repairs[f"{names[at]}.excel_serial"] += 1
            if len(columns[0]) == 50_000:
                writer.write_table(pa.table(columns, schema=schema))
                columns = [[] for _ in names]
        if columns[0]:
            writer.write_table(pa.table(columns, schema=schema))
    book.close()


# ---------------------------------------------------------------- entry


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_delivery(path: Path, work: Path, connection: duckdb.DuckDBPyConnection) -> Delivery:
    """Find out what a file is and read its header. Raises GongbaoError when the file as a whole cannot be read."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PAR1"):
        return _read_parquet(path, connection)
    if magic.startswith(b"PK\x03\x04"):
        return _read_workbook(path, work)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(path, "旧版 .xls 或加密的工作簿，无法读取", "an old .xls or an encrypted workbook cannot be read", "另存为不加密的 XLSX 或 CSV", "save it as XLSX or CSV without a password")
    return _read_text(path, work)


def free(folder: Path) -> None:
    """Remove a work folder; it may hold personal values."""
    shutil.rmtree(folder, ignore_errors=True)
