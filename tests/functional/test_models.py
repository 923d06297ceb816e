"""The unit tests of the models and the tests that a build leaves out, run by dbt on the built sample country."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from country import PROJECT, Country


@pytest.mark.parametrize(("selection", "at_least"), [("test_type:unit", 15), ("path:seeds,resource_type:test", 80), ("tag:grain", 60)])
def test_dbt_tests_pass(country: Country, tmp_path: Path, selection: str, at_least: int) -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "test", "--no-version-check", "--select", selection, "--target-path", str(tmp_path), "--log-path", str(tmp_path)],
        cwd=PROJECT,
        env=os.environ | {"GONGBAO_HOME": str(country.home)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    results = json.loads((tmp_path / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert len(results) >= at_least
    assert {result["status"] for result in results} == {"pass"}
