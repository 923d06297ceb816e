"""The workbook that tells a supplier which rows of a batch were refused, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from gongbao.contracts import load_contracts
from gongbao.ingest.reading import pattern, place_of
from gongbao.ingest.typing import EXPECTED
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home
from gongbao.publish import read_published

# A worksheet ends at 1 048 576 rows; beyond this the sheet says that more were left out.
MOST_ROWS = 1_000_000


def write_rejects(home: Home, batch: str, xlsx_path: Path) -> int:
    """Write the refused and the unreadable rows of a batch with the broken rules; returns how many rows of both.

    Sheets: summary, broken rules, rejected rows (sheet, row, key, rules, messages), unreadable rows, control totals. Sheets and rows are
    those a spreadsheet shows for the delivered file. What is not published (the file's name, its sheets, keys) comes from the lake.
    No personal value stands in it. Error: the batch is not known.
    """
    with read_published(home) as connection:
        found = connection.execute(
            """
            select record, sha256, rows_delivered, rows_accepted, rows_rejected, rows_unreadable
            from batches where batch_id = ?
            """,
            [batch],
        ).fetchone()
        if found is None:
            raise _unknown(connection, batch)
        record, sha256, delivered, accepted, rejected, unreadable = found
        folder = home.lake / record / batch
        file_name, sheets = _file(connection, folder / "batch.parquet")

        book = Workbook(write_only=True)
        _sheet(
            book,
            "概览 Summary",
            ("项目 Item", "内容 Value"),
            (
                ("批次 Batch", batch),
                ("记录 Record", record),
                ("文件 File", file_name),
                ("sha256", sha256),
                ("交付行数 Rows delivered", delivered),
                ("采用行数 Rows accepted", accepted),
                ("拒收行数 Rows rejected", rejected),
                ("不可读行数 Rows unreadable", unreadable),
            ),
            (28, 72),
        )
        rules = connection.execute(
            """
            select rule_code, level, rows_broken, rows_checked, message_zh, message_en
            from rule_results
            where batch_id = ? and rows_broken > 0
            order by level, rows_broken desc, rule_code
            """,
            [batch],
        ).fetchall()
        _sheet(
            book,
            "违反的规则 Rules broken",
            ("规则 Rule", "级别 Level", "违反行数 Rows", "检查行数 Checked", "问题", "What is wrong"),
            rules,
            (12, 10, 12, 12, 48, 64),
        )
        keys = _keys(connection, record, batch, folder / "rows.parquet")
        connection.execute(
            """
            select
                rows.row_no,
                rows.rule_codes,
                string_agg(rules.message_zh, '；' order by rules.rule_code),
                string_agg(rules.message_en, '; ' order by rules.rule_code)
            from rejected_rows as rows
            left join rule_results as rules
                on rows.batch_id = rules.batch_id
                and list_contains(string_split(rows.rule_codes, ','), rules.rule_code)
            where rows.batch_id = ?
            group by rows.row_no, rows.rule_codes
            order by rows.row_no
            """,
            [batch],
        )
        _sheet(
            book,
            "拒收行 Rejected rows",
            ("工作表 Sheet", "行号 Row", "主键 Key", "规则 Rules", "问题", "What is wrong"),
            ((*place_of(sheets, row), keys.get(row), *others) for row, *others in _rows(connection)),
            (16, 10, 28, 24, 60, 60),
        )
        _unreadable(book, connection, folder / "unreadable.parquet", sheets)
        totals = connection.execute(
            "select measure, expected, delivered, difference, status from control_totals where batch_id = ? order by measure", [batch]
        ).fetchall()
        _sheet(
            book,
            "控制数 Control totals",
            ("项目 Measure", "应有 Expected", "实有 Delivered", "差 Difference", "结果 Status"),
            totals,
            (28, 20, 20, 20, 12),
        )
    xlsx_path.parent.mkdir(parents=True, exist_ok=True)
    book.save(xlsx_path)
    return rejected + unreadable


def _file(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[str, list[dict[str, str | int]]]:
    """The name of a batch's file and its sheets, which only the lake keeps."""
    if not file.is_file():
        return "", []
    name, sheets = connection.execute("select file_name, sheets from read_parquet(?)", [pattern(file)]).fetchall()[0]
    return name, json.loads(sheets)


def _keys(connection: duckdb.DuckDBPyConnection, record: str, batch: str, file: Path) -> dict[int, str]:
    """The keys of the rejected rows by row number, as delivered (one that held a certificate number is a hash in the lake too)."""
    if not file.is_file():
        return {}
    key = ", ".join(load_contracts()[record].key)
    return dict(
        connection.execute(
            f"select src_row_no, concat_ws(' ', {key}) from read_parquet($file) where src_row_no in (select row_no from rejected_rows where batch_id = $batch)",
            {"file": pattern(file), "batch": batch},
        ).fetchall()
    )


def _unreadable(book: Workbook, connection: duckdb.DuckDBPyConnection, file: Path, sheets: list[dict[str, str | int]]) -> None:
    """The unreadable rows, which only the lake keeps."""
    if file.is_file():
        connection.execute("select src_row_no, column_name, reason from read_parquet(?) order by src_row_no, column_name", [pattern(file)])
        rows = ((*place_of(sheets, row), column, reason, *EXPECTED.get(reason, ("", ""))) for row, column, reason in _rows(connection))
    else:
        rows = iter(())
    _sheet(
        book,
        "不可读行 Unreadable rows",
        ("工作表 Sheet", "行号 Row", "列 Column", "原因 Reason", "应为", "Expected"),
        rows,
        (16, 10, 28, 20, 40, 40),
    )


def _unknown(connection: duckdb.DuckDBPyConnection, batch: str) -> GongbaoError:
    """The error for a batch that is not there, with the most similar ones that are."""
    known = [
        row[0]
        for row in connection.execute("select batch_id from batches order by jaro_winkler_similarity(batch_id, ?) desc, batch_id limit 3", [batch]).fetchall()
    ]
    return GongbaoError(
        Problem(
            f"没有批次 {batch}。",
            f"There is no batch {batch}.",
            f"相近的批次：{'、'.join(known)}。" if known else "",
            f"Similar batches: {', '.join(known)}." if known else "",
        )
    )


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterable[tuple]:
    """The result of the last query, in pieces."""
    while rows := connection.fetchmany(10_000):
        yield from rows


def _sheet(book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int]) -> None:
    """One sheet with a fixed bold first row."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for column, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            sheet.append([_cell(sheet, "其余行未列出 the remaining rows are left out")])
            break
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: object, value: object, bold: bool = False) -> WriteOnlyCell:
    """A cell that shows a text as it is: never a formula, and without characters a workbook cannot hold."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("�", value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=not bold, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
