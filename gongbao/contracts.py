"""The contract of the records: `models/staging/_sources.yml`, read once, never written twice."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import yaml

from gongbao.paths import project_dir


def fold(text: str) -> str:
    """A header or a category as it is compared: NFKC (full-width to half-width), no spaces, no quotes, lower case."""
    text = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in text if not char.isspace() and char not in "\ufeff\u200b\"'")


@dataclass(frozen=True)
class Column:
    """One column of a record; `personal` is person_number, certificate, birth_date or empty; `kind` is key, month, year, code or empty."""

    name: str
    data_type: str
    label_zh: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    code_list: str = ""
    personal: str = ""
    default: str | None = None
    unit: str = ""
    kind: str = ""
    needed_by: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.name, self.label_zh, *self.aliases)


@dataclass(frozen=True)
class Record:
    """One kind of record that may be delivered; `located_by` and `dated_by` are the columns that say where and when a row belongs."""

    name: str
    label_zh: str
    key: tuple[str, ...]
    located_by: str
    dated_by: str
    columns: tuple[Column, ...]
    null_words: tuple[str, ...]
    total_row_words: tuple[str, ...]
    code_words: dict[str, dict[str, list[str]]] = field(default_factory=dict, compare=False)
    dropped: frozenset[str] = frozenset()
    by_name: dict[str, Column] = field(default_factory=dict, compare=False)
    by_title: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def digest(self, codes: Iterable[object]) -> str:
        """Twelve hex digits over all that decides how a delivered file is read: the contract, and the `codes` it is read with."""
        columns = [replace(column, needed_by="") for column in self.columns]
        parts = (self.name, self.key, self.located_by, self.dated_by, columns, self.null_words, self.total_row_words, sorted(self.dropped), list(codes))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def column_of(self, title: str) -> str | None:
        """The column that a header means, or None."""
        return self.by_title.get(fold(title))


def _column(entry: dict) -> Column:
    meta = entry.get("config", {}).get("meta", {})
    return Column(
        name=entry["name"],
        data_type=entry["data_type"].lower(),
        label_zh=meta.get("label_zh", entry["name"]),
        required=bool(meta.get("required")),
        aliases=tuple(str(alias) for alias in meta.get("aliases", ())),
        code_list=meta.get("code_list", ""),
        personal=meta.get("personal", ""),
        default=meta.get("default"),
        unit=meta.get("unit", ""),
        kind=meta.get("kind", ""),
        needed_by=meta.get("needed_by", ""),
    )


def _record(table: dict, shared: dict) -> Record:
    """A record; `shared` is what holds for all of them."""
    meta = table["config"]["meta"]
    columns = tuple(_column(entry) for entry in table["columns"])
    by_title: dict[str, str] = {}
    for column in columns:
        for title in column.titles:
            other = by_title.setdefault(fold(title), column.name)
            if other != column.name:
                raise ValueError(f"_sources.yml: {table['name']}: '{title}' means both {other} and {column.name}")
    return Record(
        name=table["name"],
        label_zh=meta["label_zh"],
        key=tuple(meta["key"]),
        located_by=meta["located_by"],
        dated_by=meta["dated_by"],
        columns=columns,
        null_words=tuple(shared["null_words"]),
        total_row_words=tuple(shared["total_row_words"]),
        code_words=shared["code_words"],
        dropped=frozenset(fold(title) for title in meta.get("dropped", ())),
        by_name={column.name: column for column in columns},
        by_title=by_title,
    )


def contract_path() -> Path:
    """The file that describes the records."""
    return project_dir() / "models" / "staging" / "_sources.yml"


@lru_cache(maxsize=4)
def _load(path: Path, modified_ns: int) -> dict[str, Record]:
    lake = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"][0]
    return {table["name"]: _record(table, lake["config"]["meta"]) for table in lake["tables"]}


def load_contracts(path: Path | None = None) -> dict[str, Record]:
    """Record name → contract. Raises ValueError when one header would mean two columns of a record."""
    path = path or contract_path()
    return _load(path, path.stat().st_mtime_ns)
