"""Where things are: the project's own files and the data home."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

RECORDS = ("enrollment", "settlement", "cross_province", "fund_ledger", "population")


def project_dir() -> Path:
    """The folder of dbt_project.yml: the working directory or one above it, else the checkout this package lies in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dbt_project.yml").is_file() and (folder / "models" / "staging" / "_sources.yml").is_file():
            return folder
    return Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The data home: everything Gongbao writes lies below `root`."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """`GONGBAO_HOME`, or `data` below the working directory."""
        return cls(Path(os.environ.get("GONGBAO_HOME", "data")))

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse" / "gongbao.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published" / "gongbao.duckdb"
