"""Chart builders: a frame in, a Plotly figure out (or HTML, where a grid has to wrap). No file, no state, no statistic.

House colours (Okabe-Ito, told apart by colour-blind readers, darkened or lightened to stand 3:1 off the background);
one thing has one colour on every page. Figures have no title of their own: the answer stands above them as text, where
a phone can wrap it and a screen reader finds it.

Frames come from `dashboard.data` with two columns of `blocks.add_printed`: `plotted` (float in the print unit, for the
position only) and `printed` (the text every label shows). A figure is assembled from plain dicts and not validated:
validation costs more than all the rest of a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote
from zlib import crc32

import pandas as pd
import plotly.graph_objects as go

from dashboard.text import MARKS

# Colours of things that are told apart by their place in a list (values of a dimension, numbers of a figure), in that order: on the
# light and on the dark background.
IN_ORDER = (
    ("#2E86C1", "#56B4E9"),
    ("#B97A00", "#E69F00"),
    ("#009E73", "#009E73"),
    ("#BF5E94", "#CC79A7"),
    ("#D55E00", "#E8762B"),
    ("#0072B2", "#3D9BD6"),
    ("#767676", "#9A9A9A"),
)
# Name -> colour of what has a meaning that the colour tells.
COLOURS = {
    "total": ("#555555", "#BBBBBB"),
    "income": ("#009E73", "#009E73"),
    "expenditure": ("#BF5E94", "#CC79A7"),
    "surplus": ("#0072B2", "#3D9BD6"),
    "deficit": ("#D55E00", "#E8762B"),
    "even": ("#767676", "#9A9A9A"),
    "current": ("#0072B2", "#3D9BD6"),
    "cumulative": ("#2E86C1", "#56B4E9"),
    "this": ("#0072B2", "#3D9BD6"),
    "before": ("#767676", "#9A9A9A"),
    "before_that": ("#B97A00", "#E69F00"),
    "pass": ("#0072B2", "#3D9BD6"),
    "explained": ("#009E73", "#009E73"),
    "definition_differs": ("#B97A00", "#E69F00"),
    "not_rebuilt": ("#767676", "#9A9A9A"),
    "differs": ("#D55E00", "#E8762B"),
    "accepted": ("#0072B2", "#3D9BD6"),
    "rejected": ("#D55E00", "#E8762B"),
    "unreadable": ("#767676", "#9A9A9A"),
    "error": ("#D55E00", "#E8762B"),
    "warning": ("#B97A00", "#E69F00"),
    "region": ("#0072B2", "#3D9BD6"),
    "parent": ("#B97A00", "#E69F00"),
    "nation": ("#767676", "#9A9A9A"),
    "unknown": ("#767676", "#9A9A9A"),
    "other": ("#767676", "#9A9A9A"),
}
INK = ("#222222", "#EEEEEE")
QUIET = ("#6B6B6B", "#A6A6A6")
GRID = "rgba(128,128,128,0.25)"
PAPER = ("#FFFFFF", "#171614")  # as in .streamlit/config.toml and page.css
# Ends and middle of the scale of a map or heat table; dark text reads on all of it.
SCALE = {"deficit": (240, 150, 100), "middle": (244, 244, 240), "surplus": (110, 180, 230)}
FONTS = "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Hiragino Sans GB, WenQuanYi Micro Hei, sans-serif"
# Passed to st.plotly_chart: nothing that traps a finger scrolling past.
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "displaylogo": False}

Trace = dict[str, Any]


def colour(name: str, dark: bool = False) -> str:
    """The colour of a thing: by its name in COLOURS, by its place in a list, as text ("0" is the first), or always the same one for a
    name that nobody gave a colour."""
    if name in COLOURS:
        return COLOURS[name][dark]
    place = int(name) if name.isdecimal() else crc32(name.encode())
    return IN_ORDER[place % len(IN_ORDER)][dark]


def _colour_of(colours: Mapping[str, str] | None, name: str, dark: bool) -> str:
    """The colour of a thing by its own name, or by the one that `colours` gives it."""
    return colour((colours or {}).get(name, name), dark)


def _figure(traces: list[Trace], height: int, dark: bool, unit: str = "", **layout: Any) -> go.Figure:
    """A figure with the look all share; the unit stands above the plot on the left, as the bulletin prints it, before the legend."""
    ink = INK[dark]
    in_legend = [trace for trace in traces if trace.get("name") and trace.get("showlegend", True)]
    has_legend = len(in_legend) > 1 or any("showlegend" in trace for trace in in_legend)
    axis = {"fixedrange": True, "automargin": True, "zeroline": False, "ticks": "", "showline": False, "linecolor": ink}
    whole: dict[str, Any] = {
        "template": {},
        "height": height,
        "margin": {"l": 4, "r": 4, "t": 60 if unit else 36, "b": 4},
        "font": {"family": FONTS, "size": 13, "color": ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "dragmode": False,
        "hovermode": "closest",
        "separators": ".",
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        "bargap": 0.2,
        "annotations": [],
        "shapes": [],
        "xaxis": {"showgrid": False},
        "yaxis": {"gridcolor": GRID},
    } | layout
    for name in whole:
        if name.startswith(("xaxis", "yaxis")):
            whole[name] = axis | whole[name]
    if unit and has_legend:
        whole["legend"] = whole["legend"] | {"title": {"text": unit, "side": "top", "font": {"size": 13, "color": ink}}}
    elif unit:
        whole["annotations"].append(
            {"text": unit, "xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False, "yshift": 24}
        )
    return go.Figure({"data": traces, "layout": whole}, _validate=False)


def _numbers(values: pd.Series) -> list[float | None]:
    """Floats for JSON, None where there is no value."""
    return [None if value is None or value != value else float(value) for value in values]


# ---------------------------------------------------------------- columns by period


def _marks(rows: pd.DataFrame, axis: str = "y") -> list[Trace]:
    """The marks of periods without any value, standing where the columns would."""
    known = set(rows.loc[rows["plotted"].notna(), "time_period"])
    empty = rows[~rows["time_period"].isin(known)].drop_duplicates("time_period")
    if not len(empty):
        return []
    return [
        {"type": "scatter", "mode": "text", "x": list(empty["time_period"]), "y": [0] * len(empty), "text": list(empty["printed"]),
         "textposition": "top center", "showlegend": False, "hoverinfo": "skip", "cliponaxis": False, "yaxis": axis}
    ]  # fmt: skip


def _lacking(rows: pd.DataFrame, parts: Mapping[str, str]) -> dict[str, Any]:
    """The title of an axis of periods: which parts have no value in a period that has others."""
    known = set(rows.loc[rows["plotted"].notna(), "time_period"])
    empty = rows[rows["plotted"].isna() & rows["time_period"].isin(known)]
    lines = [f"{mark} {escape(parts[cell])} {' '.join(some['time_period'])}" for (cell, mark), some in empty.groupby(["cell", "printed"], sort=False) if mark]
    return {"text": "<br>".join(lines), "font": {"size": 11}, "standoff": 6}


def stacked_columns(
    frame: pd.DataFrame,
    parts: Mapping[str, str],
    total: str | None,
    unit: str,
    dark: bool = False,
    breaks: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """Columns stacked by part with the total printed above.

    `frame`: rows cell, time_period, plotted, printed; `parts`: cell -> legend text, from the bottom up; `total`: the cell of
    the total, or None; `breaks`: years of `blocks.growth_breaks`; `colours`: part -> name of `colour` (its own by default).
    """
    traces: list[Trace] = []
    for cell, label in parts.items():
        rows = frame[frame["cell"] == cell]
        traces.append(
            {"type": "bar", "x": list(rows["time_period"]), "y": _numbers(rows["plotted"]), "name": label, "text": list(rows["printed"]),
             "textposition": "inside", "insidetextanchor": "middle", "textangle": 0, "marker": {"color": _colour_of(colours, cell, dark)},
             "textfont": {"color": _text_on(_colour_of(colours, cell, dark)), "size": 12},
             "hovertemplate": f"%{{x}} {escape(label)} %{{text}} {unit}<extra></extra>"}
        )  # fmt: skip
    rows_of_parts = frame[frame["cell"].isin(parts)]
    traces += _marks(rows_of_parts)
    if total is not None:
        rows = frame[(frame["cell"] == total) & frame["plotted"].notna()]
        traces.append(
            {"type": "scatter", "x": list(rows["time_period"]), "y": _numbers(rows["plotted"]), "text": list(rows["printed"]), "mode": "text",
             "textposition": "top center", "textfont": {"size": 12}, "showlegend": False, "hoverinfo": "skip", "cliponaxis": False}
        )  # fmt: skip
    return with_breaks(
        _figure(
            # A number that would be too small to read in its part is left to the table and the pointer.
            traces, 340, dark, unit, barmode="stack", uniformtext={"minsize": 11, "mode": "hide"},
            xaxis={"type": "category", "showgrid": False, "title": _lacking(rows_of_parts, parts)},
            yaxis={"showticklabels": False, "showgrid": False, "rangemode": "tozero"},
        ),
        list(dict.fromkeys(frame["time_period"])), breaks,
    )  # fmt: skip


def paired_columns(
    frame: pd.DataFrame,
    cells: Mapping[str, str],
    unit: str,
    dark: bool = False,
    breaks: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """Columns side by side, one a cell, printed values inside where a column is wide enough. Arguments as in `stacked_columns`."""
    traces: list[Trace] = []
    for cell, label in cells.items():
        rows = frame[frame["cell"] == cell]
        traces.append(
            {"type": "bar", "x": list(rows["time_period"]), "y": _numbers(rows["plotted"]), "name": label, "text": list(rows["printed"]),
             "textposition": "inside", "insidetextanchor": "end", "textangle": 0, "marker": {"color": _colour_of(colours, cell, dark)},
             "textfont": {"color": _text_on(_colour_of(colours, cell, dark)), "size": 12},
             "hovertemplate": f"%{{x}} {escape(label)} %{{text}} {unit}<extra></extra>"}
        )  # fmt: skip
    rows_of_cells = frame[frame["cell"].isin(cells)]
    traces += _marks(rows_of_cells)
    return with_breaks(
        _figure(
            traces, 340, dark, unit, barmode="group", bargap=0.12, bargroupgap=0.04, uniformtext={"minsize": 11, "mode": "hide"},
            xaxis={"type": "category", "showgrid": False, "title": _lacking(rows_of_cells, cells)},
            yaxis={"gridcolor": GRID, "nticks": 5, "exponentformat": "none", "rangemode": "tozero"},
        ),
        list(dict.fromkeys(frame["time_period"])), breaks,
    )  # fmt: skip


def rows_of_columns(
    frame: pd.DataFrame,
    cells: Mapping[str, str],
    unit: str,
    dark: bool = False,
    breaks: Sequence[str] = (),
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """One small chart above the other, each with its own scale: for a flow and a stock of different size."""
    traces: list[Trace] = []
    axes: dict[str, Any] = {}
    titles = []
    gap = 0.16
    tall = (1 - gap * (len(cells) - 1)) / len(cells)
    for index, (cell, label) in enumerate(cells.items()):
        rows = frame[frame["cell"] == cell]
        top = 1 - index * (tall + gap)
        number = str(index + 1) if index else ""
        # One hue for the thing; below zero the colour of a deficit, and the sign is printed.
        shades = [colour("deficit", dark) if value < 0 else _colour_of(colours, cell, dark) for value in rows["plotted"]]
        traces.append(
            {"type": "bar", "x": list(rows["time_period"]), "y": _numbers(rows["plotted"]), "text": list(rows["printed"]), "textposition": "outside",
             "cliponaxis": False, "marker": {"color": shades}, "textfont": {"size": 12}, "showlegend": False, "yaxis": f"y{number}",
             "hovertemplate": f"%{{x}} {escape(label)} %{{text}} {unit}<extra></extra>"}
        )  # fmt: skip
        traces += _marks(rows, f"y{number}")
        axes[f"yaxis{number}"] = {
            "domain": [max(top - tall, 0), top], "range": _padded(rows["plotted"]), "showticklabels": False, "showgrid": False,
            "zeroline": True, "zerolinecolor": QUIET[dark],
        }  # fmt: skip
        titles.append({"text": label, "xref": "paper", "yref": "paper", "x": 0.5, "y": top, "xanchor": "center", "yanchor": "bottom", "showarrow": False})
    last = f"y{len(cells)}" if len(cells) > 1 else "y"
    figure = _figure(traces, 170 * len(cells), dark, unit, annotations=titles, xaxis={"type": "category", "showgrid": False, "anchor": last}, **axes)
    return with_breaks(figure, list(dict.fromkeys(frame["time_period"])), breaks)


def with_breaks(figure: go.Figure, periods: Sequence[str], breaks: Sequence[str]) -> go.Figure:
    """Dashed lines before the first period of a new definition, across which nothing is to be compared.

    `periods`: the categories of the axis in order; `breaks`: years.
    """
    shapes = []
    for year in breaks:
        first = next((index for index, period in enumerate(periods) if period[:4] == year), None)
        if first:
            shapes.append(
                {"type": "line", "x0": first - 0.5, "x1": first - 0.5, "y0": 0, "y1": 1, "yref": "paper",
                 "line": {"dash": "dash", "width": 1.5, "color": "#888888"}}
            )  # fmt: skip
    figure.layout.shapes = (*figure.layout.shapes, *shapes)
    return figure


# ---------------------------------------------------------------- lines


def lines(
    frame: pd.DataFrame,
    series: Mapping[str, str],
    unit: str,
    dark: bool = False,
    breaks: Sequence[str] | Mapping[str, Sequence[str]] = (),
    by: str = "cell",
    x: str = "time_period",
    colours: Mapping[str, str] | None = None,
    labelled: Sequence[str] | None = None,
    zero: bool = False,
    height: int = 340,
    ticks: Mapping[str, str] | None = None,
    at: str | None = None,
) -> go.Figure:
    """Lines over periods; a line stops at a missing value and at a break of definition.

    `frame`: rows with `by` (which line), `x` (category), plotted, printed, and `incomplete` (bool) where open marks are wanted;
    `series`: line -> legend text; `breaks`: years of a new definition, of all lines or line -> years; `colours`: line -> name of `colour` (its own by default); `labelled`: lines one of whose values
    is printed (all by default), which is that `at` a category, or the last, right of its mark; `zero`: the axis has a line at zero;
    `ticks`: category -> text, of many categories close together.
    """
    categories = list(dict.fromkeys(frame[x]))
    traces: list[Trace] = []
    labels: list[tuple[str, float, str]] = []  # category, value, text
    for index, (name, label) in enumerate(series.items()):
        rows = frame[frame[by] == name]
        mark = SYMBOLS[index % len(SYMBOLS)]
        marks = [f"{mark}-open" if incomplete else mark for incomplete in rows.get("incomplete", [False] * len(rows))]
        stops = breaks.get(name, ()) if isinstance(breaks, Mapping) else breaks
        xs, ys, texts, symbols = [], [], [], []
        for row_x, value, text, symbol in zip(rows[x], _numbers(rows["plotted"]), rows["printed"], marks, strict=True):
            if xs and row_x[:4] in stops and xs[-1][:4] != row_x[:4]:
                xs.append(row_x), ys.append(None), texts.append(""), symbols.append(mark)
            xs.append(row_x), ys.append(value), texts.append(text), symbols.append(symbol)
        known = [position for position, value in enumerate(ys) if value is not None and at in (None, xs[position])]
        shade = _colour_of(colours, name, dark)
        if known and (labelled is None or name in labelled):
            labels.append((xs[known[-1]], ys[known[-1]], texts[known[-1]]))
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "x": xs, "y": ys, "name": label, "hovertext": texts, "connectgaps": False,
             "cliponaxis": False,
             "line": {"color": shade, "width": 2.5, "dash": DASHES[index % len(DASHES)]},
             "marker": {"color": shade, "size": 7, "symbol": symbols},
             "hovertemplate": f"%{{x}} {escape(label)} %{{hovertext}} {unit}<extra></extra>"}
        )  # fmt: skip
    axis = {
        "type": "category", "categoryorder": "array", "categoryarray": categories, "showgrid": False, "ticklabelstandoff": 6,
        "range": [-0.4, len(categories) - 0.85],
    }  # fmt: skip
    low, high = _span(frame["plotted"], zero)
    room = (high - low) * 0.08
    # No share is larger than the whole.
    is_share = unit == "%" and frame["plotted"].max() <= 100
    top = min(high + room, 100.0) if is_share else high + room
    bottom = low if low == 0 else low - room
    if ticks is not None:
        axis |= {"tickmode": "array", "tickvals": list(ticks), "ticktext": list(ticks.values()), "tickangle": 0, "tickfont": {"size": 11}}
    figure = _figure(
        traces, height, dark, unit, xaxis=axis, annotations=_line_labels(labels, frame, x, categories, (bottom, top), (top - bottom) / (height - 96) * 15, dark),
        margin={"l": 4, "r": 12 + 8 * max([0, *(len(text) for _, _, text in labels)]), "t": 60, "b": 4},
        yaxis={"gridcolor": GRID, "range": [bottom, top], "nticks": 5, "exponentformat": "none", "zeroline": zero, "zerolinecolor": QUIET[dark]},
    )  # fmt: skip
    every = sorted({year for years in breaks.values() for year in years}) if isinstance(breaks, Mapping) else breaks
    return with_breaks(figure, categories, every)


def _line_labels(
    labels: Sequence[tuple[str, float, str]],
    frame: pd.DataFrame,
    x: str,
    categories: Sequence[str],
    within: tuple[float, float],
    step: float,
    dark: bool,
) -> list[dict[str, Any]]:
    """The printed values of `lines`: at the right end below each other, else above or below the mark, where other lines are farther."""
    # A year as a category would be taken for a number: places are counted.
    look, last = {"showarrow": False, "font": {"size": 12, "color": INK[dark]}, "bgcolor": PAPER[dark], "borderpad": 0}, categories[-1]
    ends = sorted((label for label in labels if label[0] == last), key=lambda label: label[1])
    # A text outside the axis would not be drawn.
    places = [
        min(max(place, within[0] + index * step), within[1] - (len(ends) - 1 - index) * step)
        for index, place in enumerate(pushed_apart([value for _, value, _ in ends], step))
    ]
    notes = [
        look | {"x": len(categories) - 1, "y": place, "text": text, "xanchor": "left", "xshift": 8} for (_, _, text), place in zip(ends, places, strict=True)
    ]
    for category, value, text in labels:
        if category != last:
            beside = [other - value for other in _numbers(frame.loc[frame[x] == category, "plotted"]) if other is not None]
            above = min((gap for gap in beside if gap > 0), default=float("inf"))
            below = min((-gap for gap in beside if gap < 0), default=float("inf"))
            notes.append(look | {"x": categories.index(category), "y": value, "text": text, "yshift": 14 if above >= below else -14})
    return notes


# Lines are told apart without colour too.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")


# ---------------------------------------------------------------- regions


def ranked_bars(
    frame: pd.DataFrame,
    labels: Mapping[str, str] | str,
    unit: str = "%",
    apart: Sequence[str] = (),
    line: tuple[float, str] | None = None,
    chosen: str | None = None,
    dark: bool = False,
    dots: bool = False,
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """Horizontal bars, the first row on top; rows of `apart` stand below a gap, hatched.

    `frame`: name, plotted, printed, region_code, and `state` for diverging bars; `labels`: state -> legend text (diverging,
    to both sides of zero), or the name of one colour; `line`: a value of comparison and its text; `chosen`: a region to mark;
    `dots`: marks instead of bars, on an axis without zero, for values that lie close together.
    """
    apart_rows = frame["region_code"].isin(apart)
    groups = {labels: ""} if isinstance(labels, str) else labels
    traces: list[Trace] = []
    for state, label in groups.items():
        rows = frame[frame["plotted"].notna()] if isinstance(labels, str) else frame[frame["state"] == state]
        stands_apart = [code in apart for code in rows["region_code"]]
        look: Trace = (
            {"type": "scatter", "mode": "markers+text", "textposition": "middle right",
             "marker": {"color": _colour_of(colours, state, dark), "size": 11, "symbol": ["circle-open" if one else "circle" for one in stands_apart]}}
            if dots
            else {"type": "bar", "orientation": "h", "textposition": "outside", "textangle": 0, "constraintext": "none",
                  "marker": {"color": _colour_of(colours, state, dark), "pattern": {"shape": ["/" if one else "" for one in stands_apart]}}}
        )  # fmt: skip
        traces.append(
            look
            | {"x": _numbers(rows["plotted"]), "y": list(rows["name"]), "name": label, "text": list(rows["printed"]), "cliponaxis": False,
               "textfont": {"size": 12}, "customdata": list(rows["region_code"]), "showlegend": bool(label),
               "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}},
               "hovertemplate": f"%{{y}} {escape(label)} %{{text}} {unit}<extra></extra>"}
        )  # fmt: skip
    low, high = _around(frame["plotted"]) if dots else _padded(frame["plotted"], 0.28)
    # Regions without a value keep their line and show their mark at zero.
    empty = frame[frame["plotted"].isna()]
    if len(empty):
        traces.append(
            {"type": "scatter", "mode": "text", "x": [max(low, 0)] * len(empty), "y": list(empty["name"]), "text": list(empty["printed"]),
             "textposition": "middle right", "showlegend": False, "hoverinfo": "skip"}
        )  # fmt: skip
    order = list(frame["name"][~apart_rows]) + ([" ", *frame["name"][apart_rows]] if apart_rows.any() else [])
    marked = dict(zip(frame["region_code"], frame["name"], strict=True)).get(chosen)
    figure = _figure(
        traces, 84 + 22 * len(order), dark, unit, barmode="overlay", bargap=0.28, margin={"l": 4, "r": 4, "t": 48, "b": 4},
        yaxis={
            "type": "category", "categoryorder": "array", "categoryarray": order[::-1], "range": [-0.7, len(order) - 0.3],
            "showgrid": dots, "gridcolor": GRID, "tickfont": {"size": 12}, "ticklabelstandoff": 4, "tickmode": "array", "tickvals": order,
            "ticktext": [f"<b>▸ {escape(name)}</b>" if name == marked else escape(name) for name in order],
        },
        xaxis={"range": [low, high], "showticklabels": dots, "nticks": 5, "side": "top", "showgrid": False, "zeroline": not dots,
               "zerolinewidth": 1.5, "zerolinecolor": INK[dark]},
    )  # fmt: skip
    if marked is not None:
        place = order[::-1].index(marked)
        figure.layout.shapes = (
            {"type": "rect", "x0": 0, "x1": 1, "xref": "paper", "y0": place - 0.5, "y1": place + 0.5, "layer": "below",
             "fillcolor": "rgba(128,128,128,0.22)", "line": {"width": 0}},
        )  # fmt: skip
    if line is not None:
        value, text = line
        figure.layout.shapes = (
            *figure.layout.shapes,
            {"type": "line", "x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper", "layer": "below",
             "line": {"dash": "dot", "width": 1.5, "color": QUIET[dark]}},
        )  # fmt: skip
        where = (value - low) / (high - low)
        figure.layout.annotations = (
            *figure.layout.annotations,
            {"x": value, "y": 0, "yref": "paper", "text": text, "showarrow": False, "yanchor": "top", "font": {"size": 12},
             "xanchor": "left" if where < 0.2 else "right" if where > 0.8 else "center"},
        )  # fmt: skip
        figure.layout.margin.b = 28
    return figure


def tile_map(tiles: pd.DataFrame, unit: str = "%", diverging: bool = False, chosen: str | None = None, outside: str = "", dark: bool = False) -> go.Figure:
    """One equal square a province, with its short name and printed value; the colour says how much.

    `tiles`: region_code, name (hover), short (in the tile), grid_row, grid_col, plotted, printed, in_statistics. Places
    that are not in the statistics are an empty outline; `outside` says so when the pointer rests on them.
    """
    inside = tiles[tiles["in_statistics"].astype(bool)]
    values = inside["plotted"].dropna()
    shapes, texts = [], []
    for row in tiles.itertuples():
        known = row.plotted == row.plotted and row.plotted is not None
        fill = _shade(row.plotted, values, diverging) if row.in_statistics and known else "rgba(0,0,0,0)"
        on_tile = "#1A1A1A" if row.in_statistics and known else QUIET[dark]
        border = {"color": INK[dark], "width": 3} if row.region_code == chosen else {"color": "#8A8A8A", "width": 1}
        if not row.in_statistics:
            border = {"color": "#8A8A8A", "width": 1, "dash": "dot"}
        shapes.append(
            {"type": "rect", "x0": row.grid_col - 0.47, "x1": row.grid_col + 0.47, "y0": row.grid_row - 0.47, "y1": row.grid_row + 0.47,
             "fillcolor": fill, "line": border, "layer": "below"}
        )  # fmt: skip
        second = f"<br>{escape(row.printed)}" if row.in_statistics else ""
        texts.append(
            {"x": row.grid_col, "y": row.grid_row, "text": f"{escape(row.short)}{second}", "showarrow": False,
             "font": {"color": on_tile, "size": 11}, "captureevents": False}
        )  # fmt: skip
    # What is pointed at and clicked: an unseen mark in the middle of every tile.
    points: Trace = {
        "type": "scatter", "mode": "markers", "x": list(inside["grid_col"]), "y": list(inside["grid_row"]),
        "customdata": list(inside["region_code"]), "text": [f"{name} {printed} {unit}" for name, printed in zip(inside["name"], inside["printed"], strict=True)],
        "marker": {"size": 34, "symbol": "square", "opacity": 0, "color": "#888888"}, "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
        "selected": {"marker": {"opacity": 0}}, "unselected": {"marker": {"opacity": 0}},
    }  # fmt: skip
    away = tiles[~tiles["in_statistics"].astype(bool)]
    others: Trace = {
        "type": "scatter", "mode": "markers", "x": list(away["grid_col"]), "y": list(away["grid_row"]),
        "text": [f"{name} {outside}" for name in away["name"]], "marker": {"size": 34, "symbol": "square", "opacity": 0, "color": "#888888"},
        "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
    }  # fmt: skip
    largest = max([0.0, *values.abs()])
    ends = [-largest, 0.0, largest] if diverging else [*values.agg(["min", "max"])] if len(values) else []
    key: Trace = {
        "type": "scatter", "mode": "markers", "x": [None], "y": [None], "showlegend": False, "hoverinfo": "skip",
        "marker": {
            "color": [0], "cmin": ends[0], "cmax": ends[-1], "showscale": True,
            "colorscale": [[(end - ends[0]) / ((ends[-1] - ends[0]) or 1.0), _shade(end, values, diverging)] for end in ends],
            "colorbar": {"orientation": "h", "thickness": 10, "len": 0.4, "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "nticks": 4,
                         "outlinewidth": 0, "tickfont": {"size": 11}, "title": {"text": unit, "side": "top", "font": {"size": 12}}},
        },
    } if len(values) else {"type": "scatter"}  # fmt: skip
    rows, columns = tiles["grid_row"], tiles["grid_col"]
    return _figure(
        [points, others, key], 52 * int(rows.max() - rows.min() + 1) + 48, dark, shapes=shapes, annotations=texts,
        margin={"l": 0, "r": 0, "t": 48, "b": 0},
        xaxis={"range": [columns.min() - 0.5, columns.max() + 0.5], "showgrid": False, "showticklabels": False, "constrain": "domain"},
        yaxis={"range": [rows.max() + 0.5, rows.min() - 0.5], "showgrid": False, "showticklabels": False, "scaleanchor": "x", "constrain": "domain",
               "constraintoward": "top"},
    )  # fmt: skip


# From a point of `slope` to its label, as a share of the way between the periods.
LEADER = 0.14


def slope(frame: pd.DataFrame, first: str, second: str, labels: Mapping[str, str], others: str, unit: str = "%", dark: bool = False) -> go.Figure:
    """One line a region between two periods; those in `labels` stand out and carry their names, the others are grey.

    `frame`: name, first_plotted, second_plotted, second_printed, first_printed, group (a key of `labels`, whose colour it takes,
    or None); `labels`: group -> legend text; `others`: legend text of the rest.
    """
    rows = frame[frame["first_plotted"].notna() & frame["second_plotted"].notna()]
    traces: list[Trace] = []
    for group, label in (*labels.items(), (None, others)):
        part = rows[rows["group"].isna()] if group is None else rows[rows["group"] == group]
        xs: list[int | None] = []
        ys: list[float | None] = []
        texts: list[str] = []
        for row in part.itertuples():
            xs += [0, 1, None]
            ys += [row.first_plotted, row.second_plotted, None]
            texts += [f"{row.name} {first} {row.first_printed}", f"{row.name} {second} {row.second_printed}", ""]
        shade = QUIET[dark] if group is None else colour(group, dark)
        trace = {
            "type": "scatter", "mode": "lines+markers", "x": xs, "y": ys, "name": label, "hovertext": texts, "hoverinfo": "text",
            "connectgaps": False, "line": {"color": shade, "width": 1 if group is None else 2.5}, "opacity": 0.55 if group is None else 1,
            "marker": {"size": 4 if group is None else 7, "color": shade, "symbol": SYMBOLS[0] if group != "deficit" else "diamond"},
        }  # fmt: skip
        traces.insert(0, trace) if group is None else traces.append(trace)
    named = rows[rows["group"].notna()]
    bottom, top = _span(pd.concat([rows["first_plotted"], rows["second_plotted"]]))
    height = max(480, 26 * len(named) + 120)
    step = (top - bottom) / (height - 110) * 14
    notes, leader_x, leader_y = [], [], []
    for end, anchor, column in ((0, "right", "first"), (1, "left", "second")):
        ordered = named.sort_values(f"{column}_plotted")
        places = pushed_apart(list(ordered[f"{column}_plotted"]), step)
        beside = end + LEADER if end else end - LEADER
        for row, place in zip(ordered.itertuples(), places, strict=True):
            printed = getattr(row, f"{column}_printed")
            text = f"{escape(row.name)} {printed}" if end else f"{printed} {escape(row.name)}"
            notes.append(
                {
                    "x": beside,
                    "y": place,
                    "text": text,
                    "showarrow": False,
                    "xanchor": anchor,
                    "borderpad": 0,
                    "bgcolor": PAPER[dark],
                    "font": {"size": 11, "color": INK[dark]},
                }
            )
            leader_x += [end, beside, None]
            leader_y += [getattr(row, f"{column}_plotted"), place, None]
    # A label that had to move is tied to its point.
    traces.insert(
        0, {"type": "scatter", "mode": "lines", "x": leader_x, "y": leader_y, "line": {"color": QUIET[dark], "width": 1}, "showlegend": False, "hoverinfo": "skip"}
    )  # fmt: skip
    room = (top - bottom) * 0.05 or 1.0
    return _figure(
        traces, height, dark, unit, annotations=notes, margin={"l": 4, "r": 4, "t": 60, "b": 4},
        xaxis={"range": [-1.05, 2.05], "tickmode": "array", "tickvals": [0, 1], "ticktext": [first, second], "side": "bottom", "showgrid": False},
        yaxis={"range": [min(bottom - room, *[note["y"] - step for note in notes] or [bottom]), max(top + room, *[note["y"] + step for note in notes] or [top])],
               "nticks": 6, "gridcolor": GRID, "zeroline": True, "zerolinecolor": INK[dark], "zerolinewidth": 1.5},
    )  # fmt: skip


def dumbbell(frame: pd.DataFrame, first: tuple[str, str], second: tuple[str, str], unit: str = "%", dark: bool = False) -> go.Figure:
    """Two marks a row and the distance between them.

    `frame`: name, first_plotted, second_plotted, first_printed, second_printed; `first`, `second`: (name of `colour`, legend text).
    """
    names = list(frame["name"])
    gaps_x: list[float | None] = []
    gaps_y: list[str | None] = []
    for name, one, two in zip(names, _numbers(frame["first_plotted"]), _numbers(frame["second_plotted"]), strict=True):
        gaps_x += [one, two, None]
        gaps_y += [name, name, None]
    traces: list[Trace] = [
        {"type": "scatter", "mode": "lines", "x": gaps_x, "y": gaps_y, "line": {"color": QUIET[dark], "width": 3}, "showlegend": False,
         "hoverinfo": "skip", "connectgaps": False}
    ]  # fmt: skip
    for (shade, label), column, symbol in ((first, "first", "circle"), (second, "second", "diamond")):
        other = "second" if column == "first" else "first"
        beyond = frame[f"{column}_plotted"] >= frame[f"{other}_plotted"]
        traces.append(
            {"type": "scatter", "mode": "markers+text", "x": _numbers(frame[f"{column}_plotted"]), "y": names, "name": label,
             "text": list(frame[f"{column}_printed"]), "textposition": ["middle right" if right else "middle left" for right in beyond],
             "textfont": {"size": 12}, "marker": {"size": 12, "color": colour(shade, dark), "symbol": symbol}, "cliponaxis": False,
             "hovertemplate": f"%{{y}} {escape(label)} %{{text}} {unit}<extra></extra>"}
        )  # fmt: skip
    both = pd.concat([frame["first_plotted"], frame["second_plotted"]]).dropna()
    low, high = (both.min(), both.max()) if len(both) else (0.0, 1.0)
    room = (high - low) * 0.25 or 1.0
    return _figure(
        traces, 96 + 38 * len(names), dark, unit,
        yaxis={"type": "category", "categoryorder": "array", "categoryarray": names[::-1], "gridcolor": GRID, "showgrid": True},
        xaxis={"range": [low - room, high + room], "nticks": 5, "showgrid": False},
    )  # fmt: skip


# ---------------------------------------------------------------- grids that wrap (HTML)


def small_multiples(
    frame: pd.DataFrame,
    names: Mapping[str, str],
    comparison: pd.DataFrame,
    compared: str,
    dark: bool = False,
    signed: bool = True,
    breaks: Sequence[str] = (),
) -> str:
    """A panel a region with its line over the periods, all on one scale, the comparison (`compared`: its name) in grey behind.

    `frame`, `comparison`: region_code, time_period, plotted, printed, in the order of periods; `names`: region -> heading, in the
    order of panels; `breaks`: years of a new definition, where lines stop. As many panels stand side by side as there is room for.
    """
    values = [value for value in (*frame["plotted"], *comparison["plotted"]) if value == value and value is not None]
    low, high = (min([*values, 0.0]), max([*values, 0.0])) if values else (0.0, 1.0)
    grey = _numbers(comparison["plotted"])
    gaps = [index for index, period in enumerate(comparison["time_period"]) if period[:4] in breaks]
    panels = []
    for code, rows in frame.groupby("region_code", sort=False):
        if code not in names:
            continue
        own = _numbers(rows["plotted"])
        last = rows["printed"].iloc[-1]
        falls = own[-1] is not None and own[-1] < 0 and signed
        picture = sparkline([(grey, QUIET[dark], 1.2), (own, colour("deficit" if falls else "surplus", dark), 2.2)], low, high, dark, gaps)
        panels.append(
            f'<figure class="panel"><figcaption><span data-draw="left">{escape(names[code])}</span> <b data-draw="right">{escape(last)}</b></figcaption>'
            f'<img alt="" src="{picture}"></figure>'
        )
    periods = list(comparison["time_period"])
    keys = _key(sparkline([([0.0, 0.0], QUIET[dark], 1.2)], -1.0, 1.0, dark, width=40, height=16, plain=True), compared)
    keys += f'<span data-draw="left">{escape(periods[0])}—{escape(periods[-1])}</span>' if periods else ""
    return f'<div class="panels"><div class="keys">{keys}</div>{"".join(panels)}</div>'


def _key(picture: str, label: str) -> str:
    """An entry of a legend of panels."""
    return f'<span><img alt="" src="{picture}"><span data-draw="left">{escape(label)}</span></span>'


def line_panels(
    frame: pd.DataFrame,
    titles: Mapping[str, str],
    lines: Mapping[str, tuple[str, str]],
    dark: bool = False,
    breaks: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A panel a cell, each on its own scale, with a line a region; the first region is printed large and drawn strong.

    `frame`: cell, region_code, time_period, plotted, printed, in the order of periods; `titles`: cell -> heading, in the order of
    panels; `lines`: region -> (legend text, name in COLOURS); a panel has those of the frame; `breaks`: cell -> years of a new
    definition, where lines stop. As many panels stand side by side as there is room for.
    """
    own = next(iter(lines))
    looks = {code: (colour(shade, dark), 2.4 if code == own else 1.4) for code, (_, shade) in lines.items()}
    dashes = dict(zip(lines, ("", "6 3", "1.5 2.5"), strict=False))
    keys = []
    for code, (label, _) in lines.items():
        swatch = sparkline([([0.0, 0.0], *looks[code])], -1.0, 1.0, dark, dashes=[dashes[code]], width=40, height=16, plain=True)
        keys.append(_key(swatch, label))
    panels = []
    for cell, title in titles.items():
        rows = frame[frame["cell"] == cell]
        values = rows["plotted"].dropna()
        periods = list(dict.fromkeys(rows["time_period"]))
        gaps = [index for index, period in enumerate(periods) if period[:4] in (breaks or {}).get(cell, ())]
        by_region = {code: rows[rows["region_code"] == code] for code in lines if (rows["region_code"] == code).any()}
        last = {code: line["printed"].iloc[-1] for code, line in by_region.items()}
        others = [f'<span data-draw="left">{escape(lines[code][0])} {escape(last[code])}</span>' for code in by_region if code != own]
        # The strong line lies on top.
        drawn = [code for code in reversed(by_region) if by_region[code]["plotted"].notna().any()]
        picture = sparkline(
            [(_numbers(by_region[code]["plotted"]), *looks[code]) for code in drawn], values.min(), values.max(), dark, gaps,
            width=240, height=84, dashes=[dashes[code] for code in drawn],
        )  # fmt: skip
        panels.append(
            f'<figure class="panel"><figcaption><span data-draw="left">{escape(title)}</span> <b data-draw="right">{escape(last[own])}</b></figcaption>'
            f'<div class="ends">{"".join(others)}</div><img alt="" src="{picture}">'
            f'<div class="ends"><span data-draw="left">{escape(periods[0])}</span><span data-draw="right">{escape(periods[-1])}</span></div></figure>'
        )
    return f'<div class="panels" data-kind="lines"><div class="keys">{"".join(keys)}</div>{"".join(panels)}</div>'


def sparkline(
    series: Sequence[tuple[Sequence[float | None], str, float]],
    low: float,
    high: float,
    dark: bool = False,
    gaps: Sequence[int] = (),
    width: int = 150,
    height: int = 56,
    dashes: Sequence[str] = (),
    plain: bool = False,
) -> str:
    """An image (data address) of a few lines between two values: (numbers, colour, width) each, with `dashes` as SVG has them.

    A line stops where there is no number and before each index of `gaps`. Zero is dotted where it lies inside, and a line has
    a mark at its last number, unless `plain`.
    """
    span = (high - low) or 1.0

    def place(index: int, count: int, value: float) -> str:
        return f"{6 + index * (width - 12) / max(count - 1, 1):.1f},{height - 6 - (value - low) / span * (height - 12):.1f}"

    def dot(point: str, radius: float, shade: str) -> str:
        x, y = point.split(",")
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{shade}"/>'

    parts = []
    if low <= 0 <= high and not plain:
        y = height - 6 - (0 - low) / span * (height - 12)
        parts.append(f'<path d="M0 {y:.1f}H{width}" stroke="{QUIET[dark]}" stroke-width="0.8" stroke-dasharray="2 2"/>')
    for index_of_line, (numbers, shade, thick) in enumerate(series):
        dash = f' stroke-dasharray="{dashes[index_of_line]}"' if any(dashes[index_of_line : index_of_line + 1]) else ""
        run: list[str] = []
        for index, value in enumerate([*numbers, None]):
            if run and (value is None or index in gaps):
                line = f'<polyline points="{" ".join(run)}" fill="none" stroke="{shade}" stroke-width="{thick}" stroke-linejoin="round"{dash}/>'
                parts.append(line if len(run) > 1 else dot(run[0], thick, shade))
                run = []
            if value is not None:
                run.append(place(index, len(numbers), value))
        if numbers and numbers[-1] is not None and not plain:
            parts.append(dot(place(len(numbers) - 1, len(numbers), numbers[-1]), thick + 0.8, shade))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg>'
    return f"data:image/svg+xml,{quote(svg)}"


def heat_table(plotted: pd.DataFrame, printed: pd.DataFrame, corner: str, label: str, diverging: bool = False, dark: bool = False) -> str:
    """A matrix whose cells are shaded by their value; it scrolls in its own box with the first column in view.

    `plotted` (floats) and `printed` (texts): the same rows and columns, which carry the names; a printed number without a plotted
    one (a total) is not shaded; `corner`: what rows and columns are; `label`: the name of the box for a screen reader.
    """
    values = plotted.stack().dropna()
    head = "".join(f'<th scope="col" data-draw="right">{escape(str(name))}</th>' for name in printed.columns)
    body = []
    for name, numbers, texts in zip(printed.index, plotted.to_numpy(), printed.to_numpy(), strict=True):
        cells = "".join(
            f'<td data-draw="right"{_cell_style(number, str(text), values, diverging)}>{escape(str(text))}</td>'
            for number, text in zip(numbers, texts, strict=True)
        )
        body.append(f'<tr><th scope="row" data-draw="left">{escape(str(name))}</th>{cells}</tr>')
    return (
        f'<div class="sheet heat" tabindex="0" role="region" aria-label="{escape(label, quote=True)}"><table><thead><tr>'
        f'<th scope="col" data-draw="left">{escape(corner)}</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def _cell_style(value: float | None, text: str, values: pd.Series, diverging: bool) -> str:
    if value is None or value != value:
        if text not in MARKS.values():
            return ""
        return ' style="background:repeating-linear-gradient(45deg,transparent 0 5px,rgba(128,128,128,0.4) 5px 6px)"'
    return f' style="background:{_shade(value, values, diverging)};color:#1A1A1A"'


# ---------------------------------------------------------------- pieces


def pushed_apart(values: Sequence[float], step: float) -> list[float]:
    """Places near ascending values, at least `step` from each other, with the shift shared by neighbours."""
    groups: list[list[float]] = []  # centre of the values, number of them
    for value in values:
        groups.append([value, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < step * (groups[-1][1] + groups[-2][1]) / 2:
            centre, many = groups.pop()
            before, count = groups.pop()
            groups.append([(before * count + centre * many) / (count + many), count + many])
    return [centre + (index - (count - 1) / 2) * step for centre, count in groups for index in range(int(count))]


def _padded(values: pd.Series, share: float = 0.3) -> list[float]:
    """An axis range from zero over all values with room for the numbers printed outside the bars."""
    known = values.dropna()
    low, high = min([0.0, *known]), max([0.0, *known])
    room = (high - low) * share or 1.0
    return [low - room if low < 0 else 0.0, high + room if high > 0 else 0.0]


def _span(values: pd.Series, zero: bool = False) -> tuple[float, float]:
    """The least and the largest value, with zero if asked; never closer than a fiftieth of the largest."""
    known = [*values.dropna(), *([0.0] if zero else [])]
    low, high = (float(min(known)), float(max(known))) if known else (0.0, 1.0)
    lacking = max(abs(high) / 50 - (high - low), 0.0) or (0.0 if high > low else 1.0)
    return low - lacking / 2, high + lacking / 2


def _around(values: pd.Series) -> list[float]:
    """An axis range around values that lie close together, with room for the numbers printed right of their marks.

    It is never narrower than a fiftieth of the largest, lest differences that are not even printed look large.
    """
    low, high = _span(values)
    return [low - (high - low) * 0.06, high + (high - low) * 0.28]


def _shade(value: float, values: pd.Series, diverging: bool) -> str:
    """The colour of a value on the scale: away from zero to both sides, or from the least to the most."""
    if diverging:
        largest = max(abs(values.min()), abs(values.max())) or 1.0
        end = SCALE["surplus"] if value >= 0 else SCALE["deficit"]
        share = abs(value) / largest
    else:
        span = values.max() - values.min()
        end = SCALE["surplus"]
        share = (value - values.min()) / span if span else 0.5
    return "rgb({},{},{})".format(*(round(a + (b - a) * share) for a, b in zip(SCALE["middle"], end, strict=True)))


def _text_on(background: str) -> str:
    """Black or white, whichever reads better on a colour (#RRGGBB)."""

    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    light = 0.2126 * linear(background[1:3]) + 0.7152 * linear(background[3:5]) + 0.0722 * linear(background[5:7])
    return "#FFFFFF" if 1.05 / (light + 0.05) > (light + 0.05) / 0.0549 else "#111111"
