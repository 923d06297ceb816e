"""Measures `gongbao build` on both engines: the same lake, in pairs, one right after the other.

    python benchmarks/engines.py --rows 3000 --rows 20000000

Ratios are of the pairs (a machine's pace drifts), times those of the pair with the median ratio; memory is the highest of the process tree, which
for Spark holds Java and dbt. Results go to benchmarks/engines.json. Needs what `make spark` installs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
from run import HERE, Failed, lake_of, measure

from gongbao import spark

ENGINES = ("duckdb", "spark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", required=True, help="settlements of a lake; may be given again")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=HERE.parent / "build" / "benchmarks")
    given = parser.parse_args()
    machine = {"cores": os.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 1024**3), "engine": spark.versions()}
    results = {"machine": machine, "sizes": []}
    for rows in given.rows:
        home = lake_of(given.work, rows)
        pairs = [{engine: _build(home, engine) for engine in ENGINES} for _ in range(given.pairs)]
        pairs.sort(key=lambda pair: pair["spark"]["wall"] / pair["duckdb"]["wall"])
        middle = pairs[len(pairs) // 2]
        found = {"rows": rows, **middle}
        for of in ("wall", "cpu"):
            found[f"ratios_{of}"] = [round(pair["spark"][of] / pair["duckdb"][of], 2) for pair in pairs]
        results["sizes"].append(found)
        for engine in ENGINES:
            one = middle[engine]
            print(f"{rows:>12,}  {engine:<7}{one['wall']:>9.1f} s{one['cpu']:>9.1f} s CPU{one['peak_gib']:>7.2f} GiB", flush=True)
        print(f"{'':<14}Spark / DuckDB: {found['ratios_wall']} · CPU {found['ratios_cpu']}", flush=True)
    (HERE / "engines.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _build(home: Path, engine: str) -> dict[str, float]:
    """A full build from an empty warehouse."""
    for name in ("published", "warehouse"):
        shutil.rmtree(home / name, ignore_errors=True)
    return asdict(measure([sys.executable, "-m", "gongbao.cli", "build", "--engine", engine], home))


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(str(error))
