"""Where things are: the project's own files and the data home."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from gongbao.messages import GongbaoError, Problem


def project_dir() -> Path:
    """The folder of dbt_project.yml: the working directory or one above it, else the checkout this package lies in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dbt_project.yml").is_file() and (folder / "models" / "staging").is_dir():
            return folder
    return Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The data home: everything Gongbao writes lies below `root`."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """`GONGBAO_HOME`, or `data` below the working directory. Raises GongbaoError for a path that the engine or dbt cannot open."""
        root = Path(os.environ.get("GONGBAO_HOME", "data"))
        path = str(root.resolve())
        if re.search("[?#\\x00-\\x1f\\ud800-\\udfff]", path):
            raise GongbaoError(
                Problem(
                    "数据目录的路径含有 ?、#、控制字符或不是 UTF-8 的字节，数据库引擎打不开",
                    "the path of the data home holds ?, #, signs of control or bytes that are no UTF-8: the engine cannot open it",
                    "改名，或把 GONGBAO_HOME 设为别的文件夹",
                    "rename it, or set GONGBAO_HOME to another folder",
                    file=path,
                )
            )
        return cls(root)

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
