"""What a value may be written as: numbers of persons and keys, empty cells, codes, months; and what is never shown or kept."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import duckdb
import pytest
from test_ingest import (
    ENROLLMENT,
    LEDGER,
    SETTLEMENT,
    _everything_in,
    batches,
    home,
    keyed,
    repairs,
    rows,
    run,
    settled,
    spell,
    unreadable,
    with_check_digit,
    workbook,
    write,
)

from gongbao.contracts import load_contracts
from gongbao.ingest import cleaning, typing
from gongbao.ingest.codes import MASK, CodeReader
from gongbao.ingest.typing import NOT_ZEROED, _at_most_by_chance
from gongbao.paths import Home

__all__ = ["home"]


@pytest.fixture(scope="module")
def cleaned() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    cleaning.install(connection)
    return connection


# ---------------------------------------------------------------- numbers of persons and keys


@pytest.mark.parametrize(
    "written",
    [
        "37A1",
        "'37A1",
        "37A1'",
        "`37A1",
        "‘37A1’",
        '="37A1"',
        "='37A1'",
        " 37A1 ",
        "\t37A1\t",
        "３７Ａ１",
        "\ufeff37A1",
        "37\u200bA1",
        "37\u00adA1",
        "37A1\u202e",
        "37\u2060A1",
        "37A1_x000D_",
        "37A1\r",
        "37A1\x85",
        "37A1\u3000",
        "\u00a037A1",
        "37\ufe0fA1",
        "37A1_x000d_\n",
        '"37A1"',
        "37A1\x0b",
        "\u206637A1\u2069",
    ],
)
def test_what_programs_put_around_a_number_is_taken_off(cleaned: duckdb.DuckDBPyConnection, written: str) -> None:
    assert cleaned.execute("select identity($1)", [written]).fetchall() == [("37A1",)]


@pytest.mark.parametrize(
    ("written", "kept"), [("A 1", "A 1"), ("3701 0219", "37010219"), ("12.0", "12"), ("1234567890123456.0", "1234567890123456.0"), ("a-1_b", "a-1_b"), ("", "")]
)
def test_what_belongs_to_a_number_is_kept(cleaned: duckdb.DuckDBPyConnection, written: str, kept: str) -> None:
    assert cleaned.execute("select identity($1)", [written]).fetchall() == [(kept,)]


def test_every_number_of_a_row_is_cleaned_alike_and_counted(home: Home, tmp_path: Path) -> None:
    header = SETTLEMENT + ",rid,init_setl_id,fixmedins_code"
    write(
        tmp_path,
        "settlement/a.csv",
        header,
        settled(1, setl_id='"=""S1"""', mdtrt_id="M1_x000D_", psn_no="`P1") + ",'R1,S0\u200b,H1\t",
        settled(2) + ",R2,S9,H2",
    )
    assert run("ingest", tmp_path / "settlement").exit_code == 0
    assert rows(home, "settlement", "setl_id, mdtrt_id, psn_no, rid, init_setl_id, fixmedins_code")[0] == ("S1", "M1", keyed("psn_no|P1"), "R1", "S0", "H1")
    assert repairs(home, "settlement") == {
        "setl_id.formula_text": 1,
        "mdtrt_id.escaped": 1,
        "psn_no.apostrophe": 1,
        "rid.apostrophe": 1,
        "init_setl_id.invisible": 1,
        "fixmedins_code.spaces": 1,
    }


@pytest.mark.parametrize("word", ["nan", "NaN", "None", "null", "NULL", "(null)", "<NA>", "[NULL]", "\\N", "-", "无", "N/A", "NaT"])
def test_words_for_an_empty_cell_are_empty_in_every_kind_of_column(word: str, home: Home, tmp_path: Path) -> None:
    header = SETTLEMENT + ",rid,hosp_lv,begndate,ipt_days,psn_pay"
    write(tmp_path, "settlement/a.csv", header, settled(1, psn_no=word) + f",{word}" * 5, settled(2) + ",R2,03,2024-05-01,3,40")
    assert run("ingest", tmp_path / "settlement").exit_code == 0
    assert rows(home, "settlement", "psn_no, rid, hosp_lv, begndate, ipt_days, psn_pay")[0] == (None,) * 6


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "Err:502", "########"])
def test_an_error_cell_is_empty_where_it_may_be_and_makes_the_row_unreadable_where_not(error: str, home: Home, tmp_path: Path) -> None:
    good = [spell(number) + ",R" + str(number) for number in range(3, 300)]
    write(
        tmp_path, "enrollment/a.csv", ENROLLMENT + ",rid", spell(1, psn_insu_stas=error) + ",R1", spell(2) + f",{error}", spell(2, psn_no=error) + ",R2", *good
    )
    result = run("ingest", tmp_path / "enrollment")
    assert result.exit_code == 0 and f"'{error}'" in result.output
    assert unreadable(home, "enrollment") == [(2, "psn_insu_stas", "error_cell"), (4, "psn_no", "error_cell")]
    assert rows(home, "enrollment", "rid, src_row_no")[0] == (None, 3) and repairs(home, "enrollment") == {"rid.error_cell": 1}


def test_an_error_in_an_amount_is_no_absent_amount(home: Home, tmp_path: Path) -> None:
    write(tmp_path, "settlement/a.csv", SETTLEMENT + ",inscp_amt", settled(1) + ",#VALUE!", *(settled(number) + ",50" for number in range(2, 9)))
    assert run("ingest", tmp_path / "settlement").exit_code == 0
    assert unreadable(home, "settlement") == [(2, "inscp_amt", "error_cell")]


# ---------------------------------------------------------------- destroyed numbers


@pytest.fixture(params=["value by value", "line by line"])
def sampled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are profiled value by value, and with a small sample line by line as large ones are."""
    if request.param == "line by line":
        monkeypatch.setattr(typing, "SAMPLE", 20)


@pytest.mark.parametrize(
    ("plain", "signs"),
    [(typing.PLAIN_TEXT, ["0", "00000", "5", "12345678901234", "A", "-", "_9"]), (typing.PLAIN_CERTIFICATE, ["0", "00", "5", "12345678901234", "X"])],
)
def test_a_plain_number_is_either_zeroed_or_not(plain: str, signs: list[str]) -> None:
    texts = ["".join(parts) for count in range(1, 6) for parts in itertools.product(signs, repeat=count)]
    plain_ones = {text for text in texts if re.fullmatch(plain, text)}
    zeroed = {text for text in plain_ones if re.fullmatch(cleaning.ZEROED, text)}
    assert zeroed and {text for text in texts if re.fullmatch(NOT_ZEROED[plain], text)} == plain_ones - zeroed


WHOLE = [f"3701{number * 7919 + 13:014d}" for number in range(1, 401) if number * 7919 % 1000 != 987][:200]  # 18 digits


@pytest.mark.parametrize(
    ("column", "numbers", "told"),
    [
        ("psn_no", [number[:15] + "000" for number in WHOLE[:5]] + WHOLE[5:], "5 of 200"),
        ("psn_insu_rlts_id", [number[:15] + "000" for number in WHOLE[:60]] + WHOLE[60:], "60 of 200"),
        ("psn_no", [f"{float(number):.5e}" for number in WHOLE[:5]] + WHOLE[5:], "5 of 200"),
        ("psn_no", [f"{number[:15]}0" for number in WHOLE[:80]] + [f"{number[:15]}7" for number in WHOLE[80:]], "80 of 200"),
        ("psn_no", [number + ".0" for number in WHOLE], "200 of 200"),
        ("psn_no", ["370100000000042000"] * 40 + [f"3701{number:014d}" for number in range(42_041, 42_101)], "40 of 100"),
        ("psn_no", [f"{number[:15]}000000" for number in WHOLE[:3]] + [number + "123" for number in WHOLE[3:]], "3 of 200"),
    ],
)
@pytest.mark.usefixtures("sampled")
def test_numbers_cut_to_fifteen_digits_are_refused_by_column_and_count(column: str, numbers: list[str], told: str, home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, *(spell(at, **{column: number}) for at, number in enumerate(numbers)))
    result = run("check", path)
    assert result.exit_code == 2 and f"the numbers of {column} were destroyed by a spreadsheet: {told}" in result.output


def test_the_cut_part_of_a_large_plain_file_is_found(home: Home, tmp_path: Path) -> None:
    numbers = [f"3701{number * 104729 + 17:014d}" for number in range(12_000)]
    numbers[9_000:9_120] = [number[:15] + "000" for number in numbers[9_000:9_120]]
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, *(spell(at, psn_no=number) for at, number in enumerate(numbers)))
    result = run("check", path)
    found = sum(number.endswith("000") for number in numbers)
    assert result.exit_code == 2 and f"{found} of 12000" in result.output


@pytest.mark.usefixtures("sampled")
@pytest.mark.parametrize(
    ("absent", "cut", "told"),
    [(0, 5, "5 of 200"), (2, 5, "5 of 198"), (100, 5, "5 of 100"), (0, 60, "60 of 200"), (2, 2, None)],
)
def test_certificates_cut_to_fifteen_digits_are_refused_by_count(absent: int, cut: int, told: str | None, home: Home, tmp_path: Path) -> None:
    whole = [with_check_digit(f"3701021980{number // 28 % 12 + 1:02d}{number % 28 + 1:02d}{number * 3 % 899 + 101}") for number in range(200)]
    numbers = ["" if at % 100 < absent // 2 else number for at, number in enumerate(whole)]
    given = [at for at, number in enumerate(numbers) if number]
    for at in given[60 : 60 + cut] if cut < 40 else given[-cut:]:
        numbers[at] = numbers[at][:15] + "000"
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",certno", *(spell(at) + f",{number}" for at, number in enumerate(numbers)))
    result = run("check", path)
    assert (f"the numbers of certno were destroyed by a spreadsheet: {told}" in result.output) == (told is not None), result.output
    assert told is None or result.exit_code == 2


@pytest.mark.parametrize(
    "numbers",
    [
        [f"{number:011d}000" for number in range(1, 200)],  # 14 digits that end in zeros: a double holds them
        [f"3701{number:014d}" for number in range(900, 1100)],  # one of 18 digits ends in three zeros, as one in a thousand does
        [f"3701{number:012d}" for number in range(1, 200)],  # of 16 digits one in ten ends in a zero
        [f"37{kind:04d}{number:014d}" for kind in range(9) for number in range(3)],  # 20 digits that run on from 0 in nine series
        [f"3701{number * 7919:014d}" for number in range(1, 60)] + ["370100000000055000"] * 4,  # one person who comes often
        [f"0701{number:010d}00000" for number in range(1, 200)],  # a leading zero: never a number
    ],
)
@pytest.mark.usefixtures("sampled")
def test_numbers_that_end_in_zeros_by_themselves_are_good(numbers: list[str], home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, *(spell(at, psn_no=number) for at, number in enumerate(numbers)))
    result = run("check", path)
    assert result.exit_code == 0, result.output


def test_what_chance_gives_is_an_upper_bound_of_poissons_tail() -> None:
    import math

    for expected in (0.01, 0.5, 3.0, 40.0):
        for found in (1, 2, 5, 50, 90):
            if found > expected:
                tail = 1 - sum(math.exp(-expected) * expected**number / math.factorial(number) for number in range(found))
                assert _at_most_by_chance(found, expected) >= tail - 1e-12


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("insutype", "310-职工基本医疗保险", "310"),
        ("insutype", "310 职工", "310"),
        ("insutype", "职工(310)", "310"),
        ("insutype", "职工基本医疗保险【310】", "310"),
        ("insutype", "职工医保", "310"),
        ("insutype", "居民", "390"),
        ("insutype", "390:城乡居民基本医疗保险", "390"),
        ("insutype", "310-城乡居民基本医疗保险", MASK),
        ("insutype", "3号楼", MASK),
        ("psn_insu_stas", "1-正常参保", "1"),
        ("psn_insu_stas", "1正常", "1"),
        ("psn_insu_stas", "2-正常参保", MASK),
        ("psn_insu_stas", "8", "8"),
        ("matn_insu_flag", "是", "1"),
        ("matn_insu_flag", "N", "0"),
        ("matn_insu_flag", "True", "1"),
        ("vali_flag", "有效", "1"),
        ("vali_flag", "无效", "0"),
        ("vali_flag", "y", "1"),
        ("vali_flag", "yes", "1"),
        ("vali_flag", "Q", "Q"),
        ("gend", "男", "1"),
        ("gend", "张三", MASK),
        ("gend", "370102190101010016", MASK),
        ("gend", "13800001111", MASK),
        ("gend", "zhangsan", MASK),
        ("insu_admdvs", "山东", "370000"),
        ("insu_admdvs", "山东省", "370000"),
        ("insu_admdvs", "济南", "370100"),
        ("insu_admdvs", "济南市", "370100"),
        ("insu_admdvs", "山东省济南市", "370100"),
        ("insu_admdvs", "山东济南", "370100"),
        ("insu_admdvs", "370100济南市", "370100"),
        ("insu_admdvs", "内蒙古", "150000"),
        ("insu_admdvs", "广西", "450000"),
        ("insu_admdvs", "宁夏回族自治区", "640000"),
        ("insu_admdvs", "新疆", "650000"),
        ("insu_admdvs", "西藏", "540000"),
        ("insu_admdvs", "北京", "110000"),
        ("insu_admdvs", "恩施州", "422800"),
        ("insu_admdvs", "延边", "222400"),
        ("insu_admdvs", "海南", "460000"),
        ("insu_admdvs", "毕节市", "520500"),
        ("insu_admdvs", "某县", MASK),
        ("psn_cert_type", "身份证", "01"),
        ("psn_cert_type", "张三的证", None),
    ],
)
def test_codes_names_and_both(column: str, written: str, code: str | None) -> None:
    record = load_contracts()["enrollment"]
    reader = CodeReader(record, record.by_name[column])
    assert reader.read(written, None, 1)[0] == code
    assert bool(reader.masked) == (code in (MASK, None))


def test_a_place_name_of_two_places_is_neither() -> None:
    record = load_contracts()["enrollment"]
    reader = CodeReader(record, record.by_name["insu_admdvs"])
    assert reader.read("吉林", None, 3) == (None, "") and reader.shared == [("吉林", ("220000", "220200"), 3)]
    assert reader.read("吉林省", None, 1)[0] == "220000" and reader.read("吉林市", None, 1)[0] == "220200"


def test_a_name_of_codes_that_count_differently_is_refused_with_the_codes(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1), spell(2, psn_type="地方其他扩展人员"))
    result = run("ingest", path)
    assert result.exit_code == 2 and "「地方其他扩展人员」" in result.output and "1160, 1260, 1360" in result.output and not batches(home, "enrollment")


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2024-01", "202401"),
        ("2024/1", "202401"),
        ("2024年1月", "202401"),
        ("2024年01月", "202401"),
        ("2024.01", "202401"),
        ("202401", "202401"),
        ("2024-01-31", "202401"),
        ("2024-01-01 00:00:00", "202401"),
        ("２０２４年１月", "202401"),
        ("2024年1月份", "202401"),
        ("'202401", "202401"),
        ("202401.0", "202401"),
        ("2024.1", MASK),
        ("Jan-24", MASK),
        ("张三", MASK),
        ("45292", "45292"),
    ],
)
def test_months_as_they_are_written(written: str, month: str, home: Home, tmp_path: Path) -> None:
    write(tmp_path, "fund_ledger/a.csv", LEDGER, f"450100,{written},M,310,pool,I01,1", "450100,202402,M,310,pool,I01,1")
    assert run("ingest", tmp_path / "fund_ledger").exit_code == 0
    assert rows(home, "fund_ledger", "ym") == [(month,), ("202402",)]
    assert (run("check", tmp_path / "fund_ledger").exit_code == 0) == (month == "202401")


def test_a_month_of_a_date_cell(home: Home, tmp_path: Path) -> None:
    from datetime import datetime

    workbook(
        tmp_path / "population/a.xlsx",
        [["region_code", "year", "resident_population"], [370000, datetime(2024, 12, 31), 5], [370100, "2024年", 3], [370200, 2024, 2]],
    )
    assert run("ingest", tmp_path / "population").exit_code == 0
    assert rows(home, "population", "year") == [("2024",)] * 3


# ---------------------------------------------------------------- what is never shown or kept


def test_a_person_in_a_column_of_codes_is_masked_everywhere(home: Home, tmp_path: Path) -> None:
    card = with_check_digit("37010219010101001")
    lines = [settled(1, med_type="张小三") + ",,", settled(2) + f",{card},李四光", *(settled(number) + ",M03900,03" for number in range(3, 90))]
    write(tmp_path, "settlement/a.csv", SETTLEMENT + ",dise_no,hosp_lv", *lines)
    result = run("ingest", tmp_path / "settlement")
    assert result.exit_code == 0 and "a text of 3 characters" in result.output and "18 digits" in result.output and "line 3" in result.output
    written = _everything_in(home.lake) + result.output
    for value in ("张小三", card, "李四光"):
        assert value not in written
    assert rows(home, "settlement", "med_type, dise_no, hosp_lv")[:2] == [(MASK, None, None), ("11", MASK, MASK)]


def test_a_certificate_inside_a_key_is_hashed_alike_in_every_key_column(home: Home, tmp_path: Path) -> None:
    card = with_check_digit("37010219010101001")
    first, refund = f"{card}310", f"R{card}"
    header = SETTLEMENT + ",init_setl_id,rid"
    lines = [
        settled(1, setl_id=first) + ",,1",
        settled(2, setl_id=refund, mdtrt_id=first) + f",{first},2",
        settled(3, setl_id="张三") + ",,3",
        settled(4, setl_id="370102202405061234") + ",,4",
    ]
    write(tmp_path, "settlement/a.csv", header, *lines)
    result = run("ingest", tmp_path / "settlement")
    assert result.exit_code == 0
    hashed = keyed(f"key|{first}")
    assert rows(home, "settlement", "setl_id, mdtrt_id, init_setl_id") == [
        (hashed, "M1", None),
        (keyed(f"key|{refund}"), hashed, hashed),
        (keyed("key|张三"), "M3", None),
        ("370102202405061234", "M4", None),
    ]
    written = _everything_in(home.lake) + result.output
    assert card not in written and "张三" not in written


def test_an_unreadable_name_is_not_shown(home: Home, tmp_path: Path) -> None:
    write(
        tmp_path,
        "settlement/a.csv",
        SETTLEMENT,
        *(settled(number) for number in range(3, 300)),
        settled(1, medfee_sumamt="张小三"),
        settled(2, setl_time="Zhang San"),
    )
    result = run("check", tmp_path / "settlement")
    assert result.exit_code == 2 and "unreadable row" in result.output and "张小三" not in result.output and "Zhang" not in result.output


def test_notes_and_totals_below_a_table_are_no_rows(home: Home, tmp_path: Path) -> None:
    empty = "," * SETTLEMENT.count(",")
    below = [f"全市合计{empty}", f"注：数据截至6月{empty}", f"制表人：张三{empty[:-1]},", f"审核：李四,电话：88{empty[1:]}"]
    path = write(tmp_path, "settlement/a.csv", SETTLEMENT, settled(1), settled(2), *below)
    result = run("ingest", path)
    assert result.exit_code == 0 and "line 4" in result.output and "line 5, 6, 7" in result.output
    assert len(rows(home, "settlement")) == 2 and "张三" not in _everything_in(home.lake) + result.output
