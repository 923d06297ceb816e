"""对账: the published figures beside the rebuilt ones, and why a figure is not the same."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.text import MARKS, number


def state(here: blocks.Context, code: str) -> str:
    return here.say(f"reconcile.result.{code}")


def vintage_name(here: blocks.Context, code: str) -> str:
    return here.word(f"reconcile.vintage.{code}", code)


def section_name(here: blocks.Context, code: str) -> str:
    return here.say("reconcile.section_all") if code == "all" else here.term("printed_section", code)


def breakdown(here: blocks.Context, row: pd.Series) -> str:
    """The dimensions of a figure that are not totals, in words."""
    return here.say("comma").join(here.term(*pair) for pair in data.pairs_of(row["dims"]).items())


def label(here: blocks.Context, row: pd.Series) -> str:
    """What is counted: the bulletin's own term in Chinese; in English the catalogue's, or else the words of the figure's id."""
    if here.language == "zh":
        return row["label_zh"]
    if row["label_en"] is None:
        words = row["tail"].replace("-", ", ").replace("_", " ")
        return words[:1].upper() + words[1:]
    return row["label_en"] + (here.word(f"reconcile.column_of.{row['value_column']}", "") if row["value_column"] != "value" else "")


def name(here: blocks.Context, row: pd.Series) -> str:
    """What is counted, with its breakdown."""
    words = breakdown(here, row)
    return here.say("reconcile.name", label=label(here, row), breakdown=words) if words else label(here, row)


def unit(here: blocks.Context, row: pd.Series) -> str:
    if here.language == "zh":
        return row["unit"]
    return row["unit_en"] or here.term("printed_unit", row["unit"])


def plain(value: Decimal | None, decimals: int, signed: bool = False) -> str:
    """A number in its own unit; that of a figure that is not rebuilt does not apply."""
    return number(value, 1, decimals, "not_applicable", signed)


def difference(row: pd.Series) -> str:
    """The difference with two decimals more than printed, so that what lies inside the rounding is seen too."""
    return plain(row["difference"], row["decimals"] + 2, signed=True)


def tolerance(row: pd.Series) -> str:
    return plain(row["tolerance"], row["decimals"] + 1)


def sources(here: blocks.Context) -> str:
    """Where the two sides of a comparison come from."""
    return here.say("reconcile.source", published=here.say("source.published"), rebuilt=blocks.records_source(here))


def counts_figure(here: blocks.Context, vintage: str, section: str, year: str) -> None:
    """How many published figures of each year came out how."""
    frame = data.reconciled_counts(here.snapshot, vintage, section)
    now = frame[frame["time_period"] == year].set_index("cell")["figures"]
    if now.empty:
        st.info(here.say("reconcile.empty", year=year, vintage=vintage_name(here, vintage)))
        return
    parts = {code: state(here, code) for code in ("pass", "explained", "definition_differs", "differs", "not_rebuilt")}
    counted = {here.say(f"reconcile.counted.{code}"): now[code] for code in parts if now[code]}
    words = {"year": year, "vintage": vintage_name(here, vintage), "all": now["all"]}
    if len(counted) == 1:
        answer = here.say("reconcile.answer_all", state=next(iter(counted)), **words)
    else:
        listed = (here.say("reconcile.count", count=count, state=name) for name, count in counted.items())
        answer = here.say("reconcile.answer", parts=here.say("comma").join(listed), **words)
    if section != "all":
        answer = here.say("reconcile.in_section", section=section_name(here, section), answer=answer)
    shown = frame.assign(plotted=frame["figures"].astype(float), printed=frame["figures"].astype(str))
    drawn = shown.assign(printed=shown["printed"].where(shown["figures"] > 0, ""))
    chart = charts.stacked_columns(
        drawn, {code: name for code, name in parts.items() if (frame["cell"].eq(code) & frame["figures"].gt(0)).any()},
        "all", here.say("reconcile.figures"), here.dark,
    )  # fmt: skip
    table = blocks.wide(shown, "time_period", "cell", {"all": here.say("column.total"), **parts}, here.say("column.year"))
    notes = [here.say("reconcile.note.results"), here.say("reconcile.note.vintages")]
    blocks.figure(
        here, "counts", answer, frame, chart, table, notes, unit=here.say("reconcile.figures"), obeys=("year", "vintage", "section"),
        source=sources(here),
    )  # fmt: skip


def compared(here: blocks.Context, rows: list[pd.Series]) -> dict[str, list[str]]:
    """The columns in which a published figure stands against the rebuilt one."""
    return {
        here.say("reconcile.column.published"): [row["printed_value"] for row in rows],
        here.say("reconcile.column.unit"): [unit(here, row) for row in rows],
        here.say("reconcile.column.rebuilt"): [plain(row["rebuilt_value"], row["decimals"]) for row in rows],
        here.say("reconcile.column.difference"): [difference(row) for row in rows],
        here.say("reconcile.column.tolerance"): [tolerance(row) for row in rows],
        here.say("reconcile.column.result"): [state(here, row["status"]) for row in rows],
    }


def list_figure(here: blocks.Context, frame: pd.DataFrame, year: str, vintage: str, result: str) -> None:
    """The figures one by one."""
    answer = here.say("reconcile.list", year=year, vintage=vintage_name(here, vintage), count=len(frame))
    if result != "all":
        answer += here.say("reconcile.list_of", state=state(here, result))
    rows = [row for _, row in frame.iterrows()]
    table = pd.DataFrame(
        {
            here.say("reconcile.column.figure"): [label(here, row) for row in rows],
            here.say("reconcile.column.breakdown"): [breakdown(here, row) for row in rows],
            **compared(here, rows),
            here.say("reconcile.column.reason"): [here.pick(row, "reason") for row in rows],
        }
    )
    notes = [here.say("reconcile.note.numbers"), here.say("reconcile.note.results")]
    # The definitions of a hundred figures would be longer than the list; that of the one chosen stands below.
    blocks.figure(
        here, "figures", answer, frame.drop(columns=["definition_zh", "definition_en"]), None, table, notes, unit=here.say("reconcile.unit_of_row"),
        obeys=("year", "vintage", "section", "result"), source=sources(here),
    )  # fmt: skip


def one_figure(here: blocks.Context, figure: str) -> None:
    """One figure in every vintage that printed it."""
    frame = data.published_copies(here.snapshot, figure)
    chosen = frame[frame["figure_id"] == figure].iloc[0]
    words = {
        "year": chosen["year"], "name": name(here, chosen), "vintage": vintage_name(here, chosen["vintage"]),
        "published": chosen["printed_value"], "rebuilt": plain(chosen["rebuilt_value"], chosen["decimals"]), "unit": unit(here, chosen),
        "difference": difference(chosen), "result": state(here, chosen["status"]),
    }  # fmt: skip
    answer = here.say("reconcile.one_missing" if chosen["rebuilt_value"] is None else "reconcile.one", **words)
    rows = [row for _, row in frame.iterrows()]
    names = [vintage_name(here, row["vintage"]) for row in rows]
    table = pd.DataFrame(
        {
            # A vintage that has printed the figure twice is numbered.
            here.say("control.vintage"): [f"{one} {names[: at + 1].count(one)}" if names.count(one) > 1 else one for at, one in enumerate(names)],
            **compared(here, rows),
            here.say("reconcile.column.reason"): [here.pick(row, "reason") or MARKS["not_applicable"] for row in rows],
            here.say("reconcile.column.source"): [row["source"] for row in rows],
            here.say("reconcile.column.code"): [row["figure_id"] for row in rows],
        }
    )
    # Few vintages with much to say of each: they stand side by side.
    table = table.set_index(here.say("control.vintage")).T.rename_axis(here.say("control.vintage")).reset_index()
    table.attrs["as_delivered"] = (here.say("reconcile.column.source"),)
    notes = [here.say("reconcile.note.numbers"), here.say("reconcile.note.copies")]
    blocks.figure(here, "one", answer, frame, None, table, notes, unit=words["unit"], obeys=("year",), source=sources(here))
    if chosen["indicator"] is not None:
        blocks.link(here, "indicators", here.say("reconcile.to_indicator"), indicator=chosen["indicator"])


def slug(text: str) -> str:
    return re.sub(r"[^a-z]+", "_", text.lower()).strip("_")


def identities_figure(here: blocks.Context) -> None:
    """What must add up among the rebuilt figures."""
    frame = data.identities(here.snapshot)
    if frame.empty:
        st.info(here.say("reconcile.identities_empty"))
        return
    counts = frame.iloc[0]
    answer = here.say("reconcile.identities", listed=counts["listed"], holding=counts["holding"], compared=counts["compared_in_all"])
    rows = [row for _, row in frame.iterrows()]
    table = pd.DataFrame(
        {
            here.say("reconcile.column.identity"): [here.pick(row, "label") for row in rows],
            here.say("reconcile.column.subject"): [here.term("subject", row["subject"]) for row in rows],
            here.say("reconcile.column.compared"): [str(row["compared"]) for row in rows],
            here.say("reconcile.column.failed"): [str(row["failed"]) for row in rows],
            here.say("reconcile.column.largest"): [plain(row["largest_difference"], 2) for row in rows],
            here.say("reconcile.column.result"): [here.word(f"reconcile.holds.{slug(row['status'])}", row["status"]) for row in rows],
        }
    )
    blocks.figure(here, "identities", answer, frame, None, table, [here.say("reconcile.note.identities")], unit=here.say("reconcile.base_unit"), obeys=())


def published_identities_figure(here: blocks.Context, year: str, vintage: str) -> None:
    """What must add up among the printed figures themselves."""
    frame = data.published_identities(here.snapshot, year, vintage)
    if frame.empty:
        st.info(here.say("reconcile.published_empty", year=year, vintage=vintage_name(here, vintage)))
        return
    counts = frame.iloc[0]
    answer = here.say("reconcile.published", year=year, vintage=vintage_name(here, vintage), listed=counts["listed"], holding=counts["holding"])
    if counts["explained"]:
        answer += here.say("reconcile.published_explained", explained=counts["explained"])
    rows = [row for _, row in frame.iterrows()]

    def printed(column: str, beyond: int = 0, signed: bool = False) -> list[str]:
        return [number(row[column], row["print_scale"], row["decimals"] + beyond, signed=signed) for row in rows]

    table = pd.DataFrame(
        {
            here.say("reconcile.column.total"): [name(here, row) for row in rows],
            here.say("reconcile.column.split"): [here.dimension(row["dimension"]) for row in rows],
            here.say("reconcile.column.parts"): [str(row["parts"]) for row in rows],
            here.say("reconcile.column.unit"): [unit(here, row) for row in rows],
            here.say("reconcile.column.total_value"): printed("total"),
            here.say("reconcile.column.parts_sum"): printed("parts_sum"),
            here.say("reconcile.column.difference"): printed("difference", signed=True),
            # Half a unit of the last digit for each part.
            here.say("reconcile.column.allowed"): printed("allowed", beyond=1),
            here.say("reconcile.column.result"): [here.word(f"reconcile.holds.{row['status']}", row["status"]) for row in rows],
        }
    )
    blocks.figure(
        here, "published-identities", answer, frame, None, table, [here.say("reconcile.note.published")], unit=here.say("reconcile.unit_of_row"),
        obeys=("year", "vintage"), source=here.say("source.published"),
    )  # fmt: skip


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("reconcile.title"))
    years, vintages, sections = data.reconciled_choices(here.snapshot)
    if not years:
        st.info(here.say("reconcile.nothing"))
        return
    with blocks.controls(here):
        year = blocks.choose(here, "year", years)
        vintage = blocks.choose(here, "vintage", vintages, lambda code: vintage_name(here, code))
        section = blocks.choose(here, "section", ("all", *sections), lambda code: section_name(here, code))
        result = blocks.choose(here, "result", ("all", *data.RESULTS), lambda code: here.say("reconcile.result_all") if code == "all" else state(here, code))
        frame = data.reconciled(here.snapshot, year, vintage, section, result)
        figure = None
        if len(frame):
            names = {
                row["figure_id"]: here.say("reconcile.option", name=name(here, row), published=row["printed_value"], unit=unit(here, row))
                for _, row in frame.iterrows()
            }
            figure = blocks.choose(here, "figure", list(names), names.__getitem__, is_filter=False)
    counts_figure(here, vintage, section, year)
    if figure is None:
        st.info(here.say("reconcile.none_such"))
    else:
        one_figure(here, figure)
        list_figure(here, frame, year, vintage, result)
    identities_figure(here)
    published_identities_figure(here, year, vintage)


main()
