"""What is published of deliveries as offices and programs really make them; the folders lie in `deliveries/`.

Fund figures are those of the pooled fund. Every lake is small: dbt builds the figures in this process, without publication; the
deliveries that once stopped every publication, and those with personal values where none belong, go through `gongbao build` together.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from building import Figure, Statistics
from conftest import Figures
from delivering import DELIVERIES, Delivered

EMPLOYEE = {"scheme": "employee", "fund_part": "pooled"}
RESIDENT = {"scheme": "resident", "fund_part": "pooled"}


def fund(statistics: Statistics, indicator: str, region: str, period: str, kind: str = "", *, scheme: str = "employee") -> Figure:
    """A figure of the pooled fund."""
    return statistics.figure(f"fund_{indicator}", region, period, kind, scheme=scheme, fund_part="pooled")


# ---------------------------------------------------------------- the fund's books


def test_months_and_then_a_cumulative_december_are_one_year(figures_of: Figures) -> None:
    delivered, found = figures_of("ledger-months-then-cumulative")
    if found is None:
        delivered.refuses("basis")
        return
    assert (fund(found, "income", "370100", "2024").value, fund(found, "expenditure", "370100", "2024").value) == (1200, 1080)
    assert (fund(found, "income", "370100", "2024-12").value, fund(found, "expenditure", "370100", "2024-12").value) == (100, 90)


def test_a_final_entry_comes_before_flash_ones_whatever_the_basis(figures_of: Figures) -> None:
    _, found = figures_of("ledger-flash-then-final")
    for region in ("370100", "370000", "100000"):
        assert (fund(found, "income", region, "2024").value, fund(found, "expenditure", region, "2024").value) == (1230, 1100)


def test_books_of_two_agency_levels_are_added(figures_of: Figures) -> None:
    delivered, found = figures_of("ledger-agency-levels")
    if found is None:
        delivered.refuses("agency_level")
        return
    assert (fund(found, "income", "370100", "2024").value, fund(found, "expenditure", "370100", "2024").value) == (1800, 1440)
    assert found.rejected("fund_ledger") == {}


def test_a_month_without_an_entry_is_missing_and_its_year_is_not_normal(figures_of: Figures) -> None:
    _, found = figures_of("ledger-missing-months")
    assert fund(found, "income", "370100", "2024-07").missing
    for period in ("2024", "2024-S2"):
        assert not fund(found, "income", "370100", period).normal
    assert not fund(found, "income", "370100", "2024-07", "ytd").normal
    assert fund(found, "income", "370100", "2024-06", "ytd").normal
    # the first cumulative entry covers January to June: no month of them stands alone, the sums do
    assert fund(found, "income", "370200", "2024-06").missing
    assert fund(found, "income", "370200", "2024-07").value == 100
    assert fund(found, "income", "370200", "2024").value == 1200
    assert found.reviewed("370100") and found.reviewed("370200")


def test_a_book_without_any_balance_makes_the_balance_of_its_province_missing_and_stops_nothing(figures_of: Figures) -> None:
    _, found = figures_of("ledger-without-opening", "+identities_hold")
    for year, balance in (("2023", 1240), ("2024", 1480)):
        assert fund(found, "income", "370000", year).value == 2400
        assert fund(found, "cumulative_balance", "370200", year).value == balance
        assert fund(found, "cumulative_balance", "371400", year).missing
        assert fund(found, "cumulative_balance", "370000", year).missing
    payable = fund(found, "months_payable", "370000", "2023").value
    assert payable is None or payable == Decimal("15.5")


def test_a_version_is_chosen_among_the_entries_of_one_scheme_code(figures_of: Figures) -> None:
    _, found = figures_of("resident-books-version")
    assert _resident(found) == (1320, 1056, 1364)


def test_parts_of_one_scheme_code_do_not_silence_the_whole_of_another(figures_of: Figures) -> None:
    _, found = figures_of("resident-books-parts")
    assert _resident(found)[:2] == (1320, 1056)


def _resident(found: Statistics) -> tuple[Decimal | None, ...]:
    return tuple(fund(found, name, "370200", "2024", scheme="resident").value for name in ("income", "expenditure", "cumulative_balance"))


def test_months_payable_are_missing_where_a_book_has_less_than_twelve_months(figures_of: Figures) -> None:
    _, found = figures_of("months-payable-young-book")
    payable = fund(found, "months_payable", "370000", "2023").value
    assert payable is None or payable == 16


def test_a_deficit_that_halves_has_a_change_and_no_growth(figures_of: Figures) -> None:
    _, found = figures_of("growth-of-a-deficit")
    for region in ("370200", "370000", "100000"):
        balance = fund(found, "current_balance", region, "2024")
        assert (fund(found, "current_balance", region, "2023").value, balance.value, balance.change, balance.growth) == (-1200, -600, 600, None)


# ---------------------------------------------------------------- settlements


def test_a_part_of_a_year_is_not_compared_with_a_year(figures_of: Figures) -> None:
    _, found = figures_of("partial-year")
    for region in ("370000", "100000"):
        visits = found.figure("benefit_visits", region, "2025")
        assert visits.value == 12 and visits.growth is None and not visits.normal
        assert found.figure("benefit_visits", region, "2024").value == 48


def test_settlements_of_two_provinces_with_the_same_numbers_are_all_counted(figures_of: Figures) -> None:
    delivered, found = figures_of("keys-two-provinces")
    assert delivered.ingested.exit_code == 0
    visits = {region: found.figure("benefit_visits", region, "2024").value for region in ("100000", "370000", "510000")}
    costs = {region: found.figure("medical_cost", region, "2024").value for region in ("100000", "370000", "510000")}
    assert visits == {"100000": 20, "370000": 10, "510000": 10}
    assert costs == {"100000": 4000, "370000": 1000, "510000": 3000}


def test_null_words_of_programs_are_neither_one_visit_nor_one_person(figures_of: Figures) -> None:
    _, found = figures_of("null-words-of-programs")
    assert (found.figure("benefit_visits", "100000", "2024").value, found.figure("medical_cost", "100000", "2024").value) == (10, 1000)
    assert sorted(found.rejected("enrollment").values()) == ["ENRL-002"] * 5
    assert found.figure("members", "100000", "2024").value == 5


def test_persons_with_and_without_a_spreadsheets_marks_are_the_same_persons(figures_of: Figures) -> None:
    delivered, found = figures_of("ids-as-formula-text")
    if len(delivered.batches()) == 2:
        assert found.figure("members", "100000", "2021").value == 2
    else:
        delivered.names("psn_no")


def test_a_settlement_that_breaks_identity_three_is_rejected_where_a_field_is_absent(figures_of: Figures) -> None:
    _, found = figures_of("identity-three")
    assert found.rejected("settlement") == {3: "SETL-013"}
    assert (found.figure("medical_cost", "100000", "2024").value, found.figure("benefit_visits", "100000", "2024").value) == (100, 1)


def test_cities_run_by_their_province_are_away_from_one_another(figures_of: Figures) -> None:
    _, found = figures_of("away-direct-cities")
    assert found.figure("away_visits", "420000", "2024").value == 2
    assert found.figure("away_visits", "420000", "2024", travel_scope="in_province").value == 2


def test_a_word_of_two_codes_of_one_kind_is_counted(figures_of: Figures) -> None:
    delivered, found = figures_of("word-of-two-codes")
    if found is None:
        delivered.refuses("意外伤害门诊", "19", "81")
        return
    assert found.figure("benefit_visits", "370000", "2024", care_type="outpatient_emergency").value == 2


def test_a_remark_on_refunds_stands_only_where_they_cannot_be_told_apart(figures_of: Figures) -> None:
    _, found = figures_of("refund-columns-of-one-province")
    remarks = {region: "refund" in found.figure("benefit_visits", region, "2024").reason for region in ("100000", "370000", "370200", "510000", "510100")}
    assert remarks == {"100000": True, "370000": True, "370200": True, "510000": False, "510100": False}


def test_of_files_of_one_command_the_later_in_the_order_given_counts(figures_of: Figures) -> None:
    _, found = figures_of("two-files-one-key")
    assert found.figure("medical_cost", "370000", "2024").value == 200


def test_a_flag_outside_its_list_is_never_accepted_and_counted_nowhere(figures_of: Figures) -> None:
    delivered, found = figures_of("flag-outside-list")
    if found is None:
        delivered.refuses("vali_flag", "Y", "5")
    else:
        assert found.figure("benefit_visits", "370000", "2024").value == 5


# ---------------------------------------------------------------- rates, stocks, population


def test_a_rate_of_the_nation_takes_the_provinces_that_have_both_parts(figures_of: Figures) -> None:
    _, found = figures_of("coverage-one-province")
    assert found.figure("coverage_rate", "370000", "2024").value == 80
    nation = found.figure("coverage_rate", "100000", "2024")
    assert nation.missing or (nation.value == 80 and not nation.normal and "1" in nation.reason)


def test_a_county_whose_city_was_not_delivered_is_not_added_to_its_province(figures_of: Figures) -> None:
    _, found = figures_of("population-county-without-city")
    assert (found.figure("resident_population", "370000", "2024").value, found.figure("resident_population", "370202", "2024").value) == (100, 10)
    assert found.figure("coverage_rate", "370000", "2024").value == 15


def test_a_stock_after_the_last_delivered_month_is_not_normal_and_has_no_growth(figures_of: Figures) -> None:
    _, found = figures_of("tail-of-january")
    members = found.figure("members", "370000", "2025")
    assert not members.normal and members.growth is None and members.change is None


def test_a_rate_of_zero_is_zero_and_not_missing(figures_of: Figures) -> None:
    _, found = figures_of("rates-of-zero")
    rates = {region: found.figure("direct_settlement_rate", region, "2024").value for region in ("370200", "370100")}
    assert rates == {"370200": 0, "370100": 100}
    assert round(found.figure("direct_settlement_rate", "370000", "2024").value, 2) == Decimal("33.33")
    assert found.figure("direct_settlement_visits", "370200", "2024").value == 0
    assert found.figure("in_service_retired_ratio", "370200", "2024").value == 0


# ---------------------------------------------------------------- through the whole build


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, empty_lake: Path) -> Delivered:
    """Four deliveries in one lake, built and published as a user does."""
    folder = tmp_path_factory.mktemp("together")
    delivered = Delivered(folder / "files", folder / "data")
    shutil.copytree(empty_lake, delivered.home)
    for name in ("footer-names", "key-holds-certificate", "population-of-the-nation", "ledger-book-ends"):
        for path in (DELIVERIES / name).rglob("*.*"):
            target = delivered.folder / path.parent.name / f"{name}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    delivered.ingest()
    build = delivered.command("build")
    assert build.exit_code == 0, build.text
    return delivered


@pytest.fixture(scope="module")
def figures(published: Delivered) -> Statistics:
    return Statistics(published.home / "published" / "gongbao.duckdb")


def test_a_book_that_ends_is_reviewed_and_stops_no_publication(figures: Statistics) -> None:
    assert (fund(figures, "income", "370000", "2023").value, fund(figures, "income", "370000", "2024").value) == (2400, 1200)
    assert fund(figures, "cumulative_balance", "371400", "2023").value == 740
    assert figures.reviewed("371400")


def test_a_nation_with_more_people_than_its_provinces_stops_no_publication(figures: Statistics) -> None:
    found = {region: figures.figure("resident_population", region, "2024").value for region in ("100000", "370000", "510000")}
    assert found == {"100000": 5000, "370000": 100, "510000": 90}


def test_no_personal_value_of_a_footer_or_a_key_leaves_the_inbox(published: Delivered) -> None:
    everything = published.everything_outside_the_inbox()
    assert "张三" not in everything and "3701021901010100" not in everything


def test_the_workbook_of_rejected_rows_has_no_certificate_number(published: Delivered) -> None:
    (batch,) = [batch for batch in published.batches("enrollment") if batch["rows_typed"] == 5 and "certno" in batch["columns_delivered"]]
    workbook = published.home / "rejects.xlsx"
    answer = published.command("rejects", "--batch", batch["batch_id"], "--xlsx", workbook)
    assert answer.exit_code == 0, answer.text
    cells = [str(cell) for sheet in openpyxl.load_workbook(workbook) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "ENRL-006" in " ".join(cells) and not any("3701021901010100" in cell for cell in cells)
