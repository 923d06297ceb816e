"""The contract of the records: a folder each in `models/staging`, the order and what they share in `dbt_project.yml`."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gongbao.messages import GongbaoError, Problem
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
    described_in: str = field(default="", repr=False, compare=False)  # the file to add an alias to

    @property
    def titles(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.name, self.label_zh, *self.aliases)


@dataclass(frozen=True)
class Record:
    """One kind of record that may be delivered; `located_by` and `dated_by` are the columns that say where and when a row belongs.
    `form` is register (holds from a day to a day), event, monthly (a count of a month or year), ledger or reported (a figure); `silence` is
    none where many places have nothing to deliver."""

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
    form: str = ""
    silence: str = ""
    by_name: dict[str, Column] = field(default_factory=dict, compare=False)
    by_title: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def compares_certificates(self) -> bool:
        """Whether certificate numbers can contradict what the record says of the person: sex, birth date."""
        return any(column.personal == "certificate" for column in self.columns) and not {"gend", "brdy"}.isdisjoint(self.by_name)

    @property
    def may_be_empty(self) -> bool:
        """Whether a delivery without rows says something: of a register that nothing is held, of others only where silence is none."""
        return self.form == "register" or self.silence == "none"

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


def _column(entry: dict, described_in: str) -> Column:
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
        described_in=described_in,
    )


def _record(table: dict, defaults: dict) -> Record:
    """A record; `defaults` is what holds for all of them."""
    meta = table["config"]["meta"]
    file = contract_of(table["name"])
    common = {entry["name"]: _column(entry, "dbt_project.yml") for entry in defaults["columns"]}
    columns = (*(_column(entry, file) for entry in table["columns"]), *(common[name] for name in meta.get("common_columns", common)))
    by_title: dict[str, str] = {}
    for column in columns:
        for title in column.titles:
            other = by_title.setdefault(fold(title), column.name)
            if other != column.name:
                raise ValueError(f"{file}: '{title}' means both {other} and {column.name}")
    return Record(
        name=table["name"],
        label_zh=meta["label_zh"],
        key=tuple(meta["key"]),
        located_by=meta["located_by"],
        dated_by=meta["dated_by"],
        columns=columns,
        null_words=tuple(defaults["null_words"]),
        total_row_words=tuple(defaults["total_row_words"]),
        code_words=defaults["code_words"],
        dropped=frozenset(fold(title) for title in meta.get("dropped", ())),
        form=meta["form"],
        silence=meta.get("silence", ""),
        by_name={column.name: column for column in columns},
        by_title=by_title,
    )


def contract_of(record: str) -> str:
    """The file that describes a record, below the project's folder."""
    return f"models/staging/{record}/{record}.yml"


def read_yaml(path: str) -> dict[str, Any]:
    """A YAML file of the project. Raises GongbaoError where it is not there or is no YAML."""
    file = project_dir() / path
    try:
        return _parsed(file, file.stat().st_mtime_ns)
    except (OSError, yaml.YAMLError) as error:
        raise GongbaoError(
            Problem(
                f"项目文件 {path} 不存在或不是 YAML：{error}",
                f"the project's file {path} is not there or is no YAML: {error}",
                "每种记录一个文件夹，写法见 docs/adding.zh-CN.md",
                "every record has a folder; docs/adding.md says how it is written",
                file=str(file),
            )
        ) from None


@lru_cache(maxsize=64)
def _parsed(file: Path, modified_ns: int) -> dict[str, Any]:
    return yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)


def project_variables() -> dict[str, Any]:
    """`vars` of dbt_project.yml."""
    return read_yaml("dbt_project.yml")["vars"]


def record_names() -> list[str]:
    """The records that may be delivered, in the project's order."""
    return project_variables()["records"]


def source_of(record: str) -> dict[str, Any]:
    """A record's table in the source `lake`, as its YAML has it."""
    return next(table for source in read_yaml(contract_of(record))["sources"] for table in source["tables"] if table["name"] == record)


def load_contracts() -> dict[str, Record]:
    """Record name → contract, in the project's order. Raises ValueError when one header would mean two columns of a record."""
    files = [project_dir() / path for path in ("dbt_project.yml", *map(contract_of, record_names()))]
    return dict(_contracts(project_dir(), tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)))


@lru_cache(maxsize=4)
def _contracts(project: Path, modified_ns: tuple[int, ...]) -> dict[str, Record]:
    return {name: _record(source_of(name), project_variables()["record_defaults"]) for name in record_names()}
