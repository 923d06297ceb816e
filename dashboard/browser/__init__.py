"""What a page needs in the browser itself: the picture of a figure, links to copy, printing, the language of the document.

One component in plain JavaScript, part of the page (no frame of its own); it asks nothing of the server and of no outside address.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "gongbao_browser",
    css=(HERE / "browser.css").read_text(encoding="utf-8"),
    js=(HERE / "browser.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def document(language: str) -> None:
    """Set the language of the document, by which screen readers pronounce and browsers hyphenate."""
    _component(key="browser-document", data={"kind": "document", "language": {"zh": "zh-CN", "en": "en"}[language]}, height="content")


def figure_buttons(key: str, texts: dict[str, str], answer: str, lines: list[str], address: dict[str, str], file_name: str) -> None:
    """The buttons of a figure: its picture, and a link to it.

    `texts`: png, link, copied, select (labels); `lines`: what stands below the picture; `address`: every parameter of the link.
    """
    data: dict[str, Any] = {"kind": "figure", "figure": key, "texts": texts, "answer": answer, "lines": lines, "address": address, "file": file_name}
    _component(key=f"browser-{key}", data=data, width="content", height="content")


def print_button(label: str) -> None:
    """A button that opens the browser's print dialog."""
    _component(key="browser-print", data={"kind": "print", "label": label}, width="content", height="content")


def controls_button(label: str, page: str) -> None:
    """The button that shows and hides the controls of a page on a phone (page.css); they are hidden until it is pressed on that page."""
    _component(key="browser-controls", data={"kind": "controls", "label": label, "page": page}, width="stretch", height="content")
