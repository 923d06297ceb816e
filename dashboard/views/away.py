"""异地就医: where the insured go for care outside their province, who comes in, and how it is settled."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell, cell
from dashboard.text import MARKS

# Whose statistic a direction is: a province as the place of insurance, or as the place of treatment.
SIDES = {"out": "insured", "in": "treatment"}
MODES = ("_T", "direct", "manual")
INDICATORS = ("cross_province_visits", "away_visits")

# The controls that figures of visits across provinces obey.
FLOWS = ("year", "dir", "mode")
# Pairs of provinces by size that fit the paper, on which the matrix does not.
PAIRS_PRINTED = 40


def visits(side: str, mode: str) -> Cell:
    """Visits across provinces of a side, as settled."""
    return cell("visits", "cross_province_visits", side=side, settle_mode=mode)


def pairs_of(side: str, mode: str) -> Cell | None:
    """The cell that is published by counterpart province; None for visits reimbursed by hand, which are not."""
    indicator = {"_T": "cross_province_visits", "direct": "direct_settlement_visits"}.get(mode)
    return cell("visits", indicator, side=side) if indicator else None


def bar_figure(
    here: blocks.Context, key: str, answer: str, frame: pd.DataFrame, shown: pd.DataFrame, colour: str, chosen: str, notes: Sequence[str], obeys: Sequence[str]
) -> None:
    """Visits by province: bars of `shown` without a line of comparison, since a total stands far beyond its parts; the table of all."""
    unit = here.pick(frame.iloc[0], "print_unit")
    chart = charts.ranked_bars(shown, colour, unit, (data.CORPS,), None, chosen, here.dark)
    table = pd.DataFrame({here.say("column.region"): frame["name"], here.say("away.column.visits", unit=unit): frame["printed"]})
    blocks.figure(here, key, answer, frame, chart, table, notes, select=True, obeys=obeys)


def ranking_figure(here: blocks.Context, direction: str, mode: str, year: str, chosen: str) -> None:
    """From or to which provinces most patients cross."""
    side = SIDES[direction]
    frame = blocks.named(here, data.ranking(here.snapshot, visits(side, mode), year))
    known = frame[frame["rank"].notna()]
    if not len(known):
        missing(here, "ranking", year)
        return
    nation = frame[frame["place"] == "nation"].iloc[0]
    top, bottom = blocks.extremes(here, known)
    answer = here.say(
        f"away.ranking.{direction}", year=year, mode=here.say(f"away.mode.{mode}"), top=top, bottom=bottom, nation=nation["printed"],
        unit=here.pick(nation, "print_unit"),
    )  # fmt: skip
    bar_figure(here, "ranking", answer, frame, frame[frame["place"] != "nation"], here.shades("side")[side], chosen, [side_note(here, direction)], FLOWS)


def within_figure(here: blocks.Context, flows: pd.DataFrame, direction: str, mode: str, year: str, province: data.Region) -> None:
    """To which provinces the insured of the chosen one go, or from which its patients come."""
    frame = flows[(flows["region_code"] == province.code) & flows["rank_within"].notna()].sort_values(["rank_within", "counterpart_region"])
    if not len(frame):
        missing(here, "within", year)
        return
    unit = here.pick(frame.iloc[0], "print_unit")
    most = here.say("comma").join(here.say("course.part", name=row["name"], value=row["printed"], unit="") for _, row in frame.head(3).iterrows())
    answer = here.say(f"away.within.{direction}", year=year, mode=here.say(f"away.mode.{mode}"), province=here.name(province), most=most, unit=unit)
    # The bars are those of the other provinces.
    shown = frame.assign(region_code=frame["counterpart_region"])
    bar_figure(
        here,
        "within",
        answer,
        frame,
        shown,
        here.shades("side")[SIDES[direction]],
        "",
        [side_note(here, direction), here.say("away.pair_note")],
        (*FLOWS, "region"),
    )
    blocks.link(here, "profile", here.say("away.profile", name=here.name(province)), region=province.code)


def matrix_figure(here: blocks.Context, flows: pd.DataFrame, direction: str, mode: str, year: str) -> None:
    """Every province by every other: on the screen a heat table, on paper the largest pairs."""
    largest = flows[flows["rank"].notna()].sort_values(["rank", "region_code", "counterpart_region"])
    if not len(largest):
        missing(here, "matrix", year)
        return
    top = largest.iloc[0]
    unit = here.pick(top, "print_unit")
    away_from, to = (top["region"], top["name"]) if direction == "out" else (top["name"], top["region"])
    answer = here.say("away.matrix", year=year, mode=here.say(f"away.mode.{mode}"), insured=away_from, treated=to, most=top["printed"], unit=unit)
    notes = [side_note(here, direction), here.say("away.pair_note"), here.say("away.matrix_note")]
    corner = here.say(f"away.corner.{direction}")
    if here.printing:
        first, second = (here.say(f"away.column.{name}") for name in (("insured", "treated") if direction == "out" else ("treated", "insured")))
        rows = largest.head(PAIRS_PRINTED)
        table = pd.DataFrame({first: rows["region"], second: rows["name"], here.say("away.column.visits", unit=unit): rows["printed"]})
        blocks.figure(here, "matrix", answer, flows, None, table, [*notes, here.say("away.print_note", count=len(rows))], obeys=FLOWS)
        return
    regions = flows.drop_duplicates("region_code").set_index("region_code")["region"]
    others = {"_T": here.say("column.total")} | {
        code: name for code, name in sorted(zip(flows["counterpart_region"], flows["name"], strict=True)) if code != "_T"
    }
    cells = flows.set_index(["region_code", "counterpart_region"])
    grids = {column: cells[column].unstack().reindex(index=regions.index, columns=list(others)) for column in ("plotted", "printed")}
    printed = grids["printed"].fillna(MARKS["missing"])
    for code in set(regions.index) & set(others):
        if cells["plotted"].get((code, code)) is None:
            printed.loc[code, code] = MARKS["not_applicable"]
    # Totals would leave no shade for the pairs.
    plotted = grids["plotted"].copy()
    plotted.loc[data.NATION], plotted["_T"] = float("nan"), float("nan")
    for grid in (plotted, printed):
        grid.index, grid.columns = list(regions), list(others.values())
    table = charts.heat_table(plotted, printed, corner, answer, False, here.dark)
    blocks.figure(here, "matrix", answer, flows, None, table, notes, obeys=FLOWS, cells=printed.rename_axis(corner).reset_index())


def rate_figure(here: blocks.Context, direction: str, year: str, place: data.Region) -> None:
    """Which share of inpatient visits across provinces was settled directly, by scheme over the years."""
    side = SIDES[direction]
    names = {"employee": here.term("scheme", "employee"), "resident": here.term("scheme", "resident"), "total": here.term("scheme", "_T")}
    cells = [cell(name, "direct_settlement_rate", scheme="_T" if name == "total" else name, side=side) for name in names]
    course = blocks.course(here, cells, place.code, year)
    names = course.known(names)
    if not names:
        missing(here, "rate", year)
        return
    course = course.of(names)
    answer = here.say(f"away.rate.{direction}", year=year, place=here.within(place), values=course.listed(here, names), unit="%")
    chart = charts.lines(course.frame, names, "%", here.dark, course.years_broken, colours=here.shades("scheme"))
    notes = [side_note(here, direction), here.say("away.rate_note")]
    blocks.course_figure(here, "rate", answer, course, names, chart, notes, obeys=("year", "dir", "region"))


def rate_ranking_figure(here: blocks.Context, direction: str, year: str, chosen: str) -> None:
    """The same share in every province of the year, beside that of the nation."""
    side = SIDES[direction]
    frame = blocks.named(here, data.ranking(here.snapshot, cell("rate", "direct_settlement_rate", side=side), year))
    known = frame[frame["rank"].notna()]
    nation = frame[frame["place"] == "nation"].iloc[0]
    if not len(known) or nation["value"] is None:
        missing(here, "rates", year)
        return
    answer = here.say(f"away.rates.{direction}", year=year, above=nation["above"], below=nation["below"], value=nation["printed"])
    if nation["missing"]:
        answer += here.say("away.rates_missing", count=nation["missing"])
    notes = [side_note(here, direction), here.say("away.rate_note")]
    blocks.ranked_figure(
        here, "rates", answer, frame, here.say("away.column.rate"), here.shades("settle_mode")["direct"], chosen, dots=True, notes=notes, obeys=("year", "dir")
    )


def scope_figure(here: blocks.Context, indicator: str, year: str, place: data.Region) -> None:
    """Care away from home within the province and across provinces, stacked over the years."""
    names = {scope: here.term("travel_scope", scope) for scope in ("in_province", "cross_province")}
    cells = [cell(scope, indicator, travel_scope=scope) for scope in names]
    course = blocks.course(here, [*cells, cell("total", indicator)], place.code, year)
    if not course.known(names):
        missing(here, indicator, year)
        return
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    answer = here.say(f"away.{indicator}", year=year, place=here.within(place), total=total["printed"], values=course.listed(here, names), unit=unit)
    chart = charts.stacked_columns(course.frame, names, "total", unit, here.dark, course.years_broken, here.shades("travel_scope"))
    columns = {"total": here.say("column.total"), **names}
    notes = [here.say("away.scope_note")]
    blocks.course_figure(here, indicator.replace("_", "-"), answer, course, columns, chart, notes, obeys=("year", "region"))


def two_totals(here: blocks.Context, year: str, place: data.Region) -> None:
    """The two numbers of visits across provinces that the page shows, side by side, and why they differ."""
    settled = data.cell("settled", "away_visits", travel_scope="cross_province")
    frame = data.figures(here.snapshot, (visits("insured", "_T"), settled), (place.code,), (year,))
    blocks.add_printed(frame)
    cleared, settled = ({"value": row["printed"], "unit": here.pick(row, "print_unit")} for _, row in frame.iterrows())
    if frame["value"].notna().all():
        st.info(
            here.say(
                "away.two_totals", year=year, place=here.within(place), cleared=here.say("away.counted", **cleared), settled=here.say("away.counted", **settled)
            )
        )


def side_note(here: blocks.Context, direction: str) -> str:
    """Which statistic is shown: that of the place of insurance or of treatment."""
    return here.say(f"away.side.{SIDES[direction]}")


def missing(here: blocks.Context, figure: str, year: str) -> None:
    """What a figure says that has no value."""
    record = "settlement" if figure in ("away_visits", "away_cost") else "cross_province"
    st.info(here.say("away.missing", figure=here.say(f"away.figure.{figure}"), year=year, record=record))


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("away.title"))
    with blocks.controls(here):
        year = blocks.year(here, INDICATORS)
        if year is None:
            st.info(here.say("away.empty"))
            return
        direction = blocks.choose(here, "dir", tuple(SIDES), lambda code: here.say(f"away.dir.{code}"))
        mode = blocks.choose(here, "mode", MODES, lambda code: here.term("settle_mode", code))
        province = blocks.region(here, ("nation", "province"))
    blocks.breadcrumbs(here, province)
    chosen = "" if province.code == data.NATION else province.code

    ranking_figure(here, direction, mode, year, chosen)
    pairs = pairs_of(SIDES[direction], mode)
    if pairs is None:
        st.info(here.say("away.by_hand"))
    else:
        flows = data.flows(here.snapshot, pairs, year)
        blocks.add_printed(flows)
        flows["region"], flows["name"] = flows[f"region_{here.language}"], flows[f"counterpart_{here.language}"]
        if chosen:
            within_figure(here, flows, direction, mode, year, province)
        matrix_figure(here, flows, direction, mode, year)
    beside = blocks.beside(here)
    with beside[0]:
        rate_figure(here, direction, year, province)
    with beside[1]:
        rate_ranking_figure(here, direction, year, chosen)
    two_totals(here, year, province)
    beside = blocks.beside(here)
    for column, indicator in zip(beside, ("away_visits", "away_cost"), strict=True):
        with column:
            scope_figure(here, indicator, year, province)


main()
