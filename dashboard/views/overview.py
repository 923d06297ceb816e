"""总览: how the system stands in a year, in seven figures and three charts, for the nation or one place."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell

CELLS = (
    Cell("total", "members"),
    Cell("employee", "members", scheme="employee"),
    Cell("resident", "members", scheme="resident"),
    Cell("income", "fund_income"),
    Cell("expenditure", "fund_expenditure"),
    Cell("current", "fund_current_balance", fund_part="pooled"),
    Cell("cumulative", "fund_cumulative_balance", fund_part="pooled"),
)
PEOPLE = ("total", "employee", "resident")
MONEY = ("income", "expenditure", "current", "cumulative")
FIVE_YEARS = 5


def tile(here: blocks.Context, row: pd.Series, years: pd.DataFrame) -> blocks.Tile:
    """The tile of a cell with its course over the years."""
    course = [None if value is None or pd.isna(value) else value for value in years["plotted"]]
    known = [value for value in course if value is not None]
    picture = charts.sparkline([(course, charts.colour(row["cell"], here.dark), 2)], min(known), max(known), here.dark) if known else ""
    return blocks.tile_of(here, row, here.say(f"overview.label.{row['cell']}"), picture)


@dataclass(frozen=True)
class Part:
    """What one figure of the page shows: its rows of five years, those of the chosen year by cell, its breaks, its place."""

    frame: pd.DataFrame
    now: pd.DataFrame
    breaks: pd.DataFrame
    place: str

    @property
    def year(self) -> str:
        return self.now["time_period"].iloc[0]

    @property
    def years_broken(self) -> list[str]:
        return blocks.growth_breaks(self.breaks)

    def printed(self, cell: str) -> str:
        return self.now.loc[cell, "printed"]


def members_figure(here: blocks.Context, part: Part) -> None:
    """Members of the two schemes, stacked, over five years."""
    cells = {"employee": here.say("scheme.employee"), "resident": here.say("scheme.resident")}
    unit = here.pick(part.now.loc["total"], "print_unit")
    show(
        here,
        part,
        key="members",
        answer=here.say("overview.members", year=part.year, place=part.place, value=part.printed("total"), unit=unit),
        chart=charts.stacked_columns(part.frame, cells, "total", unit, here.dark, part.years_broken),
        columns={"total": here.say("column.total"), **cells},
        note=here.say("overview.members_note"),
    )


def fund_figure(here: blocks.Context, part: Part) -> None:
    """Income and expenditure of the whole fund, side by side, over five years."""
    cells = {"income": here.say("column.income"), "expenditure": here.say("column.expenditure")}
    unit = here.pick(part.now.loc["income"], "print_unit")
    show(
        here,
        part,
        key="fund",
        answer=here.say(
            "overview.fund",
            year=part.year,
            place=part.place,
            income=part.printed("income"),
            expenditure=part.printed("expenditure"),
            unit=unit,
        ),
        chart=charts.paired_columns(part.frame, cells, unit, here.dark, part.years_broken),
        columns=cells,
        note=here.say("overview.fund_note"),
    )


def balance_figure(here: blocks.Context, part: Part) -> None:
    """Current and cumulative balance of the pooled funds, one above the other, over five years."""
    cells = {"current": here.say("column.current"), "cumulative": here.say("column.cumulative")}
    unit = here.pick(part.now.loc["current"], "print_unit")
    current = part.now.loc["current", "value"]
    sign = "even" if not current else "deficit" if current < 0 else "surplus"
    show(
        here,
        part,
        key="balance",
        answer=here.say(
            "overview.balance",
            year=part.year,
            place=part.place,
            sign=here.say(f"balance.{sign}"),
            current=part.printed("current").lstrip("-"),
            cumulative=part.printed("cumulative"),
            unit=unit,
        ),
        chart=charts.rows_of_columns(part.frame, cells, unit, here.dark, part.years_broken),
        columns=cells,
        note=here.say("overview.balance_note"),
    )


def show(
    here: blocks.Context, part: Part, key: str, answer: str, chart: go.Figure, columns: dict[str, str], note: str
) -> None:
    """One figure of five years with its definitions and changes of definition."""
    if part.now.loc[list(columns), "value"].isna().any():
        answer = here.say("overview.missing", year=part.year, place=part.place)
    table = blocks.wide(part.frame, "time_period", "cell", columns, here.say("column.year"))
    blocks.figure(here, key, answer, part.frame, chart, table, [note], part.breaks)


# Each figure and the cells it shows.
FIGURES = (
    (members_figure, PEOPLE),
    (fund_figure, ("income", "expenditure")),
    (balance_figure, ("current", "cumulative")),
)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    title = st.empty()
    with st.container(horizontal=True, key="controls"):
        region = blocks.region(here)
        year = blocks.year(here, [cell.indicator for cell in CELLS], region.code)
    if year is None:
        title.title(here.say("page.overview"))
        st.info(here.say("overview.empty", place=here.name(region)))
        return
    title.title(here.say("overview.title", year=year, place=here.name(region)))
    blocks.breadcrumbs(here, region)

    years = tuple(str(int(year) - back) for back in reversed(range(FIVE_YEARS)))
    known = data.periods(here.snapshot, tuple(cell.indicator for cell in CELLS), "year", region.code)
    years = tuple(one for one in years if one >= min(known))
    frame = data.figures(here.snapshot, CELLS, (region.code,), years)
    breaks = data.breaks(here.snapshot, CELLS, years[0], year)
    blocks.add_printed(frame)
    now = frame[frame["time_period"] == year].set_index("cell", drop=False)
    for name, cells in (("people", PEOPLE), ("money", MONEY)):
        blocks.tiles(name, [tile(here, now.loc[cell], frame[frame["cell"] == cell]) for cell in cells])

    beside = st.columns(2, gap="large") if not here.printing else (st.container(), st.container())
    for place, (draw, cells) in zip((*beside, st.container()), FIGURES, strict=True):
        part = Part(
            frame=frame[frame["cell"].isin(cells)],
            now=now.loc[list(cells)],
            breaks=breaks[breaks["cell"].isin(cells)],
            place=here.within(region),
        )
        with place:
            draw(here, part)


main()
