"""Ctrl-C and SIGTERM: every step is one that a kill may end, so a command ends at once, after two lines on what was left as it was."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHOW_CURSOR = "\x1b[?25h"

_leftovers: set[Path] = set()
_held = False
_waiting: int | None = None


@contextmanager
def said(zh: str, en: str) -> Iterator[None]:
    """Until the block ends, Ctrl-C and SIGTERM print these two lines, remove what `removed` names, and exit with 130 or 143."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may take signals
        return

    def end(number: int, frame: object) -> None:
        global _waiting
        if _held:
            _waiting = number
            return
        for path in list(_leftovers):
            shutil.rmtree(path, ignore_errors=True)
        lines = f"{SHOW_CURSOR if sys.__stderr__ is not None and sys.__stderr__.isatty() else ''}\n已中断：{zh}\nInterrupted: {en}\n"
        os.write(2, lines.encode())
        os._exit(128 + number)  # threads of libraries would go on, or write their own words on the screen

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def removed(path: Path) -> Iterator[None]:
    """A folder that holds what is being written: removed at the end of the block, and by a signal within it."""
    _leftovers.add(path)
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)
        _leftovers.discard(path)


@contextmanager
def held() -> Iterator[None]:
    """A signal within the block takes effect at its end: for steps that belong together."""
    global _held, _waiting
    _held = True
    try:
        yield
    finally:
        _held = False
        if _waiting is not None:
            number, _waiting = _waiting, None
            signal.raise_signal(number)
