"""Further deliveries of the same kinds: what the door makes of them."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Deliver
from delivering import Delivered
from writing import HEADERS, as_csv, csv_file, entry, save, settlement, spell, table, workbook

CERTIFICATE = "370102190101010016"  # an invented number with a right check digit
PERSON = "张三丰"

# ---------------------------------------------------------------- identity values


def test_apostrophes_backticks_and_invisible_signs_are_no_part_of_a_number(deliver: Deliver, tmp_path: Path) -> None:
    plain = "37010000000001"
    dirty = ["'" + plain, plain + "'", "`" + plain, plain[:5] + "\u2060" + plain[5:], "\ufeff" + plain, plain + "\u00ad", "\t" + plain + " ", f'"=""{plain}"""']
    rows = [spell(0, psn_no=plain), *(spell(number, psn_no=text) for number, text in enumerate(dirty, 1))]
    delivered = deliver(csv_file(tmp_path / "files", "enrollment", rows))
    delivered.holds("enrollment", 9)
    assert len(set(delivered.column("enrollment", "psn_no"))) == 1
    (batch,) = delivered.batches()
    assert "psn_no." in batch["repairs"]


def test_an_escaped_return_is_no_part_of_a_key(deliver: Deliver, tmp_path: Path) -> None:
    lines = table([settlement(number, setl_id=f"S{number}_x000D_") for number in range(1, 5)])
    delivered = deliver(workbook(tmp_path / "files", "settlement", {"结算": lines})[0])
    delivered.holds("settlement", 4, medfee_sumamt="400.00")
    assert delivered.column("settlement", "setl_id") == ["S1", "S2", "S3", "S4"]


def test_leading_zeros_of_a_number_format_are_kept_or_the_file_is_refused(deliver: Deliver, tmp_path: Path) -> None:
    folder, book = workbook(tmp_path / "files", "enrollment", {"参保": table([spell(number, psn_no="") for number in range(1, 4)])})
    for row in (2, 3, 4):
        cell = book["参保"].cell(row, 2)
        cell.value, cell.number_format = 1230 + row, "00000000"
    save(book, folder / "enrollment" / "a.xlsx")
    text = csv_file(tmp_path / "texts", "enrollment", [spell(number, psn_no=f"0000{1231 + number}") for number in range(1, 4)])
    delivered = deliver(folder)
    if delivered.refused:
        delivered.names("psn_no")
        return
    delivered.ingest(text / "enrollment" / "a.csv")
    assert len(delivered.rows("enrollment")) == 6 and len(set(delivered.column("enrollment", "psn_no"))) == 3


@pytest.mark.parametrize("mark", ["{}", "'{}", "{}\t", "\u200b{}"])
def test_a_handful_of_numbers_cut_to_fifteen_digits_is_named_with_its_count(deliver: Deliver, tmp_path: Path, mark: str) -> None:
    whole = [spell(number, psn_no=mark.format(f"3701{number:013}7")) for number in range(294)]
    cut = [spell(number, psn_no=mark.format(f"3701{number:011}000")) for number in range(294, 300)]
    deliver(csv_file(tmp_path / "files", "enrollment", whole + cut)).refuses("psn_no", "6", "300")


# ---------------------------------------------------------------- what the row decides


def test_rows_that_break_a_rule_are_told_by_rule_with_their_lines(deliver: Deliver, tmp_path: Path) -> None:
    rows = [settlement(number) for number in range(1, 201)]
    rows[11]["insutype"], rows[49]["insutype"], rows[99]["insu_admdvs"] = "987", "Z", "990100"
    delivered = deliver(csv_file(tmp_path / "files", "settlement", rows))
    assert delivered.checked.exit_code == 2
    delivered.checked.names("SETL-002", "13, 51", "SETL-005", "101")
    delivered.typed("settlement", 200)


def test_a_file_of_which_too_many_rows_would_be_rejected_is_refused(deliver: Deliver, tmp_path: Path) -> None:
    rows = [entry("370100", f"2024{month:02}", "I01", 100) for month in range(7, 19)]
    deliver(csv_file(tmp_path / "files", "fund_ledger", rows)).refuses("FUND-002", "6")


def test_words_for_flags_and_names_of_regions_are_read(deliver: Deliver, tmp_path: Path) -> None:
    words = ["是", "否", "Y", "N", "true", "false", "TRUE", "1"]
    rows = [
        settlement(number, region, mid_setl_flag=word)
        for number, (word, region) in enumerate(zip(words, ["济南市", "济南", "370100", "青岛"] * 2, strict=True))
    ]
    delivered = deliver(csv_file(tmp_path / "files", "settlement", rows))
    delivered.holds("settlement", 8)
    assert delivered.column("settlement", "mid_setl_flag") == ["1", "0", "1", "0", "1", "0", "1", "1"]
    assert delivered.column("settlement", "insu_admdvs") == ["370100", "370100", "370100", "370200"] * 2


# ---------------------------------------------------------------- nothing goes unmentioned


def test_groups_of_columns_over_a_header_and_units_under_it_are_told_with_their_rows(deliver: Deliver, tmp_path: Path) -> None:
    rows = [list(entry("370100", f"2024{month:02}", "I01", 100).values()) for month in range(1, 4)]
    names = ["统筹地区", "年月", "口径", "险种", "基金类别", "科目", "金额"]
    lines = [["基本信息", "", "", "", "", "基金收支", ""], names, ["", "", "", "", "", "代码", "（元）"], *rows]
    delivered = deliver(workbook(tmp_path / "files", "fund_ledger", {"月报": lines})[0])
    if delivered.refused:
        delivered.names_one_of("两行", "多行", "two rows", "second row", "月报:1", "月报:2", "第 2 行")
    else:
        delivered.typed("fund_ledger", 3, amount="300.00")
        delivered.names("月报:1", "月报:3")


def test_hidden_rows_further_tables_and_notes_are_told_with_their_place(deliver: Deliver, tmp_path: Path) -> None:
    lines = table([settlement(number) for number in range(1, 6)]) + [["说明：以上由" + PERSON + "汇总"], ["合 计"] + [""] * 8 + ["500.00", "300.00"]]
    folder, book = workbook(tmp_path / "files", "settlement", {"结算": lines, "人数汇总": [["地区", "人数"], ["济南", 5]]})
    book["结算"].row_dimensions[3].hidden = True
    save(book, folder / "settlement" / "a.xlsx")
    delivered = deliver(folder)
    delivered.names("人数汇总", "结算", "3")
    delivered.lacks(PERSON)
    assert PERSON not in delivered.everything_outside_the_inbox()
    if not delivered.refused:
        assert len(delivered.rows("settlement")) in (4, 5)
        delivered.names("7", "8")


def test_a_name_and_a_certificate_in_coded_columns_are_masked_and_not_kept(deliver: Deliver, tmp_path: Path) -> None:
    rows = [spell(number, gend="1", emp_type="10") for number in range(1, 31)]
    rows[3]["gend"], rows[7]["gend"], rows[9]["psn_type"], rows[12]["emp_type"] = PERSON, CERTIFICATE, f"{PERSON}{CERTIFICATE}", CERTIFICATE
    delivered = deliver(csv_file(tmp_path / "files", "enrollment", rows))
    delivered.lacks(PERSON, CERTIFICATE)
    everything = delivered.everything_outside_the_inbox()
    assert PERSON not in everything and CERTIFICATE not in everything


# ---------------------------------------------------------------- containers


def test_a_plausible_serial_number_is_a_date_and_a_small_number_is_none(deliver: Deliver, tmp_path: Path) -> None:
    folder, book = workbook(tmp_path / "files", "enrollment", {"参保": table([spell(number) for number in range(1, 201)])})
    book["参保"].cell(2, 6).value = 45292
    book["参保"].cell(3, 6).value = 12
    save(book, folder / "enrollment" / "a.xlsx")
    delivered = deliver(folder)
    delivered.names("crt_insu_date")
    if not delivered.refused:
        assert set(delivered.unreadable("enrollment")) == {3}
        assert delivered.column("enrollment", "crt_insu_date")[0] == dt.date(2024, 1, 1)


def test_times_with_a_zone_are_told(deliver: Deliver, tmp_path: Path) -> None:
    rows = [settlement(number) for number in range(1, 5)]
    columns: dict[str, object] = {name: [row[name] for row in rows] for name in HEADERS["settlement"]}
    moments = [dt.datetime(2024, 5, 31, 23, 30, tzinfo=dt.UTC)] * 4
    columns["setl_time"] = pa.array(moments, pa.timestamp("us", tz="UTC"))
    path = tmp_path / "files" / "settlement" / "a.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), path)
    delivered = deliver(tmp_path / "files")
    delivered.names("setl_time", "UTC")


def test_bytes_that_are_no_text_are_refused_or_their_rows_unreadable(deliver: Deliver, tmp_path: Path) -> None:
    rows = [settlement(number) for number in range(1, 5)]
    columns: dict[str, object] = {name: [row[name] for row in rows] for name in HEADERS["settlement"]}
    columns["setl_id"] = pa.array([b"S1", b"\xff\xfe\x00", b"S3", b"S4"], pa.binary())
    path = tmp_path / "files" / "settlement" / "a.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), path)
    delivered = deliver(tmp_path / "files")
    delivered.names("setl_id")
    if not delivered.refused:
        delivered.typed("settlement", 3)


# ---------------------------------------------------------------- settings


def test_another_setting_without_a_correction_is_refused_with_both(deliver: Deliver, tmp_path: Path) -> None:
    delivered = deliver(csv_file(tmp_path / "files", "fund_ledger", [entry("370100", "202401", "I01", 100)]), "--set", "version=flash")
    delivered.holds("fund_ledger", 1)
    again = delivered.ingest("--set", "version=final")
    assert again.exit_code == 2 and len(delivered.batches()) == 1
    again.names("version=flash", "version=final", "--corrects")


def test_the_same_bytes_under_another_name_are_the_same_delivery(deliver: Deliver, tmp_path: Path) -> None:
    folder = csv_file(tmp_path / "files", "settlement", [settlement(1), settlement(2)])
    delivered = deliver(folder)
    copy = folder / "settlement" / "b.csv"
    copy.write_bytes((folder / "settlement" / "a.csv").read_bytes())
    assert delivered.ingest().exit_code == 0
    delivered.typed("settlement", 2, medfee_sumamt="200.00")


# ---------------------------------------------------------------- paths, names, bytes


def test_a_data_home_and_files_with_odd_names_are_read(empty_lake: Path, tmp_path: Path) -> None:
    home = tmp_path / "数据 'home' [1]* \"x\""
    shutil.copytree(empty_lake, home)
    folder = csv_file(tmp_path / "文件 [a] 'b'", "settlement", [settlement(1), settlement(2)], "结算 '2024' [5月]?.csv")
    delivered = Delivered(folder, home)
    delivered.check()
    delivered.ingest()
    delivered.holds("settlement", 2, medfee_sumamt="200.00")


def test_a_file_name_in_gbk_is_read_or_named(deliver: Deliver, tmp_path: Path) -> None:
    folder = csv_file(tmp_path / "files", "settlement", [settlement(1)])
    os.rename(os.fsencode(folder / "settlement" / "a.csv"), os.fsencode(folder / "settlement") + b"/" + "结算.csv".encode("gb18030"))
    delivered = deliver(folder)
    assert delivered.refused or len(delivered.rows("settlement")) == 1


def test_separators_inside_cells_do_not_divide_rows(deliver: Deliver, tmp_path: Path) -> None:
    names = ["一院\u2028东院", "二院\x85", "三院\x0b分部", "四院\x1c", "五院\u2029"]
    lines = table([settlement(number) for number in range(len(names))])
    lines = [lines[0][:3] + ["fixmedins_name"] + lines[0][3:]] + [line[:3] + [name] + line[3:] for line, name in zip(lines[1:], names, strict=True)]
    path = tmp_path / "files" / "settlement" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(as_csv(lines).rstrip("\n").encode())
    delivered = deliver(tmp_path / "files")
    delivered.holds("settlement", 5, medfee_sumamt="500.00")


def test_two_encodings_in_one_file_are_read_or_named_with_the_line(deliver: Deliver, tmp_path: Path) -> None:
    first = table([settlement(number, fixmedins_name="山东某某医院") for number in range(1, 101)])
    last = table([settlement(number, fixmedins_name="山东某某医院") for number in range(101, 201)])[1:]
    path = tmp_path / "files" / "settlement" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(as_csv(first).encode() + as_csv(last).encode("gb18030"))
    delivered = deliver(tmp_path / "files")
    if delivered.refused:
        delivered.names_one_of("101", "102")
    else:
        delivered.typed("settlement", 200 - len(delivered.unreadable("settlement")))
        assert not delivered.unreadable("settlement") or "10" in delivered.ingested.text


def test_a_workbook_with_any_suffix_is_read_by_its_content(deliver: Deliver, tmp_path: Path) -> None:
    folder, _ = workbook(tmp_path / "files", "settlement", {"结算": table([settlement(1), settlement(2)])}, "a.et")
    delivered = deliver(folder)
    delivered.names("a.et")
    if not delivered.refused:
        delivered.typed("settlement", 2, medfee_sumamt="200.00")


# ---------------------------------------------------------------- identities with fields that are absent


def test_identity_one_is_tested_without_the_column_of_price_limits(deliver: Deliver, tmp_path: Path) -> None:
    rows = [settlement(number, fulamt_ownpay_amt="10.00", preselfpay_amt="20.00", inscp_amt="70.00") for number in range(1, 31)]
    rows[4]["inscp_amt"] = "90.00"
    delivered = deliver(csv_file(tmp_path / "files", "settlement", rows))
    assert delivered.checked.exit_code == 2
    delivered.checked.names("SETL-011", "6")


def test_amounts_with_a_unit_in_the_header_are_converted_or_refused_with_it(deliver: Deliver, tmp_path: Path) -> None:
    lines = table([entry("370100", f"2024{month:02}", "I01", "12.34") for month in range(1, 4)])
    lines[0][-1] = "金额（万元）"
    path = tmp_path / "files" / "fund_ledger" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(as_csv(lines), encoding="utf-8")
    delivered = deliver(tmp_path / "files")
    if delivered.refused:
        delivered.names("万元", "unit=万元")
    else:
        assert delivered.column("fund_ledger", "amount") == [Decimal("123400.00")] * 3
