"""待遇: what the fund paid for, what a stay or visit cost, and how much of it was left to the patient."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell

CARE = ("outpatient_emergency", "outpatient_chronic", "inpatient", "pharmacy")
LEVELS = ("tertiary", "secondary", "primary_and_below")
SCHEMES = ("_T", "employee", "resident")
INDICATORS = ("benefit_visits", "medical_cost", "discharges")

# The ratio the bulletin printed up to a year, the one it prints since, and the share of the whole bill.
RATIOS = {
    "policy": "inpatient_policy_payment_ratio",
    "catalog": "inpatient_catalog_payment_ratio",
    "actual": "actual_payment_ratio",
}


def care_figure(here: blocks.Context, indicator: str, place: data.Region, year: str, scheme: str, level: str) -> None:
    """Visits or cost by type of care, stacked over the years."""
    names = {care: here.say(f"care_type.{care}") for care in CARE}
    cells = [Cell(care, indicator, scheme=scheme, care_type=care, hospital_level=level) for care in names]
    course = blocks.course(here, [*cells, Cell("total", indicator, scheme=scheme, hospital_level=level)], place.code, year)
    names = course.known(names)
    if not names:
        # By level, visits of all kinds are published of each scheme alone.
        missing(here, indicator, place, year, "by_scheme" if scheme == "_T" and level != "_T" else "missing")
        return
    columns = {"total": here.say("column.total"), **names}
    course = course.of(columns)
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    answer = here.say(
        f"benefits.{indicator}", year=year, place=here.within(place), who=who(here, scheme, level), total=total["printed"],
        values=course.listed(here, names), unit=unit,
    )  # fmt: skip
    chart = charts.stacked_columns(course.frame, names, "total", unit, here.dark, course.years_broken)
    blocks.course_figure(here, indicator.replace("_", "-"), answer, course, columns, chart, obeys=("region", "year", "scheme", "level"))


def cost_figure(here: blocks.Context, place: data.Region, year: str, scheme: str, level: str) -> None:
    """Cost per inpatient stay and per outpatient visit over the years, each on its own scale."""
    names = {
        "inpatient": here.say("benefits.per_stay"),
        "outpatient_emergency": here.say("benefits.per_visit", care=here.say("care_type.outpatient_emergency")),
        "outpatient_chronic": here.say("benefits.per_visit", care=here.say("care_type.outpatient_chronic")),
    }
    cells = [Cell("inpatient", "avg_inpatient_cost", scheme=scheme, hospital_level=level)]
    cells += [Cell(care, "per_visit_cost", scheme=scheme, care_type=care, hospital_level=level) for care in names if care != "inpatient"]
    course = blocks.course(here, cells, place.code, year)
    names = course.known(names)
    if not names:
        missing(here, "per_visit_cost", place, year)
        return
    course = course.of(names)
    unit = here.pick(course.now(next(iter(names))), "print_unit")
    answer = here.say("benefits.cost", year=year, place=here.within(place), who=who(here, scheme, level), values=course.listed(here, names), unit=unit)
    chart = charts.rows_of_columns(course.frame, names, unit, here.dark, course.years_broken)
    blocks.course_figure(here, "cost", answer, course, names, chart, obeys=("region", "year", "scheme", "level"))


def stay_figure(here: blocks.Context, place: data.Region, year: str, scheme: str) -> None:
    """Days of a stay by hospital level over the years."""
    names = {level: here.say(f"hospital_level.{level}") for level in LEVELS}
    cells = [Cell(level, "avg_length_of_stay", scheme=scheme, hospital_level=level) for level in names]
    course = blocks.course(here, cells, place.code, year)
    names = course.known(names)
    if not names:
        missing(here, "avg_length_of_stay", place, year)
        return
    course = course.of(names)
    unit = here.pick(course.frame.iloc[0], "print_unit")
    answer = here.say("benefits.stay", year=year, place=here.within(place), who=who(here, scheme, "_T"), values=course.listed(here, names), unit=unit)
    chart = charts.lines(course.frame, names, unit, here.dark, course.years_broken)
    blocks.course_figure(here, "stay", answer, course, names, chart, [here.say("benefits.stay_note")], obeys=("region", "year", "scheme"))


def changed_in(here: blocks.Context, scheme: str) -> tuple[str, pd.DataFrame]:
    """The year from which the ratio within the catalogue is printed ('' when the file knows of no change), and that change."""
    everything = data.breaks(here.snapshot, (Cell("policy", RATIOS["policy"], scheme=scheme),), "0001", "9999")
    years = blocks.growth_breaks(everything)
    return (years[0], everything) if years else ("", everything)


def level_figure(here: blocks.Context, place: data.Region, year: str, scheme: str) -> None:
    """What the fund paid of a stay at each hospital level: of the cost inside the scope of the year, and of the whole bill."""
    changed, breaks = changed_in(here, scheme)
    inside = "policy" if year < changed else "catalog"
    levels = {level: here.say("benefits.all_levels" if level == "_T" else f"hospital_level.{level}") for level in ("_T", *LEVELS)}
    cells = [Cell(f"{ratio}.{level}", RATIOS[ratio], scheme=scheme, hospital_level=level) for level in levels for ratio in (inside, "actual")]
    frame = data.figures(here.snapshot, tuple(cells), (place.code,), (year,))
    if frame["value"].isna().all():
        missing(here, "payment_ratio", place, year)
        return
    blocks.add_printed(frame)
    frame[["ratio", "level"]] = frame["cell"].str.split(".", expand=True)
    frame["level"] = frame["level"].map(levels)
    names = {ratio: here.say(f"benefits.ratio.{ratio}") for ratio in (inside, "actual")}
    sides = {side: frame[frame["ratio"] == ratio].set_index("level") for side, ratio in (("first", "actual"), ("second", inside))}
    pairs = pd.DataFrame({f"{side}_{column}": rows[column] for side, rows in sides.items() for column in ("plotted", "printed")})
    whole = {side: rows.loc[levels["_T"], "printed"] for side, rows in sides.items()}
    answer = here.say(
        "benefits.level", year=year, place=here.within(place), who=who(here, scheme, "_T"), ratio=here.say(f"benefits.of.{inside}"),
        inside=whole["second"], actual=whole["first"],
    )  # fmt: skip
    chart = charts.dumbbell(pairs.rename_axis("name").reset_index(), ("actual", names["actual"]), (inside, names[inside]), "%", here.dark)
    table = blocks.wide(frame, "level", "ratio", names, here.say("control.level"))
    blocks.figure(here, "level", answer, frame, chart, table, [here.say("benefits.ratio_note")], breaks, obeys=("region", "year", "scheme"))


def ratio_figure(here: blocks.Context, place: data.Region, year: str, scheme: str, level: str) -> None:
    """The share of an inpatient bill the fund paid, over the years: of the cost in either scope, and of the whole bill."""
    changed, breaks = changed_in(here, scheme)
    cells = [Cell(ratio, indicator, scheme=scheme, hospital_level=level) for ratio, indicator in RATIOS.items()]
    course = blocks.course(here, cells, place.code, year)
    if not course.known(RATIOS):
        missing(here, "payment_ratio", place, year)
        return
    names = course.known({ratio: here.say(f"benefits.ratio.{ratio}") for ratio in RATIOS})
    frame = course.frame[course.frame["cell"].isin(names)]
    breaks = breaks[(breaks["year"] > frame["time_period"].min()) & (breaks["year"] <= year)]
    inside = "policy" if year < changed else "catalog"
    answer = here.say(
        "benefits.ratio_course", year=year, place=here.within(place), who=who(here, scheme, level), ratio=here.say(f"benefits.of.{inside}"),
        inside=course.now(inside)["printed"], actual=course.now("actual")["printed"],
    )  # fmt: skip
    # Each ratio is the same statistic throughout: no line is interrupted where the bulletin went over from one to the other.
    chart = charts.with_breaks(charts.lines(frame, names, "%", here.dark), list(dict.fromkeys(frame["time_period"])), blocks.growth_breaks(breaks))
    table = blocks.wide(frame, "time_period", "cell", names, here.say("column.year"))
    notes = [here.say("benefits.ratio_note"), here.say("benefits.ratio_course_note")]
    blocks.figure(here, "ratio", answer, frame, chart, table, notes, breaks, obeys=("region", "year", "scheme", "level"))


def hospitalization_figure(here: blocks.Context, place: data.Region, year: str) -> None:
    """Stays per hundred members of each scheme over the years."""
    names = {"employee": here.say("scheme.employee"), "resident": here.say("scheme.resident"), "total": here.say("scheme._T")}
    cells = [Cell(name, "hospitalization_rate", scheme="_T" if name == "total" else name) for name in names]
    course = blocks.course(here, cells, place.code, year)
    names = course.known(names)
    if not names:
        missing(here, "hospitalization_rate", place, year)
        return
    course = course.of(names)
    answer = here.say("benefits.hospitalization", year=year, place=here.within(place), values=course.listed(here, names), unit="%")
    chart = charts.lines(course.frame, names, "%", here.dark, course.years_broken)
    blocks.course_figure(here, "hospitalization", answer, course, names, chart, [here.say("benefits.hospitalization_note")], obeys=("region", "year"))


def who(here: blocks.Context, scheme: str, level: str) -> str:
    """Whose care a sentence is about: the scheme, and the hospital level where one is chosen."""
    name = here.say("benefits.both") if scheme == "_T" else here.say(f"scheme.{scheme}")
    return name if level == "_T" else here.say("benefits.at", scheme=name, hospitals=here.say(f"benefits.hospitals.{level}"))


def missing(here: blocks.Context, figure: str, place: data.Region, year: str, why: str = "missing") -> None:
    """What a figure says that has no value."""
    st.info(here.say(f"benefits.{why}", figure=here.say(f"benefits.figure.{figure}"), place=here.name(place), year=year))


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    title = st.empty()
    with blocks.controls(here):
        place = blocks.region(here)
        year = blocks.year(here, INDICATORS, place.code)
        if year is None:
            title.title(here.say("page.benefits"))
            st.info(here.say("benefits.empty", place=here.name(place)))
            return
        scheme = blocks.choose(here, "scheme", SCHEMES, lambda code: here.say(f"scheme.{code}"))
        level = blocks.choose(here, "level", ("_T", *LEVELS), lambda code: here.say("benefits.all_levels" if code == "_T" else f"hospital_level.{code}"))
    title.title(here.say("benefits.title", year=year, place=here.name(place)))
    blocks.breadcrumbs(here, place)

    beside = blocks.beside(here)
    for column, indicator in zip(beside, ("benefit_visits", "medical_cost"), strict=True):
        with column:
            care_figure(here, indicator, place, year, scheme, level)
    level_figure(here, place, year, scheme)
    ratio_figure(here, place, year, scheme, level)
    cost_figure(here, place, year, scheme, level)
    beside = blocks.beside(here)
    with beside[0]:
        stay_figure(here, place, year, scheme)
    with beside[1]:
        hospitalization_figure(here, place, year)


main()
