"""Deliveries of which nothing, or hardly anything, counts: a build says so and publishes nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from building import Builder
from delivering import Delivered

from gongbao import build as building
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home

SETTLEMENT = "setl_id,mdtrt_id,psn_no,insutype,psn_type,insu_admdvs,fix_blng_admdvs,setl_time,med_type,medfee_sumamt,fund_pay_sumamt,vali_flag"
POPULATION = "region_code,year,resident_population,eligible_population"
ENROLLMENT = "psn_insu_rlts_id,psn_no,insutype,psn_type,psn_insu_stas,crt_insu_date,paus_insu_date,insu_admdvs"


def written(folder: Path, record: str, *lines: str) -> None:
    (folder / record).mkdir(parents=True)
    (folder / record / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_record_of_which_no_row_counts_and_one_of_which_hardly_any_is_accepted(tmp_path: Path, empty_lake: Path, builder: Builder) -> None:
    folder = tmp_path / "delivery"
    # every settlement is marked invalid: accepted by every rule, counted by none
    written(folder, "settlement", SETTLEMENT, *(f"S{n},M{n},P{n},310,1101,370100,370100,2024-05-06,11,100.00,60.00,0" for n in range(8)))
    # one spell delivered thirty times: twenty-nine older versions of the last
    written(folder, "enrollment", ENROLLMENT, *["E1,P1,310,1101,1,2020-01-01,,370100"] * 30)
    written(folder, "population", POPULATION, "370000,2024,100,80", "510000,2024,90,70")
    delivered = Delivered(folder, tmp_path / "data")
    assert delivered.ingest().exit_code == 0, delivered.ingested.text
    found = builder.build(delivered.home)
    assert dict(found.query("select record, subject from delivered_records")) == {"settlement": "empty", "enrollment": "nearly empty", "population": "counted"}
    spells, settlements = building._empty_subjects(Home(delivered.home))
    assert "enrollment：报送 30 行，采用 1 行" in spells.zh and "ENRL-015 29 " in spells.fix_zh and "ENRL-015 29 rows" in spells.fix_en
    assert (
        "settlement：报送 8 行，采用 8 行，没有一行计入统计" in settlements.zh and "vali_flag" in settlements.fix_zh and "no row of it counts" in settlements.en
    )


def test_a_build_that_would_publish_an_empty_subject_exits_with_1_and_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    (home.lake / "population" / "a").mkdir(parents=True)
    published: list[Home] = []
    monkeypatch.setattr(building, "publish", lambda home, manifest: published.append(home))
    built = SimpleNamespace(node=SimpleNamespace(name="delivered_records"), status="success", message="")
    monkeypatch.setattr(building, "_run_dbt", lambda *arguments: SimpleNamespace(success=True, exception=None, result=[built]))
    monkeypatch.setattr(building, "_empty_subjects", lambda home: [Problem("甲", "a")])
    with pytest.raises(GongbaoError) as caught:
        building.build(home)
    assert caught.value.exit_code == 1 and [problem.zh for problem in caught.value.problems][0] == "甲" and "没有发布" in caught.value.problems[1].zh
    assert not published
