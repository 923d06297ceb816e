"""The pages' connection: it reads the published file and nothing else on the machine."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from published_fixture import published_home  # noqa: F401

from dashboard import data
from gongbao.paths import Home

OTHER = pd.DataFrame({"secret": [1]})


@pytest.fixture(scope="module")
def snapshot(published_home: Home) -> data.Snapshot:  # noqa: F811
    """The small published file."""
    found = data.snapshot(published_home)
    assert found is not None
    return found


def refused(snapshot: data.Snapshot, sql: str) -> duckdb.Error:
    """The engine's answer to a query that it refuses."""
    with pytest.raises(data.Damaged) as damaged:
        data.query(snapshot, sql)
    assert isinstance(damaged.value.__cause__, duckdb.Error)
    return damaged.value.__cause__


def test_it_reads_the_published_file(snapshot: data.Snapshot) -> None:
    assert data.query(snapshot, "select count(*) as rows from observations")["rows"][0] > 0


@pytest.mark.parametrize("call", ["read_csv('{}')", "read_text('{}')", "read_blob('{}')", "read_parquet('{}')", "glob('{}')", "read_csv('/etc/passwd')"])
def test_it_reads_no_other_file(snapshot: data.Snapshot, tmp_path: Path, call: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text("secret\n1\n", encoding="utf-8")
    assert isinstance(refused(snapshot, f"select * from {call.format(other)}"), duckdb.PermissionException)


def test_it_opens_and_writes_no_other_file(snapshot: data.Snapshot, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).close()
    with data.file._opened(snapshot).cursor() as cursor:
        for statement in (f"attach '{other}'", f"copy (select 1) to '{tmp_path / 'written.csv'}'", f"export database '{tmp_path / 'all'}'", "install httpfs"):
            with pytest.raises(duckdb.PermissionException):
                cursor.execute(statement)
    assert [path.name for path in tmp_path.iterdir()] == ["other.duckdb"]


def test_it_reads_nothing_of_the_program(snapshot: data.Snapshot) -> None:
    assert isinstance(refused(snapshot, "select * from OTHER"), duckdb.CatalogException)


@pytest.mark.parametrize("option", ["enable_external_access = true", "lock_configuration = false", "python_enable_replacements = true", "memory_limit = '1TB'"])
def test_its_limits_cannot_be_changed(snapshot: data.Snapshot, option: str) -> None:
    with data.file._opened(snapshot).cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(f"set {option}")
