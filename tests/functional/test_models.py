"""The unit tests of the models, the tests of the seeds and those of every table's grain, run by dbt on the sample country built once more."""

from __future__ import annotations

import json

import pytest
from rebuilt import Rebuilt


@pytest.mark.parametrize(("kind", "at_least"), [("unit", 15), ("seeds", 60), ("grain", 60)])
def test_dbt_tests_pass(rebuilt: Rebuilt, kind: str, at_least: int) -> None:
    manifest = json.loads((rebuilt.project / "target" / "manifest.json").read_text(encoding="utf-8"))
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    asked = {
        "unit": list(manifest["unit_tests"]),
        "seeds": [name for name, node in tests.items() if node["original_file_path"].startswith("seeds/")],
        "grain": [name for name, node in tests.items() if "grain" in node["tags"]],
    }[kind]
    assert len(asked) >= at_least
    assert {name: rebuilt.statuses.get(name) for name in asked} == dict.fromkeys(asked, "pass"), rebuilt.printed[-4000:]


def test_dbt_makes_its_pages(rebuilt: Rebuilt) -> None:
    # Compiling is what every build does.
    rebuilt.run("dbt", "docs", "generate", "--no-version-check", "--no-compile")
    target = rebuilt.project / "target"
    assert (target / "index.html").stat().st_size > 100_000
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    made = {name for name, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    assert set(catalog["nodes"]) == made and not catalog["errors"]
