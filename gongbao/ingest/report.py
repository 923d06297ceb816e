"""What `ingest` and `check` print: one line a file, why a file was refused, a summary by kind; all of it stands in the report file."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from gongbao.ingest.collecting import Collected
from gongbao.ingest.outcome import Outcome
from gongbao.messages import Problem, printable
from gongbao.paths import Home
from gongbao.reportfile import heading, write_report

TABLE_WIDTH = 120  # columns; a log has no width of its own
SHOWN, SHOWN_ALONE = 3, 10  # messages of a refused file on the screen; of a file that is the only one
KINDS = 10  # kinds of message in the summary on the screen
KINDS_IN_SHORT = 4
QUIET_SECONDS, QUIET_AGAIN = 5, 30  # without a terminal: first sign of life, and the next ones
STATUS = {
    "ingested": ("✓", "已读入", "ingested"),
    "already": ("=", "此前已读入，没有变化", "already ingested, nothing changed"),
    "checked": ("✓", "可以读入", "can be ingested"),
    "refused": ("✗", "拒绝", "refused"),
}


def outcome_line(outcome: Outcome) -> str:
    """The line of one file: what became of it, and its counts as far as they are not zero."""
    mark, zh, en = STATUS[outcome.status]
    parts = [f"{mark} {printable(outcome.path.name)}", outcome.record or "?", f"{zh} {en}"]
    if outcome.encoding == "gb18030":
        parts.append("编码 encoding GB18030 (GBK)")
    if outcome.batch_id and outcome.status in ("ingested", "already"):
        parts.append(f"批次 batch {outcome.batch_id}")
    if outcome.rows_read and outcome.status != "already":
        counts = {"可用 typed": outcome.rows_typed, "不可读 unreadable": outcome.rows_unreadable, "合计行 total rows": outcome.rows_skipped}
        parts.append(f"读 read {outcome.rows_read:,}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items() if count or name.startswith("可用")))
    if errors := [rule for rule in outcome.broken if rule.level == "error"]:
        parts.append("违反规则 rules broken " + ", ".join(f"{rule.code} {rule.rows:,}" for rule in errors[:SHOWN]) + (", …" if len(errors) > SHOWN else ""))
    if messages := len(outcome.problems) + len(outcome.notes):
        parts.append(f"说明 messages {messages}")
    return " · ".join(parts)


def message_lines(outcome: Outcome, most: int | None = None) -> list[str]:
    """The messages of a file and its repairs as lines: why it was refused first, at most `most` messages."""
    messages = [*outcome.problems, *outcome.notes]
    lines = [line for problem in messages[:most] for line in problem.lines()]
    if most is not None and len(messages) > most:
        lines.append(f"  另有 {len(messages) - most} 条见报告 · {len(messages) - most} more in the report")
    elif outcome.repairs:
        lines.append(f"  修复 repairs: {_repairs(outcome)}")
    return lines


def _repairs(outcome: Outcome) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(outcome.repairs.items()))


# ---------------------------------------------------------------- kinds of message


@dataclass
class Kind:
    """Messages that say the same of different places: the message without what differs, and where it was found."""

    zh: str
    en: str
    fix_zh: str
    fix_en: str
    found: list[Problem] = field(default_factory=list)

    @property
    def files(self) -> int:
        return len({problem.file for problem in self.found})


def _without_what_differs(text: str) -> str:
    """A message without its quoted values, numbers and places: what is left, the code of a rule with it, says of which kind it is."""
    text = re.sub(r"「[^」]*」|'[^']*'|“[^”]*”|\"[^\"]*\"", "…", text)
    text = re.sub(r"(?<![A-Za-z_\d-])\d[\d,.]*%?", "…", text)
    text = re.sub(r"…(?:[\s,、，/]*…)+", "…", text)
    return re.sub(r"[；;]\s*(?:行|lines?|rows?)\s*…\s*$", "", text)


def kinds_of(outcomes: list[Outcome]) -> list[Kind]:
    """The messages of all files by kind, the most frequent first."""
    kinds: dict[tuple[str, str], Kind] = {}
    for outcome in outcomes:
        for problem in (*outcome.problems, *outcome.notes):
            texts = [_without_what_differs(text) for text in (problem.zh, problem.en, problem.fix_zh, problem.fix_en)]
            kinds.setdefault((texts[0], problem.column), Kind(*texts)).found.append(problem)
    return sorted(kinds.values(), key=lambda kind: -len(kind.found))


def _kind_lines(kinds: list[Kind], most: int) -> list[str]:
    lines = ["各类说明 messages by kind:"] if kinds else []
    for kind in kinds[:most]:
        place = kind.found[0].place
        if len(kind.found) == 1:
            lines.append(f"  1 × {kind.found[0].zh} · {kind.found[0].en} ({place})")
        else:
            lines.append(f"  {len(kind.found):,} × {kind.zh} · {kind.en} (首见 first: {place})")
    if len(kinds) > most:
        lines.append(f"  另有 {len(kinds) - most} 类见报告 · {len(kinds) - most} more kinds in the report")
    return lines


# ---------------------------------------------------------------- on the screen


def passed_over(collected: Collected) -> list[Path]:
    """The files to read, after a line on what lies beside them and is no delivery."""
    if collected.companions:
        _say([f"略过（不是报送文件）passed over (no deliveries): {collected.passed_over}"])
    return collected.files


def _say(lines: list[str]) -> None:
    if lines:
        click.echo("\n".join(lines), err=True)


@contextmanager
def _signs_of_life(files: int, done: list[Outcome]) -> Iterator[None]:
    """While the block runs, a line from time to time that says how long it has run and how many files are done."""
    over, began = threading.Event(), time.monotonic()

    def speak() -> None:
        wait = QUIET_SECONDS
        while not over.wait(wait):
            seconds = round(time.monotonic() - began)
            _say([f"… 仍在读入，已用 {seconds} 秒，读完 {len(done)}/{files} 个文件 still reading, {seconds} s, {len(done)} of {files} files done"])
            wait = QUIET_AGAIN

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()


@contextmanager
def progress(files: int, detail: str, whole: Callable[[Outcome], bool]) -> Iterator[Callable[[Outcome], None]]:
    """A function that hears of each file: on a terminal a bar moves, otherwise only lines are printed.

    `detail`: lines (one a file), short (only files that did not go through) or verbose (every message). `whole` says of an outcome whether the file went through as its sender would wish; where not, its first messages are shown.
    """
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
    done: list[Outcome] = []
    with bar, _signs_of_life(files, done) if bar.disable else nullcontext():
        task = bar.add_task("读入 reading", total=files)

        def tell(outcome: Outcome) -> None:
            done.append(outcome)
            lines = [] if detail == "short" and whole(outcome) else [outcome_line(outcome)]
            if detail == "verbose":
                lines += message_lines(outcome)
            elif files == 1:
                lines += message_lines(outcome, SHOWN_ALONE)
            elif not whole(outcome):
                lines += message_lines(outcome, SHOWN)
            if bar.disable:
                _say(lines)
            elif lines:
                bar.console.print("\n".join(lines))
            bar.advance(task)

        yield tell


def finish(home: Home, command: str, outcomes: list[Outcome], detail: str) -> None:
    """The closing lines: counts by record when there were several files, messages by kind, and where the report lies."""
    kinds = kinds_of(outcomes)
    if detail != "verbose" and len(outcomes) > 1:
        _say(_kind_lines(kinds, KINDS_IN_SHORT if detail == "short" else KINDS))
    if len(outcomes) > 1:
        console = Console(stderr=True)
        console.width = max(console.width, TABLE_WIDTH)
        console.print(_summary(outcomes))
    path = write_report(home, command, *_report(command, outcomes, kinds))
    if path is not None:
        _say([f"报告 report: {path}"])
    elif detail != "verbose":  # nowhere to write it: the screen is all there is
        _say([line for outcome in outcomes for line in (outcome_line(outcome), *message_lines(outcome))])


COUNTS = (
    ("文件", "files"), ("读入", "ingested"), ("已有", "already"), ("拒绝", "refused"), ("行", "rows read"), ("可用", "typed"), ("不可读", "unreadable"), ("合计行", "total rows"),
)  # fmt: skip


def _counts(outcomes: list[Outcome]) -> list[tuple[str, list[str]]]:
    """Per record the counts of `COUNTS`."""
    rows = []
    for record in sorted({outcome.record for outcome in outcomes}):
        own = [outcome for outcome in outcomes if outcome.record == record]
        numbers = (
            len(own), sum(o.status in ("ingested", "checked") for o in own), sum(o.status == "already" for o in own), sum(o.status == "refused" for o in own),
            sum(o.rows_read for o in own), sum(o.rows_typed for o in own), sum(o.rows_unreadable for o in own), sum(o.rows_skipped for o in own),
        )  # fmt: skip
        rows.append((record or "?", [f"{number:,}" for number in numbers]))
    return rows


def _summary(outcomes: list[Outcome]) -> Table:
    table = Table(box=None, title="汇总 summary", title_justify="left", pad_edge=False)
    table.add_column("记录\nrecord", no_wrap=True)
    for zh, en in COUNTS:
        table.add_column(f"{zh}\n{en}", justify="right", no_wrap=True)
    for record, numbers in _counts(outcomes):
        table.add_row(record, *numbers)
    return table


# ---------------------------------------------------------------- in the report file


def _report(command: str, outcomes: list[Outcome], kinds: list[Kind]) -> tuple[str, list[dict], list[dict]]:
    """Title, tables and files of the report."""
    title = {"ingest": "读入报告 report of ingest", "check": "检查报告 report of check"}[command]
    summary = {
        "title": "汇总 summary", "headings": [heading("记录", "record"), *(heading(zh, en, number=True) for zh, en in COUNTS)],
        "rows": [[record, *numbers] for record, numbers in _counts(outcomes)],
    }  # fmt: skip
    by_kind = {
        "title": "各类说明 messages by kind",
        "headings": [
            heading("条数", "messages", number=True),
            heading("文件", "files", number=True),
            heading("说明", "message"),
            heading("怎么办", "what to do"),
            heading("首见", "first"),
        ],
        "rows": [
            [f"{len(kind.found):,}", f"{kind.files:,}", {"zh": kind.zh, "en": kind.en}, {"zh": kind.fix_zh, "en": kind.fix_en}, kind.found[0].place]
            for kind in kinds
        ],
    }
    files = [
        {
            "heading": outcome_line(outcome), "refused": outcome.status == "refused", "repairs": _repairs(outcome),
            "messages": [*outcome.problems, *outcome.notes],
        }
        for outcome in sorted(outcomes, key=lambda outcome: outcome.status != "refused")
    ]  # fmt: skip
    return title, [summary, by_kind], files
