"""The furniture of a page: what every page and every figure has.

A figure is one answer sentence, the tabs 图 / 表 / 说明 fed by one query, and below them unit, scope, status, source
and release, with the download of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import charts, data
from dashboard.text import LANGUAGES, MARKS, Language, number, say

# Every parameter an address may have; a page that does not use one leaves it alone.
PARAMETERS = ("lang", "year", "scheme", "sort")
# Those a link from page to page takes along.
CARRIED = ("lang", "year")


@dataclass(frozen=True)
class Context:
    """What a page needs to know of its run: language, the file it reads, what that file is, the theme, the place of notices."""

    language: Language
    snapshot: data.Snapshot
    release: data.Release
    dark: bool
    notices: DeltaGenerator

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def pick(self, row: pd.Series, column: str) -> str:
        """The column of this language (`label` -> `label_zh`); empty when it has no text."""
        value = row[f"{column}_{self.language}"]
        return "" if value is None or pd.isna(value) else str(value)


def context() -> Context:
    """The context of this run, as app.py set it."""
    return st.session_state["context"]


def choose(
    here: Context, widget: Callable[..., str | None], name: str, options: Sequence[str], format_func: Callable[[str], str]
) -> str:
    """A control whose state is the parameter `name` of the address, as one of the codes `options`; the first is the default.

    Streamlit's own binding writes the visible label into the address, which a change of language would break; so the
    codes are carried here. A value that is not an option gives the default and a notice, until the reader chooses.
    """
    label = here.say(f"control.{name}")
    value = address_value(name, options)
    st.session_state[name] = value
    look = {"width": 160} if widget is st.selectbox else {"required": True}
    widget(label, options, format_func=format_func, key=name, on_change=_write_address, args=(name,), **look)
    if st.query_params.get(name, value) != value:
        here.notices.warning(here.say("notice.value", name=label, default=format_func(value)))
    return value


def address_value(name: str, options: Sequence[str]) -> str:
    """The value of a parameter of the address when it is one of `options`, else the first option."""
    asked = st.query_params.get(name)
    return asked if asked in options else options[0]


def _write_address(name: str) -> None:
    st.query_params[name] = st.session_state[name]


def language_control(language: Language) -> None:
    """The switch between the languages, which stands on every page."""
    st.session_state["lang"] = language
    st.segmented_control(
        say(language, "control.lang"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="lang", required=True,
        on_change=_write_address, args=("lang",), label_visibility="collapsed",
    )  # fmt: skip


def address_notices(language: Language) -> None:
    """Notices for a language, and for parameters, that no page knows; names are shown only where they are plain words."""
    if st.query_params.get("lang", language) != language:
        st.warning(say(language, "notice.value", name=say(language, "control.lang"), default=LANGUAGES[language]))
    unknown = sorted(name if name.isidentifier() else "?" for name in st.query_params if name not in PARAMETERS)
    if unknown:
        st.warning(say(language, "notice.name", name=", ".join(unknown)))


def figure(
    here: Context,
    key: str,
    answer: str,
    frame: pd.DataFrame,
    chart: go.Figure,
    table: pd.DataFrame,
    notes: Sequence[str],
    unit: str,
) -> None:
    """One figure with its tabs, its line of facts and its download.

    `frame`: the rows of the query with `scope_id` and `status`; `table`: what is printed, text in every cell.
    """
    with st.container(key=f"figure-{key}"):
        st.subheader(answer, anchor=key)
        chart_tab, table_tab, notes_tab = st.tabs([here.say("tab.chart"), here.say("tab.table"), here.say("tab.notes")])
        with chart_tab:
            st.plotly_chart(chart, key=f"chart-{key}", config=charts.CONFIG, theme=None, alt=answer)
        with table_tab:
            st.table(table, hide_index=True, border="horizontal", alt=answer)
            if table.isin(MARKS.values()).any(axis=None):
                st.caption(here.say("figure.marks"))
        with notes_tab:
            st.markdown("\n".join(f"- {note}" for note in notes if note))
        comma = here.say("comma")
        scopes = comma.join(sorted(frame["scope_id"].dropna().unique()))
        statuses = comma.join(here.say(f"status.{status}") for status in frame["status"].dropna().unique())
        source = here.say("source.sample" if here.release.data_is_sample else "source.records")
        st.caption(
            "　".join(
                (
                    here.say("figure.unit", unit=unit),
                    here.say("figure.scope", scope=scopes),
                    here.say("figure.status", status=statuses),
                    here.say("figure.source", source=source),
                )
            )
            + "  \n"
            + release_line(here)
        )
        st.download_button(
            here.say("download.csv", rows=len(frame)),
            data=csv_bytes(here, frame),
            file_name=f"{'sample-' if here.release.data_is_sample else ''}{key}.csv",
            mime="text/csv",
            key=f"csv-{key}",
            on_click="ignore",
            icon=":material/download:",
        )


def csv_bytes(here: Context, frame: pd.DataFrame) -> bytes:
    """The frame as CSV in full precision, with a BOM so that Excel reads the Chinese, and the release in every row."""
    columns = [name for name in frame.columns if name not in ("plotted", "printed", "name")]
    full = frame[columns].map(data.full_precision)
    full["data"] = say(here.language, "sample") if here.release.data_is_sample else ""
    full["release"] = here.release.batches_digest
    return full.to_csv(index=False).encode("utf-8-sig")


def add_printed(frame: pd.DataFrame, signed: bool = False) -> None:
    """Add `printed` (text, as the bulletin prints the value) and `plotted` (float in the print unit, for axes only)."""
    frame["printed"] = [
        number(row.value, row.print_scale, row.print_decimals, row.status, signed) for row in frame.itertuples()
    ]
    frame["plotted"] = pd.Series(
        [None if row.value is None else float(row.value) / row.print_scale for row in frame.itertuples()],
        index=frame.index,
        dtype=float,
    )


def break_notes(here: Context, breaks: pd.DataFrame) -> list[str]:
    """Changes of definition (rows of `data.breaks`), each once, as notes."""
    return [
        here.say("figure.break", year=row["year"], title=here.pick(row, "title"), note=here.pick(row, "note"))
        for _, row in breaks.drop_duplicates("break_id").iterrows()
    ]


def release_line(here: Context) -> str:
    """Which data this is: digest and number of the batches, day of publication."""
    return here.say(
        "release",
        digest=here.release.batches_digest[:12],
        batches=here.release.batches,
        published=here.snapshot.published_on,
    )
