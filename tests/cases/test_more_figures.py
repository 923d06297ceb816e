"""Further deliveries of the same kinds: what is published of them. One lake holds many, each in a region of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from building import Builder, Figure, Statistics
from delivering import Delivered
from writing import HEADERS, csv_file, entry, settlement, spell


def deliver_and_build(folder: Path, empty_lake: Path, builder: Builder) -> Statistics:
    delivered = Delivered(folder / "files", folder / "data")
    shutil.copytree(empty_lake, delivered.home)
    delivered.ingest()
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
    people = [("330100", "30", "20"), ("330200", "40", "25")]
    csv_file(files, "population", [dict(zip(HEADERS["population"], (region, "2024", *counts), strict=True)) for region, *counts in people])
    return deliver_and_build(folder, empty_lake, builder)


def test_spells_of_two_provinces_with_the_same_keys_are_all_counted(places: Statistics) -> None:
    assert [places.figure("members", region, "2024").value for region in ("370000", "510000")] == [3, 3]


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
