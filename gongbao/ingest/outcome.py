"""What became of one file, as the door tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from gongbao.messages import Problem


@dataclass(frozen=True)
class Broken:
    """A rule that rows of a file break: how many, the numbers of the first of them, what is wrong, and the columns it looks at."""

    code: str
    level: str  # error | warning
    rows: int
    first_rows: tuple[int, ...]
    zh: str
    en: str
    columns: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What became of one file. `status`: ingested | already | checked | refused; rows and messages as far as it was read.
    `nothing_in`: the province of which a file without rows says that there is nothing to deliver."""

    path: Path
    record: str = ""
    status: str = "refused"
    batch_id: str = ""
    rows_read: int = 0
    rows_typed: int = 0
    rows_unreadable: int = 0
    rows_skipped: int = 0
    rows_rejected: int = 0
    encoding: str = ""
    nothing_in: str = ""
    repairs: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing refused, no unreadable row, no total row, no row that an error rule rejects."""
        return self.status != "refused" and not self.rows_unreadable and not self.rows_skipped and not self.rows_rejected
