"""The forms of records (macros/forms), filled with names of a test and run on small tables: what the definitions say of them."""

from pathlib import Path
from textwrap import dedent

import duckdb
import pytest
from jinja2 import Environment

from tests import templating

MACROS = Path(__file__).resolve().parents[2] / "macros"
NAMES = {"key": "pay_id", "cancels": "cancels_id", "date": "paid_at", "region": "region_code", "amounts": ["paid"], "equal": ["days"], "same": ["kind"]}
REFUSALS = {"absent": "ABSENT", "unequal": "UNEQUAL", "again": "AGAIN"}


@pytest.fixture(scope="module")
def environment() -> Environment:
    env = Environment(extensions=["jinja2.ext.do"])
    env.globals |= {"ref": str, "var": templating.var, "adapter": templating.adapter, "modules": templating.modules, "dbt": templating.dbt}
    env.globals["return"] = lambda value: value
    return env


@pytest.fixture
def ask(environment: Environment):  # noqa: ANN201
    """Rows that the body of a model gives on tables made by `setup`."""
    files = [MACROS / "engine.sql", MACROS / "codes.sql", MACROS / "regions.sql", *sorted((MACROS / "forms").glob("*.sql"))]
    macros = "\n".join(path.read_text(encoding="utf-8") for path in files)

    def asked(setup: str, body: str, columns: str) -> list[tuple]:
        with duckdb.connect() as connection:
            connection.execute(
                "create table stg_batches as select * from (values ('early', 1), ('late', 2)) as batch (batch_id, sequence);"
                # 2023-12 to 2024-12
                "create table reporting_period as select 2024 as first_year, 2024 as last_year, 24287 as first_stock_month_no, 24299 as last_month_no;"
                "create table int_months as select month_no, last_day(make_date(month_no // 12, month_no % 12 + 1, 1)) as month, month_no % 12 + 1 as month_of_year"
                " from range(24200, 24400) as n (month_no);"
            )
            connection.execute(dedent(setup))
            sql = environment.from_string(macros + body).render(NAMES=NAMES, REFUSALS=REFUSALS).strip()
            return connection.execute(f"select {columns} from ({sql}) order by all").fetchall()

    return asked


REGISTER = """
    create table entries as select batch_id, row_no, object_id, region_code, kind, cast(began_on as date) as began_on, cast(ended_on as date) as ended_on,
      cast(updated_at as timestamp) as updated_at, valid_flag, 1 as weight
    from (values {rows}) as entry (batch_id, row_no, object_id, region_code, kind, began_on, ended_on, updated_at, valid_flag)
"""
HELD = "{{ held_objects('entries', ['object_id'], ['region_code', 'kind']) }}"


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        pytest.param(
            "('early', 1, 'a', '370100', 'k', '2024-01-31', '2024-03-31', null, null)",
            [("a", "k", 24288, 24290)],
            id="a row holds from its first day to the day before it ends",
        ),
        pytest.param(
            "('early', 1, 'a', '370100', 'k', '2024-01-31', '2024-04-01', null, null)",
            [("a", "k", 24288, 24291)],
            id="a row that ends on the first of a month holds at the end of the month before",
        ),
        pytest.param(
            "('early', 1, 'a', '370100', 'k', '2024-05-02', '2024-05-30', null, null)", [], id="what begins and ends within a month holds at no month end"
        ),
        pytest.param("('early', 1, 'a', '370100', 'k', '2024-05-02', null, null, '0')", [], id="an invalid row holds never"),
        pytest.param(
            "('early', 1, 'a', '370100', 'old', '2024-01-01', null, '2024-09-01', null), ('early', 2, 'a', '370100', 'new', '2024-03-05', '2024-05-05', null, null)",
            [("a", "old", 24288, 24290), ("a", "new", 24290, 24292), ("a", "old", 24292, 24300)],
            id="of two rows that hold the one that began later counts, and after its end the other again",
        ),
        pytest.param(
            "('late', 1, 'a', '370100', 'never updated', '2024-01-01', null, null, null), ('early', 2, 'a', '370100', 'updated', '2024-01-01', null, '2020-01-01', null)",
            [("a", "updated", 24288, 24300)],
            id="of two that began together the later update counts, and none at all comes last",
        ),
        pytest.param(
            "('late', 1, 'a', '370100', 'late', '2024-01-01', null, null, null), ('early', 2, 'a', '370100', 'early', '2024-01-01', null, null, null)",
            [("a", "late", 24288, 24300)],
            id="of two of one update the later batch counts",
        ),
        pytest.param(
            "('early', 1, 'a', '370100', 'first', '2024-01-01', null, null, null), ('early', 2, 'a', '370100', 'second', '2024-01-01', null, null, null)",
            [("a", "second", 24288, 24300)],
            id="of two of one batch the larger row number counts",
        ),
    ],
)
def test_one_row_of_an_object_holds_at_a_month_end(ask, rows: str, held: list[tuple]) -> None:  # noqa: ANN001
    found = ask(REGISTER.format(rows=rows), HELD, "object_id, kind, start_month_no, end_month_no")
    assert sorted(found, key=lambda row: row[2]) == held


def test_objects_enter_leave_and_move_between_month_ends_and_renewal_is_no_event(ask) -> None:  # noqa: ANN001
    setup = """
        create table held as select object_id, region_code, kind, weight, start_month_no, end_month_no from (values
            -- there before the statistics and to their end
            ('stays', '370100', 'k', 1, 24287, 24300),
            -- enters in March, leaves in May (no longer there at its end)
            ('visits', '370100', 'k', 1, 24290, 24292),
            -- two entries that meet, nothing else: a renewal
            ('renews', '370100', 'k', 1, 24287, 24290), ('renews', '370100', 'k', 1, 24290, 24300),
            -- to another region in June, to another kind in July, to another weight in August
            ('moves', '370100', 'k', 1, 24287, 24293), ('moves', '370200', 'k', 1, 24293, 24294), ('moves', '370200', 'other', 1, 24294, 24295),
            ('moves', '370200', 'other', 3, 24295, 24300),
            -- away for a month
            ('returns', '370100', 'k', 2, 24287, 24296), ('returns', '370100', 'k', 2, 24297, 24300)
        ) as held (object_id, region_code, kind, weight, start_month_no, end_month_no)
    """
    body = "{{ register_changes('held', ['object_id'], ['region_code', 'kind']) }}"
    assert ask(setup, body, "month_no, region_code, kind, opening, entered, gone, moved") == [
        (24287, "370100", "k", 5, 0, 0, 0),
        (24290, "370100", "k", 0, 1, 0, 0),
        (24292, "370100", "k", 0, 0, 1, 0),
        (24293, "370100", "k", 0, 0, 0, -1),
        (24293, "370200", "k", 0, 0, 0, 1),
        (24294, "370200", "k", 0, 0, 0, -1),
        (24294, "370200", "other", 0, 0, 0, 1),
        (24295, "370200", "other", 0, 0, 0, 2),
        (24296, "370100", "k", 0, 0, 2, 0),
        (24297, "370100", "k", 0, 2, 0, 0),
    ]


def test_the_stock_of_a_month_end_is_that_of_the_month_before_with_what_entered_left_and_moved(ask) -> None:  # noqa: ANN001
    setup = """
        create table changes as select * from (values (24287, 'r', 5, 0), (24290, 'r', 2, 2), (24292, 'r', -3, 0), (24299, 's', 4, 4)) as change (month_no, region_code, held, entered)
    """
    body = "{{ stocks_by_month('changes', ['region_code'], ['held'], ['entered']) }}"
    found = ask(setup, body, "region_code, month_no, held, entered")
    stocks = {(region, month): (held, entered) for region, month, held, entered in found}
    assert len(stocks) == 2 * 13
    assert [stocks["r", month] for month in range(24287, 24294)] == [(5, 0), (5, 0), (5, 0), (7, 2), (7, 0), (4, 0), (4, 0)]
    assert (stocks["s", 24298], stocks["s", 24299]) == ((0, 0), (4, 4))


EVENTS = """
    create table events as select 'early' as batch_id, row_no, row_no as row_key, pay_id, cancels_id, cast(paid_at as date) as paid_at, paid, days, kind, region_code, null as valid_flag
    from (values
        (1, 'p1', null, '2024-01-05', 100.00, 31, 'LT10', '370100'), (2, 'c1', 'p1', '2024-03-05', -100.01, 31, 'LT10', '370100'),
        -- cancelled twice: the earlier date counts
        (3, 'c2', 'p1', '2024-02-05', -100, 31, 'LT10', '370200'),
        -- another amount, another number of days, another kind
        (4, 'p2', null, '2024-01-05', 100, 31, 'LT10', '370100'), (5, 'c3', 'p2', '2024-02-05', -99, 31, 'LT10', '370100'),
        (6, 'c4', 'p2', '2024-02-06', -100, 30, 'LT10', '370100'), (7, 'c5', 'p2', '2024-02-07', -100, 31, 'LT20', '370100'),
        -- nothing of the name, one that cancels itself, one of another province
        (8, 'c6', 'nowhere', '2024-02-05', -100, 31, 'LT10', '370100'), (9, 'c7', 'c2', '2024-02-05', 100, 31, 'LT10', '370100'),
        (10, 'c8', 'p2', '2024-02-05', -100, 31, 'LT10', '510100'),
        -- an empty amount is 0
        (11, 'p3', null, '2024-01-05', null, null, 'LT40', '370100'), (12, 'c9', 'p3', '2024-01-06', 0, 0, 'LT40', '370100')
    ) as event (row_no, pay_id, cancels_id, paid_at, paid, days, kind, region_code)
"""


def test_a_row_cancels_an_equal_original_once_and_is_refused_otherwise(ask) -> None:  # noqa: ANN001
    found = ask(EVENTS, "{{ cancelling_rows('events', NAMES, REFUSALS) }}", "row_no, original_row_no, rule_code")
    assert found == [
        (2, 1, "AGAIN"),
        (3, 1, None),
        (5, 4, "UNEQUAL"),
        (6, 4, "UNEQUAL"),
        (7, 4, "UNEQUAL"),
        (8, None, "ABSENT"),
        (9, None, "ABSENT"),
        (10, None, "ABSENT"),
        (12, 11, None),
    ]


def test_an_object_counts_once_a_year_in_the_month_and_region_of_its_first_event_and_again_in_each_breakdown(ask) -> None:  # noqa: ANN001
    setup = """
        create table events as select * from (values
            ('a', 2023, 24287, '370100', 'institution', 1), ('a', 2024, 24290, '370200', 'family', 2), ('a', 2024, 24288, '370100', 'institution', 3),
            ('a', 2024, 24295, '370100', 'family', 4), ('b', 2024, 24288, '370200', null, 5)
        ) as event (person, year_no, month_no, region_code, mode, weight)
    """
    body = "{{ first_of_year('events', ['person'], 'year_no', ['month_no', 'region_code'], ['year_no', 'month_no', 'region_code', 'weight'], ['mode'], [['mode']]) }}"
    assert ask(setup, body, "mode, year_no, month_no, region_code, weight") == [
        ("_T", 2023, 24287, "370100", 1),
        ("_T", 2024, 24288, "370100", 3),
        ("_T", 2024, 24288, "370200", 5),
        ("family", 2024, 24290, "370200", 2),
        ("institution", 2023, 24287, "370100", 1),
        ("institution", 2024, 24288, "370100", 3),
    ]


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        pytest.param(
            "(24288, 'C', 10), (24289, 'C', 25)", [(24288, 10, 1, None), (24289, 15, 1, None)], id="a month is its cumulative number less the one before"
        ),
        pytest.param("(24287, 'C', 90), (24288, 'C', 10)", [(24287, 90, 12, None), (24288, 10, 1, None)], id="cumulative numbers begin anew in January"),
        pytest.param("(24288, 'C', 10), (24290, 'C', 40)", [(24288, 10, 1, None), (24290, 30, 2, None)], id="the month after an absent one carries both"),
        pytest.param("(24288, 'C', 10), (24289, 'C', 7)", [(24288, 10, 1, None), (24289, -3, 1, None)], id="a falling number gives a month below zero"),
        pytest.param(
            "(24288, 'M', 4), (24289, 'M', 5), (24290, 'C', 15)",
            [(24288, 4, 1, None), (24289, 5, 1, None), (24290, 6, 1, None)],
            id="of a sum after months their sum is deducted",
        ),
        pytest.param("(24288, 'M', 4), (24288, 'C', 6)", [(24288, 4, 1, 2)], id="of both the month counts and the difference is told"),
        pytest.param("(24288, 'M', 4), (24288, 'C', 4)", [(24288, 4, 1, None)], id="of both alike nothing is told"),
        pytest.param(
            "(24288, 'C', 4), (24290, 'M', 3), (24290, 'C', 12)",
            [(24288, 4, 1, None), (24289, 5, 1, None), (24290, 3, 1, None)],
            id="what a sum leaves beside its own month belongs to the absent one",
        ),
    ],
)
def test_months_are_known_alone_or_from_cumulative_numbers(ask, rows: str, counted: list[tuple]) -> None:  # noqa: ANN001
    setup = f"create table delivered as select 'r' as region_code, * from (values {rows}) as number (month_no, basis, number)"
    body = "{{ counted_months('delivered', ['region_code'], 'month_no', 'basis', 'number') }}"
    assert ask(setup, body, "month_no, counted, months_covered, contradicted_by") == counted


def test_a_stock_stands_at_its_month_end_and_is_never_added(ask) -> None:  # noqa: ANN001
    setup = "create table delivered as select 'r' as region_code, * from (values (24288, 'S', 7), (24289, 'S', 9), (24289, 'M', 2)) as number (month_no, basis, number)"
    body = "{{ counted_months('delivered', ['region_code'], 'month_no', 'basis', 'number') }}"
    assert ask(setup, body, "month_no, counted, stock") == [(24288, None, 7), (24289, 2, 9)]


def test_of_reported_figures_the_better_vintage_counts_then_the_later_day_then_the_smaller_source(ask) -> None:  # noqa: ANN001
    setup = """
        create table code_lists as select * from (values ('figure_unit', '亿元', 'yuan', '100000000'), ('figure_unit', '家', 'institutions', '1')) as code (list, code, maps_to, note);
        create table reported as select *, null as qualifier, '100000' as region_code from (values
            ('premium', '2024', null, 9773.1, '亿元', 'external', null, 'a'), ('premium', '2024', '', 9774, '亿元', 'news', date '2025-03-01', 'b'),
            ('shops', '2024-S1', null, 5, '家', 'flash', date '2024-08-01', 'a'), ('shops', '2024-S1', null, 6, '家', 'bulletin', null, 'z'),
            ('shops', '2024-05', 'kind=x', 7, '家', 'bulletin', date '2024-06-01', 'b'), ('shops', '2024-05', 'kind=x', 8, '家', 'bulletin', date '2024-07-01', 'c'),
            ('shops', '2024-05', 'kind=x', 9, '家', 'bulletin', date '2024-07-01', 'd'), ('shops', '2021/2024', null, 1, '家', 'bulletin', null, 'a')
        ) as figure (indicator_code, time_period, dims, value, unit, vintage, published_on, source)
    """
    assert ask(setup, "{{ reported_figures('reported') }}", "indicator, time_period, period_kind, dims, value, status") == [
        ("premium", "2024", "year", "", 977310000000, "provisional"),
        ("shops", "2021/2024", "plan", "", 1, "normal"),
        ("shops", "2024-05", "ytd", "kind=x", 8, "normal"),
        ("shops", "2024-S1", "half", "", 6, "normal"),
    ]
