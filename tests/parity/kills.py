"""Kill -9 of a build on Spark at ten points, and a second build while one runs: the published file stays, the next build succeeds.

Takes the data home that the last `make parity` built on Spark. Ends with 1 where a kill leaves anything else than it should.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from parity import FOLDER, PROJECT, Home, gongbao

from gongbao import spark

# Tables that Spark has begun when the driver is killed; the last points are after dbt, while the tables come back and are published.
POINTS = (0, 1, 8, 20, 40, 60, 80, 100, 120, "bring_back")


def main() -> int:
    home = Home(FOLDER / "spark")
    before = digest(home.published)
    failures = []
    for point in POINTS:
        driver = begun(home)
        wait_for(home, driver, point)
        if point == POINTS[1]:
            second = gongbao(home, "build", "--engine", "spark")
            print(f"a second build meanwhile: exit {second.returncode}, {second.stderr.strip().splitlines()[:1]}", flush=True)
            if second.returncode == 0:
                failures.append("a second build ran beside the first")
        ended_before = driver.poll() is not None
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
        kept = digest(home.published) == before
        print(f"kill -9 at {point}: published file {'kept' if kept else 'CHANGED'}{' (the build had ended)' if ended_before else ''}", flush=True)
        if ended_before or not kept:
            failures.append(f"kill at {point}")
    last = gongbao(home, "build", "--engine", "spark")
    print(f"the next build: exit {last.returncode}", flush=True)
    if last.returncode:
        failures.append(last.stderr[-2000:])
    print("\n".join(failures))
    return 1 if failures else 0


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def begun(home: Home) -> subprocess.Popen[bytes]:
    """A build on Spark in a process group of its own, with its Java."""
    environment = os.environ | {"GONGBAO_HOME": str(home.root), "GONGBAO_KEY": "a key for tests"}
    command = [sys.executable, "-m", "gongbao.cli", "build", "--engine", "spark"]
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def wait_for(home: Home, driver: subprocess.Popen[bytes], point: int | str) -> None:
    """Until a build has come to a point, or has ended."""
    started = time.time()
    folder = spark.tables_of(home) / spark.SCHEMA
    while driver.poll() is None:
        reached = {
            "bring_back": lambda: home.warehouse.exists() and home.warehouse.stat().st_ctime > started,
            0: lambda: time.time() - started > 5,
        }.get(point, lambda: folder.exists() and folder.stat().st_ctime > started and sum(1 for _ in folder.iterdir()) >= point)
        if reached():
            return
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
