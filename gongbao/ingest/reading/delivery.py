"""What every form of a delivered file becomes: a table of text with a header, and where each of its rows stands in the file."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gongbao.contracts import Record
from gongbao.ingest.header import column_of
from gongbao.messages import GongbaoError, Problem

HEAD_ROWS = 30  # rows looked at for the header
HEADER_SHARE = 0.5  # from this share of a record's required columns on a row is a header
NOTE = r"^[\s\"'　（(]*(?:注|备注|说明|附注|制表|填表|填报|制单|审核|复核|经办|负责人|联系|单位|报送|日期|数据来源|合计|总计|小计|共计)"
MOST_RANGES = 8  # ranges of rows named in one message

Part = tuple[int, int] | None  # of the rows: how many come before, how many there are; None for all
Recognise = Callable[[list[str]], tuple[str, float]]  # a row of cells → (record it is the header of, share of required columns)


def literal(value: str | None) -> str:
    """A text as an SQL literal."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def ident(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def pattern(path: Path) -> str:
    """A path as DuckDB's readers of files take it: what would be a pattern in it is taken as it is."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def source(path: Path) -> str:
    """A path as an SQL literal to read from."""
    return literal(pattern(path))


def refuse(path: Path, zh: str, en: str, fix_zh: str = "", fix_en: str = "", line: int | None = None, sheet: str = "", column: str = "") -> GongbaoError:
    """A refusal of one whole file."""
    return GongbaoError(Problem(zh, en, fix_zh, fix_en, file=path.name, line=line, sheet=sheet, column=column))


class NoRows(GongbaoError):
    """A header and no rows below it. `delivery`: what was read of the file."""

    def __init__(self, delivery: Delivery, zh: str = "只有表头，没有数据行", en: str = "a header and no rows", sheet: str = "") -> None:
        super().__init__(Problem(zh, en, "重新导出", "export it again", file=delivery.path.name, sheet=sheet))
        self.delivery = delivery


def ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers as ranges: '2–4, 7'; beyond MOST_RANGES only '…'."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number <= found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in found]
    return ", ".join(texts[:MOST_RANGES]) + (", …" if len(texts) > MOST_RANGES else "")


def place_of(sheets: list[dict[str, str | int]], row_no: int) -> tuple[str | None, int]:
    """The sheet and the row as the spreadsheet shows it. `sheets` as in Delivery; a file without sheets numbers its rows itself."""
    for sheet in reversed(sheets):
        if row_no >= int(sheet["row_no"]):
            return str(sheet["sheet"]), row_no - int(sheet["row_no"]) + int(sheet["row"])
    return None, row_no


@dataclass
class Delivery(ABC):
    """A readable table of text: `header` as delivered, and `relation()` that gives its rows as SQL."""

    path: Path
    file_format: str
    header: list[str]
    header_row: int = 1  # where the header stands
    sheet: str = ""
    titles: list[tuple[str, int, str]] = field(default_factory=list)  # (sheet, row, text) of what stands above a header
    encoding: str = ""
    delimiter: str = ""
    repairs: Counter[str] = field(default_factory=Counter)
    notes: list[Problem] = field(default_factory=list)
    # of a workbook, in order: {"sheet": its name, "row_no": number of its first row, "row": that row as the spreadsheet shows it}
    sheets: list[dict[str, str | int]] = field(default_factory=list)

    def load(self, names: list[str], record: Record) -> None:  # noqa: B027 - a form that needs no preparation keeps this
        """Prepare the rows under the SQL names `names`. Raises GongbaoError when values of `record` cannot be had as they were."""

    @abstractmethod
    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        """SQL of the rows: one VARCHAR column per name, NULL for a null word, and `row_no` BIGINT (header is 1)."""

    def parts(self, threads: int) -> list[Part]:
        """Parts of the rows that can be read side by side."""
        return [None]

    def place(self, row_no: int) -> tuple[str | None, int]:
        """The sheet and the row as the spreadsheet shows it; (None, row_no) for a file without sheets."""
        return place_of(self.sheets, row_no)

    def note(self, zh: str, en: str, fix_zh: str = "", fix_en: str = "", row: int | None = None, sheet: str = "", column: str = "") -> None:
        """Tell something about the file beside its outcome."""
        self.notes.append(Problem(zh, en, fix_zh, fix_en, file=self.path.name, line=row, sheet=sheet, column=column))

    def note_titles(self) -> None:
        """Tell which rows above a header were not read (their words may be names)."""
        for sheet in dict.fromkeys(title[0] for title in self.titles):
            rows = [row for name, row, _ in self.titles if name == sheet]
            self.note(
                f"表头以上 {len(rows)} 行是标题，未读入：行 {ranges(rows)}",
                f"{len(rows)} title line{'s' * (len(rows) > 1)} above the header not read: line {ranges(rows)}",
                row=rows[0],
                sheet=sheet,
            )


def find_header(rows: list[list[str]], recognise: Recognise) -> tuple[int, bool]:
    """Which of the first rows of a table is its header, and whether it is only the upper one of two.

    The first row that has enough columns of a record; without one, the row that has most, or the first that is not empty. Two rows that are a
    better header together than each of them are one header in two rows.
    """
    shares = [recognise(row)[1] for row in rows]
    for at, share in enumerate(shares[:-1]):
        both = recognise(_over(rows[at], rows[at + 1]))[1]
        if both >= HEADER_SHARE and both > max(share, shares[at + 1]) and sum(bool(cell) for cell in rows[at]) > 1:
            return at, True
        if share >= HEADER_SHARE:
            return at, False
    if shares and shares[-1] >= HEADER_SHARE:
        return len(rows) - 1, False
    best = max(range(len(rows)), key=lambda at: shares[at], default=0)
    return best if shares and shares[best] else next((at for at, row in enumerate(rows) if any(row)), 0), False


def _over(upper: list[str], lower: list[str]) -> list[str]:
    """Two rows as one header: the lower cell where there is one, else the upper."""
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    return [below or above for above, below in zip(upper, lower, strict=True)]


def says_the_same(header: list[str], row: list[str], record: Record) -> bool:
    """Whether a row below the header is the header again, perhaps in the other language."""
    names = [column_of(title, record)[0] for title in header]
    again = [column_of(title, record)[0] for title in row[: len(header)]]
    return sum(name is not None and name == other for name, other in zip(names, again, strict=False)) * 2 > sum(name is not None for name in names)


def two_rows(path: Path, row: int, sheet: str = "") -> GongbaoError:
    """A header in two rows."""
    return refuse(
        path,
        f"表头占两行（第 {row}、{row + 1} 行）",
        f"the header takes two rows ({row} and {row + 1})",
        "表头只留一行，每列一个列名（如把「基金支出」下的「统筹」写成该列的完整列名），不用合并单元格",
        "keep one row with one whole column name per column, without merged cells",
        row,
        sheet,
    )
