"""地区结余: in which provinces the fund of a year ran a surplus, in which a deficit."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell, cell
from dashboard.text import number

# The balance of the resident scheme has one part; of the employee scheme the pooled fund is the one that can run down.
CELLS = {
    "resident": cell("rate", "fund_surplus_rate", scheme="resident"),
    "employee": cell("rate", "fund_surplus_rate", scheme="employee", fund_part="pooled"),
}


def ordered(frame: pd.DataFrame, sort: str) -> pd.DataFrame:
    """Regions by value as the query gives them, or by code; those that are not ranked stay at the end."""
    if sort == "value":
        return frame
    last = frame["place"].map({**dict.fromkeys(data.APART, 1), "parent": 2, "nation": 3}).fillna(0)
    return frame.assign(last=last).sort_values(["last", "region_code"]).drop(columns="last")


def counted(here: blocks.Context, of: str, counts: pd.Series, **words: str) -> str:
    """The sentence of a ranking of provinces or prefectures (`of`): how many there are of each sign, and what it must add about those that broke even or have no data."""
    for state in ("surplus", "deficit"):
        if counts[state] == counts["listed"]:
            return here.say(f"provinces.signs_all.{of}.{state}", listed=counts["listed"], **words)
    sentence = here.say(f"provinces.signs.{of}", surplus=counts["surplus"], deficit=counts["deficit"], **words)
    return sentence + "".join(here.say(f"provinces.also.{state}", count=counts[state]) for state in ("even", "missing") if counts[state])


def state_word(here: blocks.Context, state: str | None, status: str) -> str:
    return here.say(f"balance.{state}") if state else number(None, status=status)


def rate_table(here: blocks.Context, frame: pd.DataFrame) -> pd.DataFrame:
    """Region, rate and its sign in words."""
    return pd.DataFrame(
        {
            here.say("column.region"): frame["name"],
            here.say("provinces.column.rate"): frame["printed"],
            here.say("provinces.column.state"): [state_word(here, row.state, row.status) for row in frame.itertuples()],
        }
    )


def bars(here: blocks.Context, frame: pd.DataFrame, line_from: str, chosen: str) -> object:
    """Diverging bars of the regions, with the rate of the region they lie in as a line."""
    line = None
    whole = frame[(frame["place"] == line_from) & frame["value"].notna()]
    if len(whole):
        row = whole.iloc[0]
        line = (float(row["plotted"]), here.say("provinces.parent", name=row["name"], value=row["printed"]))
    regions = frame[~frame["place"].isin(["nation", "parent"])]
    legend = {state: here.say(f"balance.{state}") for state in ("surplus", "deficit", "even") if (regions["state"] == state).any()}
    return charts.ranked_bars(regions, legend, "%", blocks.apart(regions), line, chosen, here.dark)


def ranking_figure(here: blocks.Context, frame: pd.DataFrame, year: str, fund: str, chosen: str) -> None:
    """All provinces, ranked: the headline of the page."""
    counts = frame.iloc[0]
    answer = counted(here, "provinces", counts, year=year, scheme=fund)
    if ((frame["place"] == "corps") & frame["value"].notna()).any():
        answer += here.say("ranking.corps")
    blocks.figure(
        here, "surplus-rate", answer, frame, bars(here, frame, "nation", chosen), rate_table(here, frame), [here.say("provinces.note")], select=True,
        obeys=("year", "scheme"),
    )  # fmt: skip


def map_figure(here: blocks.Context, frame: pd.DataFrame, year: str, fund: str, chosen: str) -> None:
    """The provinces as a grid of tiles."""
    ranked = frame[frame["rank"].notna()].sort_values(["rank", "region_code"])
    top, bottom = blocks.extremes(here, ranked, "%")
    answer = here.say("provinces.map", year=year, scheme=fund, top=top, bottom=bottom)
    chart = blocks.tile_map(here, frame, True, chosen)
    notes = [here.say("map.note"), here.say("provinces.note")]
    blocks.figure(here, "map", answer, frame, chart, rate_table(here, frame), notes, select=True, obeys=("year", "scheme"))


def slope_figure(here: blocks.Context, cell: Cell, base: str, year: str, breaks: pd.DataFrame, chosen: str) -> None:
    """The rates of two years, with the provinces that changed sign and the one chosen."""
    between = breaks[(breaks["year"] > min(base, year)) & (breaks["year"] <= max(base, year))]
    if blocks.growth_breaks(between):
        st.info(here.say("provinces.broken", base=base, year=year))
        return
    frame = data.pairs(here.snapshot, cell, base, cell, year)
    frame["name"] = frame[f"region_{here.language}"]
    for prefix in ("first_", "second_"):
        blocks.add_printed(frame, signed=True, prefix=prefix)
    turned = frame["first_state"].notna() & (frame["first_state"] != frame["second_state"]) & frame["second_state"].isin(["surplus", "deficit"])
    frame["group"] = frame["second_state"].where(turned & (frame["place"] != "nation"), None)
    counts = frame.iloc[0]
    turns = [here.say(f"provinces.turned.{way}", count=counts[way]) for way in ("to_deficit", "to_surplus") if counts[way]]
    if turns:
        answer = here.say("provinces.slope", base=base, year=year, parts=here.say("comma").join(turns))
    else:
        answer = here.say("provinces.slope_none", base=base, year=year)
    labels = {state: here.say(f"provinces.slope_{state}") for state in ("deficit", "surplus") if (frame["group"] == state).any()}
    picked = frame["region_code"] == chosen
    if picked.any() and not turned[picked].any():
        frame.loc[picked, "group"] = "total"
        labels["total"] = frame.loc[picked, "name"].iloc[0]
    regions = frame[frame["place"] != "nation"]
    table = pd.DataFrame({here.say("column.region"): frame["name"], base: frame["first_printed"], year: frame["second_printed"]})
    chart = charts.slope(regions, base, year, labels, here.say("provinces.slope_others"), "%", here.dark)
    notes = [here.say("provinces.slope_note"), here.say("provinces.note")]
    blocks.figure(here, "slope", answer, frame, chart, table, notes, between, obeys=("year", "scheme", "base"))


def course_figure(here: blocks.Context, cell: Cell, ranked: pd.DataFrame, years: Sequence[str], year: str, fund: str, breaks: pd.DataFrame) -> None:
    """The rate of every province over the years, beside that of the nation."""
    ascending = tuple(reversed(years))
    codes = tuple(ranked.loc[ranked["place"].isin(["province", "corps"]), "region_code"])
    frame = blocks.named(here, data.figures(here.snapshot, (cell,), (*codes, data.NATION), ascending), signed=True)
    counts = ranked.iloc[0]
    nation = ranked[ranked["place"] == "nation"].iloc[0]
    if nation["value"] is None:
        answer = here.say("provinces.course_plain", first=ascending[0], last=ascending[-1], scheme=fund)
    else:
        answer = here.say("provinces.course", year=year, scheme=fund, above=counts["above"], below=counts["below"], value=nation["printed"])
    names = dict(zip(frame["region_code"], frame["name"], strict=True))
    shown = frame[frame["time_period"] <= year]
    chart = charts.small_multiples(
        shown[shown["region_code"] != data.NATION], names, shown[shown["region_code"] == data.NATION], names[data.NATION], here.dark, True,
        blocks.growth_breaks(breaks),
    )  # fmt: skip
    table = blocks.wide(shown, "name", "time_period", {one: one for one in ascending if one <= year}, here.say("column.region"))
    notes = [here.say("provinces.course_note", year=year), here.say("provinces.note")]
    blocks.figure(here, "course", answer, shown, chart, table, notes, breaks, obeys=("year", "scheme"))


def within_figure(here: blocks.Context, cell: Cell, province: data.Region, year: str, fund: str, sort: str) -> None:
    """The prefectures of the chosen province."""
    frame = blocks.named(here, data.ranking(here.snapshot, cell, year, province.code), signed=True)
    counts = frame.iloc[0]
    name = here.name(province)
    if counts["listed"] == counts["missing"]:
        st.info(here.say("provinces.within_empty", year=year, province=name))
    else:
        answer = counted(here, "prefectures", counts, year=year, province=name, scheme=fund)
        frame = ordered(frame, sort)
        blocks.figure(
            here, "within", answer, frame, bars(here, frame, "parent", ""), rate_table(here, frame),
            [here.say("provinces.note")], obeys=("year", "scheme", "region"),
        )  # fmt: skip
    blocks.link(here, "profile", here.say("provinces.profile", name=name), region=province.code)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("provinces.title"))
    with blocks.controls(here):
        year = blocks.year(here, ["fund_surplus_rate"])
        if year is None:
            st.info(here.say("provinces.empty", year=here.release.last_year))
            return
        years = data.periods(here.snapshot, ("fund_surplus_rate",))
        scheme = blocks.choose(here, "scheme", ("resident", "employee"), lambda code: here.term("scheme", code))
        earlier = [one for one in years if one != year]
        base = blocks.choose(here, "base", earlier, default=str(int(year) - 1)) if earlier else None
        sort = blocks.choose(here, "sort", ("value", "region"), lambda code: here.say(f"provinces.sort.{code}"), is_filter=False)
        province = blocks.region(here, ("nation", "province"))
    cell, fund = CELLS[scheme], here.say(f"provinces.fund.{scheme}")
    ranked = blocks.named(here, data.ranking(here.snapshot, cell, year), signed=True)
    if ranked["listed"].iloc[0] == ranked["missing"].iloc[0]:
        st.info(here.say("provinces.empty", year=year))
        return
    breaks = data.breaks(here.snapshot, (cell,), min(years), max(years))

    chosen = "" if province.code == data.NATION else province.code
    ranking_figure(here, ordered(ranked, sort), year, fund, chosen)
    if chosen:
        within_figure(here, cell, province, year, fund, sort)
    map_figure(here, ranked, year, fund, chosen)
    if base is not None:
        slope_figure(here, cell, base, year, breaks, chosen)
    course_figure(here, cell, ranked, years, year, fund, breaks)


main()
