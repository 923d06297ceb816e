"""Comparing what was printed with what the records give: the table on the screen and its counts."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console
from rich.table import Table

from gongbao.messages import GongbaoError, Problem
from gongbao.numbers import rounded
from gongbao.paths import Home
from gongbao.publish import read_published

VINTAGES = {"bulletin": "公报", "flash": "快报", "news": "发布会", "yearbook": "年鉴", "revision": "修订"}
STATUSES = {
    "pass": "一致",
    "explained": "已说明",
    "definition differs": "口径不同",
    "differs": "不一致",
    "not rebuilt": "未重算",
}
# A pipe has no width of its own; eleven columns in two languages need this much.
PIPE_WIDTH = 200


def reconcile(home: Home, year: int | None = None, summary: bool = False) -> int:
    """Print the reconciliation of a year (of all years without one) and the counts by status and vintage; a summary has only the counts.

    Returns 0, also when the records rebuild none of the figures (which is said); or 1 when a figure differs without a reason.
    Error: no published figure of that year.
    """
    with read_published(home) as connection:
        figures = connection.execute(
            """
            select
                label_zh, coalesce(nullif(concat_ws(';', indicator, nullif(dims, '')), ''), figure_id), vintage,
                printed_value, unit, decimals, rebuilt_value, difference,
                tolerance, status, reason_zh, reason_en
            from reconciliation
            where year = coalesce($year, year)
            order by year, section, figure_id
            """,
            {"year": year},
        ).fetchall()
        counts = connection.execute(
            """
            select status, vintage, count(*) as figures, count(*) filter (status = 'differs' and reason_zh is null and reason_en is null)
            from reconciliation
            where year = coalesce($year, year)
            group by status, vintage
            order by status, vintage
            """,
            {"year": year},
        ).fetchall()
        years = [str(known) for (known,) in connection.execute("select distinct year from reconciliation order by year").fetchall()]
    if not figures:
        raise GongbaoError(
            Problem(
                f"没有{f'{year}年的' if year else ''}公布数字可以对账。",
                f"There is no printed figure{f' of {year}' if year else ''} to compare with.",
                f"有公布数字的年份：{'、'.join(years)}。" if years else "",
                f"Years with printed figures: {', '.join(years)}." if years else "",
            )
        )

    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    shown = f"{year}年 {year}" if year else f"{years[0]}–{years[-1]}"
    if not summary:
        console.print(_figures(shown, figures))
    console.print(_counts(shown, counts))
    unexplained = sum(row[3] for row in counts)
    if unexplained:
        console.print(f"{unexplained}项不一致且没有原因。{unexplained} figures differ without a reason.", style="bold red")
        return 1
    if all(status == "not rebuilt" for status, *_ in counts):
        console.print("没有可比较的数字：没有相应的记录。No figure was compared: there are no records for them.", style="bold red")
        return 0
    console.print("没有不一致而无原因的数字。No figure differs without a reason.", style="green")
    return 0


def _figures(shown: str, figures: list[tuple]) -> Table:
    """One row a figure."""
    table = Table(title=f"对账 Reconciliation: {shown}", title_justify="left")
    for heading in ("指标\nfigure", "版次\nvintage"):
        table.add_column(heading)
    for heading in ("公布\nprinted", "重算\nrebuilt", "差\ndifference", "容差\ntolerance"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("单位\nunit", "状态\nstatus", "原因\nreason"):
        table.add_column(heading, ratio=1 if heading.startswith("原因") else None)
    for label, indicator, vintage, printed, unit, decimals, rebuilt, difference, tolerance, status, reason_zh, reason_en in figures:
        table.add_row(
            f"{label}\n[dim]{indicator}[/dim]",
            _both(VINTAGES, vintage),
            str(printed),
            _number(rebuilt, decimals),
            _number(difference, decimals + 2),
            _number(tolerance, decimals + 1),
            unit,
            _both(STATUSES, status),
            "\n".join(reason for reason in (reason_zh, reason_en) if reason),
            style="red" if status == "differs" else None,
        )
    return table


def _counts(shown: str, counts: list[tuple]) -> Table:
    """Statuses down, vintages across."""
    vintages = sorted({vintage for _, vintage, _, _ in counts})
    by_cell = {(status, vintage): number for status, vintage, number, _ in counts}
    table = Table(title=f"各状态的数字个数 Figures by status: {shown}", title_justify="left")
    table.add_column("状态 status")
    for vintage in (*vintages, "合计 all"):
        table.add_column(_both(VINTAGES, vintage).replace("\n", " "), justify="right")
    statuses = [status for status in STATUSES if any(status == row[0] for row in counts)]
    statuses += sorted({row[0] for row in counts} - set(STATUSES))
    for status in statuses:
        row = [by_cell.get((status, vintage), 0) for vintage in vintages]
        table.add_row(_both(STATUSES, status).replace("\n", " "), *map(str, row), str(sum(row)))
    return table


def _both(words: dict[str, str], word: str) -> str:
    """The Chinese word above the English one."""
    return f"{words[word]}\n{word}" if word in words else word


def _number(value: Decimal | float | None, decimals: int) -> str:
    return "" if value is None else f"{rounded(Decimal(str(value)), 1, decimals):f}"
