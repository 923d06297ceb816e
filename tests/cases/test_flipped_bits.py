"""Damage in the lake: single bits, and files that another tool has written again."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import pytest
from country import Country
from delivering import DELIVERIES, Delivered

from gongbao.contracts import record_names
from gongbao.ingest import manifest
from gongbao.ingest.batch import ensure_lake
from gongbao.paths import Home

BITS = 500
EMPTY = "_empty"


def test_each_of_five_hundred_flipped_bits_is_named_with_its_file(country: Country, tmp_path: Path) -> None:
    """Bits are drawn evenly from all files of the batches of the sample; a folder with a changed bit is compared in a copy."""
    chance = random.Random(7)
    files = sorted(path for path in (country.home / "lake").glob("*/*/*") if path.is_file() and path.parent.name != EMPTY)
    sizes = [path.stat().st_size for path in files]
    assert {path.parent.parent.name for path in files} == set(record_names()) and {path.name for path in files} == {*manifest.FILES, manifest.MANIFEST}
    home = Home(tmp_path)
    for path in chance.choices(files, sizes, k=BITS) + [path for path in files if chance.random() < 0.1]:
        folder = home.lake / path.parent.relative_to(country.home / "lake")
        if not folder.exists():
            shutil.copytree(path.parent, folder)
            assert not manifest.faults(home, [folder])
        flipped = folder / path.name
        whole = flipped.read_bytes()
        at, bit = chance.randrange(len(whole)), chance.randrange(8)
        flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        found = manifest.faults(home, [folder])
        if path.name == manifest.MANIFEST and not found:
            assert manifest.read(folder) == manifest.read(path.parent)  # a blank between two values
        else:
            assert [(fault.folder, fault.file) for fault in found] == [(folder, path.name)], f"{path.name}: bit {bit} of byte {at}"
            assert any(
                folder.name in problem.en and path.name in problem.en and "gongbao ingest" in problem.fix_en for problem in manifest.problems(home, found)
            )
        flipped.write_bytes(whole)


def test_a_flipped_bit_in_the_batch_without_rows_changes_no_value(country: Country, tmp_path: Path) -> None:
    home = Home(tmp_path)
    ensure_lake(home)
    chance = random.Random(8)
    for path in sorted(home.lake.glob(f"*/{EMPTY}/*")):
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        ensure_lake(home)
        if path.suffix == ".parquet":
            assert path.read_bytes() == whole, path.name


@pytest.fixture
def small_lake(tmp_path: Path) -> Delivered:
    """A lake of ten settlements of two provinces."""
    delivered = Delivered(DELIVERIES / "keys-two-provinces", tmp_path / "data")
    assert delivered.ingest().exit_code == 0
    return delivered


def test_a_file_written_again_with_one_amount_changed_is_refused_with_batch_file_and_command(small_lake: Delivered) -> None:
    batch = small_lake.batches()[0]
    rows = small_lake.home / "lake" / "settlement" / batch["batch_id"] / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table rows as from read_parquet('{rows}')")
        connection.execute("update rows set medfee_sumamt = medfee_sumamt + 0.01 where src_row_no = 2")
        connection.execute(f"copy rows to '{rows}' (format parquet)")
    for command in (("check", "--lake"), ("build",)):
        answer = small_lake.command(*command)
        assert answer.exit_code in (1, 2), answer.text
        answer.names(batch["batch_id"], "rows.parquet", "gongbao ingest")
        answer.lacks("model", "dbt")
    again = small_lake.ingest()
    assert again.exit_code == 0, again.text
    assert small_lake.command("check", "--lake").exit_code == 0
    small_lake.typed("settlement", 20, medfee_sumamt="4000.00")
