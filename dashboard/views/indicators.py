"""指标库: what every indicator is: definition, formula, breakdowns, changes of definition, the SQL, and where it is used."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell
from dashboard.text import LANGUAGES

ALL = "all"


def matching(frame: pd.DataFrame, words: str) -> pd.DataFrame:
    """The indicators in whose code, labels and definitions every word occurs."""
    texts = frame[["indicator", "label_zh", "label_en", "meaning_zh", "meaning_en"]].fillna("").agg(" ".join, axis=1).str.lower()
    found = pd.Series(True, index=frame.index)
    for word in words.lower().split():
        found &= texts.str.contains(word, regex=False)
    return frame[found]


def list_figure(here: blocks.Context, frame: pd.DataFrame, words: str) -> None:
    """The indicators as a table; the name of each leads to it."""
    if not len(frame):
        st.info(here.say("indicators.none", words=words))
        return
    labels = [here.pick(row, "label") for _, row in frame.iterrows()]
    table = pd.DataFrame(
        {
            here.say("indicators.column.label"): labels,
            here.say("indicators.column.indicator"): list(frame["indicator"]),
            here.say("control.section"): [here.term("section", section) for section in frame["section"]],
            here.say("indicators.column.kind"): [here.say(f"indicators.kind.{kind}") for kind in frame["indicator_kind"]],
            here.say("column.year"): list(frame["time_period"]),
            here.say("indicators.column.nation"): list(frame["printed"]),
            here.say("fact.unit"): [here.pick(row, "print_unit") for _, row in frame.iterrows()],
        }
    )
    if not here.printing:
        carried = blocks.carried() | ({"q": words} if words else {})
        table.attrs["links"] = {label: f"?{urlencode(carried | {'indicator': code})}" for label, code in zip(labels, frame["indicator"], strict=True)}
    answer = here.say("indicators.found" if words else "indicators.all", count=len(frame), words=words)
    blocks.figure(here, "list", answer, frame, None, table, [here.say("indicators.list_note")], obeys=("q",))


def breakdowns(here: blocks.Context, row: pd.Series) -> str:
    """The published breakdowns in words, the total first."""
    sets = [part.split(" × ") for part in (row["breakdowns"] or "").split("; ") if part]
    words = [" × ".join(here.dimension(name) for name in names) for names in sets]
    return here.say("indicators.semicolon").join([here.say("column.total"), *words] if not row["dims"] else words)


def formula(here: blocks.Context, row: pd.Series) -> str:
    """How the value comes about: of a ratio its parts, else what is added up, and when."""
    if row["indicator_kind"] != "ratio":
        return here.say(f"indicators.formula.{row['indicator_kind']}")
    times = here.say("indicators.formula.times", scale=row["scale"]) if row["scale"] != 1 else ""
    return here.say("indicators.formula.ratio", numerator=here.pick(row, "numerator"), denominator=here.pick(row, "denominator"), times=times)


def definition_figure(here: blocks.Context, row: pd.Series) -> None:
    """What an indicator is, line by line."""
    lines = {
        "definition": here.pick(row, "meaning"),
        "indicator": row["indicator"],
        "kind": here.say(f"indicators.kind.{row['indicator_kind']}"),
        "formula": formula(here, row),
        "unit": here.say("indicators.unit", unit=here.term("unit", row["unit"]), print_unit=here.pick(row, "print_unit"), decimals=row["print_decimals"]),
        "breakdowns": breakdowns(here, row),
        "scope": here.say("indicators.scope", scope=row["scope_id"], words=here.term("counting_rule_in_full", row["scope_id"].rsplit("-", 1)[0])),
        "section": here.term("section", row["section"]),
        "needs": row["needs"] or "",
    }
    known = {here.say(f"indicators.line.{name}"): text for name, text in lines.items() if text}
    unit = here.pick(row, "print_unit")
    known[here.say("indicators.line.latest", year=row["time_period"], unit=unit)] = row["printed"]
    table = pd.DataFrame({here.say("indicators.column.item"): list(known), here.say("indicators.column.text"): list(known.values())})
    key = "indicators.answer" if row["value"] is not None else "indicators.answer_none"
    answer = here.say(key, year=row["time_period"], label=here.pick(row, "label"), value=row["printed"], unit=unit)
    blocks.figure(here, "definition", answer, row.to_frame().T, None, table, [here.say("indicators.definition_note")], obeys=("indicator",))


def course_figure(here: blocks.Context, row: pd.Series) -> None:
    """The national values of all years."""
    cell = Cell("total", row["indicator"], row["dims"])
    years = tuple(reversed(data.periods(here.snapshot, (row["indicator"],))))
    frame = data.figures(here.snapshot, (cell,), (data.NATION,), years)
    blocks.add_printed(frame)
    label, unit = here.pick(row, "label"), here.pick(row, "print_unit")
    breaks = data.breaks(here.snapshot, (cell,), years[0], years[-1])
    chart = charts.paired_columns(frame, {"total": label}, unit, here.dark, blocks.growth_breaks(breaks))
    table = blocks.wide(frame, "time_period", "cell", {"total": label}, here.say("column.year"))
    answer = here.say("indicators.course", label=label, first=years[0], last=years[-1], change=blocks.change_in_words(here, frame.iloc[-1]))
    blocks.figure(here, "course", answer, frame, chart, table, [], breaks, obeys=("indicator",))


def breaks_figure(here: blocks.Context, row: pd.Series) -> None:
    """Every change of definition, also of single breakdowns and of the parts of a ratio."""
    frame = data.all_breaks(here.snapshot, row["indicator"])
    if not len(frame):
        st.info(here.say("indicators.no_breaks", label=here.pick(row, "label")))
        return
    table = pd.DataFrame(
        {
            here.say("column.year"): list(frame["year"]),
            here.say("indicators.column.break"): [here.pick(one, "title") for _, one in frame.iterrows()],
            here.say("indicators.column.text"): [here.pick(one, "note") for _, one in frame.iterrows()],
            here.say("indicators.column.growth"): [here.say(f"indicators.growth.{'cut' if cut else 'kept'}") for cut in frame["breaks_growth"]],
        }
    )
    answer = here.say("indicators.breaks", label=here.pick(row, "label"), count=len(frame), first=frame["year"].iloc[0], last=frame["year"].iloc[-1])
    blocks.figure(here, "breaks", answer, frame, None, table, [here.say("indicators.breaks_note")], obeys=("indicator",), source=here.say("source.published"))


def observations_query(row: pd.Series) -> str:
    """The national values by year as a query on `observations`."""
    return (
        "select time_period, value, unit, previous_value, change, growth_pct, status\n"
        f"from observations\nwhere indicator = '{row['indicator']}'\n    and region_code = '{data.NATION}'\n    and period_kind = 'year'\n    and dims = '{row['dims']}'\n"
        "order by time_period;"
    )


def queries(here: blocks.Context, row: pd.Series) -> None:
    """The query on the facts and that on the observations, to copy."""
    st.header(here.say("indicators.sql", label=here.pick(row, "label")), anchor="sql")
    st.markdown(here.say("indicators.sql_facts", fact=row["fact"]))
    st.code(row["yearly_sql"] + ";", language="sql", wrap_lines=True)
    st.markdown(here.say("indicators.sql_observations"))
    st.code(observations_query(row), language="sql", wrap_lines=True)


def uses(here: blocks.Context, row: pd.Series, year: str) -> None:
    """The pages that show an indicator, and how many of its figures were printed."""
    st.header(here.say("indicators.used", label=here.pick(row, "label")), anchor="used")
    printed, passed, first, last = data.printed_figures(here.snapshot, row["indicator"])
    key = "indicators.printed" if printed else "indicators.not_printed"
    st.markdown(here.say(key, count=printed, passed=passed, first=first, last=last))
    pages = [name for name in here.pages if here.listed[name].shows(row["indicator"])]
    if here.printing:
        st.markdown(here.say("comma").join(here.link_of(page) for page in pages))
    with st.container(horizontal=True, key="breadcrumbs-used", gap="small"):
        for page in pages:
            blocks.link(here, page, here.link_of(page))
        if printed:
            blocks.link(here, "reconcile", here.say("indicators.reconcile"), year=year)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("indicators.title"))
    frame = data.indicators(here.snapshot)
    blocks.add_printed(frame)
    with blocks.controls(here):
        words = blocks.search(here)
        found = matching(frame, words)
        names = {row["indicator"]: here.pick(row, "label") for _, row in frame.iterrows()}
        asked = blocks.address_value("indicator", [ALL, *names])
        options = [code for code in names if code == asked or (found["indicator"] == code).any()]
        chosen = blocks.choose(here, "indicator", (ALL, *options), lambda code: names.get(code, here.say("indicators.every")))
    if chosen == ALL:
        list_figure(here, found, words)
        return
    row = frame[frame["indicator"] == chosen].iloc[0]
    (other,) = (language for language in LANGUAGES if language != here.language)
    name = f'<span lang="{other}">{escape(row[f"label_{other}"])}</span>'
    st.html(f'<p translate="no">{here.say("indicators.other_name", name=name)}</p>')
    definition_figure(here, row)
    if row["value"] is not None:
        course_figure(here, row)
    breaks_figure(here, row)
    queries(here, row)
    uses(here, row, row["time_period"])
    if words:
        list_figure(here, found, words)


main()
