"""`gongbao reconcile` and the workbook of rejected rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import openpyxl
import pytest
from published_fixture import build_warehouse, published_home  # noqa: F401

from gongbao.messages import GongbaoError
from gongbao.paths import Home
from gongbao.reconcile import reconcile
from gongbao.rejects import write_rejects

BATCH = "settlement-0a1b2c3d"


def in_lake(home: Home, keys: dict[int, str]) -> None:
    """What the lake has of the batch beside what is published: its file and sheets, and the keys of its rows."""
    folder = home.lake / "settlement" / BATCH
    folder.mkdir(parents=True, exist_ok=True)
    sheets = '[{"sheet": "一月", "row_no": 2, "row": 2}, {"sheet": "二月", "row_no": 9, "row": 2}]'
    duckdb.connect().sql(f"select '结算.xlsx' as file_name, '{sheets}' as sheets").write_parquet(str(folder / "batch.parquet"))
    rows = ", ".join(f"({row}, '{key}')" for row, key in keys.items())
    duckdb.connect().sql(f"select * from (values {rows}) as t (src_row_no, setl_id)").write_parquet(str(folder / "rows.parquet"))


def test_reconcile_prints_each_figure_and_the_counts(published_home: Home, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert reconcile(published_home, 2024) == 0
    said = capsys.readouterr().out
    for word in ("公报", "bulletin", "快报", "flash", "132662.07", "万人", "-2.07", "快报早于公报", "一致 pass", "已说明 explained"):
        assert word in said


def test_reconcile_fails_on_a_difference_without_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    build_warehouse(home)  # not published: the warehouse is read
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update reconciliation set status = 'differs' where figure_id = 'bulletin-2024-scheme=employee'")
    assert reconcile(home, 2024) == 1
    assert "1项不一致且没有原因" in capsys.readouterr().out
    assert reconcile(home, 2023) == 0


def test_reconcile_says_when_nothing_was_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    build_warehouse(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update reconciliation set status = 'not rebuilt'")
    assert reconcile(home, 2024) == 0
    said = capsys.readouterr().out
    assert "没有可比较的数字" in said and "No figure was compared" in said
    assert "No figure differs" not in said


def test_a_summary_of_all_years_has_only_the_counts(published_home: Home, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert reconcile(published_home, summary=True) == 0
    said = capsys.readouterr().out
    assert "2019–2025" in said and "21" in said and "132662.07" not in said


def test_reconcile_of_a_year_without_figures_names_the_years(published_home: Home) -> None:  # noqa: F811
    with pytest.raises(GongbaoError) as caught:
        reconcile(published_home, 1999)
    assert "2019" in caught.value.problems[0].fix_zh


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(GongbaoError) as caught:
        reconcile(Home(tmp_path), 2024)
    assert "gongbao build" in caught.value.problems[0].fix_en


def test_the_workbook_lists_refused_and_unreadable_rows_with_their_rules(published_home: Home, tmp_path: Path) -> None:  # noqa: F811
    lake = published_home.lake / "settlement" / BATCH
    lake.mkdir(parents=True, exist_ok=True)
    duckdb.connect().sql(f"select '{BATCH}' as src_batch_id, 7::bigint as src_row_no, 'setl_time' as column_name, 'time' as reason").write_parquet(
        str(lake / "unreadable.parquet")
    )
    in_lake(published_home, {4: "S0004", 9: "S0009"})
    file = tmp_path / "out" / "rejects.xlsx"
    assert write_rejects(published_home, BATCH, file) == 3
    book = openpyxl.load_workbook(file)
    rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    assert rows["拒收行 Rejected rows"][1][:4] == ("一月", 4, "S0004", "SETL-002,SETL-011")
    assert rows["拒收行 Rejected rows"][2][:3] == ("二月", 2, "S0009"), "the second sheet's first row is number 9 of the batch"
    assert rows["拒收行 Rejected rows"][1][4] == "险种在代码表中；费用合计等于各项之和"
    assert rows["不可读行 Unreadable rows"][1][:4] == ("一月", 7, "setl_time", "time")
    assert "日期" in rows["不可读行 Unreadable rows"][1][4]
    assert ("文件 File", "结算.xlsx") in rows["概览 Summary"]
    assert [row[0] for row in rows["违反的规则 Rules broken"][1:]] == ["SETL-011", "SETL-002"]
    assert ("拒收行数 Rows rejected", 2) in rows["概览 Summary"]


def test_a_delivered_key_never_becomes_a_formula(tmp_path: Path) -> None:
    home = Home(tmp_path)
    build_warehouse(home)
    in_lake(home, {4: "=cmd()", 9: "a\a"})
    file = tmp_path / "rejects.xlsx"
    write_rejects(home, BATCH, file)
    sheet = openpyxl.load_workbook(file)["拒收行 Rejected rows"]
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=cmd()", "s")
    assert sheet["C3"].value == "a�"


def test_an_unknown_batch_is_answered_with_similar_ones(published_home: Home, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(GongbaoError) as caught:
        write_rejects(published_home, "settlement-0a1b", tmp_path / "x.xlsx")
    assert BATCH in caught.value.problems[0].fix_zh
    assert not (tmp_path / "x.xlsx").exists()
