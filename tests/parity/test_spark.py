"""What only Spark can show, in seconds: a server that answers or not, values that come through it, what a contract says is not null.

Runs where `make spark` was run (`make parity`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("pyspark")
sys.path.append(str(Path(__file__).parent))
from thrift_server import thrift_server  # noqa: E402

from gongbao import spark  # noqa: E402
from gongbao.messages import GongbaoError  # noqa: E402
from gongbao.paths import Home  # noqa: E402


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with thrift_server(tmp_path_factory.mktemp("server"), memory="1g") as found:
        yield found


@pytest.fixture
def server(address: str, monkeypatch: pytest.MonkeyPatch) -> spark.Server:
    monkeypatch.setenv("GONGBAO_SPARK", address)
    return spark.Server.from_environment()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data home with the log of one batch, its name full of signs of patterns."""
    home = Home(tmp_path / "it's [a] {home}")
    batch = home.lake / "settlement" / "one"
    batch.mkdir(parents=True)
    duckdb.sql("select 'one' as batch_id").write_parquet(str(batch / "batch.parquet"))
    return home


def said(error: pytest.ExceptionInfo[GongbaoError]) -> str:
    assert error.value.exit_code == 1
    return "\n".join(line for problem in error.value.problems for line in problem.lines())


def test_a_server_that_does_not_answer_is_named_with_its_address(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setenv("GONGBAO_SPARK", "127.0.0.1:9")
    with pytest.raises(GongbaoError) as caught:
        spark.Server.from_environment().check_lake(home)
    assert "没有应答：127.0.0.1:9" in said(caught) and "no Spark Thrift Server answers at 127.0.0.1:9" in said(caught)


def test_a_server_that_reads_the_same_lake_is_taken(server: spark.Server, home: Home) -> None:
    server.check_lake(home)  # would raise


def test_a_lake_that_the_server_cannot_read_is_named_with_its_address(server: spark.Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGBAO_SPARK_HOME", "hdfs://127.0.0.1:9/gongbao")
    with pytest.raises(GongbaoError) as caught:
        spark.Server.from_environment().check_lake(home)
    assert "Spark cannot read the lake at hdfs://127.0.0.1:9/gongbao/lake" in said(caught)


def test_a_lake_at_the_address_that_lacks_a_batch_is_refused(server: spark.Server, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "copy" / "lake" / "settlement" / name
        folder.mkdir(parents=True)
        duckdb.sql(f"select '{name}' as batch_id").write_parquet(str(folder / "batch.parquet"))
    monkeypatch.setenv("GONGBAO_SPARK_HOME", str(tmp_path / "copy"))
    with pytest.raises(GongbaoError) as caught:
        spark.Server.from_environment().check_lake(home)
    assert "0 batches missing, 1 too many" in said(caught)


def test_values_come_through_the_server_as_they_are(server: spark.Server) -> None:
    values = """select cast(1234567890123456789012345678.0123456789 as decimal(38,10)) as exact, 0.1D as inexact, cast(null as int) as nothing,
        "it's 公报" as words, date '2025-12-31' as day, timestamp_ntz '2025-12-31 23:59:59.123456' as moment, true as yes, cast(2 as bigint) as many"""
    with server.cursor() as cursor, duckdb.connect() as connection:
        cursor.execute(f"create schema if not exists {spark.SCHEMA}")
        cursor.execute(f"create table {spark.SCHEMA}.given using parquet as {values}")
        assert spark.read_through(cursor, connection, "absent") is None
        found = connection.sql(f"from {spark.read_through(cursor, connection, 'given')}")
        assert [str(kind) for kind in found.types] == ["DECIMAL(38,10)", "DOUBLE", "INTEGER", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "BIGINT"]
        assert [str(value) for value in found.fetchall()[0]] == [
            "1234567890123456789012345678.0123456789", "0.1", "None", "it's 公报", "2025-12-31", "2025-12-31 23:59:59.123456", "True", "2",
        ]  # fmt: skip
