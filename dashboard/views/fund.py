"""基金: what came in and went out in a year, what is left, and how long it would last."""

from __future__ import annotations

import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import cell

INDICATORS = ("fund_income", "fund_expenditure", "fund_current_balance", "fund_cumulative_balance")

# The fund that can run out: the pooled one, which of the resident scheme is the whole.
MONTHS = {
    "_T": cell("total", "fund_months_payable", fund_part="pooled"),
    "employee": cell("employee", "fund_months_payable", scheme="employee", fund_part="pooled"),
    "resident": cell("resident", "fund_months_payable", scheme="resident"),
}

# The statement of a year: its columns (scheme, part of the fund) and its rows between opening and closing.
COLUMNS = {
    "total": ("_T", "_T"),
    "employee": ("employee", "_T"),
    "pooled": ("employee", "pooled"),
    "account": ("employee", "account"),
    "resident": ("resident", "_T"),
}
ROWS = {
    "opening": "fund_cumulative_balance",
    "income": "fund_income",
    "expenditure": "fund_expenditure",
    "current": "fund_current_balance",
    "transfers": "fund_net_transfers",
    "adjustment": "fund_adjustment",
    "closing": "fund_cumulative_balance",
}


def flow_figure(here: blocks.Context, place: data.Region, year: str, scheme: str, part: str) -> None:
    """Income and expenditure of the chosen fund, side by side, over the years."""
    names = {"income": here.say("column.income"), "expenditure": here.say("column.expenditure")}
    cells = [cell(name, f"fund_{name}", scheme=scheme, fund_part=part) for name in names]
    course = blocks.course(here, cells, place.code, year)
    if not course.known(names):
        missing(here, "flow", place, year)
        return
    income = course.now("income")
    unit = here.pick(income, "print_unit")
    answer = here.say(
        "fund.flow", year=year, place=here.within(place), fund=here.say(f"fund.name.{scheme}.{part}"), income=income["printed"],
        expenditure=course.now("expenditure")["printed"], unit=unit,
    )  # fmt: skip
    chart = charts.paired_columns(course.frame, names, unit, here.dark, course.years_broken)
    blocks.course_figure(here, "flow", answer, course, names, chart, [here.say("fund.flow_note")], obeys=("region", "year", "scheme", "part"))


def balance_figure(here: blocks.Context, place: data.Region, year: str, scheme: str, part: str) -> None:
    """Current and cumulative balance over the years; of the whole fund the pooled part, as the bulletin prints it."""
    kept = "pooled" if part == "_T" and scheme != "resident" else part
    names = {"current": here.say("column.current"), "cumulative": here.say("column.cumulative")}
    cells = [cell(name, f"fund_{name}_balance", scheme=scheme, fund_part=kept) for name in names]
    course = blocks.course(here, cells, place.code, year)
    if not course.known(names):
        missing(here, "balance", place, year)
        return
    current = course.now("current")
    unit = here.pick(current, "print_unit")
    answer = here.say(
        "fund.balance", year=year, place=here.within(place), fund=here.say(f"fund.name.{scheme}.{kept}"), current=current["printed"],
        cumulative=course.now("cumulative")["printed"], unit=unit,
    )  # fmt: skip
    chart = charts.rows_of_columns(course.frame, names, unit, here.dark, course.years_broken)
    notes = [here.say("fund.balance_note")] if kept != part else []
    obeys = ("region", "year", "scheme", *(["part"] if kept == part else []))
    blocks.course_figure(here, "balance", answer, course, names, chart, notes, obeys=obeys)


def months_figure(here: blocks.Context, place: data.Region, year: str) -> None:
    """For how many months the balance of each scheme would last, over the years."""
    names = {
        "employee": here.say("fund.name.employee.pooled"), "resident": here.say("fund.name.resident._T"), "total": here.say("fund.name._T.pooled"),
    }  # fmt: skip
    course = blocks.course(here, list(MONTHS.values()), place.code, year)
    names = course.known(names)
    if not names:
        missing(here, "months", place, year)
        return
    course = course.of(names)
    unit = here.pick(course.frame.iloc[0], "print_unit")
    answer = here.say("fund.months", year=year, place=here.within(place), values=course.listed(here, names), unit=unit)
    chart = charts.lines(course.frame, names, unit, here.dark, course.years_broken, zero=True, colours=here.shades("scheme"))
    blocks.course_figure(here, "months", answer, course, names, chart, [here.say("fund.months_note")], obeys=("region", "year"))


def ranking_figure(here: blocks.Context, place: data.Region, year: str, scheme: str) -> None:
    """Months payable of the regions beside the chosen one: provinces, or the prefectures of its province."""
    parent = place.parent if place.level == "prefecture" and place.parent else data.NATION
    whole = data.region_path(here.snapshot, parent)[-1]
    frame = blocks.named(here, data.ranking(here.snapshot, MONTHS[scheme], year, parent))
    ranked = frame[frame["rank"].notna()]
    if not len(ranked):
        missing(here, "ranking", whole, year)
        return
    part = data.pairs_of(MONTHS[scheme].dims).get("fund_part", "_T")
    words = {"year": year, "among": blocks.among(here, whole), "fund": here.say(f"fund.name.{scheme}.{part}")}
    if ranked["printed"].nunique() == 1:
        answer = here.say("fund.ranking_even", most=ranked["printed"].iloc[0], **words)
    else:
        top, bottom = blocks.extremes(here, ranked)
        answer = here.say("fund.ranking", top=top, bottom=bottom, **words)
    notes = [here.say("fund.months_note"), here.say("fund.ranking_note")]
    obeys = ("year", "scheme", *(["region"] if parent != data.NATION else []))
    blocks.ranked_figure(here, "ranking", answer, frame, here.say("fund.column.months"), "cumulative", place.code, notes=notes, obeys=obeys)


def part_figure(here: blocks.Context, place: data.Region, year: str, item: str) -> None:
    """Pooled fund and personal accounts in the income or the expenditure of the employee scheme, stacked over the years."""
    names = {part: here.term("fund_part", part) for part in ("pooled", "account")}
    cells = [cell(part, f"fund_{item}", scheme="employee", fund_part=part) for part in names]
    course = blocks.course(here, [*cells, cell("total", f"fund_{item}", scheme="employee")], place.code, year)
    if not course.known(names):
        missing(here, f"part-{item}", place, year)
        return
    total = course.now("total")
    unit = here.pick(total, "print_unit")
    answer = here.say(
        "fund.part", year=year, place=here.within(place), item=here.say(f"fund.item.{item}"), total=total["printed"],
        values=course.listed(here, names), unit=unit,
    )  # fmt: skip
    chart = charts.stacked_columns(course.frame, names, "total", unit, here.dark, course.years_broken, here.shades("fund_part"))
    blocks.course_figure(here, f"part-{item}", answer, course, {"total": here.say("column.total"), **names}, chart, obeys=("region", "year"))


def statement_figure(here: blocks.Context, place: data.Region, year: str) -> None:
    """The statement of the year: from the opening balance to the closing one, of each fund."""
    cells = [cell(f"{row}.{column}", indicator, scheme=scheme, fund_part=part) for row, indicator in ROWS.items() for column, (scheme, part) in COLUMNS.items()]
    before = str(int(year) - 1)
    frame = data.figures(here.snapshot, tuple(cells), (place.code,), (before, year))
    # What was left at the end of the year before is what the year opens with.
    frame = frame[(frame["time_period"] == before) == frame["cell"].str.startswith("opening.")].reset_index(drop=True)
    if frame["value"].isna().all():
        return
    blocks.add_printed(frame)
    frame[["row", "column"]] = frame["cell"].str.split(".", expand=True)
    frame["row"] = frame["row"].map({row: here.say(f"fund.row.{row}") for row in ROWS})
    table = blocks.wide(frame, "row", "column", {column: here.say(f"fund.column.{column}") for column in COLUMNS}, here.say("fund.column.item"))
    closing = frame[frame["cell"] == "closing.total"].iloc[0]
    answer = here.say("fund.statement", year=year, place=here.within(place), closing=closing["printed"], unit=here.pick(closing, "print_unit"))
    breaks = data.breaks(here.snapshot, tuple(cells), year, year)
    blocks.figure(here, "statement", answer, frame, None, table, [here.say("fund.statement_note")], breaks, obeys=("region", "year"))


def missing(here: blocks.Context, figure: str, place: data.Region, year: str) -> None:
    """What a figure says that has no value."""
    st.info(here.say("fund.missing", figure=here.say(f"fund.figure.{figure}"), place=here.name(place), year=year))


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    title = st.empty()
    with blocks.controls(here):
        place = blocks.region(here)
        year = blocks.year(here, INDICATORS, place.code)
        if year is None:
            title.title(here.link_of(here.page))
            st.info(here.say("fund.empty", place=here.name(place)))
            return
        scheme = blocks.choose(here, "scheme", ("_T", "employee", "resident"), lambda code: here.term("scheme", code))
        parts = ("_T",) if scheme == "resident" else ("_T", "pooled", "account")
        part = blocks.choose(here, "part", parts, lambda code: here.term("fund_part", code))
    title.title(here.say("fund.title", year=year, place=here.name(place)))
    blocks.breadcrumbs(here, place)

    beside = blocks.beside(here)
    with beside[0]:
        flow_figure(here, place, year, scheme, part)
    with beside[1]:
        balance_figure(here, place, year, scheme, part)
    statement_figure(here, place, year)
    months_figure(here, place, year)
    ranking_figure(here, place, year, scheme)
    if scheme != "resident":
        beside = blocks.beside(here)
        for column, item in zip(beside, ("income", "expenditure"), strict=True):
            with column:
                part_figure(here, place, year, item)


main()
