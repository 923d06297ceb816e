"""Parity: one lake with every record and every region level, built on both engines, every published table compared cell by cell.

Prints a table and ends with 1 on any difference, and where the lake lacks an accepted row of a record, or a level of regions.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml
from rich.console import Console
from rich.table import Table

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]
from comparing import Compared, compare, keys_of  # noqa: E402

from gongbao import spark  # noqa: E402
from gongbao.paths import Home  # noqa: E402

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "parity"
LEVELS = {"nation", "province", "prefecture", "county"}
# Provinces of the sample whose files have every kind of planted fault: a municipality, a province, one that runs counties itself.
PROVINCES = ("31", "37", "46")
SAMPLE = ("--scale", "200000", "--years", "2023-2025")


def main() -> int:
    homes = {engine: Home(FOLDER / engine) for engine in ("duckdb", "spark")}
    shutil.rmtree(FOLDER, ignore_errors=True)
    _lake(homes["duckdb"])
    homes["spark"].root.mkdir(parents=True)
    shutil.copytree(homes["duckdb"].lake, homes["spark"].lake)
    seconds = {engine: _timed(home, "build", "--engine", engine) for engine, home in homes.items()}
    compared = list(compared_tables(homes["duckdb"], homes["spark"]))
    absent = absent_parts(homes["duckdb"])
    _print(compared, seconds, absent)
    return 0 if compared and not absent and all(table.is_equal for table in compared) else 1


def _lake(home: Home) -> None:
    sample = FOLDER / "sample"
    _timed(home, "sample", "--out", sample, *SAMPLE)
    for file in sample.glob("*/*"):
        if file.parent.name != "truth" and not file.name.startswith(PROVINCES):
            file.unlink()
    _timed(home, "ingest", "--summary", *(folder for folder in sample.iterdir() if folder.is_dir() and folder.name != "truth"))


def _timed(home: Home, *arguments: object) -> float:
    """Seconds of a command of the project; what it prints is shown where it fails."""
    begun = time.monotonic()
    environment = os.environ | {"GONGBAO_HOME": str(home.root), "GONGBAO_KEY": "a key for tests"}
    run = subprocess.run([sys.executable, "-m", "gongbao.cli", *map(str, arguments)], cwd=PROJECT, env=environment, capture_output=True, text=True)
    # files with planted faults are refused; what must not be missing is looked at in the result
    if run.returncode and arguments[0] != "ingest":
        sys.exit(f"gongbao {arguments[0]}: {run.stdout[-2000:]}{run.stderr[-4000:]}")
    return time.monotonic() - begun


def compared_tables(left: Home, right: Home) -> Iterator[Compared]:
    """Every published table of DuckDB's warehouse beside the files that Spark wrote of it."""
    nodes = json.loads((left.warehouse.parent / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left.warehouse}' as warehouse (read_only)")
        for identity, node in sorted(nodes.items()):
            if node["resource_type"] in ("model", "seed") and spark.is_public(node):
                files = f"read_parquet('{spark.tables_of(right)}/{spark.SCHEMA}/{node['alias']}/*.parquet')"
                yield compare(connection, node["alias"], f"warehouse.{node['alias']}", files, keys_of(identity, nodes))


def records() -> list[str]:
    """The records of the project."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["records"]


def absent_parts(home: Home) -> list[str]:
    """Records of the project without an accepted row in the lake, and levels of regions without an observation."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        accepted = {name for (name,) in connection.execute("select record from batches group by record having sum(rows_accepted) > 0").fetchall()}
        levels = {level for (level,) in connection.execute("select distinct region_level from observations").fetchall()}
    return [f"record {record}" for record in records() if record not in accepted] + [f"level {level}" for level in sorted(LEVELS - levels)]


def _print(compared: list[Compared], seconds: dict[str, float], absent: list[str]) -> None:
    console = Console(width=160)
    table = Table("table", "rows", "only DuckDB", "only Spark", "keys twice", "cells", "different")
    for one in compared:
        differing = ", ".join(f"{column} {count:,}" for column, count in one.different.items())
        table.add_row(one.table, f"{one.rows:,}", f"{one.only_left:,}", f"{one.only_right:,}", f"{one.twice:,}", f"{one.cells:,}", differing or "0")
    console.print(table)
    equal = sum(one.is_equal for one in compared)
    console.print(f"{equal} of {len(compared)} tables equal · DuckDB {seconds['duckdb']:.0f} s · Spark {seconds['spark']:.0f} s")
    for part in absent:
        console.print(f"数据湖中没有 the lake lacks: {part}")


if __name__ == "__main__":
    sys.exit(main())
