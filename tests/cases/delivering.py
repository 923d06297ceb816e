"""A delivery taken through the commands in this process: what they answered, and what is in the lake then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
from click.testing import CliRunner

from gongbao.cli import main

DELIVERIES = Path(__file__).resolve().parent / "deliveries"
KEY = "a key for tests"


@dataclass(frozen=True)
class Answer:
    """What a command said, on the screen and in the report file that it names, and the exit code."""

    exit_code: int
    text: str

    def names(self, *words: str) -> None:
        """AssertionError: one of the words is not there."""
        missing = [word for word in words if word not in self.text]
        assert not missing, f"{missing} not in:\n{self.text}"

    def names_one_of(self, *words: str) -> None:
        assert any(word in self.text for word in words), f"none of {words} in:\n{self.text}"

    def lacks(self, *words: str) -> None:
        found = [word for word in words if word in self.text]
        assert not found, f"{found} in:\n{self.text}"


@dataclass
class Delivered:
    """A folder of files and a data home of its own; `check` and `ingest` read the folder unless given paths."""

    folder: Path
    home: Path
    checked: Answer = field(default_factory=lambda: Answer(-1, ""))
    ingested: Answer = field(default_factory=lambda: Answer(-1, ""))

    # ------------------------------------------------------------ commands

    def command(self, *arguments: object) -> Answer:
        """One command of the command line on the data home. AssertionError: an exception reached the user."""
        run = CliRunner().invoke(main, [str(argument) for argument in arguments], env={"GONGBAO_HOME": str(self.home), "GONGBAO_KEY": KEY, "COLUMNS": "200"})
        assert run.exception is None or isinstance(run.exception, SystemExit), run.output + repr(run.exception)
        assert "Traceback" not in run.output, run.output
        return Answer(run.exit_code, run.output + self._reports(run.output))

    def _reports(self, output: str) -> str:
        """The text of the report files that an output names."""
        found = [path for path in self.home.rglob("*") if path.suffix in (".html", ".txt") and path.is_file() and path.name in output.replace("\n", "")]
        return "".join("\n" + path.read_text(encoding="utf-8") for path in found)

    def check(self, *options: object) -> Answer:
        self.checked = self.command("check", *options, *([] if _with_paths(options) else [self.folder]))
        return self.checked

    def ingest(self, *options: object) -> Answer:
        self.ingested = self.command("ingest", *options, *([] if _with_paths(options) else [self.folder]))
        return self.ingested

    # ------------------------------------------------------------ the lake

    def batches(self, record: str = "*") -> list[dict]:
        """The rows of batch.parquet of every batch of a record, in the order in which they were received."""
        files = [str(path) for path in self.home.glob(f"lake/{record}/*/batch.parquet") if path.parent.name != "_empty"]
        return self._dicts("select * from read_parquet($1, union_by_name=true) order by received_at, batch_id", files)

    def rows(self, record: str) -> list[dict]:
        """The typed rows of a record in the lake, ordered by batch and row."""
        files = [str(path) for path in self.home.glob(f"lake/{record}/*/rows.parquet") if path.parent.name != "_empty"]
        return self._dicts("select * from read_parquet($1, union_by_name=true) order by src_batch_id, src_row_no", files)

    def unreadable(self, record: str) -> dict[int, tuple[str | None, str]]:
        """Row number → (column, reason) of what could not be typed."""
        files = [str(path) for path in self.home.glob(f"lake/{record}/*/unreadable.parquet") if path.parent.name != "_empty"]
        return {row["src_row_no"]: (row["column_name"], row["reason"]) for row in self._dicts("select * from read_parquet($1, union_by_name=true)", files)}

    @staticmethod
    def _dicts(sql: str, files: list[str]) -> list[dict]:
        if not files:
            return []
        with duckdb.connect() as connection:
            found = connection.execute(sql, [files])
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def everything_outside_the_inbox(self, below: Path | None = None) -> str:
        """All that stands in the data home, or in a folder of it, but in the inbox: every value of every Parquet and DuckDB file, every other file as it is."""
        texts = []
        for path in sorted((below or self.home).rglob("*")):
            if not path.is_file() or path.is_relative_to(self.home / "inbox") or path.name.endswith(".wal"):
                continue
            texts.append(path.relative_to(self.home).as_posix())
            if path.suffix == ".parquet":
                texts.append(json.dumps(self._dicts("select * from read_parquet($1)", [str(path)]), default=str, ensure_ascii=False))
            elif path.suffix == ".duckdb":
                texts += _tables_as_text(path)
            else:
                texts.append(path.read_bytes().decode("utf-8", errors="replace"))
        return "\n".join(texts)

    # ------------------------------------------------------------ what is expected

    @property
    def refused(self) -> bool:
        """Whether the delivery was refused whole: exit code 2 from both commands, nothing in the lake.

        AssertionError: it was refused by one command alone, or refused in part, or with another exit code.
        """
        if self.batches():
            assert self.checked.exit_code in (0, 2), self.checked.text
            return False
        assert (self.checked.exit_code, self.ingested.exit_code) == (2, 2), f"{self.checked}\n{self.ingested}"
        assert not any((self.home / "inbox").rglob("*.*")), "a refused file was kept"
        return True

    def refuses(self, *words: str) -> None:
        """The delivery was refused, and both commands name the words."""
        assert self.refused, f"accepted:\n{self.ingested.text}"
        self.names(*words)

    def names(self, *words: str) -> None:
        self.checked.names(*words)
        self.ingested.names(*words)

    def names_one_of(self, *words: str) -> None:
        self.checked.names_one_of(*words)
        self.ingested.names_one_of(*words)

    def lacks(self, *words: str) -> None:
        self.checked.lacks(*words)
        self.ingested.lacks(*words)

    def holds(self, record: str, rows: int, **sums: str) -> None:
        """Both commands were content, and the lake holds so many typed rows with these sums."""
        assert (self.checked.exit_code, self.ingested.exit_code) == (0, 0), f"{self.checked}\n{self.ingested}"
        self.typed(record, rows, **sums)

    def typed(self, record: str, rows: int, **sums: str) -> None:
        """The lake holds so many typed rows with these sums."""
        found = self.rows(record)
        assert len(found) == rows, self.ingested.text
        assert {name: sum(row[name] for row in found) for name in sums} == {name: Decimal(value) for name, value in sums.items()}

    def column(self, record: str, name: str) -> list:
        return [row[name] for row in self.rows(record)]


def _with_paths(options: tuple[object, ...]) -> bool:
    return any(isinstance(option, Path) for option in options)


def _tables_as_text(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        return [
            f"{table} " + json.dumps(connection.execute(f'select * from "{schema}"."{table}"').fetchall(), default=str, ensure_ascii=False)
            for schema, table in tables
        ]
