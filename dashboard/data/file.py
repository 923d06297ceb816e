"""The published file: which one a run reads, and queries on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from gongbao.paths import Home
from gongbao.publish import published_file

NATION = "100000"
CORPS = "660000"


class Swapped(Exception):
    """The published file was replaced before this run could open it."""


class Damaged(Exception):
    """The published file cannot be read or lacks a table."""


@dataclass(frozen=True)
class Snapshot:
    """The file one run reads, as the file system knows it."""

    path: Path
    inode: int
    modified_ns: int

    @property
    def published_on(self) -> str:
        """The day (UTC) the file was put in place, as YYYY-MM-DD."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC).date().isoformat()


@dataclass(frozen=True)
class Release:
    """What the published file says of itself."""

    data_is_sample: bool
    last_year: str
    batches: int
    batches_digest: str


# ---------------------------------------------------------------- pieces of SQL

# Every region with its short names; a code without a list (a county) is its own name.
PLACES = f"""
        select
            region_code, region_level, parent_code, kind, in_statistics, short_zh, grid_row, grid_col,
            case
                when region_code = '{CORPS}' then short_zh
                when region_level = 'province' then regexp_replace(name_zh, '(壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$', '')
                else regexp_replace(name_zh, '(.{{2,}})(市|地区)$', '\\1')
            end as region_zh,
            case
                when region_code = '{CORPS}' then 'XPCC (Corps)'
                when region_code = '540000' then 'Xizang'
                else regexp_replace(name_en, ' (Autonomous Prefecture|Prefecture|City)$', '')
            end as region_en
        from published.regions
"""

# What is said of an indicator in a span of years: its catalogue entry, and how the nation alone, or a place below it, is printed.
LABELS = """
        select
            catalogue.indicator,
            units.print_level,
            units.from_year,
            units.to_year,
            catalogue.scope_id,
            catalogue.kind as indicator_kind,
            catalogue.label_zh,
            catalogue.label_en,
            catalogue.definition_zh,
            catalogue.definition_en,
            catalogue.unit,
            units.print_unit_zh,
            units.print_unit_en,
            units.print_scale,
            units.decimals as print_decimals,
            units.has_one_unit
        from published.indicator_catalogue as catalogue
        inner join published.print_units as units on catalogue.print_group = units.unit_group
"""
# The columns of a label that a page shows.
OF_LABEL = "labels.* exclude (indicator, print_level, from_year, to_year, has_one_unit)"


def label_of(period: str, level: str) -> str:
    """The condition of the label of an indicator in the year of a period, printed as the nation alone ('nation') or as places below it ('below')."""
    return f"cast(left({period}, 4) as int) between labels.from_year and labels.to_year and labels.print_level = {level}"


# ---------------------------------------------------------------- the file


def snapshot(home: Home) -> Snapshot | None:
    """The present published file, or None when nothing is published."""
    path = published_file(home)
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Snapshot(path, found.st_ino, found.st_mtime_ns)


# So many pages are made at the same time; the others wait their turn. More at once would not finish sooner, and a crowd would
# slow each down until publications overtake it.
TURNS = BoundedSemaphore(4)


# Four: the present file, and those before it for runs that a busy machine has not finished. Opening costs ten times a query.
@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(of: Snapshot) -> duckdb.DuckDBPyConnection:
    """A connection to the file of a snapshot and to no other, shared by all sessions through cursors.

    It keeps reading that file after another has taken its name. Raises `Swapped` when that has happened already.
    """
    # One thread a query: sessions run side by side, and a small query gains nothing from more.
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "300MB"})
    connection.execute("attach '{}' as published (read_only)".format(str(of.path).replace("'", "''")))
    found = of.path.stat()
    if (found.st_ino, found.st_mtime_ns) != (of.inode, of.modified_ns):
        raise Swapped
    # Kept in memory beside the file: planning their SQL anew would take longer than the query that needs them.
    connection.execute(f"create table places as {PLACES}")
    connection.execute(f"create table labels as {LABELS}")
    # Whatever a query may come to hold: it reads and writes no other file, and cannot open the lock.
    connection.execute("set enable_external_access = false")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set lock_configuration = true")
    return connection


def query(of: Snapshot, sql: str, parameters: list[Any] | dict[str, Any] | None = None) -> pd.DataFrame:
    """Run one query on the file of a snapshot; DECIMAL arrives as `Decimal`, and NULL of texts and decimals as None.

    Raises `Swapped` when the file is no longer that of the snapshot, `Damaged` when it cannot answer.
    """
    try:
        with _opened(of).cursor() as cursor:
            cursor.execute("use published")
            frame = cursor.sql(sql, params=parameters or []).to_arrow_table().to_pandas()
    except FileNotFoundError as error:
        raise Swapped from error
    except duckdb.Error as error:
        raise Damaged from error
    for name in frame.columns[frame.dtypes == "str"]:
        texts = frame[name].astype(object)
        frame[name] = texts.where(texts.notna(), None)
    return frame


@st.cache_data(max_entries=8, show_spinner=False)
def release(of: Snapshot) -> Release:
    """The one row of release_info."""
    frame = query(of, "select data_is_sample, coalesce(cast(last_year as varchar), '—') as last_year, batches, batches_digest from release_info")
    if len(frame) != 1:
        raise Damaged
    row = frame.iloc[0]
    return Release(bool(row["data_is_sample"]), str(row["last_year"]), int(row["batches"]), str(row["batches_digest"]))


def one_of(column: str, values: Sequence[str], parameters: dict[str, Any]) -> str:
    """`column in (…)` with bound values: unlike a list parameter, DuckDB skips row groups by it."""
    names = []
    for value in sorted(set(values)):
        parameters[f"{column}_{len(names)}"] = value
        names.append(f"${column}_{len(names)}")
    return f"{column} in ({', '.join(names)})"
