"""What a user is told: every message in Chinese and English, with its place and what to do."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass


def printable(name: str) -> str:
    """A name of a file or sheet as it can be printed: bytes that are no UTF-8 read as GBK, line ends and other signs of control as escapes."""
    raw = os.fsencode(name)
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("gb18030", errors="backslashreplace")
    return "".join(char.encode("unicode_escape").decode() if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in name)


@dataclass(frozen=True)
class Problem:
    """One thing wrong: what (zh, en), where (file, sheet, line, column), and what to do about it (zh, en)."""

    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""
    file: str = ""
    line: int | None = None
    column: str = ""
    sheet: str = ""

    @property
    def place(self) -> str:
        """`file › sheet:line [column]`, as far as known."""
        place = " › ".join(printable(name) for name in (self.file, self.sheet) if name)
        if self.line is not None:
            place = f"{place}:{self.line}"
        if self.column:
            place = f"{place} [{self.column}]"
        return place.strip()

    def lines(self) -> list[str]:
        """The problem as printed lines: place, Chinese with its remedy, English with its remedy."""
        lines = [self.place] if self.place else []
        lines.append(f"  {self.zh}" + (f"　→ {self.fix_zh}" if self.fix_zh else ""))
        lines.append(f"  {self.en}" + (f" → {self.fix_en}" if self.fix_en else ""))
        return lines


class GongbaoError(Exception):
    """Stops a command: carries the problems to print and the exit code (2: the input is at fault)."""

    def __init__(self, *problems: Problem, exit_code: int = 2) -> None:
        super().__init__("; ".join(problem.en for problem in problems))
        self.problems = problems
        self.exit_code = exit_code
