"""The sample country at its smallest, taken through the three commands once for all tests, and all workers, that need it."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

PROJECT = Path(__file__).resolve().parent.parent
COUNTRIES = PROJECT / "build" / "tests"
# What the country is made from, beside the interpreter.
MADE_FROM = ("gongbao", "models", "macros", "seeds", "tests/data", "tests/country.py", "dbt_project.yml", "profiles.yml", "requirements.lock")
KEPT = 3
SCALE, SEED = 200000, 7
# Set by a place, and by the counting rules never put together upwards: without a value of the nation.
OF_PLACES_ONLY = {"ltci_daily_standard"}


@dataclass(frozen=True)
class Country:
    """The delivered files of the sample, and the data home built from them. Tests read it, and write to copies."""

    sample: Path
    home: Path

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "gongbao.duckdb"

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        """Rows of a query on the warehouse, opened read-only."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters or None).fetchall()


def copy_project(folder: Path, *parts: str) -> Path:
    """The dbt project, or some of its folders and files, copied into `folder`, to change without harm."""
    for name in parts or ("models", "macros", "seeds", "tests/data"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (PROJECT / name).is_dir() else shutil.copy)(PROJECT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


def gongbao(home: Path, *arguments: object, check: bool = True, project: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """Run the command line on a data home, in the folder of a dbt project, as a user does."""
    environment = os.environ | {"GONGBAO_HOME": str(home), "GONGBAO_KEY": "a key for tests"}
    run = subprocess.run([sys.executable, "-m", "gongbao.cli", *map(str, arguments)], cwd=project, env=environment, capture_output=True, text=True)
    assert "Traceback" not in run.stderr + run.stdout
    if check:
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run


@functools.cache
def made_country() -> Country:
    """Sample at 1:200000, ingested, built and published; made again when anything it is made from has changed.

    It lies below build/tests, where every worker and the next run find it: the first to need it makes it, the others wait.
    """
    root = COUNTRIES / f"country-{_state_of_the_project()}"
    made = Country(root / "sample", root / "data")
    COUNTRIES.mkdir(parents=True, exist_ok=True)
    with FileLock(COUNTRIES / "country.lock"):
        whole = root / "whole"
        if not whole.exists():
            shutil.rmtree(root, ignore_errors=True)
            gongbao(made.home, "sample", "--out", made.sample, "--scale", SCALE, "--seed", SEED)
            gongbao(made.home, "ingest", made.sample)
            gongbao(made.home, "build")
        whole.touch()
        by_use = sorted(COUNTRIES.glob("country-*/whole"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in by_use[KEPT:]:
            shutil.rmtree(old.parent)
    return made


def _state_of_the_project() -> str:
    """A digest of everything the country is made from."""
    state = hashlib.sha256(sys.version.encode())
    for name in MADE_FROM:
        path = PROJECT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                state.update(f"{file.relative_to(PROJECT)}\0".encode() + file.read_bytes())
    return state.hexdigest()[:16]


@pytest.fixture(scope="session")
def country() -> Country:
    """The sample country, ingested, built and published."""
    return made_country()
