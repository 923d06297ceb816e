"""Good tables of every record, with what each row says: the start of every mutation.

Nothing here is taken from the code under test: column names, types and rules are those of the records' definition.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

KEY = b"a key for tests"
COUNTS, LOST, EITHER = "counts", "lost", "either"  # what may become of a row
SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "codes"

# Columns of each record that a draft may have, the required ones first, up to `|`.
COLUMNS = {
    "enrollment": "psn_insu_rlts_id psn_no insutype psn_type psn_insu_stas crt_insu_date paus_insu_date insu_admdvs | psn_cert_type certno surv_stas hi_type emp_type "
    "matn_insu_flag vali_flag rid updt_time weight",
    "settlement": "setl_id mdtrt_id psn_no insutype psn_type insu_admdvs fix_blng_admdvs setl_time med_type medfee_sumamt fund_pay_sumamt | refd_setl_flag mid_setl_flag "
    "setl_type certno fixmedins_code hosp_lv begndate enddate ipt_days psn_pay acct_pay cash_payamt vali_flag rid updt_time weight year",
    "cross_province": "setl_sn trt_year trt_month insu_admdvs mdtrtarea mdtrt_setl_time fulamt_advpay_flag medfee_sumamt optins_pay_sumamt | seqno medins_no certno mdtrt_id "
    "insutype med_type cnfm_flag vali_flag updt_time weight",
    "fund_ledger": "pool_region ym basis scheme part item_code amount | agency_level version unit",
    "population": "region_code year resident_population | eligible_population source",
}
KEYS = {"psn_insu_rlts_id", "setl_id", "setl_sn", "mdtrt_id", "rid"}
PERSONS = {"psn_no", "certno"}
IDENTITIES = KEYS | PERSONS | {"fixmedins_code", "medins_no"}
DATES = {"crt_insu_date", "paus_insu_date", "begndate", "enddate"}
TIMES = {"setl_time", "mdtrt_setl_time", "updt_time"}
AMOUNTS = {
    "medfee_sumamt",
    "fund_pay_sumamt",
    "psn_pay",
    "acct_pay",
    "cash_payamt",
    "optins_pay_sumamt",
    "amount",
    "resident_population",
    "eligible_population",
}
WHOLE = {"ipt_days", "seqno"}
REGIONS = {"insu_admdvs", "fix_blng_admdvs", "mdtrtarea", "pool_region", "region_code"}
FLAGS = {"vali_flag", "refd_setl_flag", "mid_setl_flag", "fulamt_advpay_flag", "cnfm_flag", "matn_insu_flag"}
LISTS = {
    "insutype": "insutype", "psn_type": "psn_type", "psn_insu_stas": "psn_insu_stas", "psn_cert_type": "psn_cert_type", "surv_stas": "surv_stas", "hi_type": "hi_type",
    "emp_type": "emp_type", "med_type": "med_type", "setl_type": "setl_type", "hosp_lv": "hosp_lv", "basis": "ledger_basis", "scheme": "insutype", "part": "ledger_part",
    "item_code": "fund_item", "agency_level": "agency_level", "version": "ledger_version",
}  # fmt: skip
# A code outside these lists breaks a rule that rejects the row.
DECISIVE = {
    "enrollment": {"insutype", "psn_insu_stas"},
    "settlement": {"insutype"},
    "cross_province": set(),
    "population": set(),
    "fund_ledger": {"basis", "scheme", "part", "item_code", "version"},
}
# An empty cell in these rejects the row.
NEEDED = {
    "enrollment": {"psn_insu_rlts_id", "insutype", "psn_insu_stas", "crt_insu_date", "insu_admdvs"},
    "settlement": {"setl_id", "insutype", "insu_admdvs", "fix_blng_admdvs", "setl_time", "med_type", "medfee_sumamt", "fund_pay_sumamt"},
    "cross_province": {"setl_sn", "insu_admdvs", "mdtrtarea", "mdtrt_setl_time", "fulamt_advpay_flag", "medfee_sumamt", "optins_pay_sumamt"},
    "fund_ledger": {"pool_region", "ym", "basis", "scheme", "part", "item_code", "amount"},
    "population": {"region_code", "year", "resident_population"},
}
GOOD = {
    "insutype": ("310", "390", "510"), "psn_type": ("1101", "1201", "1402"), "psn_insu_stas": ("1", "2", "4"), "surv_stas": ("1", "2"), "hi_type": ("1", "2"), "emp_type": ("10", "30"),
    "med_type": ("11", "13", "21", "41"), "setl_type": ("1", "2"), "hosp_lv": ("02", "05", "08"), "basis": ("M", "C"), "scheme": ("310", "390"), "part": ("pool", "account"),
    "item_code": ("I01", "I02", "I03", "E01", "E04", "B01"), "agency_level": ("2",), "version": ("final", "flash"), "psn_cert_type": ("01",), "refd_setl_flag": ("0",),
    "mid_setl_flag": ("0", "1"), "fulamt_advpay_flag": ("0", "1"), "cnfm_flag": ("1", "0"), "vali_flag": ("1",), "matn_insu_flag": ("0", "1"), "source": ("公报", "census"),
}  # fmt: skip
PREFECTURES = ("370100", "370200", "510100", "420100", "110100", "330100")


def code_names() -> dict[str, dict[str, str]]:
    """List → code → Chinese name; regions are the list `region`."""
    found: dict[str, dict[str, str]] = {}
    with (SEEDS / "code_lists.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["list"], {})[row["code"]] = row["name_zh"]
    with (SEEDS / "regions.csv").open(encoding="utf-8", newline="") as file:
        found["region"] = {row["region_code"]: row["name_zh"] for row in csv.DictReader(file)}
    return found


NAMES = code_names()


def list_of(column: str) -> str:
    return (
        "region"
        if column in REGIONS
        else "vali_flag"
        if column == "vali_flag"
        else "refd_setl_flag"
        if column == "refd_setl_flag"
        else "yes_no"
        if column in FLAGS
        else LISTS.get(column, "")
    )


def keyed_hash(text: str) -> str:
    """The first 32 hex digits of the HMAC that replaces a personal number."""
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()[:32]


def check_char(seventeen: str) -> str:
    """The eighteenth character of a certificate number."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(seventeen, weights, strict=True)) % 11]


def certificate(chance: random.Random) -> str:
    """An invented number of the first years of the last century, with its check character."""
    number = f"370102190{chance.randrange(1, 10)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}{chance.randrange(1000):03}"
    return number + check_char(number)


@dataclass
class Row:
    """What is written, by column, and what it says: `values` typed (None: nothing), and what may become of the row."""

    cells: dict[str, object]
    values: dict[str, object]
    fate: str = COUNTS
    touched: set[str] = field(default_factory=set)
    line: str | None = None  # a text file has this line instead of the cells
    extra: list[str] = field(default_factory=list)  # cells behind the last column
    hidden: bool = False

    def lose(self) -> None:
        self.fate = LOST

    def doubt(self) -> None:
        if self.fate != LOST:
            self.fate = EITHER


@dataclass
class Draft:
    """One delivery while it is made: rows, what stands around them, and how the bytes will be written."""

    record: str
    container: str
    chance: random.Random
    columns: list[str]
    rows: list[Row]
    headers: dict[str, str] = field(default_factory=dict)
    above: list[list[object]] = field(default_factory=list)  # lines over the header
    below: list[list[object]] = field(default_factory=list)  # lines under the last row
    further_sheets: list[tuple[str, str, list[list[object]]]] = field(default_factory=list)  # (name, state, lines) behind the first
    first_sheets: list[tuple[str, str, list[list[object]]]] = field(default_factory=list)  # before it
    merged: list[tuple[str, list[Row]]] = field(default_factory=list)  # a column and the rows over which its cell is merged
    options: dict[str, object] = field(default_factory=dict)
    bytes_steps: list[Callable[[bytes], bytes]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    may_refuse: bool = False
    must_refuse: bool = False
    secrets: set[str] = field(default_factory=set)  # never in the lake or in a message
    must_name: list[str] = field(default_factory=list)  # always in a message, whatever becomes of the file
    rows_elsewhere: list[Row] = field(default_factory=list)  # rows that stand on a further sheet
    uncompared: set[str] = field(default_factory=set)  # columns that may say this or that

    @property
    def is_text(self) -> bool:
        return self.container in TEXTS

    @property
    def is_sheet(self) -> bool:
        return self.container in SHEETS

    def spare_rows(self, column: str | None = None, at_most: int = 3, native: bool = False) -> list[Row]:
        """Some rows whose cell of the column nobody has changed yet and holds text."""
        found = [
            row
            for row in self.rows
            if row.line is None and not row.extra and (column is None or (column not in row.touched and (native or type(row.cells[column]) is str)))
        ]
        self.chance.shuffle(found)
        return found[: self.chance.randint(1, at_most)]

    def column_among(self, names: set[str]) -> str | None:
        found = [name for name in self.columns if name in names]
        return self.chance.choice(found) if found else None


TEXTS = ("csv", "csv-gbk", "csv-bom", "tab", "gz", "csv-quoted")
SHEETS = ("xlsx",)
CONTAINERS = (*TEXTS, *SHEETS, "parquet", "parquet-typed")


def good_draft(chance: random.Random, record: str, container: str) -> Draft:
    """A table without a fault."""
    required, optional = (part.split() for part in COLUMNS[record].split("|"))
    columns = required + [name for name in optional if chance.random() < 0.5]
    if record == "settlement":  # the parts of a total come together
        together = {"psn_pay", "acct_pay", "cash_payamt"}
        if together & set(columns):
            columns = [name for name in columns if name not in together] + sorted(together)
    for one, other in (("begndate", "enddate"),):
        if (one in columns) != (other in columns):
            columns = [name for name in columns if name not in (one, other)]
    if record == "enrollment" and "psn_cert_type" in columns and "certno" not in columns:
        columns.append("certno")
    if container == "csv-gbk" and "unit" in columns:
        columns.remove("unit")  # the two bytes of 元 in GBK are good UTF-8 as well
    if chance.random() < 0.3:
        chance.shuffle(columns)
    draft = Draft(record, container, chance, columns, [])
    size = chance.randint(4, 14)
    salt = chance.randrange(10**6)
    for number in range(size):
        values = _values(chance, record, columns, number, salt)
        draft.rows.append(Row({name: as_text(name, value) for name, value in values.items()}, values))
    if container == "parquet-typed":
        for row in draft.rows:
            row.cells = {
                name: value if name in AMOUNTS | DATES | TIMES | WHOLE and value is not None else cell
                for (name, value), cell in zip(row.values.items(), row.cells.values(), strict=True)
            }
    elif draft.is_sheet and chance.random() < 0.5:
        for name in columns:
            if name in AMOUNTS | WHOLE | (DATES if chance.random() < 0.5 else set()):
                for row in draft.rows:
                    value = row.values[name]
                    row.cells[name] = float(value) if isinstance(value, Decimal) else "" if value is None else value
    return draft


def _values(chance: random.Random, record: str, columns: list[str], number: int, salt: int) -> dict[str, object]:
    """What one row says; the parts of a settlement fit together."""
    region = chance.choice(PREFECTURES)
    start = dt.date(2021, 1, 1) + dt.timedelta(days=chance.randrange(1000))
    total = Decimal(chance.randrange(1000, 10**7)) / 100
    paid = (total * chance.randrange(0, 100) / 100).quantize(Decimal("0.01"))
    account = ((total - paid) * chance.randrange(0, 100) / 100).quantize(Decimal("0.01"))
    made: dict[str, object] = {
        "psn_no": f"37{salt:06}{chance.randrange(5):04}{chance.choice('13579')}", "certno": certificate(chance), "rid": f"r{salt}-{number}", "mdtrt_id": f"M{salt}{number // 2}",
        "psn_insu_rlts_id": f"E{salt}N{number}", "setl_id": f"S{salt}N{number}", "setl_sn": f"C{salt}N{number}", "fixmedins_code": f"H37010{chance.randrange(1000):04}1",
        "medins_no": f"H51010{chance.randrange(1000):04}1", "crt_insu_date": start, "paus_insu_date": start + dt.timedelta(days=400) if chance.random() < 0.3 else None,
        "begndate": start, "enddate": start + dt.timedelta(days=chance.randrange(9)), "updt_time": dt.datetime(2024, 3, 1, 9, 0, chance.randrange(60)),
        "setl_time": dt.datetime(2024, chance.randint(1, 12), chance.randint(1, 28), chance.randrange(24), chance.randrange(60), chance.randrange(60)),
        "medfee_sumamt": total, "fund_pay_sumamt": paid, "psn_pay": total - paid, "acct_pay": account, "cash_payamt": total - paid - account, "optins_pay_sumamt": paid,
        "amount": total, "resident_population": Decimal(chance.randrange(10**4, 10**8)), "eligible_population": Decimal(chance.randrange(10**4, 10**8)),
        "ipt_days": chance.randrange(1, 30), "seqno": number + 1, "weight": Decimal(1), "trt_year": "2024", "trt_month": f"{chance.randint(1, 12):02}",
        "ym": f"2024{number % 12 + 1:02}", "year": "2024", "unit": "元",
        "insu_admdvs": region, "fix_blng_admdvs": chance.choice(PREFECTURES), "mdtrtarea": chance.choice([other for other in PREFECTURES if other[:2] != region[:2]]),
        "pool_region": region, "region_code": PREFECTURES[number % 6],
    }  # fmt: skip
    made["mdtrt_setl_time"] = made["setl_time"]
    if record == "population":
        made["year"] = str(2018 + number // 6)
    for name in columns:
        if name not in made:
            made[name] = chance.choice(GOOD[name])
    return {name: made[name] for name in columns}


def as_text(name: str, value: object) -> str:
    """A value as a sound export writes it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
