"""Chart builders: a frame in, a Plotly figure out. No file, no state, no statistic.

House colours (Okabe-Ito, told apart by colour-blind readers); one thing has one colour on every page. Figures have
no title of their own: the answer stands above them as text, where a phone can wrap it and a screen reader finds it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

COLOURS = {
    "employee": "#56B4E9",
    "resident": "#E69F00",
    "income": "#009E73",
    "expenditure": "#CC79A7",
    "surplus": "#0072B2",
    "deficit": "#D55E00",
    "even": "#888888",
    "current": "#0072B2",
    "cumulative": "#56B4E9",
}
FONTS = (
    "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Hiragino Sans GB, WenQuanYi Micro Hei, sans-serif"
)
# Passed to st.plotly_chart: nothing that traps a finger scrolling past.
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "displaylogo": False}


def _layout(figure: go.Figure, height: int, dark: bool, unit: str = "") -> go.Figure:
    """The look all figures share; the unit stands above the plot on the left, as the bulletin prints it."""
    ink = "#EEEEEE" if dark else "#222222"
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": 4, "t": 60, "b": 4},
        font={"family": FONTS, "size": 13, "color": ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        hovermode="closest",
        separators=".",
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        bargap=0.2,
    )
    figure.update_xaxes(fixedrange=True, automargin=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, automargin=True, gridcolor="rgba(128,128,128,0.25)", zerolinecolor=ink)
    if unit:
        figure.add_annotation(
            text=unit, xref="paper", yref="paper", x=0, y=1, xanchor="left", yanchor="bottom", showarrow=False, yshift=34
        )
    return figure


def stacked_columns(
    frame: pd.DataFrame, parts: dict[str, str], total: str, unit: str, dark: bool = False
) -> go.Figure:
    """Columns stacked by part with the total printed above.

    `frame`: rows cell, time_period, plotted (float, print unit), printed (text); `parts`: cell -> legend text, from the bottom
    up; `total`: the cell of the total.
    """
    figure = go.Figure()
    for cell, label in parts.items():
        rows = frame[frame["cell"] == cell]
        figure.add_bar(
            x=rows["time_period"], y=rows["plotted"], name=label, text=rows["printed"], textposition="inside",
            insidetextanchor="middle", textangle=0, marker={"color": COLOURS[cell]}, textfont={"color": "#111111", "size": 11},
            hovertemplate="%{x} " + label + " %{text}" + unit + "<extra></extra>",
        )  # fmt: skip
    rows = frame[(frame["cell"] == total) & frame["plotted"].notna()]
    figure.add_scatter(
        x=rows["time_period"], y=rows["plotted"], text=rows["printed"], mode="text", textposition="top center",
        textfont={"size": 12}, showlegend=False, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    figure.update_layout(barmode="stack")
    figure.update_xaxes(type="category")
    figure.update_yaxes(showticklabels=False, showgrid=False, rangemode="tozero")
    return _layout(figure, 340, dark, unit)


def paired_columns(frame: pd.DataFrame, cells: dict[str, str], unit: str, dark: bool = False) -> go.Figure:
    """Columns side by side, one a cell, printed values upright inside. Frame as in `stacked_columns`."""
    figure = go.Figure()
    for cell, label in cells.items():
        rows = frame[frame["cell"] == cell]
        figure.add_bar(
            x=rows["time_period"], y=rows["plotted"], name=label, text=rows["printed"], textposition="inside",
            insidetextanchor="end", textangle=-90, marker={"color": COLOURS[cell]}, textfont={"color": "#111111", "size": 12},
            constraintext="none", hovertemplate="%{x} " + label + " %{text}" + unit + "<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", bargroupgap=0.06)
    figure.update_xaxes(type="category")
    figure.update_yaxes(showticklabels=False, showgrid=False, rangemode="tozero")
    return _layout(figure, 340, dark, unit)


def two_rows_of_columns(frame: pd.DataFrame, cells: dict[str, str], unit: str, dark: bool = False) -> go.Figure:
    """One small chart above the other, each with its own scale: for a flow and a stock of different size."""
    figure = make_subplots(
        rows=len(cells), cols=1, shared_xaxes=True, vertical_spacing=0.16, subplot_titles=list(cells.values())
    )
    for row, (cell, label) in enumerate(cells.items(), start=1):
        rows = frame[frame["cell"] == cell]
        colours = [COLOURS["deficit"] if value < 0 else COLOURS[cell] for value in rows["plotted"]]
        figure.add_bar(
            x=rows["time_period"], y=rows["plotted"], text=rows["printed"], textposition="outside", cliponaxis=False,
            marker={"color": colours}, textfont={"size": 12}, showlegend=False,
            hovertemplate="%{x} " + label + " %{text}" + unit + "<extra></extra>", row=row, col=1,
        )  # fmt: skip
        figure.update_yaxes(range=_padded(rows["plotted"]), row=row, col=1)
    figure.update_xaxes(type="category")
    figure.update_yaxes(showticklabels=False, showgrid=False)
    figure.update_annotations(font={"size": 13})
    return _layout(figure, 340, dark, unit)


def diverging_bars(
    frame: pd.DataFrame, labels: dict[str, str], apart: Sequence[str], line: tuple[float, str] | None, dark: bool = False
) -> go.Figure:
    """Ranked bars to both sides of zero, the first row on top; rows of `apart` stand below a gap, hatched.

    `frame`: name, plotted (float), printed (text with its sign), state ('surplus'|'deficit'|'even'|None), region_code;
    `labels`: state -> legend text; `line`: a value of comparison and its text.
    """
    figure = go.Figure()
    apart_rows = frame["region_code"].isin(apart)
    for state, label in labels.items():
        rows = frame[frame["state"] == state]
        figure.add_bar(
            x=rows["plotted"], y=rows["name"], orientation="h", name=label, text=rows["printed"], textposition="outside",
            cliponaxis=False, textangle=0, constraintext="none", textfont={"size": 12},
            marker={"color": COLOURS[state], "pattern": {"shape": ["/" if code in apart else "" for code in rows["region_code"]]}},
            hovertemplate="%{y} " + label + " %{text}%<extra></extra>",
        )  # fmt: skip
    # Regions without a value keep their line and show their mark at zero.
    empty = frame[frame["state"].isna()]
    figure.add_scatter(
        x=[0] * len(empty), y=empty["name"], text=empty["printed"], mode="text", textposition="middle right",
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    order = list(frame["name"][~apart_rows]) + ([" "] + list(frame["name"][apart_rows]) if apart_rows.any() else [])
    figure.update_layout(barmode="overlay")
    _layout(figure, 96 + 22 * len(order), dark)
    figure.update_layout(bargap=0.28, legend={"x": 0, "xanchor": "left", "y": 1.03})
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=order[::-1], range=[-0.7, len(order) - 0.3],
                        showgrid=False, tickfont={"size": 12}, ticklabelstandoff=4)  # fmt: skip
    figure.update_xaxes(range=_padded(frame["plotted"], 0.22), showticklabels=False, zeroline=True, zerolinewidth=1.5)
    if line is not None:
        value, text = line
        figure.add_vline(x=value, line={"dash": "dot", "width": 1, "color": "#888888"}, layer="below")
        figure.add_annotation(x=value, y=1, yref="paper", text=text, showarrow=False, yanchor="bottom", font={"size": 12})
    return figure


def with_breaks(figure: go.Figure, years: Sequence[str], breaks: Sequence[str]) -> go.Figure:
    """Dotted lines before the first year of a new definition, across which nothing is to be compared."""
    for year in breaks:
        figure.add_vline(x=years.index(year) - 0.5, line={"dash": "dash", "width": 1.5, "color": "#888888"})
    return figure


def _padded(values: pd.Series, share: float = 0.3) -> list[float]:
    """An axis range from zero over all values with room for the numbers printed outside the bars."""
    known = values.dropna()
    low, high = min([0.0, *known]), max([0.0, *known])
    room = (high - low) * share or 1.0
    return [low - room if low < 0 else 0.0, high + room if high > 0 else 0.0]
