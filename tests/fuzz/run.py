"""Mutations of good files through the door, compared with the slow reader that is told of each.

    python tests/fuzz/run.py --count 20000 --seed 1

prints how many files were accepted, refused and accepted with rows kept apart, by container and by mutation, and every difference.
Exit code 1 when there is one. A file is a draft of a few rows with one to three mutations; the seed decides all of it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from containers import SUFFIX, to_bytes
from drafts import COLUMNS, CONTAINERS, EITHER, KEY, LOST, Draft, good_draft
from mutations import ALL
from slow import can_count, certain, compared, expected

from gongbao.ingest import batch, door, identity, rules
from gongbao.paths import Home

FILES_PER_HOME = 100


@dataclass
class Result:
    """What became of one draft (`outcome`: accepted, kept apart, refused, refused without need, crashed), and what is wrong with that."""

    number: int
    container: str
    record: str
    kinds: list[str]
    outcome: str = "crashed"
    repaired: bool = False
    rows: int = 0
    wrong: list[str] = field(default_factory=list)


class Gate:
    """A data home that is thrown away after some files, and the door to it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "data")
        batch.ensure_lake(self.home)
        self.work = folder / "work"
        self.work.mkdir()
        self.files = folder / "files"
        self.door = door.Door(self.home, self.work)
        identity.install(self.door.connection, KEY)

    def close(self) -> None:
        self.door.close()

    def passes(self, draft: Draft, number: int) -> Result:
        """Take a draft through `ingest` and compare."""
        result = Result(number, draft.container, draft.record, draft.kinds)
        path = self.files / draft.record / f"f{number}{SUFFIX[draft.container]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_bytes(draft))
        try:
            outcome = self.door.ingest(path, number)
        except Exception:  # GONGBAO_DEBUG lets through what a user would see as "could not be processed"
            result.wrong.append("an exception came through: " + traceback.format_exc(limit=-3))
            return result
        said = "\n".join(line for problem in (*outcome.problems, *outcome.notes) for line in problem.lines())
        result.repaired = bool(outcome.repairs)
        if outcome.status == "refused":
            result.outcome = "refused"
            self._compare_refusal(result, draft, said)
        else:
            result.outcome = "kept apart" if outcome.rows_unreadable or outcome.rows_skipped else "accepted"
            self._compare(result, draft, said, self.home.lake / draft.record / outcome.batch_id)
        if leaked := [secret for secret in draft.secrets if secret in said]:
            result.wrong.append(f"a message says {leaked}")
        return result

    def _compare_refusal(self, result: Result, draft: Draft, said: str) -> None:
        doubtful = sum(row.fate in (LOST, EITHER) or not can_count(draft.record, row.values) for row in draft.rows)
        if not (draft.may_refuse or draft.must_refuse or doubtful > 5 or not certain(draft)):
            result.outcome = "refused without need"
            if not draft.kinds:
                result.wrong.append("a good file is refused")
        if len(draft.kinds) == 1 and draft.may_refuse:
            self._named(result, draft, said)

    def _named(self, result: Result, draft: Draft, said: str) -> None:
        if missing := [word for word in draft.must_name if word not in said]:
            result.wrong.append(f"not named: {missing}")

    def _compare(self, result: Result, draft: Draft, said: str, folder: Path) -> None:
        if draft.must_refuse:
            result.wrong.append("accepted though it must be refused")
            return
        self._named(result, draft, said)
        rows = self._rows(folder / "rows.parquet")
        result.rows = len(rows)
        rejected = self._rejected(draft.record, folder / "rows.parquet")
        counting = [row for row in rows if row["src_row_no"] not in rejected]
        counted = Counter(tuple(row[name] for name in compared(draft)) for row in counting)
        sure, doubtful = expected(draft)
        for row, times in (sure - counted).items():
            result.wrong.append(f"{times} missing: {dict(zip(compared(draft), row, strict=True))}")
        for row, times in (counted - sure - doubtful).items():
            result.wrong.append(f"{times} too many: {dict(zip(compared(draft), row, strict=True))}")
        text = repr(rows)
        if leaked := [secret for secret in draft.secrets if secret in text]:
            result.wrong.append(f"the lake holds {leaked}")

    def _rows(self, path: Path) -> list[dict[str, object]]:
        found = self.door.connection.execute(f"select * exclude (src_batch_id) from read_parquet('{path}')")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _rejected(self, record: str, path: Path) -> set[int]:
        """Numbers of the rows that break an error rule, by the SQL with which the project rejects them."""
        errors = sum(rule["bit"] for rule in rules.rules_of(record) if "sql" in rule and rule["level"] == "error")
        checked = rules.checked_by_project(record)[1]
        rows = self.door.connection.execute(
            f"with typed_rows as (from read_parquet('{path}')) select row_no from ({checked}) where (broken_rules & {errors}) <> 0"
        )
        return {row[0] for row in rows.fetchall()}


def some_draft(chance: random.Random, number: int) -> Draft:
    """A draft with up to three mutations; now and then a good one."""
    record, container = chance.choice(list(COLUMNS)), CONTAINERS[number % len(CONTAINERS)]
    draft = good_draft(chance, record, container)
    if number % 50 == 0:
        return draft
    fitting = [name for name, (_, containers) in ALL.items() if container in containers]
    while not draft.kinds:  # not every mutation finds something to change
        wanted = set(chance.sample(fitting, chance.choice((1, 1, 1, 2, 2, 3))))
        for name in fitting:  # in the order of their definition: cells first, then headers, rows, sheets, bytes
            if name in wanted and ALL[name][0](draft):
                draft.kinds.append(name)
    return draft


@contextmanager
def gate() -> Iterator[Gate]:
    folder = Path(tempfile.mkdtemp(prefix="gongbao-fuzz-"))
    opened = Gate(folder)
    try:
        yield opened
    finally:
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)


def shard(seed: int, first: int, count: int, only: str | None = None) -> list[Result]:
    """The drafts `first` … of a seed through one door; with `only`, those with this mutation."""
    os.environ["GONGBAO_DEBUG"] = "1"
    with gate() as opened:
        drafts = ((number, some_draft(random.Random(f"{seed}-{number}"), number)) for number in range(first, first + count))
        return [opened.passes(draft, number) for number, draft in drafts if only is None or only in draft.kinds]


def report(results: list[Result], seconds: float) -> None:
    """Print what became of the files by container and record and by mutation."""
    tables: list[dict[str, Counter[str]]] = [{}, {}]
    for result in results:
        words = [result.outcome, *(["with repairs"] if result.repaired else []), *(["DIFFERENT"] if result.wrong else [])]
        for table, keys in zip(tables, ([f"{result.container} {result.record}"], result.kinds or ["(good)"]), strict=True):
            for key in keys:
                table.setdefault(key, Counter()).update(words)
    for table in tables:
        print()
        for key, counts in sorted(table.items()):
            print(f"{key:<32}" + "".join(f"  {name} {number}" for name, number in sorted(counts.items())))
    different = sum(bool(result.wrong) for result in results)
    total = sum(tables[0].values(), Counter())
    counts = ", ".join(f"{name} {number}" for name, number in sorted(total.items()))
    print(f"\n{len(results)} files, {sum(result.rows for result in results)} rows, {seconds:.0f} s: {counts}; differences {different}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", help="files with this mutation alone")
    options.add_argument("--workers", type=int, default=os.cpu_count())
    chosen = options.parse_args()
    began = time.monotonic()
    results: list[Result] = []
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as workers:
        firsts = range(0, chosen.count, FILES_PER_HOME)
        for done in [workers.submit(shard, chosen.seed, first, min(FILES_PER_HOME, chosen.count - first), chosen.only) for first in firsts]:
            results += done.result()
            for result in done.result():
                if result.wrong:
                    print(f"#{result.number} {result.container} {result.record} {result.kinds}: " + "; ".join(result.wrong)[:1500], flush=True)
            print(f"{len(results)} files, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    report(results, time.monotonic() - began)
    return any(result.wrong for result in results)


if __name__ == "__main__":
    sys.exit(main())
