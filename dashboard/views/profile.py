"""地区画像: one region on one page, against the region above it and the nation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import cell
from dashboard.text import MARKS

TILES = (
    cell("members", "members"),
    cell("coverage", "coverage_rate"),
    cell("ratio", "in_service_retired_ratio"),
    cell("income", "fund_income"),
    cell("current", "fund_current_balance", fund_part="pooled"),
    cell("months", "fund_months_payable", fund_part="pooled"),
    cell("cost", "avg_inpatient_cost"),
    cell("away", "away_visits"),
)
# What can be set beside other regions; the panels show the first of them that have a value.
COMPARED = (
    cell("coverage", "coverage_rate"),
    cell("ratio", "in_service_retired_ratio"),
    cell("employee", "fund_surplus_rate", scheme="employee", fund_part="pooled"),
    cell("resident", "fund_surplus_rate", scheme="resident"),
    cell("months", "fund_months_payable", fund_part="pooled"),
    cell("stays", "hospitalization_rate"),
    cell("cost", "avg_inpatient_cost"),
    cell("direct", "direct_settlement_rate", side="insured"),
    cell("paid", "inpatient_catalog_payment_ratio"),
    cell("days", "avg_length_of_stay"),
    cell("share", "population_coverage_rate"),
)
PANELS = 8
# Amounts that cancel or correct others: more or less of them says nothing of a region.
UNRANKED = ("fund_net_transfers", "fund_adjustment")
ALL = "all"


def cell_name(here: blocks.Context, row: pd.Series) -> str:
    """What a row of `data.figures` is: the indicator, and the values of its dimensions that are not totals."""
    return " · ".join([here.pick(row, "label"), *(here.term(*pair) for pair in data.pairs_of(row["dims"]).items())])


def titles_of(here: blocks.Context, frame: pd.DataFrame) -> dict[str, str]:
    """Cell -> its name with the unit, in the order of the frame."""
    return {
        row["cell"]: here.say("profile.title_of", name=cell_name(here, row), unit=here.pick(row, "print_unit"))
        for _, row in frame.drop_duplicates("cell", keep="last").iterrows()
    }


def places_of(here: blocks.Context, region: data.Region) -> list[data.Region]:
    """The region, the one above it, and the nation, each once."""
    path = data.region_path(here.snapshot, region.code)
    return list(dict.fromkeys([path[-1], *path[-2:-1], path[0]]))


def panels_figure(here: blocks.Context, places: Sequence[data.Region], year: str) -> None:
    """Up to eight rates over the years, the region's line strong before those of the places above it."""
    region = places[0]
    known = data.periods(here.snapshot, tuple(cell.indicator for cell in COMPARED), "year", region.code)
    years = tuple(sorted(one for one in known if int(year) - blocks.YEARS_SHOWN < int(one) <= int(year)))
    frame = blocks.named(here, data.figures(here.snapshot, COMPARED, tuple(place.code for place in places), years))
    present = frame.loc[(frame["region_code"] == region.code) & frame["value"].notna(), "cell"]
    cells = tuple(cell for cell in COMPARED if (present == cell.name).any())[:PANELS]
    if not cells:
        st.info(here.say("profile.panels_empty", place=here.name(region), year=year))
        return
    frame = frame[frame["cell"].isin([cell.name for cell in cells])]
    counts = data.standing(here.snapshot, cells, region.code, region.parent, year).iloc[0]
    key = "profile.panels_nation" if region.code == data.NATION else "profile.panels"
    answer = here.say(key, year=year, place=here.name(region), **{name: counts[name] for name in ("known", "above", "below", "rose", "fell")})
    breaks = data.breaks(here.snapshot, cells, years[0], year)
    titles = titles_of(here, frame)
    kinds = ("region", "nation") if len(places) == 2 else ("region", "parent", "nation")
    lines = {place.code: (here.name(place), kind) for place, kind in zip(places, kinds, strict=False)}
    broken = {cell: blocks.growth_breaks(breaks[breaks["cell"] == cell]) for cell in titles}
    frame["row"] = [here.say("profile.row", title=titles[row.cell], place=row.name) for row in frame.itertuples(index=False)]
    table = blocks.wide(frame, "row", "time_period", {one: one for one in years}, here.say("profile.column.figure"))
    frame = frame.drop(columns="row")
    chart = charts.line_panels(frame, titles, lines, here.dark, broken)
    blocks.figure(here, "panels", answer, frame, chart, table, [here.say("profile.panels_note")], breaks, obeys=("region", "year"))


def table_figure(here: blocks.Context, places: Sequence[data.Region], year: str, section: str) -> None:
    """Every figure of the year: the region, the places above it, and its rank among the regions beside it."""
    region = places[0]
    cells = data.cells_of(here.snapshot, year, None if section == ALL else section)
    if not cells:
        st.info(here.say("profile.all_empty", year=year, section=here.term("section", section)))
        return
    standing = data.standing(here.snapshot, cells, region.code, region.parent, year)
    frame = blocks.named(here, data.figures(here.snapshot, cells, tuple(place.code for place in places), (year,)))
    frame = frame.merge(standing[["cell", "section", "rank", "ranked"]], on="cell", how="left")
    # The rank is the region's own.
    frame[["rank", "ranked"]] = frame[["rank", "ranked"]].where(frame["region_code"] == region.code, None)

    own = frame[frame["region_code"] == region.code].set_index("cell")
    printed = frame.set_index(["cell", "region_code"])["printed"]
    table = pd.DataFrame({here.say("profile.column.figure"): [cell_name(here, row) for _, row in own.iterrows()]})
    table[here.say("fact.unit")] = [here.pick(row, "print_unit") for _, row in own.iterrows()]
    for place in places:
        table[here.name(place)] = [printed[cell, place.code] for cell in own.index]
    if region.parent is not None and region.code != data.CORPS:
        table[here.say("profile.column.rank")] = [
            MARKS["not_applicable"]
            if row.indicator in UNRANKED
            else here.say("profile.rank", rank=row.rank, ranked=row.ranked)
            if row.rank
            else MARKS["missing"]
            for row in own.itertuples()
        ]
    counts = standing.iloc[0]
    missing = counts["listed"] - counts["known"]
    answer = here.say("profile.all" if missing else "profile.all_known", year=year, place=here.name(region), listed=counts["listed"], missing=missing)
    notes = [here.say("profile.rank_note"), here.say("profile.missing_note")]
    # Each figure has its own definition; they stand in the list of indicators.
    blocks.figure(here, "all", answer, frame.drop(columns=["definition_zh", "definition_en"]), None, table, notes, obeys=("region", "year", "section"))


def children_links(here: blocks.Context, region: data.Region) -> None:
    """Links to the regions below."""
    below = data.children(here.snapshot, region.code)
    if not below or here.printing:
        return
    st.header(here.say("profile.below", place=here.name(region), count=len(below)), anchor="below")
    with st.container(horizontal=True, key="breadcrumbs-below", gap="small"):
        for place in below:
            blocks.link(here, here.page, here.name(place), region=place.code)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    title = st.empty()
    with blocks.controls(here):
        region = blocks.region(here)
        own = tuple(cell.indicator for cell in TILES)
        # A place of which only other systems were delivered has their numbers in the table.
        everything = own if data.periods(here.snapshot, own, "year", region.code) else tuple(data.catalogue(here.snapshot))
        year = blocks.year(here, everything, region.code)
        section = blocks.choose(
            here, "section", (ALL, *data.sections(here.snapshot)), lambda code: here.say("profile.sections") if code == ALL else here.term("section", code)
        )
    blocks.breadcrumbs(here, region)
    if year is None:
        title.title(here.say("profile.title_empty", place=here.name(region)))
        st.info(here.say("profile.empty", place=here.name(region)))
        children_links(here, region)
        return
    title.title(here.say("profile.title", year=year, place=here.name(region)))
    places = places_of(here, region)
    frame = blocks.named(here, data.figures(here.snapshot, TILES, (region.code,), (year,)))
    if everything == own:
        blocks.tiles("profile", [blocks.tile_of(here, row, cell_name(here, row)) for _, row in frame.iterrows()])
    panels_figure(here, places, year)
    children_links(here, region)
    table_figure(here, places, year, section)


main()
