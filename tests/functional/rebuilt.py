"""The country built once more: from files whose order is another, with an indicator added, with the unit tests and the tests of the seeds.

One run of dbt for all tests that need one beside the first.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from country import Country, copy_project, gongbao

from gongbao.ingest.batch import ensure_lake
from gongbao.paths import Home

BIN = Path(sys.executable).parent
NEW_INDICATOR = """
metrics:
  - name: retired_tertiary_cost
    label: 退休人员三级医疗机构费用
    description: "退休人员在三级医疗机构的医药费用。"
    type: simple
    type_params: {measure: medical_cost_sum}
    filter: "{{ Dimension('care_cell__member_status') }} = 'retired' and {{ Dimension('care_cell__hospital_level') }} = 'tertiary'"
    config:
      meta:
        label_en: Cost of retired members in tertiary hospitals
        definition_en: "Cost of care of retired members at tertiary institutions."
        section: benefits
        print_group: money
        scope: settlement_rule
        breakdowns: [[scheme]]
"""


@dataclass(frozen=True)
class Rebuilt:
    """A copy of the dbt project with its data home beside it; `statuses`: of every model and test of the run, by its unique id."""

    project: Path
    statuses: dict[str, str]
    printed: str

    @property
    def warehouse(self) -> Path:
        return self.project / "data" / "warehouse" / "gongbao.duckdb"

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def run(self, *command: str) -> str:
        """What a command of the environment prints, in the project; AssertionError when it fails."""
        environment = os.environ | {"GONGBAO_HOME": str(self.project / "data")}
        done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=self.project, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        return done.stdout


def shuffled(sample: Path, folder: Path) -> list[Path]:
    """The files of a sample in another order, below `folder`, with their rows in another order where that may not matter.

    Rows are shuffled where a key's latest row is decided by its update time; ledger and population have none, so that
    there the row number decides by rule, and only their files are shuffled.
    """
    order = random.Random(1)
    for path in sorted(sample.rglob("*")):
        if not path.is_file() or "truth" in path.parts or path.suffix == ".md":
            continue
        target = folder / path.relative_to(sample)
        target.parent.mkdir(parents=True, exist_ok=True)
        record = path.relative_to(sample).parts[0]
        if record in ("fund_ledger", "population") or path.name.endswith((".json", ".xlsx", ".parquet")):
            shutil.copyfile(path, target)
            continue
        content = path.read_bytes()
        lines = (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines(keepends=True)
        body = [line if line.endswith(b"\n") else line + b"\r\n" for line in lines[1:]]
        order.shuffle(body)
        joined = lines[0] + b"".join(body)
        target.write_bytes(gzip.compress(joined) if path.suffix == ".gz" else joined)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".json")]
    order.shuffle(files)
    return files


@pytest.fixture(scope="session")
def rebuilt(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    folder = copy_project(tmp_path_factory.mktemp("project"))
    home = Home(folder / "data")
    gongbao(home.root, "ingest", *shuffled(country.sample, folder / "delivered"))
    ensure_lake(home)
    home.warehouse.parent.mkdir(exist_ok=True)
    (folder / "models" / "marts" / "benefits" / "new_indicator.yml").write_text(NEW_INDICATOR, encoding="utf-8")
    done = subprocess.run(
        [str(BIN / "dbt"), "build", "--no-version-check"], cwd=folder, env=os.environ | {"GONGBAO_HOME": str(home.root)}, capture_output=True, text=True
    )
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return Rebuilt(folder, {result["unique_id"]: result["status"] for result in results}, done.stdout)
