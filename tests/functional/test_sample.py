"""The synthetic country: its totals are the printed ones, its faults are where the list says, its bytes depend on the seed only.

The files are counted by queries of their own (the counting rules once more).
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from country import PROJECT, SCALE, SEED, Country
from delivered import CONTRACT, lines_of, load, manifest

from gongbao.messages import GongbaoError
from gongbao.sample import write_sample

PUBLISHED = PROJECT / "seeds" / "published" / "published_figures.csv"


@pytest.fixture(scope="module")
def sample(country: Country) -> Path:
    """The files of the sample country, as the command writes them."""
    return country.sample


@pytest.fixture(scope="module")
def db(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = load(sample, tmp_path_factory.mktemp("read"))
    connection.execute(PERSONS)
    connection.execute(NETTED)
    yield connection
    connection.close()


# ---------------------------------------------------------------- counting, by the rules

PERSONS = """
create table spells as
with s as (select *, folded(certno) as c from enrollment_good where coalesce(vali_flag, '1') = '1' and psn_insu_stas not in ('0', '3')),
k as (select *, case when regexp_full_match(c, '[0-9]{15}') or regexp_full_match(c, '[0-9]{17}[0-9X]') then digits17(c) end as d from s)
select case when d is null then psn_no when length(c) = 18 and check18(d) <> right(c, 1) then psn_no else d end as person,
       c, d, file, row_no, psn_insu_rlts_id as id, insutype, left(psn_type, 2) as class, psn_type, insu_admdvs as region, left(insu_admdvs, 2) as pp, emp_type, hi_type, matn_insu_flag,
       as_date(crt_insu_date) as s, as_date(paus_insu_date) as e, m(weight) as w
from k;
create macro at_year_end(y) as table
select * from (select *, row_number() over (partition by person order by (insutype = '310') desc, s desc, region, id) as r,
                         row_number() over (partition by person, pp order by (insutype = '310') desc, s desc, region, id) as rp
               from spells where insutype in ('310', '390') and s <= make_date(y, 12, 31) and (e is null or e > make_date(y, 12, 31)));
"""

NETTED = """
create table cancelled as
select f.setl_id as refund, f.init_setl_id as original from settlement_good as f where f.refd_setl_flag in ('1', '001');
create table visits as
select s.*, as_time(setl_time) as t, year(as_time(setl_time)) as y, m(weight) as w, left(insu_admdvs, 2) as pp,
       case when left(med_type, 2) in ('11', '13') then 'outpatient_emergency' when left(med_type, 2) = '14' then 'outpatient_chronic' when med_type = '41' then 'pharmacy'
            when med_type in ('51', '52', '53') then 'maternity' when left(med_type, 1) = '2' or med_type = '92' then 'inpatient' else 'other' end as care,
       case when insutype = '310' then 'employee' else 'resident' end as scheme,
       case when hosp_lv in ('02', '03', '12') then 'tertiary' when hosp_lv in ('05', '06') then 'secondary' else 'primary_and_below' end as level,
       case when left(insu_admdvs, 2) <> left(fix_blng_admdvs, 2) then 'cross_province' when left(insu_admdvs, 4) <> left(fix_blng_admdvs, 4) then 'in_province' else 'local' end as scope,
       case left(psn_type, 2) when '11' then 'in_service' when '12' then 'retired' when '13' then 'retired' end as status
from settlement_good as s where coalesce(vali_flag, '1') = '1' and setl_id not in (select refund from cancelled) and setl_id not in (select original from cancelled);
create table counted as  -- one line per visit that counts
select * from visits where care <> 'inpatient' and coalesce(mid_setl_flag, '0') <> '1' and setl_type <> '3'
union all by name
select * from visits where care = 'inpatient' and coalesce(mid_setl_flag, '0') <> '1' qualify row_number() over (partition by mdtrt_id order by t desc) = 1;
"""


def one(db: duckdb.DuckDBPyConnection, sql: str) -> Decimal:
    value = db.execute(sql).fetchall()[0][0]
    return Decimal(str(value if value is not None else 0))


def where(row: dict[str, str], names: dict[str, str]) -> str:
    """SQL conditions from the breakdown of a printed figure; `names` maps its columns to those of the query."""
    return "".join(f" and {sql} = '{row[name]}'" for name, sql in names.items() if row[name])


def rebuild(db: duckdb.DuckDBPyConnection, row: dict[str, str]) -> Decimal | None:
    """A printed figure counted again from the files, in base units; None for what raw records cannot give."""
    year, indicator = int(row["year"]), row["indicator"]
    scheme = {"employee": "310", "resident": "390"}.get(row["scheme"], "")
    care = where(row, {"scheme": "scheme", "care_type": "care", "hospital_level": "level", "member_status": "status", "travel_scope": "scope"})
    four = " and care in ('outpatient_emergency', 'outpatient_chronic', 'inpatient', 'pharmacy')"
    in_year = f"y = {year}"
    if indicator == "members":
        member = where(row | {"scheme": scheme}, {"scheme": "insutype"})
        member += {
            "in_service": " and class = '11'",
            "retired": " and class in ('12', '13')",
            "child": " and class = '14'",
            "adult": " and class in ('15', '16')",
        }.get(row["member_status"], "")
        member += {
            "enterprise": " and emp_type = '10'",
            "government_institution": " and emp_type in ('30', '50', '55')",
            "flexible_other": " and coalesce(emp_type, '81') = '81'",
        }.get(row["employer_type"], "")
        member += {"pooling_and_account": " and hi_type = '1'", "pooling_only": " and hi_type in ('2', '3')"}.get(row["account_mode"], "")
        return one(db, f"select sum(w) from at_year_end({year}) where r = 1{member}")
    if indicator == "maternity_members":
        covered = f"s <= date '{year}-12-31' and (e is null or e > date '{year}-12-31')"
        return one(
            db,
            f"select sum(w) from (select person, max(w) as w from spells where {covered} and (insutype = '510' or insutype = '310' and matn_insu_flag = '1') group by person)",
        )
    if indicator in ("benefit_visits", "discharges", "institution_visits", "maternity_benefit_visits", "away_visits"):
        extra = {
            "benefit_visits": four,
            "discharges": " and care = 'inpatient'",
            "institution_visits": four + " and care <> 'pharmacy'",
            "maternity_benefit_visits": " and care = 'maternity'",
            "away_visits": four + " and care <> 'pharmacy' and scope <> 'local'",
        }[indicator]
        return one(db, f"select sum(w) from counted where {in_year}{care}{extra}")
    if indicator in ("medical_cost", "institution_cost", "away_cost"):
        extra = {
            "medical_cost": four,
            "institution_cost": four + " and care <> 'pharmacy'",
            "away_cost": four + " and care <> 'pharmacy' and scope <> 'local'",
        }[indicator]
        return one(db, f"select sum(w * m(medfee_sumamt)) from visits where {in_year}{care}{extra}")
    if indicator in ("avg_inpatient_cost", "avg_length_of_stay", "inpatient_catalog_payment_ratio", "inpatient_policy_payment_ratio"):
        care += " and care = 'inpatient'"
        if indicator == "avg_inpatient_cost":
            return one(db, f"select sum(w * m(medfee_sumamt)) from visits where {in_year}{care}") / one(db, f"select sum(w) from counted where {in_year}{care}")
        if indicator == "avg_length_of_stay":
            return one(db, f"select sum(w * m(ipt_days)) from visits where {in_year}{care}") / one(db, f"select sum(w) from counted where {in_year}{care}")
        base = "m(medfee_sumamt) - m(fulamt_ownpay_amt)" if "catalog" in indicator else "m(inscp_amt)"
        return (
            100
            * one(db, f"select sum(w * m(fund_pay_sumamt)) from visits where {in_year}{care}")
            / one(db, f"select sum(w * ({base})) from visits where {in_year}{care}")
        )
    if indicator in ("fund_income", "fund_expenditure", "fund_current_balance", "fund_cumulative_balance", "maternity_fund_expenditure"):
        part = where(
            row | {"scheme": scheme, "fund_part": {"pooled": "pool", "account": "account"}.get(row["fund_part"], "")}, {"scheme": "scheme", "fund_part": "part"}
        )
        part += " and scheme in ('310', '390')"  # other funds are no part of basic insurance
        if indicator == "maternity_fund_expenditure":
            return one(db, f"select sum(amount) from book where y = {year} and version = 'final' and item_code = 'E0103'")
        if indicator == "fund_cumulative_balance":
            return one(db, f"select sum(amount) from closing where y = {year}{part}")
        income, spent = (
            one(db, f"select sum(amount) from flows where y = {year} and side = 'I'{part}"),
            one(db, f"select sum(amount) from flows where y = {year} and side = 'E'{part}"),
        )
        return {"fund_income": income, "fund_expenditure": spent, "fund_current_balance": income - spent}[indicator]
    if indicator == "direct_settlement_visits":
        kind = {"inpatient": " and med_type = '21'", "outpatient_chronic": " and med_type = '14'", "": ""}.get(row["care_type"], " and med_type <> '21'")
        return one(db, f"select sum(m(weight)) from cross_province_good where fulamt_advpay_flag = '0' and year(as_time(mdtrt_setl_time)) = {year}{kind}")
    if indicator == "resident_population":
        return one(db, f"select sum(resident_population::decimal(18, 2)) from population_good where year = '{year}'")
    return None


LEDGER = """
create table book as
select pool_region, ym, left(ym, 4)::int as y, right(ym, 2)::int as month, basis, scheme, part, item_code, coalesce(version, 'final') as version,
       (amount::decimal(24, 2) * case unit when '万元' then 10000 else 1 end)::decimal(24, 2) as amount
from (select l.* from fund_ledger as l where not exists (select 1 from faults as f where f.record = 'fund_ledger' and f.file = l.file and f.row_no = l.row_no and f.expected in ('rejected', 'unreadable', 'skipped')));
-- a cumulative ledger gives its year by its last month
create or replace table book as
select * from book where basis = 'M' or item_code like 'B%' or version = 'budget'
union all
select * replace (amount - coalesce(lag(amount) over (partition by pool_region, y, scheme, part, item_code, version order by month), 0) as amount) from book where basis = 'C' and item_code not like 'B%' and version <> 'budget';
create table flows as
with f as (select *, left(item_code, 1) as side, length(item_code) = 5 as is_part from book where version = 'final' and regexp_full_match(item_code, '[IE]0[1-7].*')),
whole as (select distinct pool_region, ym, scheme, part, left(item_code, 3) as item from f where not is_part)
select f.* from f where not is_part or (pool_region, ym, scheme, part, left(item_code, 3)) not in (select (pool_region, ym, scheme, part, item) from whole);
create table closing as select * from book where item_code = 'B03';
"""


@pytest.fixture(scope="module")
def books(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    db.execute(LEDGER)
    return db


def printed(value: Decimal, row: dict[str, str]) -> Decimal:
    """As the bulletin prints it: in its unit, half-up."""
    return (value / Decimal(row["scale"])).quantize(Decimal(1).scaleb(-int(row["printed_decimals"])), rounding=ROUND_HALF_UP)


def figures(*years: str) -> list[dict[str, str]]:
    if not PUBLISHED.is_file():
        pytest.skip("the published figures are not there")
    with PUBLISHED.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] in years and row["vintage"] in ("bulletin", "yearbook") and row["value_column"] == "value"]
    # with the breakdown by dimension, empty where a figure is total
    return [defaultdict(str, row | dict(pair.split("=") for pair in row["dims"].split(";") if pair)) for row in rows]


# figures of which another printed one says the opposite: the reasons stand in seeds/published/figure_notes.csv
CONTRADICTED = {
    "2024-bulletin-employee-members-in_service",
    "2024-yearbook-basic_insurance-institution_cost",
    "2024-yearbook-employee-institution_cost",
    "2024-yearbook-employee-medical_cost-outpatient_emergency",
    "2024-yearbook-employee-medical_cost-inpatient",
    "2024-yearbook-maternity-maternity_fund_expenditure",
    "2025-yearbook-basic_insurance-fund_income",
    "2025-yearbook-basic_insurance-fund_expenditure",
    "2023-bulletin-employee-avg_inpatient_cost",
    "2023-yearbook-basic_insurance-fund_income",
    "2023-yearbook-basic_insurance-fund_expenditure",
    "2021-yearbook-basic_insurance-fund_income",
    "2021-yearbook-basic_insurance-fund_expenditure",
}


@pytest.mark.parametrize("year", ["2020", "2021", "2022", "2023", "2024", "2025"])
def test_weighted_totals_are_the_printed_figures(books: duckdb.DuckDBPyConnection, year: str) -> None:
    compared, wrong = 0, []
    for row in figures(year):
        value = rebuild(books, row)
        if value is None or row["figure_id"] in CONTRADICTED:
            continue
        compared += 1
        if printed(value, row) != Decimal(row["value"]):
            wrong.append((row["figure_id"], row["value"], str(value)))
    assert compared > 40
    assert wrong == []


def test_printed_increases_of_2024_and_2025(db: duckdb.DuckDBPyConnection) -> None:
    def members(year: int, scheme: str) -> Decimal:
        return one(db, f"select sum(w) from at_year_end({year}) where r = 1 and insutype = '{scheme}'")

    ten_thousand = Decimal(10000)
    assert round((members(2024, "310") - members(2023, "310")) / ten_thousand, 2) == Decimal("853.70")
    assert round((members(2025, "310") - members(2024, "310")) / ten_thousand, 2) == Decimal("907.78")
    assert round((members(2024, "390") - members(2025, "390")) / ten_thousand, 2) == Decimal("500.46")


def test_members_as_reported_exceed_members_by_the_listed_duplicates(db: duckdb.DuckDBPyConnection, sample: Path) -> None:
    with (sample / "truth/duplicates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year = int(row["year"])
            reported = one(db, f"select sum(w) from at_year_end({year}) where rp = 1")
            assert reported - one(db, f"select sum(w) from at_year_end({year}) where r = 1") == Decimal(row["across_provinces"]) > 0


def test_resident_funds_of_2024_17_surpluses_14_deficits(books: duckdb.DuckDBPyConnection) -> None:
    balances = dict(
        books.execute(
            "select left(pool_region, 2), sum(case side when 'I' then amount else -amount end) from flows where y = 2024 and scheme = '390' group by 1"
        ).fetchall()
    )
    assert balances.pop("66") > 0
    assert sum(value > 0 for value in balances.values()) == 17
    assert sum(value < 0 for value in balances.values()) == 14


def test_transfers_cancel_and_balances_roll_forward(books: duckdb.DuckDBPyConnection) -> None:
    assert one(books, "select count(*) from book where item_code in ('I08', 'I09', 'E08', 'E09')") > 100
    assert (
        one(books, "select sum(case left(item_code, 1) when 'I' then amount else -amount end) from book where item_code in ('I08', 'I09', 'E08', 'E09')") == 0
    )
    off = books.execute(
        """
        with moves as (select pool_region, scheme, part, y, sum(case when item_code in ('B01', 'B04', 'I08', 'I09') then amount else -amount end) as v from book
                       where version = 'final' and item_code in ('B01', 'B04', 'I08', 'I09', 'E08', 'E09') group by all
                       union all select pool_region, scheme, part, y, sum(case side when 'I' then amount else -amount end) from flows group by all),
             years as (select pool_region, scheme, part, y, sum(v) as v from moves group by all),
             rolled as (select * replace (sum(v) over (partition by pool_region, scheme, part order by y) as v) from years)
        select count(*), count(*) filter (r.v <> c.amount) from closing as c join rolled as r using (pool_region, scheme, part, y)
        """
    ).fetchall()[0]
    assert off[0] > 500 and off[1] == 0


def test_flash_rows_carry_the_printed_flash_values(books: duckdb.DuckDBPyConnection) -> None:
    flash = "y = 2024 and version = 'flash'"
    for condition, value in (
        ("scheme = '310' and part = 'pool' and item_code = 'I01'", "17368.93"),
        ("scheme = '310' and part = 'pool' and item_code = 'E01'", "13205.04"),
        ("scheme = '310' and item_code = 'I01'", "23671.59"),
        ("scheme = '390' and item_code = 'I01'", "11138.36"),
        ("item_code = 'E0103'", "1431.78"),
        ("scheme = '390' and item_code in ('E01', 'E0101', 'E0102')", "10619.38"),
    ):
        assert one(books, f"select sum(amount) from book where {flash} and {condition}") == Decimal(value) * 100_000_000


def test_coverage_is_about_95_percent(db: duckdb.DuckDBPyConnection) -> None:
    for year in range(2020, 2026):
        rate = (
            100
            * one(db, f"select sum(w) from at_year_end({year}) where r = 1")
            / one(db, f"select sum(eligible_population::bigint) from population_good where year = '{year}'")
        )
        assert Decimal("94.9") < rate < Decimal("95.5")


# ---------------------------------------------------------------- faults

AMOUNTS = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_amt",
    "fund_pay_sumamt",
    "psn_pay",
    "ownpay_hosp_part",
    "acct_pay",
    "cash_payamt",
)
MAIN = ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay"]


def said_again(record: str) -> list[tuple[str, str]]:
    """`tests/records/<record>.csv`: the headers of its files, and its rules once more as conditions on a delivered row; where pairs decide, nothing."""
    with (PROJECT / "tests" / "records" / f"{record}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["condition"]) for row in csv.DictReader(file)]


RULES = [(record, code, condition) for record in CONTRACT for code, condition in said_again(record) if code != "header"]


def rows_of(db: duckdb.DuckDBPyConnection, condition: str) -> set[tuple[str, int]]:
    return set(db.execute(f"select file, row_no from faults where {condition}").fetchall())


def test_every_rule_of_the_models_is_said_again_and_broken_at_least_three_times(db: duckdb.DuckDBPyConnection, country: Country) -> None:
    assert {code for (code,) in country.query("select rule_code from rules")} == {code for _, code, _ in RULES}
    counts = dict(db.execute("select rule_code, count(*) from faults where rule_code is not null group by 1").fetchall())
    assert {code for _, code, _ in RULES if counts.get(code, 0) < 3} == set()
    assert set(counts) == {code for _, code, _ in RULES}


@pytest.mark.parametrize(("record", "rule", "condition"), [pytest.param(*rule, id=rule[1]) for rule in RULES if rule[2]])
def test_the_rows_that_break_a_rule_are_the_listed_ones(db: duckdb.DuckDBPyConnection, record: str, rule: str, condition: str) -> None:
    # rows that cannot be read have no values, the total row is not a row of data, and what other rows decide is decided without rejected ones
    looks_at_others = " over (" in condition or "select " in condition
    left_out = "expected in ('unreadable', 'skipped')" + (f" or rule_code like '{rule[:4]}%' and rule_code <> '{rule}'" if looks_at_others else "")
    readable = f"(file, row_no) not in (select (file, row_no) from faults where record = '{record}' and ({left_out}))"
    found = set(
        db.execute(
            f"with r as materialized (select * from {record} where {readable}) select file, row_no from (select file, row_no, {condition} as broken from r) where broken"
        ).fetchall()
    )
    assert found == rows_of(db, f"rule_code = '{rule}'")


def test_refunds_are_what_the_list_says(db: duckdb.DuckDBPyConnection) -> None:
    same = " and ".join(f"m(f.{name}) = -m(o.{name})" for name in (*AMOUNTS, *MAIN))
    pairs = db.execute(
        f"""select f.fault, count(*), count(*) filter ({same}), count(*) filter (date_trunc('month', as_time(o.setl_time)) = date_trunc('month', as_time(f.setl_time))),
                   count(*) filter (year(as_time(o.setl_time)) < year(as_time(f.setl_time)))
            from (select * from settlement join faults using (file, row_no) where fault like '%refund' or rule_code in ('SETL-016', 'SETL-017', 'SETL-018')) as f
            left join settlement_good as o on o.setl_id = f.init_setl_id group by 1"""
    ).fetchall()
    found = {fault: counts for fault, *counts in pairs}
    for fault in ("refund_same_month_refund", "refund_later_month_refund", "refund_next_year_refund", "refund_of_a_stay_refund", "second_refund"):
        assert found[fault][0] == found[fault][1] >= 3
    assert found["refund_same_month_refund"][2] == found["refund_same_month_refund"][0]
    assert found["refund_later_month_refund"][2:] == [0, 0]
    assert found["refund_next_year_refund"][3] == found["refund_next_year_refund"][0]
    assert found["refund_not_equal"][0] >= 3 and found["refund_not_equal"][1] == 0
    orphan = db.execute(
        "select count(o.setl_id) from settlement as f join faults using (file, row_no) left join settlement as o on o.setl_id = f.init_setl_id where rule_code = 'SETL-016'"
    ).fetchall()
    assert orphan == [(0,)]


def test_no_good_row_has_a_negative_amount_and_splits_stay_in_their_year(db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute(f"select count(*) from visits where least({', '.join(f'm({name})' for name in (*AMOUNTS, *MAIN))}) < 0").fetchall() == [(0,)]
    assert db.execute("select count(*) from (select mdtrt_id from visits group by 1 having count(*) > 1)").fetchall()[0][0] >= 6
    assert db.execute("select count(*) from (select mdtrt_id from visits group by 1 having count(distinct y) > 1 or count(distinct w) > 1)").fetchall() == [
        (0,)
    ]


def test_unreadable_skipped_and_uncounted_rows(db: duckdb.DuckDBPyConnection) -> None:
    for record, contract in CONTRACT.items():
        numbers = [column.name for column in contract.columns if column.data_type.startswith("decimal")]
        texts = set(
            db.execute(
                f"select file, row_no from {record} where {' or '.join(f'{name} is not null and try_cast({name} as decimal(24, 6)) is null' for name in numbers)}"
            ).fetchall()
        )
        assert texts == rows_of(db, f"record = '{record}' and fault in ('text_in_amount', 'text_in_weight')") and len(texts) >= 3
        first = contract.columns[0].name
        assert (
            set(db.execute(f"select file, row_no from {record} where {first} = '合计'").fetchall())
            == rows_of(db, f"record = '{record}' and fault = 'total_row'")
            != set()
        )
    assert set(db.execute("select file, row_no from settlement where vali_flag = '0'").fetchall()) == rows_of(
        db, "record = 'settlement' and fault = 'not_valid'"
    )
    assert set(db.execute("select file, row_no from cross_province where cnfm_flag = '0'").fetchall()) == rows_of(
        db, "record = 'cross_province' and (fault in ('waiting_line', 'waiting_then_confirmed') or fault like '%_waits')"
    )
    assert set(db.execute("select file, row_no from enrollment where insu_admdvs in ('522200', '522400', '652100', '652200')").fetchall()) == rows_of(
        db, "record = 'enrollment' and fault = 'abolished_region'"
    )


def test_certificates_belong_to_nobody_and_to_one_person_each(db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute(
        "select count(*) from spells where d is not null and substr(d, 7, 2) <> '18' and substr(d, 7, 4) not between '1900' and '1905'"
    ).fetchall() == [(0,)]
    assert db.execute("select max(c) from (select count(distinct left(person, 20)) as c from spells where length(person) = 17 group by person)").fetchall() == [
        (1,)
    ]
    merged = "(file, row_no) in (select (file, row_no) from faults where fault = 'merged_person_number')"
    numbers = "select d, count(distinct psn_no) as c from (select folded(certno) as c18, digits17(folded(certno)) as d, psn_no, file, row_no from enrollment_good where length(certno) in (15, 18))"
    assert db.execute(f"select count(*) from ({numbers} where not {merged} group by 1) where c > 1").fetchall() == [(0,)]
    assert db.execute(f"select count(*) from ({numbers} group by 1) where c > 1").fetchall()[0][0] >= 3


# ---------------------------------------------------------------- files


def test_control_totals_are_right_but_for_one(sample: Path, db: duckdb.DuckDBPyConnection) -> None:
    wrong = []
    for path in sorted(sample.glob("*/*.control.json")):
        told, name = json.loads(path.read_text(encoding="utf-8")), f"{path.parent.name}/{path.name.removesuffix('.control.json')}"
        rows = db.execute(f"select count(*) from {path.parent.name} where file = '{name}'").fetchall()[0][0]
        sums = {
            column: str(db.execute(f"select sum({column}::decimal(18, 2)) from {path.parent.name} where file = '{name}'").fetchall()[0][0])
            for column in told["sums"]
        }
        if rows != told["rows"] or {column: Decimal(value) for column, value in sums.items()} != {
            column: Decimal(value) for column, value in told["sums"].items()
        }:
            wrong.append(name)
    assert wrong == [entry["file"] for entry in manifest(sample) if "wrong" in entry["note"]] and len(wrong) == 1


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_same_seed_same_bytes_other_seed_other_bytes(sample: Path, tmp_path: Path) -> None:
    first = digests(sample)
    write_sample(tmp_path / "again", 2020, 2025, SCALE, SEED)
    assert digests(tmp_path / "again") == first
    write_sample(tmp_path / "again", 2023, 2024, 1_000_000, 8)  # over an earlier sample
    other = digests(tmp_path / "again")
    assert first["truth/faults.csv"] != other["truth/faults.csv"]
    listed = manifest(sample)
    beside = ["README.md", *(f"truth/{name}.csv" for name in ("duplicates", "faults", "files"))]
    beside += [entry["file"] + ".control.json" for entry in listed if entry["note"].startswith("control totals")]
    assert set(first) == {entry["file"] for entry in listed} | set(beside)
    assert {entry["file"].split("/")[0] for entry in listed} == set(CONTRACT)
    again = [name for name in first if "_again_" in name]
    assert len(again) == 1 and sum(value == first[again[0]] for value in first.values()) == 2


def test_encodings_and_layouts_are_mixed(sample: Path) -> None:
    listed = manifest(sample)
    assert 0.28 < sum(row["encoding"] == "gb18030" for row in listed) / len(listed) < 0.38
    assert {row["layout"] for row in listed} == {"core", "interface", "chinese"}
    assert {"".join(Path(row["file"]).suffixes) for row in listed} >= {".csv", ".csv.gz", ".txt", ".parquet", ".xlsx"}
    assert any(b"\r\n'" in (sample / row["file"]).read_bytes()[:4000] for row in listed)


@pytest.mark.parametrize("record", list(CONTRACT))
def test_headers_are_those_written_down(sample: Path, record: str) -> None:
    """The files take their headers from the contract; here they are said once more, so that an error in it shows."""
    delivered = set()
    for entry in manifest(sample):
        path = sample / entry["file"]
        if entry["record"] != record:
            continue
        if path.suffix == ".parquet":
            header = [row[0] for row in duckdb.sql(f"describe select * from '{path}'").fetchall()]
        else:
            header = [cell or "" for cell in next(lines_of(path, entry["encoding"]))]
        delivered.add(",".join(header))
    assert delivered == {condition for code, condition in said_again(record) if code == "header"}


def test_the_sample_says_in_both_languages_that_it_is_one(sample: Path) -> None:
    title = (sample / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert "合成样例数据" in title and "synthetic sample" in title


def test_refuses_a_folder_with_other_things_and_impossible_wishes(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(GongbaoError) as caught:
        write_sample(tmp_path, 2024, 2020, 0, 1)
    assert len(caught.value.problems) == 3
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "keep me"
