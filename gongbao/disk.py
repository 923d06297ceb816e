"""Disks that are full: how they are recognised in what a library raises, and what a user is told."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from gongbao.messages import Problem
from gongbao.paths import Home

ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# What DuckDB and dbt put into their texts instead of a number; the last one is DuckDB's own limit of what it may spill.
WORDS = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), os.strerror(errno.EFBIG), "max_temp_directory_size")
LEAST = 64 << 20  # bytes that a build of hardly any rows takes


def is_full(error: BaseException | str | None) -> bool:
    """Whether an error, one that caused it, or the text of one says that a disk is full (or a quota or a limit of size is reached)."""
    if isinstance(error, BaseException):
        if isinstance(error, OSError) and error.errno in ERRORS:
            return True
        return is_full(str(error)) or is_full(error.__cause__) or is_full(error.__context__)
    return bool(error) and any(word in error for word in WORDS)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def needed_by_build(home: Home) -> int:
    """Bytes that a build writes before it takes anything away: about a warehouse and a published file as they are, at least as much as the lake."""
    before = size_of(home.warehouse) + size_of(home.published) + size_of(home.published.with_name("parquet").resolve())
    return max(before, size_of(home.lake)) + LEAST


def free(path: Path) -> int:
    """Bytes that are free where `path` is, or will be."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def shown(count: int) -> str:
    """A number of bytes as it is said."""
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"


def full(path: Path, needed: int | None = None) -> Problem:
    """What a user is told of a full disk: which one, what is free, and what is needed as far as that is known."""
    zh, en = f"磁盘已满：{path} 所在的磁盘只剩 {shown(free(path))}", f"the disk is full: {shown(free(path))} are free where {path} is"
    if needed is not None:
        zh, en = f"{zh}，约需 {shown(needed)}", f"{en}, about {shown(needed)} are needed"
    return Problem(
        zh, en, "腾出空间，或把 GONGBAO_HOME 移到更大的磁盘，然后再次运行", "make room, or move GONGBAO_HOME to a larger disk, and run again", file=str(path)
    )
