"""The tables of the file and the files beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.data.file import Snapshot, query


def tables(of: Snapshot) -> pd.DataFrame:
    """The tables of the file by name, with their Parquet twins; not cached, since release.json follows the file by a moment.

    Columns: table, label_zh (None for a table without), comment (English), view (the same with Chinese columns, or None),
    rows, columns, and from release.json (None where it does not name the table): parquet (file below the folder of the file),
    parquet_bytes, sha256.
    """
    frame = query(
        of,
        """
        select
            tables.table_name as table,
            nullif(regexp_extract(tables.comment, '^([^ -~]+)\\. ', 1), '') as label_zh,
            regexp_replace(tables.comment, '^[^ -~]+\\. ', '') as comment,
            views.view_name as view,
            tables.estimated_size as rows,
            tables.column_count as columns
        from duckdb_tables() as tables
        left join duckdb_views() as views
            on views.database_name = tables.database_name and views.sql like '% FROM ' || tables.table_name || ';%'
        where tables.database_name = 'published'
        order by tables.table_name
        """,
    )
    twins = {entry["table"]: entry for entry in manifest(of).get("tables", [])}
    frame["parquet"] = [twins.get(name, {}).get("parquet") for name in frame["table"]]
    frame["parquet_bytes"] = pd.Series([_size(of.path.parent / name) if name else None for name in frame["parquet"]], dtype=object)
    frame["sha256"] = [twins.get(name, {}).get("sha256") for name in frame["table"]]
    return frame


@st.cache_data(max_entries=16, show_spinner=False)
def columns(of: Snapshot, table: str, view: str | None) -> pd.DataFrame:
    """The columns of a table in order. Columns: column, name_zh (in its Chinese view, or None), type, comment (English)."""
    return query(
        of,
        """
        select
            own.column_name as column,
            chinese.column_name as name_zh,
            lower(own.data_type) as type,
            regexp_replace(regexp_replace(own.comment, '^[^ -~]+, printed in ', 'Printed in '), 'in [^ -~]+ \\(([^)]*)\\)', 'in \\1') as comment
        from duckdb_columns() as own
        left join duckdb_columns() as chinese
            on chinese.table_name = $view and chinese.column_index = own.column_index and chinese.database_name = own.database_name
        where own.table_name = $table and own.database_name = 'published'
        order by own.column_index
        """,
        {"table": table, "view": view},
    )


def content(of: Snapshot, table: str) -> pd.DataFrame:
    """All of a table or view of the file, in the order of its first columns; not cached. `table`: a name of `tables`."""
    return query(of, f"""select * from "{table.replace('"', '""')}" order by all""")


def headings(of: Snapshot, table: str) -> dict[str, str]:
    """The columns of a table of the file with their Chinese names (their own where it has no Chinese view)."""
    known = tables(of).set_index("table")
    found = columns(of, table, known.loc[table, "view"])
    return {row.column: row.name_zh or row.column for row in found.itertuples()}


@st.cache_data(max_entries=64, show_spinner=False)
def rows_at(of: Snapshot, table: str, region: str) -> pd.DataFrame:
    """The rows of a table of the file for a region, all of them where the table has no regions; in the order of its first columns."""
    has_regions = "region_code" in set(columns(of, table, None)["column"])
    where = "where region_code = $region" if has_regions else ""
    return query(of, f"""select * from "{table.replace('"', '""')}" {where} order by all""", {"region": region} if has_regions else None)


def manifest(of: Snapshot) -> dict[str, Any]:
    """release.json beside the file (bytes and sha256 of each file); empty when it is missing or is that of another publication."""
    try:
        said = json.loads((of.path.parent / "release.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if said.get("file", {}).get("bytes") == _size(of.path) else {}


def _size(path: Path) -> int | None:
    """The bytes of a file; None when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return None
