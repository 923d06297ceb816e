"""Further deliveries of the same kinds: what is published of them. One lake holds many, each in a region of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from building import Builder, Figure, Statistics
from delivering import Delivered
from writing import HEADERS, csv_file, entry, settlement, spell


def deliver_and_build(folder: Path, empty_lake: Path, builder: Builder, read_by_an_older_version: str = "") -> Statistics:
    """The statistics of the files in a folder; one of them may lie in the lake as versions wrote it that did not log the years of rows."""
    delivered = Delivered(folder / "files", folder / "data")
    shutil.copytree(empty_lake, delivered.home)
    delivered.ingest()
    for batch in delivered.batches():
        if batch["file_name"] == read_by_an_older_version:
            (delivered.home / "lake" / batch["record"] / batch["batch_id"] / "years.parquet").unlink()
    return builder.build(delivered.home)


# ---------------------------------------------------------------- books


def months(region: str, year: int, first: int, last: int, item: str, amount: object, **other: str) -> list[dict[str, str]]:
    return [entry(region, f"{year}{month:02}", item, amount, **other) for month in range(first, last + 1)]


def cumulative(region: str, item: str, amounts: dict[int, int]) -> list[dict[str, str]]:
    return [entry(region, f"2024{month:02}", item, amount, basis="C") for month, amount in amounts.items()]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, empty_lake: Path, builder: Builder) -> Statistics:
    """A lake of books of 2023 and 2024 with gaps, mixed bases, beginnings and ends."""
    rows = cumulative("370300", "I01", {3: 300, 6: 600, 9: 900, 12: 1200})
    falling = {month: 100 * month for month in range(1, 13)} | {7: 550}
    rows += cumulative("370400", "I01", falling)
    rows += cumulative("370500", "I01", {month: 100 * month for month in range(1, 7)}) + months("370500", 2024, 7, 12, "I01", 100)
    rows += months("510100", 2023, 1, 12, "I01", 100) + months("510100", 2024, 1, 12, "I01", 100) + months("510300", 2024, 1, 12, "I01", 100)
    rows += (
        months("420100", 2023, 1, 12, "I01", 0)
        + months("420100", 2023, 1, 12, "E01", 10)
        + months("420100", 2024, 1, 12, "I01", 100)
        + months("420100", 2024, 1, 12, "E01", 10)
    )
    rows += months("330100", 2023, 1, 12, "I01", 100) + months("330100", 2024, 1, 3, "I01", 100)
    rows += months("610100", 2023, 1, 12, "I01", 100) + months("610100", 2024, 1, 12, "I01", 100) + months("610200", 2023, 1, 12, "I01", 100)
    for region, before, after in (("320100", (100, 200), (200, 100)), ("350100", (200, 100), (100, 150)), ("360100", (100, 200), (100, 300))):
        for year, (earned, spent) in ((2023, before), (2024, after)):
            rows += months(region, year, 1, 12, "I01", earned) + months(region, year, 1, 12, "E01", spent)
    city, county = {"agency_level": "2"}, {"agency_level": "3"}
    rows += months("430100", 2024, 1, 12, "I01", 90, version="flash", **city) + months("430100", 2024, 1, 12, "I01", 100, **city)
    rows += months("430100", 2024, 1, 12, "I01", 10, version="flash", **county)
    rows += months("440100", 2024, 1, 12, "I01", 100, **city) + [row | county for row in cumulative("440100", "I01", {3: 60, 6: 120, 9: 180, 12: 240})]
    rows += months("460100", 2024, 1, 12, "I01", 100, scheme="390")
    rows += months("460100", 2024, 1, 12, "I0101", 30, scheme="380") + months("460100", 2024, 1, 12, "I0102", 20, scheme="380")
    rows += months("500100", 2024, 1, 12, "I01", 100, scheme="390", version="flash")
    rows += months("500100", 2024, 1, 12, "I01", 50, scheme="391") + months("500100", 2024, 1, 12, "I01", 40, scheme="391", version="flash")
    folder = tmp_path_factory.mktemp("books")
    csv_file(folder / "files", "fund_ledger", [{"version": "final"} | row for row in rows])
    return deliver_and_build(folder, empty_lake, builder)


def income(books: Statistics, region: str, period: str, kind: str = "") -> Figure:
    return books.figure("fund_income", region, period, kind, scheme="employee", fund_part="pooled")


def test_cumulative_quarters_give_sums_and_no_months(books: Statistics) -> None:
    assert [income(books, "370300", period).value for period in ("2024", "2024-S1", "2024-S2")] == [1200, 600, 600]
    assert income(books, "370300", "2024-06", "ytd").value == 600
    assert all(income(books, "370300", f"2024-{month:02}").missing for month in (1, 2, 3, 5, 6, 8, 9, 12))
    assert books.reviewed("370300")


def test_a_falling_cumulative_figure_is_reviewed_and_its_year_stands(books: Statistics) -> None:
    assert income(books, "370400", "2024").value == 1200
    assert any("2024" in row for row in books.reviewed("370400"))


def test_a_cumulative_half_and_months_after_it_are_one_year(books: Statistics) -> None:
    assert [income(books, "370500", period).value for period in ("2024", "2024-S1", "2024-06", "2024-07")] == [1200, 600, 100, 100]


def test_a_book_that_begins_is_no_growth_of_its_province(books: Statistics) -> None:
    assert income(books, "510000", "2024").value == 2400
    assert income(books, "510000", "2024").growth is None
    assert income(books, "510100", "2024").growth == 0


def test_a_sum_that_misses_a_book_of_the_year_before_is_not_normal(books: Statistics) -> None:
    total = income(books, "610000", "2024")
    assert total.value == 1200 and not total.normal and total.growth is None


def test_growth_from_zero_and_a_surplus_of_no_income_are_empty(books: Statistics) -> None:
    grown = income(books, "420100", "2024")
    assert (grown.value, grown.change, grown.growth) == (1200, 1200, None)
    rates = [books.figure("fund_surplus_rate", "420100", year, scheme="employee", fund_part="pooled").value for year in ("2023", "2024")]
    assert rates == [None, 90]


@pytest.mark.parametrize(
    ("region", "balance", "change", "growth"),
    [
        ("320100", 1200, 2400, None),  # a deficit becomes a surplus
        ("350100", -600, -1800, -150),  # a surplus becomes a deficit
        ("360100", -2400, -1200, None),  # a deficit doubles
    ],
)
def test_a_balance_grows_only_from_above_zero(books: Statistics, region: str, balance: int, change: int, growth: int | None) -> None:
    found = books.figure("fund_current_balance", region, "2024", scheme="employee", fund_part="pooled")
    assert (found.value, found.change, found.growth) == (balance, change, growth)


def test_each_agency_level_has_its_own_version_and_basis(books: Statistics) -> None:
    assert income(books, "430100", "2024").value == 12 * (100 + 10)
    assert [income(books, "440100", period).value for period in ("2024", "2024-S1")] == [12 * 100 + 240, 6 * 100 + 120]
    march = income(books, "440100", "2024-03")
    assert march.value == 100 and not march.normal


def test_each_book_of_residents_has_its_own_version_and_parts(books: Statistics) -> None:
    of_residents = {region: books.figure("fund_income", region, "2024", scheme="resident", fund_part="pooled").value for region in ("460100", "500100")}
    assert of_residents == {"460100": 12 * (100 + 30 + 20), "500100": 12 * (100 + 50)}


def test_a_quarter_of_a_year_is_not_normal_as_a_year(books: Statistics) -> None:
    for region in ("330100", "330000"):
        quarter = income(books, region, "2024")
        assert not quarter.normal and quarter.growth is None
    assert income(books, "330100", "2024-03").value == 100


# ---------------------------------------------------------------- settlements, spells, population


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, empty_lake: Path, builder: Builder) -> Statistics:
    """A lake of settlements, spells and population of 2023 and 2024 that do not cover the same places."""
    folder = tmp_path_factory.mktemp("places")
    files = folder / "files"
    year = [settlement(f"y{month}", setl_time=f"2024-{month:02}-15 10:00:00") for month in range(1, 13)]
    csv_file(files, "settlement", [*year, settlement(1), settlement(2, setl_time="2098-05-06 10:00:00")], "a-37.csv")
    csv_file(files, "settlement", [settlement(1, "370200", medfee_sumamt="250.00")], "b-37.csv")
    csv_file(files, "settlement", [settlement(1, "659001", fix_blng_admdvs="659002"), settlement(2, "659001")], "c-65.csv")
    csv_file(files, "settlement", [settlement(1, "542100"), settlement(2, "632100", med_type="21", mdtrt_id="V2")], "d-54.csv")
    csv_file(files, "enrollment", [spell(1, updt_time="2025-01-05 00:00:00"), spell(2), spell(3)], "a-37.csv")
    csv_file(files, "enrollment", [spell(1, "510100", psn_no="Q1"), spell(2, "510100", psn_no="Q2"), spell(3, "510100", psn_no="Q3")], "b-51.csv")
    haidong = [spell("h1", "632100", psn_no="H1", updt_time="2025-01-05 00:00:00"), spell("h2", "632100", psn_no="H2", crt_insu_date="2024-06-01")]
    csv_file(files, "enrollment", haidong, "c-63.csv")
    for name, amount in (("a", 1), ("b", 2), ("c", 3)):
        csv_file(files, "settlement", [settlement(1, "340100", medfee_sumamt=f"{amount}00.00")], f"{name}-34.csv")
    csv_file(files, "settlement", [settlement(2, "340100", setl_time="2025-01-15 10:00:00")], "d-34.csv")
    updated = {"a": "2024-06-03", "b": "2024-06-02", "c": ""}
    for number, (name, day) in enumerate(updated.items(), 1):
        row = settlement(1, "350100", medfee_sumamt=f"{number}00.00", updt_time=day and f"{day} 00:00:00")
        csv_file(files, "settlement", [row], f"{name}-35.csv")
    mistyped = [spell(4, "510100", crt_insu_date="2204-01-01"), spell(5, "510100", crt_insu_date="1204-01-01")]
    csv_file(files, "enrollment", [spell(number, "510100", psn_no=f"Q{number}") for number in range(10, 50)] + mistyped, "d-51.csv")
    people = [
        ("330100", "2024", "30", "20"),
        ("330200", "2024", "40", "25"),
        ("420000", "2024", "100", "80"),  # the province and one of its counties: nothing is added to it
        ("420102", "2024", "10", "8"),
        ("420100", "2023", "60", "50"),  # a city and one of its counties
        ("420102", "2023", "9", "7"),
        ("100000", "2023", "900", "800"),
    ]
    csv_file(files, "population", [dict(zip(HEADERS["population"], row, strict=True)) for row in people])
    return deliver_and_build(folder, empty_lake, builder, read_by_an_older_version="d-34.csv")


def test_the_years_of_a_batch_that_an_older_version_read_are_those_of_its_rows(places: Statistics) -> None:
    # only that batch has a settlement of 2025
    assert places.query("select first_year, last_year from reporting_period") == [(2024, 2025)]
    assert places.figure("medical_cost", "340100", "2025-01").value == 100


def test_spells_of_two_provinces_with_the_same_keys_are_all_counted(places: Statistics) -> None:
    assert [places.figure("members", region, "2024").value for region in ("370000", "510000")] == [3, 43]


def test_one_key_in_one_province_is_a_version(places: Statistics) -> None:
    assert places.figure("medical_cost", "370000", "2024").value == 12 * 100 + 250


def test_a_mistyped_year_does_not_stretch_the_statistics(places: Statistics) -> None:
    assert places.query("select max(substr(time_period, 1, 4)) from observations")[0][0] in ("2024", "2025")
    assert 15 in places.rejected("settlement")


def test_divisions_run_by_an_autonomous_region_are_away_from_one_another(places: Statistics) -> None:
    assert places.figure("away_visits", "650000", "2024").value == 1
    assert places.figure("away_visits", "650000", "2024", travel_scope="in_province").value == 1


def test_prefectures_that_became_cities_count_under_their_successors(places: Statistics) -> None:
    assert places.figure("benefit_visits", "540300", "2024").value == 1
    assert places.figure("members", "630200", "2024").value == 2


def test_the_base_of_a_rate_between_two_year_ends_is_exact(places: Statistics) -> None:
    # one member at the end of 2023 and two at the end of 2024: one discharge of 1.5 members
    rate = places.figure("hospitalization_rate", "630200", "2024", scheme="employee")
    assert str(rate.value) == "66.6666666667"


def test_what_a_delivered_record_does_not_hold_is_zero_and_what_was_not_delivered_is_missing(places: Statistics) -> None:
    assert places.figure("discharges", "370000", "2024").value == 0
    assert places.figure("discharges", "330000", "2024").missing


def test_a_population_that_was_not_delivered_is_the_sum_of_the_level_below(places: Statistics) -> None:
    assert places.figure("resident_population", "330000", "2024").value == 70
    assert places.figure("coverage_rate", "330000", "2024").missing


def test_of_three_files_of_one_folder_the_last_by_name_counts(places: Statistics) -> None:
    assert places.figure("medical_cost", "340100", "2024").value == 300


def test_of_three_files_the_one_updated_last_counts_whatever_their_names(places: Statistics) -> None:
    assert places.figure("medical_cost", "350100", "2024").value == 100


def test_starts_in_mistyped_years_are_no_members_and_stretch_nothing(places: Statistics) -> None:
    assert places.figure("members", "510100", "2024").value == 43
    assert {codes for row, codes in places.rejected("enrollment").items() if row > 40} == {"ENRL-018"}
    first, last = places.query("select min(substr(time_period, 1, 4)), max(substr(time_period, 1, 4)) from observations where dataflow = 'enrollment'")[0]
    assert first >= "2020" and last == "2025"


def test_a_population_is_what_was_delivered_for_the_place_itself(places: Statistics) -> None:
    found = {(region, year): places.figure("resident_population", region, year).value for region in ("420000", "420100", "420102") for year in ("2023", "2024")}
    assert found == {
        ("420000", "2024"): 100, ("420100", "2024"): 10, ("420102", "2024"): 10,
        ("420000", "2023"): 60, ("420100", "2023"): 60, ("420102", "2023"): 9,
    }  # fmt: skip


def test_the_nation_has_its_own_population_where_one_was_delivered(places: Statistics) -> None:
    assert [places.figure("resident_population", "100000", year).value for year in ("2023", "2024")] == [900, 30 + 40 + 100]


def test_members_of_the_month_after_a_year_are_no_year(places: Statistics) -> None:
    for region, members in (("630200", 2), ("370000", 3)):
        assert places.figure("members", region, "2025-01").value == members
        year = places.figure("members", region, "2025")
        assert not year.normal and year.growth is None and year.change is None
