"""The whole way on the sample country: from delivered files to figures that agree with what was published."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from country import Country, gongbao

from gongbao.contracts import load_contracts
from gongbao.ingest import rules


@pytest.fixture(scope="module")
def published(country: Country) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file."""
    with duckdb.connect(str(country.home / "published" / "gongbao.duckdb"), read_only=True) as connection:
        yield connection


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
    ("indicator", "dims", "printed"),
    [
        # as the bulletin of 2024 prints them
        ("members", "", "132662.08"),
        ("members", "member_status=retired;scheme=employee", "10457.50"),
        ("fund_current_balance", "fund_part=pooled", "4639.17"),
        ("fund_cumulative_balance", "fund_part=pooled", "38628.52"),
        ("avg_inpatient_cost", "scheme=employee", "11707"),
        ("avg_length_of_stay", "scheme=resident", "8.5"),
        ("benefit_visits", "care_type=pharmacy;scheme=employee", "22.72"),
        ("maternity_benefit_visits", "", "3690.80"),
    ],
)
def test_the_bulletin_prints_what_the_bulletin_printed(published: duckdb.DuckDBPyConnection, indicator: str, dims: str, printed: str) -> None:
    rows = published.execute(
        "select printed_value, decimals from bulletin_figures where indicator = ? and dims = ? and period_kind = 'year' and time_period = '2024' "
        "and region_code = '100000' and print_level = 'nation'",
        [indicator, dims],
    ).fetchall()
    assert [f"{value:.{decimals}f}" for value, decimals in rows] == [printed]


@pytest.mark.parametrize(
    ("table", "column", "printed"),
    [
        # as the bulletin of 2024 prints them
        ("bulletin_overview", "pooled_current_balance", "4639.17"),
        ("bulletin_employee_members", "retired", "10457.50"),
        ("bulletin_employee_inpatient", "cost_per_stay", "11707"),
        ("bulletin_resident_inpatient", "length_of_stay", "8.5"),
        ("bulletin_employee_benefits", "pharmacy_visits", "22.72"),
        ("bulletin_maternity", "benefit_visits", "3690.80"),
    ],
)
def test_a_printed_table_has_the_figure_in_its_column(published: duckdb.DuckDBPyConnection, table: str, column: str, printed: str) -> None:
    rows = published.execute(f"select {column} from {table} where year = 2024 and region_code = '100000'").fetchall()
    assert rows == [(Decimal(printed),)]


def test_every_observation_is_printed_once_at_its_level_and_the_nation_at_both(published: duckdb.DuckDBPyConnection) -> None:
    count = "select print_level, region_level = 'nation', count(*) from {} group by all order by all"
    printed = published.execute(count.format("bulletin_figures")).fetchall()
    levels = "(select unnest(if(region_level = 'nation', ['below', 'nation'], ['below'])) as print_level, region_level from observations)"
    assert printed == published.execute(count.format(levels)).fetchall()
    assert len(printed) == 3


def test_a_province_prints_visits_in_ten_thousands_with_two_decimals_half_up(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        """
        select printed.year, visits_by_insured, value
        from bulletin_province_away_care as printed
        join observations as o on o.time_period = cast(printed.year as varchar) and o.region_code = printed.region_code
        where o.indicator = 'away_visits' and o.dims = '' and o.period_kind = 'year' and value is not null
        """
    ).fetchall()
    assert {year for year, _, _ in rows} >= {2020, 2025}, "years of editions with other decimals"
    assert len(rows) > 150
    assert [printed for _, printed, _ in rows] == [(value / 10000).quantize(Decimal("0.01"), ROUND_HALF_UP) for _, _, value in rows]


def test_every_printed_column_has_a_figure_of_the_nation_or_a_province(published: duckdb.DuckDBPyConnection) -> None:
    tables = [name for (name,) in published.execute("select table_name from duckdb_tables() where table_name like 'bulletin_%'").fetchall()]
    assert len(tables) > 12
    empty = []
    for table in tables:
        frame = published.execute(f"select count(columns(*)) from {table}")
        names = [column[0] for column in frame.description]
        empty += [f"{table}.{name}" for name, count in zip(names, frame.fetchone(), strict=True) if not count]
    assert empty == []


def test_the_five_year_charts_are_those_of_the_bulletin(published: duckdb.DuckDBPyConnection) -> None:
    lines = published.execute("select chart, list(distinct series order by series) from bulletin_five_years group by chart").fetchall()
    assert dict(lines) == {
        "employee_members_structure": ["in_service", "retired"],
        "employee_fund": ["expenditure", "income"],
        "employee_inpatient": ["cost_per_stay", "discharges"],
        "resident_fund": ["expenditure", "income"],
        "resident_visits": ["benefit_visits", "institution_visits"],
        "resident_inpatient": ["cost_per_stay", "discharges"],
        "maternity": ["benefit_visits", "members"],
        "away_care": ["cost", "visits"],
        "long_term_care_persons": ["beneficiaries", "members"],
        "long_term_care_fund": ["expenditure", "income"],
    }
    windows = published.execute("select distinct edition_year - year from bulletin_five_years order by 1").fetchall()
    assert [back for (back,) in windows] == [0, 1, 2, 3, 4]


def test_repeated_enrolment_leaves_members_and_shows_as_duplicates(country: Country) -> None:
    with (country.sample / "truth" / "duplicates.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    assert planted
    rebuilt = dict(
        country.query(
            "select time_period, round(value, 2) from observations where indicator = 'duplicate_members' and region_code = '100000' "
            "and period_kind = 'year' and dims = ''"
        )
    )
    for row in planted:
        assert float(rebuilt[row["year"]]) == pytest.approx(float(row["across_provinces"]), abs=0.01)


def test_the_resident_fund_of_2024_has_a_surplus_in_17_provinces_and_a_deficit_in_14(country: Country) -> None:
    rows = country.query(
        "select sign(current_balance), count(*) from bulletin_province_fund "
        "where year = 2024 and dims = 'scheme=resident' and region_code <> '660000' group by 1"
    )
    assert dict(rows) == {1: 17, -1: 14}


def test_identities_hold_and_each_compared_something(country: Country) -> None:
    rows = country.query("select identity, compared, failed, largest_difference from identities")
    assert len(rows) > 40
    assert [row for row in rows if row[1] == 0 or row[2] or row[3]] == []


def test_growth_is_not_given_across_a_change_of_definition(country: Country) -> None:
    def growth(indicator: str, year: str, dims: str = "scheme=employee") -> object:
        return country.query(
            "select growth_pct from observations where indicator = ? and time_period = ? and dims = ? and region_code = '100000' and period_kind = 'year'",
            indicator,
            year,
            dims,
        )[0][0]

    # From 2024 the sum of all care has pharmacies in it: in every cell that is not split by the kind of care, and in no other.
    assert growth("benefit_visits", "2024") is None
    assert growth("benefit_visits", "2024", "") is None
    assert growth("benefit_visits", "2024", "care_type=inpatient;scheme=employee") is not None
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
