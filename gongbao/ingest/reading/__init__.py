"""From the bytes of a delivered file to a relation of text columns that DuckDB can read.

delivery.py  what every form becomes: header, rows as SQL, the place of each row
sniffing.py  what the bytes are, whatever the name says
text.py      CSV and TXT: encoding and structure
workbook.py  XLSX and XLS: sheets, header, cells as text
parquet.py   Parquet: types as text
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import duckdb

from gongbao.ingest.reading.delivery import Delivery, NoRows, Part, Recognise, ident, literal, pattern, place_of, ranges, refuse, source
from gongbao.ingest.reading.parquet import read_parquet, without_rows
from gongbao.ingest.reading.sniffing import kind_of, require_file, unpacked
from gongbao.ingest.reading.text import BAD, LINE_DELIMITER, TextDelivery, read_text
from gongbao.ingest.reading.workbook import read_workbook

__all__ = [
    "BAD",
    "LINE_DELIMITER",
    "Delivery",
    "NoRows",
    "Part",
    "TextDelivery",
    "free",
    "ident",
    "literal",
    "open_delivery",
    "pattern",
    "place_of",
    "ranges",
    "refuse",
    "require_file",
    "sha256_of",
    "without_rows",
    "source",
]


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_delivery(path: Path, work: Path, connection: duckdb.DuckDBPyConnection, recognise: Recognise) -> Delivery:
    """Find out what a file is and read its header. Raises GongbaoError when the file as a whole cannot be read."""
    require_file(path)
    file = unpacked(path, work)
    packed = file != path
    if not packed:
        file = _nameable(path, work)
    kind = kind_of(file, path)
    if kind == "parquet":
        return read_parquet(file, path, connection)
    if kind in ("xlsx", "xls"):
        return read_workbook(file, path, work, kind, connection, recognise)
    return read_text(file, path, work, "csv.gz" if packed else "csv", recognise)


def _nameable(path: Path, work: Path) -> Path:
    """The file under a name that DuckDB takes: one that is no UTF-8 is read through a link."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        link = work / "delivered"
        link.symlink_to(path.resolve())
        return link
    return path


def free(folder: Path) -> None:
    """Remove a work folder; it may hold personal values."""
    shutil.rmtree(folder, ignore_errors=True)
