"""What dbt gives to templates, for sqlfluff, which renders them without dbt and without a warehouse (see .sqlfluff)."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

PROJECT = yaml.safe_load((Path(__file__).resolve().parents[2] / "dbt_project.yml").read_text(encoding="utf-8"))


def var(name: str, default: Any = None) -> Any:
    """A variable of the project."""
    return PROJECT["vars"].get(name, default)


class Adapter:
    """The engine's macros, DuckDB's before those of any engine."""

    @pass_context
    def dispatch(self, context: Context, name: str, _package: str) -> Any:
        own = context.resolve(f"duckdb__{name}")
        return context.resolve(f"default__{name}") if isinstance(own, Undefined) else own


adapter = Adapter()
modules = SimpleNamespace(re=re)
graph: dict[str, Any] = {}  # while dbt parses it is empty, too
dbt = SimpleNamespace(
    type_string=lambda: "varchar",
    datediff=lambda start, end, part: f"datediff({part!r}, {start}, {end})",
    hash=lambda text: f"md5({text})",
)
# What the folders of the records say of them; models and metrics are in the graph when dbt runs them only.
graph = SimpleNamespace(
    sources={
        f"source.gongbao.lake.{path.stem}": yaml.safe_load(path.read_text(encoding="utf-8"))["sources"][0]["tables"][0]
        for path in (Path(__file__).resolve().parents[2] / "models" / "staging").glob("*/*.yml")
    },
    nodes={},
)
