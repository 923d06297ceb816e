"""What `gongbao build` says and leaves when nothing was delivered, dbt cannot start, a model fails or an integrity test fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from country import copy_project, gongbao


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One record of the dbt project, to spoil, with a data home that has one batch and a file published earlier."""
    delivered = tmp_path / "population.csv"
    delivered.write_text("region_code,year,resident_population,eligible_population\n110000,2024,21830000,20000000\n", encoding="utf-8")
    gongbao(tmp_path / "data", "ingest", delivered, "--record", "population")
    published = tmp_path / "data" / "published"
    published.mkdir(parents=True)
    (published / "gongbao.duckdb").write_bytes(b"published before")
    project = copy_project(tmp_path, "models/staging/population", "models/staging/batch_log", "models/staging/_docs.md", "models/groups.yml", "seeds/codes", "macros")
    settings = (project / "dbt_project.yml").read_text(encoding="utf-8")
    (project / "dbt_project.yml").write_text(re.sub(r"(?m)^  records: .*$", "  records: [population]", settings), encoding="utf-8")
    return project


def failed_build(project: Path) -> str:
    """What a build that must fail prints as its error; nothing published may have changed."""
    done = gongbao(project / "data", "build", check=False, project=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [(file.name, file.read_bytes()) for file in (project / "data" / "published").iterdir()] == [("gongbao.duckdb", b"published before")]
    return done.stderr


def test_a_lake_without_batches_is_refused_and_what_was_published_stays(project: Path) -> None:
    lake = project / "data" / "lake"
    (batch,) = (path for path in (lake / "population").iterdir() if path.name != "_empty")
    (lake / ".staging").mkdir(exist_ok=True)
    shutil.move(batch, lake / ".staging" / batch.name)  # as an interrupted ingest leaves it
    said = failed_build(project)
    assert "没有任何批次" in said and "no batches" in said and "GONGBAO_HOME" in said
    assert str(lake) in said
    assert "Nothing was published" in said


def test_a_home_that_is_not_there_is_not_made_by_a_build(project: Path) -> None:
    home = project / "mistyped"
    done = gongbao(home, "build", check=False, project=project)
    assert done.returncode == 1 and str(home / "lake") in done.stderr
    assert not home.exists()


def test_yaml_that_dbt_cannot_read_is_named_and_the_log_has_the_place(project: Path) -> None:
    (project / "models" / "spoilt.yml").write_text("bad: [\n", encoding="utf-8")
    said = failed_build(project)
    assert "dbt 不能开始" in said and "dbt could not start" in said and "spoilt.yml" in said
    log = project / "data" / "warehouse" / "logs" / "dbt.log"
    assert str(log) in said
    assert "spoilt.yml" in log.read_text(encoding="utf-8") and "line 2, column 1" in log.read_text(encoding="utf-8")


def test_a_model_and_an_integrity_test_that_fail_are_named_and_nothing_is_published(project: Path) -> None:
    (project / "models" / "spoilt.sql").write_text("select amount from nowhere\n", encoding="utf-8")
    (project / "tests" / "data").mkdir(parents=True)
    (project / "tests" / "data" / "never_holds.sql").write_text("select 1 as wrong union all select 2\n", encoding="utf-8")
    said = failed_build(project)
    assert "模型 spoilt 运行失败" in said and "Model spoilt failed" in said and "nowhere" in said
    assert "完整性检验未通过：never_holds（2 行）" in said and "Integrity test failed: never_holds (2 rows)" in said
    assert "models/spoilt.sql" in said and "tests/data/never_holds.sql" in said
    assert "没有发布" in said and "Nothing was published" in said


def test_a_damaged_lake_is_named_with_batch_file_and_the_command_that_reads_the_delivery_again(project: Path) -> None:
    (batch,) = (path for path in (project / "data" / "lake" / "population").iterdir() if path.name != "_empty")
    with duckdb.connect() as connection:  # as another tool would rewrite it, with one number changed
        new = str(project / "new.parquet")
        rows = str(batch / "rows.parquet")
        connection.execute(f"copy (select * replace (resident_population + 1 as resident_population) from read_parquet('{rows}')) to '{new}' (format parquet)")
    shutil.move(new, rows)
    said = failed_build(project)
    assert batch.name in said and "rows.parquet 与写入时不同" in said and "rows.parquet is not as it was written" in said
    original = project / "data" / "inbox" / "population" / batch.name / "population.csv"
    assert f"gongbao ingest {original} --record population" in said and "Model" not in said
    gongbao(project / "data", "ingest", original, "--record", "population")
    gongbao(project / "data", "check", "--lake")


def test_a_disk_that_fills_while_dbt_runs_is_named_without_a_traceback_and_the_next_run_is_right(project: Path) -> None:
    disk = project / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk to fill up")
    try:
        shutil.copytree(project / "data", disk, dirs_exist_ok=True)
        shutil.rmtree(project / "data")
        (project / "data").symlink_to(disk, target_is_directory=True)
        (project / "models" / "large.sql").write_text(
            "{{ config(materialized='table') }} select range as n, random() as x from range(40000000)\n", encoding="utf-8"
        )
        said = failed_build(project)
        assert "磁盘已满" in said and "the disk is full" in said and "are needed" in said and "Nothing was published" in said
        assert "Traceback" not in said and "Logging error" not in said and "YAML" not in said
        (project / "models" / "large.sql").write_text("select 1 as n\n", encoding="utf-8")
        # a record alone has nothing to publish: the models are built, and the tables of the others are missed
        assert "The warehouse lacks tables to publish" in gongbao(project / "data", "build", check=False, project=project).stderr
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
