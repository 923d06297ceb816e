"""The pages, as the published file says them: one an exposure of dbt. A page is a script of its own, or figures of a few kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.text import LANGUAGES, Language

# A text in both languages; None where the page says nothing of its own.
Texts = dict[Language, str | None]


@dataclass(frozen=True)
class Number:
    """One number of a figure: an indicator with some dimensions, and what of it a printed table shows."""

    indicator: str
    dims: dict[str, str]
    label: Texts
    before: str | None
    shown: str


@dataclass(frozen=True)
class Figure:
    """A figure of a page; docs/dashboard.md says what its parts mean."""

    name: str
    kind: str
    numbers: tuple[Number, ...]
    by: str | None
    has_total: bool
    shape: str | None
    is_half: bool
    table: str | None
    question: Texts
    answer: Texts
    note: Texts
    missing: Texts


@dataclass(frozen=True)
class Page:
    """A page: its link, the script that draws it (None: views/system.py does), the controls of dimensions by parameter, and its figures."""

    name: str
    label: Texts
    title: Texts
    missing: Texts
    view: str | None
    is_for_staff: bool
    staff_tables: frozenset[str]
    controls: dict[str, str]
    figures: tuple[Figure, ...]
    indicators: tuple[str, ...]

    def shows(self, indicator: str) -> bool:
        """Whether an indicator stands on the page."""
        return indicator in self.indicators or "*" in self.indicators


def _texts(row: pd.Series, name: str) -> Texts:
    return {language: row[f"{name}_{language}"] for language in LANGUAGES}


def _pairs(text: str | None, between: str) -> dict[str, str]:
    """'a=1;b=2' as a dictionary."""
    return dict(pair.split("=", 1) for pair in (text or "").split(between) if pair)


def _rows(frame: pd.DataFrame, **same: Any) -> list[pd.Series]:
    """The rows of a frame with some values."""
    for name, value in same.items():
        frame = frame[frame[name] == value]
    return [row for _, row in frame.iterrows()]


# A resource, not data: nobody changes it, and a run that copied it would be slower.
@st.cache_resource(max_entries=4, show_spinner=False)
def listed(of: data.Snapshot) -> dict[str, Page]:
    """The pages by name, in the order of their links; the first one is the front page. `data.Damaged`: the file says none."""
    found = {name: data.query(of, f"select * from {name} order by page, position") for name in ("pages", "page_figures", "page_numbers")}
    pages = {row["page"]: _page(row, found) for _, row in found["pages"].sort_values("position").iterrows()}
    if not pages:
        raise data.Damaged
    return pages


def _page(row: pd.Series, found: dict[str, pd.DataFrame]) -> Page:
    figures = tuple(_figure(one, found["page_numbers"]) for one in _rows(found["page_figures"], page=row["page"]))
    return Page(
        name=row["page"],
        label=_texts(row, "label"),
        title=_texts(row, "title"),
        missing=_texts(row, "missing"),
        view=row["view_name"],
        is_for_staff=bool(row["is_for_staff"]),
        staff_tables=frozenset((row["staff_tables"] or "").split()),
        controls=_pairs(row["controls"], " "),
        figures=figures,
        indicators=tuple((row["indicators"] or "").split()),
    )


def _figure(row: pd.Series, numbers: pd.DataFrame) -> Figure:
    own = _rows(numbers, page=row["page"], figure=row["figure"])
    return Figure(
        name=row["figure"],
        kind=row["kind"],
        numbers=tuple(Number(one["indicator"], _pairs(one["dims"], ";"), _texts(one, "label"), one["indicator_before"], one["shown"]) for one in own),
        by=row["by_dimension"],
        has_total=bool(row["has_total"]),
        shape=row["shape"],
        is_half=bool(row["is_half"]),
        table=row["table_name"],
        question=_texts(row, "question"),
        answer=_texts(row, "answer"),
        note=_texts(row, "note"),
        missing=_texts(row, "missing"),
    )
