"""总览: how the system stands in a year, in seven figures and three charts, for the nation or one place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, charts
from dashboard.data import cell

CELLS = (
    cell("total", "members"),
    cell("employee", "members", scheme="employee"),
    cell("resident", "members", scheme="resident"),
    cell("income", "fund_income"),
    cell("expenditure", "fund_expenditure"),
    cell("current", "fund_current_balance", fund_part="pooled"),
    cell("cumulative", "fund_cumulative_balance", fund_part="pooled"),
)
PEOPLE = ("total", "employee", "resident")
MONEY = ("income", "expenditure", "current", "cumulative")


def tile(here: blocks.Context, row: pd.Series, years: pd.DataFrame) -> blocks.Tile:
    """The tile of a cell with its course over the years."""
    course = [None if value is None or pd.isna(value) else value for value in years["plotted"]]
    known = [value for value in course if value is not None]
    picture = (
        charts.sparkline([(course, charts.colour(here.shades("scheme").get(row["cell"], row["cell"]), here.dark), 2)], min(known), max(known), here.dark)
        if known
        else ""
    )
    return blocks.tile_of(here, row, here.say(f"overview.label.{row['cell']}"), picture)


def members_figure(here: blocks.Context, course: blocks.Course, place: str) -> None:
    """Members of the two schemes, stacked, over the years."""
    course = course.of(PEOPLE)
    cells = {"employee": here.term("scheme", "employee"), "resident": here.term("scheme", "resident")}
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    answer = here.say("overview.members", year=course.year, place=place, value=total["printed"], unit=unit)
    chart = charts.stacked_columns(course.frame, cells, "total", unit, here.dark, course.years_broken, here.shades("scheme"))
    show(here, course, place, "members", answer, chart, {"total": here.say("column.total"), **cells}, here.say("overview.members_note"))


def pair_figure(here: blocks.Context, course: blocks.Course, place: str, *, key: str, pair: tuple[str, str], draw: Callable[..., go.Figure]) -> None:
    """Two amounts of the fund over the years, drawn by a chart of `charts`; `key` names the figure's words."""
    course = course.of(pair)
    cells = {cell: here.say(f"column.{cell}") for cell in pair}
    now = {cell: course.now(cell) for cell in pair}
    unit = here.pick(now[pair[0]], "print_unit")
    printed = {cell: row["printed"] for cell, row in now.items()}
    answer = here.say(f"overview.{key}", year=course.year, place=place, unit=unit, **printed)
    chart = draw(course.frame, cells, unit, here.dark, course.years_broken)
    show(here, course, place, key, answer, chart, cells, here.say(f"overview.{key}_note"))


def show(here: blocks.Context, course: blocks.Course, place: str, key: str, answer: str, chart: go.Figure, columns: dict[str, str], note: str) -> None:
    """A figure whose sentence says so when the year lacks one of its numbers."""
    if any(course.now(cell)["value"] is None for cell in columns):
        answer = here.say("overview.missing", year=course.year, place=place)
    blocks.course_figure(here, key, answer, course, columns, chart, [note], obeys=("region", "year"))


FIGURES = (
    members_figure,
    partial(pair_figure, key="fund", pair=("income", "expenditure"), draw=charts.paired_columns),
    partial(pair_figure, key="balance", pair=("current", "cumulative"), draw=charts.rows_of_columns),
)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    title = st.empty()
    with blocks.controls(here):
        region = blocks.region(here)
        year = blocks.year(here, [cell.indicator for cell in CELLS], region.code)
    if year is None:
        title.title(here.link_of(here.page))
        st.info(here.say("overview.empty", place=here.name(region)))
        return
    title.title(here.say("overview.title", year=year, place=here.name(region)))
    blocks.breadcrumbs(here, region)

    course = blocks.course(here, CELLS, region.code, year)
    for name, cells in (("people", PEOPLE), ("money", MONEY)):
        blocks.tiles(name, [tile(here, course.now(cell), course.of([cell]).frame) for cell in cells])

    for place, draw in zip((*blocks.beside(here), st.container()), FIGURES, strict=True):
        with place:
            draw(here, course, here.within(region))


main()
