"""The statistics of a small lake, made by dbt in this process in seconds: one parsed project and one warehouse with the seeds for all of them."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
from filelock import FileLock

from gongbao.paths import Home

PROJECT = Path(__file__).resolve().parents[2]
# Stands for the data home while the project is parsed; each build puts its own in.
HOME_MARK = "/the-data-home-of-a-build"
# What a build of a few rows needs: the figures, what is said of them and of the rows that were left out.
SELECTED = ["+observations", "+rejected_rows", "+batches", "+rule_results", "+delivered_records", "marts.quality.review_*"]


@dataclass(frozen=True)
class Figure:
    """One published value, or what stands for it where there is none."""

    value: Decimal | None
    status: str
    reason: str
    change: Decimal | None
    growth: Decimal | None

    @property
    def missing(self) -> bool:
        return self.value is None

    @property
    def normal(self) -> bool:
        return self.status == "normal"


NOTHING = Figure(None, "missing", "no row", None, None)


class Statistics:
    """The tables of a warehouse or of a published file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql, parameters or None).fetchall()

    def figure(self, indicator: str, region: str, period: str, kind: str = "", **dimensions: str) -> Figure:
        """The value of an indicator: totals of every dimension that is not named, of the insured side.

        `kind` is that of the period; by default year, half or month as its form says.
        """
        kind = kind or ("year" if len(period) == 4 else "half" if "S" in period else "month")
        found = self.query(
            "select value, status, coalesce(status_reason, ''), change, growth_pct from observations where indicator = ? and region_code = ? "
            "and time_period = ? and period_kind = ? and dims in (?, ?)",
            indicator,
            region,
            period,
            kind,
            _cell(dimensions),
            _cell({"side": "insured"} | dimensions),
        )
        assert len(found) <= 1, found
        return Figure(*found[0]) if found else NOTHING

    def reviewed(self, region: str) -> list[str]:
        """What the review tables say of a region: each row as text, the table first."""
        tables = [row[0] for row in self.query("select table_name from information_schema.tables where table_name like 'review\\_%' escape '\\'")]
        return [text for table in tables for row in self.query(f"select * from {table}") if region in (text := f"{table} {' '.join(map(str, row))}")]

    def rejected(self, record: str) -> dict[int, str]:
        """Row number → the codes of the error rules that it breaks."""
        return dict(self.query("select row_no, rule_codes from rejected_rows where record = ?", record))


def _cell(dimensions: dict[str, str]) -> str:
    """The cell as `dims` has it."""
    return ";".join(f"{name}={value}" for name, value in sorted(dimensions.items()))


class Builder:
    """Builds warehouses. `folder` is shared by all workers: whoever comes first parses the project and loads the seeds there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            if not self._seeded.is_file():
                with _environment(HOME_MARK):
                    self._invoke(None, "parse")
                home = folder / "home"
                Home(home).warehouse.parent.mkdir(parents=True)
                self._invoke_at(home, "seed")
                Home(home).warehouse.rename(self._seeded)

    @property
    def _seeded(self) -> Path:
        return self.folder / "seeded.duckdb"

    def build(self, home: Path, *tests: str) -> Statistics:
        """The warehouse of a lake, without publication: the models of `SELECTED`, and the data tests named in `tests`.

        AssertionError: a model or a test failed.
        """
        warehouse = Home(home).warehouse
        warehouse.parent.mkdir(exist_ok=True)
        shutil.copyfile(self._seeded, warehouse)
        left_out = ["unit_test", "seed", *([] if tests else ["test"])]
        self._invoke_at(home, "build", "--select", *SELECTED, *tests, "--exclude-resource-type", *left_out)
        return Statistics(warehouse)

    def _invoke_at(self, home: Path, *arguments: str) -> None:
        manifest = self._manifest_of(home)
        with _environment(str(home.resolve())):
            self._invoke(manifest, *arguments)

    def _manifest_of(self, home: Path) -> object:
        """The parsed project with the sources of a data home. A run changes it, so each has its own."""
        from dbt.contracts.graph.manifest import Manifest
        from dbt.parser.manifest import extended_mashumuro_decoder

        manifest = Manifest.from_msgpack((self.folder / "target" / "partial_parse.msgpack").read_bytes(), decoder=extended_mashumuro_decoder)
        manifest.build_flat_graph()
        for source in manifest.sources.values():
            for meta in (source.meta, source.config.meta, source.source_meta):
                if "lake" in meta:
                    meta["lake"] = meta["lake"].replace(HOME_MARK, str(home.resolve()))
        for node in manifest.nodes.values():
            node.config.persist_docs = {}  # no test reads the comments, which cost a statement a column
        return manifest

    def _invoke(self, manifest: object, *arguments: str) -> None:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        folders = [
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(self.folder / "target"),
            "--log-path",
            str(self.folder / "logs"),
        ]
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-version-check", *(["--no-write-json"] if manifest else [])]
        with contextlib.redirect_stdout(None):
            result = dbtRunner(manifest=manifest).invoke([*arguments, *folders, *quiet])
        DuckDBConnectionManager.close_all_connections()
        failed = [f"{run.node.name}: {run.message}" for run in getattr(result.result, "results", []) if str(run.status) in ("error", "fail")]
        assert result.success, failed or result.exception


@contextlib.contextmanager
def _environment(home: str) -> Iterator[None]:
    """`GONGBAO_HOME` for the time of the block."""
    before = os.environ.get("GONGBAO_HOME")
    os.environ["GONGBAO_HOME"] = home
    try:
        yield
    finally:
        if before is None:
            del os.environ["GONGBAO_HOME"]
        else:
            os.environ["GONGBAO_HOME"] = before
