"""下载: the published files, how to query them, and how to cite them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import access, blocks, data, exports
from dashboard.text import MARKS

# Streamlit sends a file from memory and needs about five times its size for each reader who is just clicking.
LARGEST_FILE = 20_000_000
# A workbook of more rows takes longer to write than a reader waits.
LARGEST_SHEET = 20_000
LARGEST_CSV = 200_000
BULLETIN = "bulletin_"


def megabytes(size: int | None) -> str:
    """A size as text, in kB or MB of the decimal system; the mark of missing data without one."""
    if size is None:
        return MARKS["missing"]
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(size / 1000, 0.1):.1f} kB"


def described(here: blocks.Context, row: pd.Series) -> str:
    """What a table holds: in words of this page, else in those of the file."""
    if row["table"].startswith(BULLETIN) and here.language == "zh" and row["label_zh"]:
        return here.say("downloads.bulletin", name=row["label_zh"])
    said = row["label_zh"] if here.language == "zh" and row["label_zh"] else row["comment"]
    return here.word(f"downloads.table.{row['table']}", said)


def below_home(here: blocks.Context, path: Path) -> str:
    """Where a file is on the server, without telling where the data home is."""
    return f"$GONGBAO_HOME/{path.relative_to(here.snapshot.path.parent.parent).as_posix()}"


def file_button(here: blocks.Context, path: Path, size: int, key: str) -> None:
    """A button that sends a file; or, for a large one, where it is on the server."""
    label = here.say("downloads.button", name=path.name, size=megabytes(size))
    if size > LARGEST_FILE:
        st.markdown(here.say("downloads.on_server", name=path.name, size=megabytes(size), path=below_home(here, path)))
        return
    st.download_button(label, data=path.read_bytes, file_name=path.name, mime="application/octet-stream", key=key, on_click="ignore")


def files_figure(here: blocks.Context, tables: pd.DataFrame, everything: bool) -> None:
    """Every file with its size, rows and hash; the published file itself only for a reader who may have all of its tables."""
    folder, manifest = here.snapshot.path.parent, data.manifest(here.snapshot)
    whole = {
        "table": here.snapshot.path.name, "file": here.snapshot.path.name, "bytes": here.snapshot.path.stat().st_size, "rows": None,
        "sha256": manifest.get("file", {}).get("sha256"), "description": here.say("downloads.whole"),
    }  # fmt: skip
    twins = [
        {
            "table": row["table"],
            "file": row["parquet"],
            "bytes": row["parquet_bytes"],
            "rows": row["rows"],
            "sha256": row["sha256"],
            "description": described(here, row),
        }
        for _, row in tables.iterrows()
    ]
    frame = pd.DataFrame([whole, *twins] if everything else twins, dtype=object)
    table = pd.DataFrame(
        {
            here.say("control.table"): list(frame["table"]),
            here.say("downloads.column.rows"): [MARKS["not_applicable"] if rows is None else str(rows) for rows in frame["rows"]],
            here.say("downloads.column.size"): [megabytes(size) for size in frame["bytes"]],
            here.say("downloads.column.description"): list(frame["description"]),
            "SHA-256": [sha or MARKS["missing"] for sha in frame["sha256"]],
        }
    )
    if everything:
        answer = here.say("downloads.files", tables=len(tables), size=megabytes(whole["bytes"]))
    else:
        answer = here.say("downloads.files_public", tables=len(tables))
    notes = [here.say("downloads.files_note"), here.say("downloads.sizes_note"), "" if everything else here.say("downloads.staff_note")]
    blocks.figure(here, "files", answer, frame, None, table, notes, obeys=())
    if here.printing or not everything:
        return
    with st.container(horizontal=True, key="files-whole", vertical_alignment="center", gap="small"):
        file_button(here, here.snapshot.path, whole["bytes"], "whole")
        if manifest:
            file_button(here, folder / "release.json", (folder / "release.json").stat().st_size, "manifest")


def table_figure(here: blocks.Context, row: pd.Series) -> None:
    """The columns of one table, and the table as a file."""
    frame = data.columns(here.snapshot, row["table"], row["view"])
    columns = {here.say("downloads.column.column"): list(frame["column"])}
    if here.language == "zh" and row["view"]:
        columns[here.say("downloads.column.name")] = list(frame["name_zh"])
    columns |= {here.say("downloads.column.type"): list(frame["type"]), here.say("downloads.column.meaning"): list(frame["comment"])}
    answer = here.say("downloads.columns", table=row["table"], rows=row["rows"], columns=row["columns"])
    notes = [described(here, row)]
    if row["view"] and here.language == "zh":
        notes.append(here.say("downloads.view_note", view=row["view"]))
    blocks.figure(here, "columns", answer, frame, None, pd.DataFrame(columns), notes, obeys=("table",))
    if not here.printing:
        content_buttons(here, row)


def content_buttons(here: blocks.Context, row: pd.Series) -> None:
    """The content of a table: its Parquet file, and for the bulletin's tables CSV and XLSX, which are made when asked for."""
    name = f"{'sample-' if here.release.data_is_sample else ''}{row['table']}"
    with st.container(horizontal=True, key="files-table", vertical_alignment="center", gap="small"):
        if row["parquet_bytes"] is not None:
            file_button(here, here.snapshot.path.parent / row["parquet"], row["parquet_bytes"], "parquet")
        if not row["table"].startswith(BULLETIN):
            return
        relation = row["view"] if here.language == "zh" and row["view"] else row["table"]
        synthetic = here.say("sample") if here.release.data_is_sample else ""
        release = (here.say("fact.release"), blocks.release_line(here))
        facts = exports.Facts(described(here, row), row["table"], [release], synthetic, here.release.batches_digest)
        content = partial(data.content, here.snapshot, relation)
        if row["rows"] <= LARGEST_CSV:
            st.download_button(
                here.say("downloads.csv", table=row["table"], rows=row["rows"]), data=lambda: exports.csv_bytes(content(), facts),
                file_name=f"{name}.csv", mime="text/csv", key="csv-table", on_click="ignore",
            )  # fmt: skip
        if row["rows"] <= LARGEST_SHEET:
            st.download_button(
                here.say("downloads.xlsx", table=row["table"]), data=lambda: exports.xlsx_bytes(content(), facts, here.language),
                file_name=f"{name}.xlsx", mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", key="xlsx-table",
                on_click="ignore",
            )  # fmt: skip


def queries(here: blocks.Context, table: str) -> None:
    """How to read the files, and how to cite them."""
    file = f"published/{here.snapshot.path.name}"
    st.header(here.say("downloads.query"), anchor="query")
    st.markdown(here.say("downloads.cli"))
    st.code(f'duckdb -readonly {file} "from {table} limit 10"', language="bash", wrap_lines=True)
    st.markdown("Python")
    st.code(
        f'import duckdb\nconnection = duckdb.connect("{file}", read_only=True)\nprint(connection.sql("from {table} limit 10"))',
        language="python",
        wrap_lines=True,
    )
    st.markdown("pandas")
    st.code(f'import pandas\nframe = pandas.read_parquet("published/parquet/{table}.parquet")\nprint(frame.head(10))', language="python", wrap_lines=True)
    st.header(here.say("downloads.cite"), anchor="cite")
    synthetic = here.say("downloads.cite_synthetic") if here.release.data_is_sample else ""
    st.code(
        here.say("downloads.citation", name=here.say("app"), release=here.release.batches_digest[:12], date=here.snapshot.published_on, synthetic=synthetic),
        language=None, wrap_lines=True,
    )  # fmt: skip


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("downloads.title"))
    tables, everything = data.tables(here.snapshot), access.allowed(for_staff=True)
    if not everything:
        of_staff = frozenset().union(*(page.staff_tables for page in here.listed.values()))
        tables = tables[~tables["table"].isin(of_staff)]
    names = list(tables["table"])
    default = "bulletin_overview" if "bulletin_overview" in names else names[0]
    with blocks.controls(here):
        chosen = blocks.choose(here, "table", names, default=default)
    files_figure(here, tables, everything)
    table_figure(here, tables[tables["table"] == chosen].iloc[0])
    queries(here, chosen)


main()
