"""The command line: thin commands that check their arguments and call one function each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from gongbao import __version__, disk, signals
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home

# What a signal leaves, by command (zh, en).
INGEST_LEAVES = (
    "已读入的文件留在数据湖中，其余的没有读入，已发布的文件不变；再次运行即可。",
    "files that were ingested are in the lake, the others are not, the published file is unchanged; run it again.",
)
CHECK_LEAVES = ("什么也没有改动。", "nothing was changed.")
BUILD_LEAVES = ("数据湖和已发布的文件保持不变；再次运行 gongbao build。", "the lake and the published file are as they were; run gongbao build again.")
SAMPLE_LEAVES = ("样例不完整，别的没有改动；再次运行会重新写出。", "the sample is not whole, nothing else was changed; run it again to write it anew.")


class BilingualGroup(click.Group):
    """Prints a `GongbaoError` as its bilingual lines and exits with its code; click's own words on usage get a Chinese line before them."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GongbaoError as error:
            for problem in error.problems:
                _print_problem(problem)
            sys.exit(error.exit_code)
        except click.UsageError:
            click.echo("命令写法有误，写法见 --help：", err=True)
            raise
        except Exception as error:
            own = isinstance(error, (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError))
            if own or os.environ.get("GONGBAO_DEBUG") and not disk.is_full(error):
                raise
            _print_problem(disk.full(Home.from_environment().root) if disk.is_full(error) else _unforeseen(error))
            sys.exit(1)


def _unforeseen(error: Exception) -> Problem:
    """An error that nothing foresaw. Only its kind is said: its text may quote what was delivered."""
    return Problem(
        f"未预料的错误（{type(error).__name__}）", f"an error that was not foreseen ({type(error).__name__})",
        "检查权限与磁盘；设 GONGBAO_DEBUG=1 可见详情", "look at permissions and disk; GONGBAO_DEBUG=1 shows the details",
    )  # fmt: skip


def _print_problem(problem: Problem) -> None:
    click.echo("\n".join(problem.lines()), err=True)


@click.group(cls=BilingualGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gongbao")
def main() -> None:
    """公报 Gongbao: 从原始记录到统计公报 · from raw records to the statistical bulletin."""


_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_record = click.option("--record", help="记录名；缺省取文件夹名 · record name; default: the folder's name")
_set = click.option("--set", "constants", multiple=True, metavar="COLUMN=VALUE", help="整份文件同一个值的列 · a column with one value for the whole file")


def _detail(command: Callable) -> Callable:
    """The options that say how much of what was found is printed; the report file has all of it."""
    command = click.option("--summary", "detail", flag_value="short", help="只显示被拒绝的文件与汇总 · show refused files and the summary only")(command)
    return click.option("--verbose", "detail", flag_value="verbose", default="lines", help="显示全部说明 · show every message")(command)


_max_rejected = click.option(
    "--max-rejected",
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="超过此比例的行将被拒收时整份文件不读入 · a file is refused when more of its rows would be rejected",
)


@main.command()
@_paths
@_record
@_set
@_max_rejected
@_detail
@click.option("--corrects", metavar="BATCH", help="被更正的批次 · the batch that this file corrects")
@click.option("--reason", help="更正原因 · why it is corrected")
def ingest(
    paths: tuple[Path, ...], record: str | None, constants: tuple[str, ...], max_rejected: float, detail: str, corrects: str | None, reason: str | None
) -> None:
    """读入报送文件 · bring delivered files into the lake."""
    from gongbao.ingest import door, report
    from gongbao.ingest.collecting import collect

    home, files, whole = Home.from_environment(), report.passed_over(collect(paths)), lambda outcome: outcome.status != "refused"
    with signals.said(*INGEST_LEAVES), report.progress(len(files), detail, whole) as tell:
        outcomes = door.ingest_files(home, files, record, door.parse_constants(constants), corrects, reason, tell, max_rejected)
    report.finish(home, "ingest", outcomes, detail)
    if not all(whole(outcome) for outcome in outcomes):
        sys.exit(2)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--lake", is_flag=True, help="核对数据湖中各批次是否与写入时相同 · compare the batches of the lake with what was written")
@_record
@_set
@_max_rejected
@_detail
def check(paths: tuple[Path, ...], lake: bool, record: str | None, constants: tuple[str, ...], max_rejected: float, detail: str) -> None:
    """检查报送文件，不读入 · examine delivered files and change nothing."""
    if not paths and not lake:
        raise click.UsageError("give files or folders, or --lake")
    from gongbao.ingest import door, manifest, report
    from gongbao.ingest.collecting import collect

    home, whole = Home.from_environment(), lambda outcome: outcome.clean
    if lake:
        count = manifest.verify(home)
        click.echo(f"数据湖的 {count} 个批次与写入时相同 · the {count} batches of the lake are as they were written")
        if not paths:
            return
    files = report.passed_over(collect(paths))
    with signals.said(*CHECK_LEAVES), report.progress(len(files), detail, whole) as tell:
        outcomes = door.check_files(home, files, record, door.parse_constants(constants), tell, max_rejected)
    report.finish(home, "check", outcomes, detail)
    if not all(whole(outcome) for outcome in outcomes):
        sys.exit(2)


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="写到此文件夹 · the folder to write")
@click.option("--years", default="2020-2025", show_default=True, metavar="FIRST-LAST")
@click.option("--scale", default=20000, show_default=True, help="一行参保记录代表的人数 · persons behind one row")
@click.option("--seed", default=7, show_default=True)
def sample(out: Path, years: str, scale: int, seed: int) -> None:
    """写出合成样例国家 · write the synthetic sample country as raw files."""
    from gongbao.sample import write_sample

    first_year, last_year = _years(years)
    with signals.said(*SAMPLE_LEAVES):
        write_sample(out, first_year, last_year, scale, seed)


@main.command()
@click.option("--years", metavar="FIRST-LAST", help="统计年度，缺省由数据决定 · years of the statistics; default: those of the records")
@click.option(
    "--engine",
    envvar="GONGBAO_ENGINE",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="计算引擎 · what computes them",
)
def build(years: str | None, engine: str) -> None:
    """生成统计数据并发布 · build the statistics, test them, publish them."""
    from gongbao.build import build as build_all
    from gongbao.build_report import report_build

    with signals.said(*BUILD_LEAVES):
        published = build_all(Home.from_environment(), *(_years(years) if years else (None, None)), engine=engine)
    rules, rejected, report = report_build(Home.from_environment())
    click.echo(f"违反规则 rules broken {rules} · 拒收行 rows rejected {rejected:,}" + (f" · 报告 report: {report}" if report else ""))
    click.echo(f"已发布 published: {published.path} · observations {published.rows['observations']}")


@main.command()
@click.option("--year", type=int, help="只看这一年 · this year only")
@click.option("--summary", is_flag=True, help="只看各状态的数目 · the counts by status only")
def reconcile(year: int | None, summary: bool) -> None:
    """与已公布数字对账 · compare with what was published."""
    from gongbao.reconcile import reconcile as compare

    sys.exit(compare(Home.from_environment(), year, summary=summary))


@main.command()
@click.option("--batch", required=True)
@click.option("--xlsx", required=True, type=click.Path(path_type=Path))
def rejects(batch: str, xlsx: Path) -> None:
    """导出被拒绝的行，供报送单位更正 · a workbook of a batch's rejected rows for its supplier."""
    from gongbao.rejects import write_rejects

    rows = write_rejects(Home.from_environment(), batch, xlsx)
    click.echo(f"已写出 {rows} 行 · wrote {rows} rows: {xlsx}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8501, show_default=True)
@click.option(
    "--secrets",
    type=click.Path(path_type=Path),
    help="登录配置；缺省为数据目录下的 secrets.toml · what configures sign-in; default: secrets.toml of the data home",
)
@click.option("--public", is_flag=True, help="他人可访问：未登录者看不到工作人员页面 · others reach it: pages for staff need a sign-in")
def dashboard(host: str, port: int, secrets: Path | None, public: bool) -> None:
    """打开看板 · open the dashboard."""
    from gongbao.serve import serve

    serve(Home.from_environment(), host, port, secrets, public)


def _years(text: str) -> tuple[int, int]:
    """'2020-2025' or '2024' as first and last year. Raises GongbaoError otherwise."""
    first, _, last = text.partition("-")
    if first.isdigit() and (last or first).isdigit() and 1990 <= int(first) <= int(last or first) <= 2099:
        return int(first), int(last or first)
    raise GongbaoError(
        Problem(
            f"年度 {text!r} 不是 2020-2025 的形式", f"the years {text!r} are not of the form 2020-2025", "写作 --years 2020-2025", "write --years 2020-2025"
        )
    )


if __name__ == "__main__":
    main()
