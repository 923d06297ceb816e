"""Building: dbt makes the warehouse from the lake, the integrity tests judge it, and what passes is published."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gongbao.ingest.batch import ensure_lake, has_batches, locked
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home, project_dir
from gongbao.publish import PublishedFile, publish


def build(home: Home, first_year: int | None = None, last_year: int | None = None) -> PublishedFile:
    """Build the warehouse from every batch of the lake, test it, publish it; returns what was published.

    `first_year` and `last_year` bound the statistics; without them the delivered records do. Errors: a lake without batches,
    a model or an integrity test that fails (the published file stays as it was), an ingest or another build under way.
    """
    if not has_batches(home):
        raise GongbaoError(_no_batches(home), _unchanged(home), exit_code=1)
    ensure_lake(home)
    with locked(home):
        _dbt_build(home, first_year, last_year)
        return publish(home, manifest=_target(home) / "manifest.json")


def _target(home: Home) -> Path:
    return home.warehouse.parent / "target"


def _dbt_build(home: Home, first_year: int | None, last_year: int | None) -> None:
    """Run `dbt build` without what tests the SQL and not the data: unit tests, tests of the seeds, keys of tables that are not published."""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    project = str(project_dir())
    arguments = [
        "build",
        "--project-dir", project,
        "--profiles-dir", project,
        "--target-path", str(_target(home).resolve()),
        "--log-path", str((home.warehouse.parent / "logs").resolve()),
        "--log-level", "none",
        "--log-level-file", "error", "--no-use-colors-file",
        "--no-version-check",
        "--exclude-resource-type", "unit_test",
        "--exclude", "path:seeds,resource_type:test", "tag:grain",
    ]  # fmt: skip
    years = {"first_year": first_year, "last_year": last_year}
    given = {name: year for name, year in years.items() if year is not None}
    if given:
        arguments += ["--vars", str(given)]
    os.environ["GONGBAO_HOME"] = str(home.root.resolve())

    from dbt.cli.main import dbtRunner  # slow to import, so only here

    with _progress() as on_event, contextlib.redirect_stdout(None), _no_collection():
        result = dbtRunner(callbacks=[on_event]).invoke(arguments)

    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # publishing attaches the warehouse, which dbt would still hold
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
def _no_collection() -> Iterator[None]:
    """dbt keeps nearly all it makes until it ends: to look for garbage again and again only takes time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def _progress() -> Iterator[object]:
    """A bar on a terminal, a line every twenty steps elsewhere; yields the callback for dbt's events."""
    console = Console(stderr=True)
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
            if not console.is_terminal and (done == total or done % 20 == 0):
                console.print(f"生成 building {done}/{total}", highlight=False)

        yield on_event
