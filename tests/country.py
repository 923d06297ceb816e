"""The sample country at its smallest, taken through the three commands once for all tests that need it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Country:
    """The delivered files of the sample, and the data home built from them."""

    sample: Path
    home: Path

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "gongbao.duckdb"

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        """Rows of a query on the warehouse, opened read-only."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters or None).fetchall()


def copy_project(folder: Path) -> Path:
    """The dbt project copied into `folder`, to change without harm."""
    for name in ("models", "macros", "seeds", "tests/data"):
        shutil.copytree(PROJECT / name, folder / name)
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


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Sample at 1:200000, ingested, built and published."""
    root = tmp_path_factory.mktemp("country")
    made = Country(root / "sample", root / "data")
    gongbao(made.home, "sample", "--out", made.sample, "--scale", 200000)
    gongbao(made.home, "ingest", made.sample)
    gongbao(made.home, "build")
    yield made
