"""The rules of a row at `check` and `ingest`: what breaks one, how it is told, and when a file is refused for it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from test_ingest import ENROLLMENT, LEDGER, SETTLEMENT, batches, home, query, run, settled, spell, write

from gongbao.paths import Home

__all__ = ["home"]
NEXT_YEAR, LATER = str(date.today().year + 1), str(date.today() + timedelta(days=3))


def told(home: Home, path: Path) -> tuple[int, str]:
    result = run("check", "--verbose", path)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("vali_flag", "7", "SETL-026"),
        ("vali_flag", "Q", "SETL-026"),
        ("refd_setl_flag", "9", "SETL-027"),
        ("mid_setl_flag", "2", "SETL-028"),
        ("setl_type", "8", "SETL-029"),
        ("weight", "-1", "SETL-030"),
        ("updt_time", LATER, "SETL-025"),
        ("enddate", "2205-05-06", "SETL-025"),
        ("psn_pay", "500", "SETL-012"),
        ("fulamt_ownpay_amt", "101", "SETL-011"),
        ("hifp_pay", "61", "SETL-014"),
    ],
)
def test_a_value_of_one_row_is_told_by_its_rule_and_line(column: str, value: str, rule: str, home: Home, tmp_path: Path) -> None:
    lines = [settled(number) + "," for number in range(1, 100)]
    lines[41] += value
    path = write(tmp_path, "settlement/a.csv", f"{SETTLEMENT},{column}", *lines)
    code, output = told(home, path)
    assert rule in output and "1/99" in output and "line 43" in output
    assert code == (0 if rule == "SETL-014" else 2)  # a warning rejects nothing


@pytest.mark.parametrize(
    ("columns", "good", "bad", "rule"),
    [
        ("psn_pay,acct_pay,cash_payamt", "40,10,30", "40,10,37", "SETL-013"),
        ("psn_pay,cash_payamt", "40,30", "40,41", "SETL-013"),
        ("psn_pay,acct_pay,cash_payamt,acct_mulaid_pay", "40,10,25,5", "40,10,25,9", "SETL-013"),
        ("psn_pay,acct_pay,cash_payamt,acct_mulaid_pay", "40,10,30,", "40,10,20,", "SETL-013"),
        ("fulamt_ownpay_amt,preselfpay_amt", "50,50", "50,51", "SETL-011"),
        ("psn_pay,ownpay_hosp_part", "40,", "39,", "SETL-012"),
        ("ownpay_hosp_part", "40", "41", "SETL-012"),
    ],
)
def test_an_unknown_part_switches_no_identity_off(columns: str, good: str, bad: str, rule: str, home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "settlement/a.csv", f"{SETTLEMENT},{columns}", f"{settled(1)},{good}", f"{settled(2)},{bad}")
    code, output = told(home, path)
    assert code == 2 and f"{rule} " in output and "1/2" in output and "line 3" in output


@pytest.mark.parametrize(
    ("start", "is_good"), [("1951-01-01", True), ("1900-01-01", False), ("0202-01-01", False), (f"{NEXT_YEAR}-01-01", True), ("2205-01-01", False)]
)
def test_a_spell_begins_while_there_is_insurance(start: str, is_good: bool, home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1), spell(2, crt_insu_date=start))
    code, output = told(home, path)
    assert (code == 0) == is_good and ("ENRL-018" in output) != is_good


def test_months_and_years_after_the_delivery(home: Home, tmp_path: Path) -> None:
    ledger = write(
        tmp_path,
        "fund_ledger/a.csv",
        LEDGER + ",version",
        "450100,202401,M,310,pool,I01,1,final",
        "450100,209912,M,310,pool,I01,1,final",
        "450100,209912,C,310,pool,I01,1,budget",
    )
    code, output = told(home, ledger)
    assert code == 2 and "FUND-013" in output and "1/3" in output and "line 3" in output
    code, output = told(home, write(tmp_path, "population/a.csv", "region_code,year,resident_population", "370000,2099,5", "370000,2024,5", ",2024,5"))
    assert code == 2 and "POPU-005" in output and "line 2" in output and "POPU-001" in output and "line 4" in output


@pytest.mark.parametrize(
    ("rows", "bad", "options", "refused"),
    [
        (100, 5, [], False),
        (100, 6, [], True),
        (100, 6, ["--max-rejected", "6"], False),
        (400, 20, [], False),
        (4, 4, [], True),
        (5, 4, [], False),
        (100, 100, ["--max-rejected", "100"], True),
    ],
)
def test_a_file_of_which_too_much_would_be_rejected_is_refused(rows: int, bad: int, options: list[str], refused: bool, home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, *(spell(number, insutype="888" if number < bad else "310") for number in range(rows)))
    result = run("ingest", path, *options)
    assert (result.exit_code == 2) == refused and "ENRL-003" in result.output
    assert bool(batches(home, "enrollment")) != refused
    assert run("check", path, *options).exit_code == 2
    if refused:
        assert f"{bad:,} of {rows:,} rows break a rule" in result.output


def years(home: Home, record: str) -> list[tuple]:
    return query(f"select year_no, rows_counted from read_parquet('{home.lake}/{record}/{record}-*/years.parquet') order by 1")


def test_the_log_says_how_many_rows_count_in_which_year(home: Home, tmp_path: Path) -> None:
    dates = ["2023-12-31 23:00:00", "2024-01-01", "2024-05-06", "2024-05-07", "1924-05-06"]
    rows = [f"{settled(number, setl_time=date)},{'0' if number == 3 else ''}" for number, date in enumerate(dates)]
    ledger = [
        "202312,M,310,pool,I01,1,final",
        "202401,M,310,pool,I01,1,final",
        "202401,C,310,pool,B01,1,final",
        "202501,M,310,pool,I01,1,budget",
        "202402,M,310,pool,E01,,final",
    ]
    assert run("ingest", write(tmp_path, "settlement/a.csv", f"{SETTLEMENT},vali_flag", *rows)).exit_code == 0
    assert run("ingest", write(tmp_path, "fund_ledger/a.csv", LEDGER + ",version", *(f"450100,{row}" for row in ledger))).exit_code == 0
    assert years(home, "settlement") == [(2023, 1), (2024, 2)]
    assert years(home, "fund_ledger") == [(2023, 1), (2024, 1)]


def test_a_batch_of_which_no_row_counts_says_so_in_the_log(home: Home, tmp_path: Path) -> None:
    assert run("ingest", write(tmp_path, "settlement/a.csv", f"{SETTLEMENT},vali_flag", f"{settled(1)},0")).exit_code == 0
    assert years(home, "settlement") == [(None, 0)]
