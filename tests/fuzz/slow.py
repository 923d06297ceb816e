"""The slow reader: from what the rows of a draft say to what can count, in plain Python, by the records' definition."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from drafts import AMOUNTS, COUNTS, DATES, EITHER, FLAGS, KEYS, LOST, NAMES, NEEDED, REGIONS, TIMES, Draft, Row, check_char, keyed_hash, list_of

# The first two digits of the provinces.
PROVINCES = {code[:2] for code, _ in NAMES["region"].items() if code.endswith("0000") and code != "100000"}
CENT = Decimal("0.01")


def can_count(record: str, values: dict[str, object]) -> bool:
    """Whether a row with these values breaks no rule that rejects it."""
    if any(name in values and values[name] is None for name in NEEDED[record]):
        return False
    if any(name in values and values[name] is not None and not _known_region(str(values[name]), record) for name in REGIONS):
        return False
    if any(name in values and values[name] is not None and values[name] not in NAMES[list_of(name)] for name in FLAGS):
        return False
    return {"enrollment": _enrollment, "settlement": _settlement, "cross_province": _cross_province, "fund_ledger": _fund_ledger, "population": _population}[
        record
    ](values)


def _known_region(code: str, record: str) -> bool:
    return (len(code) == 6 and code[:2] in PROVINCES) or (record == "population" and code == "100000")


def _someone(values: dict[str, object]) -> bool:
    return values.get("psn_no") is not None or values.get("certno") is not None


def _enrollment(values: dict[str, object]) -> bool:
    ends = values.get("paus_insu_date")
    return (
        _someone(values) and values["insutype"] in NAMES["insutype"] and values["psn_insu_stas"] in NAMES["psn_insu_stas"]
        and (ends is None or ends >= values["crt_insu_date"])
    )  # fmt: skip


def _settlement(values: dict[str, object]) -> bool:
    kind = str(values["med_type"])
    begins, ends = values.get("begndate"), values.get("enddate")
    total, fund = values["medfee_sumamt"], values["fund_pay_sumamt"]
    sign = -1 if values.get("refd_setl_flag") in ("1", "001") else 1
    return (
        _someone(values) and values["insutype"] in NAMES["insutype"] and (kind in NAMES["med_type"] or (2 <= len(kind) <= 6 and kind.isascii() and kind.isdigit()))
        and 2000 <= values["setl_time"].year <= 2099 and not (begins and ends and ends < begins) and total * sign >= 0 and fund * sign >= 0
        and values.get("setl_type", "1") in (None, *NAMES["setl_type"])
        and _adds_up(total, fund, values.get("psn_pay")) and _adds_up(values.get("psn_pay"), values.get("acct_pay"), values.get("cash_payamt"))
    )  # fmt: skip


def _adds_up(whole: Decimal | None, *parts: Decimal | None) -> bool:
    """The parts are the whole, to the cent; where a part is not there, the others are not more than the whole."""
    if whole is None:
        return True
    there = sum((part for part in parts if part is not None), Decimal(0))
    return abs(there) <= abs(whole) + CENT if None in parts else abs(whole - there) <= CENT


def _cross_province(values: dict[str, object]) -> bool:
    return (
        2000 <= values["mdtrt_setl_time"].year <= 2099
        and values["fulamt_advpay_flag"] in ("0", "1")
        and values["medfee_sumamt"] >= 0
        and values["optins_pay_sumamt"] >= 0
    )


def _fund_ledger(values: dict[str, object]) -> bool:
    month = str(values["ym"])
    return (
        len(month) == 6 and month.isascii() and month.isdigit() and 1 <= int(month[4:]) <= 12 and 2000 <= int(month[:4]) <= 2099
        and all(values[name] in NAMES[list_of(name)] for name in ("basis", "scheme", "part", "item_code")) and values.get("version", "final") in NAMES["ledger_version"]
    )  # fmt: skip


def _population(values: dict[str, object]) -> bool:
    year = str(values["year"])
    return (
        len(year) == 4
        and year.isascii()
        and year.isdigit()
        and 2000 <= int(year) <= 2099
        and values["resident_population"] >= 0
        and (values.get("eligible_population") or 0) >= 0
    )


def in_the_lake(record: str, values: dict[str, object]) -> dict[str, object]:
    """The values as they lie in the lake: persons hashed, keys that hold a certificate number hashed, amounts to the cent."""
    stored = dict(values)
    for name, value in values.items():
        if value is None:
            continue
        if name == "psn_no":
            stored[name] = keyed_hash(f"psn_no|{value}")
        elif name == "certno":
            stored[name] = keyed_hash(f"cert|{values.get('psn_cert_type') or '01'}|{value}")
        elif name in KEYS and _holds_certificate(str(value)):
            stored[name] = keyed_hash(f"key|{value}")
        elif name in AMOUNTS and isinstance(value, Decimal):
            factor = 10_000 if name == "amount" and values.get("unit") == "万元" else 1
            stored[name] = (value * factor).quantize(CENT, ROUND_HALF_UP)
        elif name in DATES and isinstance(value, dt.datetime):
            stored[name] = value.date()
        elif name in TIMES and not isinstance(value, dt.datetime):
            stored[name] = dt.datetime(value.year, value.month, value.day)
    return stored


def _holds_certificate(text: str) -> bool:
    for at in range(len(text) - 17):
        number = text[at : at + 18].upper()
        if number[:17].isdigit() and number.isascii() and _is_date(number[6:14]) and number[17] == check_char(number[:17]):
            return True
    return False


def _is_date(text: str) -> bool:
    try:
        dt.datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return False
    return True


def expected(draft: Draft) -> tuple[Counter[tuple], Counter[tuple]]:
    """(rows that count, rows that may count or not) as tuples of the draft's columns in the order of their names."""
    sure: Counter[tuple] = Counter()
    doubtful: Counter[tuple] = Counter()
    for row in draft.rows + draft.rows_elsewhere:
        if row.fate != LOST and can_count(draft.record, row.values):
            (doubtful if row.fate == EITHER else sure)[as_tuple(draft, row)] += 1
    return sure, doubtful


def as_tuple(draft: Draft, row: Row) -> tuple:
    stored = in_the_lake(draft.record, row.values)
    return tuple(stored[name] for name in compared(draft))


def compared(draft: Draft) -> list[str]:
    """The columns whose values must be those of the rows."""
    return sorted(set(draft.columns) - draft.uncompared)


def certain(draft: Draft) -> int:
    """How many rows of the draft count for certain."""
    return sum(row.fate == COUNTS and can_count(draft.record, row.values) for row in draft.rows + draft.rows_elsewhere)
