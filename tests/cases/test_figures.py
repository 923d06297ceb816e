"""What is published of deliveries as offices and programs really make them; the folders lie in `deliveries/`.

Fund figures are those of the pooled fund. dbt builds the figures in this process, without publication (`test_published.py` publishes).
Deliveries whose subjects do not meet share a lake, so that there are few builds. Where a delivery may be refused instead,
`test_deliveries.py` says with which words.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from building import Figure, Statistics

# The deliveries of one lake: of each subject (fund by scheme, settlements, members) at most one.
LAKES = (
    ("ledger-months-then-cumulative", "resident-books-version", "away-direct-cities", "coverage-one-province"),
    ("ledger-flash-then-final", "resident-books-parts", "keys-two-provinces", "population-county-without-city"),
    ("ledger-agency-levels", "identity-three", "rates-of-zero"),
    ("ledger-missing-months", "null-words-of-programs"),
    ("months-payable-young-book", "refund-columns-of-one-province"),
    ("growth-of-a-deficit", "two-files-one-key"),
    ("ledger-without-opening",),
    ("partial-year",),
    ("tail-of-january",),
    ("ids-as-formula-text",),
    ("word-of-two-codes",),
    ("flag-outside-list",),
)
TESTS = {"ledger-without-opening": ["+identities_hold"]}  # data tests that must pass as well


def of(name: str) -> pytest.MarkDecorator:
    """The test reads the statistics of a delivery: those of its lake, or None when the delivery was refused."""
    (lake,) = [lake for lake in LAKES if name in lake]
    return pytest.mark.parametrize("found", [pytest.param((lake, name, *TESTS.get(name, ())), marks=pytest.mark.xdist_group(lake[0]), id=name)], indirect=True)


def fund(statistics: Statistics, indicator: str, region: str, period: str, kind: str = "", *, scheme: str = "employee") -> Figure:
    """A figure of the pooled fund."""
    return statistics.figure(f"fund_{indicator}", region, period, kind, scheme=scheme, fund_part="pooled")


# ---------------------------------------------------------------- the fund's books


@of("ledger-months-then-cumulative")
def test_months_and_then_a_cumulative_december_are_one_year(found: Statistics) -> None:
    if found is None:
        return
    assert (fund(found, "income", "370100", "2024").value, fund(found, "expenditure", "370100", "2024").value) == (1200, 1080)
    assert (fund(found, "income", "370100", "2024-12").value, fund(found, "expenditure", "370100", "2024-12").value) == (100, 90)


@of("ledger-flash-then-final")
def test_a_final_entry_comes_before_flash_ones_whatever_the_basis(found: Statistics) -> None:
    for region in ("370100", "370000", "100000"):
        assert (fund(found, "income", region, "2024").value, fund(found, "expenditure", region, "2024").value) == (1230, 1100)


@of("ledger-agency-levels")
def test_books_of_two_agency_levels_are_added(found: Statistics) -> None:
    if found is None:
        return
    assert (fund(found, "income", "370100", "2024").value, fund(found, "expenditure", "370100", "2024").value) == (1800, 1440)
    assert found.rejected("fund_ledger") == {}


@of("ledger-missing-months")
def test_a_month_without_an_entry_is_missing_and_its_year_is_not_normal(found: Statistics) -> None:
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


@of("ledger-without-opening")
def test_a_book_without_any_balance_makes_the_balance_of_its_province_missing_and_stops_nothing(found: Statistics) -> None:
    for year, balance in (("2023", 1240), ("2024", 1480)):
        assert fund(found, "income", "370000", year).value == 2400
        assert fund(found, "cumulative_balance", "370200", year).value == balance
        assert fund(found, "cumulative_balance", "371400", year).missing
        assert fund(found, "cumulative_balance", "370000", year).missing
    payable = fund(found, "months_payable", "370000", "2023").value
    assert payable is None or payable == Decimal("15.5")


@of("resident-books-version")
def test_a_version_is_chosen_among_the_entries_of_one_scheme_code(found: Statistics) -> None:
    assert _resident(found) == (1320, 1056, 1364)


@of("resident-books-parts")
def test_parts_of_one_scheme_code_do_not_silence_the_whole_of_another(found: Statistics) -> None:
    assert _resident(found)[:2] == (1320, 1056)


def _resident(found: Statistics) -> tuple[Decimal | None, ...]:
    return tuple(fund(found, name, "370200", "2024", scheme="resident").value for name in ("income", "expenditure", "cumulative_balance"))


@of("months-payable-young-book")
def test_months_payable_are_missing_where_a_book_has_less_than_twelve_months(found: Statistics) -> None:
    payable = fund(found, "months_payable", "370000", "2023").value
    assert payable is None or payable == 16


@of("growth-of-a-deficit")
def test_a_deficit_that_halves_has_a_change_and_no_growth(found: Statistics) -> None:
    for region in ("370200", "370000", "100000"):
        balance = fund(found, "current_balance", region, "2024")
        assert (fund(found, "current_balance", region, "2023").value, balance.value, balance.change, balance.growth) == (-1200, -600, 600, None)


# ---------------------------------------------------------------- settlements


@of("partial-year")
def test_a_part_of_a_year_is_not_compared_with_a_year(found: Statistics) -> None:
    for region in ("370000", "100000"):
        visits = found.figure("benefit_visits", region, "2025")
        assert visits.value == 12 and visits.growth is None and not visits.normal
        assert found.figure("benefit_visits", region, "2024").value == 48


@of("keys-two-provinces")
def test_settlements_of_two_provinces_with_the_same_numbers_are_all_counted(found: Statistics) -> None:
    visits = {region: found.figure("benefit_visits", region, "2024").value for region in ("100000", "370000", "510000")}
    costs = {region: found.figure("medical_cost", region, "2024").value for region in ("100000", "370000", "510000")}
    assert visits == {"100000": 20, "370000": 10, "510000": 10}
    assert costs == {"100000": 4000, "370000": 1000, "510000": 3000}


@of("null-words-of-programs")
def test_null_words_of_programs_are_neither_one_visit_nor_one_person(found: Statistics) -> None:
    assert (found.figure("benefit_visits", "100000", "2024").value, found.figure("medical_cost", "100000", "2024").value) == (10, 1000)
    assert sorted(found.rejected("enrollment").values()) == ["ENRL-002"] * 5
    assert found.figure("members", "100000", "2024").value == 5


@of("ids-as-formula-text")
def test_persons_with_and_without_a_spreadsheets_marks_are_the_same_persons(found: Statistics) -> None:
    if found is not None:
        assert found.figure("members", "100000", "2021").value == 2


@of("identity-three")
def test_a_settlement_that_breaks_identity_three_is_rejected_where_a_field_is_absent(found: Statistics) -> None:
    assert found.rejected("settlement") == {3: "SETL-013"}
    assert (found.figure("medical_cost", "100000", "2024").value, found.figure("benefit_visits", "100000", "2024").value) == (100, 1)


@of("away-direct-cities")
def test_cities_run_by_their_province_are_away_from_one_another(found: Statistics) -> None:
    assert found.figure("away_visits", "420000", "2024").value == 2
    assert found.figure("away_visits", "420000", "2024", travel_scope="in_province").value == 2


@of("word-of-two-codes")
def test_a_word_of_two_codes_of_one_kind_is_counted(found: Statistics) -> None:
    if found is not None:
        assert found.figure("benefit_visits", "370000", "2024", care_type="outpatient_emergency").value == 2


@of("refund-columns-of-one-province")
def test_a_remark_on_refunds_stands_only_where_they_cannot_be_told_apart(found: Statistics) -> None:
    remarks = {region: "refund" in found.figure("benefit_visits", region, "2024").reason for region in ("100000", "370000", "370200", "510000", "510100")}
    assert remarks == {"100000": True, "370000": True, "370200": True, "510000": False, "510100": False}


@of("two-files-one-key")
def test_of_files_of_one_command_the_later_in_the_order_given_counts(found: Statistics) -> None:
    assert found.figure("medical_cost", "370000", "2024").value == 200


@of("flag-outside-list")
def test_a_flag_outside_its_list_is_never_accepted_and_counted_nowhere(found: Statistics) -> None:
    if found is not None:
        assert found.figure("benefit_visits", "370000", "2024").value == 5


# ---------------------------------------------------------------- rates, stocks, population


@of("coverage-one-province")
def test_a_rate_of_the_nation_takes_the_provinces_that_have_both_parts(found: Statistics) -> None:
    assert found.figure("coverage_rate", "370000", "2024").value == 80
    nation = found.figure("coverage_rate", "100000", "2024")
    assert nation.missing or (nation.value == 80 and not nation.normal and "1" in nation.reason)


@of("population-county-without-city")
def test_a_county_whose_city_was_not_delivered_is_not_added_to_its_province(found: Statistics) -> None:
    assert (found.figure("resident_population", "370000", "2024").value, found.figure("resident_population", "370202", "2024").value) == (100, 10)
    assert found.figure("coverage_rate", "370000", "2024").value == 15


@of("tail-of-january")
def test_a_stock_after_the_last_delivered_month_is_not_normal_and_has_no_growth(found: Statistics) -> None:
    members = found.figure("members", "370000", "2025")
    assert not members.normal and members.growth is None and members.change is None


@of("rates-of-zero")
def test_a_rate_of_zero_is_zero_and_not_missing(found: Statistics) -> None:
    rates = {region: found.figure("direct_settlement_rate", region, "2024").value for region in ("370200", "370100")}
    assert rates == {"370200": 0, "370100": 100}
    assert round(found.figure("direct_settlement_rate", "370000", "2024").value, 2) == Decimal("33.33")
    assert found.figure("direct_settlement_visits", "370200", "2024").value == 0
    assert found.figure("in_service_retired_ratio", "370200", "2024").value == 0
