"""Text (CSV, TXT): encoding and structure are decided by strict trial over the whole file, never by guessing; the rows
themselves do not pass through Python."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from gongbao.contracts import Record
from gongbao.ingest.reading.delivery import (
    HEAD_ROWS,
    NOTE,
    Delivery,
    NoRows,
    Part,
    Recognise,
    find_header,
    literal,
    ranges,
    refuse,
    says_the_same,
    source,
    two_rows,
)
from gongbao.messages import GongbaoError

CHUNK = 1 << 24  # bytes read at a time: large enough that Python's part is small, small against memory
HEAD = 1 << 16  # bytes looked at for header, delimiter and quotes
LONGEST_LINE = 1 << 20  # bytes of one line; beyond it is no row of a table
PART_LINES, MOST_PARTS = 100_000, 4  # a part must read over the lines before it: more parts would read more than they gain
BAD = "\x01"  # first cell of a line set aside by the line-wise path; the reason follows
LINE_DELIMITER = "\x02\x03"  # never met in a file: a whole line becomes one cell
ENCODINGS = ("utf-8", "gb18030")
MARKS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = (",", "\t", ";", "|")
# Chinese text in UTF-8 up to the next ASCII: of GBK text, where it follows ASCII, hardly ever a valid sequence
CHINESE_IN_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}|\xe3\x80[\x80-\xbf]|\xef[\xbc-\xbd][\x80-\xbf]){2,}(?![\x80-\xff])")
PERHAPS_CHINESE_IN_UTF8 = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf][\x80-\xbf][\xe3-\xe9\xef][\x80-\xbf][\x80-\xbf]")  # ten times as fast


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
    words: list[str] = field(default_factory=list)  # lines that are notes, where lines were set aside
    below: tuple[list[str], int] | None = None  # the row below the header, and the line in which it ends

    def load(self, names: list[str], record: Record) -> None:
        if self.below and says_the_same(self.header, self.below[0], record):
            lines = self.below[1]
            self.note(f"第 {lines} 行重复表头，未读入", f"line {lines} repeats the header and was left out", row=lines)
            self.data_lines -= lines - self.header_lines
            self.header_lines = lines

    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        nulls = ", ".join(literal(word) for word in null_words)
        before, count = part or (0, None)
        # a part is scanned by one thread, so that its first rows are the first and its numbers are right in any order of writing
        parallel = self.parallel and part is None
        scan = (
            f"select * from read_csv({source(self.readable)}, auto_detect=false, header=false, skip={self._skip + before}, "
            f"delim={literal(self.delimiter)}, quote={literal(self.quote)}, escape={literal(self.quote)}, nullstr=[{nulls}], "
            f"columns={{{columns}}}, strict_mode=true, parallel={str(parallel).lower()}, hive_partitioning=false, compression='none')"
            + (f" limit {count}" if count else "")
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
            f"delim={literal(LINE_DELIMITER)}, quote='', escape='', columns={{'line': 'VARCHAR'}}, hive_partitioning=false, compression='none')"
        )

    def _odd_quotes(self) -> str:
        return f"(strlen(line) - strlen(replace(line, {literal(self.quote)}, ''))) % 2 = 1"

    def has_unpaired_quote(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether a physical line holds an odd number of quotes (in the middle of a cell DuckDB takes one for text)."""
        return bool(
            connection.execute(f"select count(*) from ({self.lines()}) where contains(line, {literal(self.quote)}) and {self._odd_quotes()}").fetchall()[0][0]
        )

    def go_line_wise(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make every physical line one record: a line with broken quoting or a wrong number of fields is replaced by a
        mark in its place, so it costs itself only and the numbers of the others stay right. All of it is one SQL statement."""
        width = len(self.header)
        delimiter = self.delimiter

        def wrong_width(text: str, more: int = 0) -> str:
            return f"strlen({text}) - strlen(replace({text}, {literal(delimiter)}, '')) <> {width - 1 + more}"

        # words below or between the rows are no damaged row
        fields = f"case when regexp_matches(line, {literal(NOTE)}) then 'note' else 'fields' end"

        if self.quote:
            q, d = re.escape(self.quote), re.escape(delimiter)
            quoted = f"{q}(?:[^{q}]|{q}{q})*{q}"
            cell = f"(?:{quoted}|[^{q}{d}][^{d}]*)?"
            sound = f"regexp_full_match(line, {literal(f'{cell}(?:{d}{cell})*')})"
            # without its quoted cells (each taken with the delimiter before it) a line has only the delimiters that count
            bare = f"regexp_replace({literal(delimiter)} || line, {literal(f'{d}{quoted}')}, {literal(delimiter)}, 'g')"
            fault = (
                f"case when not contains(line, {literal(self.quote)}) then case when {wrong_width('line')} then {fields} end "
                f"when {self._odd_quotes()} or not {sound} then 'quote' when {wrong_width(bare, 1)} then {fields} end"
            )
        else:
            fault = f"case when {wrong_width('line')} then {fields} end"
        self.words = [line for (line,) in connection.execute(f"select line from ({self.lines()}) where ({fault}) = 'note' limit 100").fetchall()]
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
    utf8_line: int | None = None  # of a text read as GBK: the first line that is Chinese in UTF-8

    @property
    def mixed_ends(self) -> bool:
        """More than one kind of line end, or the old one of a lone carriage return."""
        return self.carriage_returns > self.crlf or 0 < self.crlf < self.newlines


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _trial(file: Path, path: Path, encoding: str) -> _Scan | None:
    """Decode the whole file strictly; None when it is not in this encoding. `path` is what a message names.

    Raises GongbaoError for bytes that no text has: NUL, or a line beyond any sense.
    """
    scan = _Scan()
    decoder = codecs.getincrementaldecoder(encoding)()
    last, length = b"", 0
    try:
        for chunk in _chunks(file):
            if b"\0" in chunk:
                line = scan.newlines + chunk.count(b"\n", 0, chunk.index(b"\0")) + 1
                raise refuse(
                    path,
                    "含有 NUL 字节：二进制文件，或没有字节顺序标记的 UTF-16",
                    "the file holds NUL bytes: binary, or UTF-16 without a byte order mark",
                    "另存为 UTF-8 的 CSV",
                    "save it as CSV in UTF-8",
                    line,
                )
            length = _line_length(chunk, length, scan.newlines + 1, path)
            if not chunk.isascii() or decoder.getstate()[0]:  # a chunk of plain ASCII needs no decoding
                decoder.decode(chunk)
                if encoding != "utf-8" and scan.utf8_line is None:
                    scan.utf8_line = _line_in_utf8(chunk, scan.newlines)
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


def _line_length(chunk: bytes, before: int, line: int, path: Path) -> int:
    """Bytes since the last line end, `before` of them before this chunk. Raises GongbaoError for a line that is too long.

    Only the last line end of every stretch of LONGEST_LINE bytes is looked for.
    """
    start = -before
    while start + LONGEST_LINE < len(chunk):
        end = max(chunk.rfind(mark, max(start, 0), start + LONGEST_LINE) for mark in (b"\n", b"\r"))
        if end < 0:
            line += chunk.count(b"\n", 0, max(start, 0))
            raise refuse(
                path,
                f"第 {line} 行超过 {LONGEST_LINE:,} 字节：没有行尾，不是表格",
                f"line {line} is longer than {LONGEST_LINE:,} bytes: it has no end and is no table",
                "检查导出：行尾丢失、引号未闭合或文件损坏",
                "check the export: lost line ends, a quote that never closes, or a damaged file",
                line,
            )
        start = end + 1
    return len(chunk) - start


def _line_in_utf8(chunk: bytes, lines_before: int) -> int | None:
    """The first line that holds Chinese in UTF-8 which as GBK would be signs that hardly anybody writes."""
    for perhaps in PERHAPS_CHINESE_IN_UTF8.finditer(chunk):
        start = perhaps.start()
        found = CHINESE_IN_UTF8.match(chunk, start) if start == 0 or chunk[start - 1] < 0x80 else None
        if found and not _is_gb2312(found[0]):
            return lines_before + chunk.count(b"\n", 0, start) + 1
    return None


def _is_gb2312(data: bytes) -> bool:
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _no_encoding(file: Path, path: Path) -> GongbaoError:
    """Why a text is in no encoding that is known: which lines are in another one, or in none."""
    lines: dict[str, list[int]] = {"utf-8": [], "gb18030": [], "": []}  # without the lines that are text in both
    with file.open("rb") as content:
        for number, line in enumerate(content, 1):
            if line.isascii():
                continue
            utf8, gbk = _decodes(line, "utf-8"), _decodes(line, "gb18030")
            if utf8 and (not gbk or _line_in_utf8(line, 0)):
                lines["utf-8"].append(number)
            elif not utf8:
                lines["gb18030" if gbk else ""].append(number)
    names = {"utf-8": "UTF-8", "gb18030": "GBK"}
    few, many = sorted(ENCODINGS, key=lambda name: len(lines[name]))
    bad = lines[few] + lines[""] or [1]
    parts_zh = [f"第 {ranges(lines[few])} 行像是 {names[few]}"] * bool(lines[few]) + [f"第 {ranges(lines[''])} 行既不是 UTF-8 也不是 GBK，无法解码"] * bool(
        lines[""]
    )
    parts_en = [f"line {ranges(lines[few])} looks like {names[few]}"] * bool(lines[few]) + [f"line {ranges(lines[''])} is neither UTF-8 nor GBK"] * bool(
        lines[""]
    )
    if lines[many]:
        parts_zh.append(f"其余各行是 {names[many]}")
        parts_en.append(f"the other lines are {names[many]}")
    return refuse(
        path,
        "，".join(parts_zh) + ("：一个文件里有两种编码" if lines[few] else "：字符被截断或传输损坏"),
        ", ".join(parts_en) + (": two encodings in one file" if lines[few] else ": a character cut in two, or a damaged transfer"),
        "在源系统中改正这些行，或统一转换为 UTF-8 后重新报送",
        "correct these lines at the source, or convert all to UTF-8, and deliver again",
        min(bad),
    )


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _transcode(file: Path, encoding: str, target: Path) -> _Scan:
    """Write the text as UTF-8 with one kind of line end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    scan = _Scan()

    def put(text: str) -> None:
        data = text.encode()
        scan.newlines += data.count(b"\n")
        scan.double_quote = scan.double_quote or b'"' in data
        scan.size += len(data)
        out.write(data)

    with target.open("wb") as out:
        held = ""
        for chunk in _chunks(file):
            text = held + decoder.decode(chunk)
            held = "\r" if text.endswith("\r") else ""
            put(text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n"))
        put(decoder.decode(b"", final=True) + ("\n" if held else ""))
    return scan


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


def _readable(file: Path, path: Path, work: Path) -> tuple[Path, str, _Scan]:
    """The text as UTF-8 with one kind of line end (the file itself or a copy), its encoding, and what a pass over it told."""
    copy = work / "text.csv"
    with file.open("rb") as content:
        head = content.read(4)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if marked:
        try:
            scan = _transcode(file, marked, copy)
        except UnicodeDecodeError as error:
            raise refuse(
                path,
                f"标明为 {marked.upper()} 却无法解码：文件不完整或已损坏",
                f"marked as {marked.upper()} but cannot be decoded: cut short or damaged",
                "另存为 UTF-8 的 CSV",
                "save it as CSV in UTF-8",
            ) from error
        _trial(copy, path, "utf-8")
        return copy, marked, scan
    for encoding in ENCODINGS:
        scan = _trial(file, path, encoding)
        if scan is None:
            continue
        if scan.utf8_line:
            break
        if encoding == "utf-8" and not scan.mixed_ends:
            return file, encoding, scan
        return copy, encoding, _transcode(file, encoding, copy)
    raise _no_encoding(file, path)


def read_text(file: Path, path: Path, work: Path, file_format: str, recognise: Recognise) -> TextDelivery:
    """A text as a delivery. `file` holds its bytes unpacked, `path` is the delivered file. Raises GongbaoError when it is no table."""
    readable, encoding, scan = _readable(file, path, work)
    with readable.open("rb") as content:
        head = content.read(HEAD).decode("utf-8-sig", errors="ignore")
    if not head.strip():
        raise refuse(path, "文件为空", "the file is empty", "重新导出", "export it again")
    delimiter = _choose_delimiter(head, recognise)
    if delimiter is None:
        raise refuse(
            path,
            "找不到表头：首行既无逗号也无 TAB",
            "no header: the first line has neither a comma nor a TAB",
            "首行应为列名，以逗号或 TAB 分隔",
            "the first line must hold the column names, separated by commas or TABs",
            1,
        )
    quote = _choose_quote(head, delimiter, scan.double_quote)
    rows, ends = _records(head, delimiter, quote)
    at, is_upper_half = find_header(rows, recognise)
    if is_upper_half:
        raise two_rows(path, ends[at - 1] + 1 if at else 1)
    header = rows[at]
    tail = _tail(readable)
    content = tail.rstrip(b"\r\n")
    lines = scan.newlines - tail[len(content) :].count(b"\n") + 1
    delivery = TextDelivery(
        path=path,
        file_format=file_format,
        header=header,
        header_row=ends[at],
        encoding=encoding,
        delimiter=delimiter,
        readable=readable,
        work=work,
        quote=quote,
        header_lines=ends[at],
        data_lines=lines - ends[at],
        titles=[("", ends[before], " ".join(rows[before])) for before in range(at) if any(rows[before])],
        below=(rows[at + 1], ends[at + 1]) if at + 1 < len(rows) else None,
    )
    delivery.note_titles()
    if delivery.data_lines <= 0:
        raise NoRows(delivery)
    if len(content) == len(tail):
        _whole_last_line(delivery, content, lines)
    return delivery


def _choose_delimiter(head: str, recognise: Recognise) -> str | None:
    """The delimiter that gives the best header; where none is recognised, TAB or comma, whichever is oftener in the first line."""
    shares = {delimiter: max(recognise(row)[1] for row in _records(head, delimiter, '"')[0]) for delimiter in DELIMITERS}
    best = max(shares, key=lambda delimiter: shares[delimiter])
    if shares[best]:
        return best
    first = head.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    return delimiter if delimiter in first else None


def _records(text: str, delimiter: str, quote: str) -> tuple[list[list[str]], list[int]]:
    """The first records as cells, and the physical line in which each ends. Only CR and LF end a line."""
    options = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **options)  # type: ignore[arg-type]
    rows, ends = [], []
    for row in itertools.islice(reader, HEAD_ROWS):
        rows.append([cell.strip() for cell in row])
        ends.append(reader.line_num)
    return rows, ends


def _whole_last_line(delivery: TextDelivery, content: bytes, line: int) -> None:
    """A file without a last line end must still end in a whole record, else it was cut off on its way."""
    last = content.rsplit(b"\n", 1)[-1].decode("utf-8", errors="ignore")
    odd = bool(delivery.quote) and last.count(delivery.quote) % 2
    cells = _records(last, delivery.delimiter, delivery.quote)[0][0]
    if odd or (len(cells) < len(delivery.header) and not re.search(NOTE, last)):
        raise refuse(
            delivery.path,
            f"文件被截断：最后一行只有 {len(cells)} 个字段，应有 {len(delivery.header)} 个",
            f"the file was cut off: its last line has {len(cells)} fields of {len(delivery.header)}",
            "重新传送整份文件",
            "have the whole file sent again",
            line,
        )
