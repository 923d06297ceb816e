"""The synthetic country: raw records of 2020-2025 whose weighted totals are the published national figures.

It writes records, never results, and shares no code with the models. `targets.csv` holds the national totals: full-precision
values inside the rounding interval of every printed figure, such that all identities hold, solved once by a linear program; its
column `source` names the printed figure or says inferred. `provinces.csv` holds the census population (and factors that are our
own), `sql/` the generator. Randomness is hashing, so the bytes depend on the arguments and the version of DuckDB only.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import click
import duckdb
from rich.console import Console

from gongbao.messages import GongbaoError, Problem
from gongbao.paths import project_dir
from gongbao.sample import files

HERE = Path(__file__).parent
MEMORY = "4GB"  # a finer scale than this holds goes to disk
STEPS = (
    ("01_country.sql", "人员与地区", "persons and places"),
    ("02_enrollment.sql", "参保关系", "enrolment"),
    ("03_settlement.sql", "结算", "settlements"),
    ("04_cross_province.sql", "跨省清算", "cross-province clearing"),
    ("05_fund_ledger.sql", "基金台账", "fund ledgers"),
    ("06_population.sql", "人口", "population"),
)
TOTAL_ROWS = {"enrollment": (35, 63), "settlement": (35, 51), "cross_province": (42,), "fund_ledger": (36, 43, 62), "population": (34, 46)}
CONTROLS = {"settlement": (31, 44), "enrollment": (11,), "fund_ledger": (32,), "cross_province": (33,)}  # provinces whose files bring control totals
WRONG_CONTROL = ("settlement", 44)
MARK = "synthetic-sample"  # in the name of every file: what is made from it says so on its face (var sample_mark)
TWICE = ("fund_ledger", 31)  # the file that is sent again under another name


def write_sample(out: Path, first_year: int, last_year: int, scale: int, seed: int) -> None:
    """Write the synthetic country below `out`: a folder per record, `truth/`, `README.md`.

    `scale`: persons one enrolled row stands for, about (1 to 1,000,000). `first_year` to `last_year`: 2020 to 2025.
    Raises GongbaoError when the arguments make no country or `out` holds something else.
    """
    _check(out, first_year, last_year, scale)
    started = time.monotonic()
    _clear(out)
    work = out / ".work"
    work.mkdir(parents=True)
    connection = duckdb.connect()
    try:
        connection.execute(f"set temp_directory = '{work}'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        _settings(connection, first_year, last_year, scale, seed)
        with Console(stderr=True).status("") as status:  # on a terminal; a log has the last lines only
            for script, zh, en in STEPS:
                status.update(f"{zh} {en}")
                connection.execute((HERE / "sql" / script).read_text(encoding="utf-8"))
            status.update("写出文件 writing files")
            rows = _write(connection, out, first_year, last_year, seed)
    finally:
        connection.close()
        shutil.rmtree(work, ignore_errors=True)
    (out / "README.md").write_text(_readme(first_year, last_year, scale, seed), encoding="utf-8")
    count = sum(1 for record in files.COLUMNS for _ in (out / record).iterdir())
    click.echo("  ".join(f"{files.RECORDS_ZH[record]} {record} {number:,}" for record, number in rows.items()))
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
    ours = readme.is_file() and MARK in readme.read_text(encoding="utf-8", errors="replace")
    if out.exists() and (not out.is_dir() or any(out.iterdir()) and not ours):
        problems.append(
            Problem(
                "目标已有别的内容，不覆盖", "the target holds something else and is not overwritten", "换一个空文件夹", "choose an empty folder", file=str(out)
            )
        )
    if problems:
        raise GongbaoError(*problems)


def _clear(out: Path) -> None:
    """Remove an earlier sample, and nothing else."""
    for name in (*files.COLUMNS, "truth", ".work"):
        shutil.rmtree(out / name, ignore_errors=True)


def _settings(connection: duckdb.DuckDBPyConnection, first_year: int, last_year: int, scale: int, seed: int) -> None:
    connection.execute("set variable first_year = $1", [first_year])
    connection.execute("set variable last_year = $1", [last_year])
    connection.execute("set variable scale = $1", [scale])
    connection.execute("set variable seed = $1::bigint", [seed])
    connection.execute(f"set variable stamp = timestamp '{last_year + 1}-01-05 08:00:00'")
    regions = project_dir() / "seeds" / "codes" / "regions.csv"
    for name, path in (("regions_csv", regions), ("provinces_csv", HERE / "provinces.csv"), ("targets_csv", HERE / "targets.csv")):
        if not path.is_file():
            raise GongbaoError(Problem("缺少文件", "a file is missing", "在项目目录中运行", "run in the project's folder", file=str(path)))
        connection.execute(f"set variable {name} = $1", [str(path)])
    # unreadable rows need text, and not a file with control totals
    provinces = [
        int(code[:2])
        for (code,) in connection.execute(f"select region_code from read_csv('{HERE / 'provinces.csv'}', all_varchar = true) order by 1").fetchall()
    ]
    connection.execute("create table text_province (record varchar, pp bigint)")
    for record in files.COLUMNS:
        for order, pp in enumerate(provinces):
            if files.layout(record, order, pp).is_text and pp not in CONTROLS.get(record, ()) and (record, pp) != TWICE:
                connection.execute("insert into text_province values ($1, $2)", [record, pp])


def _write(connection: duckdb.DuckDBPyConnection, out: Path, first_year: int, last_year: int, seed: int) -> dict[str, int]:
    """Write every file, then the truth about them; returns the rows of each record."""
    connection.execute("create table written (record varchar, pp bigint, file varchar, layout varchar, encoding varchar, note varchar)")
    names = dict(
        connection.execute(
            "select left(region_code, 2)::bigint, name_zh from read_csv(getvariable('regions_csv'), all_varchar = true) where region_level = 'province'"
        ).fetchall()
    )
    provinces = [(pp, order) for pp, order in connection.execute("select pp, ord from province order by ord").fetchall()]
    for record in files.COLUMNS:
        (out / record).mkdir()
        files.number_rows(connection, record, seed)
        for pp, order in provinces:
            form = files.layout(record, order, pp)
            what = f"{names[pp]}_{files.RECORDS_ZH[record]}" if form.kind == "chinese" else f"{record}_{first_year}_{last_year}"
            stem = f"{pp}0000_{what}_{MARK}"
            path = out / record / f"{stem}.{form.suffix}"
            total_row = pp in TOTAL_ROWS[record] and form.is_text
            files.write_file(connection, record, pp, form, path, total_row)
            if total_row:
                connection.execute(
                    f"insert into fault_{record} select 'total row', 'total_row', '', '', 'skipped' where not exists (select 1 from fault_{record} where rk = 'total row')"
                )
                connection.execute(f"insert into file_{record} (rk, pp, row_no) select 'total row', {pp}, max(row_no) + 1 from file_{record} where pp = {pp}")
            note = "total row" if total_row else ""
            if pp in CONTROLS.get(record, ()):
                note = _control(connection, record, pp, path)
            connection.execute("insert into written values ($1, $2, $3, $4, $5, $6)", [record, pp, f"{record}/{path.name}", form.kind, form.encoding, note])
            if (record, pp) == TWICE:
                again = path.with_name(f"{pp}0000_{record}_again_{MARK}.{form.suffix}")
                shutil.copyfile(path, again)
                connection.execute(
                    "insert into written values ($1, -1, $2, $3, $4, 'the same bytes as ' || $5)",
                    [record, f"{record}/{again.name}", form.kind, form.encoding, path.name],
                )
    _truth(connection, out / "truth")
    return {record: connection.execute(f"select count(*) from file_{record}").fetchall()[0][0] for record in files.COLUMNS}


def _control(connection: duckdb.DuckDBPyConnection, record: str, pp: int, path: Path) -> str:
    """Control totals beside a file: rows and sums as delivered; one of them is wrong on purpose."""
    names = [name for name in ("medfee_sumamt", "fund_pay_sumamt", "amount", "optins_pay_sumamt") if name in files.COLUMNS[record].split()]
    select = ", ".join(["count(*)", *(f"sum({name}::decimal(18, 2))::varchar" for name in names)])
    rows, *sums = connection.execute(f"select {select} from file_{record} where pp = {pp} and rk <> 'total row'").fetchall()[0]
    wrong = (record, pp) == WRONG_CONTROL
    content = {"rows": rows + (1 if wrong else 0), "sums": dict(zip(names, sums, strict=True))}
    path.with_name(path.name + ".control.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return "control totals, one of them wrong (rows)" if wrong else "control totals"


def _truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """`faults.csv` (one line per planted fault and row), `duplicates.csv` (persons found more than once), `files.csv`."""
    folder.mkdir()
    parts = " union all ".join(
        f"select f.fault, '{record}' as record, w.file, r.row_no, f.rule_code, f.level, f.expected from fault_{record} as f join file_{record} as r using (rk) "
        f"join written as w on w.record = '{record}' and w.pp = r.pp"
        for record in files.COLUMNS
    )
    connection.execute(f"copy (select * from ({parts}) order by record, file, row_no, fault) to '{folder / 'faults.csv'}' (format csv, header true)")
    connection.execute(f"copy (select * from truth_duplicates order by year) to '{folder / 'duplicates.csv'}' (format csv, header true)")
    counts = " union all ".join(
        f"select '{record}' as record, pp, count(*) as rows from file_{record} where rk <> 'total row' group by pp" for record in files.COLUMNS
    )
    connection.execute(
        f"copy (select w.record, w.file, w.layout, w.encoding, c.rows, w.note from written as w left join ({counts}) as c on c.record = w.record and c.pp = w.pp order by 1, 2) "
        f"to '{folder / 'files.csv'}' (format csv, header true)"
    )


def _readme(first_year: int, last_year: int, scale: int, seed: int) -> str:
    return f"""# {MARK}

本文件夹是合成的原始记录，由 gongbao sample 生成（{first_year}—{last_year} 年，比例 1:{scale}，种子 {seed}）。人员、机构、结算均为虚构：
证件号码的出生年份为 18xx（少数为 1900—1905），现实中不可能存在。加权合计等于已公布的全国数；分地区、分月的数是编造的，不得引用。
weight 列为扩展权数。truth/ 下是埋入差错的清单（faults.csv）、各年末重复参保的加权人数（duplicates.csv）和文件清单（files.csv）。
faults.csv 的 expected：rejected 拒收，warning 警告，unreadable 无法读取，review 待核，not_counted 收下不计，netted 抵销或去重，
skipped 跳过（合计行），counted 照常计入（须不受影响）。row_no 为电子表格行号（表头为 1）。

This folder holds synthetic raw records written by gongbao sample ({first_year}-{last_year}, scale 1:{scale}, seed {seed}). Persons, institutions
and settlements are invented: certificates have birth years 18xx (a few 1900-1905), which nobody can have. Weighted totals equal the published
national figures; figures by region or month are made up and must not be quoted. Column weight is the expansion weight. truth/ lists what was
planted (faults.csv), the weighted persons enrolled more than once at each year-end (duplicates.csv) and the files (files.csv). In faults.csv
expected says: rejected, warning, unreadable, review, not_counted (accepted, never counted), netted (cancelled or de-duplicated), skipped (total
row), counted (counts as ever: nothing may move). row_no is the row number a spreadsheet shows (the header is 1).
"""
