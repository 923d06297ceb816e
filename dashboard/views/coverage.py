"""参保: who is insured, by scheme and status, and which share of the people of each place."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import cell

SCHEMES = (
    cell("employee", "members", scheme="employee"),
    cell("resident", "members", scheme="resident"),
    cell("total", "members"),
)
STATUSES = {"employee": ("in_service", "retired", "unknown"), "resident": ("child", "adult", "elderly", "unknown")}
STRUCTURE = tuple(cell(f"{scheme}-{status}", "members", scheme=scheme, member_status=status) for scheme, statuses in STATUSES.items() for status in statuses)
# Of persons who should be enrolled, or of all residents.
RATES = {"eligible": cell("rate", "coverage_rate"), "residents": cell("rate", "population_coverage_rate")}
COUNTS = ("members_as_reported", "duplicate_members", "members")
REPORTED = tuple(cell(f"{scheme}-{indicator}", indicator, scheme=scheme) for scheme in ("_T", "employee", "resident") for indicator in COUNTS)


def members_figure(here: blocks.Context, region: data.Region, year: str) -> None:
    """Members of the two schemes, stacked, over the years."""
    course = blocks.course(here, SCHEMES, region.code, year)
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    names = {cell: here.term("scheme", cell) for cell in ("employee", "resident")}
    answer = here.say("coverage.members", year=year, place=here.within(region), value=total["printed"], parts=course.listed(here, names), unit=unit)
    chart = charts.stacked_columns(course.frame, names, "total", unit, here.dark, course.years_broken, here.shades("scheme"))
    blocks.course_figure(
        here, "members", answer, course, {"total": here.say("column.total"), **names}, chart, [here.say("coverage.members_note")], obeys=("region", "year")
    )


def structure_figure(here: blocks.Context, region: data.Region, year: str) -> None:
    """Members of the year by status, which only means something inside a scheme."""
    frame = data.figures(here.snapshot, STRUCTURE, (region.code,), (year,))
    frame[["scheme", "member_status"]] = [cell.split("-") for cell in frame["cell"]]
    frame = frame[(frame["member_status"] != "unknown") | frame["value"].notna()].reset_index(drop=True)
    if frame["value"].isna().all():
        st.info(here.say("coverage.structure_empty", year=year, place=here.name(region)))
        return
    blocks.add_printed(frame)
    schemes = {scheme: here.term("scheme", scheme) for scheme in STATUSES}
    # The two schemes have no status in common but the unknown.
    frame["name"] = [
        here.say("coverage.unknown", scheme=schemes[scheme]) if status == "unknown" else here.term("member_status", status)
        for scheme, status in zip(frame["scheme"], frame["member_status"], strict=True)
    ]
    frame["state"] = frame["scheme"]
    unit = here.pick(frame.iloc[0], "print_unit")
    parts = here.say("comma").join(
        here.say("course.part", name=name, value=value, unit=unit) for name, value in zip(frame["name"], frame["printed"], strict=True)
    )
    table = pd.DataFrame(
        {
            here.say("control.status"): frame["name"],
            here.say("control.scheme"): frame["scheme"].map(schemes),
            here.say("coverage.column.persons", unit=unit): frame["printed"],
        }
    )
    answer = here.say("coverage.structure", year=year, place=here.within(region), parts=parts, unit=unit)
    blocks.figure(
        here, "structure", answer, frame, charts.ranked_bars(frame, schemes, unit, dark=here.dark, colours=here.shades("scheme")), table, [here.say("coverage.structure_note")],
        obeys=("region", "year"),
    )  # fmt: skip


def rate_figures(here: blocks.Context, region: data.Region, year: str, denom: str) -> None:
    """The rate of the provinces and of the prefectures of the chosen one, and the map."""
    path = data.region_path(here.snapshot, region.code)
    ranked = blocks.named(here, data.ranking(here.snapshot, RATES[denom], year))
    if ranked["value"].isna().all():
        st.info(here.say(f"coverage.rate_empty.{denom}", year=year))
        return
    rate = here.say(f"coverage.rate.{denom}")
    heading = here.say("coverage.column.rate", rate=rate)
    notes = [here.say(f"coverage.rate_note.{denom}"), here.say("coverage.dots_note")]
    province = path[1] if len(path) > 1 else None
    chosen = province.code if province else ""
    ranking_figure(here, "rate", ranked, "coverage.ranked", data.region_path(here.snapshot, data.NATION)[0], year, rate, heading, chosen, notes)
    if province is not None:
        within = blocks.named(here, data.ranking(here.snapshot, RATES[denom], year, province.code))
        if (within["value"].notna() & ~within["place"].isin(["parent", "nation"])).any():
            ranking_figure(here, "within", within, "coverage.ranked_within", province, year, rate, heading, region.code, notes)
        else:
            st.info(here.say("coverage.within_empty", year=year, province=here.name(province)))

    known = ranked[ranked["rank"].notna()]
    top, bottom = blocks.extremes(here, known, "%")
    answer = here.say("coverage.map", year=year, rate=rate, top=top, bottom=bottom)
    table = pd.DataFrame({here.say("column.region"): ranked["name"], heading: ranked["printed"]})
    blocks.figure(
        here, "map", answer, ranked, blocks.tile_map(here, ranked, chosen=chosen), table, [here.say("map.note"), notes[0]], select=True, obeys=("year", "denom")
    )


def ranking_figure(
    here: blocks.Context, key: str, frame: pd.DataFrame, message: str, whole: data.Region, year: str, rate: str, heading: str, chosen: str, notes: list[str]
) -> None:
    """The rate of the regions right below one, with how many lie above and below it."""
    row = frame[frame["region_code"] == whole.code].iloc[0]
    counts = frame.iloc[0]
    words = {"year": year, "rate": rate, "name": here.name(whole), "value": row["printed"]}
    if set(frame.loc[frame["rank"].notna(), "printed"]) == {row["printed"]}:
        answer = here.say("coverage.ranked_same", among=blocks.among(here, whole), **words)
    else:
        answer = here.say(message, above=counts["above"], below=counts["below"], **words)
    if ((frame["place"] == "corps") & frame["value"].notna()).any():
        answer += here.say("ranking.corps")
    obeys = ("year", "denom", *(["region"] if whole.code != data.NATION else []))
    blocks.ranked_figure(here, key, answer, frame, heading, "cumulative", chosen, dots=True, notes=notes, obeys=obeys)


def duplicates_figure(here: blocks.Context, region: data.Region, year: str) -> None:
    """What the places count, what of it is counted elsewhere too, and what remains."""
    frame = data.figures(here.snapshot, REPORTED, (region.code,), (year,))
    if frame["value"].isna().all():
        return
    blocks.add_printed(frame)
    printed = frame.set_index("cell")["printed"]
    unit = here.pick(frame.iloc[0], "print_unit")
    message = "coverage.duplicates_nation" if region.code == data.NATION else "coverage.duplicates_place"
    reported, twice, once = (printed[f"_T-{indicator}"] for indicator in COUNTS)
    answer = here.say(message, year=year, place=here.name(region), reported=reported, twice=twice, once=once, unit=unit)
    frame["name"] = [here.term("scheme", scheme) for scheme in frame["cell"].str.partition("-")[0]]
    columns = {indicator: here.say(f"coverage.column.{indicator}") for indicator in COUNTS}
    table = blocks.wide(frame, "name", "indicator", columns, here.say("control.scheme"))
    blocks.figure(here, "duplicates", answer, frame, None, table, [here.say("coverage.duplicates_note")], obeys=("region", "year"))


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("coverage.title"))
    with blocks.controls(here):
        region = blocks.region(here)
        year = blocks.year(here, ["members"], region.code)
        denom = blocks.choose(here, "denom", tuple(RATES), lambda code: here.say(f"coverage.denom.{code}")) if year else ""
    if year is None:
        st.info(here.say("coverage.empty", place=here.name(region)))
        return
    blocks.breadcrumbs(here, region)
    members_figure(here, region, year)
    structure_figure(here, region, year)
    rate_figures(here, region, year, denom)
    duplicates_figure(here, region, year)


main()
