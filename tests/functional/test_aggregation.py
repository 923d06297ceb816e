"""How measures are aggregated: sums, stocks, maxima and medians of a small fact, in a project of its own with the macros of this one.

Every expected value is worked out by hand from the eight rows below.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from country import PROJECT

DBT = Path(sys.executable).parent / "dbt"
# month, county, kind (empty: does not apply), days, cases (the weight of the days), amount, cases open at the end of the month
FACT = """
select cast(month as date) as month, region_code, kind, days, cases, amount, open_cases
from (values
    ('2023-12-31', '110101', 'a', 4, 1, 50, 3),
    ('2024-01-31', '110101', 'a', 1, 1, 100, 5),
    ('2024-01-31', '110105', 'b', 3, 1, 70, 2),
    ('2024-02-29', '110101', 'a', 10, 2, 40, 6),
    ('2024-02-29', '370102', 'b', 2, 4, 90, 1),
    ('2024-06-30', '370202', null, 7, 1, 30, 8),
    ('2024-12-31', '370102', 'a', 5, 1, 20, 4),
    ('2024-12-31', '370202', 'a', null, 0, 10, 5)
) as rows_of_fact (month, region_code, kind, days, cases, amount, open_cases)
"""
MEASURES = """
      - {name: cases_sum, agg: sum, expr: cases}
      - {name: open_cases_sum, agg: sum, expr: open_cases, non_additive_dimension: {name: period, window_choice: max}}
      - {name: amount_max, agg: max, expr: amount}
      - {name: days_median, agg: median, expr: days, config: {meta: {weight: cases}}}
"""
METRICS = {
    "cases": ("cases_sum", None),
    "open_cases": ("open_cases_sum", None),
    "largest_amount": ("amount_max", None),
    "largest_amount_of_b": ("amount_max", "{{ Dimension('case__kind') }} = 'b'"),
    "median_days": ("days_median", None),
    "median_days_of_a": ("days_median", "{{ Dimension('case__kind') }} = 'a'"),
}


def write_models(folder: Path, measures: str) -> None:
    lines = [
        "version: 2", "models:",
        "  - {name: time_spine, time_spine: {standard_granularity_column: day}, columns: [{name: day, granularity: day}]}",
        "semantic_models:", "  - name: case", "    model: ref('fct_case')", "    defaults: {agg_time_dimension: period}", "    primary_entity: case",
        "    dimensions:", "      - {name: period, type: time, expr: month, type_params: {time_granularity: month}}",
        "      - {name: kind, type: categorical}", "    measures:" + measures.rstrip(), "metrics:",
    ]  # fmt: skip
    for name, (measure, condition) in METRICS.items():
        lines += [f"  - name: {name}", f"    label: {name}", "    type: simple", f"    type_params: {{measure: {measure}}}"]
        lines += [f'    filter: "{condition}"'] if condition else []
        lines += ["    config: {meta: {breakdowns: [[kind]]}}"]
    (folder / "case.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def dbt(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"GONGBAO_HOME": str(project / "data")}
    return subprocess.run([DBT, *arguments, "--no-version-check", "--no-use-colors"], cwd=project, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aggregation")
    shutil.copytree(PROJECT / "macros", folder / "macros")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    for part in ("models", "seeds", "data/warehouse"):
        (folder / part).mkdir(parents=True)
    (folder / "seeds" / "dimensions.csv").write_text("dimension,always,detail_class,main_value\nkind,false,3,\n", encoding="utf-8")
    for name in ("int_period_closure", "int_region_closure", "int_months"):
        shutil.copy(next((PROJECT / "models").rglob(f"{name}.sql")), folder / "models" / f"{name}.sql")
    counties = " union all ".join(f"select '{code}' as region_code" for code in ("110101", "110105", "370102", "370202"))
    for name, sql in {
        "int_delivered_regions": counties,
        "fct_case": FACT,
        "time_spine": "select cast('2024-01-01' as date) as day",
        "rollup_case": "-- depends_on: {{ ref('fct_case') }}\n{{ rollup('case') }}",
    }.items():
        (folder / "models" / f"{name}.sql").write_text(sql + "\n", encoding="utf-8")
    write_models(folder / "models", MEASURES)
    return folder


@pytest.fixture(scope="module")
def rollup(project: Path) -> SimpleNamespace:
    """Values of the rollup by region, period and cell."""
    run = dbt(project, "build")
    assert run.returncode == 0, run.stdout[-3000:]
    with duckdb.connect(str(project / "data" / "warehouse" / "gongbao.duckdb"), read_only=True) as connection:
        rows = connection.execute("select * from rollup_case").fetchall()
        names = [name for name, *_ in connection.execute("describe rollup_case").fetchall()]
    found = {}
    for row in rows:
        one = dict(zip(names, row, strict=True))
        key = (one["region_code"], one["region_level"], one["time_period"], one["period_kind"], one["dims"])
        assert key not in found
        found[key] = one
    return SimpleNamespace(rows=found)


def value(rollup: SimpleNamespace, metric: str, region: str, period: str, dims: str = "", kind: str = "") -> float | None:
    level = {"100000": "nation", "110000": "province", "370000": "province", "110100": "prefecture", "370100": "prefecture"}.get(region, "county")
    kind = kind or {4: "year", 7: "half" if "S" in period else "month"}[len(period)]
    found = rollup.rows[region, level, period, kind, dims][metric]
    return None if found is None else float(found)


@pytest.mark.parametrize(
    ("metric", "of"),
    [
        ("cases", {"2023": 1, "2024": 10, "2024-S1": 9, "2024-S2": 1, "2024-02": 6}),
        ("open_cases", {"2023": 3, "2024": 9, "2024-S1": 8, "2024-S2": 9, "2024-01": 7, "2024-02": 7}),
        ("largest_amount", {"2023": 50, "2024": 100, "2024-S1": 100, "2024-S2": 20, "2024-02": 90}),
        ("largest_amount_of_b", {"2023": None, "2024": 90, "2024-S1": 90, "2024-S2": None, "2024-01": 70}),
        ("median_days", {"2023": 4, "2024": 2, "2024-S1": 2, "2024-S2": 5, "2024-01": 1, "2024-02": 2}),
        ("median_days_of_a", {"2023": 4, "2024": 5, "2024-S1": 10, "2024-02": 10}),
    ],
)
def test_the_nation_is_aggregated_over_regions_and_months_as_the_measure_says(rollup: SimpleNamespace, metric: str, of: dict[str, float | None]) -> None:
    assert {period: value(rollup, metric, "100000", period) for period in of} == of


def test_every_region_has_its_own_maximum_and_median(rollup: SimpleNamespace) -> None:
    regions = ("110101", "110105", "110100", "110000", "370000")
    assert [value(rollup, "largest_amount", region, "2024") for region in regions] == [100, 70, 100, 100, 90]
    assert [value(rollup, "median_days", region, "2024") for region in regions] == [10, 3, 3, 3, 2]


def test_every_cell_has_its_own_maximum_and_median_and_what_does_not_apply_is_no_cell(rollup: SimpleNamespace) -> None:
    cells = [dims for region, _, period, _, dims in rollup.rows if region == "100000" and period == "2024"]
    assert sorted(cells) == ["", "kind=a", "kind=b"]
    assert [value(rollup, "largest_amount", "100000", "2024", f"kind={kind}") for kind in "ab"] == [100, 90]
    assert [value(rollup, "median_days", "100000", "2024", f"kind={kind}") for kind in "ab"] == [5, 2]
    assert [value(rollup, "cases", "100000", "2024", f"kind={kind}") for kind in "ab"] == [4, 5]


def test_from_january_on_flows_maxima_and_medians_run_and_stocks_do_not(rollup: SimpleNamespace) -> None:
    to_february = {metric: value(rollup, metric, "100000", "2024-02", kind="ytd") for metric in METRICS}
    assert to_february == {
        "cases": 8, "open_cases": None, "largest_amount": 100, "largest_amount_of_b": 90, "median_days": 2, "median_days_of_a": 10,
    }  # fmt: skip


def test_each_is_compared_with_itself_a_year_before(rollup: SimpleNamespace) -> None:
    assert [value(rollup, f"previous_{metric}", "100000", "2024") for metric in ("cases", "open_cases", "largest_amount", "median_days")] == [1, 3, 50, 4]


@pytest.mark.parametrize(
    ("measure", "chinese", "english"),
    [
        ("{name: amount_max, agg: average, expr: amount}", "不能汇总", "agg average is none that is rolled up"),
        ("{name: days_median, agg: median, expr: days}", "权重列", "a median names the column of its weights"),
        ("{name: amount_max, agg: max, expr: amount, non_additive_dimension: {name: period, window_choice: max}}", "只与 agg: sum 同用", "goes with agg: sum only"),
        ("{name: open_cases_sum, agg: sum, expr: open_cases, non_additive_dimension: {name: period, window_choice: min}}", "期末值", "must be max"),
    ],
)  # fmt: skip
def test_what_no_rollup_can_compute_is_refused_when_models_are_compiled(project: Path, rollup: object, measure: str, chinese: str, english: str) -> None:
    name = measure.split(",")[0]
    write_models(project / "models", "\n".join(f"      - {measure}" if name + "," in line else line for line in MEASURES.splitlines()))
    run = dbt(project, "compile", "-s", "rollup_case")
    assert run.returncode != 0
    assert chinese in run.stdout and english in run.stdout
