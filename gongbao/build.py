"""Building: dbt makes the warehouse from the lake, the integrity tests judge it, and what passes is published."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gongbao import disk, spark
from gongbao.ingest import manifest
from gongbao.ingest.batch import ensure_lake, has_batches, locked
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home, project_dir
from gongbao.publish import PublishedFile, publish

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


def build(home: Home, first_year: int | None = None, last_year: int | None = None, engine: str = "duckdb") -> PublishedFile:
    """Build the warehouse from every batch of the lake, test it, publish it; returns what was published.

    `first_year` and `last_year` bound the statistics; without them the delivered records do. `engine` (duckdb, spark) computes them;
    the warehouse and what is published are the same. Errors: an engine that is not installed, a lake without batches or
    with a damaged one, a disk without room, a model or an integrity test that fails, a record of which (nearly) nothing counts
    (the published file stays as it was), an ingest or another build under way.
    """
    if engine == "spark":
        spark.check()
    if not has_batches(home):
        raise GongbaoError(_no_batches(home), _unchanged(home), exit_code=1)
    if disk.free(home.root) < (needed := disk.needed_by_build(home)):
        raise GongbaoError(disk.full(home.root, needed), _unchanged(home), exit_code=1)
    with locked(home):
        ensure_lake(home)
        _remove_a_torn_warehouse(home)
        _judge(home, _run_dbt(home, first_year, last_year, engine))
        return publish(home, manifest=_target(home) / "manifest.json", engine=spark.versions() if engine == "spark" else None)


def _target(home: Home) -> Path:
    return home.warehouse.parent / "target"


# Without what tests the SQL and not the data: unit tests, tests of the seeds, keys of tables that are not published.
_TESTED = ("--exclude-resource-type", "unit_test", "--exclude", "path:seeds,resource_type:test", "tag:grain")


def _run_dbt(home: Home, first_year: int | None, last_year: int | None, engine: str) -> dbtRunnerResult:
    """Run `dbt build` on an engine. Raises GongbaoError when a file of the lake is not as it was written."""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    project = str(project_dir())
    years = {"first_year": first_year, "last_year": last_year}
    given = {name: year for name, year in years.items() if year is not None}

    def arguments(command: str, target: Path) -> list[str]:
        return [
            command,
            "--project-dir", project,
            "--profiles-dir", project,
            "--target-path", str(target.resolve()),
            "--log-path", str((home.warehouse.parent / "logs").resolve()),
            "--log-level", "none",
            "--log-level-file", "error", "--no-use-colors-file",
            "--no-version-check",
            "--full-refresh",  # the seeds that an older version left may have other columns
            *(_TESTED if command == "build" else ()),
            *(("--vars", str(given)) if given else ()),
        ]  # fmt: skip

    os.environ["GONGBAO_HOME"] = str(home.root.resolve())

    # multiprocessing's tracker is a process of its own and would print what a killed dbt has left in it
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    logging.raiseExceptions = False  # a log that cannot be written (the disk is full) must not fill the screen with tracebacks
    # dbt takes a while to be imported: the files of the lake are compared with their digests meanwhile
    with ThreadPoolExecutor(1) as aside:
        damage = aside.submit(manifest.faults, home)
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        if damaged := damage.result():
            raise GongbaoError(*manifest.problems(home, damaged), _unchanged(home), exit_code=1)
    try:
        with _progress() as on_event, _silence(), _no_collection():
            invoke = dbtRunner(callbacks=[on_event]).invoke
            if engine == "spark":
                return spark.run(home, invoke, arguments, _target(home))
            return invoke(arguments("build", _target(home)))
    finally:
        DuckDBConnectionManager.close_all_connections()  # publishing attaches the warehouse, which dbt would still hold


def _judge(home: Home, result: dbtRunnerResult) -> None:
    """Raises GongbaoError unless all was built, every integrity test holds, and every delivered record has a subject that is not empty."""
    failures = [run.message for run in result.result if str(run.status) == "error"] if result.result else [result.exception]
    if not result.success and any(disk.is_full(failure) for failure in failures):
        full = disk.full(home.root, disk.needed_by_build(home))
        _remove_warehouse(home)  # half made, and in the way of the next build
        raise GongbaoError(full, _unchanged(home), exit_code=1)
    built = {run.node.name for run in result.result or () if str(run.status) == "success"}
    if "delivered_records" in built and (empty := _empty_subjects(home)):
        raise GongbaoError(*empty, _unchanged(home), exit_code=1)
    if result.success:
        return
    if result.result is None:
        raise GongbaoError(
            Problem(
                f"dbt 不能开始：{_first_line(result.exception)}",
                f"dbt could not start: {_first_line(result.exception)}",
                "检查模型与指标的 YAML；详情见日志。",
                "Look at the YAML of models and metrics; the log has the details.",
                file=str(home.warehouse.parent / "logs" / "dbt.log"),
            ),
            exit_code=1,
        )
    failed = [run for run in result.result if str(run.status) in ("error", "fail")]
    raise GongbaoError(*(_failure(run) for run in failed), _unchanged(home), exit_code=1)


def _remove_a_torn_warehouse(home: Home) -> None:
    """A warehouse that a full disk or a kill has left unreadable is made anew; nothing stands in it that the lake does not give."""
    if not home.warehouse.exists():
        return
    try:
        duckdb.connect(str(home.warehouse)).close()
    except duckdb.Error as error:
        if not any(word in str(error) for word in ("lock", "Permission denied")):
            _remove_warehouse(home)


def _remove_warehouse(home: Home) -> None:
    for suffix in ("", ".wal"):
        home.warehouse.with_name(home.warehouse.name + suffix).unlink(missing_ok=True)
    shutil.rmtree(home.warehouse.parent / "spill", ignore_errors=True)


def _empty_subjects(home: Home) -> list[Problem]:
    """What must be said of each delivered record of which nothing, or nearly nothing, would be published."""
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        records = warehouse.execute(
            "select record, rows_delivered, rows_accepted, subject from delivered_records where subject <> 'counted' order by record"
        ).fetchall()
        years = warehouse.execute("select first_year, last_year from reporting_period").fetchall()[0]
        return [_empty_subject(warehouse, *found, *years) for found in records]


def _empty_subject(
    warehouse: duckdb.DuckDBPyConnection, record: str, delivered: int, accepted: int, subject: str, first_year: int | None, last_year: int | None
) -> Problem:
    taken = warehouse.execute(
        """
        select rule_code, sum(rows_broken) as rows_broken, any_value(message_zh), any_value(message_en)
        from rule_results
        where record = ? and level = 'error' and rows_broken > 0
            and batch_id not in (select batch_id from batches where corrected_by_batch_id is not null)
        group by rule_code
        order by rows_broken desc, rule_code
        limit 5
        """,
        [record],
    ).fetchall()
    if taken:
        fix_zh = "；".join(f"{code} {rows:,} 行：{zh}" for code, rows, zh, _ in taken)
        fix_en = "; ".join(f"{code} {rows:,} rows: {en}" for code, rows, _, en in taken)
        fix_zh, fix_en = (
            f"被这些规则拒收：{fix_zh}。更正后重新报送（--corrects）",
            f"rejected by these rules: {fix_en}. Correct them and deliver again (--corrects)",
        )
    else:
        fix_zh = f"检查有效标志 vali_flag，以及日期是否在统计年度 {first_year}—{last_year} 之内"
        fix_en = f"look at the valid flag (vali_flag), and whether the dates lie in the years of the statistics, {first_year} to {last_year}"
    counted_zh, counted_en = ("没有一行计入统计", "no row of it counts") if subject == "empty" else ("几乎没有行可计入统计", "hardly any row of it can count")
    return Problem(
        f"记录 {record}：报送 {delivered:,} 行，采用 {accepted:,} 行，{counted_zh}",
        f"record {record}: {delivered:,} rows delivered, {accepted:,} accepted, {counted_en}",
        fix_zh,
        fix_en,
        file=record,
    )


def _failure(run: object) -> Problem:
    node = run.node
    place = str(Path(node.original_file_path))
    if str(run.status) == "fail":
        return Problem(
            f"完整性检验未通过：{node.name}（{run.failures} 行）",
            f"Integrity test failed: {node.name} ({run.failures} rows)",
            "检验的 SQL 在数据目录的 warehouse/target/compiled；数据有误时更正批次，定义有误时改模型。",
            "Its SQL is in warehouse/target/compiled of the data home; correct the batch if the data is wrong, the model if the definition is.",
            file=place,
        )
    return Problem(
        f"模型 {node.name} 运行失败：{_first_line(run.message)}",
        f"Model {node.name} failed: {_first_line(run.message)}",
        "改正后重新运行 gongbao build。",
        "Mend it and run gongbao build again.",
        file=place,
    )


def _no_batches(home: Home) -> Problem:
    return Problem(
        "数据湖中没有任何批次",
        "the lake has no batches",
        "先用 gongbao ingest 读入报送文件；已读入过的，检查 GONGBAO_HOME 是否指向原来的数据目录",
        "ingest delivered files first (gongbao ingest); if that was done, see that GONGBAO_HOME names the same data home",
        file=str(home.lake),
    )


def _unchanged(home: Home) -> Problem:
    return Problem(
        "没有发布；已发布的文件保持不变。",
        "Nothing was published; the published file is unchanged.",
        file=str(home.published),
    )


def _first_line(text: object) -> str:
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return " ".join(lines[:3])


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Nothing that dbt and its libraries print reaches the screen: what matters is in its result, and in its log."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """dbt keeps nearly all it makes until it ends: to look for garbage again and again only takes time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def _progress() -> Iterator[object]:
    """A bar on a terminal, a line every hundred steps elsewhere; yields the callback for dbt's events."""
    console = Console(file=sys.stderr)  # as it is now: what dbt prints meanwhile goes elsewhere
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("生成 building", total=None)

        def on_event(event: object) -> None:
            if event.info.name not in ("LogModelResult", "LogTestResult", "LogSeedResult"):
                return
            done = event.data.index
            total = event.data.num_models if event.info.name == "LogTestResult" else event.data.total
            progress.update(task, completed=done, total=total, description=f"生成 building {event.data.node_info.node_name[:40]:<40}")
            if not console.is_terminal and (done == total or done % 100 == 0):
                console.print(f"生成 building {done}/{total}", highlight=False)

        yield on_event
