"""The report file of a command: an HTML page in both languages, in the data home, for whoever has to do something about it."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment

from gongbao.paths import Home

KEPT = 100  # reports that are kept, the newest


def heading(zh: str, en: str, number: bool = False) -> dict[str, object]:
    """A column's heading in both languages; numbers stand to the right."""
    return {"zh": zh, "en": en, "number": number}


def write_report(
    home: Home, command: str, title: str, tables: Sequence[dict], per_file: Iterable[dict] = (), note: dict[str, str] | None = None
) -> Path | None:
    """Write `reports/<command>-<time>.html` and return its path; None when the data home cannot be written to.

    `tables`: title, headings (see `heading`), rows of cells (texts, or zh and en). `per_file`: heading, refused, repairs, rules, messages.
    """
    now = dt.datetime.now()
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        (files("gongbao") / "templates" / "report.html").read_text(encoding="utf-8")
    )
    page = template.render(title=title, made=f"{now:%Y-%m-%d %H:%M:%S}", note=note, tables=tables, files=list(per_file))
    folder = home.root / "reports"
    path = folder / f"{command}-{now:%Y%m%d-%H%M%S-%f}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.with_suffix(".part").write_text(page, encoding="utf-8", errors="backslashreplace")
        os.replace(path.with_suffix(".part"), path)
        for old in sorted(folder.glob("*.html"), key=lambda file: file.name.split("-", 1)[1])[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            path.with_suffix(".part").unlink()
        return None
    return path
