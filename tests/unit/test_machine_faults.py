"""Faults of the machine: a disk that fills up at any moment, and signals that end a command."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from published_fixture import build_warehouse, write_manifest

from gongbao import build as building
from gongbao import disk, publish
from gongbao.cli import main
from gongbao.ingest import batch as lake
from gongbao.ingest import manifest, typing
from gongbao.messages import GongbaoError
from gongbao.paths import Home

PROJECT = Path(__file__).resolve().parents[2]
LEDGER = "pool_region,ym,basis,scheme,part,item_code,amount\n370200,202401,M,310,pool,I01,{}\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a disk to fill up")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def home(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data home on the small disk."""
    monkeypatch.setenv("GONGBAO_HOME", str(small_disk / "data"))
    monkeypatch.setenv("GONGBAO_KEY", "a test key")
    return Home.from_environment()


def fill(folder: Path) -> None:
    """Take all that is free on the disk of a folder."""
    with contextlib.suppress(OSError), (folder / "filler").open("wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    assert disk.free(folder) < 1 << 16


def full_before(step: Callable, folder: Path) -> Callable:
    """The step, before which the disk fills up."""

    def filled(*arguments: object, **named: object) -> object:
        fill(folder)
        return step(*arguments, **named)

    return filled


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def delivered(folder: Path, amount: str = "100") -> Path:
    path = folder / "fund_ledger" / f"{amount}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(LEDGER.format(amount), encoding="utf-8")
    return path


# ---------------------------------------------------------------- full disks


@pytest.mark.parametrize(
    ("module", "step"),
    [(typing.Typist, "typed"), (lake, "write_parquet"), (manifest, "write"), (lake, "keep_original")],
    ids=["before the rows", "before the batch", "before the manifest", "before the original is kept"],
)
def test_a_disk_that_fills_during_ingest_is_named_and_the_next_run_is_right(
    module: object, step: str, home: Home, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("ingest", delivered(tmp_path)).exit_code == 0
    path = delivered(tmp_path, "200" if step != "typed" else "9" * 10)
    with monkeypatch.context() as patched:
        patched.setattr(module, step, full_before(getattr(module, step), small_disk))
        result = run("ingest", path)
    assert result.exit_code == 2, result.output
    assert "磁盘已满" in result.output and "the disk is full" in result.output and str(small_disk) in result.output
    assert "Traceback" not in result.output and len(manifest.folders(home)) == 1
    (small_disk / "filler").unlink()
    assert run("ingest", path).exit_code == 0
    assert manifest.verify(home) == 2
    total = duckdb.connect().sql(f"select sum(amount) from read_parquet('{home.lake}/fund_ledger/*/rows.parquet')").fetchall()[0][0]
    assert total == 100 + int(path.stem)


def test_a_disk_that_is_full_before_ingest_begins_is_named(home: Home, small_disk: Path, tmp_path: Path) -> None:
    fill(small_disk)
    result = run("ingest", delivered(tmp_path))
    assert result.exit_code and "磁盘已满" in result.output and "Traceback" not in result.output


def test_a_build_looks_for_room_before_it_makes_anything(home: Home, tmp_path: Path) -> None:
    assert run("ingest", delivered(tmp_path)).exit_code == 0
    result = run("build")  # the disk has 48 MiB, a build takes 64 at least
    assert result.exit_code == 1, result.output
    assert "磁盘已满" in result.output and "约需 64 MiB" in result.output and "about 64 MiB are needed" in result.output and "没有发布" in result.output
    assert not home.warehouse.exists()


@pytest.mark.parametrize("step", ["_copy", "_chinese_views", "_fsync"])
def test_a_disk_that_fills_during_publication_leaves_the_published_file(step: str, home: Home, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_warehouse(home)
    write_manifest(home.root)
    publish.publish(home, home.root / "manifest.json")
    before = {file: file.read_bytes() for file in home.published.parent.rglob("*") if file.is_file() and not file.is_symlink()}
    with monkeypatch.context() as patched:
        if step == "_fsync":  # all is written, and the system says only now that it had no room

            def no_room(path: Path) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

            patched.setattr(publish, step, no_room)
        else:
            patched.setattr(publish, step, full_before(getattr(publish, step), small_disk))
        with pytest.raises(GongbaoError) as caught:
            publish.publish(home, home.root / "manifest.json")
    assert "磁盘已满" in caught.value.problems[0].zh and "needed" in caught.value.problems[0].en and caught.value.exit_code == 1
    (small_disk / "filler").unlink(missing_ok=True)
    assert {file: file.read_bytes() for file in home.published.parent.rglob("*") if file.is_file() and not file.is_symlink()} == before
    publish.publish(home, home.root / "manifest.json")


def test_a_warehouse_that_a_full_disk_has_torn_is_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.warehouse.parent.mkdir()
    home.warehouse.write_bytes(bytes(5000))
    building._remove_a_torn_warehouse(home)
    assert not home.warehouse.exists()
    build_warehouse(home)
    building._remove_a_torn_warehouse(home)
    assert home.warehouse.exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"), OSError(errno.EDQUOT, "x"), OSError(errno.EFBIG, "x"), duckdb.IOException("Could not write file: No space left on device"),
        "failed to offload data block of size 256.0 KiB (1.0 GiB/1.0 GiB used). This limit was set by the 'max_temp_directory_size' setting",
    ],
    ids=str,
)  # fmt: skip
def test_a_full_disk_is_known_by_number_or_words(error: Exception | str) -> None:
    assert disk.is_full(error)
    if isinstance(error, Exception):
        wrapped = ValueError("x")
        wrapped.__cause__ = error
        assert disk.is_full(wrapped)
    assert not disk.is_full(OSError(errno.EACCES, "x")) and not disk.is_full("Conversion Error: a space is left") and not disk.is_full(None)


# ---------------------------------------------------------------- signals


def ended(program: str, number: int, home: Home) -> subprocess.CompletedProcess[str]:
    """A command of the command line that stops at `ready()`, and the signal it gets there."""
    start = "import os, sys, time\ndef ready(*arguments, **named):\n    print('ready', flush=True)\n    time.sleep(600)\n"
    process = subprocess.Popen(
        [sys.executable, "-c", start + program], cwd=PROJECT, env=os.environ | {"GONGBAO_HOME": str(home.root), "GONGBAO_KEY": "k", "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(program, process.returncode, out, err)


INGEST = "from gongbao.ingest import batch\nbatch.commit = ready\nfrom gongbao.cli import main\nmain(['ingest', {path!r}])"
CHECK = "from gongbao.ingest import door\ndoor.Door._examine = ready\nfrom gongbao.cli import main\nmain(['check', {path!r}])"
BUILD = "from gongbao import build\nbuild._run_dbt = ready\nfrom gongbao.cli import main\nmain(['build'])"
SAMPLE = (
    "from gongbao.sample import files\nfiles.number_rows = ready\nfrom gongbao.cli import main\nmain(['sample', '--out', {sample!r}, '--scale', '1000000'])"
)


@pytest.mark.parametrize(
    ("program", "number", "words"),
    [
        (INGEST, signal.SIGTERM, "其余的没有读入"), (INGEST, signal.SIGINT, "其余的没有读入"), (CHECK, signal.SIGINT, "什么也没有改动"),
        (BUILD, signal.SIGTERM, "已发布的文件保持不变"), (BUILD, signal.SIGINT, "已发布的文件保持不变"), (SAMPLE, signal.SIGTERM, "样例不完整"),
    ],
    ids=["ingest term", "ingest int", "check int", "build term", "build int", "sample term"],
)  # fmt: skip
def test_a_signal_ends_a_command_with_two_lines_on_what_was_left(
    program: str, number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "data")
    monkeypatch.setenv("GONGBAO_HOME", str(home.root))
    monkeypatch.setenv("GONGBAO_KEY", "k")
    assert run("ingest", delivered(tmp_path)).exit_code == 0
    path = delivered(tmp_path, "200")
    done = ended(program.format(path=str(path), sample=str(tmp_path / "sample")), number, home)
    assert done.returncode == 128 + number, done.stderr
    said = done.stderr.strip().splitlines()[-2:]
    assert said[0].startswith("已中断：") and words in said[0] and said[1].startswith("Interrupted: ")
    assert "Traceback" not in done.stderr and "warn" not in done.stderr.lower() and "Aborted" not in done.stderr
    assert len(manifest.folders(home)) == 1 and not (home.lake / ".staging").exists()
    assert run("ingest", path).exit_code == 0 and manifest.verify(home) == 2


def test_a_signal_during_the_swap_waits_until_the_swap_is_whole(tmp_path: Path) -> None:
    program = (
        "import signal\nfrom gongbao import signals\n"
        "with signals.said('甲', 'a'):\n    with signals.held():\n        signal.raise_signal(signal.SIGTERM)\n        print('whole', flush=True)\n    print('never', flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (143, "whole\n")
