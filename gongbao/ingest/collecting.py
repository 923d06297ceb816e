"""Which files a command reads: every file below the folders it is given, and what lies beside them by custom."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gongbao.messages import GongbaoError, Problem, printable

# What may lie beside deliveries and is none: passed over, named, and no reason for another exit code.
COMPANION_FOLDERS = ("truth", "__MACOSX")  # what the sample country says of itself; what a Mac puts into archives
COMPANION_PREFIXES = (".", "~$", "readme")  # hidden files, lock files of open documents, descriptions
COMPANION_SUFFIXES = (".control.json",)  # control totals, read with the file they belong to
COMPANION_NAMES = ("thumbs.db", "desktop.ini")


@dataclass
class Collected:
    """`files` to read, in the order of the command and within a folder by name; `companions` passed over, folders with a count of files."""

    files: list[Path] = field(default_factory=list)
    companions: Counter[str] = field(default_factory=Counter)

    @property
    def passed_over(self) -> str:
        """The companions as one line."""
        return ", ".join(f"{printable(name)}（{count}）" if name.endswith("/") else printable(name) for name, count in sorted(self.companions.items()))


def collect(paths: Iterable[Path]) -> Collected:
    """Every file at or below `paths`, also what cannot be read (a FIFO, a dead link): each gets an outcome. A file that is named is always taken.

    Raises GongbaoError when a path does not exist or nothing is found.
    """
    paths = list(paths)
    found = Collected()
    for path in paths:
        if not os.path.lexists(path):
            raise GongbaoError(Problem("找不到文件或文件夹", "no such file or folder", "检查路径", "check the path", file=str(path)))
        found.files += sorted(_below(path, path, found.companions, set())) if path.is_dir() else [path]
    if not found.files:
        raise GongbaoError(Problem("没有可读入的文件", "no file to read", "检查路径", "check the path", file=", ".join(map(str, paths))))
    found.files = list(dict.fromkeys(found.files))
    return found


def _below(folder: Path, top: Path, companions: Counter[str], seen: set[str]) -> Iterator[Path]:
    """The files below a folder. A folder that cannot be listed, or that a link leads back to, is yielded itself and refused as no file."""
    real = os.path.realpath(folder)
    try:
        entries = sorted(folder.iterdir()) if real not in seen else None
    except OSError:
        entries = None
    if entries is None:
        yield folder
        return
    for entry in entries:
        name = str(entry.relative_to(top))
        if entry.is_dir():
            if entry.name in COMPANION_FOLDERS or entry.name.startswith("."):
                companions[name + "/"] += sum(len(files) for _, _, files in os.walk(entry))
            else:
                yield from _below(entry, top, companions, seen | {real})
        elif _is_companion(entry.name.lower()):
            companions[name] += 1
        else:
            yield entry


def _is_companion(name: str) -> bool:
    return name.startswith(COMPANION_PREFIXES) or name.endswith(COMPANION_SUFFIXES) or name in COMPANION_NAMES
