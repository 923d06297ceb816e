"""Which published tables a page reads, as its program says: from the page's script on through everything it can reach in the dashboard."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TABLE = re.compile(r"\b(?:from|join)\s+(?:published\.)?([a-z_]+)")
FRAME = "dashboard.app"


@dataclass(frozen=True)
class Module:
    """The statements of a module, by the names they define, and its names for modules of the dashboard and for what they define."""

    body: list[ast.stmt]
    defined: dict[str, ast.stmt]
    modules: dict[str, str]
    members: dict[str, tuple[str, str]]


def source(name: str) -> Path | None:
    """The file of a module of the dashboard, None for all others."""
    path = PROJECT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if name.startswith("dashboard.") and file.is_file()), None)


@cache
def module(name: str) -> Module:
    found = Module(ast.parse(source(name).read_text(encoding="utf-8")).body, {}, {}, {})
    for statement in found.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.defined[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found.defined.update({target.id: statement for target in targets if isinstance(target, ast.Name)})
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if source(inner := f"{statement.module}.{alias.name}"):
                    found.modules[alias.asname or alias.name] = inner
                elif source(statement.module):
                    found.members[alias.asname or alias.name] = (statement.module, alias.name)
    return found


def reached(name: str, statements: list[ast.stmt], seen: set[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module and all that they can reach."""
    here = module(name)
    for statement in statements:
        if statement in seen:
            continue
        seen.add(statement)
        yield statement
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in here.modules:
                place, member = here.modules[node.value.id], node.attr
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                place, member = here.members.get(node.id, (name, node.id))
            else:
                continue
            while member not in module(place).defined and member in module(place).members:  # a package hands on what its modules define
                place, member = module(place).members[member]
            if member in module(place).defined:
                yield from reached(place, [module(place).defined[member]], seen)


def texts(statement: ast.stmt) -> Iterator[str]:
    """The texts of a statement; a gap stands for what is put into one."""
    for node in ast.walk(statement):
        if isinstance(node, ast.JoinedStr):
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def tables_read(view: str | None, published: set[str]) -> set[str]:
    """The published tables named in the queries of a page and of the frame around it; all of them where it lists what the file holds.

    `view`: the script of the page (fund); None: of the frame alone.
    """
    found: set[str] = set()
    for name in (FRAME, *([f"dashboard.views.{view}"] if view else [])):
        for statement in reached(name, module(name).body, set()):
            for text in texts(statement):
                if "duckdb_tables()" in text:
                    return published
                found |= set(TABLE.findall(text)) & published
    return found
