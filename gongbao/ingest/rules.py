"""The rules of a row, applied at the door by the SQL that dbt applies them with.

A rule is written once, in the YAML of its record. Its SQL, the renaming of the staging model and the macros between them are the
project's own; here they are rendered without dbt, which takes seconds to start.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

import duckdb
import jinja2

from gongbao.contracts import Record, contract_of, project_variables, read_yaml, record_names, source_of
from gongbao.ingest.outcome import Broken
from gongbao.ingest.reading import literal
from gongbao.paths import project_dir

FIRST_ROWS = 5  # of the rows that break a rule so many are named


@dataclass
class Verdict:
    """What the rules say of the rows of a file: the broken ones, how many rows break an error rule, and of the others how many
    count in which year."""

    broken: list[Broken]
    rejected: int
    years: dict[int, int]


class _Returned(Exception):
    """Carries what a macro returns, as dbt's `return` does."""

    def __init__(self, value: object) -> None:
        self.value = value


@lru_cache(maxsize=1)
def _macros() -> dict[str, str]:
    """The project's macros, each as a text of its own."""
    texts = "".join(path.read_text(encoding="utf-8") for path in sorted((project_dir() / "macros").rglob("*.sql")))
    return {found[1]: found[0] for found in re.finditer(r"\{%-?\s*macro\s+(\w+)\(.*?endmacro\s*-?%\}", texts, re.DOTALL)}


@lru_cache(maxsize=1)
def _graph() -> dict[str, dict]:
    """The sources and models of the records as dbt's graph has them."""
    sources = {f"source.gongbao.lake.{name}": source_of(name) for name in record_names()}
    models = {f"model.gongbao.{model['name']}": model for name in record_names() for model in read_yaml(contract_of(name))["models"]}
    return {"sources": sources, "nodes": models}


def rules_of(record: str) -> list[dict]:
    """The rules of a record, in the order of their bits."""
    return Project(None, {}).call("rules_of", record)


class Project:
    """As much of dbt as rendering the rules needs; `tables` names what `source` and `ref` stand for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | None, tables: dict[str, str]) -> None:
        self.connection = connection
        self.environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - it renders SQL
        self.environment.globals |= {
            "execute": True,
            "modules": {"re": re},
            "graph": _graph(),
            "config": lambda **_: "",
            "var": project_variables().__getitem__,
            "source": lambda _, name: tables[name],
            "ref": tables.__getitem__,
            "return": self._return,
            "run_query": self._run_query,
            "adapter": SimpleNamespace(dispatch=self._dispatch),
            **{name: self._macro(name) for name in _macros()},
        }

    def render(self, text: str) -> str:
        """A model's text as SQL."""
        return self.environment.from_string(text).render()

    def call(self, macro: str, *arguments: object) -> str:
        """What a macro of the project gives."""
        return self.environment.globals[macro](*arguments)

    def _macro(self, name: str) -> Callable:
        @lru_cache(maxsize=1)
        def macro() -> Callable:
            return getattr(self.environment.from_string(_macros()[name]).module, name)

        def call(*arguments: object, **named: object) -> object:
            try:
                return macro()(*arguments, **named)
            except _Returned as returned:
                return returned.value

        return call

    def _dispatch(self, name: str, _package: str) -> Callable:
        return self.environment.globals[next(found for found in (f"duckdb__{name}", f"default__{name}") if found in _macros())]

    @staticmethod
    def _return(value: object) -> None:
        raise _Returned(value)

    def _run_query(self, sql: str) -> SimpleNamespace:
        rows = self.connection.execute(sql).fetchall()
        return SimpleNamespace(
            rows=rows, columns=[SimpleNamespace(values=lambda at=at: [row[at] for row in rows]) for at in range(len(rows[0]) if rows else 1)]
        )


@lru_cache(maxsize=16)
def checked_by_project(record: str) -> tuple[str, str]:
    """The staging model's text, and SQL of its rows with the bits of the rules they break and the year they count in, over the
    table `typed_rows`."""
    seeds = project_dir() / "seeds" / "codes" / "code_lists.csv"
    staging = (project_dir() / contract_of(record)).with_name(f"stg_{record}.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        project = Project(connection, {record: "typed_rows", "code_lists": f"read_csv({literal(str(seeds))}, all_varchar=true)"})
        checked = project.call("with_broken_rules", record, f"({project.render(staging)})")
        return staging, f"select row_no, broken_rules, {project.call('counted_year', record)} as year_no from ({checked})"


def apply(connection: duckdb.DuckDBPyConnection, record: Record, rows: str) -> Verdict:
    """The rules that rows decide alone, for `rows` (SQL of typed rows in the layout of rows.parquet)."""
    staging, checked = checked_by_project(record.name)
    # good rows are a group too: a condition on the rules would go down to the reader and type a column anew wherever a rule reads it
    groups = connection.execute(
        f"with typed_rows as ({rows}) select broken_rules, year_no, count(*), min(row_no, {FIRST_ROWS}) filter (broken_rules <> 0) from ({checked}) group by all"
    ).fetchall()
    sources = _sources(staging, record)
    found, errors = [], 0
    for rule in rules_of(record.name):
        if "sql" not in rule:
            continue
        own = [group for group in groups if group[0] & rule["bit"]]
        errors |= rule["bit"] if rule["level"] == "error" else 0
        if own:
            first = tuple(sorted(row for *_, numbers in own for row in numbers)[:FIRST_ROWS])
            columns = [column for name in re.findall(r"\w+", rule["sql"]) for column in sources.get(name, ())]
            found.append(Broken(rule["code"], rule["level"], sum(group[2] for group in own), first, rule["zh"], rule["en"], tuple(dict.fromkeys(columns))))
    found.sort(key=lambda broken: (broken.level != "error", -broken.rows, broken.code))
    years: Counter[int] = Counter()
    for bits, year, count, _ in groups:
        if year is not None and not bits & errors:
            years[year] += count
    return Verdict(found, sum(count for bits, _, count, _ in groups if bits & errors), dict(sorted(years.items())))


def _sources(staging: str, record: Record) -> dict[str, list[str]]:
    """Column of the staging model → columns of the contract that it is made from."""
    found = {}
    for line in staging.splitlines():
        expression, _, name = line.strip().rstrip(",").rpartition(" as ")
        columns = [word for word in re.findall(r"[a-z]\w*?(?=_check\b|_conflict\b|\b)", expression or name) if word in record.by_name]
        if columns:
            found[name] = columns
    return found
