"""The report file of a build: what became of the delivered rows, which rules were broken where, and what is to be looked at."""

from __future__ import annotations

from pathlib import Path

import duckdb

from gongbao.ingest import manifest
from gongbao.paths import Home
from gongbao.publish import read_published
from gongbao.reportfile import heading, write_report

CURRENT = "batch_id not in (select batch_id from batches where corrected_by_batch_id is not null)"


def report_build(home: Home) -> tuple[int, int, Path | None]:
    """Write the report of what is published; returns rules broken, rows rejected, and the report's path (None: it could not be written)."""
    names = {batch.batch_id: batch.file_name for batch in manifest.known(home)}
    with read_published(home) as connection:
        rules = connection.execute(
            f"""
            select record, rule_code, level, sum(rows_broken), count(*), any_value(message_zh), any_value(message_en)
            from rule_results where rows_broken > 0 and {CURRENT}
            group by record, rule_code, level order by record, level, rule_code
            """
        ).fetchall()
        records = connection.execute(
            f"""
            select record, count(*), sum(rows_delivered), sum(rows_accepted), sum(rows_rejected), sum(rows_unreadable)
            from batches where {CURRENT} group by record order by record
            """
        ).fetchall()
        batches = connection.execute(
            """
            select batches.batch_id, rows_delivered, rows_rejected, rows_unreadable, string_agg(rule_code || ' ' || rows_broken, ', ' order by rule_code)
            from batches left join rule_results as rules on batches.batch_id = rules.batch_id and rows_broken > 0
            where corrected_by_batch_id is null
            group by batches.batch_id, rows_delivered, rows_rejected, rows_unreadable
            having rows_rejected + rows_unreadable > 0 or count(rule_code) > 0
            order by rows_rejected + rows_unreadable desc, batches.batch_id
            """
        ).fetchall()
        path = write_report(
            home, "build", "生成报告 report of build",
            [
                {
                    "title": "报送的行 delivered rows",
                    "headings": [
                        heading("记录", "record"), heading("批次", "batches", True), heading("报送", "delivered", True), heading("采用", "accepted", True),
                        heading("拒收", "rejected", True), heading("不可读", "unreadable", True),
                    ],
                    "rows": [[record, *(f"{count:,}" for count in counts)] for record, *counts in records],
                },
                {
                    "title": "违反的规则 rules broken",
                    "headings": [
                        heading("记录", "record"), heading("规则", "rule"), heading("级别", "level"), heading("行", "rows", True), heading("批次", "batches", True),
                        heading("问题", "what is wrong"),
                    ],
                    "rows": [[record, code, level, f"{rows:,}", f"{files:,}", {"zh": zh, "en": en}] for record, code, level, rows, files, zh, en in rules],
                },
                {
                    "title": "有行待更正的批次 batches with rows to correct",
                    "headings": [
                        heading("批次", "batch"), heading("文件", "file"), heading("报送", "delivered", True), heading("拒收", "rejected", True), heading("不可读", "unreadable", True),
                        heading("规则与行数", "rules and rows"), heading("给报送单位的表", "workbook for the supplier"),
                    ],
                    "rows": [
                        [batch, names.get(batch, ""), f"{delivered:,}", f"{rejected:,}", f"{unreadable:,}", broken or "", f"gongbao rejects --batch {batch} --xlsx {batch}.xlsx"]
                        for batch, delivered, rejected, unreadable, broken in batches
                    ],
                },
                {
                    "title": "核查清单 review lists",
                    "headings": [heading("表", "table"), heading("行", "rows", True), heading("内容", "what it lists")],
                    "rows": _reviews(connection),
                },
            ],
        )  # fmt: skip
    return len(rules), sum(rejected for *_, rejected, _ in records), path


def _reviews(connection: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """Every published review list: name, rows, what it says of itself."""
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = 'published' and starts_with(table_name, 'review_') order by 1"
    ).fetchall()
    return [[name, f"{connection.execute(f'select count(*) from {name}').fetchall()[0][0]:,}", comment or ""] for name, comment in tables]
