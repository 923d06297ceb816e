"""Indicators are YAML: one is added without SQL, and an independent engine gives the same values for all of them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest
from country import OF_PLACES_ONLY, Country
from rebuilt import Rebuilt

# Queries of MetricFlow one after the other in one process: most of their time is its imports.
METRICFLOW = """
import json, sys
from dbt_metricflow.cli.main import cli
for arguments in json.loads(sys.argv[1]):
    cli(arguments, standalone_mode=False)
"""


def test_a_new_indicator_on_an_existing_fact_needs_yaml_only(rebuilt: Rebuilt) -> None:
    assert rebuilt.statuses["model.gongbao.observations"] == "success", rebuilt.printed[-4000:]
    [(catalogued,)] = rebuilt.query("select label_zh from indicator_catalogue where indicator = 'retired_tertiary_cost'")
    [(value,)] = rebuilt.query(
        "select value from observations where indicator = 'retired_tertiary_cost' and region_code = '100000' "
        "and period_kind = 'year' and time_period = '2024' and dims = 'scheme=employee'"
    )
    [(expected,)] = rebuilt.query(
        "select sum(medical_cost) from fct_care where member_status = 'retired' and hospital_level = 'tertiary' and scheme = 'employee' and year(month) = 2024"
    )
    assert catalogued == "退休人员三级医疗机构费用"
    assert value > 0 and value == expected


def test_metricflow_gives_the_same_national_values_for_every_metric(country: Country, rebuilt: Rebuilt, tmp_path: Path) -> None:
    with duckdb.connect(str(country.warehouse), read_only=True) as connection:
        ours = connection.execute(
            """
            select o.indicator, o.time_period, o.value / c.scale
            from observations as o join indicator_catalogue as c on o.indicator = c.indicator and o.dims = c.main_dims
            where o.region_code = '100000' and o.period_kind = 'year' and o.value is not null
            """
        ).fetchall()
        # published by scheme only: the rate of all is the sum of both parts
        ours += connection.execute(
            """
            select indicator, time_period, cast(sum(numerator) as double) / cast(sum(denominator) as double)
            from observations
            where indicator = 'hospitalization_rate' and region_code = '100000' and period_kind = 'year' and breakdown = 'scheme' and value is not null
            group by indicator, time_period
            """
        ).fetchall()
        sided = {name for (name,) in connection.execute("select indicator from indicator_catalogue where main_dims = 'side=insured'").fetchall()}
        indicators = {name for (name,) in connection.execute("select indicator from indicator_catalogue").fetchall()} - OF_PLACES_ONLY
        # what is counted apart in the values of a dimension has its totals as rows of the fact
        totals: dict[tuple[str, ...], set[str]] = {}
        for name, subject, sql in connection.execute("select indicator, dataflow, yearly_sql from indicator_catalogue where denominator is null").fetchall():
            if name in indicators and (names := re.findall(r"(\w+) = '_T'", sql)):
                totals.setdefault(tuple(f"{{{{ Dimension('{subject}_cell__{dimension}') }}}} = '_T'" for dimension in names), set()).add(name)
        apart = {name for names in totals.values() for name in names}
        rates = {
            name: parts
            for name, *parts in connection.execute("select indicator, numerator, denominator from indicator_catalogue where denominator is not null").fetchall()
            if not apart.isdisjoint(parts)
        }

    insured = ["--where", "{{ Dimension('cross_province_cell__side') }} = 'insured'"]
    queries = {tmp_path / "all.csv": (sorted(indicators - sided - apart - rates.keys()), []), tmp_path / "sided.csv": (sorted(sided), insured)}
    for at, (where, names) in enumerate(totals.items()):
        queries[tmp_path / f"totals{at}.csv"] = (sorted(names), ["--where", " and ".join(where)])
    asked = [["query", "--metrics", ",".join(names), "--group-by", "metric_time__year", "--csv", str(out), *where] for out, (names, where) in queries.items()]
    rebuilt.run("python", "-c", METRICFLOW, json.dumps(asked))

    theirs: dict[tuple[str, str], float] = {}
    for out, (names, _) in queries.items():
        with out.open(newline="") as file:
            for row in csv.DictReader(file):
                for name in names:
                    if row[name]:
                        theirs[name, row["metric_time__year"][:4]] = float(row[name])

    for name, (numerator, denominator) in rates.items():
        theirs |= {
            (name, year): theirs[numerator, year] / theirs[denominator, year] for of, year in theirs if of == numerator and (denominator, year) in theirs
        }

    compared = {(name, year): float(value) for name, year, value in ours}
    assert {name for name, _ in compared} == indicators, "an indicator without a national value was not compared"
    for key, value in compared.items():
        assert theirs[key] == pytest.approx(value, rel=1e-9, abs=1e-9), key
