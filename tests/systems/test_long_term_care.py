"""Long-term care insurance counted again from the delivered files, by the rules: what the bulletins printed comes out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from country import PROJECT, Country
from delivered import load

# A region lies in an area that is it, its prefecture or its province; until 2024 the areas are the national pilots, then all.
RULES = """
create macro lies_in(region, area) as region = area or area like '%00' and left(region, 4) = left(area, 4) or area like '%0000' and left(region, 2) = left(area, 2);
create macro holds(begins, ends, day) as as_date(begins) <= day and (ends is null or as_date(ends) > day);
create macro valid(flag) as coalesce(flag, '1') = '1';
create macro person(certno, psn_no) as case when check18(left(folded(certno), 17)) = right(folded(certno), 1) then digits17(folded(certno)) else psn_no end;
create table area as
select obj_id as code, kind_code = 'ltc_pilot' as pilot, begndate, enddate from register_entry_good
where valid(vali_flag) and reg_type = 'area_programme' and kind_code in ('ltc', 'ltc_pilot');
create macro in_scope(region, day, pilots) as exists (select 1 from area as a where lies_in(region, a.code) and holds(a.begndate, a.enddate, day) and (a.pilot or not pilots));

create table remaining as  -- benefits without what cancels and what is cancelled
select *, last_day(strptime(trt_ym || '01', '%Y%m%d'))::date as day, m(fund_pay_amt) as paid, m(weight) as w from benefit_payment_good as b
where valid(vali_flag) and left(bnft_type, 2) = 'LT' and init_pay_id is null
    and not exists (select 1 from benefit_payment_good as c where c.init_pay_id = b.pay_id);
create macro beneficiaries(y, pilots) as table
select sum(w) from (
    select person(certno, psn_no) as p, w, row_number() over (partition by person(certno, psn_no) order by trt_ym, as_time(pay_time), insu_admdvs, pay_id) as r
    from remaining where year(day) = y and paid > 0 and bnft_type <> 'LT40' and in_scope(insu_admdvs, day, pilots)
) where r = 1;
create macro members(day, pilots) as table
select sum(w) from (
    select insu_admdvs, m(weight) as w, row_number() over (partition by person(certno, psn_no) order by as_date(crt_insu_date) desc, insu_admdvs, psn_insu_rlts_id) as r
    from enrollment_good where valid(vali_flag) and insutype = '410' and psn_insu_stas not in ('0', '3') and holds(crt_insu_date, paus_insu_date, day)
) where r = 1 and in_scope(insu_admdvs, day, pilots);
create macro institutions(day, pilots) as table
select sum(w) from (
    select admdvs, m(weight) as w, row_number() over (partition by obj_id order by as_date(begndate) desc, updt_time desc) as r
    from register_entry_good where valid(vali_flag) and reg_type = 'ltc_institution' and holds(begndate, enddate, day)
) where r = 1 and in_scope(admdvs, day, pilots);
create table person_days as
select *, coalesce(as_date(enddate), as_date(last_valid_date) + 1)::varchar as until from person_register_good where valid(vali_flag);
create macro carers(day, pilots) as table
select sum(w) from (
    select admdvs, m(weight) as w, row_number() over (partition by person(certno, psn_no) order by as_date(begndate) desc, admdvs, reg_id) as r
    from person_days where reg_type = 'ltc_carer' and holds(begndate, until, day)
) where r = 1 and in_scope(admdvs, day, pilots);

create table entries as
select pool_region, ym, item_code, m(amount) * case unit when '万元' then 10000 else 1 end as amount, basis, last_day(strptime(ym || '01', '%Y%m%d'))::date as day
from fund_ledger_good where scheme = '410' and coalesce(version, 'final') = 'final';
create or replace table entries as  -- cumulative books give a month by the difference
select * replace (amount - case when basis = 'C' and item_code not like 'B%'
    then coalesce(lag(amount) over (partition by pool_region, item_code, left(ym, 4), basis order by ym), 0) else 0 end as amount) from entries;
create macro fund(y, side, pilots) as table  -- the items of the sample's books are parts or wholes, never both
select sum(amount) from entries where year(day) = y and regexp_full_match(item_code, side || '.*') and in_scope(pool_region, day, pilots);
"""
COUNTED = {
    "participants": "members(date '{y}-12-31', {pilots})",
    "beneficiaries": "beneficiaries({y}, {pilots})",
    "fund_income": "fund({y}, 'I', {pilots})",
    "fund_expenditure": "fund({y}, 'E', {pilots})",
    "service_institutions": "institutions(date '{y}-12-31', {pilots})",
    "care_workers": "carers(date '{y}-12-31', {pilots})",
}
# one transcription of the bulletin of 2024 has 279.60; two newspapers have 244.15, which is the other row
WRONG = {"2024-bulletin-ltci-fund_income"}


@pytest.fixture(scope="module")
def db(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = load(country.sample, tmp_path_factory.mktemp("read"))
    connection.execute(RULES)
    yield connection
    connection.close()


def counted(db: duckdb.DuckDBPyConnection, what: str, year: int, pilots: bool) -> Decimal:
    return Decimal(str(db.execute(f"from {COUNTED[what].format(y=year, pilots=pilots)}").fetchall()[0][0]))


def test_the_printed_figures_come_out_of_the_delivered_files(db: duckdb.DuckDBPyConnection) -> None:
    with (PROJECT / "seeds" / "published" / "published_figures.csv").open(encoding="utf-8-sig", newline="") as file:
        figures = [row for row in csv.DictReader(file) if "-bulletin-ltci-" in row["figure_id"] and row["figure_id"] not in WRONG]
    wrong = []
    for row in figures:
        year, what = int(row["year"]), row["figure_id"].split("-ltci-")[1].removesuffix("-b")
        value = counted(db, what, year, pilots=year < 2025)
        rounded = (value / Decimal(row["scale"])).quantize(Decimal(1).scaleb(-int(row["printed_decimals"])), rounding=ROUND_HALF_UP)
        if rounded != Decimal(row["value"]):
            wrong.append((row["figure_id"], row["value"], str(value)))
    assert wrong == []
    assert {row["figure_id"].split("-ltci-")[1].removesuffix("-b") for row in figures} == set(COUNTED)


def test_regions_outside_the_pilots_have_members_before_they_count(db: duckdb.DuckDBPyConnection) -> None:
    for year, elsewhere in ((2023, 5_900_000), (2024, 8_400_000)):
        everywhere = db.execute(f"from members(date '{year}-12-31', false)").fetchall()[0][0]
        assert everywhere == counted(db, "participants", year, pilots=True), "no region outside the pilots runs the insurance yet"
        outside = db.execute(
            f"select sum(m(weight)) from enrollment_good where insutype = '410' and holds(crt_insu_date, paus_insu_date, date '{year}-12-31') "
            f"and not in_scope(insu_admdvs, date '{year}-12-31', true)"
        ).fetchall()[0][0]
        assert outside == elsewhere


def test_areas_and_service_items(db: duckdb.DuckDBPyConnection) -> None:
    def areas(day: str) -> int:
        return db.execute(f"select count(distinct code) from area where holds(begndate, enddate, date '{day}')").fetchall()[0][0]

    assert [areas(f"{year}-12-31") for year in range(2020, 2026)] == [49, 49, 49, 49, 49, 312]
    kinds = (
        "select kind_code, count(distinct obj_id) from register_entry_good where valid(vali_flag) and reg_type = 'ltc_item' and admdvs = '100000' group by 1"
    )
    assert dict(db.execute(kinds).fetchall()) == {"daily_care": 20, "medical_care": 16}


def test_benefits_are_ledger_benefits_in_every_region_and_year(db: duckdb.DuckDBPyConnection) -> None:
    off = db.execute(
        """
        with paid as (select a.code, year(day) as y, sum(paid * w) as amount from remaining join area as a on lies_in(insu_admdvs, a.code)
                         where a.code = insu_admdvs or insu_admdvs not in (select code from area) group by all),  -- a county that is an area by itself has its own book
             booked as (select pool_region as code, year(day) as y, sum(amount) as amount from entries where item_code = 'E01' group by all)
        select count(*), count(*) filter (abs(p.amount - b.amount) > 0.0001 * b.amount), sum(p.amount) - sum(b.amount) from paid as p full join booked as b using (code, y)
        """
    ).fetchall()[0]
    assert off[0] > 500 and off[1] == 0 and off[2] == 0


def test_books_of_long_term_care_roll_forward(db: duckdb.DuckDBPyConnection) -> None:
    off = db.execute(
        """
        with moves as (select pool_region, year(day) as y, sum(case when item_code like 'E%' then -amount else amount end) as v from entries where item_code <> 'B03' group by all),
             rolled as (select pool_region, y, sum(v) over (partition by pool_region order by y) as v from moves)
        select count(*), count(*) filter (r.v <> e.amount) from entries as e join rolled as r on r.pool_region = e.pool_region and r.y = year(e.day) where e.item_code = 'B03'
        """
    ).fetchall()[0]
    assert off[0] == 49 * 5 + 312 and off[1] == 0


def test_a_carer_of_two_provinces_is_one(db: duckdb.DuckDBPyConnection) -> None:
    twice = db.execute(
        "select count(*) from (select person(certno, psn_no) as p from person_days where reg_type = 'ltc_carer' and until is null group by p having count(distinct left(admdvs, 2)) > 1)"
    ).fetchall()[0][0]
    assert twice >= 3
