"""What the door makes of deliveries as offices and programs really make them; the folders lie in `deliveries/`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from conftest import Deliver

# ---------------------------------------------------------------- sheets and folders


def test_a_table_that_goes_on_on_a_second_sheet_is_read_whole(deliver: Deliver) -> None:
    delivered = deliver("sheets-continued")
    if delivered.refused:
        delivered.names("Sheet2")
    else:
        delivered.holds("settlement", 10, medfee_sumamt="1000.00")


def test_a_hidden_first_sheet_never_stands_for_the_visible_one(deliver: Deliver) -> None:
    delivered = deliver("sheet-hidden-first")
    if delivered.refused:
        delivered.names("旧")
    else:
        delivered.typed("settlement", 5, medfee_sumamt="500.00")


def test_a_cover_sheet_is_passed_over_and_the_sheet_with_the_header_is_read(deliver: Deliver) -> None:
    delivered = deliver("sheet-cover")
    delivered.lacks("逗号", "TAB", "comma")
    if delivered.refused:
        delivered.names("结算明细")
    else:
        delivered.typed("settlement", 5, medfee_sumamt="500.00")


def test_every_file_of_a_folder_is_named_and_the_exit_code_says_that_one_was_not_read(deliver: Deliver) -> None:
    delivered = deliver("folder-other-files")
    assert (delivered.checked.exit_code, delivered.ingested.exit_code) == (2, 2)
    delivered.names("a.csv", "b.xls", "c.zip", "d.et", "e.dat", "f.gz", "g.xlsm")
    delivered.names("HTML", "ZIP")


def test_a_workbook_that_is_named_csv_is_read_by_its_content(deliver: Deliver) -> None:
    delivered = deliver("workbook-named-csv")
    delivered.lacks("磁盘空间", "disk space")
    if delivered.refused:
        delivered.names_one_of("工作簿")
        delivered.names_one_of("改名", "重命名", "rename")
    else:
        delivered.holds("settlement", 5, medfee_sumamt="500.00")


# ---------------------------------------------------------------- values that stand for others


def test_a_flag_outside_its_list_is_read_as_its_word_or_refused_by_name(deliver: Deliver) -> None:
    delivered = deliver("flag-outside-list")
    if delivered.refused:
        delivered.names("vali_flag", "Y", "5")
    else:
        delivered.holds("settlement", 5, medfee_sumamt="500.00")
        assert delivered.column("settlement", "vali_flag") == ["1"] * 5


def test_an_error_cell_is_no_person(deliver: Deliver) -> None:
    delivered = deliver("error-cells")
    assert delivered.checked.exit_code == 2
    delivered.names("psn_no")
    if delivered.refused:
        return
    assert {row: column for row, (column, _) in delivered.unreadable("enrollment").items()} == dict.fromkeys((3, 4, 5, 6), "psn_no")
    delivered.names("3, 4, 5, 6")
    delivered.typed("enrollment", 6)
    assert len(set(delivered.column("enrollment", "psn_no"))) == 6 and None not in delivered.column("enrollment", "psn_no")


def test_null_words_of_programs_are_no_persons_and_no_keys(deliver: Deliver) -> None:
    delivered = deliver("null-words-of-programs")
    assert delivered.checked.exit_code == 2
    delivered.checked.names("ENRL-002")
    delivered.typed("settlement", 10, medfee_sumamt="1000.00")
    assert delivered.column("settlement", "rid") == [None] * 10
    persons = delivered.column("enrollment", "psn_no")
    assert len(persons) == 10 and persons.count(None) == 5 and len(set(persons) - {None}) == 5


def test_numbers_of_which_two_fifths_are_cut_to_fifteen_digits_are_refused_with_column_and_count(deliver: Deliver) -> None:
    deliver("ids-partly-zeroed").refuses("psn_no", "40", "100")


def test_the_marks_of_a_spreadsheet_for_text_are_no_part_of_a_number(deliver: Deliver) -> None:
    delivered = deliver("ids-as-formula-text")
    if len(delivered.batches()) < 2:
        assert (delivered.checked.exit_code, delivered.ingested.exit_code) == (2, 2)
        delivered.names("psn_no")
    else:
        delivered.holds("enrollment", 4)
        assert len(set(delivered.column("enrollment", "psn_no"))) == 2
        assert '"psn_no.' in "".join(batch["repairs"] for batch in delivered.batches()), "the marks are counted as repairs"


def test_a_year_in_a_date_cell_is_no_date(deliver: Deliver) -> None:
    deliver("year-in-date-cell").refuses("crt_insu_date")


def test_months_in_other_words_are_read_as_months(deliver: Deliver) -> None:
    delivered = deliver("months-in-words")
    if delivered.refused:
        delivered.names("ym", "2, 3, 4, 5")
    else:
        delivered.holds("fund_ledger", 5)
        assert delivered.column("fund_ledger", "ym") == ["202401", "202402", "202403", "202404", "202405"]


def test_date_cells_are_read_as_months(deliver: Deliver) -> None:
    delivered = deliver("months-as-date-cells")
    if delivered.refused:
        delivered.names("ym")
    else:
        delivered.holds("fund_ledger", 3)
        assert delivered.column("fund_ledger", "ym") == ["202401", "202402", "202403"]


def test_a_code_with_its_name_behind_it_is_the_code(deliver: Deliver) -> None:
    delivered = deliver("code-and-name")
    if delivered.checked.exit_code == 2:
        delivered.checked.names("insutype", "psn_insu_stas", "5")
    else:
        delivered.holds("enrollment", 5)
        assert [(row["insutype"], row["psn_insu_stas"]) for row in delivered.rows("enrollment")] == [("310", "1")] * 5


def test_a_word_of_two_codes_is_one_of_them_or_refused_with_both(deliver: Deliver) -> None:
    delivered = deliver("word-of-two-codes")
    if (delivered.checked.exit_code, delivered.ingested.exit_code) == (2, 2):
        delivered.names("意外伤害门诊", "19", "81")
    else:
        delivered.holds("settlement", 2, medfee_sumamt="200.00")
        assert set(delivered.column("settlement", "med_type")) <= {"19", "81", "11"}


def test_cells_merged_over_rows_give_each_row_the_value(deliver: Deliver) -> None:
    delivered = deliver("merged-cells")
    if delivered.refused:
        delivered.names("pool_region", "3, 4, 6, 7")
    else:
        delivered.holds("fund_ledger", 6)
        assert delivered.column("fund_ledger", "pool_region") == ["370100"] * 3 + ["370200"] * 3


# ---------------------------------------------------------------- containers


def test_amounts_in_floats_of_32_bits_are_refused_or_told_with_column_and_type(deliver: Deliver) -> None:
    delivered = deliver("parquet-float32")
    delivered.names("medfee_sumamt", "fund_pay_sumamt")
    delivered.names_one_of("FLOAT", "float", "32")


def test_the_name_of_a_folder_never_overrides_a_column(deliver: Deliver) -> None:
    delivered = deliver("parquet-folder-key")
    if delivered.refused:
        delivered.names("2023", "2024")
    else:
        delivered.holds("settlement", 2)
        assert delivered.column("settlement", "year") == ["2023", "2023"]


def test_text_stored_as_bytes_is_decoded(deliver: Deliver) -> None:
    delivered = deliver("parquet-binary-text")
    if delivered.refused:
        delivered.names("psn_insu_rlts_id", "psn_no", "insutype", "psn_type", "psn_insu_stas", "crt_insu_date", "insu_admdvs")
    else:
        delivered.holds("enrollment", 3)
        found = [(row["insutype"], row["psn_insu_stas"], row["crt_insu_date"], row["insu_admdvs"]) for row in delivered.rows("enrollment")]
        assert found == [("310", "1", dt.date(2020, 1, 1), "370100")] * 3


def test_formulas_without_values_are_refused_by_column(deliver: Deliver) -> None:
    delivered = deliver("formulas-without-values")
    delivered.refuses("medfee_sumamt", "公式", "formula")


# ---------------------------------------------------------------- settings, titles, units


def test_the_same_file_with_other_settings_is_a_batch_that_corrects_the_first(deliver: Deliver) -> None:
    delivered = deliver("same-file-other-set")
    delivered.holds("fund_ledger", 3, amount="300.00")
    (first,) = delivered.batches()

    again = delivered.ingest("--set", "unit=万元")
    assert again.exit_code == 2 and len(delivered.batches()) == 1
    again.names("unit", "万元", first["batch_id"], "--corrects")
    again.lacks("没有变化", "nothing changed")

    delivered.ingest("--set", "unit=万元", "--corrects", first["batch_id"], "--reason", "单位")
    assert delivered.ingested.exit_code == 0, delivered.ingested.text
    _, second = delivered.batches()
    assert second["corrects"] == first["batch_id"] != second["batch_id"]
    amounts = [row["amount"] for row in delivered.rows("fund_ledger") if row["src_batch_id"] == second["batch_id"]]
    assert amounts == [Decimal("1000000.00")] * 3


def test_notes_totals_and_signatures_below_a_table_are_told_with_their_rows_and_kept_nowhere(deliver: Deliver) -> None:
    delivered = deliver("footer-names")
    delivered.typed("settlement", 3, medfee_sumamt="300.00")
    delivered.names("5", "6", "7")
    delivered.lacks("张三")
    assert "张三" not in delivered.everything_outside_the_inbox()


def test_a_key_that_holds_a_certificate_number_is_hashed(deliver: Deliver) -> None:
    delivered = deliver("key-holds-certificate")
    delivered.lacks("3701021901010100")
    assert "3701021901010100" not in delivered.everything_outside_the_inbox()
    if delivered.refused:
        delivered.names("psn_insu_rlts_id")
    else:
        delivered.typed("enrollment", 5)
        assert len(set(delivered.column("enrollment", "psn_insu_rlts_id"))) == 5


def test_a_unit_in_a_title_line_is_used_or_told_with_the_setting_that_gives_it(deliver: Deliver) -> None:
    delivered = deliver("title-with-unit")
    if delivered.refused:
        delivered.names("万元", "--set unit=万元")
    else:
        delivered.typed("fund_ledger", 3)
        assert delivered.column("fund_ledger", "amount") == [Decimal("1005000.00"), Decimal("2010000.00"), Decimal("3015000.00")]


def test_a_population_in_ten_thousands_is_read_as_persons_or_refused_with_its_unit(deliver: Deliver) -> None:
    delivered = deliver("population-in-wan")
    if delivered.refused:
        delivered.names("万人")
        for line in (delivered.checked.text + delivered.ingested.text).splitlines():
            assert "aliases" not in line or "unit=" in line, f"an alias without a unit is advised: {line}"
    else:
        delivered.typed("population", 2)
        assert delivered.column("population", "resident_population") == [Decimal(101230000), Decimal(83680000)]


# ---------------------------------------------------------------- bytes


def test_half_a_character_costs_its_line_and_no_other(deliver: Deliver) -> None:
    delivered = deliver("cut-character")
    if delivered.refused:
        delivered.names("151")
        return
    lost = set(delivered.unreadable("settlement"))
    assert lost in (set(), {151})
    if lost:
        delivered.names("151")
    delivered.typed("settlement", 200 - len(lost), medfee_sumamt="20000.00" if not lost else "19900.00")


def test_a_line_separator_inside_the_last_cell_does_not_cut_the_file_off(deliver: Deliver) -> None:
    delivered = deliver("line-separator-in-last-row")
    delivered.lacks("截断", "cut off")
    delivered.holds("settlement", 4, medfee_sumamt="400.00")


def test_a_tab_after_every_cell_is_no_part_of_it(deliver: Deliver) -> None:
    delivered = deliver("tab-after-every-cell")
    delivered.lacks("aliases: [,")
    if delivered.refused:
        delivered.names("TAB")
    else:
        delivered.holds("settlement", 5, medfee_sumamt="500.00")


# ---------------------------------------------------------------- rows that break a rule of their own


def test_an_identity_is_tested_with_the_fields_that_are_there(deliver: Deliver) -> None:
    delivered = deliver("identity-three")
    assert delivered.checked.exit_code == 2
    delivered.checked.names("SETL-013")
