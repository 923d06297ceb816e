"""What `ingest` and `check` print: a bar or plain lines, the messages of each file, and a table of counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gongbao.ingest.collecting import Collected
from gongbao.ingest.door import Outcome
from gongbao.messages import printable

TABLE_WIDTH = 120  # columns; a log has no width of its own
STATUS = {
    "ingested": ("✓", "已读入", "ingested"),
    "already": ("=", "此前已读入，没有变化", "already ingested, nothing changed"),
    "checked": ("✓", "可以读入", "can be ingested"),
    "refused": ("✗", "拒绝", "refused"),
}


def outcome_lines(outcome: Outcome) -> list[str]:
    """The printed lines of one file: a heading with its counts, then every message."""
    mark, zh, en = STATUS[outcome.status]
    parts = [f"{mark} {printable(outcome.path.name)}", outcome.record or "?", f"{zh} {en}"]
    if outcome.encoding == "gb18030":
        parts.append("编码 encoding GB18030 (GBK)")
    if outcome.status == "already":
        parts.append(f"批次 batch {outcome.batch_id}")
    elif outcome.status != "refused":
        if outcome.batch_id:
            parts.append(f"批次 batch {outcome.batch_id}")
        parts.append(f"读 read {outcome.rows_read:,} = 可用 typed {outcome.rows_typed:,} + 不可读 unreadable {outcome.rows_unreadable:,}; 合计行 total rows {outcome.rows_skipped:,}")
    lines = [" · ".join(parts)]
    for problem in (*outcome.problems, *outcome.notes):
        lines += problem.lines()
    if outcome.repairs:
        repairs = ", ".join(f"{name} {count:,}" for name, count in sorted(outcome.repairs.items()))
        lines.append(f"  修复 repairs: {repairs}")
    return lines


def passed_over(collected: Collected) -> list[Path]:
    """The files to read, after a line on what lies beside them and is no delivery."""
    if collected.companions:
        click.echo(f"略过（不是报送文件）passed over (no deliveries): {collected.passed_over}", err=True)
    return collected.files


@contextmanager
def progress(files: int) -> Iterator[Callable[[Outcome], None]]:
    """A function that hears of each file: on a terminal a bar moves, otherwise only lines are printed."""
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, disable=not console.is_terminal or files < 2)
    with bar:
        task = bar.add_task("读入 reading", total=files)

        def tell(outcome: Outcome) -> None:
            # of many files only those with something to say get their lines; the table counts the others
            if files <= 20 or outcome.problems or outcome.notes:
                click.echo("\n".join(outcome_lines(outcome)), err=True) if bar.disable else bar.console.print("\n".join(outcome_lines(outcome)))
            bar.advance(task)

        yield tell


def summary(outcomes: list[Outcome]) -> None:
    """A closing table of counts by record, when there was more than one file."""
    if len(outcomes) < 2:
        return
    table = Table(title="汇总 summary")
    for title in ("记录\nrecord", "文件\nfiles", "读入\ningested", "已有\nalready", "拒绝\nrefused", "行\nrows read", "可用\ntyped", "不可读\nunreadable", "合计行\ntotal rows"):
        table.add_column(title, justify="left" if title.startswith("记录") else "right", no_wrap=True)
    for record in sorted({outcome.record for outcome in outcomes}):
        own = [outcome for outcome in outcomes if outcome.record == record]
        table.add_row(
            record or "?", *(f"{number:,}" for number in (
                len(own), sum(o.status in ("ingested", "checked") for o in own), sum(o.status == "already" for o in own), sum(o.status == "refused" for o in own),
                sum(o.rows_read for o in own), sum(o.rows_typed for o in own), sum(o.rows_unreadable for o in own), sum(o.rows_skipped for o in own),
            )),
        )
    console = Console(stderr=True)
    console.width = max(console.width, TABLE_WIDTH)
    console.print(table)
