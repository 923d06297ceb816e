"""Spark as the engine of a build, as far as that is seen without Spark: what is missing is named, its tables come back whole, parity sees a difference."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from gongbao import spark
from gongbao.cli import main
from gongbao.messages import GongbaoError
from gongbao.paths import Home

sys.path.append(str(Path(__file__).resolve().parents[1] / "parity"))
import faults  # noqa: E402
import parity  # noqa: E402
from comparing import compare, keys_of  # noqa: E402


@pytest.fixture
def with_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda name: name)


def java(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """A JAVA_HOME whose java says only its version."""
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2024-01-01' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(folder))


def refusal() -> str:
    with pytest.raises(GongbaoError) as caught:
        spark.check()
    assert caught.value.exit_code == 1
    return "\n".join(line for problem in caught.value.problems for line in problem.lines())


def test_without_its_packages_an_engine_asked_for_by_the_environment_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda name: None)
    run = CliRunner().invoke(main, ["build"], env={"GONGBAO_ENGINE": "spark", "GONGBAO_HOME": str(tmp_path)})
    assert run.exit_code == 1
    assert "没有安装 Spark" in run.output
    assert "requirements-spark.lock" in run.output


def test_without_java_the_package_that_brings_it_is_named(with_packages: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    said = refusal()
    assert "没有找到 java" in said
    assert "openjdk-17-jre-headless" in said


@pytest.mark.parametrize(("version", "major"), [("11.0.2", 11), ("1.8.0_292", 8), ("21", 21)])
def test_a_java_that_spark_does_not_run_on_is_named(version: str, major: int, with_packages: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    java(tmp_path, monkeypatch, version)
    assert f"Spark needs Java 17, found {major}" in refusal()


def test_java_17_is_taken(with_packages: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    java(tmp_path, monkeypatch, "17.0.15")
    spark.check()  # would raise
    assert spark._java_version() == 17


@pytest.mark.parametrize(("given", "java_size"), [("4GB", "4096m"), ("1.5 GiB", "1536m"), ("512MB", "512m"), ("80%", "80%")])
def test_the_memory_given_for_duckdb_bounds_java_too(given: str, java_size: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GONGBAO_MEMORY", given)
    assert spark.configuration(Home(tmp_path))["spark.driver.memory"] == java_size


def node(name: str, materialized: str, columns: dict[str, str], **more: object) -> dict:
    described = {column: {"name": column, "data_type": kind, "description": f"what {column} is"} for column, kind in columns.items()}
    return {
        "name": name, "alias": name, "description": f"it's {name}", "columns": described,
        "config": {"materialized": materialized}, "depends_on": {"nodes": []}, **more,
    }  # fmt: skip


def test_tables_come_back_with_the_types_of_their_contracts_and_their_comments(tmp_path: Path):
    home = Home(tmp_path / "it's [home]")
    folder = spark.tables_of(home) / spark.SCHEMA / "rates"
    folder.mkdir(parents=True)
    duckdb.sql("select 1::bigint as year, 1.5::decimal(38, 10) as rate").write_parquet(str(folder / "part-0.parquet"))
    nodes = {"model.gongbao.rates": node("rates", "table", {"year": "integer", "rate": "decimal(28,6)"}, access="public")}
    spark.bring_back(home, nodes, lambda _, table: spark.read_files(home, table))
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        assert warehouse.execute("select * from rates").fetchall() == [(1, 1.5)]
        assert warehouse.execute(
            "select column_name, data_type, comment from duckdb_columns() where table_name = 'rates' order by column_index"
        ).fetchall() == [
            ("year", "INTEGER", "what year is"),
            ("rate", "DECIMAL(28,6)", "what rate is"),
        ]
        assert warehouse.execute("select comment from duckdb_tables()").fetchall() == [("it's rates",)]


def test_what_a_public_view_reads_through_other_views_comes_back_and_no_other_table():
    nodes = {
        "a": node("a", "view", {}, access="public", depends_on={"nodes": ["b"]}),
        "b": node("b", "view", {}, depends_on={"nodes": ["c", "source.s"]}),
        "c": node("c", "table", {}, depends_on={"nodes": ["d"]}),
        "d": node("d", "table", {}),
        "reporting_period": node("reporting_period", "table", {}),
        "regions": node("regions", "seed", {}, config={"materialized": "seed", "meta": {"access": "public"}}),
    }
    assert {found["name"] for found in spark.tables_to_bring(nodes)} == {"c", "reporting_period", "regions"}
    assert [found["name"] for found in spark.public_views(nodes)] == ["a"]


@pytest.fixture
def two() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table l as select * from (values (1, 'a', 1.0), (2, 'b', null), (3, 'c', 3.0)) as rows (id, side, number)")
    connection.execute("create table r as select side, id, number from l")
    return connection


def test_parity_takes_equal_tables_for_equal_whatever_the_order_of_rows_and_columns(two: duckdb.DuckDBPyConnection):
    for keys in (["id"], []):
        assert compare(two, "t", "l", "r", keys).is_equal


@pytest.mark.parametrize("keys", [["id"], []])
@pytest.mark.parametrize(
    "fault",
    [
        "update r set number = 3.1 where id = 3",
        "update r set number = 0 where id = 2",
        "delete from r where id = 1",
        "insert into r select * from r where id = 1",
        "insert into r values ('d', 4, 1.0)",
    ],
)
def test_parity_sees_a_value_a_null_a_missing_row_and_one_too_many(fault: str, keys: list[str], two: duckdb.DuckDBPyConnection):
    two.execute(fault)
    assert not compare(two, "t", "l", "r", keys).is_equal


def test_parity_counts_by_column_what_differs(two: duckdb.DuckDBPyConnection):
    two.execute("update r set number = 9.0")
    two.execute("delete from r where id = 1")
    found = compare(two, "t", "l", "r", ["id"])
    assert (found.rows, found.only_left, found.only_right, found.different) == (3, 1, 0, {"number": 2})


def test_parity_does_not_compare_tables_of_other_columns(two: duckdb.DuckDBPyConnection):
    two.execute("alter table r rename number to other")
    with pytest.raises(KeyError, match="number"):
        compare(two, "t", "l", "r", ["id"])


def test_the_key_of_a_table_is_what_its_test_says():
    tests = {
        "test.a": {"resource_type": "test", "attached_node": "m", "test_metadata": {"name": "unique_together", "kwargs": {"columns": ["x", "y"]}}},
        "test.b": {"resource_type": "test", "attached_node": "n", "test_metadata": {"name": "unique", "kwargs": {"column_name": "z"}}},
    }
    assert [keys_of(model, tests) for model in ("m", "n", "o")] == [["x", "y"], ["z"], []]


def test_parity_names_a_record_without_an_accepted_row_and_a_level_without_an_observation(tmp_path: Path):
    home = Home(tmp_path)
    home.warehouse.parent.mkdir()
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("create table batches (record varchar, rows_accepted bigint)")
        warehouse.executemany("insert into batches values (?, ?)", [[record, int(record != "population")] for record in parity.records()])
        warehouse.execute("create table observations as select unnest(['nation', 'province', 'county']) as region_level")
    assert parity.absent_parts(home) == ["record population", "level prefecture"]


def test_every_macro_that_speaks_to_spark_has_a_fault_that_parity_must_see(tmp_path: Path):
    text = "".join(path.read_text(encoding="utf-8") for path in (faults.PROJECT / "macros").rglob("*.sql"))
    spoken = set(re.findall(r"macro spark__(\w+)\(", text))
    assert len(spoken) > 10
    assert spoken == set(faults.FAULTS) | faults.NOT_OF_CELLS
    for macro in faults.FAULTS:
        faults.with_fault(text, macro)  # would raise where there is nothing to put it into


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [("spark-master:10001", "spark-master", 10001), ("spark-master", "spark-master", 10000)],
)
def test_the_address_of_a_server_is_a_host_and_a_port(given: str, host: str, port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GONGBAO_SPARK", given)
    found = spark.Server.from_environment()
    assert (found.host, found.port, found.home) == (host, port, None)


@pytest.mark.parametrize("given", [":10000", "spark-master:", "spark-master:thrift"])
def test_an_address_that_is_none_is_refused_in_both_languages(given: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GONGBAO_SPARK", given)
    with pytest.raises(GongbaoError) as caught:
        spark.Server.from_environment()
    said = "\n".join(line for problem in caught.value.problems for line in problem.lines())
    assert f"不是地址：{given}" in said and f"is no address: {given}" in said


def test_a_server_needs_no_java_on_this_machine(with_packages: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GONGBAO_SPARK", "spark-master:10000")
    spark.check()  # would raise


def test_what_decides_figures_in_a_session_is_set_for_both_methods_alike():
    profile = yaml.safe_load((faults.PROJECT / "profiles.yml").read_text(encoding="utf-8"))["gongbao"]["outputs"]
    settings = profile["spark"]["server_side_parameters"]
    assert settings == profile["spark_thrift"]["server_side_parameters"]
    assert settings["spark.sql.ansi.enabled"] == "true"
    assert not set(settings) & set(spark.configuration(Home(Path("nowhere"))))
