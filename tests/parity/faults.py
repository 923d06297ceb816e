"""A fault in each macro that speaks to Spark, one at a time: parity must see every one of them.

Builds the lake of the last `make parity` on Spark with each fault, in a copy of the project, and compares with what DuckDB made of it.
Ends with 1 where a fault is not seen. Takes a build on Spark for each; names of macros as arguments take these only.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from parity import FOLDER, PROJECT, Home, compared_tables, gongbao

# Macro, what stands in it, and what is put there.
FAULTS = {
    "key_hash": ("xxhash64({{ columns }})", "xxhash64({{ columns }}, monotonically_increasing_id())"),
    "numbers": ("(select id as n", "(select id + 1 as n"),
    "ratio": ("cast({{ denominator }} as decimal(28, 10)) as", "cast({{ denominator }} as double) as"),
    "looked_up": ("array({{ values | join(', ') }})", "array({{ values | reverse | join(', ') }})"),
    "is_one_of": (", false)", ", true)"),
    "list_item": ("element_at({{ list }}, {{ n }})", "element_at({{ list }}, -1)"),
    "list_of": ("array({{ items | join(', ') }})", "array({{ items | reverse | join(', ') }})"),
    "quoted": ("""replace("'", "\\\\'")""", """replace("'", "''")"""),
    "carried_forward": ("> {{ tolerance }} then next", "<= {{ tolerance }} then next"),
    "listed": ("array_sort(collect_list", "reverse(collect_list"),
    "exploded": ("explode(split({{ text }}, '{{ separator }}'))", "explode(slice(split({{ text }}, '{{ separator }}'), 1, 1))"),
    "cell_contains": ("forall(", "exists("),
    "compact_word": ("{{ word(list, number, otherwise) }}", "{{ word(list, number ~ ' + 1', otherwise) }}"),
    "load_csv_rows": ("'null' if value is none", "\"'None'\" if value is none"),
}
# What these do does not decide a cell.
NOT_OF_CELLS = {"create_schema", "get_assert_columns_equivalent", "get_select_subquery", "comment_clause", "persist_docs"}


def with_fault(text: str, macro: str) -> str:
    """The text of macros with the fault of one. Raises LookupError where what it replaces is not found there once."""
    old, new = FAULTS[macro]
    begins = text.find(f"{{% macro spark__{macro}(")
    ends = text.find("endmacro", begins)
    if begins < 0 or text.count(old, begins, ends) != 1:
        raise LookupError(f"spark__{macro}: {old}")
    return text[:begins] + text[begins:ends].replace(old, new) + text[ends:]


def planted(folder: Path, macro: str) -> Path:
    """A copy of the project with the fault of a macro."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(".*", "build", "data", "target", "logs", "tests"))
    shutil.copytree(PROJECT / "tests" / "data", folder / "tests" / "data")
    (file,) = (file for file in (folder / "macros").rglob("*.sql") if f"macro spark__{macro}(" in file.read_text(encoding="utf-8"))
    file.write_text(with_fault(file.read_text(encoding="utf-8"), macro), encoding="utf-8")
    return folder


def seen(macro: str) -> str:
    """What parity says of the fault of a macro; empty where it is not seen."""
    home = Home(FOLDER / "faulty")
    shutil.rmtree(home.root, ignore_errors=True)
    home.root.mkdir(parents=True)
    shutil.copytree(FOLDER / "duckdb" / "lake", home.lake)
    project = planted(FOLDER / "faulty-project", macro)
    ended = gongbao(home, "build", "--engine", "spark", project=project)
    if ended.returncode:
        return "the build fails: " + next((line.strip() for line in ended.stderr.splitlines() if "failed" in line), ended.stderr[-200:])
    differing = [table for _, table in compared_tables(Home(FOLDER / "duckdb"), home) if not table.is_equal]
    return f"{len(differing)} tables differ: {', '.join(table.table for table in differing[:5])}" if differing else ""


def main(macros: list[str]) -> int:
    unseen = []
    for macro in macros or FAULTS:
        said = seen(macro)
        print(f"spark__{macro}: {said or 'NOT SEEN'}", flush=True)
        if not said:
            unseen.append(macro)
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
