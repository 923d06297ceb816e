"""Publishing: what is in the file, what is refused, and that no reader ever sees anything but a whole file."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from published_fixture import NAMES, OTHERS, PROJECT, build_warehouse, write_manifest
from reader import read_until

from gongbao import publish as publishing
from gongbao.contracts import load_contracts
from gongbao.messages import GongbaoError
from gongbao.paths import Home
from gongbao.publish import PERSONAL_COLUMNS, publish, published_file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "data")
    build_warehouse(home)
    write_manifest(home.root)
    return home


def release(home: Home) -> publishing.PublishedFile:
    return publish(home, home.root / "manifest.json")


def in_warehouse(home: Home, *statements: str) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def in_manifest(home: Home, name: str, **said: object) -> None:
    """A further model that is public, or more of what is said of one."""
    file = home.root / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["nodes"].setdefault(f"model.gongbao.{name}", {"name": name, "access": "public"}).update(said)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def problems(home: Home) -> str:
    """The messages of a publication that is refused."""
    with pytest.raises(GongbaoError) as caught:
        release(home)
    return "\n".join(line for problem in caught.value.problems for line in problem.lines())


# ---------------------------------------------------------------- what is in the file


def test_every_public_table_is_published_with_its_comments(home: Home) -> None:
    done = release(home)
    assert set(done.rows) == {*NAMES, *OTHERS, "bulletin_figures"}
    with duckdb.connect(str(done.path), read_only=True) as connection:
        bare = connection.execute(
            """
            select table_name from duckdb_tables() where comment is null
            union all
            select table_name || '.' || column_name
            from duckdb_columns()
            where not internal and comment is null and table_name in (select table_name from duckdb_tables())
            """
        ).fetchall()
    assert bare == []


def test_tables_that_are_not_public_stay_in_the_warehouse(home: Home) -> None:
    in_warehouse(home, "create table int_persons as select 'x' as person_id", "create schema staging", "create view staging.stg_x as select 1 as a")
    assert "int_persons" not in release(home).rows


def test_a_public_view_is_published_as_a_table(home: Home) -> None:
    in_warehouse(
        home,
        "create view fct_seen as select region_code, value from observations",
        "comment on view fct_seen is 'A cube.'",
        "comment on column fct_seen.region_code is 'Region.'",
        "comment on column fct_seen.value is 'Value.'",
    )
    in_manifest(home, "fct_seen")
    assert release(home).rows["fct_seen"] > 0


def test_a_model_published_as_a_view_is_one_on_the_published_tables_and_has_no_twin(home: Home) -> None:
    query = 'select indicator, value / 10000 as printed from "gongbao"."main"."observations"'
    in_warehouse(
        home,
        f"create view bulletin_printed as {query}",
        "comment on view bulletin_printed is 'About.'",
        "comment on column bulletin_printed.indicator is 'The indicator.'",
        "comment on column bulletin_printed.printed is 'The value.'",
    )
    in_manifest(home, "observations", alias="observations", relation_name='"gongbao"."main"."observations"')
    in_manifest(
        home,
        "bulletin_printed",
        config={"meta": {"label_zh": "印刷", "published_as": "view"}},
        columns={name: {"config": {"meta": {"label_zh": zh}}} for name, zh in (("indicator", "指标"), ("printed", "印刷值"))},
        compiled_code=query,
        depends_on={"nodes": ["model.gongbao.observations"]},
    )
    done = release(home)
    with duckdb.connect(str(done.path), read_only=True) as connection:
        kinds = connection.execute("select table_type from information_schema.tables where table_name = 'bulletin_printed'").fetchall()
        assert kinds == [("VIEW",)]
        for name in ("bulletin_printed", "表_印刷"):
            assert connection.execute(f"select count(*) from {name}").fetchall() == connection.execute("select count(*) from observations").fetchall()
        comments = connection.execute("select comment from duckdb_columns() where table_name = 'bulletin_printed' order by column_index").fetchall()
        assert comments == [("The indicator.",), ("The value.",)]
    said = json.loads(home.published.with_name("release.json").read_text(encoding="utf-8"))
    assert said["views"] == [{"view": "bulletin_printed", "columns": 2}]
    assert "bulletin_printed" not in {table["table"] for table in said["tables"]}
    assert not (home.published.parent / "parquet" / "bulletin_printed.parquet").exists()


def test_the_storage_format_is_one_that_older_versions_read(home: Home) -> None:
    path = release(home).path
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as published (read_only)")
        (tags,) = connection.execute("select tags from duckdb_databases() where database_name = 'published'").fetchone()
    assert tags["storage_version"].startswith("v1.4.0")


def test_chinese_views_answer_in_chinese(home: Home) -> None:
    with duckdb.connect(str(release(home).path), read_only=True) as connection:
        row = connection.execute("select 年份, 职工参保人数 from \"表_基本医保参保人数\" where 年份 = '2024'").fetchone()
        value = connection.execute(
            "select 指标, 地区, 险种, 数值 from 观测_参保 where 指标代码 = 'members' and 期间 = '2024' and 地区代码 = '100000' and 险种 = '职工医保'"
        ).fetchall()
        totals = connection.execute(
            "select 指标, 地区, 数值 from 观测值 where 指标代码 = 'members' and 期间 = '2024' and 地区代码 = '100000' and 分组 = '合计'"
        ).fetchall()
    assert row == ("2024", pytest.approx(37948.34))
    assert value == [("参保人数", "全国", "职工医保", Decimal(379483400))]
    assert totals == [("参保人数", "全国", Decimal(1326620700))]


def test_a_dataflow_has_a_view_with_its_own_dimensions_and_every_value_of_it(home: Home) -> None:
    with duckdb.connect(str(release(home).path), read_only=True) as connection:
        columns = [name for name, *_ in connection.execute("describe obs_fund").fetchall()]
        assert columns[:10] == [
            "indicator", "label_zh", "label_en", "scheme", "fund_part", "breakdown", "dims", "region_code", "region_level", "period_kind",
        ]  # fmt: skip
        cell = "indicator = 'fund_income' and region_code = '100000' and time_period = '2024'"
        found = connection.execute(f"select scheme, fund_part, breakdown, dims, value from obs_fund where {cell} order by dims").fetchall()
        stored = connection.execute(f"select dims, value from observations where {cell} order by dims").fetchall()
        assert found[0][:4] == (None, None, "", "")
        assert (None, "pooled", "fund_part", "fund_part=pooled") in [row[:4] for row in found]
        assert [(dims, value) for *_, dims, value in found] == stored
        assert len(found) == 8
        rows = {flow: connection.execute(f"select count(*) from obs_{flow}").fetchall()[0][0] for flow in ("enrollment", "fund")}
        assert sum(rows.values()) == connection.execute("select count(*) from observations").fetchall()[0][0]
        comments = dict(connection.execute("select column_name, comment from duckdb_columns() where table_name = 'obs_fund'").fetchall())
        assert comments["scheme"] == "险种 · scheme; empty where the value is not broken down by it."
        assert comments["value"] == "The value."


def test_parquet_twins_hold_the_same_rows_and_the_manifest_their_hashes(home: Home) -> None:
    done = release(home)
    manifest = json.loads((home.published.parent / "release.json").read_text())
    assert {table["table"]: table["rows"] for table in manifest["tables"]} == done.rows
    for table in manifest["tables"]:
        twin = home.published.parent / table["parquet"]
        assert len(pd.read_parquet(twin)) == table["rows"]
        assert publishing._sha256(twin) == table["sha256"]
    assert publishing._sha256(home.published) == manifest["file"]["sha256"] == done.sha256


def test_publishing_the_same_warehouse_again_gives_the_same_parquet_files(home: Home) -> None:
    def hashes() -> dict[str, str]:
        release(home)
        manifest = json.loads((home.published.parent / "release.json").read_text())
        return {table["table"]: table["sha256"] for table in manifest["tables"]}

    assert hashes() == hashes()


# ---------------------------------------------------------------- what is refused


def test_a_personal_column_is_refused(home: Home) -> None:
    in_warehouse(home, "create table fct_persons as select 'h' as PSN_NO, 1 as n")
    in_manifest(home, "fct_persons")
    assert "PSN_NO" in problems(home)
    assert not home.published.exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("注：110101199003070039", "certificate numbers"),
        ("11010119900307003X", "certificate numbers"),
        ("联系13812345678", "telephone numbers"),
        ("13812345678", "telephone numbers"),
    ],
)
def test_a_value_that_looks_personal_is_refused_whatever_its_column_is_called(value: str, words: str, home: Home) -> None:
    in_warehouse(home, f"update batches set province_codes = '{value}'")
    said = problems(home)
    assert "batches" in said and "province_codes" in said and words in said and value not in said
    assert not home.published.exists()


def test_digests_and_codes_do_not_look_personal(home: Home) -> None:
    in_warehouse(home, f"update batches set sha256 = '{'13812345678' + 'a' * 53}', province_codes = '370000,510000', first_month = '2024-01'")
    assert release(home).rows["batches"] > 0


def test_personal_columns_are_those_of_the_contract() -> None:
    named = set()
    for record in load_contracts().values():
        named |= {name for name in record.dropped if name.isascii()} | {column.name for column in record.columns if column.personal}
    assert named - {"fixmedins_name"} <= PERSONAL_COLUMNS  # the name of an institution is not personal


def test_a_table_or_column_without_a_comment_is_refused(home: Home) -> None:
    in_warehouse(home, "comment on column observations.value is null", "comment on table regions is null")
    text = problems(home)
    assert "observations" in text and "value" in text and "regions" in text


def test_a_bulletin_table_without_chinese_names_is_refused(home: Home) -> None:
    in_manifest(home, "bulletin_members", config={}, columns={})
    assert "label_zh" in problems(home)


def test_without_a_manifest_nothing_is_published(home: Home) -> None:
    (home.root / "manifest.json").unlink()
    assert "manifest.json" in problems(home)
    assert not home.published.exists()


def test_a_missing_public_table_is_named(home: Home) -> None:
    in_warehouse(home, "drop table identities")
    assert "identities" in problems(home)


def test_no_warehouse_is_said(tmp_path: Path) -> None:
    assert "gongbao build" in problems(Home(tmp_path / "data"))


def test_a_refused_publication_leaves_the_old_file(home: Home) -> None:
    before = release(home).sha256
    in_warehouse(home, "drop table identities")
    problems(home)
    assert publishing._sha256(home.published) == before
    assert list(home.published.parent.glob(".next-*")) == []


# ---------------------------------------------------------------- readers, kills, held files


def stamp(home: Home, number: int) -> None:
    """Make the warehouse recognisable: the number is the version and the value of every observation."""
    in_warehouse(home, f"update observations set value = {number}", f"update release_info set batches_digest = '{number}'")


def test_four_readers_never_meet_a_lock_or_a_mixture(home: Home) -> None:
    """Every reader goes on reading while each of five versions is published, and sees each of them."""
    stamp(home, 0)
    release(home)
    context = multiprocessing.get_context("spawn")
    stop, seen = context.Event(), [context.Queue() for _ in range(4)]
    readers = [context.Process(target=read_until, args=(stop, str(home.published), each)) for each in seen]
    for reader in readers:
        reader.start()
    try:
        with duckdb.connect(str(home.published), read_only=True) as patient:
            for number in range(6):
                if number > 0:
                    stamp(home, number)
                    release(home)
                assert [each.get(timeout=120) for each in seen] == [number] * 4
                assert patient.execute("select distinct value from observations").fetchall() == [(0,)]
    finally:
        stop.set()
        for reader in readers:
            reader.join(timeout=120)
    assert [each.empty() for each in seen] == [True] * 4


PUBLISHER = """
import sys
from pathlib import Path
from gongbao.paths import Home
from gongbao.publish import publish
print("ready", flush=True)
sys.stdin.readline()
publish(Home(Path(sys.argv[1])), Path(sys.argv[1]) / "manifest.json")
"""


def test_a_killed_publication_leaves_a_whole_file_and_its_leftovers_are_cleaned(home: Home) -> None:
    stamp(home, 0)
    started = time.monotonic()
    release(home)
    usual = time.monotonic() - started
    chance = random.Random(7)
    for number in range(1, 11):
        stamp(home, number)
        publisher = subprocess.Popen([sys.executable, "-c", PUBLISHER, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT)
        publisher.stdout.readline()
        publisher.stdin.write(b"\n")
        publisher.stdin.flush()
        time.sleep(chance.uniform(0, 1.2 * usual))
        publisher.send_signal(signal.SIGKILL)
        publisher.communicate()
        with duckdb.connect(str(home.published), read_only=True) as connection:
            version, low, high = connection.execute("select (select batches_digest from release_info), min(value), max(value) from observations").fetchone()
        assert int(version) == low == high
        assert len(pd.read_parquet(home.published.parent / "parquet" / "observations.parquet")) > 0
    release(home)
    left = sorted(path.name for path in home.published.parent.iterdir() if not path.name.startswith(".parquet-"))
    assert left == [".publish.lock", "gongbao.duckdb", "parquet", "release.json"]
    assert len(list(home.published.parent.glob(".parquet-*"))) <= 2


def test_a_stale_log_beside_the_published_file_is_removed(home: Home) -> None:
    release(home)
    home.published.with_name("gongbao.duckdb.wal").write_bytes(b"left by a writer that was killed")
    with duckdb.connect(str(release(home).path), read_only=True) as connection:
        assert connection.execute("select count(*) from observations").fetchone()[0] > 0


def test_a_file_that_is_held_is_left_and_the_new_one_named_by_a_pointer(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp(home, 1)
    release(home)
    replace = os.replace

    def held(source: Path, target: Path) -> None:
        if Path(target) == home.published:
            raise PermissionError(13, "in use")
        replace(source, target)

    stamp(home, 2)
    with monkeypatch.context() as patch:
        patch.setattr(publishing.os, "replace", held)
        done = release(home)
    said = capsys.readouterr().err
    assert "占用" in said and "held open" in said
    assert done.path == published_file(home) != home.published
    for path, version in ((home.published, "1"), (done.path, "2")):
        with duckdb.connect(str(path), read_only=True) as connection:
            assert connection.execute("select batches_digest from release_info").fetchone() == (version,)

    stamp(home, 3)
    assert release(home).path == published_file(home) == home.published
    assert not done.path.exists()


def test_a_full_disk_is_said_and_leaves_the_old_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = release(home).sha256

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "_fsync", full)
    said = problems(home)
    assert "磁盘已满" in said and "the disk is full" in said
    assert publishing._sha256(home.published) == before
    assert list(home.published.parent.glob(".next-*")) == []


def test_two_publications_at_once_are_not_allowed(home: Home) -> None:
    release(home)
    with publishing.FileLock(home.published.parent / ".publish.lock"):
        assert "another" in problems(home).lower()
