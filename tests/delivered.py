"""The delivered files of the sample, read by a small reader of their own: tables of text, with what the list of planted faults says of each row."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
from country import PROJECT

from gongbao.contracts import load_contracts

CONTRACT = load_contracts()
PP = str(tuple(f"{n}" for n in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 67))))
MACROS = f"""
create macro known_province(region) as coalesce(left(region, 2) in {PP}, false);
create macro as_date(t) as coalesce(try_strptime(t, '%Y-%m-%d'), try_strptime(t, '%Y/%m/%d'), try_strptime(t, '%Y%m%d'))::date;
create macro as_time(t) as coalesce(try_strptime(left(t, 19), '%Y-%m-%d %H:%M:%S'), try_strptime(t, '%Y-%m-%d'));
create macro m(t) as t::decimal(24, 6);
create macro digits17(c) as case when length(c) = 15 then left(c, 6) || '19' || substr(c, 7, 9) else left(c, 17) end;
create macro check18(d) as substr('10X98765432', (list_sum([substr(d, i, 1)::int * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][i] for i in range(1, 18)]) % 11)::int + 1, 1);
create macro folded(c) as upper(translate(c, '０１２３４５６７８９Ｘ', '0123456789X'));
"""


def lines_of(path: Path, encoding: str) -> Iterator[list[str | None]]:
    """The lines of a file, header first, as cells; the null word of TAB files is None."""
    if path.suffix == ".xlsx":
        for row in openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True):
            yield [None if cell is None else str(cell) for cell in row]
        return
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode(encoding)
    quoted = text.startswith("'")
    for line in csv.reader(text.splitlines(), delimiter="\t" if path.suffix == ".txt" else ",", quotechar="'" if quoted else '"'):
        yield [None if cell in ("", "null") else cell for cell in line]


def manifest(folder: Path) -> list[dict[str, str]]:
    """The delivered files, as the sample lists them."""
    with (folder / "truth/files.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(folder: Path, work: Path) -> duckdb.DuckDBPyConnection:
    """All records as tables of text columns, with `file` and `row_no`; the second copy of a file is left out. `work`: an empty folder."""
    connection = duckdb.connect()
    titles = {record: {title: column.name for column in contract.columns for title in column.titles} for record, contract in CONTRACT.items()}
    with (PROJECT / "seeds/codes/code_lists.csv").open(encoding="utf-8-sig", newline="") as file:
        words: dict[str, dict[str, str]] = {}
        for row in csv.DictReader(file):
            words.setdefault(row["list"], {}).setdefault(row["name_zh"], row["code"])
    lists = {record: {column.name: column.code_list for column in contract.columns} for record, contract in CONTRACT.items()}
    for record, contract in CONTRACT.items():
        connection.execute(f"create table {record} ({', '.join(f'{column.name} varchar' for column in contract.columns)}, file varchar, row_no bigint)")
    for entry in manifest(folder):
        if entry["note"].startswith("the same bytes"):
            continue
        record, path = entry["record"], folder / entry["file"]
        if path.suffix == ".parquet":
            columns = [row[0] for row in connection.execute(f"describe select * from '{path}'").fetchall()]
            connection.execute(
                f"insert into {record} by name select {', '.join(f'{name}::varchar as {name}' for name in columns)}, '{entry['file']}' as file, "
                f"row_number() over () + 1 as row_no from read_parquet('{path}')"
            )
            continue
        lines = lines_of(path, entry["encoding"])
        names = [titles[record].get(title or "") for title in next(lines)]
        plain = work / (path.name + ".csv")
        with plain.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL)
            for row_no, cells in enumerate(lines, start=2):
                row: list[object] = []
                for name, cell in zip(names, cells, strict=True):
                    if name:
                        code_list = lists[record][name]
                        row.append("" if cell is None else words.get(code_list, {}).get(cell, cell) if code_list else cell)
                writer.writerow([*row, row_no])
        kept = [name for name in names if name]
        columns_sql = ", ".join(f"'{name}': 'varchar'" for name in [*kept, "row_no"])
        connection.execute(
            f"insert into {record} by name select * exclude (row_no), '{entry['file']}' as file, row_no::bigint as row_no "
            f"from read_csv('{plain}', header=false, all_varchar=true, quote='\"', nullstr='', columns={{{columns_sql}}}, auto_detect=false)"
        )
    connection.execute(f"create table faults as select * from read_csv('{folder / 'truth/faults.csv'}', all_varchar = true)")
    connection.execute("alter table faults alter row_no type bigint")
    for record in CONTRACT:
        connection.execute(
            f"create view {record}_good as select r.* from {record} as r where not exists (select 1 from faults as f where f.record = '{record}' and f.file = r.file "
            "and f.row_no = r.row_no and f.expected in ('rejected', 'unreadable', 'skipped', 'not_counted'))"
        )
    connection.execute(MACROS)
    return connection
