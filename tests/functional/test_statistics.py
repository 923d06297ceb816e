"""The whole way on the sample country: from delivered files to figures that agree with what was published."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest
from country import Country, gongbao

from gongbao.contracts import load_contracts
from gongbao.ingest import rules


def truth(country: Country) -> list[dict[str, str]]:
    with (country.sample / "truth" / "faults.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_planted_fault_is_found_and_nothing_else(country: Country) -> None:
    planted = {
        (row["record"], Path(row["file"]).name, int(row["row_no"]), row["rule_code"]) for row in truth(country) if row["expected"] in ("rejected", "warning")
    }
    found = set(country.query("select record, file_name, row_no, rule_code from rule_breaks join stg_batches using (record, batch_id)"))
    assert len(planted) > 200
    assert found == planted
    codes = {code for *_, code in planted}
    assert codes == {code for (code,) in country.query("select rule_code from rules")}, "a rule that no fault was planted for"


def test_the_door_counts_what_dbt_counts_by_rule_and_batch(country: Country) -> None:
    of_dbt = country.query(
        "select batch_id, rule_code, rows_broken from rule_results join rules using (record, rule_code) where true_of_good_rows is not null and rows_broken > 0"
    )
    of_door = []
    with duckdb.connect() as connection:
        for record in load_contracts().values():
            for file in (country.home / "lake" / record.name).glob("*/rows.parquet"):
                verdict = rules.apply(connection, record, f"select * from read_parquet('{file}')")
                of_door += [(file.parent.name, broken.code, broken.rows) for broken in verdict.broken]
    assert sorted(of_door) == sorted(of_dbt)
    assert len({code for _, code, _ in of_dbt}) == country.query("select count(*) from rules where true_of_good_rows is not null")[0][0], (
        "every rule of a row was compared"
    )


def test_rejected_rows_are_those_with_an_error(country: Country) -> None:
    planted = {(row["record"], Path(row["file"]).name, int(row["row_no"])) for row in truth(country) if row["expected"] == "rejected"}
    found = set(country.query("select record, file_name, row_no from rejected_rows join stg_batches using (record, batch_id)"))
    assert planted and found == planted


def test_unreadable_rows_are_those_planted(country: Country) -> None:
    planted = {(Path(row["file"]).name, int(row["row_no"])) for row in truth(country) if row["expected"] == "unreadable"}
    found = set(country.query("select file_name, src_row_no from stg_unreadable_rows join stg_batches on src_batch_id = batch_id"))
    assert planted and found == planted


def test_delivered_is_accepted_and_rejected_and_unreadable_for_every_batch(country: Country) -> None:
    batches = country.query("select rows_delivered, rows_accepted, rows_rejected, rows_unreadable from batches")
    with (country.sample / "truth" / "files.csv").open(encoding="utf-8", newline="") as file:
        assert len(batches) == sum(not row["note"].startswith("the same bytes") for row in csv.DictReader(file))
    assert all(delivered == accepted + rejected + unreadable for delivered, accepted, rejected, unreadable in batches)
    assert min(sum(column) for column in zip(*batches, strict=True)) > 0


def test_published_figures_are_rebuilt(country: Country) -> None:
    counts = dict(country.query("select status, count(*) from reconciliation where vintage = 'bulletin' and year = 2024 group by status"))
    assert counts["pass"] >= 60
    (compared,) = country.query("select count(*) from reconciliation where year between 2020 and 2025 and vintage <> 'news' and rebuilt_value is not null")[0]
    assert compared >= 300
    assert country.query("select figure_id from reconciliation where status = 'differs'") == []
    assert country.query("select figure_id from reconciliation where status <> 'pass' and reason_zh is null") == []


@pytest.mark.parametrize(
    ("indicator", "dimensions", "printed"),
    [
        # as the bulletin of 2024 prints them
        ("members", {}, "132662.08"),
        ("members", {"scheme": "employee", "member_status": "retired"}, "10457.50"),
        ("fund_current_balance", {"fund_part": "pooled"}, "4639.17"),
        ("fund_cumulative_balance", {"fund_part": "pooled"}, "38628.52"),
        ("avg_inpatient_cost", {"scheme": "employee"}, "11707"),
        ("avg_length_of_stay", {"scheme": "resident"}, "8.5"),
        ("benefit_visits", {"scheme": "employee", "care_type": "pharmacy"}, "22.72"),
        ("maternity_benefit_visits", {}, "3690.80"),
    ],
)
def test_the_bulletin_table_prints_what_the_bulletin_printed(country: Country, indicator: str, dimensions: dict, printed: str) -> None:
    totals = ["scheme", "fund_part", "member_status", "employer_type", "account_mode", "care_type", "hospital_level", "travel_scope"]
    conditions = [f"{name} = '{dimensions[name]}'" if name in dimensions else f"{name} in ('_T', '_Z')" for name in totals]
    rows = country.query(
        "select printed_value, decimals from bulletin_figures where indicator = ? and year = 2024 and region_code = '100000' and " + " and ".join(conditions),
        indicator,
    )
    assert [f"{value:.{decimals}f}" for value, decimals in rows] == [printed]


def test_repeated_enrolment_leaves_members_and_shows_as_duplicates(country: Country) -> None:
    with (country.sample / "truth" / "duplicates.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    assert planted
    rebuilt = dict(
        country.query(
            "select time_period, round(value, 2) from observations where indicator = 'duplicate_members' and region_code = '100000' "
            "and period_kind = 'year' and scheme = '_T'"
        )
    )
    for row in planted:
        assert float(rebuilt[row["year"]]) == pytest.approx(float(row["across_provinces"]), abs=0.01)


def test_the_resident_fund_of_2024_has_a_surplus_in_17_provinces_and_a_deficit_in_14(country: Country) -> None:
    rows = country.query(
        "select sign(current_balance), count(*) from bulletin_province_fund "
        "where year = 2024 and scheme = 'resident' and fund_part = '_T' and region_code <> '660000' group by 1"
    )
    assert dict(rows) == {1: 17, -1: 14}


def test_identities_hold_and_each_compared_something(country: Country) -> None:
    rows = country.query("select identity, compared, failed, largest_difference from identities")
    assert len(rows) > 40
    assert [row for row in rows if row[1] == 0 or row[2] or row[3]] == []


def test_growth_is_not_given_across_a_change_of_definition(country: Country) -> None:
    def growth(indicator: str, year: str) -> object:
        return country.query(
            "select growth_pct from observations where indicator = ? and time_period = ? and region_code = '100000' and period_kind = 'year' "
            "and scheme = 'employee' and member_status = '_T' and care_type in ('_T', '_Z') and hospital_level in ('_T', '_Z')",
            indicator,
            year,
        )[0][0]

    assert growth("benefit_visits", "2024") is None
    assert growth("benefit_visits", "2025") is not None
    assert growth("institution_visits", "2024") is not None


def test_every_region_of_a_level_has_a_row(country: Country) -> None:
    rows = country.query(
        "select count(distinct region_code) from observations where indicator = 'coverage_rate' and period_kind = 'year' "
        "and time_period = '2024' and region_level = 'province'"
    )
    assert rows == [(32,)]
    assert country.query("select count(*) from observations where status = 'missing' and (value is not null or status_reason is null)") == [(0,)]


def test_ingesting_everything_again_changes_nothing(country: Country, tmp_path: Path) -> None:
    for name in ("lake", "inbox"):
        shutil.copytree(country.home / name, tmp_path / name)

    def listing() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (tmp_path / "lake").rglob("*.parquet")}

    before = listing()
    run = gongbao(tmp_path, "ingest", country.sample)
    assert "already" in run.stdout + run.stderr
    assert listing() == before
