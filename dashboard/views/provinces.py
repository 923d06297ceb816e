"""地区结余: in which provinces the fund of a year ran a surplus, in which a deficit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.text import number


def answer(here: blocks.Context, frame: pd.DataFrame, year: str, scheme: str) -> str:
    """The sentence above the chart, from the numbers of provinces the query counted."""
    counts = frame.iloc[0]
    name = here.say(f"scheme.{scheme}_fund")
    sentence = here.say(
        "provinces.answer", year=year, scheme=name, surplus=counts["surplus"], deficit=counts["deficit"]
    )
    for state in ("even", "missing"):
        if counts[state]:
            sentence += here.say(f"provinces.{state}", count=counts[state])
    corps = frame[(frame["kind"] == "corps") & frame["value"].notna()]
    return sentence + (here.say("provinces.corps") if len(corps) else "")


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    years = data.years(here.snapshot, ("fund_surplus_rate",))
    st.title(here.say("provinces.title"))
    if not years:
        st.info(here.say("provinces.empty", year=here.release.last_year))
        return
    with st.container(horizontal=True, key="controls"):
        year = blocks.choose(here, st.selectbox, "year", years, str)
        scheme = blocks.choose(
            here, st.segmented_control, "scheme", ("resident", "employee"),
            lambda code: here.say(f"scheme.{code}"),
        )  # fmt: skip
        sort = blocks.choose(
            here, st.segmented_control, "sort", ("value", "region"),
            lambda code: here.say(f"sort.{code}"),
        )  # fmt: skip

    frame = data.surplus_rates(here.snapshot, year, scheme).copy()
    if frame.loc[frame["kind"] == "province", "value"].isna().all():
        st.info(here.say("provinces.empty", year=year))
        return
    if sort == "region":
        frame["rank"] = frame["kind"].map({"province": 1, "corps": 2, "nation": 3})
        frame = frame.sort_values(["rank", "region_code"]).drop(columns="rank")
    frame["name"] = frame[f"name_{here.language}"]
    blocks.add_printed(frame, signed=True)

    nation = frame[(frame["kind"] == "nation") & frame["value"].notna()]
    line = None
    if len(nation):
        line = (float(nation["plotted"].iloc[0]), here.say("provinces.nation", value=nation["printed"].iloc[0]))
    regions = frame[frame["kind"] != "nation"]
    legend = {
        state: here.say(f"balance.{state}") for state in ("surplus", "deficit", "even") if (regions["state"] == state).any()
    }
    title = answer(here, frame, year, scheme)
    states_printed = [
        here.say(f"balance.{row.state}") if row.state else number(None, status=row.status) for row in frame.itertuples()
    ]
    table = pd.DataFrame(
        {
            here.say("column.region"): frame["name"],
            here.say("column.rate"): frame["printed"],
            here.say("column.state"): states_printed,
        }
    )
    blocks.figure(
        here,
        "surplus-rate",
        title,
        frame,
        charts.diverging_bars(regions, legend, (data.CORPS,), line, here.dark),
        table,
        [here.pick(frame.iloc[0], "definition"), here.say("provinces.note")],
        "%",
    )


main()
