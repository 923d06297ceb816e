"""Small delivered files of one's own making."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl

HEADERS = {
    "enrollment": ["psn_insu_rlts_id", "psn_no", "insutype", "psn_type", "psn_insu_stas", "crt_insu_date", "paus_insu_date", "insu_admdvs"],
    "settlement": [
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
    ],
    "cross_province": [
        "setl_sn",
        "trt_year",
        "trt_month",
        "insu_admdvs",
        "mdtrtarea",
        "mdtrt_setl_time",
        "fulamt_advpay_flag",
        "medfee_sumamt",
        "optins_pay_sumamt",
        "insutype",
        "med_type",
        "cnfm_flag",
    ],
    "fund_ledger": ["pool_region", "ym", "basis", "scheme", "part", "item_code", "amount"],
    "population": ["region_code", "year", "resident_population", "eligible_population"],
}


def spell(number: object, region: str = "370100", **other: str) -> dict[str, str]:
    """A running spell of the employee scheme."""
    return dict(zip(HEADERS["enrollment"], (f"E{number}", f"P{number}", "310", "1101", "1", "2020-01-01", "", region), strict=True)) | other


def settlement(number: object, region: str = "370100", **other: str) -> dict[str, str]:
    """An outpatient settlement of 100.00 at home, of which the funds pay 60.00."""
    values = (f"S{number}", f"V{number}", f"P{number}", "310", "1101", region, region, "2024-05-06 10:00:00", "11", "100.00", "60.00")
    return dict(zip(HEADERS["settlement"], values, strict=True)) | other


def entry(region: str, month: str, item: str, amount: object, **other: str) -> dict[str, str]:
    """An entry of a month of a pooled employee book."""
    return dict(zip(HEADERS["fund_ledger"], (region, month, "M", "310", "pool", item, str(amount)), strict=True)) | other


def table(rows: list[dict[str, str]]) -> list[list[str]]:
    """A header with every column that occurs, and the rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([row.get(name, "") for name in columns] for row in rows)]


def as_csv(lines: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(line) + "\n" for line in lines)


def csv_file(folder: Path, record: str, rows: list[dict[str, str]], name: str = "a.csv") -> Path:
    """A CSV of rows in the folder of its record; returns the delivery's folder."""
    path = folder / record / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_csv(table(rows)), encoding="utf-8")
    return folder


def workbook(
    folder: Path, record: str, sheets: dict[str, list[list[object]]], name: str = "a.xlsx", hidden: tuple[str, ...] = ()
) -> tuple[Path, openpyxl.Workbook]:
    """A workbook of sheets, saved; returns the delivery's folder and the book, to change and to save again."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for line in lines:
            sheet.append(line)
    path = folder / record / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save(book, path)
    return folder, book


def save(book: openpyxl.Workbook, path: Path) -> None:
    """Save a workbook whatever its name ends in."""
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
