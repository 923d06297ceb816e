"""职工结构: whether the members of the employee scheme are ageing, where they work, and how their accounts are kept."""

from __future__ import annotations

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell

TOTAL = Cell("total", "members", scheme="employee")
RATIO = Cell("ratio", "in_service_retired_ratio", scheme="employee")
# Three ways to split one total: dimension -> its codes, from the bottom of a column up.
SPLITS = {
    "member_status": ("in_service", "retired", "unknown"),
    "employer_type": ("enterprise", "government_institution", "flexible_other", "unknown"),
    "account_mode": ("pooling_and_account", "pooling_only", "unknown"),
}
KEYS = {"member_status": "members", "employer_type": "employers", "account_mode": "accounts"}


def split_figure(here: blocks.Context, dimension: str, region: data.Region, year: str) -> None:
    """The members over the years, stacked by the codes of a dimension."""
    cells = [Cell(code, "members", scheme="employee", **{dimension: code}) for code in SPLITS[dimension]]
    course = blocks.course(here, (*cells, TOTAL), region.code, year)
    names = course.known({code: here.say(f"{dimension}.{code}") for code in SPLITS[dimension]})
    if not names:
        st.info(here.say(f"employees.empty_{dimension}", year=year, place=here.name(region)))
        return
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    answer = here.say(f"employees.{dimension}", year=year, place=here.within(region), value=total["printed"], parts=course.listed(here, names), unit=unit)
    shown = course.frame[course.frame["cell"].isin([*names, "total"])]
    chart = charts.stacked_columns(shown, names, "total", unit, here.dark, course.years_broken)
    table = blocks.wide(shown, "time_period", "cell", {"total": here.say("column.total"), **names}, here.say("column.year"))
    blocks.figure(here, KEYS[dimension], answer, shown, chart, table, [here.say("employees.split_note")], course.breaks, obeys=("region", "year"))


def ratio_figure(here: blocks.Context, region: data.Region, year: str) -> None:
    """In-service members a retired member over the years, the nation behind the region."""
    course = blocks.course(here, (RATIO,), region.code, year)
    own = course.frame
    known = own[own["value"].notna()]
    if known.empty:
        st.info(here.say("employees.empty_ratio", year=year, place=here.name(region)))
        return
    first, last = known.iloc[0], known.iloc[-1]
    way = "same" if first["printed"] == last["printed"] else "fell" if last["value"] < first["value"] else "rose"
    answer = here.say(
        f"employees.ratio_{way}", place=here.within(region), first=first["time_period"], before=first["printed"],
        last=last["time_period"], now=last["printed"],
    )  # fmt: skip
    codes = tuple(dict.fromkeys((region.code, data.NATION)))
    frame = blocks.named(here, data.figures(here.snapshot, (RATIO,), codes, tuple(own["time_period"])))
    names = dict(zip(frame["region_code"], frame["name"], strict=True))
    shades = {region.code: "this"} | ({data.NATION: "before"} if region.code != data.NATION else {})
    unit = here.pick(last, "print_unit")
    chart = charts.lines(frame, names, unit, here.dark, course.years_broken, by="region_code", colours=shades)
    table = blocks.wide(frame, "time_period", "region_code", names, here.say("column.year"))
    blocks.figure(here, "ratio", answer, frame, chart, table, [here.say("employees.ratio_note")], course.breaks, obeys=("region", "year"))


def ranking_figure(here: blocks.Context, whole: data.Region, year: str, chosen: str) -> None:
    """The ratio of the regions right below one."""
    frame = blocks.named(here, data.ranking(here.snapshot, RATIO, year, whole.code))
    ranked = frame[frame["rank"].notna()]
    row = frame[frame["region_code"] == whole.code].iloc[0]
    if ranked.empty or row["value"] is None:
        st.info(here.say("employees.empty_ranking", year=year, place=here.name(whole)))
        return
    values = {"year": year, "name": here.name(whole), "value": row["printed"], "among": blocks.among(here, whole)}
    if set(ranked["printed"]) == {row["printed"]}:
        answer = here.say("employees.ranked_same", **values)
    else:
        top, bottom = blocks.extremes(here, ranked)
        answer = here.say("employees.ranked", top=top, bottom=bottom, **values)
    heading = here.say("employees.column.ratio")
    key, obeys = ("ranking", ("year",)) if whole.code == data.NATION else ("within", ("year", "region"))
    blocks.ranked_figure(here, key, answer, frame, heading, "in_service", chosen, notes=[here.say("employees.ratio_note")], obeys=obeys)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("employees.title"))
    with blocks.controls(here):
        region = blocks.region(here)
        year = blocks.year(here, [RATIO.indicator], region.code)
    if year is None:
        st.info(here.say("employees.empty", place=here.name(region)))
        return
    blocks.breadcrumbs(here, region)
    path = data.region_path(here.snapshot, region.code)
    split_figure(here, "member_status", region, year)
    ratio_figure(here, region, year)
    ranking_figure(here, path[0], year, path[1].code if len(path) > 1 else "")
    if len(path) > 1:
        ranking_figure(here, path[1], year, region.code)
    for dimension in ("employer_type", "account_mode"):
        split_figure(here, dimension, region, year)


main()
