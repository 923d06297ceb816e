"""What the dashboard says, in Chinese and English, and how it prints numbers.

The messages stand in `messages/*.toml`: one file a page and `common.toml`. A key is a table with both languages:

    [provinces.title]
    zh = "各地区基金当期结余率"
    en = "Surplus rate of the fund by province"

Names of indicators and regions are data: they come from the published file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from gongbao.numbers import rounded

Language = Literal["zh", "en"]
LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}

# What a cell shows when it has no value.
MARKS = {"missing": "…", "suppressed": "c", "not_applicable": "—"}

FOLDER = Path(__file__).parent / "messages"


def _flat(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """(dotted key, {language: message}) of every message below a table of TOML."""
    texts = {name: value for name, value in node.items() if isinstance(value, str)}
    if texts:
        yield prefix, texts
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}.{name}" if prefix else name)


def _load() -> dict[str, dict[str, str]]:
    """All messages by key. ValueError: a key stands in two files."""
    messages: dict[str, dict[str, str]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for key, texts in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in messages:
                raise ValueError(f"message {key} of {file.name} stands in another file too")
            messages[key] = texts
    return messages


MESSAGES = _load()


def say(language: Language, key: str, **values: object) -> str:
    """The message `key` in a language with its values filled in; an unknown key is a programming error (KeyError)."""
    return MESSAGES[key][language].format(**values)


def number(value: Decimal | None, scale: int = 1, decimals: int = 2, status: str = "missing", signed: bool = False) -> str:
    """A printed number: half up, trailing zeros kept, no grouping; the status's mark when there is no value.

    A minus sign is a true one; `signed` puts a + before what is above zero; a value that rounds to zero has no sign.
    """
    if value is None:
        return MARKS.get(status, MARKS["missing"])
    result = rounded(value, scale, decimals)
    digits = f"{abs(result):f}"
    if result < 0:
        return f"−{digits}"
    return f"+{digits}" if signed and result > 0 else digits
