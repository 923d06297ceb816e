"""What belongs to a batch: its settings, its place in the order of arrival, and digests by which a changed file is found."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from gongbao.cli import main
from gongbao.ingest import batch as lake
from gongbao.ingest import manifest
from gongbao.messages import GongbaoError
from gongbao.paths import Home

LEDGER = "pool_region,ym,basis,scheme,part,item_code,amount\n370200,202401,M,310,pool,I01,100\n"
SETTLEMENT = (
    "setl_id,mdtrt_id,psn_no,insutype,psn_type,insu_admdvs,fix_blng_admdvs,setl_time,med_type,medfee_sumamt,fund_pay_sumamt\n"
    "S1,M1,P1,310,1101,370100,370100,2024-05-06,11,{},0.00\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("GONGBAO_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("GONGBAO_KEY", "a test key")
    monkeypatch.setenv("GONGBAO_DEBUG", "1")
    return Home.from_environment()


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def deliver(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def the_batch(home: Home) -> Path:
    (folder,) = manifest.folders(home)
    return folder


def amounts(folder: Path) -> list[Decimal]:
    return [amount for (amount,) in duckdb.connect().sql(f"select amount from read_parquet('{folder}/rows.parquet')").fetchall()]


# ---------------------------------------------------------------- settings


def test_the_same_file_with_another_set_is_another_batch_that_must_correct_the_first(home: Home, tmp_path: Path) -> None:
    path = deliver(tmp_path, "fund_ledger/a.csv", LEDGER)
    assert run("ingest", path).exit_code == 0
    first = the_batch(home)
    refused = run("ingest", path, "--set", "unit=万元")
    assert refused.exit_code == 2 and manifest.folders(home) == [first]
    assert first.name in refused.output and "无 --set" in refused.output and "--set unit=万元" in refused.output and "没有变化" not in refused.output
    assert run("ingest", path, "--set", "unit=万元", "--corrects", first.name, "--reason", "单位").exit_code == 0
    (second,) = [folder for folder in manifest.folders(home) if folder != first]
    assert amounts(second) == [Decimal("1000000.00")]
    assert duckdb.connect().sql(f"select corrects from read_parquet('{second}/batch.parquet')").fetchall() == [(first.name,)]
    # the reading of now is again one that changes nothing, and the way back to the first one is a correction too
    assert "没有变化" in run("ingest", path, "--set", "unit=万元").output
    assert run("ingest", path).exit_code == 2
    assert run("ingest", path, "--corrects", second.name, "--reason", "还是元").exit_code == 0
    (third,) = [folder for folder in manifest.folders(home) if folder not in (first, second)]
    assert amounts(third) == [Decimal("100.00")]


def test_the_same_file_as_another_record_must_correct_the_first(home: Home, tmp_path: Path) -> None:
    text = "region_code,year,resident_population,pool_region,ym,basis,scheme,part,item_code,amount\n370200,2024,100,370200,202401,M,310,pool,I01,100\n"
    path = deliver(tmp_path, "a.csv", text)
    assert run("ingest", path, "--record", "population").exit_code == 0
    first = the_batch(home)
    refused = run("ingest", path, "--record", "fund_ledger")
    assert refused.exit_code == 2 and "记录 population" in refused.output and "记录 fund_ledger" in refused.output
    assert run("ingest", path, "--record", "fund_ledger", "--corrects", first.name, "--reason", "记录").exit_code == 0
    assert sorted(folder.parent.name for folder in manifest.folders(home)) == ["fund_ledger", "population"]


def test_a_changed_contract_is_another_setting_and_that_of_another_record_is_not(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gongbao.ingest import door

    path = deliver(tmp_path, "fund_ledger/a.csv", LEDGER)
    settings = door.Door(home, tmp_path / "work").settings_of
    ledger, population = settings("fund_ledger"), settings("population")
    codes = door.texts_of

    def with_a_new_name(record: object) -> list:
        return codes(record) + ([("fund_item", "保费", "I01")] if record.name == "fund_ledger" else [])

    assert run("ingest", path).exit_code == 0
    monkeypatch.setattr(door, "texts_of", with_a_new_name)
    settings = door.Door(home, tmp_path / "work").settings_of
    assert settings("fund_ledger") != ledger and settings("population") == population
    refused = run("ingest", path)
    assert refused.exit_code == 2 and "契约" in refused.output and the_batch(home).name in refused.output


def test_the_command_in_the_refusal_is_the_one_that_works(home: Home, tmp_path: Path) -> None:
    path = deliver(tmp_path, "a b/it's 1.csv", LEDGER)
    assert run("ingest", path, "--record", "fund_ledger").exit_code == 0
    said = run("ingest", path, "--record", "fund_ledger", "--set", "unit=万元").output
    command = next(line for line in said.splitlines() if "if the settings of now" in line).split("gongbao ", 1)[1]
    assert run(*shlex.split(command)).exit_code == 0
    assert len(manifest.folders(home)) == 2


# ---------------------------------------------------------------- order of arrival


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_of_files_of_one_command_the_later_given_is_the_later_batch(names: tuple[str, str], home: Home, tmp_path: Path) -> None:
    # the first is large, so that the second is read before it
    slow = deliver(
        tmp_path,
        f"settlement/{names[0]}",
        SETTLEMENT.format("100.00") + "".join(SETTLEMENT.splitlines()[1].format("1.00").replace("S1", f"T{n}") + "\n" for n in range(20_000)),
    )
    quick = deliver(tmp_path, f"settlement/{names[1]}", SETTLEMENT.format("200.00"))
    assert run("ingest", slow, quick).exit_code == 0
    arrived = (
        duckdb.connect()
        .sql(f"select file_name from read_parquet('{home.lake}/settlement/*/batch.parquet') where batch_id is not null order by sequence")
        .fetchall()
    )
    assert arrived == [(names[0],), (names[1],)]


def test_the_order_of_arrival_goes_on_from_command_to_command(home: Home, tmp_path: Path) -> None:
    for number in range(3):
        assert run("ingest", deliver(tmp_path, f"settlement/{9 - number}.csv", SETTLEMENT.format(f"{number + 1}.00"))).exit_code == 0
    arrived = duckdb.connect().sql(f"select file_name from read_parquet('{home.lake}/settlement/*/batch.parquet') order by sequence").fetchall()
    assert arrived == [("9.csv",), ("8.csv",), ("7.csv",)]


# ---------------------------------------------------------------- digests


def lake_of_one(home: Home, tmp_path: Path) -> Path:
    assert run("ingest", deliver(tmp_path, "fund_ledger/张三 台账.csv", LEDGER), "--set", "unit=万元").exit_code == 0
    return the_batch(home)


def faults_named(home: Home) -> str:
    with pytest.raises(GongbaoError) as caught:
        manifest.verify(home)
    return "\n".join(line for problem in caught.value.problems for line in problem.lines())


@pytest.mark.parametrize("file", [*manifest.FILES, manifest.MANIFEST])
def test_every_flipped_bit_is_named_with_batch_and_file_and_the_delivery_read_again_mends_it(file: str, home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    whole = (folder / file).read_bytes()
    chance = random.Random(7)
    for _ in range(20):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        (folder / file).write_bytes(damaged)
        said = faults_named(home)
        assert folder.name in said and file in said and "gongbao ingest" in said
    command = said.split("read the delivery again: gongbao ", 1)[1].splitlines()[0]
    assert run(*shlex.split(command)).exit_code == 0
    assert manifest.verify(home) == 1 and manifest.folders(home) == [folder]
    assert amounts(folder) == [Decimal("1000000.00")]
    (found,) = manifest.known(home)
    assert found.sequence == 1, "a delivery read again keeps its place in the order of arrival"


def test_a_file_rewritten_with_one_amount_changed_is_named(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    duckdb.connect().sql(
        f"copy (select * replace (amount + 1 as amount) from read_parquet('{folder}/rows.parquet')) to '{tmp_path}/new.parquet' (format parquet)"
    )
    os.replace(tmp_path / "new.parquet", folder / "rows.parquet")
    assert "rows.parquet" in faults_named(home)


def test_missing_added_and_foreign_files_are_named(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    (folder / "unreadable.parquet").unlink()
    (folder / "rows-2.parquet").write_bytes(b"x")
    (home.lake / "fund_ledger" / "copied").mkdir()
    said = faults_named(home)
    assert "unreadable.parquet 不见了" in said and "rows-2.parquet 不是这一批次的文件" in said and "copied 不是本数据湖的批次" in said


def test_a_batch_that_is_gone_is_named_by_the_original_that_the_inbox_keeps(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    shutil.rmtree(folder)
    said = faults_named(home)
    assert f"批次 {folder.name} 不在数据湖中" in said and str(home.inbox / "fund_ledger" / folder.name / "张三 台账.csv") in said
    assert run("ingest", home.inbox / "fund_ledger", "--set", "unit=万元").exit_code == 0 and manifest.verify(home) == 1


def test_a_damaged_batch_does_not_pass_for_one_that_is_there(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    (folder / "rows.parquet").write_bytes(b"")
    assert run("ingest", tmp_path / "fund_ledger", "--set", "unit=万元").exit_code == 0
    assert manifest.verify(home) == 1


def test_an_empty_batch_that_is_damaged_is_written_again(home: Home) -> None:
    lake.ensure_lake(home)
    file = home.lake / "population" / manifest.EMPTY / "rows.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + b"?" + whole[-8:])
    lake.ensure_lake(home)
    assert file.read_bytes() == whole


def test_a_lake_of_an_older_version_is_refused_with_the_command_that_reads_the_inbox_again(home: Home, tmp_path: Path) -> None:
    folder = home.lake / "settlement" / "济南-0a1b2c3d"
    folder.mkdir(parents=True)
    duckdb.connect().sql("select '济南-0a1b2c3d' as batch_id, '济南.csv' as file_name, '{\"insutype\": \"310\"}' as constants").write_parquet(
        str(folder / "batch.parquet")
    )
    for result in (run("ingest", deliver(tmp_path, "fund_ledger/a.csv", LEDGER)),):
        assert result.exit_code == 2
        assert "济南-0a1b2c3d" in result.output and f"gongbao ingest {home.inbox}" in result.output and "济南.csv" in result.output
    assert "旧版本" in faults_named(home)


def test_a_kill_between_the_files_of_a_batch_that_is_mended_leaves_it_named(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    for file in ("rows.parquet", "control.parquet"):
        (folder / file).write_bytes(b"")
    program = (
        "import os, signal; from pathlib import Path; from gongbao.ingest import door; from gongbao.paths import Home\n"
        "replace, done = os.replace, []\n"
        "def one(a, b):\n    replace(a, b)\n    done.append(b)\n    len([d for d in done if 'lake' in str(d) and str(d).endswith('.parquet') and '_empty' not in str(d)]) == 1 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.replace = one\n"
        f"door.ingest_files(Home.from_environment(), [Path({str(tmp_path / 'fund_ledger' / '张三 台账.csv')!r})], None, {{'unit': '万元'}})"
    )
    killed = subprocess.run([sys.executable, "-c", program], env=os.environ | {"GONGBAO_HOME": str(home.root)}, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    assert "control.parquet" in faults_named(home) and amounts(folder) == [Decimal("1000000.00")]
    assert run("ingest", tmp_path / "fund_ledger", "--set", "unit=万元").exit_code == 0
    assert manifest.verify(home) == 1 and amounts(folder) == [Decimal("1000000.00")]


def test_the_settings_stand_in_manifest_and_batch_alike(home: Home, tmp_path: Path) -> None:
    folder = lake_of_one(home, tmp_path)
    written = manifest.batch_of(folder)
    (folder / manifest.MANIFEST).unlink()
    assert manifest.batch_of(folder) is not None and manifest.batch_of(folder).settings == written.settings
    assert json.loads(written.settings)["set"] == {"unit": "万元"}
