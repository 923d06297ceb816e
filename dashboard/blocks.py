"""The furniture of a page: what every page and every figure has.

Controls are bound to the address by codes. A figure is one answer sentence, the tabs 图 / 表 / 说明 fed by one query, and
below them unit, scope, status, source and release, with the downloads of what is shown. In the print view controls are
left out and the three tabs stand below each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import browser, charts, data, exports
from dashboard import pages as listed_pages
from dashboard.text import LANGUAGES, MARKS, MESSAGES, Language, number, say

# Every parameter an address may have; a page that does not use one leaves it alone.
PARAMETERS = (
    "lang", "year", "region", "scheme", "part", "status", "denom", "base", "sort", "dir", "care", "level", "mode", "side", "period", "measure",
    "compare", "record", "batch", "rule", "vintage", "section", "result", "figure", "indicator", "table", "q", "release", "print",
)  # fmt: skip
# Those a link from page to page takes along.
CARRIED = ("lang", "year", "region", "scheme")

# Above so many rows a table scrolls in a box of its own.
LONG_TABLE = 40
# Up to so many characters a text of a table stands in one line; a column of longer ones is wide enough to be read.
SHORT_TEXT = 20
# The width of the print view's sheet, in digits of its tables.
SHEET_DIGITS = 88
# Longer names of rows get room for more than the least.
SHORT_NAME = 8
# Years a chart over time shows, as the bulletin does.
YEARS_SHOWN = 5
# Up to so many regions with one value are named in a sentence.
NAMES_TIED = 3
# Up to so many options stand side by side; more open as a list.
SHORT_CHOICE = 4


@dataclass(frozen=True)
class Context:
    """What a page needs to know of its run.

    `filters`: what is chosen, in words, by parameter, of the controls that say which numbers are shown; `address`: code by parameter, complete;
    `pages`: the pages a link may lead to; `listed`: every page of the file.
    """

    language: Language
    snapshot: data.Snapshot
    release: data.Release
    dark: bool
    notices: DeltaGenerator
    page: str = ""
    printing: bool = False
    pages: Mapping[str, object] = field(default_factory=dict)
    listed: Mapping[str, listed_pages.Page] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def word(self, key: str, code: str) -> str:
        """The message of a code of the data; the code itself where there is none, since the data may have codes of its own."""
        return say(self.language, key) if key in MESSAGES else code

    def term(self, dimension: str, code: str) -> str:
        """The name of a value of a dimension ('_T': the total); the code itself where no list has it."""
        zh, en = data.terms(self.snapshot).get(dimension, {}).get(code, (code, code))
        return zh if self.language == "zh" else en

    def dimension(self, name: str) -> str:
        """The name of a dimension, as a heading."""
        known = data.dimensions(self.snapshot).get(name)
        if known is None:
            return name
        return known.label_zh if self.language == "zh" else known.label_en[:1].upper() + known.label_en[1:]

    def shades(self, dimension: str, codes: Sequence[str] = ()) -> dict[str, str]:
        """Value of a dimension -> its colour: by its place in the code list, unless its meaning has a colour of its own. `codes`: the values
        of the figure; those that no list has stand behind it."""
        listed = data.terms(self.snapshot).get(dimension, {})
        codes = [code for code in dict.fromkeys([*listed, *codes]) if code != "_T"]
        return {code: code if code in charts.COLOURS else str(place) for place, code in enumerate(codes)}

    def link_of(self, page: str) -> str:
        """The text of the link to a page."""
        return self.listed[page].label[self.language] or page

    def pick(self, row: pd.Series, column: str) -> str:
        """The column of this language (`label` -> `label_zh`); empty when it has no text. A unit is never broken into two lines."""
        value = row[f"{column}_{self.language}"]
        text = "" if value is None or pd.isna(value) else str(value)
        return text.replace(" ", "\u00a0") if column == "print_unit" else text

    def name(self, region: data.Region) -> str:
        return region.name_zh if self.language == "zh" else region.name_en

    def within(self, region: data.Region) -> str:
        """A place as part of a sentence: nothing for the nation."""
        return "" if region.code == data.NATION else self.say("place.in", name=self.name(region))


def context() -> Context:
    """The context of this run, as app.py set it."""
    return st.session_state["context"]


# ---------------------------------------------------------------- controls and the address


@contextmanager
def controls(here: Context) -> Iterator[None]:
    """The place of a page's controls, side by side; on a phone they are behind one button, so that the answer comes first."""
    if not here.printing:
        browser.controls_button(here.say("controls"), here.page)
    with st.container(horizontal=True, key="controls"):
        yield


def choose(
    here: Context,
    name: str,
    options: Sequence[str],
    label: Callable[[str], str] = str,
    default: str | None = None,
    is_filter: bool = True,
    title: str | None = None,
) -> str:
    """A control whose state is the parameter `name` of the address, as one of the codes `options` (not empty).

    `label`: option -> its text; `default`: the first option when not given; `is_filter`: whether the choice says which numbers
    are shown (and is written into files) or only how. The control's own text is `title`, or the message `control.<name>`; where a
    choice alone would not be understood, the message `filter.<name>` says it with `{value}`.

    Streamlit's own binding writes the visible label into the address, which a change of language would break; so the
    codes are carried here. A value that is not an option gives the default and a notice, until the reader chooses.
    """
    title = title or here.say(f"control.{name}")
    ordinary = default if default in options else options[0]
    asked = st.query_params.get(name, ordinary)
    value = asked if asked in options else ordinary
    if asked != value:
        here.notices.warning(here.say("notice.value", name=title, default=label(value)))
    here.address[name] = value
    if is_filter:
        words = f"filter.{name}"
        here.filters[name] = here.say(words, value=label(value)) if words in MESSAGES else label(value)
    if not here.printing:
        st.session_state[name] = value
        if len(options) <= SHORT_CHOICE:
            st.segmented_control(title, options, format_func=label, key=name, required=True, on_change=_write_address, args=(name,))
        else:
            width = control_width(map(label, options))
            st.selectbox(title, options, format_func=label, key=name, on_change=_write_address, args=(name,), width=width)
    return value


def control_width(texts: Iterable[str]) -> int:
    """Pixels in which the longest of some options can be read, within those of a phone."""
    return min(max(168, *(64 + 8 * len(text.encode("gb18030")) for text in texts)), 358)


def search(here: Context, name: str = "q") -> str:
    """A text field whose state is the parameter `name`; what was typed, without blanks around it."""
    value = st.query_params.get(name, "")[:100].strip()
    here.address[name] = value
    if value:
        here.filters[name] = here.say("filter.q", value=value)
    if not here.printing:
        st.session_state[name] = value
        st.text_input(here.say(f"control.{name}"), key=name, on_change=_write_address, args=(name,), max_chars=100, width=240)
    return value


def year(here: Context, indicators: Sequence[str], region: str = data.NATION) -> str | None:
    """The control of the year, among those with a value of one of the indicators; None (and nothing drawn) when there are none."""
    years = data.periods(here.snapshot, tuple(indicators), "year", region)
    return choose(here, "year", years) if years else None


def region(here: Context, levels: Sequence[Literal["nation", "province", "prefecture"]] = ("nation", "province", "prefecture")) -> data.Region:
    """The place of the page, from the parameter `region`: the nation by default, then a province, then a prefecture of it.

    An unknown code gives the nation and a notice; a place below the levels of the page gives the one above it that has
    the level, so that a link from another page works.
    """
    title = here.say("control.region")
    asked = st.query_params.get("region", data.NATION)
    path = data.region_path(here.snapshot, asked)
    if not path:
        path = data.region_path(here.snapshot, data.NATION)
        here.notices.warning(here.say("notice.value", name=title, default=here.name(path[0])))
    path = tuple(place for place in path if place.level in levels or place.code == data.NATION)
    chosen = path[-1]
    here.address["region"] = chosen.code
    here.filters["region"] = here.name(chosen)
    if here.printing:
        return chosen
    for depth, level in enumerate(("province", "prefecture"), start=1):
        if level not in levels or len(path) < depth:
            break
        above = path[depth - 1]
        below = data.children(here.snapshot, above.code)
        if not below:
            break
        names = {place.code: here.name(place) for place in below}
        whole = here.say("region.whole", name=here.name(above))
        key = f"region-{level}"
        st.session_state[key] = path[depth].code if len(path) > depth else above.code
        st.selectbox(
            here.say(f"control.{level}"), [above.code, *names], format_func=lambda code, names=names, whole=whole: names.get(code, whole),
            key=key, on_change=_write_address, args=("region", key), width=control_width([whole, *names.values()]),
        )  # fmt: skip
    return chosen


def breadcrumbs(here: Context, place: data.Region) -> None:
    """Links to the places above one; nothing for the nation."""
    path = data.region_path(here.snapshot, place.code)
    if len(path) < 2 or here.printing:
        return
    with st.container(horizontal=True, key="breadcrumbs", gap="small"):
        for above in path[:-1]:
            link(here, here.page, f"{here.name(above)} ›", region=above.code)
        st.markdown(f"**{here.name(place)}**")


def link(here: Context, page: str, text: str, **parameters: str) -> None:
    """A link to a page with the carried parameters and some of its own; nothing when the reader may not go there."""
    if page in here.pages and not here.printing:
        st.page_link(here.pages[page], label=text, query_params=carried() | parameters)


def carried() -> dict[str, str]:
    """What a link to another page takes along of the address."""
    return {name: value for name, value in st.query_params.items() if name in CARRIED}


def address_value(name: str, options: Sequence[str]) -> str:
    """The value of a parameter of the address when it is one of `options`, else the first option."""
    asked = st.query_params.get(name)
    return asked if asked in options else options[0]


def _write_address(name: str, key: str | None = None) -> None:
    st.query_params[name] = st.session_state[key or name]


def language_control(language: Language) -> None:
    """The switch between the languages, which stands on every page."""
    st.session_state["lang"] = language
    st.segmented_control(
        say(language, "control.lang"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="lang", required=True,
        on_change=_write_address, args=("lang",), label_visibility="collapsed",
    )  # fmt: skip


def address_notices(language: Language) -> None:
    """Notices for an address, a language, and parameters that no page knows; names are shown only where they are plain words."""
    if st.session_state.pop("unknown", False):
        st.warning(say(language, "notice.page"))
    if st.query_params.get("lang", language) != language:
        st.warning(say(language, "notice.value", name=say(language, "control.lang"), default=LANGUAGES[language]))
    unknown = sorted(name if name.isidentifier() else "?" for name in st.query_params if name not in PARAMETERS)
    if unknown:
        st.warning(say(language, "notice.name", name=", ".join(unknown)))


def release_notice(here: Context) -> None:
    """A notice when the link was made from another release than the one shown."""
    asked = st.query_params.get("release")
    present = here.release.batches_digest[:12]
    if asked is not None and asked != present:
        here.notices.info(here.say("notice.release", asked=asked if asked.isalnum() else "?", present=present))


def filters_in_words(here: Context, obeys: Collection[str]) -> str:
    """What is chosen of some controls, as 2024 · 居民医保 · 四川."""
    return " · ".join(text for name, text in here.filters.items() if name in obeys)


# ---------------------------------------------------------------- numbers


def add_printed(frame: pd.DataFrame, signed: bool = False, prefix: str = "") -> None:
    """Add `printed` (text, as the bulletin prints the value) and `plotted` (float in the print unit, for positions only).

    `prefix`: "first_" or "second_" for the columns of `data.pairs`.
    """
    own = prefix if f"{prefix}print_decimals" in frame else ""
    values = list(zip(frame[f"{prefix}printed_value"], frame[f"{own}print_decimals"], frame[f"{prefix}status"], strict=True))
    frame[f"{prefix}printed"] = [number(value, 1, decimals, status, signed) for value, decimals, status in values]
    whole = zip(frame[f"{prefix}value"], frame[f"{own}print_scale"], strict=True)
    frame[f"{prefix}plotted"] = pd.Series([None if value is None else float(value) / scale for value, scale in whole], index=frame.index, dtype=float)


def named(here: Context, frame: pd.DataFrame, signed: bool = False) -> pd.DataFrame:
    """The frame with `name` (of its regions, in the reader's language) and the columns of `add_printed`."""
    frame["name"] = frame[f"region_{here.language}"]
    add_printed(frame, signed=signed)
    return frame


def growth_breaks(breaks: pd.DataFrame) -> list[str]:
    """The years of `data.breaks` across which nothing is compared: for the `breaks` of a chart."""
    return sorted(breaks.loc[breaks["breaks_growth"].astype(bool), "year"].unique())


def break_notes(here: Context, breaks: pd.DataFrame) -> list[str]:
    """Changes of definition (rows of `data.breaks`), each once, as notes."""
    notes = (here.say("figure.break", year=row["year"], title=here.pick(row, "title"), note=here.pick(row, "note")) for _, row in breaks.iterrows())
    return list(dict.fromkeys(notes))


@dataclass(frozen=True)
class Course:
    """Cells of one place over the years up to `year`: printed rows of `data.figures`, and the changes of definition among them."""

    frame: pd.DataFrame
    breaks: pd.DataFrame
    year: str

    @property
    def years_broken(self) -> list[str]:
        return growth_breaks(self.breaks)

    def now(self, cell: str) -> pd.Series:
        """The row of a cell in the last year."""
        return self.frame[(self.frame["cell"] == cell) & (self.frame["time_period"] == self.year)].iloc[0]

    def known(self, names: Mapping[str, str]) -> dict[str, str]:
        """Those of the cells (cell -> its name) that have a value in any year."""
        cells = set(self.frame.loc[self.frame["value"].notna(), "cell"])
        return {cell: name for cell, name in names.items() if cell in cells}

    def of(self, cells: Collection[str]) -> Course:
        """The same of some of the cells."""
        return Course(self.frame[self.frame["cell"].isin(cells)], self.breaks[self.breaks["cell"].isin(cells)], self.year)

    def listed(self, here: Context, names: Mapping[str, str]) -> str:
        """The numbers of some cells in the last year, within a sentence."""
        rows = {cell: self.now(cell) for cell in names}
        return here.say("comma").join(
            here.say(
                "course.missing" if rows[cell]["status"] == "missing" else "course.part",
                name=name[:1].lower() + name[1:],
                value=rows[cell]["printed"],
                unit=here.pick(rows[cell], "print_unit"),
            )
            for cell, name in names.items()
        )


def course(here: Context, cells: Sequence[data.Cell], region: str, year: str) -> Course:
    """Some cells of a region over `YEARS_SHOWN` years up to one, as far back as there is a value of any of them."""
    known = data.periods(here.snapshot, tuple(cell.indicator for cell in cells), "year", region)
    first = max(min([*known, year]), str(int(year) - YEARS_SHOWN + 1))
    years = tuple(str(one) for one in range(int(first), int(year) + 1))
    frame = data.figures(here.snapshot, tuple(cells), (region,), years)
    add_printed(frame)
    return Course(frame, data.breaks(here.snapshot, tuple(cells), first, year), year)


def wide(frame: pd.DataFrame, down: str, across: str, names: Mapping[str, str], corner: str, values: str = "printed") -> pd.DataFrame:
    """A printed table: the values of `down` in the first column (headed `corner`), those of `across` as columns named by `names`.

    Rows and columns keep the order of the frame and of `names`.
    """
    cells = frame.set_index([down, across])[values]
    rows = list(dict.fromkeys(frame[down]))
    table = {corner: rows} | {name: [cells.get((row, code), MARKS["missing"]) for row in rows] for code, name in names.items()}
    return pd.DataFrame(table)


# ---------------------------------------------------------------- figures


def figure(
    here: Context,
    key: str,
    answer: str,
    frame: pd.DataFrame,
    chart: go.Figure | str | Sequence[Tile] | None,
    table: pd.DataFrame | str,
    notes: Sequence[str] = (),
    breaks: pd.DataFrame | None = None,
    unit: str = "",
    select: bool = False,
    *,
    obeys: Collection[str],
    source: str = "",
    cells: pd.DataFrame | None = None,
) -> None:
    """One figure with its tabs, its line of facts and its downloads.

    `key`: its anchor, and the name of its files; unique on the page, of letters and hyphens.
    `frame`: the rows of the query, all of which the workbook gets; where it has `scope_id`, `status`, `definition_*` and
    `print_unit_*`, they are shown.
    `chart`: Plotly figure, HTML of `charts`, tiles, or None when the table says all.
    `table`: what is printed, text in every cell and the first column the row's name; or HTML of `charts.heat_table`.
    `notes`: sentences of the page; `breaks`: rows of `data.breaks` that touch the figure.
    `unit`: when the frame has none; `select`: a click on a mark with a region's code makes it the region of the page.
    `obeys`: the controls that say which numbers the figure shows; their choices stand below it and in its files.
    `source`: where the numbers come from, when not from the records alone; `cells`: what a `table` of HTML shows, for the files.
    """
    shown = _facts(here, answer, frame, notes, breaks, unit, source or records_source(here), obeys)
    with st.container(key=f"figure-{key}"):
        st.header(answer, anchor=key)
        if here.printing:
            _draw_chart(here, key, answer, chart, False)
            _draw_table(here, answer, table)
            _draw_notes(shown.notes)
        else:
            tabs = st.tabs([here.say(f"tab.{name}") for name in (("chart",) if chart is not None else ()) + ("table", "notes")])
            if chart is not None:
                with tabs[0]:
                    _draw_chart(here, key, answer, chart, select)
            with tabs[-2]:
                _draw_table(here, answer, table)
            with tabs[-1]:
                _draw_notes(shown.notes)
        st.caption("  \n".join(line for line in shown.lines if line))
        if not here.printing:
            _downloads(here, key, answer, frame, table if cells is None else cells, shown, isinstance(chart, go.Figure | str) or isinstance(table, str))


def ranked_figure(
    here: Context,
    key: str,
    answer: str,
    frame: pd.DataFrame,
    heading: str,
    colour: str,
    chosen: str = "",
    dots: bool = False,
    notes: Sequence[str] = (),
    *,
    obeys: Collection[str],
) -> None:
    """The figure of a `data.ranking` in one colour, with the value of the region they lie in as a line; a click chooses a region.

    `frame`: with the columns of `named`; `heading`: of the column of values; `colour`, `chosen`, `dots`: see `charts.ranked_bars`.
    """
    unit = here.pick(frame.iloc[0], "print_unit")
    whole = frame[frame["place"].isin(["parent", "nation"]) & frame["value"].notna()].head(1)
    line = None
    # The total of a count or an amount stands far beyond its parts: only a ratio is compared with that of the whole.
    if len(whole) and whole["indicator_kind"].iloc[0] == "ratio":
        row = whole.iloc[0]
        line = (float(row["plotted"]), here.say("ranking.line", name=row["name"], value=row["printed"]))
    regions = frame[~frame["place"].isin(["nation", "parent"])]
    chart = charts.ranked_bars(regions, colour, unit, apart(regions), line, chosen, here.dark, dots)
    table = pd.DataFrame({here.say("column.region"): frame["name"], heading: frame["printed"]})
    figure(here, key, answer, frame, chart, table, notes, select=True, obeys=obeys)


def extremes(here: Context, ranked: pd.DataFrame, unit: str = "") -> tuple[str, str]:
    """The regions with the largest and with the smallest printed value of a `data.ranking` in its order, each with the value, within a sentence."""
    return tuple(_sharing(here, ranked[ranked["printed"] == row["printed"]], unit) for _, row in ranked.iloc[[0, -1]].iterrows())


def _sharing(here: Context, regions: pd.DataFrame, unit: str) -> str:
    """Regions with one printed value: up to `NAMES_TIED` of them by name."""
    names, value = list(regions["name"]), regions["printed"].iloc[0]
    if len(names) == 1:
        return here.say("ranking.one", names=names[0], value=value, unit=unit)
    if len(names) > NAMES_TIED:
        return here.say("ranking.many", first=here.say("comma").join(names[:NAMES_TIED]), count=len(names), value=value, unit=unit)
    listed = here.say("ranking.and", first=here.say("comma").join(names[:-1]), last=names[-1])
    return here.say("ranking.tied", names=listed, value=value, unit=unit)


def among(here: Context, whole: data.Region) -> str:
    """The regions right below one, within a sentence."""
    return here.say("ranking.among.province") if whole.code == data.NATION else here.say("ranking.among.prefecture", name=here.name(whole))


def apart(regions: pd.DataFrame) -> tuple[str, ...]:
    """The codes of a `data.ranking` that stand apart."""
    return tuple(regions.loc[regions["place"].isin(data.APART), "region_code"])


def tile_map(here: Context, frame: pd.DataFrame, diverging: bool = False, chosen: str = "") -> go.Figure:
    """The tile map of a `data.ranking` of provinces with the columns of `add_printed`."""
    tiles = data.regions(here.snapshot)
    tiles = tiles[tiles["grid_row"].notna()].merge(frame[["region_code", "plotted", "printed"]], on="region_code", how="left")
    tiles["name"], tiles["short"] = tiles[f"region_{here.language}"], tiles[f"short_{here.language}"]
    return charts.tile_map(tiles, here.pick(frame.iloc[0], "print_unit"), diverging, chosen, here.say("map.outside"), here.dark)


def course_figure(
    here: Context, key: str, answer: str, shown: Course, names: Mapping[str, str], chart: go.Figure, notes: Sequence[str] = (), *, obeys: Collection[str]
) -> None:
    """The figure of a course; its table has years down and the cells of `names` (cell -> its name) across."""
    table = wide(shown.frame, "time_period", "cell", names, here.say("column.year"))
    figure(here, key, answer, shown.frame, chart, table, notes, shown.breaks, obeys=obeys)


def beside(here: Context) -> Sequence[DeltaGenerator]:
    """Two places side by side; below each other in the print view."""
    return (st.container(), st.container()) if here.printing else st.columns(2, gap="large")


@dataclass(frozen=True)
class _Shown:
    """The texts of a figure: notes, the lines below it, and the same for its files."""

    notes: list[str]
    lines: list[str]
    facts: exports.Facts


def _facts(
    here: Context,
    answer: str,
    frame: pd.DataFrame,
    notes: Sequence[str],
    breaks: pd.DataFrame | None,
    unit: str,
    source: str,
    obeys: Collection[str],
) -> _Shown:
    comma = here.say("comma")

    def distinct(column: str) -> list[str]:
        return [str(value) for value in frame[column].dropna().unique() if value] if column in frame else []

    definitions = distinct(f"definition_{here.language}")
    if len(definitions) > 1:
        each = frame.drop_duplicates("indicator").dropna(subset=f"definition_{here.language}")
        definitions = [here.say("figure.definition", label=here.pick(row, "label"), text=here.pick(row, "definition")) for _, row in each.iterrows()]
    changes = break_notes(here, breaks) if breaks is not None else []
    facts = {
        "unit": unit or comma.join(distinct(f"print_unit_{here.language}")),
        "scope": comma.join(scope_in_words(here, scope) for scope in sorted(distinct("scope_id"))),
        "status": status_in_words(here, distinct("status")) if "scope_id" in frame else "",
        "source": source,
    }
    pieces = [here.say(f"figure.{name}", **{name: text}) for name, text in facts.items() if text]
    synthetic = here.say("sample") if here.release.data_is_sample else ""
    chosen = filters_in_words(here, obeys)
    release = release_line(here)
    printing = [here.say(f"figure.{name}") for name, present in (("decimals", decimals_differ(frame)), ("rounding", has_parts(frame))) if present]
    all_notes = [*definitions, *(note for note in notes if note), *printing, *changes]
    rows = [(here.say(f"fact.{name}"), text) for name, text in facts.items() if text]
    rows += [(here.say("fact.note"), note) for note in all_notes] + [(here.say("fact.release"), release)]
    return _Shown(
        notes=all_notes,
        lines=[chosen, "　".join(pieces), release],
        facts=exports.Facts(answer, chosen, rows, synthetic, here.release.batches_digest),
    )


def records_source(here: Context) -> str:
    """Where the numbers of the records come from."""
    return here.say("source.sample" if here.release.data_is_sample else "source.records")


def scope_in_words(here: Context, scope: str) -> str:
    """A rule of counting, in words and with its id."""
    rule = scope.rsplit("-", 1)[0]
    return here.say("figure.scope_rule", words=here.term("counting_rule", rule), id=scope)


def status_in_words(here: Context, statuses: Collection[str]) -> str:
    """What the numbers of a figure are; where they are not the same, what some of them are."""
    if len(statuses) == 1:
        return here.say(f"status.{next(iter(statuses))}")
    return here.say("comma").join(here.say("status.some", status=here.say(f"status.{status}")) for status in sorted(statuses) if status != "normal")


def decimals_differ(frame: pd.DataFrame) -> bool:
    """Whether numbers in one unit are printed with different decimals, as the editions of the bulletin do."""
    return "print_decimals" in frame and bool((frame.groupby("print_unit_en")["print_decimals"].nunique() > 1).any())


def has_parts(frame: pd.DataFrame) -> bool:
    """Whether a total and parts of it stand in one figure."""
    if not {"indicator_kind", "dims"} <= set(frame.columns):
        return False
    added = frame.loc[frame["indicator_kind"] != "ratio"].drop_duplicates(["indicator", "dims"])
    cells = [(row.indicator, set(data.pairs_of(row.dims))) for row in added.itertuples()]
    return any(one == other and whole < part for one, whole in cells for other, part in cells)


def _draw_chart(here: Context, key: str, answer: str, chart: go.Figure | str | Sequence[Tile] | None, select: bool) -> None:
    if isinstance(chart, Sequence) and not isinstance(chart, str):
        tiles(key, chart)
    elif isinstance(chart, str):
        st.html(f'<div role="img" aria-label="{escape(answer, quote=True)}">{chart}</div>' if chart.startswith('<div class="panels"') else chart)
    elif chart is not None and select:
        st.plotly_chart(
            chart, key=f"chart-{key}", config=charts.CONFIG, theme=None, alt=answer, on_select=partial(_select_region, f"chart-{key}"),
            selection_mode="points",
        )  # fmt: skip
        st.caption(here.say("figure.select"))
    elif chart is not None:
        st.plotly_chart(chart, key=f"chart-{key}", config=charts.CONFIG, theme=None, alt=answer)


def _select_region(key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    code = points[0].get("customdata") if points else None
    code = code[0] if isinstance(code, list) else code
    if code:
        st.query_params["region"] = code


def _draw_table(here: Context, answer: str, table: pd.DataFrame | str) -> None:
    sheets = [table] if isinstance(table, str) else [table_html(part, answer) for part in (parts_that_fit(table) if here.printing else [table])]
    content = "".join(sheets)
    st.html(content)
    marks = [here.say(f"figure.mark.{name}", mark=mark) for name, mark in MARKS.items() if f">{mark}<" in content]
    if marks:
        st.caption("　".join(marks))


def _draw_notes(notes: Sequence[str]) -> None:
    st.markdown("\n".join(f"- {note}" for note in notes))


def parts_that_fit(table: pd.DataFrame) -> list[pd.DataFrame]:
    """A table in parts that fit side by side on a sheet of paper, each with the names of its rows; nearly always one part."""
    first, *others = table.columns
    names, parts, room = digits_of(table[first], first), [[]], 0.0
    for column in others:
        wanted = digits_of(table[column], column)
        if parts[-1] and room < wanted:
            parts.append([])
        if not parts[-1]:
            room = SHEET_DIGITS - names
        parts[-1].append(column)
        room -= wanted
    return [table[[first, *columns]] for columns in parts]


def digits_of(column: pd.Series, head: str) -> float:
    """The width in digits that a column cannot go below: its longest number, or the longest word of its head or of a text, and its margins."""
    cells = [word for text in map(str, column) for word in WORDS.split(text)]
    return max(min(_digits(text), SHORT_TEXT) for text in (*cells, *WORDS.split(str(head)))) + 2


def _digits(word: str) -> float:
    """The width of a word in digits: a letter is narrower than a digit, and a Chinese line breaks after any character."""
    if NUMBER.match(word):
        return len(word)
    return 0.8 * len(word) if word.replace("\u00a0", "").isascii() else 4


# Where a line may be broken; not at a no-break space.
WORDS = re.compile(r"[ -]")
NUMBER = re.compile(r"^[-+−]?\d+(\.\d+)?%?$")


def table_html(table: pd.DataFrame, label: str) -> str:
    """A table that is read aloud, printed and scrolled in its own box with the first column in view.

    Streamlit's grid is a canvas, and its static table scrolls the page; `label` names the box for a screen reader.
    `table.attrs["as_delivered"]`: columns (or rows) of names that came with the data and are the same in every language;
    `table.attrs["links"]`: addresses by the name of a row.
    """
    links = table.attrs.get("links", {})
    marks = set(MARKS.values()) | {""}
    right = [all(text in marks or NUMBER.match(text) for text in map(str, table[name])) for name in table.columns]
    heads = [""] + [
        ' class="number"' if numeric else ' class="prose"' if table[name].map(str).map(len).max() > SHORT_TEXT else ' class="short"'
        for name, numeric in zip(table.columns[1:], right[1:], strict=True)
    ]
    head = "".join(f'<th scope="col"{kind}>{escape(str(name))}</th>' for name, kind in zip(table.columns, heads, strict=True))
    delivered = table.attrs.get("as_delivered", ())
    kept = ' translate="no"'
    row_kind = ' class="name"' if table.iloc[:, 0].map(str).map(len).max() > SHORT_NAME else ""
    body = []
    for row in table.itertuples(index=False, name=None):
        cells = "".join(
            f"<td{kind}{kept if {column, row[0]} & set(delivered) else ''}>{escape(str(text))}</td>"
            for column, text, kind in zip(table.columns[1:], row[1:], heads[1:], strict=True)
        )
        name = escape(str(row[0]))
        if row[0] in links:
            name = f'<a href="{escape(links[row[0]], quote=True)}" target="_self">{name}</a>'
        body.append(f'<tr><th scope="row"{row_kind}>{name}</th>{cells}</tr>')
    long = " long" if len(table) > LONG_TABLE else ""
    return (
        f'<div class="sheet{long}" tabindex="0" role="region" aria-label="{escape(label, quote=True)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _downloads(here: Context, key: str, answer: str, frame: pd.DataFrame, table: pd.DataFrame, shown: _Shown, has_picture: bool) -> None:
    name = f"{'sample-' if here.release.data_is_sample else ''}{here.page}-{key}"
    with st.container(horizontal=True, key=f"files-{key}", vertical_alignment="center", gap="small"):
        # Files are made when they are asked for, not in every run.
        st.download_button(
            here.say("download.csv_one") if len(table) == 1 else here.say("download.csv", rows=len(table)),
            data=partial(exports.table_csv, table, shown.facts, here.language), file_name=f"{name}.csv", mime="text/csv",
            key=f"csv-{key}", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            here.say("download.xlsx"), data=partial(exports.xlsx_bytes, frame, shown.facts, here.language, table), file_name=f"{name}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", key=f"xlsx-{key}", on_click="ignore",
        )  # fmt: skip
        texts = {text: here.say(f"browser.{text}") for text in ("link", "copied", "select")}
        texts |= {"link_label": here.say("browser.link_label", answer=answer)}
        if has_picture:
            texts |= {"png": here.say("browser.png"), "png_label": here.say("browser.png_label", answer=answer)}
        address = {"lang": here.language} | here.address | {"release": here.release.batches_digest[:12]}
        lines = [line for line in (*shown.lines, shown.facts.synthetic) if line]
        browser.figure_buttons(key, texts, answer, lines, address, f"{name}.png")


def release_line(here: Context) -> str:
    """Which data this is: digest and number of the batches, day of publication."""
    return here.say(
        "release",
        digest=here.release.batches_digest[:12],
        batches=here.release.batches,
        published=here.snapshot.published_on,
    )


# ---------------------------------------------------------------- tiles


@dataclass(frozen=True)
class Tile:
    """One number of a row of tiles: its name, number with unit, what changed, and an image of its course (or none)."""

    key: str
    label: str
    value: str
    note: str
    picture: str = ""


def tiles(key: str, shown: Sequence[Tile]) -> None:
    """Numbers as a row of tiles that wraps."""
    with st.container(key=f"tiles-{key}"):
        for tile in shown:
            with st.container(border=True, key=f"tile-{tile.key}", gap=None):
                st.metric(tile.label, tile.value)
                st.caption(tile.note)
                if tile.picture:
                    st.html(f'<img alt="" src="{tile.picture}">')


def tile_of(here: Context, row: pd.Series, label: str, picture: str = "") -> Tile:
    """The tile of a row of `data.figures` (with `printed`): its number in the print unit and the change on the year before."""
    unit = here.pick(row, "print_unit")
    return Tile(
        key=row["cell"],
        label=here.say("tile.label", label=label, unit=unit),
        value=here.say("tile.value", value=row["printed"], unit=unit),
        note=change_in_words(here, row),
        picture=picture,
    )


def change_in_words(here: Context, row: pd.Series) -> str:
    """The change of a row of `data.figures` against the year before, in words and numbers, so that the sign never hangs on a colour."""
    if row["change"] is None:
        return here.say("change.none")
    words = {
        "direction": here.say("direction.down" if row["change"] < 0 else "direction.up"),
        "change": number(abs(row["printed_change"]), 1, row["print_decimals"]),
        "unit": here.pick(row, "print_unit"),
    }
    if row["unit"] == "percent":
        return here.say("change.points", direction=words["direction"], change=words["change"])
    if row["growth_pct"] is None:  # a break of definition, or nothing to compare with
        return here.say("change.only", **words)
    return here.say("change.growth", growth=number(row["printed_growth_pct"], 1, 1, signed=True), **words)
