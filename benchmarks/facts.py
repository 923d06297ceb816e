"""Runs facts.sql on a lake, step by step, and says what each step took.

python benchmarks/facts.py LAKE OUT.duckdb [--compare WAREHOUSE.duckdb]
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent


def steps(script: Path) -> list[tuple[str, str]]:
    """The steps of a script as (title, SQL): each begins at a line `-- step: title`."""
    parts = script.read_text(encoding="utf-8").split("\n-- step: ")[1:]
    return [(title, sql) for title, _, sql in (part.partition("\n") for part in parts)]


def compute(lake: Path, out: Path) -> list[tuple[str, float, float]]:
    """Writes the facts of `lake` to a new database `out`. Returns (step, wall seconds, CPU seconds) for each step."""
    out.unlink(missing_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    taken = []
    with duckdb.connect(out) as db:
        db.execute(f"set enable_progress_bar = false; set temp_directory = '{out}.spill'")
        db.execute("set variable lake = ?", [str(lake)])
        for title, sql in steps(HERE / "facts.sql"):
            wall, cpu = time.monotonic(), time.process_time()
            db.execute(sql)
            taken.append((title, time.monotonic() - wall, time.process_time() - cpu))
    return taken


def compare(facts: Path, warehouse: Path) -> list[tuple[str, int, int]]:
    """Compares `facts` with the models' tables in `warehouse` by compare.sql. Returns (what, cells compared, cells that differ)."""
    with duckdb.connect() as db:
        db.execute("set enable_progress_bar = false")
        db.execute(f"attach '{facts}' as facts (read_only); attach '{warehouse}' as warehouse (read_only)")
        return db.execute((HERE / "compare.sql").read_text(encoding="utf-8")).fetchall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lake", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--compare", type=Path, metavar="WAREHOUSE", help="also compare with a built warehouse")
    arguments = parser.parse_args()
    taken = compute(arguments.lake, arguments.out)
    for title, wall, cpu in [*taken, ("all", sum(step[1] for step in taken), sum(step[2] for step in taken))]:
        print(f"{wall:8.2f} s  {cpu:8.2f} s CPU  {title}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{peak:8.2f} GiB at most, {os.cpu_count()} cores")
    if arguments.compare:
        for what, cells, differing in compare(arguments.out, arguments.compare):
            print(f"{what}: {cells} cells, {differing} differ")


if __name__ == "__main__":
    main()
