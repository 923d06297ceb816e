"""The door: what is taken, what is repaired, what is refused, and that a batch gets in whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner, Result

from gongbao.cli import main
from gongbao.contracts import load_contracts
from gongbao.ingest import batch, cleaning, door, identity, typing
from gongbao.paths import Home

KEY = b"a test key"
ENROLLMENT = "psn_insu_rlts_id,psn_no,insutype,psn_type,psn_insu_stas,crt_insu_date,paus_insu_date,insu_admdvs"
SETTLEMENT = "setl_id,mdtrt_id,psn_no,insutype,psn_type,insu_admdvs,fix_blng_admdvs,setl_time,med_type,medfee_sumamt,fund_pay_sumamt"
LEDGER = "pool_region,ym,basis,scheme,part,item_code,amount"


# ---------------------------------------------------------------- help


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("GONGBAO_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("GONGBAO_KEY", KEY.decode())
    monkeypatch.setenv("GONGBAO_DEBUG", "1")
    return Home.from_environment()


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def query(sql: str) -> list[tuple]:
    return duckdb.connect().execute(sql).fetchall()


def batches(home: Home, record: str) -> list[Path]:
    return sorted(path for path in (home.lake / record).glob("*") if path.name != "_empty")


def rows(home: Home, record: str, columns: str = "*", order: str = "src_row_no") -> list[tuple]:
    (batch,) = batches(home, record)
    return query(f"select {columns} from read_parquet('{batch}/rows.parquet') order by {order}")


def batch_row(home: Home, record: str) -> dict[str, object]:
    (batch,) = batches(home, record)
    result = duckdb.connect().execute(f"from read_parquet('{batch}/batch.parquet')")
    (row,) = result.fetchall()
    return dict(zip([column[0] for column in result.description], row, strict=True))


def repairs(home: Home, record: str) -> dict[str, int]:
    return json.loads(str(batch_row(home, record)["repairs"]))


def unreadable(home: Home, record: str) -> list[tuple]:
    (batch,) = batches(home, record)
    return query(f"select src_row_no, column_name, reason from read_parquet('{batch}/unreadable.parquet') order by 1")


def keyed(message: str) -> str:
    return hmac.new(KEY, message.encode(), hashlib.sha256).hexdigest()[:32]


def with_check_digit(first_17: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first_17 + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first_17, weights, strict=True)) % 11]


def card_ending_in_x(region: str = "370102", born: str = "19900101") -> str:
    return next(card for number in range(1000) if (card := with_check_digit(f"{region}{born}{number:03d}"))[-1] == "X")


def spell(number: int, **values: str) -> str:
    row = {
        "psn_insu_rlts_id": f"E{number}",
        "psn_no": f"P{number}",
        "insutype": "310",
        "psn_type": "1101",
        "psn_insu_stas": "1",
        "crt_insu_date": "2020-01-01",
        "paus_insu_date": "",
        "insu_admdvs": "370100",
    }
    return ",".join((row | values).values())


def settled(number: int, **values: str) -> str:
    row = {
        "setl_id": f"S{number}",
        "mdtrt_id": f"M{number}",
        "psn_no": f"P{number}",
        "insutype": "310",
        "psn_type": "1101",
        "insu_admdvs": "370100",
        "fix_blng_admdvs": "370100",
        "setl_time": "2024-05-06 07:08:09",
        "med_type": "11",
        "medfee_sumamt": "100.00",
        "fund_pay_sumamt": "60.00",
    }
    return ",".join((row | values).values())


# ---------------------------------------------------------------- plain ways in


def test_every_contract_column_arrives_in_contract_order_with_its_type(home: Home, tmp_path: Path) -> None:
    write(tmp_path, "settlement/370000_2024.csv", SETTLEMENT, settled(1), settled(2, setl_time="2024-05-06"))
    assert run("ingest", tmp_path / "settlement").exit_code == 0
    (batch,) = batches(home, "settlement")
    described = [(name, kind.lower()) for name, kind, *_ in query(f"describe from read_parquet('{batch}/rows.parquet')")]
    assert described == typing.layout(load_contracts()["settlement"])
    assert rows(home, "settlement", "setl_id, psn_no, setl_time, medfee_sumamt, weight, certno, certno_check, src_row_no") == [
        ("S1", keyed("psn_no|P1"), datetime(2024, 5, 6, 7, 8, 9), Decimal("100.00"), Decimal("1.000000"), None, "absent", 2),
        ("S2", keyed("psn_no|P2"), datetime(2024, 5, 6), Decimal("100.00"), Decimal("1.000000"), None, "absent", 3),
    ]
    log = batch_row(home, "settlement")
    digest = hashlib.sha256((tmp_path / "settlement/370000_2024.csv").read_bytes()).hexdigest()
    assert log["batch_id"] == batch.name
    assert re.fullmatch(r"settlement-[0-9a-f]{12}", batch.name), "the id of a batch says nothing of its file's name"
    assert (log["file_name"], log["provinces"], log["first_month"], log["last_month"]) == ("370000_2024.csv", "370000", "2024-05", "2024-05")
    assert (log["sha256"], log["encoding"], log["delimiter"], log["rows_read"], log["rows_typed"]) == (digest, "utf-8", ",", 2, 2)
    assert log["columns_delivered"] == SETTLEMENT
    assert (home.inbox / "settlement" / batch.name / "370000_2024.csv").read_bytes() == (tmp_path / "settlement/370000_2024.csv").read_bytes()
    assert not (home.lake / ".staging").exists()


def test_every_record_has_an_empty_batch_of_its_layout(home: Home) -> None:
    batch.ensure_lake(home)
    for record in load_contracts():
        folder = home.lake / record / "_empty"
        described = [(name, kind.lower()) for name, kind, *_ in query(f"describe from read_parquet('{folder}/rows.parquet')")]
        assert described == typing.layout(load_contracts()[record])
        for file in ("rows", "unreadable", "batch", "control"):
            assert query(f"select count(*) from read_parquet('{folder}/{file}.parquet')") == [(0,)]


@pytest.mark.parametrize("shape", ["tab", "single quotes", "double quotes", "crlf", "bom", "gz", "mixed line ends", "xlsx", "parquet", "no last line end"])
def test_one_table_in_ten_shapes_gives_the_same_rows(shape: str, home: Home, tmp_path: Path) -> None:
    lines = [ENROLLMENT, spell(1), spell(2, paus_insu_date="2024-03-01"), spell(3, insutype="390")]
    cells = [line.split(",") for line in lines]
    folder = tmp_path / "enrollment"
    match shape:
        case "tab":
            write(folder, "a.txt", *("\t".join(cell or "null" for cell in row) for row in cells))
        case "single quotes":
            write(folder, "a.csv", lines[0], *(",".join(f"'{cell}'" for cell in row) for row in cells[1:]))
        case "double quotes":
            write(folder, "a.csv", *(",".join(f'"{cell}"' for cell in row) for row in cells))
        case "crlf":
            write(folder, "a.csv", *lines, end="\r\n")
        case "bom":
            write(folder, "a.csv", *lines, encoding="utf-8-sig")
        case "gz":
            write(folder, "a.csv.gz", *lines).write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
        case "mixed line ends":
            write(folder, "a.csv", lines[0] + "\r", *lines[1:])
        case "no last line end":
            write(folder, "a.csv", *lines).write_bytes("\n".join(lines).encode())
        case "xlsx":
            workbook(folder / "a.xlsx", [[date.fromisoformat(cell) if cell.startswith("20") else cell or None for cell in row] for row in cells])
        case "parquet":
            folder.mkdir()
            values = ", ".join("(" + ", ".join(f"'{cell}'" if cell else "null" for cell in row) + ")" for row in cells[1:])
            query(
                f"copy (select * replace (cast(crt_insu_date as date) as crt_insu_date) from (values {values}) t({lines[0]})) to '{folder}/a.parquet' (format parquet)"
            )
    result = run("ingest", folder)
    assert result.exit_code == 0, result.output
    assert rows(home, "enrollment", "psn_insu_rlts_id, psn_no, insutype, crt_insu_date, paus_insu_date, src_row_no") == [
        ("E1", keyed("psn_no|P1"), "310", date(2020, 1, 1), None, 2),
        ("E2", keyed("psn_no|P2"), "310", date(2020, 1, 1), date(2024, 3, 1), 3),
        ("E3", keyed("psn_no|P3"), "390", date(2020, 1, 1), None, 4),
    ]
    assert repairs(home, "enrollment") == {}


def workbook(path: Path, cells: list[list[object]]) -> None:
    import openpyxl

    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append(row)
    book.save(path)


def test_gbk_and_utf8_twins_give_identical_rows(home: Home, tmp_path: Path) -> None:
    header = "地区代码,年份,常住人口,来源"
    lines = [header, "450000,2024,50130000,统计局·㛃𠅤公报", "450100,2024,8940000.5,镕喆"]
    assert "㛃".encode("gb18030") and not _in("㛃", "gb2312") and not _in("𠅤", "gbk")
    write(tmp_path, "population/utf8.csv", *lines)
    write(tmp_path, "population/gbk.csv", *lines, encoding="gb18030")
    result = run("ingest", tmp_path / "population")
    assert result.exit_code == 0
    assert "编码 encoding GB18030 (GBK)" in result.output
    columns = "region_code, year, resident_population, source, src_row_no"
    twins = [query(f"select {columns} from read_parquet('{batch}/rows.parquet') order by src_row_no") for batch in batches(home, "population")]
    assert (
        twins[0]
        == twins[1]
        == [
            ("450000", "2024", Decimal("50130000.00"), "统计局·㛃𠅤公报", 2),
            ("450100", "2024", Decimal("8940000.50"), "镕喆", 3),
        ]
    )


def _in(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_chinese_headers_with_text_categories(home: Home, tmp_path: Path) -> None:
    header = (
        "结算ID,就诊ID,个人编号,人员姓名,证件号码,险种类型,人员类别,参保地区划,定点医保归属区划,结算日期,医疗类别,总费用,全自费金额,起付线,统筹基金支出,"
        "大病保险支出,其他基金支付,基金支付总额,个人现金支付,个人账户支付,医院等级,支付地点类别,乡镇"
    )
    row = 'S1,M1,P1,张三,110101199003070003,职工基本医疗保险,在职,济南市,青岛市,2024/3/1,普通住院,"1,234.50",10,20,900,0,0,900,300,34.5,三级甲等,医药机构,某镇'
    write(tmp_path, "settlement/county.csv", header, row, encoding="gb18030")
    result = run("ingest", tmp_path / "settlement")
    assert result.exit_code == 0, result.output
    assert "未知列「乡镇」，未读入" in result.output
    columns = "insutype, psn_type, insu_admdvs, fix_blng_admdvs, setl_time, med_type, medfee_sumamt, hosp_lv, pay_loc, act_pay_dedc, othfund_pay, cash_payamt"
    assert rows(home, "settlement", columns) == [
        ("310", "11", "370100", "370200", datetime(2024, 3, 1), "21", Decimal("1234.50"), "02", "2", Decimal("20.00"), Decimal("0.00"), Decimal("300.00"))
    ]
    log = batch_row(home, "settlement")
    assert (log["columns_unknown"], json.loads(log["headers_unknown"])) == (1, ["乡镇"])
    assert json.loads(log["aliases_used"])["总费用"] == "medfee_sumamt"
    assert repairs(home, "settlement") == {
        "insutype.name_to_code": 1,
        "psn_type.name_to_code": 1,
        "insu_admdvs.name_to_code": 1,
        "fix_blng_admdvs.name_to_code": 1,
        "med_type.name_to_code": 1,
        "hosp_lv.name_to_code": 1,
        "pay_loc.name_to_code": 1,
        "medfee_sumamt.thousands": 1,
    }
    assert "张三" not in _everything_in(home.lake)


def test_ledger_in_wan_yuan_becomes_yuan(home: Home, tmp_path: Path) -> None:
    write(
        tmp_path,
        "fund_ledger/450000.csv",
        LEDGER + ",unit",
        "450100,202401,M,310,统筹基金,I01,1234.56789,万元",
        "450100,202401,M,310,个人账户,I01,77.5,元",
        "450100,202401,M,310,统筹,I02,3,",
    )
    assert run("ingest", tmp_path / "fund_ledger").exit_code == 0
    assert rows(home, "fund_ledger", "part, amount, version, unit") == [
        ("pool", Decimal("12345678.90"), "final", "万元"),
        ("account", Decimal("77.50"), "final", "元"),
        ("pool", Decimal("3.00"), "final", None),
    ]
    assert repairs(home, "fund_ledger") == {"amount.wan_to_yuan": 1, "part.name_to_code": 3}


def test_unit_of_the_whole_file_by_set(home: Home, tmp_path: Path) -> None:
    write(tmp_path, "fund_ledger/a.csv", LEDGER, "450100,202401,M,310,pool,I01,2.5")
    assert run("ingest", tmp_path / "fund_ledger", "--set", "unit=万元").exit_code == 0
    assert rows(home, "fund_ledger", "amount") == [(Decimal("25000.00"),)]


def test_set_gives_a_missing_column_and_is_recorded(home: Home, tmp_path: Path) -> None:
    header = ENROLLMENT.replace("insutype,", "").replace(",insu_admdvs", "")
    line = ",".join(cell for at, cell in enumerate(spell(1).split(",")) if at not in (2, 7))
    path = write(tmp_path, "enrollment/a.csv", header, line)
    refused = run("ingest", path)
    assert refused.exit_code == 2 and "insutype（险种类型）、insu_admdvs（参保所属医保区划）" in refused.output
    assert run("ingest", path, "--set", "insutype=310", "--set", "医保区划=370100").exit_code == 0
    assert rows(home, "enrollment", "insutype, insu_admdvs") == [("310", "370100")]
    log = batch_row(home, "enrollment")
    assert json.loads(log["settings"])["set"] == {"insutype": "310", "insu_admdvs": "370100"}
    assert log["columns_set"] == "insu_admdvs,insutype"
    assert "insutype" in str(batch_row(home, "enrollment")["columns_delivered"]).split(",")


@pytest.mark.parametrize(("pair", "words"), [("nothing=1", "契约中没有这一列"), ("psn_no=1", "个人信息列不能设为固定值"), ("insutype", "应为 列=值")])
def test_a_wrong_set_is_refused(pair: str, words: str, home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1))
    result = run("ingest", path, "--set", pair)
    assert result.exit_code == 2 and words in result.output and not batches(home, "enrollment")


# ---------------------------------------------------------------- repairs


def test_repairs_are_made_and_counted(home: Home, tmp_path: Path) -> None:
    header = SETTLEMENT + ",psn_cert_type,ipt_days,hosp_lv,begndate,year"
    write(
        tmp_path,
        "settlement/a.csv",
        header,
        settled(1, psn_no="'P1", insutype="３１０", medfee_sumamt="38.61000000000001", fund_pay_sumamt="２０.５０") + ",1,3.0,3,２０２４/3/1,2024.0",
        settled(2, insu_admdvs="370100.0", medfee_sumamt='"1,234,567.891"', fund_pay_sumamt="-0.005") + ",01,4,03,20240301,2024",
        settled(3, setl_id=" S3 ", medfee_sumamt="5.684341886080802e-14", setl_time="20240506070809") + ",1,,,2024-03-01 10:00:00,2024",
    )
    assert run("ingest", tmp_path / "settlement").exit_code == 0
    columns = "setl_id, psn_no, insutype, insu_admdvs, medfee_sumamt, fund_pay_sumamt, psn_cert_type, ipt_days, hosp_lv, begndate, year, setl_time"
    day, moment = date(2024, 3, 1), datetime(2024, 5, 6, 7, 8, 9)
    assert rows(home, "settlement", columns) == [
        ("S1", keyed("psn_no|P1"), "310", "370100", Decimal("38.61"), Decimal("20.50"), "01", 3, "03", day, "2024", moment),
        ("S2", keyed("psn_no|P2"), "310", "370100", Decimal("1234567.89"), Decimal("-0.01"), "01", 4, "03", day, "2024", moment),
        ("S3", keyed("psn_no|P3"), "310", "370100", Decimal("0.00"), Decimal("60.00"), "01", None, None, day, "2024", moment),
    ]
    assert repairs(home, "settlement") == {
        "psn_no.apostrophe": 1,
        "insutype.full_width": 1,
        "medfee_sumamt.rounded": 3,
        "medfee_sumamt.thousands": 1,
        "fund_pay_sumamt.full_width": 1,
        "fund_pay_sumamt.rounded": 1,
        "psn_cert_type.zero_padded": 2,
        "hosp_lv.zero_padded": 1,
        "ipt_days.trailing_zero": 1,
        "begndate.full_width": 1,
        "year.trailing_zero": 1,
        "insu_admdvs.trailing_zero": 1,
        "setl_id.spaces": 1,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("20240301", date(2024, 3, 1)),
        ("2024/3/1", date(2024, 3, 1)),
        ("2024-3-1", date(2024, 3, 1)),
        ("2024-03-01T10:11:12", date(2024, 3, 1)),
        ("2024/3/1 9:05", date(2024, 3, 1)),
        ("20240301101112", date(2024, 3, 1)),
        ("20240301 10:11:12", date(2024, 3, 1)),
        ("2024-02-29", date(2024, 2, 29)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2023-02-29", None),
        ("03/01/2024", None),
        ("1/3/2024", None),
        ("24-3-1", None),
        ("45352", None),
        ("2024-13-01", None),
        ("2024/3-1", None),
        ("20240230", None),
        ("epoch", None),
        ("2024年3月1日", None),
        ("2024-03-01Z", None),
    ],
)
def test_date_forms(text: str, value: date | None) -> None:
    connection = duckdb.connect()
    cleaning.install(connection)
    assert connection.execute("select cast(as_moment($1) as date)", [text]).fetchall() == [(value,)]


def test_dates_of_a_workbook_real_serial_and_text(home: Home, tmp_path: Path) -> None:
    cells: list[list[object]] = [ENROLLMENT.split(","), *(spell(number).split(",") for number in (1, 2, 3, 4))]
    cells[1][5], cells[2][5], cells[3][5], cells[4][5] = datetime(2024, 1, 31), 45322, "20240131", 20240131
    cells[1][2] = 310
    workbook(tmp_path / "enrollment/a.xlsx", cells)
    assert run("ingest", tmp_path / "enrollment").exit_code == 0
    assert rows(home, "enrollment", "crt_insu_date, insutype, src_row_no") == [(date(2024, 1, 31), "310", number) for number in (2, 3, 4, 5)]
    assert repairs(home, "enrollment") == {"crt_insu_date.excel_serial": 1}


def test_a_serial_number_in_a_csv_is_not_a_date(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, *(spell(number) for number in range(9)), spell(9, crt_insu_date="45322"))
    result = run("ingest", path)
    assert result.exit_code == 0 and "如「45322」" in result.output
    assert unreadable(home, "enrollment") == [(11, "crt_insu_date", "date")]


# ---------------------------------------------------------------- persons


def test_keyed_hash_equals_pythons_hmac() -> None:
    connection = duckdb.connect()
    for key in (b"k", b"x" * 64, b"y" * 100):
        identity.install(connection, key)
        for message in ("", "psn_no|1", "cert|01|11010119900307000X", "cert|99|护照Ａ" * 20):
            expected = hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:32]
            assert connection.execute("select keyed_hash($1)", [message]).fetchall() == [(expected,)]


def test_forms_of_one_certificate_number_give_one_hash(home: Home, tmp_path: Path) -> None:
    card = card_ending_in_x()
    old = card[:6] + card[8:17]
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in card)
    assert unicodedata.normalize("NFKC", full_width) == card
    forms = [card, card.lower(), f" {card} ", f"'{card}", full_width, old]
    write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",certno", *(f"{spell(at)},{form}" for at, form in enumerate(forms)))
    assert run("ingest", tmp_path / "enrollment").exit_code == 0
    assert rows(home, "enrollment", "certno, certno_check") == [(keyed(f"cert|01|{card}"), "valid")] * 6
    assert repairs(home, "enrollment") == {
        "certno.apostrophe": 1,
        "certno.fifteen_to_eighteen": 1,
        "certno.full_width": 1,
        "certno.spaces": 1,
        "certno.upper_case": 1,
    }


def test_certificate_checks_and_conflicts(home: Home, tmp_path: Path) -> None:
    man, woman = with_check_digit("37010219900101001"), with_check_digit("37010219900101002")
    wrong = man[:-1] + ("0" if man[-1] != "0" else "1")
    cases = [  # certificate type, number, sex, birth → check, conflict, hashed text
        ("01", man, "1", "1990-01-20", "valid", None, f"cert|01|{man}"),
        ("", woman, "1", "1990-01-01", "valid", "sex", f"cert|01|{woman}"),
        ("01", woman, "女", "199002", "valid", "birth", f"cert|01|{woman}"),
        ("01", man, "2", "1991/1", "valid", "both", f"cert|01|{man}"),
        ("01", man, "9", "", "valid", None, f"cert|01|{man}"),
        ("01", wrong, "2", "1980-01-01", "wrong_check_digit", None, f"cert|01|{wrong}"),
        ("01", "37010219901301001X", "1", "", "malformed", None, "cert|01|37010219901301001X"),
        ("01", "12345", "1", "", "malformed", None, "cert|01|12345"),
        ("06", "h1234567", "1", "", "other_type", None, "cert|06|H1234567"),
        ("01", "", "1", "", "absent", None, None),
    ]
    lines = [f"{spell(at)},{kind},{number},{sex},{birth}" for at, (kind, number, sex, birth, *_) in enumerate(cases)]
    write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",psn_cert_type,certno,gend,brdy", *lines)
    result = run("ingest", tmp_path / "enrollment")
    assert result.exit_code == 0, result.output
    assert rows(home, "enrollment", "certno_check, certno_conflict, certno") == [(check, conflict, text and keyed(text)) for *_, check, conflict, text in cases]
    assert rows(home, "enrollment", "brdy")[:4] == [(date(1990, 1, 1),), (date(1990, 1, 1),), (date(1990, 2, 1),), (date(1991, 1, 1),)]


def test_no_personal_value_is_left_anywhere(home: Home, tmp_path: Path) -> None:
    card, number = card_ending_in_x(), "37000000000012345678"
    bad = [spell(at, psn_no=number, crt_insu_date="31/12/2020") + f",王小明,{card},13800001111,19911231x" for at in range(2)]
    good = [spell(at, psn_no=number) + f",王小明,{card},13800001111,1990-01-01" for at in range(2, 200)]
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",psn_name,certno,tel,brdy", *bad, *good)
    result = run("ingest", path)
    assert result.exit_code == 0 and len(unreadable(home, "enrollment")) == 2
    written = _everything_in(home.lake) + result.output
    for value in (card, number, "王小明", "13800001111", "19911231x", "1990-01-01"):
        assert value not in written


def test_a_value_that_may_have_moved_from_a_personal_column_is_not_shown(home: Home, tmp_path: Path) -> None:
    card = card_ending_in_x()
    good = [spell(number) + ",王小明,1990-01-01" for number in range(300)]
    moved = [
        spell(1, crt_insu_date=card) + ",王小明,1990-01-01",  # too many digits
        spell(2, crt_insu_date="欧阳小明") + ",王小明,1990-01-01",  # a word, in a file with names
        spell(3, crt_insu_date="P-77", paus_insu_date="P-78") + ",王小明,1990-01-01",  # several faults
    ]
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",psn_name,brdy", *moved, *good)
    result = run("check", path)
    assert result.exit_code == 2 and "3 行不可读：crt_insu_date（本次参保日期）" in result.output
    for value in (card, card[:10], "欧阳", "P-77", "P-78"):
        assert value not in result.output


def _everything_in(folder: Path) -> str:
    texts = [path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()]
    texts += [str(query(f"from read_parquet('{path}')")) for path in folder.rglob("*.parquet")]
    return "".join(texts)


def test_another_key_is_refused(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("ingest", write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1))).exit_code == 0
    monkeypatch.setenv("GONGBAO_KEY", "another")
    result = run("ingest", write(tmp_path, "enrollment/b.csv", ENROLLMENT, spell(2)))
    assert result.exit_code == 2 and "身份密钥与数据湖以往所用的不同" in result.output and len(batches(home, "enrollment")) == 1


def test_the_key_is_made_once_with_mode_600(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGBAO_KEY", raising=False)
    monkeypatch.delenv("GONGBAO_KEY_FILE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    key = identity.load_key()
    path = tmp_path / ".config/gongbao/identity.key"
    assert identity.load_key() == key and len(key) == 64 and path.stat().st_mode & 0o777 == 0o600


# ---------------------------------------------------------------- single bad rows


def test_unreadable_rows_cost_only_themselves(home: Home, tmp_path: Path) -> None:
    lines = [ENROLLMENT + ",psn_name", *(spell(number) + ',"赵, 六"' for number in range(2, 1002))]
    lines[9] = spell(10) + ',"未闭合'  # line 10: an unpaired quote
    lines[19] = spell(20)  # line 20: a field short
    lines[29] = spell(30, crt_insu_date="2020-13-01") + ",x"
    lines[39] = "合　计：1000" + "," * 8
    lines[49] = ""
    path = write(tmp_path, "enrollment/a.csv", *lines)
    result = run("ingest", path)
    assert result.exit_code == 0, result.output
    assert unreadable(home, "enrollment") == [(10, None, "quote"), (20, None, "fields"), (30, "crt_insu_date", "date")]
    log = batch_row(home, "enrollment")
    assert (log["rows_read"], log["rows_typed"], log["rows_unreadable"], log["rows_skipped"]) == (998, 995, 3, 1)
    assert log["rows_read"] + log["rows_skipped"] + repairs(home, "enrollment")["empty_rows"] == len(lines) - 1
    assert query(f"select count(*) from read_parquet('{home.lake}/enrollment/enrollment-*/rows.parquet') where psn_insu_rlts_id <> 'E' || src_row_no") == [(0,)]
    assert "跳过 1 个合计行：行 40" in result.output and "如「2020-13-01」" in result.output
    checked = run("check", path)
    assert checked.exit_code == 2 and "a.csv:10" in checked.output


def test_a_pair_of_unpaired_quotes_does_not_swallow_the_rows_between(home: Home, tmp_path: Path) -> None:
    lines = [ENROLLMENT.replace("psn_no", "psn_no,psn_name"), *(spell(n, psn_no=f"P{n},张三") for n in range(2, 502))]
    lines[4] = spell(5, psn_no='P5,"张三')
    lines[7] = spell(8, psn_no="P8,张三").replace(",张三", ',x"')
    path = write(tmp_path, "enrollment/a.csv", *lines)
    assert run("ingest", path).exit_code == 0
    assert unreadable(home, "enrollment") == [(5, None, "quote"), (8, None, "quote")]
    assert len(rows(home, "enrollment")) == 498


def test_a_line_break_inside_quotes_is_one_row(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",psn_name", spell(2) + ',"张\n三"', spell(3) + ",李四")
    assert run("ingest", path).exit_code == 0
    assert rows(home, "enrollment", "psn_insu_rlts_id, src_row_no") == [("E2", 2), ("E3", 3)]


def test_row_numbers_are_right_when_read_in_parallel(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "enrollment" / "big.csv"
    path.parent.mkdir()
    columns = "'P'||i, '310', '1101', '1', '2020-01-01', null, '370100', repeat('x', 200)"
    query(f"copy (select 'E'||i as psn_insu_rlts_id, {columns} from range(2, 300002) t(i)) to '{path}' (header false)")
    path.write_bytes((ENROLLMENT + ",memo\n").encode() + path.read_bytes())
    assert path.stat().st_size > 60_000_000  # several of DuckDB's read buffers
    assert run("ingest", path).exit_code == 0
    batch = batches(home, "enrollment")[0]
    assert query(f"select count(*), count(*) filter (psn_insu_rlts_id <> 'E' || src_row_no) from read_parquet('{batch}/rows.parquet')") == [(300_000, 0)]


# ---------------------------------------------------------------- whole files refused


def _hostile() -> dict[str, tuple[bytes | None, str]]:
    good = "\n".join([ENROLLMENT, *(spell(number) for number in range(20)), ""])
    shifted = "\n".join(
        [ENROLLMENT, *(spell(n, psn_insu_stas="1,2020-01-01", paus_insu_date="370100", crt_insu_date="x").rsplit(",", 1)[0] for n in range(20)), ""]
    )
    destroyed = "\n".join([ENROLLMENT + ",certno", *(spell(n) + ",3.70102E+17" for n in range(20)), ""])
    zeros = "\n".join([ENROLLMENT + ",certno", *(spell(n) + f",{370102199001010000 + n * 1000}" for n in range(20)), ""])
    return {
        "empty.csv": (b"", "文件为空"),
        "header_only.csv": ((ENROLLMENT + "\n").encode(), "只有表头，没有数据行"),
        "undecodable.csv": (good.encode() + b"\xff\xff\xff\n", "第 22 行既不是 UTF-8 也不是 GBK"),
        "binary.csv": (good.encode().replace(b"E5", b"\0\0"), "含有 NUL 字节"),
        "utf16_without_mark.csv": (good.encode("utf-16-le"), "含有 NUL 字节"),
        "no_header.csv": (good.split("\n", 1)[1].encode(), "找不到表头"),
        "missing_column.csv": (good.replace("insutype", "险种类别代号").encode(), "缺少必需的列：insutype（险种类型）"),
        "twice.csv": (good.replace("psn_type", "险种").encode(), "两个列名都对应 insutype"),
        "wrong_record.csv": ("\n".join([SETTLEMENT, settled(1), ""]).encode(), "而像「结算」（必需列符合 100%）"),
        "truncated.csv": (good.encode()[:-30], "文件被截断：最后一行只有"),
        "truncated.csv.gz": (gzip.compress(good.encode() * 50)[:-20], "压缩文件不完整或已损坏"),
        "shifted.csv": (shifted.encode(), "20 行不可读：paus_insu_date（暂停参保日期）"),
        "scientific.csv": (destroyed.encode(), "已被电子表格损坏：20 个中有 20 个"),
        "zeros.csv": (zeros.encode(), "已被电子表格损坏：20 个中有 20 个"),
        "broken.xlsx": (b"PK\x03\x04 not a workbook", "不是可读的 XLSX 工作簿"),
        "broken.parquet": (b"PAR1 not a table PAR1", "Parquet 文件已损坏"),
        "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "不是可读的 XLSX 或 XLS 工作簿"),
        "one_column.csv": (b"abc\n1\n2\n", "首行既无逗号也无 TAB"),
    }


@pytest.mark.parametrize("name", sorted(_hostile()))
def test_a_hostile_file_is_refused_whole_with_one_clear_message(name: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGBAO_DEBUG")
    content, words = _hostile()[name]
    path = tmp_path / "enrollment" / name
    path.parent.mkdir()
    path.write_bytes(content)
    for command in ("ingest", "check"):
        result = run(command, path)
        assert result.exit_code == 2
        assert words in result.output and name in result.output, result.output
        assert "Traceback" not in result.output and "Error" not in result.output
        assert "→" in result.output  # what to do
    assert not batches(home, "enrollment") and not (home.lake / ".staging").exists() and not home.inbox.exists()


REGISTER = "reg_type,obj_id,admdvs,kind_code,begndate,enddate,cnt"


def header_alone(folder: Path, form: str) -> Path:
    path = folder / "register_entry" / f"nothing.{form}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        path.write_text(REGISTER + "\n", encoding="utf-8")
    elif form == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(REGISTER.split(","))
        book.save(path)
    else:
        query(f"copy (select {', '.join(f'null::varchar as {name}' for name in REGISTER.split(','))} where false) to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_register_without_rows_is_a_delivery_where_the_supplier_says_of_which_province(form: str, home: Home, tmp_path: Path) -> None:
    path = header_alone(tmp_path, form)
    for command in ("check", "ingest"):
        for given in ((), ("--set", "admdvs=379999")):
            refused = run(command, path, *given)
            assert refused.exit_code == 2 and "没有数据行" in refused.output and "--set admdvs=370000" in refused.output
    checked = run("check", path, "--set", "admdvs=370000")
    assert checked.exit_code == 0 and "370000 没有登记名册，计为零" in checked.output
    for province in ("370000", "440000", "370000"):
        assert run("ingest", path, "--set", f"admdvs={province}").exit_code == 0
    said = [
        query(f"select rows_read, rows_typed, provinces, first_month from read_parquet('{batch}/batch.parquet')") for batch in batches(home, "register_entry")
    ]
    assert sorted(said, key=str) == [[(0, 0, "370000", None)], [(0, 0, "440000", None)]]
    assert [query(f"select count(*) from read_parquet('{batch}/rows.parquet')") for batch in batches(home, "register_entry")] == [[(0,)], [(0,)]]


def test_rows_and_a_province_without_any_contradict_each_other(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "register_entry/a.csv", REGISTER, "area_programme,371400,371400,ltc_pilot,2020-09-10,,")
    refused = run("ingest", path, "--set", "admdvs=370000")
    assert refused.exit_code == 2 and "admdvs" in refused.output and not batches(home, "register_entry")


def test_a_record_whose_silence_says_nothing_is_not_delivered_by_a_header(home: Home, tmp_path: Path) -> None:
    refused = run("ingest", write(tmp_path, "settlement/a.csv", SETTLEMENT), "--set", "insu_admdvs=370000")
    assert refused.exit_code == 2 and not batches(home, "settlement")


def test_the_nearest_header_is_named_and_never_applied(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT.replace("insutype", "险种类别"), spell(1))
    result = run("check", path)
    assert result.exit_code == 2
    assert "「险种类别」最接近 insutype（相似度 75%）" in result.output and "aliases: [险种类别]" in result.output and "--set insutype=" in result.output


def test_a_file_name_that_looks_like_a_pattern(home: Home, tmp_path: Path) -> None:
    write(tmp_path, "enrollment/ab.csv", ENROLLMENT, spell(1), spell(2))
    path = write(tmp_path, "enrollment/a[b]*.csv", ENROLLMENT, spell(3))
    assert run("ingest", path).exit_code == 0
    assert rows(home, "enrollment", "psn_insu_rlts_id, weight") == [("E3", 1)]


def test_an_empty_weight_is_one(home: Home, tmp_path: Path) -> None:
    write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",weight", spell(1) + ",20000.5", spell(2) + ",")
    assert run("ingest", tmp_path / "enrollment").exit_code == 0
    assert rows(home, "enrollment", "weight") == [(Decimal("20000.5"),), (1,)]


def test_a_set_that_does_not_apply_is_told(home: Home, tmp_path: Path) -> None:
    result = run("check", write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1)), "--set", "unit=万元")
    assert result.exit_code == 0 and "--set unit 不适用于「参保关系」" in result.output


def test_the_record_must_be_known(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "delivery/a.csv", ENROLLMENT, spell(1))
    result = run("ingest", path)
    assert result.exit_code == 2 and "--record enrollment" in result.output
    assert run("ingest", path, "--record", "nothing").exit_code == 2
    assert run("ingest", path, "--record", "enrollment").exit_code == 0


def test_a_row_count_at_a_spreadsheets_limit_is_doubted(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "population/a.csv", "region_code,year,resident_population", *(f"370100,2024,{number}" for number in range(65_535)))
    result = run("ingest", path)
    assert result.exit_code == 0 and "恰好 65,536 行" in result.output


def test_a_folder_goes_on_after_a_refusal_and_passes_over_what_is_no_data(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    write(folder, "enrollment/a.csv", ENROLLMENT, spell(1))
    write(folder, "enrollment/b.csv", ENROLLMENT)
    write(folder, "settlement/2024/c.csv", SETTLEMENT, settled(1))
    write(folder, "truth/enrollment/d.csv", ENROLLMENT, spell(1))
    write(folder, "README.md", "# text")
    (folder / "enrollment/a.csv.control.json").write_text("{}")
    result = run("ingest", folder)
    assert result.exit_code == 2 and "汇总 summary" in result.output
    assert [len(batches(home, record)) for record in ("enrollment", "settlement")] == [1, 1]


# ---------------------------------------------------------------- batches


def test_the_same_file_twice_changes_nothing(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1))
    run("ingest", path)
    before = {file: file.stat().st_mtime_ns for file in home.root.rglob("*") if file.suffix in (".parquet", ".csv")}
    result = run("ingest", write(tmp_path, "enrollment/renamed.csv", ENROLLMENT, spell(1)))
    assert result.exit_code == 0 and "此前已读入，没有变化" in result.output
    assert {file: file.stat().st_mtime_ns for file in home.root.rglob("*") if file.suffix in (".parquet", ".csv")} == before
    assert run("ingest", home.inbox).exit_code == 0 and len(batches(home, "enrollment")) == 1


def test_a_correction_names_a_batch_that_is_there_and_not_yet_corrected(home: Home, tmp_path: Path) -> None:
    run("ingest", write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1)))
    first = batches(home, "enrollment")[0].name
    second = write(tmp_path, "enrollment/b.csv", ENROLLMENT, spell(1, psn_type="1102"))
    assert run("ingest", second, "--corrects", first).exit_code == 2
    unknown = run("ingest", second, "--corrects", first[:-1], "--reason", "复核")
    assert unknown.exit_code == 2 and first in unknown.output and len(batches(home, "enrollment")) == 1
    assert run("ingest", second, "--corrects", f"batch:{first}", "--reason", "复核").exit_code == 0
    (corrected,) = [batch for batch in batches(home, "enrollment") if batch.name != first]
    assert query(f"select corrects, reason from read_parquet('{corrected}/batch.parquet')") == [(first, "复核")]
    third = run("ingest", write(tmp_path, "enrollment/c.csv", ENROLLMENT, spell(1, psn_type="1103")), "--corrects", first, "--reason", "再核")
    assert third.exit_code == 2 and f"已被 {corrected.name} 更正" in third.output
    assert run("ingest", tmp_path / "enrollment", "--corrects", corrected.name, "--reason", "x").exit_code == 2
    assert "此前已读入" in run("ingest", second, "--corrects", first, "--reason", "复核").output


def test_control_totals_are_compared(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "settlement/a.csv", SETTLEMENT, settled(1), settled(2, medfee_sumamt="0.10"))
    path.with_name("a.csv.control.json").write_text(json.dumps({"rows": 2, "sums": {"medfee_sumamt": "100.10", "fund_pay_sumamt": "121.00"}}))
    result = run("ingest", path)
    assert result.exit_code == 0 and "控制总数不符：fund_pay_sumamt 应为 121.00，读到 120.00" in result.output
    batch = batches(home, "settlement")[0]
    assert query(f"select measure, expected, delivered from read_parquet('{batch}/control.parquet') order by 1") == [
        ("fund_pay_sumamt", Decimal("121.00"), Decimal("120.00")),
        ("medfee_sumamt", Decimal("100.10"), Decimal("100.10")),
        ("rows", Decimal("2.00"), Decimal("2.00")),
    ]


def test_a_killed_ingest_leaves_nothing_and_the_next_one_succeeds(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1))
    program = (
        "import os, signal; from pathlib import Path; from gongbao.ingest import batch, door; from gongbao.paths import Home\n"
        "batch.commit = lambda *args: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"door.ingest_files(Home.from_environment(), [Path({str(path)!r})])"
    )
    killed = subprocess.run([sys.executable, "-c", program], env=os.environ | {"GONGBAO_HOME": str(home.root)}, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list((home.lake / ".staging").rglob("rows.parquet")) and not batches(home, "enrollment")
    assert run("ingest", path).exit_code == 0
    assert len(batches(home, "enrollment")) == 1 and not (home.lake / ".staging").exists()


def test_two_runs_at_once_do_not_mix(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LOCK_SECONDS", 0.1)
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1))
    with batch.locked(home):
        result = run("ingest", path)
    assert result.exit_code == 2 and "另一个 gongbao 正在写入数据湖" in result.output
    assert run("ingest", path).exit_code == 0


def test_check_stages_nothing(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT, spell(1), encoding="gb18030")
    assert run("check", path).exit_code == 0
    assert [path.name for path in home.root.iterdir()] == ["reports"]


def test_every_message_is_bilingual(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "enrollment/a.csv", ENROLLMENT + ",乡镇", spell(1) + ",x", "合计,,,,,,,,")
    work = tmp_path / "work"
    work.mkdir()
    outcome = door.Door(home, work).check(path)
    assert [note.en for note in outcome.notes] == ["unknown column '乡镇', left out", "1 total row skipped: line 3"]
    assert all(any("\u4e00" <= char <= "\u9fff" for char in note.zh) for note in outcome.notes)


@pytest.mark.parametrize("arguments", [("ingest",), ("ingest", "x.csv", "--records", "y"), ("injest", "x.csv")])
def test_a_command_written_wrongly_is_said_in_both_languages(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "命令写法有误" in result.output and "Error: " in result.output
