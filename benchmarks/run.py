"""Measures `gongbao build` against the hand-written facts.sql on the same lake, and `gongbao ingest` on a large CSV file.

    python benchmarks/run.py --rows 5000000 --province-rows 50000000 --ingest-rows 20000000

The same number of rows makes two very different lakes: spread over the whole nation they are thin (hardly two settlements
a cell of the statistics), from one province they are as dense as a provincial office's records. Lakes are generated below --work
where they are missing (1 million settlements: 80 MB and half a minute). Script and build run in pairs, one right after the
other, because a machine's pace drifts; the ratio is the median of the pairs', the times are those of that pair. Each program
is a fresh process; memory is the highest sum of resident memory over its process tree. Results go to benchmarks/results.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import threading
import time
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import facts
import generate
import psutil

HERE = Path(__file__).resolve().parent
PROVINCE = "330000"  # of the lakes of one province
TINY = 3000  # settlements of the lake on which the fixed cost of dbt is measured


@dataclass
class Measured:
    """A program's run: wall and CPU seconds, highest resident memory in GiB, and the machine's load when it began."""

    wall: float
    cpu: float
    peak_gib: float
    load_before: float


class Failed(Exception):
    """A measured program did not exit with 0; carries the end of what it printed."""


def measure(command: list[str], home: Path) -> Measured:
    """Runs `command` with GONGBAO_HOME = `home` to its end."""
    load = os.getloadavg()[0]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        command, cwd=HERE.parent, env={**os.environ, "GONGBAO_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak = 0

    def watch() -> None:
        nonlocal peak
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):  # a child may end between listing and asking
                peak = max(peak, sum(each.memory_info().rss for each in (root, *root.children(recursive=True))))
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    printed, _ = process.communicate()
    wall = time.monotonic() - started
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)}\n" + "\n".join(printed.splitlines()[-15:]))
    return Measured(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak / 1024**3, load)


def lake_of(work: Path, rows: int, province: str | None = None) -> Path:
    """The home whose lake has about `rows` settlements, of one province or of all; generated when it is not whole."""
    home = work / (f"rows-{rows}-{province}" if province else f"rows-{rows}")
    whole = home / "generated.json"
    if not whole.is_file():
        print(f"生成 {rows:,} 行结算 · generating {rows:,} settlements …", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        started = time.monotonic()
        counts = generate.generate(home, rows, provinces=[province] if province else list(generate.RESIDENTS))
        if abs(counts["settlement"] - rows) > rows / 50 + 100:
            raise Failed(f"{counts['settlement']} settlements were generated, {rows} were asked for")
        whole.write_text(json.dumps({"rows": counts, "seconds": round(time.monotonic() - started)}), encoding="utf-8")
    return home


def measure_script(home: Path) -> Measured:
    return measure([sys.executable, str(HERE / "facts.py"), str(home / "lake"), str(home / "facts.duckdb")], home)


def measure_build(home: Path, first: bool = False) -> Measured:
    """A full build: no data of an earlier one is left. Only the `first` must also read the project, which dbt then remembers."""
    shutil.rmtree(home / "published", ignore_errors=True)
    if first:
        shutil.rmtree(home / "warehouse", ignore_errors=True)
    for data in (home / "warehouse").glob("gongbao.duckdb*"):
        data.unlink()
    return measure([sys.executable, "-m", "gongbao.cli", "build"], home)


def measure_pairs(home: Path, pairs: int) -> dict[str, object]:
    """The script and a full build one after the other, `pairs` times: the pair with the median ratio, and all ratios in order."""
    measured = [(measure_script(home), measure_build(home)) for _ in range(pairs)]
    measured.sort(key=lambda pair: pair[1].wall / pair[0].wall)
    script, build = measured[pairs // 2]
    ratios = [build.wall / script.wall for script, build in measured]
    return {"script": asdict(script), "build": asdict(build), "ratio": ratios[pairs // 2], "ratios": ratios}


def measure_fixed(home: Path, pairs: int) -> dict[str, object]:
    """A later build of a tiny lake, and the first build before it, `pairs` times: the pair with the median difference."""
    measured = [(measure_build(home, first=True), measure_build(home)) for _ in range(pairs)]
    measured.sort(key=lambda pair: pair[0].wall - pair[1].wall)
    first, later = measured[pairs // 2]
    return {"rows": TINY, "first": asdict(first), **asdict(later)}


def measure_digests(home: Path) -> dict[str, float]:
    """Comparing all files of a lake with their digests, as every build does while dbt is imported: seconds, and bytes."""
    files = sum(file.stat().st_size for file in (home / "lake").rglob("*.parquet"))
    return asdict(measure([sys.executable, "-m", "gongbao.cli", "check", "--lake"], home)) | {"bytes": files}


def measure_ingest(work: Path, rows: int) -> dict[str, object]:
    """Ingest of one CSV file of `rows` settlements into an empty home."""
    home, inbox = work / "ingest", work / f"csv-{rows}" / "settlement"
    path = inbox / "settlement.csv"
    if not path.is_file():
        print(f"生成 {rows:,} 行 CSV · generating a CSV file of {rows:,} rows …", flush=True)
        generate.generate_csv(inbox, rows)
    shutil.rmtree(home, ignore_errors=True)
    measured = measure([sys.executable, "-m", "gongbao.cli", "ingest", str(path)], home)
    staged = duckdb.connect().execute("select count(*) from read_parquet(?)", [f"{home}/lake/settlement/*/rows.parquet"]).fetchone()[0]
    if staged != rows:
        raise Failed(f"{staged} rows in the lake, {rows} in the file")
    shutil.rmtree(home)
    return {"rows": rows, "file_gb": path.stat().st_size / 1e9, "rows_per_second": rows / measured.wall, **asdict(measured)}


def padded(text: str, width: int, right: bool = False) -> str:
    """`text` filled with spaces to `width` columns of a terminal, where a Chinese character takes two."""
    spaces = " " * (width - sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text))
    return spaces + text if right else text + spaces


def print_measured(title: str, measured: dict[str, float], note: str = "") -> None:
    print(f"{padded(title, 50)}{measured['wall']:>8.1f} s{measured['cpu']:>9.1f} s{measured['peak_gib']:>8.2f} GiB  {note}", flush=True)


def run(work: Path, sizes: list[tuple[int, str | None]], pairs: int, ingest_rows: int | None, keep: bool) -> dict[str, object]:
    """Measures everything asked for (`sizes`: settlements, and the province they are from or None), prints it as it comes, and returns it."""
    machine = {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }
    results: dict[str, object] = {"machine": machine, "sizes": [], "ingest": None}
    results["fixed"] = fixed = measure_fixed(lake_of(work, TINY), pairs)
    print("\n" + padded("", 50) + padded("历时 wall", 10, right=True) + padded("CPU", 11, right=True) + padded("内存峰值 peak", 14, right=True))
    print_measured("固定开销 · fixed cost of dbt (build, 3,000 rows)", fixed)
    print_measured("首次生成时 · in the first build", fixed["first"])
    for rows, province in sizes:
        home = lake_of(work, rows, province)
        print(f"{rows:>12,}  " + (f"一省 · one province ({province})" if province else "全国 · the nation"))
        measured = measure_pairs(home, pairs)
        script, build = measured["script"], measured["build"]
        print_measured(f"{'':<14}手写脚本 · facts.sql", script)
        each = ", ".join(f"{ratio:.2f}" for ratio in measured["ratios"])
        print_measured(f"{'':<14}gongbao build", build, f"= {measured['ratio']:.2f} × ({each})")
        print(f"{'':<14}除去固定开销 · without the fixed cost: {(build['wall'] - fixed['wall']) / script['wall']:.2f} ×")
        digests = measure_digests(home)
        share = digests["wall"] / build["wall"]
        print(
            f"{'':<14}核对数据湖 · the lake compared with its digests: {digests['bytes'] / 1e9:.2f} GB in {digests['wall']:.1f} s, {share:.1%} of the build",
            flush=True,
        )
        compared = facts.compare(home / "facts.duckdb", home / "warehouse" / "gongbao.duckdb")
        wrong = [f"{what} ({differing} of {cells})" for what, cells, differing in compared if differing or not cells]
        print(f"{'':<14}两种算法一致 · both agree: " + ("; ".join(wrong) if wrong else f"{sum(cells for _, cells, _ in compared):,} cells"))
        results["sizes"].append({"rows": rows, "province": province, **measured, "digests": digests, "differences": wrong})
        if not keep:
            shutil.rmtree(home)
    if ingest_rows:
        ingest = measure_ingest(work, ingest_rows)
        print_measured(f"{ingest_rows:>12,}  gongbao ingest ({ingest['file_gb']:.1f} GB CSV)", ingest, f"{ingest['rows_per_second']:,.0f} rows/s")
        results["ingest"] = ingest
        if not keep:
            shutil.rmtree(work / f"csv-{ingest_rows}")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, action="append", default=[], help="settlements of a lake of the nation; may be given several times")
    parser.add_argument("--province-rows", type=int, action="append", default=[], help="settlements of a lake of one province; may be given several times")
    parser.add_argument("--pairs", type=int, default=5, help="how often script and build are measured")
    parser.add_argument("--ingest-rows", type=int, help="rows of the CSV file for the ingest measurement")
    parser.add_argument("--work", type=Path, default=Path(os.environ.get("GONGBAO_HOME", "data")) / "benchmark", help="folder for the data")
    parser.add_argument("--keep", action="store_true", help="keep the generated data")
    arguments = parser.parse_args()
    if os.getloadavg()[0] > 0.5:
        print(f"机器不空闲（负载 {os.getloadavg()[0]:.1f}），数字偏大 · the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be too high")
    sizes = [(rows, None) for rows in arguments.rows] + [(rows, PROVINCE) for rows in arguments.province_rows]
    try:
        results = run(arguments.work.resolve(), sizes or [(5_000_000, None)], arguments.pairs, arguments.ingest_rows, arguments.keep)
    except Failed as error:
        sys.exit(f"未能完成 · did not succeed:\n{error}")
    if any(size["differences"] for size in results["sizes"]):
        sys.exit("模型与手写脚本结果不一致 · the models and the script disagree")
    (HERE / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
