"""The core figures of a small lake, computed once more in plain Python, row by row, as the counting rules say them in words.

It shares nothing with facts.sql or with the dbt models but the lake: no SQL, no bit, no set-based trick, one person and one
day at a time. Slow (a few thousand rows), and therefore believable. Months are their last day; regions are the insured
six-digit codes as delivered; every value is a Decimal.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]
Place = tuple[str, int]  # batch, row number

CENT = Decimal("0.01")


def words(text: str) -> list[str]:
    return text.split()


PROVINCES = words("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 66")
INSURANCE_TYPES = words("310 320 330 340 350 360 370 380 390 391 392 399 410 510 610 39902 39916")
CARE_TYPES = {
    "outpatient_emergency": "11 12 13 15 16 19 81 9118 9901",
    "outpatient_chronic": "14 140104 140201 140401 9119",
    "inpatient": "21 210104 2101 2114 22 23 24 25 26 27 28 71 92 9218 9219 9902 9921 9925",
    "pharmacy": "41 9216",
    "maternity": "51 52 53",
    "other": "61 9107",
}
CARE_TYPE = {code: care for care, codes in CARE_TYPES.items() for code in words(codes)}
SCHEME = {"310": "employee", "390": "resident", "391": "resident", "380": "resident", "510": "maternity"}
MEASURES = words("visits discharges bed_days medical_cost fund_paid catalog_cost catalog_fund_paid in_scope_cost in_scope_fund_paid")
AMOUNTS = words(
    "medfee_sumamt fund_pay_sumamt fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_amt act_pay_dedc hifp_pay cvlserv_pay hifes_pay "
    "hifmi_pay hifob_pay hifdm_pay maf_pay othfund_pay psn_pay acct_pay cash_payamt ownpay_hosp_part acct_mulaid_pay"
)


def read(lake: Path, record: str) -> tuple[list[Row], dict[str, int]]:
    """Rows of a record, and the order of arrival of each batch; without batches that another one corrects."""
    batches = [pq.read_table(path).to_pylist()[0] for path in sorted((lake / record).glob("*/batch.parquet")) if path.parent.name != "_empty"]
    corrected = {batch["corrects"] for batch in batches}
    arrival = {batch["batch_id"]: batch["sequence"] for batch in batches if batch["batch_id"] not in corrected}
    return [row for batch in sorted(arrival) for row in pq.read_table(lake / record / batch / "rows.parquet").to_pylist()], arrival


def place(row: Row) -> Place:
    return row["src_batch_id"], row["src_row_no"]


def known_region(code: str | None) -> bool:
    return code is not None and len(code) == 6 and code[:2] in PROVINCES


def province(row: Row) -> str:
    return (row["insu_admdvs"] or "")[:2]


def counts(row: Row) -> bool:
    """`vali_flag` present and not 1: accepted, never counted."""
    return row["vali_flag"] in (None, "1")


def person_of(row: Row) -> str:
    """The person behind a row: the certificate, unless it is missing or was seen to be wrong; then the person number."""
    return row["certno"] if row["certno_check"] in ("valid", "other_type") else (row["psn_no"] or row["certno"])


def older_rows(rows: list[Row], arrival: dict[str, int], own_key: str) -> set[Place]:
    """Rows that a later version of the same key of the same province replaces."""
    versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        versions[province(row), row["rid"] or row[own_key]].append(row)
    older = set()
    for same in versions.values():
        same.sort(key=lambda row: (row["updt_time"] or datetime.min, arrival[row["src_batch_id"]], row["src_row_no"]))
        older.update(place(row) for row in same[:-1])
    return older


# ---------------------------------------------------------------- enrolment


def enrollment_errors(row: Row) -> set[str]:
    """Codes of the error rules that a spell breaks by itself."""
    errors = set()
    if row["psn_insu_rlts_id"] is None:
        errors.add("ENRL-001")
    if row["psn_no"] is None and row["certno"] is None:
        errors.add("ENRL-002")
    if row["insutype"] not in INSURANCE_TYPES:
        errors.add("ENRL-003")
    if row["psn_insu_stas"] not in ("0", "1", "2", "3", "4"):
        errors.add("ENRL-005")
    if row["crt_insu_date"] is None:
        errors.add("ENRL-006")
    elif row["paus_insu_date"] is not None and row["paus_insu_date"] < row["crt_insu_date"]:
        errors.add("ENRL-007")
    if not known_region(row["insu_admdvs"]):
        errors.add("ENRL-008")
    return errors


def covers(spell: Row, day: date) -> bool:
    return spell["psn_insu_stas"] not in ("0", "3") and spell["crt_insu_date"] <= day and (spell["paus_insu_date"] is None or spell["paus_insu_date"] > day)


def first_choice(spells: list[Row]) -> Row:
    """The one spell of a person that counts: employee (or maternity alone) before resident, later start, smaller region, smaller key."""
    ranked = sorted(spells, key=lambda spell: (spell["insu_admdvs"], spell["psn_insu_rlts_id"]))
    ranked.sort(key=lambda spell: spell["crt_insu_date"], reverse=True)
    ranked.sort(key=lambda spell: SCHEME[spell["insutype"]] == "resident")
    return ranked[0]


def month_ends(first_year: int, last_year: int) -> list[date]:
    """The last day of December before `first_year` and of every month up to December of `last_year`."""
    days = [date(first_year - 1, 12, 31)]
    return days + [date(y, m, calendar.monthrange(y, m)[1]) for y in range(first_year, last_year + 1) for m in range(1, 13)]


def enrollment_truth(lake: Path, first_year: int = 2020, last_year: int = 2025) -> dict[str, Any]:
    """`members` and `members_as_reported` by (month end, region, scheme); `review`: (finding, province) → persons; `rejected`: place → codes."""
    rows, arrival = read(lake, "enrollment")
    rejected = {place(row): errors for row in rows if (errors := enrollment_errors(row))}
    accepted = [row for row in rows if place(row) not in rejected]
    for spot in older_rows(accepted, arrival, "psn_insu_rlts_id"):
        rejected[spot] = {"ENRL-015"}
    persons: dict[str, list[Row]] = defaultdict(list)
    for row in accepted:
        if place(row) not in rejected and counts(row):
            persons[person_of(row)].append(row)

    members: dict[tuple, Decimal] = defaultdict(Decimal)
    as_reported: dict[tuple, Decimal] = defaultdict(Decimal)
    for spells in persons.values():
        basic = [spell for spell in spells if SCHEME.get(spell["insutype"]) in ("employee", "resident")]
        maternity = [s for s in spells if s["insutype"] == "510" or (s["insutype"] == "310" and s["matn_insu_flag"] == "1")]
        for day in month_ends(first_year, last_year):
            for of_maternity, candidates in ((False, basic), (True, maternity)):
                covering = [spell for spell in candidates if covers(spell, day)]
                if not covering:
                    continue
                chosen = first_choice(covering)
                members[day, chosen["insu_admdvs"], "maternity" if of_maternity else SCHEME[chosen["insutype"]]] += chosen["weight"]
                for province in {spell["insu_admdvs"][:2] for spell in covering}:
                    chosen = first_choice([spell for spell in covering if spell["insu_admdvs"][:2] == province])
                    as_reported[day, chosen["insu_admdvs"], "maternity" if of_maternity else SCHEME[chosen["insutype"]]] += chosen["weight"]
    return {"members": dict(members), "members_as_reported": dict(as_reported), "review": persons_to_review(rows), "rejected": rejected}


def persons_to_review(rows: list[Row]) -> dict[tuple[str, int], int]:
    """Persons under several person numbers and person numbers of several certificates, by province of the smallest region, rejected rows among them."""
    of_person, of_number = defaultdict(list), defaultdict(list)
    for row in rows:
        start, end = row["crt_insu_date"], row["paus_insu_date"]
        if start and (end is None or (start.year, start.month) <= (end.year, end.month)):
            of_person[person_of(row)].append(row)
        if row["psn_no"] and row["certno_check"] in ("valid", "other_type"):
            of_number[row["psn_no"]].append(row)
    found: dict[tuple[str, int], int] = defaultdict(int)
    for finding, groups, column in (("several numbers", of_person, "psn_no"), ("several certificates", of_number, "certno")):
        for same in groups.values():
            if len({row[column] for row in same} - {None}) > 1:
                found[finding, int(min(row["insu_admdvs"] for row in same)[:2])] += 1
    return dict(found)


# ---------------------------------------------------------------- settlements


def differs(*terms: Decimal | None, tolerance: Decimal = CENT) -> bool:
    """Whether the first term is not the sum of the others; not tested where a term is missing."""
    return None not in terms and abs(terms[0] - sum(terms[1:])) > tolerance


def settlement_errors(row: Row) -> set[str]:
    """Codes of the error rules that a settlement breaks by itself."""
    errors = set()
    if row["setl_id"] is None:
        errors.add("SETL-001")
    if row["insutype"] not in INSURANCE_TYPES:
        errors.add("SETL-002")
    if row["med_type"] is None or not (row["med_type"].isdecimal() and 2 <= len(row["med_type"]) <= 6):
        errors.add("SETL-003")
    if not known_region(row["insu_admdvs"]):
        errors.add("SETL-005")
    if not known_region(row["fix_blng_admdvs"]):
        errors.add("SETL-007")
    if row["setl_time"] is None or row["setl_time"].year < 2000:
        errors.add("SETL-009")
    if row["begndate"] is not None and row["enddate"] is not None and row["enddate"] < row["begndate"]:
        errors.add("SETL-010")
    if differs(row["medfee_sumamt"], row["fulamt_ownpay_amt"], row["overlmt_selfpay"], row["preselfpay_amt"], row["inscp_amt"]):
        errors.add("SETL-011")
    if differs(row["medfee_sumamt"], row["fund_pay_sumamt"], row["psn_pay"], row["ownpay_hosp_part"] or Decimal(0)):
        errors.add("SETL-012")
    if differs(row["psn_pay"], row["acct_pay"], row["cash_payamt"]) and (
        row["acct_mulaid_pay"] is None or differs(row["psn_pay"], row["acct_pay"], row["cash_payamt"], row["acct_mulaid_pay"])
    ):
        errors.add("SETL-013")
    sign = -1 if is_refund(row) else 1
    if any(row[amount] is not None and row[amount] * sign < 0 for amount in ("medfee_sumamt", "fund_pay_sumamt")):
        errors.add("SETL-015")
    if row["medfee_sumamt"] is None or row["fund_pay_sumamt"] is None:
        errors.add("SETL-023")
    if row["psn_no"] is None and row["certno"] is None:
        errors.add("SETL-024")
    return errors


def care_type(code: str) -> str:
    return CARE_TYPE.get(code) or CARE_TYPE.get(code[:2]) or "other"


def stay_days(row: Row) -> int:
    if row["ipt_days"] is not None:
        return row["ipt_days"]
    if row["begndate"] is None or row["enddate"] is None:
        return 0
    return max(1, (row["enddate"] - row["begndate"]).days)


def month_end(moment: datetime) -> date:
    return date(moment.year, moment.month, calendar.monthrange(moment.year, moment.month)[1])


def settlement_truth(lake: Path) -> dict[str, Any]:
    """Every one of `MEASURES` by (month end, region, care type); `refunds_netted` by
    month of the original; `rejected`: place → codes."""
    rows, arrival = read(lake, "settlement")
    rejected = {place(row): errors for row in rows if (errors := settlement_errors(row))}
    accepted = [row for row in rows if place(row) not in rejected]
    for spot in older_rows(accepted, arrival, "setl_id"):
        rejected[spot] = {"SETL-019"}
    accepted = [row for row in accepted if place(row) not in rejected]

    originals = {(province(row), row["setl_id"]): row for row in accepted if not is_refund(row) and counts(row)}
    refunds = [row for row in accepted if is_refund(row) and counts(row)]
    cancelled: set[Place] = set()
    netted: dict[date, Decimal] = defaultdict(Decimal)
    for refund in sorted(refunds, key=lambda row: (row["setl_time"], place(row))):
        original = originals.get((province(refund), refund["init_setl_id"]))
        if original is None:
            rejected[place(refund)] = {"SETL-016"}
        elif any(abs((refund[amount] or 0) + (original[amount] or 0)) > CENT for amount in AMOUNTS):
            rejected[place(refund)] = {"SETL-017"}
        elif place(original) in cancelled:
            rejected[place(refund)] = {"SETL-018"}
        else:
            cancelled |= {place(refund), place(original)}
            netted[month_end(original["setl_time"])] += original["weight"]

    remaining = [row for row in accepted if place(row) not in rejected and place(row) not in cancelled and counts(row)]
    sums: dict[str, dict[tuple, Decimal]] = {name: defaultdict(Decimal) for name in MEASURES}
    stays: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in remaining:
        care = care_type(row["med_type"])
        cell = (month_end(row["setl_time"]), row["insu_admdvs"], care)
        sums["medical_cost"][cell] += row["medfee_sumamt"] * row["weight"]
        sums["fund_paid"][cell] += row["fund_pay_sumamt"] * row["weight"]
        if row["fulamt_ownpay_amt"] is not None:
            sums["catalog_cost"][cell] += (row["medfee_sumamt"] - row["fulamt_ownpay_amt"]) * row["weight"]
            sums["catalog_fund_paid"][cell] += row["fund_pay_sumamt"] * row["weight"]
        if row["inscp_amt"] is not None:
            sums["in_scope_cost"][cell] += row["inscp_amt"] * row["weight"]
            sums["in_scope_fund_paid"][cell] += row["fund_pay_sumamt"] * row["weight"]
        if care == "inpatient":
            stays[province(row), row["mdtrt_id"] or row["setl_id"]].append(row)
        elif is_final(row):
            sums["visits"][cell] += row["weight"]
    for stay in stays.values():
        final = sorted((row for row in stay if is_final(row)), key=lambda row: (row["setl_time"], row["setl_id"]))
        if final:
            cell = (month_end(final[-1]["setl_time"]), final[-1]["insu_admdvs"], "inpatient")
            sums["visits"][cell] += final[-1]["weight"]
            sums["discharges"][cell] += final[-1]["weight"]
            sums["bed_days"][cell] += sum(stay_days(row) for row in stay if row["setl_type"] != "3") * final[-1]["weight"]
    return {**{name: dict(cells) for name, cells in sums.items()}, "refunds_netted": dict(netted), "rejected": rejected}


def is_refund(row: Row) -> bool:
    """By its flag; without one, by the original it names and its negative total."""
    if row["refd_setl_flag"] is not None:
        return row["refd_setl_flag"] in ("1", "001")
    return row["init_setl_id"] is not None and row["medfee_sumamt"] is not None and row["medfee_sumamt"] < 0


def is_final(row: Row) -> bool:
    """Neither an interim settlement nor a second reimbursement."""
    return row["mid_setl_flag"] != "1" and row["setl_type"] != "3"
