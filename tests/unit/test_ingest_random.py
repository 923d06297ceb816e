"""Random dirty files through the door and through a slow reader in plain Python that shares no code with it."""

from __future__ import annotations

import hashlib
import hmac
import random
import re
import unicodedata
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from gongbao.ingest import door, typing
from gongbao.paths import Home

COLUMNS = [
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
    "psn_name",
    "ipt_days",
]
NULL_WORDS = ("", "null", "NULL", "\\N", "-", "无", "NA", "N/A")
GOOD = {
    "insutype": ("310", "390"),
    "psn_type": ("1101",),
    "insu_admdvs": ("370100", "370200"),
    "fix_blng_admdvs": ("370100",),
    "med_type": ("11", "21"),
    "setl_time": ("2024-03-01 10:11:12", "2024-02-29", "20240301", "2024/3/1 1:02"),
    "psn_name": ("张三", '李"四', "王,五", "O'Neil"),
    "medfee_sumamt": ("0", "12.3", "-1.25", "1234.567", ".5", "38.610000000001"),
    "fund_pay_sumamt": ("7.", "1.005", "100"),
    "ipt_days": ("1", "12", "3.0"),
}
BAD = {
    "setl_time": ("2024-02-30", "03/01/2024", "昨天"),
    "medfee_sumamt": ("abc", "12..3", "1_000", "1e5"),
    "fund_pay_sumamt": ("--",),
    "ipt_days": ("3.5", "x"),
}


# ---------------------------------------------------------------- writing


def some_value(chance: random.Random, name: str, dirt: float) -> str:
    value = chance.choice(GOOD[name]) if name in GOOD else f"{name[0]}{chance.randrange(10**9)}"
    if chance.random() >= dirt:
        return value
    return chance.choice(
        [
            chance.choice(NULL_WORDS),
            "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in value),
            f" {value}  ",
            f"'{value}",
            chance.choice(BAD.get(name, (value,))),
        ]
    )


def some_lines(chance: random.Random, delimiter: str, quote: str) -> list[str]:
    dirt = chance.choice([0, 0.002, 0.01])

    def cell(value: str) -> str:
        if quote and (delimiter in value or quote in value):
            return quote + value.replace(quote, quote * 2) + quote
        return value if quote else value.replace(delimiter, " ").replace('"', "")

    lines = [delimiter.join(COLUMNS)]
    for _ in range(chance.randrange(20, 400)):
        line = delimiter.join(cell(some_value(chance, name, dirt)) for name in COLUMNS)
        match chance.randrange(600):
            case 0:
                line += delimiter + "x"
            case 1:
                line = line[: line.rfind(delimiter)]
            case 2 if quote:
                at = chance.randrange(len(line))
                line = line[:at] + quote + line[at:]
            case 3:
                line = ""
            case 4:
                line = "合 计" + delimiter * (len(COLUMNS) - 1)
            case 5:
                line = delimiter * (len(COLUMNS) - 1)
        lines.append(line)
    while lines[-1] == "":
        lines.pop()
    return lines


# ---------------------------------------------------------------- the slow reader


def split(line: str, delimiter: str, quote: str) -> list[str] | str:
    """The cells of a line, or the reason why it has none."""
    cells, at = [], 0
    if quote and line.count(quote) % 2:
        return "quote"
    while True:
        if quote and line[at : at + 1] == quote:
            value, at = "", at + 1
            while line[at] != quote or line[at + 1 : at + 2] == quote:
                value += line[at]
                at += 2 if line[at] == quote else 1
            at += 1
            if at < len(line) and line[at] != delimiter:
                return "quote"
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            value, at = line[at:end], end
        cells.append(value)
        if at >= len(line):
            return cells if len(cells) == len(COLUMNS) else "fields"
        at += 1


def as_text(cell: str) -> str | None:
    text = "".join(form if len(form := unicodedata.normalize("NFKC", char)) == 1 and form.isascii() else char for char in cell)
    text = text.strip().lstrip("'").strip()
    return None if cell in NULL_WORDS or text in NULL_WORDS else text


def as_amount(text: str) -> Decimal:
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", text):
        raise ValueError(text)
    return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)


def as_whole(text: str) -> int:
    if not re.fullmatch(r"-?\d+(\.0*)?", text):
        raise ValueError(text)
    return int(text.split(".")[0])


def as_time(text: str) -> datetime:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d %H:%M"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(text)


TYPED = {
    "setl_time": (as_time, "time"),
    "medfee_sumamt": (as_amount, "number"),
    "fund_pay_sumamt": (as_amount, "number"),
    "ipt_days": (as_whole, "whole_number"),
}


def read_slowly(lines: list[str], delimiter: str, quote: str) -> tuple[dict[int, tuple], dict[int, tuple], int, int]:
    """(rows by number, unreadable rows by number, total rows, empty rows)."""
    rows: dict[int, tuple] = {}
    unreadable: dict[int, tuple] = {}
    totals = empty = 0
    for number, line in enumerate(lines[1:], 2):
        cells = split(line, delimiter, quote) if line else []
        if isinstance(cells, str):
            unreadable[number] = (None, cells)
            continue
        filled = [cell for cell in cells if cell not in NULL_WORDS]
        if not filled:
            empty += 1
        elif filled[0].replace(" ", "").startswith("合计"):
            totals += 1
        else:
            values: dict[str, object] = dict(zip(COLUMNS, map(as_text, cells), strict=True))
            for name, (convert, reason) in TYPED.items():
                try:
                    values[name] = None if values[name] is None else convert(str(values[name]))
                except ValueError:
                    unreadable[number] = (name, reason)
                    break
            else:
                person = values["psn_no"] and hmac.new(b"key", f"psn_no|{values['psn_no']}".encode(), hashlib.sha256).hexdigest()[:32]
                rows[number] = (values["setl_id"], person, values["insu_admdvs"], *(values[name] for name in TYPED))
    return rows, unreadable, totals, empty


# ---------------------------------------------------------------- the comparison


@pytest.mark.parametrize("seed", range(16))
def test_a_random_file_gives_what_the_slow_reader_gives(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGBAO_KEY", "key")
    monkeypatch.setenv("GONGBAO_DEBUG", "1")
    monkeypatch.setattr(typing, "SAMPLE", 5000 if seed % 4 == 0 else 3)  # the way of large files, and that of small ones
    chance = random.Random(seed)
    delimiter, quote = chance.choice(",\t"), chance.choice(['"', ""])
    lines = some_lines(chance, delimiter, quote)
    path = tmp_path / "settlement" / "a.csv"
    path.parent.mkdir()
    path.write_bytes((chance.choice(["\n", "\r\n"]).join([*lines, ""])).encode(chance.choice(["utf-8", "utf-8-sig", "gb18030"])))
    rows, unreadable, totals, empty = read_slowly(lines, delimiter, '"' if any('"' in line for line in lines) else "")

    home = Home(tmp_path / "data")
    (outcome,) = door.ingest_files(home, [path], max_rejected=100)  # what the rules reject is typed all the same
    if outcome.status == "refused":
        assert len(unreadable) > max(5, 0.01 * (len(rows) + len(unreadable))), outcome.problems
        return
    (batch,) = (home.lake / "settlement").glob("settlement-*")
    names = ", ".join(TYPED)
    found = duckdb.connect().execute(f"select src_row_no, setl_id, psn_no, insu_admdvs, {names} from read_parquet('{batch}/rows.parquet')").fetchall()
    faults = duckdb.connect().execute(f"select src_row_no, column_name, reason from read_parquet('{batch}/unreadable.parquet')").fetchall()
    assert {row[0]: row[1:] for row in found} == rows
    assert {row[0]: row[1:] for row in faults} == unreadable
    assert (outcome.rows_skipped, outcome.repairs.get("empty_rows", 0)) == (totals, empty)
