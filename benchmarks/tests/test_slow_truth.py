"""facts.sql against the same figures in plain Python, on a small lake with forty times the usual share of oddities: exact."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import facts  # noqa: E402
import generate  # noqa: E402
import slow_truth  # noqa: E402

# Every kind of place: cities run by their province, counties that count as cities, abolished prefectures, the Corps; and neighbours of all sizes.
PROVINCES = ("110000", "130000", "370000", "410000", "460000", "520000", "650000", "660000")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark")
    generate.generate(folder, rows=3000, rare=40, provinces=PROVINCES)
    facts.compute(folder / "lake", folder / "facts.duckdb")
    return folder


def cells(home: Path, sql: str) -> dict[tuple, object]:
    """Rows of a query as {all but the last column: last column}, zeros left out."""
    with duckdb.connect(home / "facts.duckdb", read_only=True) as db:
        return {row[:-1]: row[-1] for row in db.execute(sql).fetchall() if row[-1] != 0}


def nonzero(figures: dict) -> dict:
    return {key if isinstance(key, tuple) else (key,): value for key, value in figures.items() if value != 0}


@pytest.fixture(scope="module")
def enrollment(home: Path) -> dict:
    return slow_truth.enrollment_truth(home / "lake")


@pytest.fixture(scope="module")
def settlement(home: Path) -> dict:
    return slow_truth.settlement_truth(home / "lake")


@pytest.mark.parametrize("measure", ["members", "members_as_reported"])
def test_members_agree_with_counting_person_by_person_and_day_by_day(home: Path, enrollment: dict, measure: str) -> None:
    truth = nonzero(enrollment[measure])
    assert sum(truth.values()) > 10_000
    assert cells(home, f"select month, region_code, scheme, sum({measure}) from member_cube group by all") == truth


def test_repeated_enrolment_is_in_the_sample_within_and_across_provinces(enrollment: dict) -> None:
    assert sum(enrollment["members_as_reported"].values()) > sum(enrollment["members"].values())


def test_persons_to_review_agree_with_counting_person_by_person(home: Path, enrollment: dict) -> None:
    assert {finding for finding, _ in enrollment["review"]} == {"several numbers", "several certificates"}
    assert cells(home, "select finding, province, persons from review_person") == enrollment["review"]


@pytest.mark.parametrize("measure", slow_truth.MEASURES)
def test_care_agrees_with_counting_row_by_row(home: Path, settlement: dict, measure: str) -> None:
    truth = nonzero(settlement[measure])
    assert len(truth) > 50
    assert cells(home, f"select month, region_code, care_type, sum({measure}) from care_cube group by all") == truth


def test_refunds_cancel_in_the_month_of_their_original(home: Path, settlement: dict) -> None:
    truth = nonzero(settlement["refunds_netted"])
    assert sum(truth.values()) > 50
    assert cells(home, "select month, refunds_netted from refund_result") == truth


@pytest.mark.parametrize("record", ["enrollment", "settlement"])
def test_the_same_rows_are_rejected_for_the_same_reasons(home: Path, request: pytest.FixtureRequest, record: str) -> None:
    truth = {place: sorted(codes) for place, codes in request.getfixturevalue(record)["rejected"].items()}
    found = cells(home, f"select batch_id, row_no, rule_codes from rejected_row where record = '{record}'")
    assert found == truth
    assert len({code for codes in truth.values() for code in codes}) >= (8 if record == "enrollment" else 15)


def test_the_lake_does_not_depend_on_the_pieces_it_is_made_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for pieces in (300_000, 7):
        monkeypatch.setattr(generate, "MOST_ROWS_IN_MEMORY", pieces)
        counts = generate.generate(tmp_path / str(pieces), rows=200, provinces=PROVINCES[:2])
        content = {
            record: duckdb.connect()
            .execute(
                "select bit_xor(hash(x)) from (select * exclude (src_batch_id, src_row_no) from read_parquet(?, union_by_name = true)) as x",
                [f"{tmp_path}/{pieces}/lake/{record}/*/rows.parquet"],
            )
            .fetchone()
            for record in ("settlement", "enrollment")
        }
        made.append((counts, content))
    assert made[0] == made[1] and abs(made[0][0]["settlement"] - 200) < 30
