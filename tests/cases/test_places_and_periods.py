"""Deliveries that do not cover the same places and months: one lake, its figures counted by hand.

Settlements of 100.00 (one outpatient visit each, if nothing else is said):
    370200  50 in every month of 2023 and 2024; one dated 2009
    370100  one, in January 2023
    379900  one, in February 2024, treated in 370102
    429004  one in every month of 2023 and 2024 but April 2024; a stay in March 2023
    510100  one in every month of 2023, with the numbers of 370200's first; June's is refunded
    542326  one, in January 2023, treated in 540202
Stays: M1 of 370200 in May 2024, three days, reimbursed a second time in July; M1 of 510100 in May 2023, four days.
Members, all of the register kept to January 2025: 10 in 370200, 5 in 510100, with the same spell numbers. Three of the latter are insured for long-term care.
Register of entries: a file without rows, of 370000; none of the others.
Eligible in 2024: 8 in 370200, 4 in 370100, 6 in 510200.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from building import Builder, Statistics
from delivering import Delivered


def words(text: str) -> list[str]:
    return text.split()


SETTLEMENT = words("setl_id mdtrt_id psn_no insutype psn_type insu_admdvs fix_blng_admdvs setl_time med_type ipt_days setl_type medfee_sumamt fund_pay_sumamt")
ENROLLMENT = words("psn_insu_rlts_id psn_no insutype psn_type psn_insu_stas crt_insu_date paus_insu_date insu_admdvs updt_time")
CLEARING = words(
    "setl_sn insu_admdvs mdtrtarea mdtrt_setl_time fulamt_advpay_flag medfee_sumamt optins_pay_sumamt insutype med_type cnfm_flag trt_year trt_month"
)


def write(path: Path, header: list[str], rows: Iterable[tuple]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def visit(number: str, region: str, month: str, treated: str = "", **other: str) -> tuple:
    row = {
        "setl_id": number, "mdtrt_id": f"V{number}", "psn_no": f"{region}P", "insutype": "310", "psn_type": "1101", "insu_admdvs": region,
        "fix_blng_admdvs": treated or region, "setl_time": f"{month}-06 10:00:00", "med_type": "11", "ipt_days": "", "setl_type": "2",
        "medfee_sumamt": "100.00", "fund_pay_sumamt": "60.00",
    } | other  # fmt: skip
    return tuple(row[name] for name in SETTLEMENT)


def stay(number: str, region: str, month: str, days: int, **other: str) -> tuple:
    return visit(number, region, month, mdtrt_id="M1", med_type="21", ipt_days=str(days), **other)


MONTHS = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]


def deliver(folder: Path) -> None:
    shandong = [visit(f"S{month}-{n}", "370200", month) for month in MONTHS for n in range(50)]
    shandong += [visit("S0", "370100", "2023-01"), visit("S00", "379900", "2024-02", "370102"), visit("S000", "370200", "2009-05")]
    shandong += [stay("X1", "370200", "2024-05", 3), stay("X2", "370200", "2024-07", 3, setl_type="3")]
    write(folder / "settlement" / "370000.csv", SETTLEMENT, shandong)
    hubei = [visit(f"S{month}-0", "429004", month) for month in MONTHS if month != "2024-04"] + [stay("X1", "429004", "2023-03", 5)]
    write(folder / "settlement" / "420000.csv", SETTLEMENT, hubei)
    write(folder / "settlement" / "540000.csv", SETTLEMENT, [visit("S1", "542326", "2023-01", "540202")])
    sichuan = [(*visit(f"S{month}-0", "510100", month), "", "0") for month in MONTHS[:12]] + [(*stay("X1", "510100", "2023-05", 4), "", "0")]
    sichuan += [(*visit("B1", "510100", "2023-08", medfee_sumamt="-100.00", fund_pay_sumamt="-60.00"), "S2023-06-0", "1")]
    write(folder / "settlement" / "510000.csv", [*SETTLEMENT, "init_setl_id", "refd_setl_flag"], sichuan)
    spells = [(f"R{n}", f"{region}P{n}", "310", "1101", "1", "2020-01-01", "", region, "2025-01-10 08:00:00")
              for region, persons in (("370200", 10), ("510100", 5)) for n in range(persons)]  # fmt: skip
    spells += [(f"L{n}", f"510100P{n}", "410", "1101", "1", "2023-01-01", "", "510100", "2025-01-10 08:00:00") for n in range(3)]
    write(folder / "enrollment" / "all.csv", ENROLLMENT, spells)
    write(folder / "population" / "all.csv", ["region_code", "year", "resident_population", "eligible_population"],
          [("370200", 2024, 9, 8), ("370100", 2024, 5, 4), ("510200", 2024, 7, 6)])  # fmt: skip
    lines = [("C1", region, "110105", f"{month}-06 10:00:00", "0", "900.00", "500.00", "310", "21", "1", month[:4], month[5:])
             for region in ("370200", "510100") for month in ("2024-01", "2024-12")]  # fmt: skip
    write(folder / "cross_province" / "all.csv", CLEARING, [(f"{line[0]}{line[10]}{line[11]}", *line[1:]) for line in lines])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, empty_lake: Path, builder: Builder) -> Statistics:
    folder = tmp_path_factory.mktemp("places")
    deliver(folder / "files")
    shutil.copytree(empty_lake, folder / "data")
    delivered = Delivered(folder / "files", folder / "data")
    delivered.ingest()
    assert delivered.ingested.exit_code == 0, delivered.ingested.text
    nothing = folder / "nothing" / "register_entry" / "370000.csv"
    write(nothing, words("reg_type obj_id admdvs kind_code begndate"), [])
    assert delivered.command("ingest", nothing, "--set", "admdvs=370000").exit_code == 0
    return builder.build(delivered.home)


def test_one_number_of_two_provinces_is_two_settlements_and_two_clearing_lines(found: Statistics) -> None:
    assert found.figure("benefit_visits", "370200", "2023").value == 600
    assert found.figure("benefit_visits", "429004", "2023").value == 13
    assert found.figure("cross_province_visits", "100000", "2024").value == 4


def test_one_spell_number_of_two_provinces_is_two_spells(found: Statistics) -> None:
    assert [found.figure("members", region, "2024").value for region in ("370000", "510000", "100000")] == [10, 5, 15]


def test_one_visit_number_of_two_provinces_is_two_stays_and_a_second_reimbursement_adds_no_days(found: Statistics) -> None:
    assert (found.figure("discharges", "370000", "2024").value, found.figure("bed_days", "370000", "2024").value) == (1, 3)
    assert (found.figure("discharges", "510000", "2023").value, found.figure("bed_days", "510000", "2023").value) == (1, 4)


def test_a_refund_cancels_the_settlement_of_its_own_province(found: Statistics) -> None:
    # 12 visits less the refunded, and the stay
    assert found.figure("benefit_visits", "510000", "2023").value == 12
    assert found.figure("medical_cost", "510000", "2023", care_type="outpatient_emergency").value == 1100
    assert found.figure("benefit_visits", "510000", "2023-06").value == 0


def test_one_mistyped_year_does_not_stretch_the_statistics(found: Statistics) -> None:
    assert found.query("select min(time_period) from observations where dataflow = 'care'") == [("2023",)]


def test_a_province_that_goes_on_is_compared_and_the_nation_is_not_when_another_stopped(found: Statistics) -> None:
    shandong = found.figure("institution_visits", "370000", "2024")
    assert (shandong.value, shandong.status, shandong.change) == (602, "normal", 1)
    assert round(shandong.growth, 4) == Decimal("0.1664")
    nation = found.figure("institution_visits", "100000", "2024")
    assert (nation.value, nation.status, nation.change, nation.growth) == (613, "provisional", None, None)
    assert "of 31 provinces" in nation.reason


def test_what_a_province_did_not_deliver_is_missing_and_what_a_city_did_not_have_is_zero(found: Statistics) -> None:
    assert found.figure("benefit_visits", "510000", "2024").missing
    assert found.figure("benefit_visits", "510100", "2024-03").missing
    jinan = found.figure("institution_visits", "370100", "2024")
    assert (jinan.value, jinan.status, jinan.change, jinan.growth) == (0, "normal", -1, -100)
    assert found.figure("benefit_visits", "370100", "2024-05").value == 0


def test_a_month_that_is_left_out_makes_the_year_provisional_and_is_missing_itself(found: Statistics) -> None:
    year = found.figure("benefit_visits", "420000", "2024")
    assert (year.value, year.status, year.growth) == (11, "provisional", None)
    assert "1 of 12 months" in year.reason
    assert found.figure("benefit_visits", "420000", "2024-04").missing
    assert found.figure("benefit_visits", "420000", "2023").normal


def test_an_abolished_prefecture_counts_under_its_successor_and_is_at_home_there(found: Statistics) -> None:
    assert found.figure("benefit_visits", "540200", "2023").value == 1
    assert found.figure("away_visits", "540000", "2023").value == 0
    assert found.figure("benefit_visits", "540000", "2023").status == "part"


def test_whoever_is_insured_at_the_provinces_own_level_is_at_home_in_the_province(found: Statistics) -> None:
    assert found.figure("benefit_visits", "379900", "2024").value == 1
    assert found.figure("away_visits", "370000", "2024").value == 0


def test_the_hospitalisation_rate_of_the_nation_takes_the_provinces_with_stays_and_members(found: Statistics) -> None:
    # 2023: none of 10 in Shandong, one of 5 in Sichuan; Hubei's stay has no members beside it
    assert found.figure("discharges", "100000", "2023").value == 2
    assert found.figure("hospitalization_rate", "370000", "2023", scheme="employee").value == 0
    assert found.figure("hospitalization_rate", "510000", "2023", scheme="employee").value == 20
    nation = found.figure("hospitalization_rate", "100000", "2023", scheme="employee")
    assert round(nation.value, 4) == Decimal("6.6667") and nation.status == "provisional"
    # 2024: Sichuan delivered no settlements
    assert found.figure("hospitalization_rate", "510000", "2024", scheme="employee").missing
    assert found.figure("hospitalization_rate", "100000", "2024", scheme="employee").value == 10


def test_a_coverage_rate_takes_the_places_that_have_both_and_says_how_many(found: Statistics) -> None:
    shandong = found.figure("coverage_rate", "370000", "2024")
    assert (round(shandong.value, 4), shandong.status) == (Decimal("83.3333"), "normal")
    assert found.figure("coverage_rate", "370100", "2024").value == 0
    sichuan = found.figure("coverage_rate", "510000", "2024")
    assert (sichuan.value, sichuan.status) == (0, "provisional") and "1 of 2 regions" in sichuan.reason
    nation = found.figure("coverage_rate", "100000", "2024")
    assert (round(nation.value, 4), nation.status) == (Decimal("55.5556"), "provisional") and "1 of 31 regions" in nation.reason


def test_a_remark_on_deliveries_stands_at_the_provinces_that_it_is_about(found: Statistics) -> None:
    remarked = {region: "refund" in found.figure("benefit_visits", region, "2023").reason for region in ("370200", "420000", "510000", "100000")}
    assert remarked == {"370200": True, "420000": True, "510000": False, "100000": True}


def test_a_register_without_rows_is_none_and_one_that_was_not_delivered_is_missing(found: Statistics) -> None:
    for period in ("2023", "2024"):
        shandong = found.figure("ltci_institutions", "370000", period)
        assert (shandong.value, shandong.status) == (0, "normal"), period
    assert found.figure("ltci_institutions", "510000", "2024").missing
    nation = found.figure("ltci_institutions", "100000", "2024")
    assert nation.status == "provisional" and "register_entry complete in 1 of 31 provinces" in nation.reason
    assert found.query("select count(*) from int_delivered_regions where region_code = '370000'") == [(0,)]


def test_members_of_a_province_without_a_list_of_areas_are_in_no_pilot_and_whoever_holds_them_is_provisional(found: Statistics) -> None:
    reason = "3 members in provinces that delivered no list of areas"
    for region in ("510100", "510000", "100000"):
        figure = found.figure("ltci_members", region, "2024")
        assert figure.value is None or figure.value == 0, region
        assert reason in figure.reason, (region, figure)
    assert found.query("select area_scope, max(members) from fct_ltc_members group by 1") == [("unlisted_outside", 3)]
