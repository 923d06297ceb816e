"""Published tables of two engines, compared by key and cell."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb


@dataclass(frozen=True)
class Compared:
    """A table on both engines: rows, keys that only one has, keys that stand twice, and how many cells differ, by column."""

    table: str
    rows: int
    only_left: int
    only_right: int
    twice: int
    cells: int
    different: dict[str, int] = field(default_factory=dict)

    @property
    def equal_cells(self) -> int:
        """Cells that both engines have alike; those of rows that only one has are neither equal nor different."""
        return self.cells - sum(self.different.values()) - self.only_left * (self.cells // max(self.rows, 1))

    @property
    def is_equal(self) -> bool:
        return not (self.only_left or self.only_right or self.twice or self.different)


def keys_of(model: str, nodes: dict[str, dict]) -> list[str]:
    """The columns that dbt's manifest says are unique together in a model; empty where none are."""
    for node in nodes.values():
        test = node.get("test_metadata") or {}
        if node["resource_type"] == "test" and node.get("attached_node") == model:
            if test.get("name") == "unique_together":
                return list(test["kwargs"]["columns"])
            if test.get("name") == "unique":
                return [test["kwargs"]["column_name"]]
    return []


def compare(connection: duckdb.DuckDBPyConnection, table: str, left: str, right: str, keys: list[str]) -> Compared:
    """Compare two relations of a connection; without a key, rows are compared whole. Error (KeyError): columns that only one has."""
    columns = [name for name, *_ in connection.execute(f"describe select * from {left}").fetchall()]
    others = [name for name, *_ in connection.execute(f"describe select * from {right}").fetchall()]
    if set(columns) != set(others):
        raise KeyError(f"{table}: {sorted(set(columns) ^ set(others))}")
    listed = ", ".join(f'"{name}"' for name in columns)
    if not keys:
        rows, only_left, only_right = connection.execute(
            f"""
            select
                (select count(*) from {left}),
                (select count(*) from (select {listed} from {left} except all select {listed} from {right})),
                (select count(*) from (select {listed} from {right} except all select {listed} from {left}))
            """
        ).fetchone()
        return Compared(table, rows, only_left, only_right, 0, rows * len(columns))

    named = ", ".join(f'"{key}"' for key in keys)
    values = [name for name in columns if name not in keys]
    matched = " and ".join(f'l."{key}" is not distinct from r."{key}"' for key in keys)
    counted = "".join(f', count(case when l.is_left = 1 and r.is_right = 1 and l."{name}" is distinct from r."{name}" then 1 end)' for name in values)
    rows, only_left, only_right, *differing = connection.execute(
        f"""
        select count(l.is_left), count(case when r.is_right is null then 1 end), count(case when l.is_left is null then 1 end){counted}
        from (select *, 1 as is_left from {left}) as l
        full join (select *, 1 as is_right from {right}) as r on {matched}
        """
    ).fetchone()
    (twice,) = connection.execute(
        f"""
        select count(*)
        from (
            select {named} from {left} group by {named} having count(*) > 1
            union all
            select {named} from {right} group by {named} having count(*) > 1
        )
        """
    ).fetchone()
    different = {name: count for name, count in zip(values, differing, strict=True) if count}
    return Compared(table, rows, only_left, only_right, twice, rows * len(values), different)
