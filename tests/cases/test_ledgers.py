"""Ledgers of one kind each, in a province of their own and all in one lake: what is published of the pooled employee fund.

A month of every book has income 100 and expenditure 80 unless its ledger says otherwise; the expected figures follow from that.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from building import Builder, Figure, Statistics
from delivering import Delivered

COLUMNS = ["pool_region", "agency_level", "scheme", "part", "version", "ym", "basis", "item_code", "amount"]
YEAR = range(1, 13)

Entry = tuple[str, str, str, int]


def months(year: int, of: Iterable[int], income: int = 100, expenditure: int = 80) -> list[Entry]:
    return [(f"{year}{month:02}", "M", item, amount) for month in of for item, amount in (("I01", income), ("E01", expenditure))]


def sums(year: int, of: Iterable[int], income: int = 100, expenditure: int = 80) -> list[Entry]:
    """Cumulative entries of months that bring the same each."""
    return [(f"{year}{month:02}", "C", item, amount * month) for month in of for item, amount in (("I01", income), ("E01", expenditure))]


def opening(month: str, amount: int) -> list[Entry]:
    return [(month, "M", "B01", amount)]


def closing(month: str, amount: int) -> list[Entry]:
    return [(month, "M", "B03", amount)]


def book(region: str, entries: list[Entry], version: str = "final", level: str = "", scheme: str = "310") -> list[tuple]:
    return [(region, level, scheme, "pool", version, *entry) for entry in entries]


LEDGERS = {
    "a gap within months and the sum of the year": book(
        "440100", opening("202401", 1000) + months(2024, [m for m in range(1, 12) if m != 7]) + [("202412", "C", "I01", 1210), ("202412", "C", "E01", 960)]
    ),
    "a sum to March, then months": book("450100", sums(2024, [3]) + months(2024, range(4, 13))),
    "months and sums side by side": book("460100", months(2024, YEAR) + sums(2024, YEAR)),
    "a sum that contradicts its months": book("500100", months(2024, YEAR) + [("202412", "C", "I01", 1230)]),
    "flash by month, final as a sum to June": book("510100", months(2024, YEAR), "flash")
    + book("510100", [("202406", "C", "I01", 650), ("202406", "C", "E01", 500)]),
    "flash as sums, final as the sum of the year": book("520100", sums(2024, YEAR), "flash")
    + book("520100", [("202412", "C", "I01", 1250), ("202412", "C", "E01", 960)]),
    "final to November, flash as the sum of the year": book("340100", months(2024, range(1, 12), 105))
    + book("340100", sums(2024, [12]), "flash")
    + book("340200", months(2024, YEAR)),
    "a level that only some entries name": book("530100", months(2024, YEAR), "flash")
    + book("530100", months(2024, YEAR, 110, 90), level="2")
    + book("530100", months(2024, [1], 999, 999)),
    "a book of quarters and a book of months": book("610100", sums(2024, [3, 6, 9, 12]), scheme="390")
    + book("610100", months(2024, YEAR, 10, 8), scheme="391"),
    "sums from August": book("620100", sums(2024, range(8, 13))),
    "a book that begins in July": book("630100", opening("202301", 1000) + months(2023, YEAR) + months(2024, YEAR))
    + book("630200", opening("202407", 300) + months(2024, range(7, 13))),
    "a book that ends in June": book("640100", opening("202301", 1000) + months(2023, YEAR) + months(2024, YEAR))
    + book("640200", opening("202301", 500) + months(2023, YEAR) + months(2024, range(1, 7))),
    "a lost month in a closing": book(
        "650100", opening("202301", 1000) + months(2023, [m for m in YEAR if m != 4]) + closing("202312", 1240) + months(2024, YEAR)
    ),
    "a sum that falls": book("210100", [("202401", "C", "I01", 100), ("202402", "C", "I01", 250), ("202403", "C", "I01", 240)]),
    "a closing alone": book("220100", months(2024, YEAR) + closing("202412", 740)),
    "a balance of zero, then a surplus": book("230100", months(2023, YEAR, 100, 100) + months(2024, YEAR, 110, 100)),
    "income below zero": book("310100", [("202401", "M", "I01", -100), ("202401", "M", "E01", 50)] + months(2024, range(2, 13), 0, 0)),
    "an item left out in May": book("410100", [entry for entry in months(2024, YEAR) if entry[0] != "202405" or entry[2] != "I01"]),
    "an item left out of one sum": book("420100", [entry for entry in sums(2024, YEAR) if entry[0] != "202405" or entry[2] != "I01"]),
    "a closing that differs by a cent": book("430100", opening("202401", 1000) + months(2024, YEAR))
    + [("430100", "", "310", "pool", "final", "202412", "M", "B03", "1240.01")],
}


@pytest.fixture(scope="module")
def ledgers(empty_lake: Path, builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Statistics]:
    """The figures of all ledgers, delivered in one folder. The identities hold for them, late, ended and incomplete books included."""
    folder = tmp_path_factory.mktemp("ledgers")
    delivery = folder / "delivery" / "fund_ledger"
    delivery.mkdir(parents=True)
    for number, rows in enumerate(LEDGERS.values()):
        with (delivery / f"{number:02}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    home = folder / "data"
    shutil.copytree(empty_lake, home)
    delivered = Delivered(delivery.parent, home)
    delivered.ingest()
    assert delivered.ingested.exit_code == 0, delivered.ingested.text
    yield builder.build(home, "+identities_hold")


def figure(ledgers: Statistics, indicator: str, region: str, period: str, scheme: str = "employee") -> Figure:
    """`period` ends in `:ytd` for the months of the year up to it."""
    time, _, kind = period.partition(":")
    return ledgers.figure(f"fund_{indicator}", region, time, kind, scheme=scheme, fund_part="pooled")


@pytest.mark.parametrize(
    ("region", "indicator", "expected"),
    [
        # July and December are known together: 210 of 1210
        ("440100", "income", {"2024": 1210, "2024-S1": 600, "2024-S2": 610, "2024-07": None, "2024-08": 100, "2024-12": None, "2024-12:ytd": 1210}),
        ("440100", "expenditure", {"2024": 960, "2024-07": None, "2024-12": None}),
        ("440100", "cumulative_balance", {"2024": 1250, "2024-06": 1120}),
        ("450100", "income", {"2024": 1200, "2024-S1": 600, "2024-01": None, "2024-03": None, "2024-03:ytd": 300, "2024-04": 100}),
        ("460100", "income", {"2024": 1200, "2024-01": 100, "2024-12": 100}),
        ("500100", "income", {"2024": 1200, "2024-12": 100}),
        ("510100", "income", {"2024": 1250, "2024-S1": 650, "2024-S2": 600, "2024-05": None, "2024-06": None, "2024-07": 100}),
        ("520100", "income", {"2024": 1250, "2024-11": 100, "2024-12": 150}),
        ("530100", "income", {"2024": 1320, "2024-01": 110}),
        ("530100", "expenditure", {"2024": 1080}),
        ("620100", "income", {"2024": 1200, "2024-08:ytd": 800, "2024-07:ytd": None, "2024-S1": None, "2024-08": None, "2024-09": 100}),
        ("630000", "income", {"2023": 1200, "2024": 1800}),
        ("630000", "adjustment", {"2024": 300}),
        ("630000", "cumulative_balance", {"2023": 1240, "2024": 1900}),
        ("630000", "months_payable", {"2024": None}),
        ("630100", "months_payable", {"2024": Decimal("18.5")}),
        ("640000", "cumulative_balance", {"2023": 1980}),
        # what April brought shows in the closing
        ("650100", "cumulative_balance", {"2023": 1240, "2024": 1480}),
        ("210100", "income", {"2024-01:ytd": 100, "2024-02": 150, "2024-03": -10}),
        ("220100", "cumulative_balance", {"2024": 740, "2024-01": 520}),
        ("310100", "surplus_rate", {"2024": None}),
        ("420100", "income", {"2024": 1200, "2024-04": 100, "2024-05": None, "2024-06": None, "2024-07": 100}),
        ("430100", "cumulative_balance", {"2024": 1240}),
        ("430100", "adjustment", {"2024": 1000}),
    ],
)
def test_what_stands_in_a_ledger_is_published_and_what_does_not_is_missing(ledgers: Statistics, region: str, indicator: str, expected: dict) -> None:
    found = {period: figure(ledgers, indicator, region, period) for period in expected}
    assert {period: one.value for period, one in found.items()} == expected
    assert {one.status for one in found.values()} <= {"normal", "missing"}


@pytest.mark.parametrize(
    ("region", "indicator", "period", "expected"),
    [
        ("440100", "cumulative_balance", "2024-07", 1120),  # July's own flows are not known
        ("340100", "income", "2024", 1155),  # the flash sum less final months would be a mixture
        ("620100", "income", "2024-S2", 400),  # July and August lie in the sum to August
        ("640000", "income", "2024", 1800),
        ("640200", "income", "2024", 600),
        ("640000", "cumulative_balance", "2024", 2340),  # 1480 + the 860 of June
        ("650100", "income", "2023", 1100),
        ("650100", "cumulative_balance", "2023-06", 1100),
        ("650100", "adjustment", "2023", 20),
    ],
)
def test_a_figure_that_lacks_a_month_or_a_book_stands_with_a_reason_and_is_not_normal(
    ledgers: Statistics, region: str, indicator: str, period: str, expected: int
) -> None:
    found = figure(ledgers, indicator, region, period)
    assert (found.value, found.status) == (expected, "provisional")
    assert "book" in found.reason


def test_books_of_one_scheme_are_added_and_a_month_that_one_of_them_lacks_is_not_normal(ledgers: Statistics) -> None:
    year, half, february, march = (figure(ledgers, "income", "610100", period, "resident") for period in ("2024", "2024-S1", "2024-02", "2024-03"))
    assert (year.value, year.status, half.value, half.status) == (1320, "normal", 660, "normal")
    assert (february.value, february.status, march.value, march.status) == (10, "provisional", 10, "provisional")


def test_growth_is_given_only_between_the_same_books_and_from_above_zero(ledgers: Statistics) -> None:
    assert figure(ledgers, "income", "630100", "2024").growth == 0
    assert figure(ledgers, "income", "630000", "2024").growth is None  # a new book
    assert figure(ledgers, "cumulative_balance", "630000", "2024").growth is None
    assert figure(ledgers, "income", "640000", "2024").growth is None  # an ended book
    assert figure(ledgers, "income", "650100", "2024").growth is None  # a month missing a year before
    surplus = figure(ledgers, "current_balance", "230100", "2024")
    assert (surplus.value, surplus.change, surplus.growth) == (120, 120, None)


@pytest.mark.parametrize(
    ("region", "finding", "times"),
    [
        ("440100", "month only within a cumulative figure", 2),
        ("440100", "cumulative figure completed by months", 2),
        ("340100", "month not delivered", 1),
        ("340100", "cumulative figure of a version that months replace in part", 2),
        ("500100", "cumulative figure contradicts its months", 1),
        ("630200", "new book", 1),
        ("640200", "ended book", 1),
        ("650100", "month not delivered", 1),
        ("650100", "balance adjusted without a delivered adjustment", 1),
        ("210100", "cumulative figure falls", 1),
        ("610100", "book without a balance", 2),
        ("410100", "item left out in a month", 1),
        ("430100", "balance adjusted without a delivered adjustment", 0),
        ("460100", "cumulative figure contradicts its months", 0),
    ],
)
def test_gaps_and_oddities_of_a_book_stand_in_the_review_table(ledgers: Statistics, region: str, finding: str, times: int) -> None:
    assert sum(finding in text for text in ledgers.reviewed(region)) == times


def test_a_contradicting_sum_and_an_entry_that_also_stands_with_its_level_are_rejected_by_their_rules(ledgers: Statistics) -> None:
    broken = dict(ledgers.query("select rule_code, sum(rows_broken) from rule_results where rule_code like 'FUND-%' group by all having sum(rows_broken) > 0"))
    assert broken == {"FUND-011": 1, "FUND-012": 2}
