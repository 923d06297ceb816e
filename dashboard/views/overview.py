"""总览: how the system stands in a year, in seven figures and three charts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.text import number

FIVE_YEARS = 5


def change_text(here: blocks.Context, row: pd.Series) -> str:
    """The change against last year in words and numbers, so that the sign never hangs on a colour."""
    if row["change"] is None:
        return here.say("tile.none")
    words = {
        "direction": here.say("direction.down" if row["change"] < 0 else "direction.up"),
        "change": number(abs(row["change"]), row["print_scale"], row["print_decimals"]),
        "unit": here.pick(row, "print_unit"),
    }
    if row["growth_pct"] is None:  # a break of definition, or nothing to compare with
        return here.say("tile.change_only", **words)
    return here.say("tile.change", growth=number(row["growth_pct"], 1, 1, signed=True), **words)


def tiles(here: blocks.Context, frame: pd.DataFrame) -> None:
    """Figures of a year as a row of tiles."""
    with st.container(key=f"tiles-{frame['cell'].iloc[0]}"):
        for _, row in frame.iterrows():
            unit = here.pick(row, "print_unit")
            with st.container(border=True, key=f"tile-{row['cell']}", gap=None):
                st.metric(
                    here.say("tile.label", label=here.say(f"tile.{row['cell']}"), unit=unit),
                    here.say("tile.value", value=row["printed"], unit=unit),
                )
                st.caption(change_text(here, row))


def five_year_table(here: blocks.Context, frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Years down, cells across, as printed."""
    wide = frame.pivot(index="time_period", columns="cell", values="printed")[list(columns)]
    return wide.rename(columns=columns).rename_axis(here.say("column.year")).reset_index()


@dataclass(frozen=True)
class Part:
    """What one figure of the page shows: its rows of five years, those of the chosen year by cell, its breaks and notes."""

    frame: pd.DataFrame
    now: pd.DataFrame
    breaks: list[str]
    notes: list[str]

    @property
    def year(self) -> str:
        return self.now["time_period"].iloc[0]

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
        answer=here.say("overview.members", year=part.year, value=part.printed("total"), unit=unit),
        chart=charts.stacked_columns(part.frame, cells, "total", unit, here.dark),
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
            income=part.printed("income"),
            expenditure=part.printed("expenditure"),
            unit=unit,
        ),
        chart=charts.paired_columns(part.frame, cells, unit, here.dark),
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
            sign=here.say(f"balance.{sign}"),
            current=part.printed("current").lstrip("-"),
            cumulative=part.printed("cumulative"),
            unit=unit,
        ),
        chart=charts.two_rows_of_columns(part.frame, cells, unit, here.dark),
        columns=cells,
        note=here.say("overview.balance_note"),
    )


def show(
    here: blocks.Context, part: Part, key: str, answer: str, chart: go.Figure, columns: dict[str, str], note: str
) -> None:
    """One figure of five years with its definitions and changes of definition."""
    if part.now.loc[list(columns), "value"].isna().any():
        answer = here.say("overview.missing", year=part.year)
    definitions = dict.fromkeys(here.pick(row, "definition") for _, row in part.now.loc[list(columns)].iterrows())
    blocks.figure(
        here,
        key=key,
        answer=answer,
        frame=part.frame,
        chart=charts.with_breaks(chart, sorted(part.frame["time_period"].unique()), part.breaks),
        table=five_year_table(here, part.frame, columns),
        notes=[*definitions, note, *part.notes],
        unit=here.pick(part.now.loc[next(iter(columns))], "print_unit"),
    )


# Each figure and the cells of `data.TILES` it shows.
FIGURES = (
    (members_figure, ("total", "employee", "resident")),
    (fund_figure, ("income", "expenditure")),
    (balance_figure, ("current", "cumulative")),
)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    years = data.years(here.snapshot, tuple(indicator for _, indicator, _, _ in data.TILES))
    if not years:
        st.info(here.say("empty", year=here.release.last_year))
        return
    title = st.empty()
    with st.container(horizontal=True, key="controls"):
        year = blocks.choose(here, st.selectbox, "year", years, str)
    title.title(here.say("overview.title", year=year))

    first_year = max(min(years), str(int(year) - FIVE_YEARS + 1))
    frame = data.national(here.snapshot, data.TILES, first_year, year)
    breaks = data.breaks(here.snapshot, data.TILES, first_year, year)
    blocks.add_printed(frame)
    now = frame[frame["time_period"] == year].set_index("cell", drop=False)
    tiles(here, now.loc[["total", "employee", "resident"]])
    tiles(here, now.loc[["income", "expenditure", "current", "cumulative"]])

    beside = st.columns(2, gap="large")
    for place, (draw, cells) in zip((*beside, st.container()), FIGURES, strict=True):
        touching = breaks[breaks["cell"].isin(cells)]
        part = Part(
            frame=frame[frame["cell"].isin(cells)],
            now=now.loc[list(cells)],
            breaks=sorted(touching.loc[touching["breaks_growth"].astype(bool), "year"].unique()),
            notes=blocks.break_notes(here, touching),
        )
        with place:
            draw(here, part)


main()
