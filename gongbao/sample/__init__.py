"""The synthetic country: raw records of 2020-2025 whose weighted totals are the published national figures.

It writes records, never results, and shares the contract of the records with the models, no code. `targets.csv` holds the
national totals, one a row: full-precision values inside the rounding interval of every printed figure, such that all identities
hold, solved once by a linear program; `dims` names the part of the whole as the statistics do, `source` the printed figure or
says inferred. `provinces.csv` holds the census population (and factors that are our own), `programmes.csv` the regions of national
programmes, `sql/` the generator: `country.sql`, then a script a record. A record's script makes two tables:

* `<record>`: the rows, the contract's columns as text, with `rk` (key of the row), `pp` (province of the file) and `phase` (rows of
  a lower phase come first in the file);
* `fault_<record>`: what is planted, as rk, fault, rule_code, level, expected.

Randomness is hashing, so the bytes depend on the arguments and the version of DuckDB only.
"""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
import duckdb
from rich.console import Console

from gongbao.contracts import Record, load_contracts
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import project_dir
from gongbao.sample import files

HERE = Path(__file__).parent
MEMORY = "4GB"  # a finer scale than this holds goes to disk
MARK = "合成样例数据 synthetic sample"  # on the face of what is written
FILE_MARK = "synthetic-sample"  # in the name of every file: what is made from it says so on its face (var sample_mark)


def write_sample(out: Path, first_year: int, last_year: int, scale: int, seed: int) -> None:
    """Write the synthetic country below `out`: a folder per record, `truth/`, `README.md`.

    `scale`: persons one enrolled row stands for, about (1 to 1,000,000). `first_year` to `last_year`: 2020 to 2025.
    Raises GongbaoError when the arguments make no country or `out` holds something else.
    """
    _check(out, first_year, last_year, scale)
    started = time.monotonic()
    records = load_contracts()
    _clear(out, records)
    work = out / ".work"
    work.mkdir(parents=True)
    connection = duckdb.connect()
    try:
        connection.execute(f"set temp_directory = '{work}'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        _settings(connection, first_year, last_year, scale, seed)
        forms = _forms(connection, records)
        with Console(stderr=True).status("") as status:  # on a terminal; a log has the last lines only
            for script, words in (("country", "人员与地区 persons and places"), *((name, f"{record.label_zh} {name}") for name, record in records.items())):
                status.update(words)
                connection.execute((HERE / "sql" / f"{script}.sql").read_text(encoding="utf-8"))
            status.update("写出文件 writing files")
            _keep_only_what_is_written(connection, records)
            rows = _write(connection, records, forms, out, first_year, last_year, seed)
    finally:
        connection.close()
        shutil.rmtree(work, ignore_errors=True)
    (out / "README.md").write_text(_readme(first_year, last_year, scale, seed), encoding="utf-8")
    count = sum(1 for record in records for _ in (out / record).iterdir())
    click.echo("  ".join(f"{records[name].label_zh} {name} {number:,}" for name, number in rows.items()))
    click.echo(f"已写入 wrote {count} 个文件 files: {out}（{MARK}） {time.monotonic() - started:.1f} s")


def _check(out: Path, first_year: int, last_year: int, scale: int) -> None:
    problems = []
    if not 2020 <= first_year <= last_year <= 2025:
        problems.append(
            Problem(
                "年份须在 2020 至 2025 之间，且先后有序", "years must lie in 2020 to 2025, in order", "如 --years 2020-2025", "for example --years 2020-2025"
            )
        )
    if not 1 <= scale <= 1_000_000:
        problems.append(Problem("比例须为 1 至 1000000", "the scale must be 1 to 1000000", "如 --scale 20000", "for example --scale 20000"))
    readme = out / "README.md"
    ours = readme.is_file() and FILE_MARK in readme.read_text(encoding="utf-8", errors="replace")
    if out.exists() and (not out.is_dir() or any(out.iterdir()) and not ours):
        problems.append(
            Problem(
                "目标已有别的内容，不覆盖", "the target holds something else and is not overwritten", "换一个空文件夹", "choose an empty folder", file=str(out)
            )
        )
    if problems:
        raise GongbaoError(*problems)


def _clear(out: Path, records: Iterable[str]) -> None:
    """Remove an earlier sample, and nothing else."""
    for name in (*records, "truth", ".work"):
        shutil.rmtree(out / name, ignore_errors=True)


def _settings(connection: duckdb.DuckDBPyConnection, first_year: int, last_year: int, scale: int, seed: int) -> None:
    connection.execute("set variable first_year = $1", [first_year])
    connection.execute("set variable last_year = $1", [last_year])
    connection.execute("set variable scale = $1", [scale])
    connection.execute("set variable seed = $1::bigint", [seed])
    connection.execute(f"set variable stamp = timestamp '{last_year + 1}-01-05 08:00:00'")
    regions = project_dir() / "seeds" / "codes" / "regions.csv"
    for name, path in (("regions_csv", regions), *((f"{name}_csv", HERE / f"{name}.csv") for name in ("provinces", "programmes", "targets"))):
        if not path.is_file():
            raise GongbaoError(Problem("缺少文件", "a file is missing", "在项目目录中运行", "run in the project's folder", file=str(path)))
        connection.execute(f"set variable {name} = $1", [str(path)])


def _forms(connection: duckdb.DuckDBPyConnection, records: Iterable[str]) -> dict[tuple[str, int], files.Layout]:
    """The layout of every province's file of every record, which is table `layout` for the scripts."""
    codes = connection.execute("select region_code from read_csv(getvariable('provinces_csv'), all_varchar = true) order by 1").fetchall()
    forms = {
        (record, int(code[:2])): files.layout(record_order, province_order)
        for record_order, record in enumerate(records)
        for province_order, (code,) in enumerate(codes)
    }
    connection.execute("create table layout (record varchar, pp bigint, is_text boolean, suffix varchar)")
    connection.executemany("insert into layout values ($1, $2, $3, $4)", [(*key, form.is_text, form.suffix) for key, form in forms.items()])
    return forms


def _keep_only_what_is_written(connection: duckdb.DuckDBPyConnection, records: Iterable[str]) -> None:
    """Drop what the scripts made on the way, before the rows are put in order."""
    kept = {"layout", "particular", "left_out", *records, *(f"fault_{record}" for record in records)}
    for (name,) in connection.execute("select table_name from duckdb_tables() where not starts_with(table_name, 'truth_')").fetchall():
        if name not in kept:
            connection.execute(f"drop table {name}")


def _write(
    connection: duckdb.DuckDBPyConnection,
    records: dict[str, Record],
    forms: dict[tuple[str, int], files.Layout],
    out: Path,
    first_year: int,
    last_year: int,
    seed: int,
) -> dict[str, int]:
    """Write every file, then the truth about them; returns the rows of each record."""
    connection.execute("create table written (record varchar, pp bigint, file varchar, layout varchar, encoding varchar, note varchar)")
    names = dict(
        connection.execute(
            "select left(region_code, 2)::bigint, name_zh from read_csv(getvariable('regions_csv'), all_varchar = true) where region_level = 'province'"
        ).fetchall()
    )
    particular = set(connection.execute("select record, pp, what from particular").fetchall())
    left_out: dict[tuple[str, str], set[str]] = {}
    for record, kind, column in connection.execute("select record, kind, name from left_out").fetchall():
        left_out.setdefault((record, kind), set()).add(column)
    words = _words()
    for name, record in records.items():
        (out / name).mkdir()
        files.number_rows(connection, name, seed)
        # a province that has nothing to say delivers no file
        for (pp,) in connection.execute(f"select distinct pp from file_{name} order by pp").fetchall():
            form = files.WORKBOOK if (name, pp, "workbook") in particular else forms[name, pp]
            what = f"{names[pp]}_{record.label_zh}" if form.kind == "chinese" else f"{name}_{first_year}_{last_year}"
            path = out / name / f"{pp}0000_{what}_{FILE_MARK}.{form.suffix}"
            total_row = (name, pp, "total_row") in particular and form.is_text
            columns = files.cells(record, form, left_out.get((name, form.kind), set()), words)
            files.write_file(connection, record, pp, form, columns, path, total_row)
            if total_row:
                connection.execute(
                    f"insert into fault_{name} select 'total row', 'total_row', '', '', 'skipped' where not exists (select 1 from fault_{name} where rk = 'total row')"
                )
                connection.execute(f"insert into file_{name} (rk, pp, row_no) select 'total row', {pp}, max(row_no) + 1 from file_{name} where pp = {pp}")
            note = "total row" if total_row else ""
            for wrong in (False, True):
                if (name, pp, "control_wrong" if wrong else "control") in particular:
                    note = _control(connection, record, pp, path, wrong)
            connection.execute("insert into written values ($1, $2, $3, $4, $5, $6)", [name, pp, f"{name}/{path.name}", form.kind, form.encoding, note])
            if (name, pp, "twice") in particular:
                again = path.with_name(f"{pp}0000_{name}_again_{FILE_MARK}.{form.suffix}")
                shutil.copyfile(path, again)
                connection.execute(
                    "insert into written values ($1, -1, $2, $3, $4, 'the same bytes as ' || $5)",
                    [name, f"{name}/{again.name}", form.kind, form.encoding, path.name],
                )
    _truth(connection, records, out / "truth")
    return {name: connection.execute(f"select count(*) from file_{name}").fetchall()[0][0] for name in records}


def _words() -> dict[str, dict[str, str]]:
    """Code list → code → the word an office writes for it; a word of two codes is not written."""
    with (project_dir() / "seeds" / "codes" / "code_lists.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["list"], row["code"], row["name_zh"]) for row in csv.DictReader(file)]
    counts = Counter((code_list, word) for code_list, _, word in rows)
    words: dict[str, dict[str, str]] = {}
    for code_list, code, word in rows:
        if counts[code_list, word] == 1:
            words.setdefault(code_list, {})[code] = word
    return words


def _control(connection: duckdb.DuckDBPyConnection, record: Record, pp: int, path: Path, wrong: bool) -> str:
    """Control totals beside a file: rows, and sums of the amounts it must have, as delivered; `wrong`: one row too many, on purpose."""
    names = [column.name for column in record.columns if column.required and column.unit == "yuan"]
    select = ", ".join(["count(*)", *(f"sum({name}::decimal(18, 2))::varchar" for name in names)])
    rows, *sums = connection.execute(f"select {select} from file_{record.name} where pp = {pp} and rk <> 'total row'").fetchall()[0]
    content = {"rows": rows + (1 if wrong else 0), "sums": dict(zip(names, sums, strict=True))}
    path.with_name(path.name + ".control.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return "control totals, one of them wrong (rows)" if wrong else "control totals"


def _truth(connection: duckdb.DuckDBPyConnection, records: Iterable[str], folder: Path) -> None:
    """`faults.csv` (one line per planted fault and row), `files.csv`, and what the scripts say besides (tables `truth_…`, by their first column)."""
    folder.mkdir()
    parts = " union all ".join(
        f"select f.fault, '{record}' as record, w.file, r.row_no, f.rule_code, f.level, f.expected from fault_{record} as f join file_{record} as r using (rk) "
        f"join written as w on w.record = '{record}' and w.pp = r.pp"
        for record in records
    )
    connection.execute(f"copy (select * from ({parts}) order by record, file, row_no, fault, rule_code) to '{folder / 'faults.csv'}' (format csv, header true)")
    for (table,) in connection.execute("select table_name from duckdb_tables() where starts_with(table_name, 'truth_')").fetchall():
        connection.execute(f"copy (select * from {table} order by 1) to '{folder / table.removeprefix('truth_')}.csv' (format csv, header true)")
    counts = " union all ".join(
        f"select '{record}' as record, pp, count(*) as rows from file_{record} where rk <> 'total row' group by pp" for record in records
    )
    connection.execute(
        f"copy (select w.record, w.file, w.layout, w.encoding, c.rows, w.note from written as w left join ({counts}) as c on c.record = w.record and c.pp = w.pp order by 1, 2) "
        f"to '{folder / 'files.csv'}' (format csv, header true)"
    )


def _readme(first_year: int, last_year: int, scale: int, seed: int) -> str:
    return f"""# 合成样例数据 · synthetic sample

本文件夹是合成的原始记录，由 gongbao sample 生成（{first_year}—{last_year} 年，比例 1:{scale}，种子 {seed}）。人员、机构、结算均为虚构：
证件号码的出生年份为 18xx（少数为 1900—1905），现实中不可能存在。加权合计等于已公布的全国数；分地区、分月的数是编造的，不得引用。
每个文件名含 {FILE_MARK}。weight 列为扩展权数。
truth/ 下是埋入差错的清单（faults.csv）、各年末重复参保的加权人数（duplicates.csv）和文件清单（files.csv）。
faults.csv 的 expected：rejected 拒收，warning 警告，unreadable 无法读取，review 待核，not_counted 收下不计，netted 抵销或去重，
skipped 跳过（合计行），counted 照常计入（须不受影响）。row_no 为电子表格行号（表头为 1）。

This folder holds synthetic raw records written by gongbao sample ({first_year}-{last_year}, scale 1:{scale}, seed {seed}). Persons, institutions
and settlements are invented: certificates have birth years 18xx (a few 1900-1905), which nobody can have. Weighted totals equal the published
national figures; figures by region or month are made up and must not be quoted. Every file carries {FILE_MARK} in its name. Column weight is
the expansion weight. truth/ lists what was planted (faults.csv), the weighted persons enrolled more than once at each year-end (duplicates.csv)
and the files (files.csv). In faults.csv expected says: rejected, warning, unreadable, review, not_counted (accepted, never counted), netted
(cancelled or de-duplicated), skipped (total row), counted (counts as ever: nothing may move). row_no is the row number a spreadsheet shows (the
header is 1).
"""
