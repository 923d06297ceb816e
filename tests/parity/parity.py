"""Parity: one lake with every record and every region level, built on both engines, every published table compared cell by cell.

Prints a table by kind and ends with 1 on any difference, and where the lake lacks an accepted row of a record, or a level of regions.
Without arguments the smallest such lake; `--whole --scale 200000 --years 2020-2025` is the sample country whole.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from rich.console import Console
from rich.table import Column, Table

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]
from comparing import Compared, compare, keys_of  # noqa: E402

from gongbao import spark  # noqa: E402
from gongbao.paths import Home  # noqa: E402

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "parity"
LEVELS = {"nation", "province", "prefecture", "county"}
# A province with prefectures and counties, and one that runs its counties itself.
PROVINCES = ("37", "46")


@dataclass(frozen=True)
class Took:
    """What a build took: seconds on the clock and of the processors."""

    seconds: float
    of_processors: float


def main() -> int:
    given = _arguments()
    homes = {engine: Home(FOLDER / engine) for engine in ("duckdb", "spark")}
    shutil.rmtree(FOLDER, ignore_errors=True)
    _lake(homes["duckdb"], given)
    homes["spark"].root.mkdir(parents=True)
    shutil.copytree(homes["duckdb"].lake, homes["spark"].lake)
    took = {"duckdb": _run(homes["duckdb"], "build")}
    with _server(homes["spark"]) if given.thrift else nullcontext():
        took["spark"] = _run(homes["spark"], "build", "--engine", "spark")
    compared = list(compared_tables(homes["duckdb"], homes["spark"]))
    absent = absent_parts(homes["duckdb"])
    _print(compared, took, absent)
    return 0 if compared and not absent and all(table.is_equal for _, table in compared) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="every province, not the two of the smallest lake")
    parser.add_argument("--scale", default="500000", help="persons behind a row of the sample")
    parser.add_argument("--years", default="2024-2025")
    parser.add_argument("--thrift", action="store_true", help="Spark through a Thrift Server of this machine, and its tables through the server too")
    return parser.parse_args()


@contextmanager
def _server(home: Home) -> Iterator[None]:
    from thrift_server import thrift_server

    with thrift_server(FOLDER / "server", os.environ.get("GONGBAO_MEMORY", "4GB")[:-1]) as address:
        os.environ |= {"GONGBAO_SPARK": address, "GONGBAO_SPARK_HOME": str(home.root)}
        yield


def _lake(home: Home, given: argparse.Namespace) -> None:
    sample = FOLDER / "sample"
    _run(home, "sample", "--out", sample, "--scale", given.scale, "--years", given.years)
    for file in sample.glob("*/*"):
        if file.parent.name != "truth" and not given.whole and not file.name.startswith(PROVINCES):
            file.unlink()
    _run(home, "ingest", "--summary", *(folder for folder in sample.iterdir() if folder.is_dir() and folder.name != "truth"))


def _run(home: Home, *arguments: object) -> Took:
    """Run a command of the project; what it prints is shown where it fails."""
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = gongbao(home, *arguments)
    # files with planted faults are refused; what must not be missing is looked at in the result
    if run.returncode and arguments[0] != "ingest":
        sys.exit(f"gongbao {arguments[0]}: {run.stdout[-2000:]}{run.stderr[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(time.monotonic() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def gongbao(home: Home, *arguments: object, project: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """A command of the project (or of a copy) on a data home."""
    environment = os.environ | {"GONGBAO_HOME": str(home.root), "GONGBAO_KEY": "a key for tests", "PYTHONPATH": str(project)}
    return subprocess.run([sys.executable, "-m", "gongbao.cli", *map(str, arguments)], cwd=project, env=environment, capture_output=True, text=True)


def compared_tables(left: Home, right: Home) -> Iterator[tuple[str, Compared]]:
    """Every published table of DuckDB's warehouse beside the one that Spark computed, with its kind (the folder of its model)."""
    nodes = json.loads((left.warehouse.parent / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    with duckdb.connect() as connection:
        for engine, home in (("duckdb", left), ("spark", right)):
            connection.execute(f"attach '{home.warehouse}' as of_{engine} (read_only)")
        for identity, node in sorted(nodes.items()):
            if node["resource_type"] in ("model", "seed") and spark.is_public(node):
                table = node["alias"]
                yield Path(node["path"]).parent.name, compare(connection, table, f"of_duckdb.{table}", f"of_spark.{table}", keys_of(identity, nodes))


def records() -> list[str]:
    """The records of the project."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["records"]


def absent_parts(home: Home) -> list[str]:
    """Records of the project without an accepted row in the lake, and levels of regions without an observation."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        accepted = {name for (name,) in connection.execute("select record from batches group by record having sum(rows_accepted) > 0").fetchall()}
        levels = {level for (level,) in connection.execute("select distinct region_level from observations").fetchall()}
    return [f"record {record}" for record in records() if record not in accepted] + [f"level {level}" for level in sorted(LEVELS - levels)]


def _print(compared: list[tuple[str, Compared]], took: dict[str, Took], absent: list[str]) -> None:
    console = Console(width=160)
    summary = Table(
        "kind", *(Column(name, justify="right") for name in ("tables", "rows", "only DuckDB", "only Spark", "keys twice", "cells", "equal", "different"))
    )
    for kind in [*sorted({kind for kind, _ in compared}), None]:
        of_kind = [table for its_kind, table in compared if kind in (its_kind, None)]
        different = sum(sum(table.different.values()) for table in of_kind)
        numbers = [len(of_kind), *(sum(getattr(table, name) for table in of_kind) for name in ("rows", "only_left", "only_right", "twice", "cells"))]
        summary.add_row(
            kind or "all", *(f"{number:,}" for number in [*numbers, sum(table.equal_cells for table in of_kind), different]), end_section=kind is None
        )
    console.print(summary)
    for _, table in compared:
        if not table.is_equal:
            of_columns = ", ".join(f"{column} {count:,}" for column, count in table.different.items())
            console.print(f"{table.table}: only DuckDB {table.only_left:,}, only Spark {table.only_right:,}, twice {table.twice:,}; {of_columns}")
    equal = sum(table.is_equal for _, table in compared)
    times = " · ".join(f"{engine} {one.seconds:.0f} s ({one.of_processors:.0f} s of processors)" for engine, one in took.items())
    console.print(f"{equal} of {len(compared)} tables equal · {times}")
    for part in absent:
        console.print(f"数据湖中没有 the lake lacks: {part}")


if __name__ == "__main__":
    sys.exit(main())
