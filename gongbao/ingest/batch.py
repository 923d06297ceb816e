"""The lake: what it holds, and how a batch gets in whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from gongbao.contracts import Record, load_contracts
from gongbao.ingest import manifest
from gongbao.ingest.manifest import EMPTY, Batch
from gongbao.ingest.reading import ident, literal, pattern
from gongbao.ingest.typing import layout
from gongbao.messages import GongbaoError, Problem, printable
from gongbao.paths import Home

LOCK_SECONDS = 10
SUFFIXES = (".csv.gz", ".txt.gz", ".tsv.gz", ".csv", ".txt", ".tsv", ".xlsx", ".parquet")
UNREADABLE = [("src_batch_id", "varchar"), ("src_row_no", "bigint"), ("column_name", "varchar"), ("reason", "varchar")]
# What is known of a batch. The office's own (names of files, sheets and headers, settings as given) is never published; what
# describes a batch to a reader is computed from its rows: provinces (most rows first), first and last month (or year).
BATCH = [
    ("batch_id", "varchar"),
    ("record", "varchar"),
    ("sequence", "bigint"),
    ("received_at", "timestamp"),
    ("corrects", "varchar"),
    ("reason", "varchar"),
    ("file_name", "varchar"),
    ("sha256", "varchar"),
    ("file_bytes", "bigint"),
    ("file_format", "varchar"),
    ("encoding", "varchar"),
    ("delimiter", "varchar"),
    ("sheets", "varchar"),
    ("settings", "varchar"),
    ("columns_delivered", "varchar"),
    ("columns_set", "varchar"),
    ("columns_unknown", "bigint"),
    ("headers_unknown", "varchar"),
    ("aliases_used", "varchar"),
    ("repairs", "varchar"),
    ("rows_read", "bigint"),
    ("rows_typed", "bigint"),
    ("rows_unreadable", "bigint"),
    ("rows_skipped", "bigint"),
    ("provinces", "varchar"),
    ("first_month", "varchar"),
    ("last_month", "varchar"),
]
# How many rows count in which year, by the rules that a row decides alone; a batch without any has one row without a year.
YEARS = [("batch_id", "varchar"), ("year_no", "integer"), ("rows_counted", "bigint")]
CONTROL = [("batch_id", "varchar"), ("measure", "varchar"), ("expected", "decimal(28,2)"), ("delivered", "decimal(28,2)")]


def write_parquet(connection: duckdb.DuckDBPyConnection, path: Path, columns: list[tuple[str, str]], rows: list[tuple]) -> None:
    """A small Parquet file of `rows` (one tuple per row, in column order)."""
    table = ", ".join(f"{ident(name)} {kind}" for name, kind in columns)
    connection.execute(f"create or replace temp table small_file ({table})")
    if rows:
        connection.executemany(f"insert into small_file values ({', '.join('?' * len(columns))})", rows)
    connection.execute(f"copy small_file to {literal(str(path))} (format parquet, compression zstd)")


def _empty_files(record: Record) -> dict[str, list[tuple[str, str]]]:
    return {"rows.parquet": layout(record), "unreadable.parquet": UNREADABLE, "batch.parquet": BATCH, "control.parquet": CONTROL, "years.parquet": YEARS}


def _described(folder: Path, columns: dict[str, list[tuple[str, str]]]) -> str:
    """The layout of the files of an empty batch and their digests."""
    return "\n".join(
        line
        for file, names in columns.items()
        for line in (*(f"{file} {name} {kind}" for name, kind in names), f"{file} {manifest.sha256_of_file(folder / file)}")
    )


def ensure_lake(home: Home) -> None:
    """Make `lake/<record>/_empty` for every record of the contract: the files without rows, so that dbt can always read.

    They are written again whenever the contract's layout has changed or a byte of them; each appears by a rename.
    """
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)  # `dbt build` by itself does not make it
    connection: duckdb.DuckDBPyConnection | None = None
    for record in load_contracts().values():
        folder = home.lake / record.name / EMPTY
        columns = _empty_files(record)
        mark = folder / "layout.txt"
        if all((folder / file).is_file() for file in (*columns, mark.name)) and mark.read_text(encoding="utf-8", errors="replace") == _described(
            folder, columns
        ):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        connection = connection or duckdb.connect()
        for file, names in columns.items():
            write_parquet(connection, folder / f".{file}.new", names, [])
            os.replace(folder / f".{file}.new", folder / file)
        mark.write_text(_described(folder, columns), encoding="utf-8")
    if connection:
        connection.close()


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the lake's lock. Raises GongbaoError when another run keeps it."""
    home.lake.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.lake / ".lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise GongbaoError(
            Problem(
                "另一个 gongbao 正在写入数据湖",
                "another gongbao run is writing to the lake",
                "等它结束后再试",
                "try again when it has finished",
                file=str(home.lake),
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


def staging(home: Home) -> Path:
    """The empty staging folder; what an interrupted run has left in it is removed. Only under the lock."""
    folder = home.lake / ".staging"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def has_batches(home: Home) -> bool:
    """Whether anything has been delivered yet, of whatever record."""
    return bool(manifest.folders(home))


def check_correction(corrects: str, known: list[Batch], file: str) -> None:
    """Raises GongbaoError when the batch to correct is not there, or has been corrected already."""
    names = [batch.batch_id for batch in known]
    if corrects not in names:
        near = get_close_matches(corrects, names, n=3, cutoff=0.4) or sorted(names)[:3]
        listed = ", ".join(near)
        raise GongbaoError(
            Problem(
                f"没有批次 {corrects}",
                f"there is no batch {corrects}",
                f"相近的批次：{listed}" if listed else "还没有任何批次",
                f"near names: {listed}" if listed else "there are no batches yet",
                file=file,
            )
        )
    for batch in known:
        if batch.corrects == corrects:
            raise GongbaoError(
                Problem(
                    f"批次 {corrects} 已被 {batch.batch_id} 更正",
                    f"batch {corrects} has already been corrected by {batch.batch_id}",
                    f"更正最新的一个：--corrects {batch.batch_id}",
                    f"correct the newest one: --corrects {batch.batch_id}",
                    file=file,
                )
            )


def keep_original(home: Home, path: Path, record: str, batch_id: str) -> None:
    """Copy a delivered file (and its control file) into the inbox unless it lies there already."""
    if path.resolve().is_relative_to(home.inbox.resolve()):
        return
    folder = home.inbox / record / batch_id
    folder.mkdir(parents=True, exist_ok=True)
    for source in (path, control_file(path)):
        if source.is_file():
            name = printable(source.name)
            part = folder / f".{name}.part"
            shutil.copyfile(source, part)
            os.replace(part, folder / name)


def is_without_rows(connection: duckdb.DuckDBPyConnection, home: Home, batch: Batch) -> bool:
    """Whether a batch of the lake was read from a file that has a header alone."""
    file = home.lake / batch.record / batch.batch_id / "batch.parquet"
    return connection.execute(f"select rows_read = 0 from read_parquet({literal(pattern(file))})").fetchall() == [(True,)]


def control_file(path: Path) -> Path:
    """The file of control totals that may come beside a file."""
    return path.with_name(path.name + ".control.json")


def commit(home: Home, staged: Path, record: str, batch_id: str) -> None:
    """The one step that makes a batch part of the lake. Over a damaged one its files are put one by one, the manifest last:
    until then it goes on being named as damaged."""
    folder = home.lake / record / batch_id
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        os.rename(staged, folder)
        return
    for name in (*manifest.FILES, manifest.MANIFEST):
        os.replace(staged / name, folder / name)


def check_key(home: Home, fingerprint: str) -> None:
    """Every batch of a lake must be hashed with one key. Raises GongbaoError when this key is another one."""
    mark = home.lake / ".key-fingerprint"
    if not mark.exists():
        mark.write_text(fingerprint + "\n")
    elif mark.read_text(encoding="utf-8", errors="replace").strip() != fingerprint:
        raise GongbaoError(
            Problem(
                "身份密钥与数据湖以往所用的不同：同一人会得到不同的散列",
                "the identity key is not the one this lake was made with: one person would get two hashes",
                "恢复原来的密钥（GONGBAO_KEY、GONGBAO_KEY_FILE 或 ~/.config/gongbao/identity.key），或用新的 GONGBAO_HOME 重新读入",
                "bring back the former key (GONGBAO_KEY, GONGBAO_KEY_FILE or ~/.config/gongbao/identity.key), or ingest again into a new GONGBAO_HOME",
                file=str(mark),
            )
        )
