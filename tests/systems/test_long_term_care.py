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


STANDARDS = """
create table standard as
select admdvs, param, try_cast(value as decimal(18, 6)) as standard, as_date(valid_from) as begins, as_date(valid_to) as ends, coalesce(updt_time, '') as updated
from policy_parameter_good where valid(vali_flag) and status = 'in_force' and topic = 'ltc' and param like 'daily_benefit.%';
create table place as
select region_code as code, parent_code as above from read_csv('{regions}', all_varchar = true) where region_level in ('nation', 'province', 'prefecture') and in_statistics = 'true'
union all
select distinct admdvs, left(admdvs, 4) || '00' from standard where admdvs not in (select region_code from read_csv('{regions}', all_varchar = true));
"""


@pytest.fixture(scope="module")
def standards(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    db.execute(STANDARDS.format(regions=PROJECT / "seeds" / "codes" / "regions.csv"))
    return db


def test_a_benefit_is_its_days_at_the_daily_standard_of_the_area(standards: duckdb.DuckDBPyConnection) -> None:
    """Whatever is not planted to differ: to the cent, at the standard of the way of service and the grade, or of the way for every grade."""
    planted = "select file, row_no from faults where fault in ('standard_differs', 'two_modes_one_month')"
    rows, without, other_standard, other_amount = standards.execute(
        f"""
        with paid as (
            select pay_id, insu_admdvs, day, paid, m(day_cnt) as days, m(std_amt) as said, ['institution', 'home_visit', 'family'][svc_mode::int] as mode,
                ['normal', 'mild', 'moderate', 'severe_1', 'severe_2', 'severe_3'][disab_lv::int + 1] as grade
            from remaining where bnft_type <> 'LT40' and (file, row_no) not in ({planted})
        ), priced as (
            select p.*, s.standard from paid as p left join standard as s
                on lies_in(p.insu_admdvs, s.admdvs) and s.begins <= p.day and (s.ends is null or s.ends > p.day)
                and s.param in ('daily_benefit.' || mode, 'daily_benefit.' || mode || '.' || grade)
            qualify row_number() over (partition by pay_id order by s.admdvs desc, length(s.param) desc) = 1  -- the narrowest area has the longest code before the zeros
        )
        select count(*), count(*) filter (standard is null), count(*) filter (said <> standard), count(*) filter (paid <> days * standard) from priced
        """
    ).fetchall()[0]
    assert rows > 10_000 and (without, other_standard, other_amount) == (0, 0, 0)


def test_a_daily_standard_is_the_regions_own_else_that_of_the_nearest_region_above(country: Country, standards: duckdb.DuckDBPyConnection) -> None:
    counted = {
        (code, int(year), dims): (value, inherited)
        for code, year, dims, value, inherited in standards.execute(
            """
            with recursive above as (
                select code as place, code as region, 0 as steps from place
                union all
                select a.place, p.above, steps + 1 from above as a join place as p on p.code = a.region where p.above is not null
            ), years as (select range as y, make_date(range, 12, 31) as day from range(2020, 2026)),
            in_force as (
                select a.place, y, param, standard, steps, row_number() over (partition by a.place, y, param order by steps, begins desc, updated desc) as r
                from above as a join standard as s on s.admdvs = a.region join years on s.begins <= day and (s.ends is null or s.ends > day)
            )
            select place, y, case when split_part(param, '.', 3) = '' then '' else 'care_grade=' || split_part(param, '.', 3) || ';' end || 'service_mode=' || split_part(param, '.', 2),
                standard, steps > 0
            from in_force where r = 1
            """
        ).fetchall()
    }
    found = {
        (code, int(year), dims): (value, bool(reason))
        for code, year, dims, value, reason in country.query(
            "select region_code, time_period, dims, value, status_reason like '%region above%' from observations "
            "where indicator = 'ltci_daily_standard' and period_kind = 'year' and value is not null"
        )
    }
    of_counties = {
        (code, int(year), dims): (value, bool(inherited))
        for code, year, dims, value, inherited in country.query(
            "select region_code, year(month), case care_grade when '_T' then '' else 'care_grade=' || care_grade || ';' end || 'service_mode=' || service_mode, standard, inherited "
            "from fct_ltc_standards where month(month) = 12 and region_level = 'county' and month >= date '2020-01-01'"
        )
    }
    assert len(found) > 1000 and len(of_counties) > 10
    assert found.keys() & of_counties.keys() == set()
    ours = found | of_counties
    assert ours.keys() == counted.keys()
    assert [key for key, (value, inherited) in counted.items() if (Decimal(str(value)), inherited) != (Decimal(str(ours[key][0])), ours[key][1])] == []
    assert sum(inherited for _, inherited in found.values()) > 10
    # what the city has made public
    assert [ours["321100", year, f"service_mode={mode}"][0] for year in (2023, 2025) for mode in ("institution", "family")] == [50, 10, 50, 10]
    assert ("321100", 2022, "service_mode=family") not in ours


def test_no_standard_of_the_nation_is_made_from_those_of_its_regions(country: Country) -> None:
    shown = "select distinct dims, value, status from observations where indicator = 'ltci_daily_standard' and region_code = '100000'"
    assert country.query(shown) == [("", None, "missing")]
    assert country.query(
        "select count(*) from observations where indicator = 'ltci_daily_standard' and breakdown in ('', 'care_grade') and value is not null"
    ) == [(0,)]


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


# ---------------------------------------------------------------- the statistics against the files, in every province, year and breakdown
RECOUNT = """
create table years as select range as y, make_date(range, 12, 31) as day, range < 2025 as pilots from range(2020, 2026);
create table member as
select y, day, pilots, insu_admdvs as region, case when left(psn_type, 2) in ('11', '12', '13') then 'employee' else 'resident' end as source, m(weight) as w
from enrollment_good join years on holds(crt_insu_date, paus_insu_date, day)
where valid(vali_flag) and insutype = '410' and psn_insu_stas not in ('0', '3')
qualify row_number() over (partition by y, person(certno, psn_no) order by as_date(crt_insu_date) desc, insu_admdvs, psn_insu_rlts_id) = 1;
create table benefit as
select year(day) as y, person(certno, psn_no) as p, insu_admdvs as region, day, paid, w, bnft_type, trt_ym, as_time(pay_time) as paid_at, pay_id, try_cast(day_cnt as decimal(8, 2)) as days,
    case svc_mode when '1' then 'institution' when '2' then 'home_visit' when '3' then 'family' else 'other' end as mode,
    coalesce(['normal', 'mild', 'moderate', 'severe_1', 'severe_2', 'severe_3'][try_cast(disab_lv as int) + 1], 'unknown') as grade
from remaining where in_scope(insu_admdvs, day, year(day) < 2025);
create macro first_of(breakdown) as table
select y, region, part, w from (
    select *, row_number() over (partition by p, y, part order by trt_ym, paid_at, region, pay_id) as r
    from (select *, case breakdown when 'mode' then mode when 'grade' then grade end as part from benefit where paid > 0 and bnft_type <> 'LT40')
) where r = 1;
create table register_day as
select y, reg_type, obj_id, admdvs as region, kind_code, m(weight) as w, day, pilots, begndate, coalesce(updt_time, '') as updated
from register_entry_good join years on holds(begndate, enddate, day) where valid(vali_flag);
create table person_day as
select y, day, pilots, reg_type, person(certno, psn_no) as p, admdvs as region, kind_code, m(weight) as w
from person_days join years on holds(begndate, until, day) where reg_type = 'ltc_carer' or reg_type = 'ltc_assessment' and rslt_stas = '1'
qualify row_number() over (partition by y, reg_type, p order by as_date(begndate) desc, region, reg_id) = 1;
"""
GRADES = "['normal', 'mild', 'moderate', 'severe_1', 'severe_2', 'severe_3']"
# By indicator and breakdown: year, region, part of the breakdown, value of a row.
ROWS = {
    ("ltci_members", ""): "select y, region, '' as part, w from member where in_scope(region, day, pilots)",
    ("ltci_members", "ltc_source"): "select y, region, source as part, w from member where in_scope(region, day, pilots)",
    ("ltci_members_pilot", ""): "select y, region, '' as part, w from member where in_scope(region, day, true)",
    ("ltci_beneficiaries", ""): "select y, region, '' as part, w from first_of('')",
    ("ltci_beneficiaries", "service_mode"): "from first_of('mode')",
    ("ltci_beneficiaries", "care_grade"): "from first_of('grade')",
    ("ltci_paid", ""): "select y, region, '' as part, paid * w as w from benefit",
    ("ltci_paid", "service_mode"): "select y, region, mode as part, paid * w as w from benefit",
    ("ltci_benefit_days", "care_grade"): "select y, region, grade as part, days * w as w from benefit where bnft_type <> 'LT40'",
    (
        "ltci_institutions",
        "item_class",
    ): "select y, region, kind_code as part, w from register_day where reg_type = 'ltc_institution' and in_scope(region, day, pilots) "
    "qualify row_number() over (partition by y, obj_id order by begndate desc, updated desc) = 1",
    ("ltci_areas", ""): "select distinct y, region, '' as part, w from register_day where reg_type = 'area_programme' and kind_code in ('ltc', 'ltc_pilot')",
    (
        "ltci_areas",
        "item_class",
    ): "select y, region, kind_code as part, w from register_day where reg_type = 'area_programme' and kind_code in ('ltc', 'ltc_pilot')",
    ("ltci_carers", "item_class"): "select y, region, kind_code as part, w from person_day where reg_type = 'ltc_carer' and in_scope(region, day, pilots)",
    ("ltci_eligible_persons", "care_grade"): f"select y, region, {GRADES}[kind_code::int + 1] as part, w from person_day where reg_type = 'ltc_assessment'",
    (
        "ltci_assessments",
        "result",
    ): "select year(as_date(eval_date)) as y, admdvs as region, case rslt_stas when '1' then 'approved' else 'refused' end as part, m(weight) as w "
    "from person_days where reg_type = 'ltc_assessment' and rslt_stas in ('1', '2')",
    (
        "ltci_fund_income",
        "",
    ): "select year(day) as y, pool_region as region, '' as part, amount as w from entries where item_code like 'I%' and in_scope(pool_region, day, year(day) < 2025)",
    (
        "ltci_fund_expenditure_pilot",
        "",
    ): "select year(day) as y, pool_region as region, '' as part, amount as w from entries where item_code like 'E%' and in_scope(pool_region, day, true)",
}


@pytest.fixture(scope="module")
def recounted(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    db.execute(RECOUNT)
    return db


@pytest.mark.parametrize(("indicator", "breakdown"), ROWS)
def test_the_statistics_are_what_the_delivered_files_say_in_every_province_and_year(
    country: Country, recounted: duckdb.DuckDBPyConnection, indicator: str, breakdown: str
) -> None:
    rows = recounted.execute(
        f"""
        with counted as ({ROWS[indicator, breakdown]})
        select left(region, 2) || '0000', y, part, sum(w) from counted where y between 2020 and 2025 group by all having sum(w) <> 0
        union all
        select '100000', y, part, sum(w) from counted where y between 2020 and 2025 group by all having sum(w) <> 0
        """
    ).fetchall()
    theirs = {(region, int(year), f"{breakdown}={part}" if part else ""): value for region, year, part, value in rows}
    ours = {
        (region, int(year), dims): value
        for region, year, dims, value in country.query(
            "select region_code, time_period, dims, value from observations where indicator = ? and breakdown = ? "
            "and period_kind = 'year' and region_level in ('nation', 'province') and time_period >= '2020' and value <> 0",
            indicator,
            breakdown,
        )
    }
    assert len(theirs) > 100
    assert theirs.keys() == ours.keys()
    assert [key for key, value in theirs.items() if abs(Decimal(str(value)) - ours[key]) > Decimal("0.000001")] == []


def test_beneficiaries_are_at_least_the_largest_way_of_service_and_at_most_all_together(country: Country) -> None:
    [(cells, wrong)] = country.query(
        """
        with ways as (
            select region_code, time_period, period_kind, max(value) as largest, sum(value) as together from observations
            where indicator = 'ltci_beneficiaries' and breakdown = 'service_mode' and region_level in ('nation', 'province') group by all
        )
        select count(*), count(*) filter (value not between largest and together)
        from observations join ways using (region_code, time_period, period_kind)
        where indicator = 'ltci_beneficiaries' and breakdown = '' and region_level in ('nation', 'province')
        """
    )
    assert cells > 500 and wrong == 0


def test_from_2025_all_areas_count_and_the_pilots_alone_are_compared_with_the_year_before(country: Country) -> None:
    found = country.query(
        "select indicator, change is not null, growth_pct is not null from observations where region_code = '100000' and period_kind = 'year' and time_period = '2025' "
        "and dims = '' and indicator in ('ltci_members', 'ltci_members_pilot', 'ltci_carers', 'ltci_beneficiaries', 'ltci_paid') order by 1"
    )
    assert found == [
        ("ltci_beneficiaries", False, False),
        ("ltci_carers", False, False),
        ("ltci_members", False, False),
        ("ltci_members_pilot", True, True),
        ("ltci_paid", False, False),
    ]


def test_a_place_without_a_directory_of_services_has_the_nations(country: Country) -> None:
    items = "select time_period, dims, value from observations where indicator = 'ltci_service_items' and period_kind = 'year' and time_period >= '2024'"
    expected = [
        ("2024", "", 0),
        ("2024", "item_class=daily_care", 0),
        ("2024", "item_class=medical_care", 0),
        ("2025", "", 36),
        ("2025", "item_class=daily_care", 20),
        ("2025", "item_class=medical_care", 16),
    ]
    for region in ("100000", "370000"):
        assert country.query(f"{items} and region_code = '{region}' and region_level in ('nation', 'province') order by 1, 2") == expected


def test_books_of_long_term_care_are_not_in_the_fund_of_basic_insurance(country: Country, db: duckdb.DuckDBPyConnection) -> None:
    [(ours,)] = country.query(
        "select value from observations where indicator = 'fund_income' and dims = '' and region_code = '100000' and period_kind = 'year' and time_period = '2024'"
    )
    with (PROJECT / "gongbao" / "sample" / "targets.csv").open(encoding="utf-8", newline="") as file:
        of_basic_insurance = sum(Decimal(row["value"]) for row in csv.DictReader(file) if row["year"] == "2024" and row["measure"] == "income")
    assert abs(ours - of_basic_insurance) < of_basic_insurance / 1000
    assert counted(db, "fund_income", 2024, pilots=True) > 0
