"""The manifest of a batch: what it is, and the digest of each of its files, by which damage and change are found.

`manifest.json` is written last and read first. Its own digest stands in it; what a lost manifest would take with it
(settings, order of arrival) stands in batch.parquet as well, and the delivered file lies in the inbox.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shlex
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import duckdb

from gongbao.contracts import record_names
from gongbao.ingest.reading import pattern
from gongbao.messages import GongbaoError, Problem, printable
from gongbao.paths import Home

MANIFEST = "manifest.json"
FILES = ("rows.parquet", "unreadable.parquet", "batch.parquet", "control.parquet", "years.parquet")
EMPTY = "_empty"  # the batch without rows that every record has
READERS = 2  # threads that read files for their digests; the reading, not the hashing, is what a disk makes wait for


@dataclass(frozen=True)
class Batch:
    """What a batch is: the delivered file, how it was read, and when. All of it is for the office and never published.

    `settings` is JSON: `record`, `set` (column → value given for the whole file) and `contract` (digest of the record's contract).
    `sequence` is the order of arrival in the lake; of files of one command it follows the order in which they were given.
    """

    batch_id: str
    record: str
    sequence: int
    received_at: str
    file_name: str
    sha256: str
    settings: str
    corrects: str | None = None
    reason: str | None = None


def batch_id_of(record: str, sha256: str, settings: str, corrects: str | None) -> str:
    """`<record>-<12 hex>`: says nothing of the file's name; other bytes, other settings or another corrected batch give another id."""
    digest = hashlib.sha256("\n".join((sha256, settings, corrects or "")).encode()).hexdigest()
    return f"{record}-{digest[:12]}"


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write(folder: Path, batch: Batch) -> None:
    """Write the manifest of the files that lie in `folder`."""
    content = {"batch": asdict(batch), "files": {name: sha256_of_file(folder / name) for name in FILES}}
    (folder / MANIFEST).write_text(json.dumps(content | {"digest": _digest(content)}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def folders(home: Home) -> list[Path]:
    """The folders of all batches in the lake, by record and name; what lies beside them in the lake is one too (`faults` names it)."""
    return sorted(path for path in home.lake.glob("*/*") if path.name != EMPTY and not path.parent.name.startswith(".") and path.is_dir())


def read(folder: Path) -> tuple[Batch, dict[str, str]] | None:
    """The batch and its digests by file, or None where the manifest is missing or damaged."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        digest = content.pop("digest")
        if digest != _digest(content) or (content["batch"]["record"], content["batch"]["batch_id"]) != (folder.parent.name, folder.name):
            return None
        return Batch(**content["batch"]), content["files"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def known(home: Home) -> list[Batch]:
    """Every batch of the lake, of whatever record; one with a lost manifest as batch.parquet tells it, as far as that can be read."""
    return [found for folder in folders(home) if (found := batch_of(folder)) is not None]


def batch_of(folder: Path) -> Batch | None:
    """What a batch is, from its manifest, else from batch.parquet; None where neither can be read."""
    if (found := read(folder)) is not None:
        return found[0]
    names = [field.name for field in fields(Batch)]
    with contextlib.suppress(duckdb.Error):
        chosen = ", ".join(f"cast({name} as varchar)" if name == "received_at" else name for name in names)
        rows = duckdb.connect().sql(f"select {chosen} from read_parquet($path)", params={"path": pattern(folder / "batch.parquet")}).fetchall()
        return Batch(**dict(zip(names, rows[0], strict=True))) if rows else None
    return None


# ---------------------------------------------------------------- damage


@dataclass(frozen=True)
class Fault:
    """One file of a batch that is not as it was written. `kind`: damaged | missing | added | foreign (no batch of this lake) |
    older (a batch as versions before the manifest wrote it) | gone (the inbox keeps its original, the lake has it no more)."""

    folder: Path
    file: str
    kind: str


def faults(home: Home, only: Iterable[Path] | None = None) -> list[Fault]:
    """Every file of the batches (of those in `only`) that is damaged, changed, missing or added, and every batch that is gone."""
    chosen = folders(home) if only is None else list(only)
    found, tasks = [], []
    for folder in chosen:
        manifest = read(folder)
        there = {path.name for path in folder.iterdir()}
        if manifest is None:
            found.append(Fault(folder, MANIFEST, _without_manifest(folder, there)))
            continue
        found += [Fault(folder, name, "missing") for name in manifest[1] if name not in there]
        found += [Fault(folder, name, "added") for name in sorted(there - set(manifest[1]) - {MANIFEST})]
        tasks += [(folder, name, digest) for name, digest in manifest[1].items() if name in there]
    if only is None:
        there = {folder.name for folder in chosen}
        kept = [folder for record in record_names() for folder in sorted((home.inbox / record).glob(f"{record}-{'[0-9a-f]' * 12}")) if folder.is_dir()]
        found += [Fault(home.lake / folder.parent.name / folder.name, "", "gone") for folder in kept if folder.name not in there]
    with ThreadPoolExecutor(READERS) as readers:
        digests = readers.map(lambda task: _sha256_or_none(task[0] / task[1]), tasks)
        found += [Fault(folder, name, "damaged") for (folder, name, digest), now in zip(tasks, digests, strict=True) if now != digest]
    return found


def _without_manifest(folder: Path, there: set[str]) -> str:
    if folder.parent.name not in record_names() or not there & {MANIFEST, *FILES}:
        return "foreign"
    if MANIFEST in there:
        return "damaged"
    return "older" if _older_settings(folder) is not None else "missing"


def _older_settings(folder: Path) -> dict[str, str] | None:
    """The file's name and the values given with it, of a batch without sequence; None where batch.parquet is not of that kind."""
    with contextlib.suppress(duckdb.Error):
        columns = {
            name for name, *_ in duckdb.connect().sql("describe from read_parquet($path)", params={"path": pattern(folder / "batch.parquet")}).fetchall()
        }
        if "sequence" not in columns:
            return dict(
                duckdb.connect().sql("select file_name, constants from read_parquet($path)", params={"path": pattern(folder / "batch.parquet")}).fetchall()
            )
    return None


def _sha256_or_none(path: Path) -> str | None:
    try:
        return sha256_of_file(path)
    except OSError:
        return None  # a disk that cannot read a file any more has lost it


def original_of(home: Home, batch: Batch) -> Path | None:
    """Where the delivered file of a batch lies in the inbox."""
    usual = home.inbox / batch.record / batch.batch_id / batch.file_name
    candidates = [usual] if usual.is_file() else [path for path in home.inbox.rglob("*") if printable(path.name) == batch.file_name and path.is_file()]
    return next((path for path in candidates if path == usual or _sha256_or_none(path) == batch.sha256), None)


def command_of(batch: Batch, path: Path | str, corrects: str | None = None) -> str:
    """The command that reads a file as a batch was read, or (with `corrects`) as a correction."""
    words = ["gongbao", "ingest", str(path), "--record", batch.record]
    for column, value in json.loads(batch.settings)["set"].items():
        words += ["--set", f"{column}={value}"]
    if corrects or batch.corrects:
        words += ["--corrects", corrects or batch.corrects or "", "--reason", batch.reason or "…"]
    return " ".join(shlex.quote(word) for word in words)


KINDS = {
    "damaged": ("与写入时不同（已损坏或被改动）", "is not as it was written (damaged or changed)"),
    "missing": ("不见了", "is missing"),
    "added": ("不是这一批次的文件", "does not belong to this batch"),
    "gone": ("不在数据湖中，而收件箱有它的原文件", "is not in the lake, though the inbox has its original"),
    "foreign": ("不是本数据湖的批次", "is no batch of this lake"),
}


def problems(home: Home, found: list[Fault]) -> list[Problem]:
    """One message a fault: batch, file, and the command that reads the delivery again; one for all batches of an older layout."""
    older = [fault.folder for fault in found if fault.kind == "older"]
    return ([_older(home, older)] if older else []) + [_problem(home, fault) for fault in found if fault.kind != "older"]


def _older(home: Home, older: list[Path]) -> Problem:
    names = ", ".join(folder.name for folder in older[:5]) + (", …" if len(older) > 5 else "")
    aside, inbox = shlex.quote(f"{home.lake}-older"), shlex.quote(str(home.inbox))
    again = f"mv {shlex.quote(str(home.lake))} {aside} && gongbao ingest {inbox}"
    given = [name for folder in older for name, constants in (_older_settings(folder) or {}).items() if constants != "{}"]
    listed = ", ".join(given)
    return Problem(
        f"数据湖由旧版本写入，{len(older)} 个批次没有清单：{names}",
        f"the lake was written by an older version, {len(older)} of its batches have no manifest: {names}",
        f"移开后重新读入收件箱：{again}" + (f"；当时给过 --set 的文件要先单独读入：{listed}" if given else ""),
        f"move it away and read the inbox again: {again}" + (f"; first, by themselves, the files that were read with --set: {listed}" if given else ""),
        file=str(home.lake),
    )


def _problem(home: Home, fault: Fault) -> Problem:
    zh, en = KINDS[fault.kind]
    place = fault.folder / fault.file
    if fault.kind == "foreign":
        return Problem(f"{fault.folder} {zh}", f"{fault.folder} {en}", "把它移出数据湖", "move it out of the lake", file=str(fault.folder))
    name = fault.folder.name
    if fault.kind == "added":
        return Problem(f"批次 {name}：{fault.file} {zh}", f"batch {name}: {fault.file} {en}", "把它移出数据湖", "move it out of the lake", file=str(place))
    batch = batch_of(fault.folder)
    subject_zh, subject_en = (
        (f"批次 {name} {zh}", f"batch {name} {en}") if fault.kind == "gone" else (f"批次 {name}：{fault.file} {zh}", f"batch {name}: {fault.file} {en}")
    )
    if batch is None:
        original = next((path for path in (home.inbox / fault.folder.parent.name / name).glob("*") if not path.name.endswith(".control.json")), None)
        again = f"gongbao ingest {shlex.quote(str(original or 'FILE'))} --record {fault.folder.parent.name}"
        aside = home.inbox / fault.folder.parent.name / name
        return Problem(
            subject_zh,
            subject_en,
            f"用当时的 --set 重新读入：{again}" + (f"；若有意去掉这一批，也移走 {aside}" if fault.kind == "gone" else ""),
            f"read the delivery again, with the --set of that time: {again}"
            + (f"; if the batch was taken out on purpose, move {aside} away, too" if fault.kind == "gone" else ""),
            file=str(place),
        )
    original = original_of(home, batch)
    again = command_of(batch, original or batch.file_name)
    missing_zh = "" if original else "（原文件不在收件箱，请向报送方再要一份）"
    missing_en = "" if original else " (the original is not in the inbox: ask the supplier for it)"
    return Problem(
        subject_zh,
        subject_en,
        f"重新读入原文件{missing_zh}：{again}",
        f"read the delivery again{missing_en}: {again}",
        file=str(place),
    )


def refuse_older(home: Home) -> None:
    """Raises GongbaoError when a version before the manifest has written batches of this lake."""
    older = [
        folder
        for folder in folders(home)
        if not (folder / MANIFEST).exists() and _without_manifest(folder, {path.name for path in folder.iterdir()}) == "older"
    ]
    if older:
        raise GongbaoError(_older(home, older))


def verify(home: Home) -> int:
    """Compare every batch of the lake with its manifest; returns the number of batches. Raises GongbaoError naming every fault."""
    found = faults(home)
    if found:
        raise GongbaoError(*problems(home, found))
    return len(folders(home))
