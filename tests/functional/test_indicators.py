"""Indicators are YAML: one is added without SQL, and an independent engine gives the same values for all of them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from country import Country, copy_project

BIN = Path(sys.executable).parent
NEW_INDICATOR = """
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
        dataflow: care
        section: benefits
        kind: flow
        unit: yuan
        print_group: money
        scope: settlement_rule
        breakdowns: [[scheme]]
"""


@pytest.fixture(scope="module")
def project(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dbt project beside a copy of the built data home, to change without harm."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    shutil.copytree(country.home / "warehouse", folder / "data" / "warehouse", ignore=shutil.ignore_patterns("target", "logs", "spill"))
    (folder / "data" / "lake").symlink_to(country.home / "lake")
    return folder


def run(project: Path, *command: str) -> str:
    environment = os.environ | {"GONGBAO_HOME": str(project / "data")}
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


def test_a_new_indicator_on_an_existing_fact_needs_yaml_only(project: Path) -> None:
    metrics = project / "models" / "marts" / "observations" / "_metrics.yml"
    metrics.write_text(metrics.read_text(encoding="utf-8") + NEW_INDICATOR, encoding="utf-8")
    run(project, "dbt", "run", "--no-version-check", "--no-partial-parse", "--select",
        "rollup_care", "observations_care", "indicator_catalogue", "delivery_gaps", "missing_observations", "observations")  # fmt: skip
    with duckdb.connect(str(project / "data" / "warehouse" / "gongbao.duckdb"), read_only=True) as connection:
        (catalogued,) = connection.execute("select label_zh from indicator_catalogue where indicator = 'retired_tertiary_cost'").fetchone()
        (value,) = connection.execute(
            "select value from observations where indicator = 'retired_tertiary_cost' and region_code = '100000' "
            "and period_kind = 'year' and time_period = '2024' and scheme = 'employee'"
        ).fetchone()
        (expected,) = connection.execute(
            "select sum(medical_cost) from fct_care where member_status = 'retired' and hospital_level = 'tertiary' "
            "and scheme = 'employee' and year(month) = 2024"
        ).fetchone()
    assert catalogued == "退休人员三级医疗机构费用"
    assert value > 0 and value == expected


def test_metricflow_gives_the_same_national_values_for_every_metric(country: Country, project: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(country.warehouse), read_only=True) as connection:
        dimensions = [row[0] for row in connection.execute(
            "select column_name from duckdb_columns() where table_name = 'indicator_catalogue' and column_name like 'total_%'"
        ).fetchall()]  # fmt: skip
        totals = " and ".join(f"o.{name.removeprefix('total_')} = c.{name}" for name in dimensions)
        ours = connection.execute(
            f"""
            select o.indicator, o.time_period, o.value / c.scale
            from observations as o join indicator_catalogue as c on o.indicator = c.indicator and {totals}
            where o.region_code = '100000' and o.period_kind = 'year' and o.value is not null
            """
        ).fetchall()
        # published by scheme only: the rate of all is the sum of both parts
        ours += connection.execute(
            """
            select indicator, time_period, cast(sum(numerator) as double) / cast(sum(denominator) as double)
            from observations
            where indicator = 'hospitalization_rate' and region_code = '100000' and period_kind = 'year' and member_status = '_T' and value is not null
            group by indicator, time_period
            """
        ).fetchall()
        sided = {name for (name,) in connection.execute("select indicator from indicator_catalogue where total_side = 'insured'").fetchall()}
        indicators = {name for (name,) in connection.execute("select indicator from indicator_catalogue").fetchall()}
    run(project, "dbt", "parse", "--no-version-check", "--no-partial-parse")

    theirs: dict[tuple[str, str], float] = {}
    for names, where in ((sorted(indicators - sided), []), (sorted(sided), ["--where", "{{ Dimension('cross_province_cell__side') }} = 'insured'"])):
        out = tmp_path / f"{len(names)}.csv"
        run(project, "mf", "query", "--metrics", ",".join(names), "--group-by", "metric_time__year", "--csv", str(out), *where)
        with out.open(newline="") as file:
            for row in csv.DictReader(file):
                for name in names:
                    if row[name]:
                        theirs[name, row["metric_time__year"][:4]] = float(row[name])

    compared = {(name, year): float(value) for name, year, value in ours}
    assert {name for name, _ in compared} == indicators, "an indicator without a national value was not compared"
    for key, value in compared.items():
        assert theirs[key] == pytest.approx(value, rel=1e-9, abs=1e-9), key
