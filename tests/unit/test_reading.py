"""What a delivered file is and how it becomes a table: containers, sheets, titles, units, notes, encodings, names."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import itertools
import json
import os
import socket
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.styles import numbers

from gongbao.ingest import door, report, typing
from gongbao.ingest.collecting import collect
from gongbao.ingest.outcome import Outcome
from gongbao.ingest.reading import place_of
from gongbao.messages import printable
from gongbao.paths import Home

ENROLLMENT = ["psn_insu_rlts_id", "psn_no", "insutype", "psn_type", "psn_insu_stas", "crt_insu_date", "paus_insu_date", "insu_admdvs"]
SETTLEMENT = [
    "setl_id",
    "mdtrt_id",
    "psn_no",
    "insutype",
    "psn_type",
    "insu_admdvs",
    "fix_blng_admdvs",
    "setl_time",
    "med_type",
    "medfee_sumamt",
    "fund_pay_sumamt",
]
LEDGER = ["pool_region", "ym", "basis", "scheme", "part", "item_code", "amount"]
POPULATION = ["region_code", "year", "resident_population"]


def spell(number: int) -> list[object]:
    return [f"E{number}", f"P{number}", "310", "1101", "1", "2020-01-01", None, "370100"]


def settled(number: int, cost: object = "100.00") -> list[object]:
    return [f"S{number}", f"M{number}", f"P{number}", "310", "1101", "370100", "370100", "2024-05-06 07:08:09", "11", cost, "60.00"]


def entry(month: int, amount: object) -> list[object]:
    return ["370100", f"2024{month:02}", "M", "310", "pool", "I01", amount]


SETTLED = [SETTLEMENT, *(settled(number) for number in range(1, 6))]


@dataclass
class Read:
    """What the door made of a file."""

    outcome: Outcome
    home: Home

    @property
    def told(self) -> str:
        """All that a user is told, line by line."""
        return "\n".join(line for problem in (*self.outcome.problems, *self.outcome.notes) for line in problem.lines())

    def rows(self, columns: str) -> list[tuple]:
        folder = self.home.lake / self.outcome.record / self.outcome.batch_id
        return duckdb.connect().sql(f"select {columns} from read_parquet('{folder}/rows.parquet') order by src_row_no").fetchall()

    @property
    def cost(self) -> tuple[int, Decimal]:
        """Rows and total cost of a settlement file."""
        return (
            duckdb.connect()
            .sql(f"select count(*), sum(medfee_sumamt) from read_parquet('{self.home.lake}/settlement/{self.outcome.batch_id}/rows.parquet')")
            .fetchall()[0]
        )


Through = Callable[..., Read]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def through(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Through:
    """A function that takes one file through the door; a refusal says what to do, in both languages."""
    monkeypatch.setenv("GONGBAO_KEY", "a test key")

    def read(record: str, name: str, content: object, constants: dict[str, str] | None = None) -> Read:
        path = tmp_path / record / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, openpyxl.Workbook):
            content.save(path)
        elif isinstance(content, pa.Table):
            pq.write_table(content, path)
        elif content is not None:
            path.write_bytes(csv_of(content))
        (outcome,) = door.ingest_files(home, [path], constants=constants)
        assert all(problem.zh and problem.en and problem.fix_zh and problem.fix_en for problem in outcome.problems)
        return Read(outcome, home)

    return read


def csv_of(rows: list[list[object]], delimiter: str = ",", end: str = "\n") -> bytes:
    return "".join(delimiter.join("" if cell is None else str(cell) for cell in row) + end for row in rows).encode()


def book_of(*sheets: tuple[str, list[list[object]]] | list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, sheet in enumerate(sheets, 1):
        name, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet)
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    return book


def bytes_of(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ---------------------------------------------------------------- what a file is


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.dat", "a", "a.parquet"])
def test_a_workbook_is_read_whatever_its_name(name: str, through: Through) -> None:
    assert through("settlement", name, bytes_of(book_of([*SETTLED[:3], [name, *settled(3)[1:]]]))).outcome.rows_typed == 3


@pytest.mark.parametrize("name", ["b.xlsx", "b.xls", "b.gz", "b.dat", "b.parquet"])
def test_text_is_read_whatever_its_name(name: str, through: Through) -> None:
    assert through("settlement", name, [*SETTLED, [name, *settled(6)[1:]]]).outcome.rows_typed == 6


@pytest.mark.parametrize("content", [SETTLED, book_of(SETTLED)], ids=["text", "workbook"])
def test_gzip_of_anything_is_unpacked_first(content: object, through: Through) -> None:
    data = bytes_of(content) if isinstance(content, openpyxl.Workbook) else csv_of([*content, settled(77)])
    assert through("settlement", "c.csv", gzip.compress(data)).outcome.rows_typed in (5, 6)


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbf  <!DOCTYPE html><html><table><tr><td>setl_id</td></tr></table></html>", "网页（HTML）"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML 电子表格 2003"),
        ("<html>结算</html>".encode("utf-16"), "网页（HTML）"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        (_zip("a.csv", "b.csv"), "ZIP 压缩包（2 个文件）"),
        (_zip("mimetype", "content.xml"), "OpenDocument"),
        (_zip("xl/workbook.bin"), "XLSB"),
        (_zip("word/document.xml"), "Word 文档"),
        (b"PK\x05\x06" + bytes(18), "空的 ZIP 压缩包"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"%PDF-1.7\n", "PDF"),
        (b'[{"setl_id": "S1"}]', "JSON"),
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        (b"PARE" + bytes(20), "加密的 Parquet"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "两层的 gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "加密（有打开密码）"),
        (_zip("xl/workbook.xml"), "不是可读的 XLSX"),
    ],
    ids=lambda value: "bytes" if isinstance(value, bytes) else value,
)
def test_what_is_no_delivery_is_refused_as_what_it_is(content: bytes, words: str, through: Through) -> None:
    read = through("settlement", "d.csv", content)
    assert read.outcome.status == "refused" and words in read.told


def test_every_file_of_a_folder_has_an_outcome(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGBAO_KEY", "a test key")
    folder = tmp_path / "in" / "settlement"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(csv_of([*SETTLED, settled(500)]))
    os.mkfifo(folder / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as open_socket:
        monkeypatch.chdir(folder)
        open_socket.bind("door.csv")
        (folder / "nowhere.csv").symlink_to("not there")
        (folder / "round.csv").symlink_to("round.csv")
        (folder / "up").symlink_to(folder, target_is_directory=True)
        (folder / "elsewhere.csv").symlink_to("a.csv")
        (folder / "empty.csv").touch()
        for name in ("README.md", "a.csv.control.json", ".hidden.csv", "~$a.xlsx", "Thumbs.db"):
            (folder / name).write_text("{}")
        (folder / "truth").mkdir()
        (folder / "truth" / "x.csv").write_text("1")
        collected = collect([tmp_path / "in", folder / "pipe.csv"])
        outcomes = {outcome.path.name: outcome for outcome in door.ingest_files(home, collected.files)}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "a.csv": "ingested",
        "elsewhere.csv": "already",
        "pipe.csv": "refused",
        "door.csv": "refused",
        "nowhere.csv": "refused",
        "round.csv": "refused",
        "up": "refused",
        "empty.csv": "refused",
    }
    words = {"pipe.csv": "管道", "door.csv": "套接字", "nowhere.csv": "符号链接", "round.csv": "符号链接", "up": "文件夹", "empty.csv": "文件为空"}
    assert all(words[name] in outcomes[name].problems[0].zh for name in words)
    for name in ("README.md", "a.csv.control.json", ".hidden.csv", "~$a.xlsx", "Thumbs.db", "truth/（1）"):
        assert name in collected.passed_over


def test_a_device_is_refused_and_not_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (outcome,) = door.check_files(home, [Path("/dev/zero")], "settlement")
    assert outcome.status == "refused" and "设备" in outcome.problems[0].zh


# ---------------------------------------------------------------- sheets


def test_sheets_with_one_header_in_any_order_of_columns_are_one_table(through: Through) -> None:
    turned = [list(reversed(row)) for row in (SETTLEMENT, settled(6, "7.00"), settled(7, "x"))]
    read = through("settlement", "e.xlsx", book_of(("一月", [["一月结算明细"], [], *SETTLED[:3]]), ("二月", turned), ("Sheet9", [])))
    assert read.outcome.rows_read == 4 and read.outcome.rows_typed == 3
    assert read.rows("setl_id, medfee_sumamt, src_row_no") == [("S1", Decimal(100), 4), ("S2", Decimal(100), 5), ("S6", Decimal(7), 7)]
    assert "e.xlsx › 二月:3 [medfee_sumamt]" in read.told and "e.xlsx › 一月:1" in read.told


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ([settled(6), settled(7)], "「Sheet2」有数据行而没有可识别的表头"),
        ([["编号", "次", "人", "险", "类", "地", "院", "时", "别", "总", "付"], settled(6)], "「Sheet2」有数据行而没有可识别的表头"),
        ([ENROLLMENT, spell(1)], "「Sheet2」是另一种记录（enrollment）"),
        ([[*SETTLEMENT, "hosp_lv"], [*settled(6), "03"]], "「Sheet2」与「Sheet1」的列不同"),
        ([SETTLEMENT[:-1], settled(6)[:-1]], "「Sheet2」与「Sheet1」的列不同"),
        ([["单位：万元"], SETTLEMENT, settled(6)], "各工作表的单位不同"),
    ],
)
def test_a_second_sheet_that_cannot_be_joined_refuses_the_file(second: list, words: str, through: Through) -> None:
    read = through("settlement", "f.xlsx", book_of(SETTLED, second))
    assert read.outcome.status == "refused" and words in read.told and "Sheet2" in read.told


def test_hidden_sheets_covers_summaries_and_charts_are_told_and_left_out(through: Through) -> None:
    book = book_of(
        ("说明", [["填报说明"], ["一、本表按月报送，共 12 个月"]]),
        ("明细", SETTLED),
        ("旧", [SETTLEMENT, settled(1, "9.00")]),
        ("汇总", [["险种", "人次", "费用"], ["职工", 5, 500]]),
    )
    book["旧"].sheet_state = "veryHidden"
    book.create_chartsheet("图")
    read = through("settlement", "g.xlsx", book)
    assert read.cost == (5, Decimal(500))
    for words in ("「说明」没有可识别的表头", "隐藏的工作表「旧」未读入，其中有表头", "「汇总」没有可识别的表头", "图表工作表「图」"):
        assert words in read.told


def test_a_workbook_of_which_only_a_hidden_sheet_has_a_header_is_refused(through: Through) -> None:
    book = book_of(("说明", [["见附件"]]), ("数据", SETTLED))
    book["数据"].sheet_state = "hidden"
    read = through("settlement", "h.xlsx", book)
    assert read.outcome.status == "refused" and "只有隐藏的工作表「数据」有表头" in read.told


def test_hidden_rows_and_columns_are_read_and_told(through: Through) -> None:
    book = book_of([*SETTLED[:5], settled(8, "3.00")])
    sheet = book.active
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["J"].hidden = True
    read = through("settlement", "i.xlsx", book)
    assert read.cost == (5, Decimal(403)) and "2 个隐藏行也已读入：行 3–4" in read.told and "隐藏的列也已读入：medfee_sumamt" in read.told


def test_cells_beside_the_table_are_told(through: Through) -> None:
    book = book_of(SETTLED)
    book.active["N2"], book.active["O3"] = "备注", 5
    read = through("settlement", "j.xlsx", book)
    assert read.outcome.rows_typed == 5 and "表格以外的单元格未读入：N, O 列，行 2–3" in read.told


@pytest.mark.parametrize("container", ["text", "workbook"])
def test_values_under_an_empty_header_are_told(container: str, through: Through) -> None:
    rows = [[*row[:5], "" if number == 0 else f"x{number}", *row[5:]] for number, row in enumerate(SETTLED)]
    read = through("settlement", "k.csv", rows if container == "text" else book_of(rows))
    assert read.outcome.rows_typed == 5 and ("第 6 列没有列名" in read.told or "F 列" in read.told)


# ---------------------------------------------------------------- cells


def test_zeros_that_only_a_number_format_shows_are_kept(through: Through) -> None:
    book = book_of([ENROLLMENT, spell(1), spell(2)])
    for row in (2, 3):
        book.active.cell(row, 2, 120 + row).number_format = "00000000"
    plain = through("enrollment", "l.csv", [ENROLLMENT, *([*spell(row - 1)[:1], f"{120 + row:08}", *spell(row - 1)[2:]] for row in (2, 3))])
    assert through("enrollment", "l.xlsx", book).rows("psn_no") == plain.rows("psn_no")


@pytest.mark.parametrize("number_format", ["00-0000", '"P"0000', "000000;;", r"\A0000"])
def test_words_that_only_a_number_format_shows_refuse_the_file(number_format: str, through: Through) -> None:
    book = book_of([ENROLLMENT, spell(1), spell(2)])
    book.active.cell(3, 2, 12).number_format = number_format
    read = through("enrollment", "m.xlsx", book)
    assert read.outcome.status == "refused" and "m.xlsx › Sheet1:3 [psn_no]" in read.told and "数字格式" in read.told


@pytest.mark.parametrize("number_format", ["General", "0", "@", "0_ ", "#,##0", numbers.FORMAT_NUMBER_00])
def test_usual_formats_change_nothing(number_format: str, through: Through) -> None:
    book = book_of([ENROLLMENT, spell(1)])
    book.active.cell(2, 1, f"E{number_format}")
    book.active.cell(2, 2, 37010000012345).number_format = number_format
    book.active.cell(2, 3, 310).number_format = '"险种"0'  # a code is found by its list
    assert through("enrollment", "n.xlsx", book).rows("insutype") == [("310",)]


@pytest.mark.parametrize(
    ("value", "number_format"),
    [(2020, "General"), (2020, "yyyy-mm-dd"), (dt.date(1905, 7, 12), "yyyy/m/d"), (1999.0, "0"), (12, "General"), (99_999, "General")],
)
def test_a_number_that_is_no_plausible_date_refuses_the_file(value: object, number_format: str, through: Through) -> None:
    book = book_of([ENROLLMENT, spell(1), spell(2)])
    book.active.cell(3, 6, value).number_format = number_format
    read = through("enrollment", "o.xlsx", book)
    assert read.outcome.status == "refused" and "crt_insu_date" in read.told and "行 3" in read.told


def test_dates_of_both_epochs_and_times_are_read(through: Through) -> None:
    book = book_of([SETTLEMENT, settled(1), settled(2)])
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["H2"], book.active["H3"] = dt.datetime(2024, 5, 6, 7, 8, 9), dt.date(2024, 2, 29)
    assert through("settlement", "p.xlsx", book).rows("setl_time") == [(dt.datetime(2024, 5, 6, 7, 8, 9),), (dt.datetime(2024, 2, 29),)]


def test_an_identity_that_became_a_date_refuses_the_file(through: Through) -> None:
    book = book_of([SETTLEMENT, settled(1), settled(2)])
    book.active["A3"] = dt.date(2024, 3, 5)
    read = through("settlement", "q.xlsx", book)
    assert read.outcome.status == "refused" and "[setl_id]" in read.told and "行 3" in read.told


def test_digits_of_long_numbers_are_those_that_were_kept(through: Through) -> None:
    book = book_of([[*ENROLLMENT, "certno"], *([*spell(number), 370102199001010000 + number * 1000] for number in range(9))])
    read = through("enrollment", "r.xlsx", book)
    assert read.outcome.status == "refused" and "certno" in read.told and "损坏" in read.told


@pytest.mark.parametrize("formula", ["=K2+40", '="x"'])
def test_a_formula_without_a_value_refuses_the_file_by_column(formula: str, through: Through) -> None:
    book = book_of([SETTLEMENT, settled(1), settled(2)])
    book.active["J3"] = formula
    read = through("settlement", "s.xlsx", book)
    assert read.outcome.status == "refused" and "s.xlsx › Sheet1:3 [medfee_sumamt]" in read.told and "没有计算结果" in read.told


def _with_values(data: bytes, value: bytes) -> bytes:
    """The workbook with a value for every formula, as programs write it that do not calculate."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            target.writestr(name, archive.read(name).replace(b"<v />", b"<v>" + value + b"</v>").replace(b"<v></v>", b"<v>" + value + b"</v>"))
    return out.getvalue()


def test_formulas_that_are_all_zero_where_nobody_has_calculated_refuse_the_file(through: Through) -> None:
    book = book_of([SETTLEMENT, settled(1), settled(2)])
    book.active["J2"], book.active["J3"] = "=K2+40", "=K3+40"
    read = through("settlement", "t.xlsx", _with_values(bytes_of(book), b"0"))
    assert read.outcome.status == "refused" and "行 2–3" in read.told
    assert through("settlement", "u.xlsx", _with_values(bytes_of(book), b"100")).cost == (2, Decimal(200))


@pytest.mark.parametrize(("cells", "column", "words"), [("J2:J4", "medfee_sumamt", "行 3–4"), ("A3:A5", "setl_id", "行 4–5")])
def test_a_merged_amount_or_key_refuses_the_file(cells: str, column: str, words: str, through: Through) -> None:
    book = book_of(SETTLED)
    book.active.merge_cells(cells)
    read = through("settlement", "v.xlsx", book)
    assert read.outcome.status == "refused" and f"[{column}]" in read.told and words in read.told


def test_merged_cells_of_two_sheets_give_their_value_to_each_row(through: Through) -> None:
    book = book_of([LEDGER, entry(1, 1), entry(2, 2)], [LEDGER, entry(3, 3), entry(4, 4), entry(5, 5), ["注：合并单元格"]])
    book["Sheet1"].merge_cells("A2:A3")
    book["Sheet2"].merge_cells("E3:E4")
    book["Sheet2"].merge_cells("A5:G6")
    read = through("fund_ledger", "w.xlsx", book)
    assert read.rows("pool_region, part, amount") == [("370100", "pool", Decimal(number)) for number in range(1, 6)]
    assert read.outcome.repairs["pool_region.merged"] == 1 and read.outcome.repairs["part.merged"] == 1


def test_rows_far_below_and_rows_without_values_cost_nothing(through: Through) -> None:
    book = book_of([*SETTLED, settled(50)])
    book.active.row_dimensions[1_048_576].height = 20
    book.active["B1048576"] = "完"
    read = through("settlement", "x.xlsx", book)
    assert read.outcome.rows_typed == 6 and "行 1048576" in read.told


def test_more_rows_than_a_sheet_can_hold_stop_the_reading(through: Through) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes_of(book_of(SETTLED)))) as archive, zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            target.writestr(name, archive.read(name).replace(b'<row r="6">', b'<row r="1048577">'))
    read = through("settlement", "y.xlsx", out.getvalue())
    assert read.outcome.status == "refused" and "1,048,577" in read.told


# ---------------------------------------------------------------- XLS


def test_an_old_workbook_keeps_formats_errors_dates_hidden_and_merged_cells(through: Through) -> None:
    # settlement.xls: sheet 结算 of S1–S5 with 100.00 each; psn_no 1–5 with the format 00000000; row 4 hidden; pool of insutype merged over rows 2–3;
    # setl_time a date cell; a hidden sheet 旧; a sheet 说明
    read = through("settlement", "z.xls", (Path(__file__).parent / "files" / "settlement.xls").read_bytes())
    assert read.cost == (5, Decimal("500.00")), read.told
    text = through("settlement", "z.csv", [SETTLEMENT, *([*settled(n)[:2], f"{n:08}", *settled(n)[3:]] for n in range(1, 6))])
    assert read.rows("psn_no, insutype, cast(setl_time as date)") == text.rows("psn_no, insutype, cast(setl_time as date)")
    for words in ("隐藏的工作表「旧」", "「说明」没有可识别的表头", "1 个隐藏行也已读入：行 4", "insutype（险种类型）的合并单元格已逐行填入：行 3"):
        assert words in read.told


# ---------------------------------------------------------------- titles, units, headers, notes


@pytest.mark.parametrize("container", ["text", "workbook", "tab"])
def test_title_lines_are_told_and_left_out(container: str, through: Through) -> None:
    rows = [["2024年结算明细表"], [], ["填报单位：某市医保局", None, None, "填报人：张三"], *SETTLED]
    content = {"text": rows, "workbook": book_of(rows), "tab": csv_of(rows, "\t", "\r\n")}[container]
    read = through("settlement", "aa.csv", content)
    assert read.cost == (5, Decimal(500)) and read.rows("src_row_no")[0] == (5,)
    assert "是标题，未读入：行 1, 3" in read.told and "张三" not in read.told


@pytest.mark.parametrize(
    ("title", "factor"),
    [
        ("单位：万元", 10_000),
        ("（万元）", 10_000),
        ("金额单位:万元", 10_000),
        ("单位：元", 1),
        ("填报单位：某市", 1),
        ("2024年报（参保 120 万人，支出 3 万元以上）", 1),
        ("单位：人、万元", 10_000),
    ],
)
def test_a_unit_in_a_title_reaches_every_amount_of_the_ledger(title: str, factor: int, through: Through) -> None:
    for number, content in enumerate(([[title], LEDGER, entry(1, 1.5)], book_of([[None, title], LEDGER, entry(1, 1.5)]))):
        assert through("fund_ledger", f"{number}.csv", content).rows("amount") == [(Decimal(factor) * 3 / 2,)]


@pytest.mark.parametrize(("header", "factor"), [("金额（万元）", 10_000), ("金额(元)", 1), ("amount（单位：万元）", 10_000), ("发生额【万元】", 10_000)])
def test_a_unit_in_a_header_reaches_every_amount_of_the_ledger(header: str, factor: int, through: Through) -> None:
    read = through("fund_ledger", "bb.csv", [[*LEDGER[:-1], header], entry(1, "1.5"), entry(2, "2")])
    assert read.rows("amount") == [(Decimal(factor) * 3 / 2,), (Decimal(factor) * 2,)]


@pytest.mark.parametrize(
    ("record", "rows", "column", "unit"),
    [
        ("settlement", [["单位：万元"], *SETTLED], "medfee_sumamt", "万元"),
        ("settlement", [[*SETTLEMENT[:-2], "医疗费总额（千元）", "fund_pay_sumamt"], *SETTLED[1:]], "medfee_sumamt", "千元"),
        ("population", [[*POPULATION[:2], "常住人口（万人）"], ["370000", "2024", "10123"]], "resident_population", "万人"),
        ("population", [["单位：万人"], POPULATION, ["370000", "2024", "10123"]], "resident_population", "万人"),
        ("population", [[*POPULATION, "应参保人数（万人）"], ["370000", "2024", "1", "2"]], "eligible_population", "万人"),
        ("fund_ledger", [[*LEDGER[:-1], "金额（亿元）"], entry(1, "1")], "amount", "亿元"),
        ("settlement", [*SETTLED, ["注：金额单位：万元"]], "medfee_sumamt", "万元"),
    ],
)
def test_a_unit_that_a_record_cannot_take_refuses_the_file_by_column(record: str, rows: list, column: str, unit: str, through: Through) -> None:
    read = through(record, "cc.csv", rows)
    assert read.outcome.status == "refused" and f"[{column}]" in read.told and unit in read.told
    assert "alias" not in read.told


@pytest.mark.parametrize("header", ["金额万元", "金额_万元", "常住人口万人"])
def test_no_advice_takes_a_header_with_a_unit_as_an_alias(header: str, through: Through) -> None:
    record, columns, row = ("population", POPULATION, ["370000", "2024", "10123"]) if "人口" in header else ("fund_ledger", LEDGER, entry(1, "1"))
    read = through(record, "dd.csv", [[*columns[:-1], header], row])
    assert read.outcome.status == "refused" and "alias" not in read.told and ("万元" in read.told or "万人" in read.told)


def test_a_unit_in_a_note_below_the_ledger_is_not_dropped(through: Through) -> None:
    rows = [LEDGER, entry(1, "1.5"), ["注：本表单位：万元"]]
    read = through("fund_ledger", "ee.csv", book_of(rows))
    assert read.outcome.status == "refused" and "--set unit=万元" in read.told
    assert through("fund_ledger", "ee2.csv", book_of(rows), {"unit": "万元"}).rows("amount") == [(Decimal(15_000),)]


def test_a_column_of_units_stands_beside_a_title_only_when_it_is_full(through: Through) -> None:
    full = [["单位：万元"], [*LEDGER, "unit"], [*entry(1, "1"), "万元"], [*entry(2, "1"), "元"]]
    assert through("fund_ledger", "ff.csv", full).rows("amount") == [(Decimal(10_000),), (Decimal(1),)]
    read = through("fund_ledger", "gg.csv", [*full, [*entry(3, "1"), None]])
    assert read.outcome.status == "refused" and "1 行没有单位" in read.told


@pytest.mark.parametrize("container", ["text", "workbook"])
def test_a_header_in_two_rows_is_refused_as_that(container: str, through: Through) -> None:
    upper = ["setl_id", "mdtrt_id", "psn_no", "险种", "人员类别", "区划", None, "结算日期", "医疗类别", "费用", None]
    lower = [None, None, None, None, None, "参保地区划", "定点医保归属区划", None, None, "医疗费总额", "基金支付总额"]
    rows = [["结算明细"], upper, lower, *SETTLED[1:]]
    read = through("settlement", "hh.csv", rows if container == "text" else book_of(rows))
    assert read.outcome.status == "refused" and "表头占两行（第 2、3 行）" in read.told


@pytest.mark.parametrize("container", ["text", "workbook"])
def test_a_header_in_two_languages_is_one_header(container: str, through: Through) -> None:
    chinese = ["结算ID", "就诊ID", "人员编号", "险种类型", "人员类别", "参保地区划", "就医地区划", "结算时间", "医疗类别", "医疗费总额", "基金支付总额"]
    rows = [SETTLEMENT, chinese, *SETTLED[1:]]
    read = through("settlement", "ii.csv", rows if container == "text" else book_of(rows))
    assert read.cost == (5, Decimal(500)) and read.rows("src_row_no")[0] == (3,) and "重复" in read.told


FOOTERS = [
    ["注：本表数据不含离休人员"],
    ["制表人：张三", None, None, "审核人：李四", None, "填表日期：2024年5月"],
    ["全市合计", *[None] * 8, 500, 300],
    [None, None, "以上数据截至 5 月底"],
]


@pytest.mark.parametrize("container", ["text", "short lines", "no last line end", "workbook", "quoted"])
def test_notes_and_totals_below_a_table_are_told_and_kept_nowhere(container: str, through: Through) -> None:
    few = container in ("no last line end", "short lines")  # a short line that begins with an empty cell is unreadable
    rows = [*SETTLED, *FOOTERS[: 3 if few else 4]]
    full = [[*row, *[None] * (len(SETTLEMENT) - len(row))] for row in rows]
    content = {
        "text": full,
        "short lines": rows,
        "no last line end": csv_of([*full[:-3], *rows[-3:-1], rows[-2]])[:-1],
        "workbook": book_of(rows),
        "quoted": csv_of([[f'"{cell or ""}"' for cell in row] for row in full]),
    }[container]
    read = through("settlement", "jj.csv", content)
    assert read.cost == (5, Decimal(500)), read.told
    assert read.outcome.rows_read == 5 and read.outcome.rows_skipped == (3 if few else 4) and not read.outcome.rows_unreadable
    assert "行 7, 8" in read.told
    folder = read.home.lake / "settlement" / read.outcome.batch_id
    kept = read.told + str([duckdb.connect().sql(f"from read_parquet('{file}')").fetchall() for file in folder.glob("*.parquet")])
    assert not any(word in kept for word in ("张三", "李四", "离休"))


def test_words_in_a_long_text_are_found_line_by_line_as_value_by_value(through: Through, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["职工基本医疗保险", "在职", "济南市", "青岛市", "2024/5/6", "普通住院"]
    rows = [[*SETTLEMENT[:3], *SETTLEMENT[3:]], *([f"S{at}", f"M{at}", f"P{at}", *names, "100", "60"] for at in range(7000))]
    rows[6500:6500] = [
        ["见附注", "-", "无", "null", *[None] * 7],
        ["-"] * 11,
        ["x", *["NA"] * 10],
        ["无", "M", "P", *names, "1", "1"],
        [None] * 11,
        ["全省合计", *[None] * 8, "5", "5"],
    ]
    by_line, quick = typing.Typist._profile_lines, []
    monkeypatch.setattr(typing.Typist, "_profile_lines", lambda typist: quick.append(by_line(typist)) or quick[-1])
    fast = through("settlement", "fast.csv", rows).outcome
    assert quick[0] is not None
    monkeypatch.setattr(typing.Typist, "_profile_lines", lambda typist: None)
    slow = through("settlement", "slow.csv", [*rows, []]).outcome
    assert (fast.rows_read, fast.rows_skipped, fast.rows_unreadable) == (slow.rows_read, slow.rows_skipped, slow.rows_unreadable)
    assert (fast.rows_read, fast.rows_skipped) == (7001, 3)


@pytest.mark.parametrize("left_open", [False, True], ids=["all columns plain", "a column left open"])
def test_null_words_and_names_that_begin_late_in_a_long_text_are_read_as_value_by_value(
    left_open: bool, through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = "2024/5/6" if left_open else "2024-05-06"
    header = [*SETTLEMENT, "hosp_lv", "remarks"]
    rows = [[f"S{at}", f"M{at}", f"P{at}", "310", "11", "370100", "370200", time, "21", "100", "60", "-" if at % 9 else "03", "x"] for at in range(7000)]
    for at, (column, text) in enumerate(
        [(3, "居民基本医疗保险"), (3, "职工基本医疗保险"), (4, "退休人员"), (11, "NULL"), (7, "无"), (2, "NA"), (11, "三级甲等"), (12, "nan"), (4, "some name")]
    ):
        rows[6000 + 50 * at][column] = text
    rows += [["S1", "M", "P", "310", "11", "370100", "370200", time, "21", "1", "1", "(null)", "None"], [*["NaN"] * 13]]
    by_line, quick = typing.Typist._profile_lines, []
    monkeypatch.setattr(typing.Typist, "_profile_lines", lambda typist: quick.append(by_line(typist)) or quick[-1])
    fast = through("settlement", "fast.csv", [header, *rows])
    assert quick[0] is not None and "remarks" not in quick[0].dirty
    monkeypatch.setattr(typing.Typist, "_profile_lines", lambda typist: None)
    slow = through("settlement", "slow.csv", [header, *rows, []])
    assert fast.rows("* exclude (src_batch_id, src_received_on)") == slow.rows("* exclude (src_batch_id, src_received_on)")
    for told in ("rows_read", "rows_skipped", "rows_unreadable", "repairs"):
        assert getattr(fast.outcome, told) == getattr(slow.outcome, told), told
    assert fast.outcome.repairs["insutype.name_to_code"] == 2 and fast.outcome.repairs["hosp_lv.name_to_code"] == 1


# ---------------------------------------------------------------- text


SIGNS = "\u2028\u2029\x85\x0b\x0c\x1c\x1e"


@pytest.mark.parametrize("sign", SIGNS, ids=[f"U+{ord(sign):04X}" for sign in SIGNS])
@pytest.mark.parametrize("row", [0, 2, 5])
def test_only_cr_and_lf_end_a_line(sign: str, row: int, through: Through) -> None:
    rows = [[*line, "备注" if at == 0 else f"赵{sign}六{sign}" if at == row else "x"] for at, line in enumerate(SETTLED)]
    if row == 0:
        rows[0][-1] = f"备{sign}注"
    read = through("settlement", "kk.csv", csv_of(rows)[:-1])
    assert read.cost == (5, Decimal(500)) and not read.outcome.rows_unreadable


@pytest.mark.parametrize(
    "content",
    [
        csv_of(SETTLED).decode().encode("utf-16"),
        csv_of(SETTLED, "\t", "\r\n").decode().encode("utf-16"),
        b"\xfe\xff" + csv_of(SETTLED, "\t").decode().encode("utf-16-be"),
        csv_of(SETTLED).decode().encode("utf-32"),
        csv_of(SETTLED, end="\r"),
        csv_of(SETTLED, ";"),
        csv_of(SETTLED, "|", "\r\n"),
        csv_of([[f"{cell}\t" for cell in row] for row in SETTLED]),
        csv_of([[f"{cell} \t" for cell in row] for row in SETTLED], end="\r\n"),
    ],
    ids=["utf-16", "unicode text", "utf-16-be", "utf-32", "cr", "semicolon", "bar", "tab after each cell", "blank and tab after each cell"],
)
def test_a_table_in_many_forms_of_text(content: bytes, through: Through) -> None:
    read = through("settlement", "ll.txt", content)
    assert read.cost == (5, Decimal(500)) and read.rows("setl_id")[4] == ("S5",)


NAMED = [[*SETTLEMENT, "备注"], *([*settled(number), "欧阳小明看病记录"] for number in range(1, 60))]


def _mixed(*changes: tuple[int, bytes]) -> Callable[[str], bytes]:
    def made(encoding: str) -> bytes:
        lines = csv_of(NAMED).decode().encode(encoding).split(b"\n")
        for line, content in changes:
            lines[line - 1] += content
        return b"\n".join(lines)

    return made


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_mixed((30, b"\xd5"))("gb18030"), "第 30 行既不是 UTF-8 也不是 GBK，无法解码，其余各行是 GBK"),
        (_mixed((12, b"\xff"), (40, b"\xe5\xbc"))("utf-8"), "第 40 行像是 GBK，第 12 行既不是 UTF-8 也不是 GBK，无法解码，其余各行是 UTF-8"),
        (_mixed((30, "张三丰四".encode("gb18030")))("utf-8"), "第 30 行像是 GBK，其余各行是 UTF-8：一个文件里有两种编码"),
        (_mixed()("utf-8") + b"\n".join(csv_of(NAMED[1:]).decode().encode("gb18030").split(b"\n")), "一个文件里有两种编码"),
        (_mixed()("gb18030") + csv_of([[*settled(70), "王小明"]]), "第 61 行像是 UTF-8，其余各行是 GBK"),
        (_mixed()("gb18030") + csv_of([[*settled(70), "中国"]]), "第 61 行像是 UTF-8，其余各行是 GBK"),
        (csv_of(NAMED)[:300] + b"\0" + csv_of(NAMED)[300:], "含有 NUL 字节"),
        (csv_of(NAMED).decode().encode("utf-16")[:-1], "标明为 UTF-16 却无法解码"),
    ],
    ids=lambda value: "bytes" if isinstance(value, bytes) else value,
)
def test_bytes_that_are_no_text_are_named_with_their_line(content: bytes, words: str, through: Through) -> None:
    read = through("settlement", "mm.csv", content)
    assert read.outcome.status == "refused" and words in read.told, read.told


def test_names_in_gbk_are_never_taken_for_utf8(through: Through) -> None:
    names = ["联通", "张三", "李四", "欧阳", "镕喆", "䶮", "丂", "赵钱孙李", "周吴郑王"]
    content = csv_of([[*SETTLEMENT, "备注"], *([*settled(at), name] for at, name in enumerate(names))]).decode().encode("gb18030")
    read = through("settlement", "nn.csv", content)
    assert read.outcome.rows_typed == len(names) and read.outcome.encoding == "gb18030"


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_beyond_any_sense_is_refused_with_its_line(packed: bool, through: Through) -> None:
    content = csv_of(SETTLED) + b"S9," + b"x" * 3_000_000 + b"\n"
    read = through("settlement", "oo.csv", gzip.compress(content) if packed else content)
    assert read.outcome.status == "refused" and "oo.csv:7" in read.told and "MEMORY" not in read.told


@pytest.mark.parametrize("lines", [20, 60_000])
def test_a_quote_that_never_closes_costs_its_line(lines: int, through: Through) -> None:
    rows = [SETTLEMENT, *(settled(number) for number in range(2, lines))]
    rows[9] = ['"S10', *rows[9][1:]]
    read = through("settlement", "pp.csv", rows)
    assert read.outcome.rows_unreadable == 1 and read.outcome.rows_typed == lines - 3 and "pp.csv:10" in read.told and "引号" in read.told


def test_what_unpacks_beyond_any_sense_is_refused(through: Through, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongbao.ingest.reading.sniffing.PACKED_FREELY", 1 << 20)
    bomb = gzip.compress(b"setl_id,x\n" + b"1,2\n" * 2_000_000)
    assert "不是真实的表格" in through("settlement", "qq.csv", bomb).told
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", "<t>" + "x" * 20_000_000 + "</t>")
    assert "不是真实的表格" in through("settlement", "rr.xlsx", out.getvalue()).told


def test_whoever_waits_hears_of_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(report, "QUIET_SECONDS", 0.01)
    with report.progress(3, "lines", lambda outcome: True) as tell:
        tell(Outcome(path=Path("a.csv"), status="checked"))
        heard = threading.Event()
        while "1 of 3 files done" not in (said := capsys.readouterr().err):
            heard.wait(0.01)
    assert "仍在读入" in said


# ---------------------------------------------------------------- Parquet


def table(**columns: object) -> pa.Table:
    plain = {name: [row[at] for row in (settled(1), settled(2))] for at, name in enumerate(SETTLEMENT)}
    return pa.table(plain | columns)


@pytest.mark.parametrize(
    ("columns", "column", "words"),
    [
        ({"medfee_sumamt": pa.array([1.5, 2.5], pa.float32())}, "medfee_sumamt", "32 位浮点数"),
        ({"fund_pay_sumamt": pa.array([1.5, 2.5], pa.float16())}, "fund_pay_sumamt", "浮点数"),
        ({"psn_no": pa.array([1e9, 2e9], pa.float32())}, "psn_no", "32 位浮点数"),
        ({"setl_id": pa.array([b"\xff\xfe", b"\x80"], pa.binary())}, "setl_id", "不是 UTF-8 文本"),
        ({"psn_no": pa.array([["a"], ["b"]])}, "psn_no", "嵌套类型"),
        ({"medfee_sumamt": pa.array([{"v": 1}, {"v": 2}])}, "medfee_sumamt", "嵌套类型"),
    ],
)
def test_types_that_do_not_keep_values_refuse_the_file_by_column(columns: dict, column: str, words: str, through: Through) -> None:
    read = through("settlement", "a.parquet", table(**columns))
    assert read.outcome.status == "refused" and f"[{column}]" in read.told and words in read.told


def test_types_that_keep_values_are_read(through: Through) -> None:
    read = through(
        "settlement",
        "b.parquet",
        table(
            medfee_sumamt=pa.array([Decimal("1234567.89"), Decimal("0.01")], pa.decimal128(20, 4)),
            fund_pay_sumamt=pa.array([0.1 + 0.2, 2.0]),
            insutype=pa.array(["310", "390"]).dictionary_encode(),
            psn_no=pa.array([37010000012345, 2], pa.int64()),
            setl_time=pa.array([dt.datetime(2024, 5, 6, 7, 8, 9), dt.datetime(2024, 2, 29)], pa.timestamp("ns")),
            med_type=pa.array([b"11", b"21"], pa.binary()),
        ),
    )
    assert read.rows("medfee_sumamt, fund_pay_sumamt, insutype, setl_time, med_type") == [
        (Decimal("1234567.89"), Decimal("0.30"), "310", dt.datetime(2024, 5, 6, 7, 8, 9), "11"),
        (Decimal("0.01"), Decimal("2.00"), "390", dt.datetime(2024, 2, 29), "21"),
    ]
    assert read.outcome.repairs["fund_pay_sumamt.rounded"] == 1 and read.outcome.repairs["med_type.bytes_as_text"] == 2


def test_instants_are_beijing_time_and_int96_is_told(through: Through, tmp_path: Path) -> None:
    instant = dt.datetime(2024, 4, 30, 16, 0, tzinfo=dt.UTC)  # midnight of 1 May in Beijing
    read = through("settlement", "c.parquet", table(setl_time=pa.array([instant, instant], pa.timestamp("us", "UTC"))))
    assert read.rows("setl_time") == [(dt.datetime(2024, 5, 1),)] * 2 and "北京时间" in read.told
    path = tmp_path / "int96.parquet"
    pq.write_table(table(setl_time=pa.array([dt.datetime(2024, 5, 1), None], pa.timestamp("ns"))), path, use_deprecated_int96_timestamps=True)
    read = through("settlement", "d.parquet", path.read_bytes())
    assert read.rows("setl_time")[0] == (dt.datetime(2024, 5, 1),) and "INT96" in read.told


@pytest.mark.parametrize("name", ["part.parquet", "part.csv", "part.xlsx"])
def test_a_folder_named_key_value_adds_and_changes_nothing(name: str, through: Through) -> None:
    rows = [[*SETTLEMENT, "year"], [*settled(1), "2023"]]
    content = {"part.parquet": table(year=pa.array(["2023", "2023"])), "part.csv": rows, "part.xlsx": book_of(rows)}[name]
    read = through("settlement/year=2024/psn_type=1", name, content)
    assert read.outcome.record == "settlement" and {row[:2] for row in read.rows("year, psn_type")} == {("2023", "1101")}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name", ["it's.csv", 'q"uote.csv', "a[b]{c}*?.csv", "空 格　.csv", "year=2020.csv", "new\nline.csv", os.fsdecode("张三.csv".encode("gb18030")), "%s;--.csv"]
)
def test_a_file_name_never_matters(name: str, through: Through) -> None:
    read = through("settlement", name, [*SETTLED, settled(1000 + sum(map(ord, name)))])
    assert read.outcome.rows_typed == 6
    kept = [path for path in (read.home.inbox / "settlement" / read.outcome.batch_id).iterdir()]
    assert [path.name for path in kept] == [printable(name)]


def test_names_that_cannot_be_printed_are_printed_readably() -> None:
    assert printable(os.fsdecode("张三.csv".encode("gb18030"))) == "张三.csv"
    assert printable("a\nb\u202e.csv") == "a\\nb\\u202e.csv" and printable("空　格.csv") == "空　格.csv"


def test_rows_keep_their_place_over_three_sheets(through: Through) -> None:
    sheets = [[["标题"]] * above + [SETTLEMENT, *(settled(number) for number in numbers)] for above, numbers in ((0, (1, 2)), (2, (3,)), (1, (4, 5, 6)))]
    read = through("settlement", "places.xlsx", book_of(*sheets))
    spans = duckdb.connect().sql(f"select sheets from read_parquet('{read.home.lake}/settlement/{read.outcome.batch_id}/batch.parquet')").fetchall()[0][0]
    places = [place_of(json.loads(spans), row) for (row,) in read.rows("src_row_no")]
    assert places == [("Sheet1", 2), ("Sheet1", 3), ("Sheet2", 4), ("Sheet3", 3), ("Sheet3", 4), ("Sheet3", 5)]
    assert len(set(itertools.chain.from_iterable(read.rows("src_row_no")))) == 6
