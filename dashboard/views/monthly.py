"""月度运行: how a year runs, month by month and from January on, against the years before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell, cell
from dashboard.text import MARKS, number

# In the order of the table. Months of the fund are those of the pooled funds, as the office prints them.
MEASURES = {
    cell.name: cell
    for cell in (
        cell("fund_income", "fund_income", fund_part="pooled"),
        cell("fund_expenditure", "fund_expenditure", fund_part="pooled"),
        cell("fund_current_balance", "fund_current_balance", fund_part="pooled"),
        cell("fund_cumulative_balance", "fund_cumulative_balance", fund_part="pooled"),
        cell("benefit_visits", "benefit_visits"),
        cell("discharges", "discharges"),
        cell("medical_cost", "medical_cost"),
        cell("away_visits", "away_visits"),
        cell("members", "members"),
    )
}
# At the end of a month, so that nothing adds up from January on.
STOCKS = ("fund_cumulative_balance", "members")
BALANCES = ("fund_current_balance", "fund_cumulative_balance")
# The number that every place which delivers the measure's record has in every month; of another record the measure itself.
REPORTING = ("fund_income", "members", "benefit_visits")
MONTHS = tuple(f"{month:02}" for month in range(1, 13))
SHADES = ("this", "before", "before_that")
# The controls that every figure of the page obeys.
MONTH = ("region", "year", "period", "scheme")


@dataclass(frozen=True)
class Choice:
    """What is chosen on the page, and the years shown: the chosen one and up to two before it, latest first."""

    cell: Cell
    scheme: str
    region: data.Region
    year: str
    month: str
    years: tuple[str, ...]

    @property
    def is_stock(self) -> bool:
        return self.cell.name in STOCKS

    @property
    def is_balance(self) -> bool:
        return self.cell.name in BALANCES


def record_of(here: blocks.Context, indicator: str) -> str:
    """The record on whose deliveries a measure rests."""
    return data.catalogue(here.snapshot)[indicator].record


def reporting_of(here: blocks.Context, indicator: str) -> Cell:
    """The number by which it is seen whether a place has delivered the record of a measure."""
    same = [one for one in REPORTING if record_of(here, one) == record_of(here, indicator)]
    return cell("reporting", *(same or [indicator])[:1])


def months_of(year: str) -> tuple[str, ...]:
    return tuple(f"{year}-{month}" for month in MONTHS)


def span(here: blocks.Context, month: str) -> str:
    """January to a month, in words."""
    name = here.say(f"month.{month}")
    return name if month == MONTHS[0] else here.say("monthly.span", month=name)


def compared(here: blocks.Context, row: pd.Series, is_balance: bool, broken: Sequence[str]) -> str:
    """The end of a sentence: the change against the same months of the year before. A balance has no growth, only another number."""
    if row["previous_value"] is None:
        return ""
    if row["time_period"][:4] in broken:
        return here.say("monthly.not_compared")
    if not row["comparable"] or row["growth_pct"] is None and not is_balance:
        return here.say("monthly.not_complete")
    if is_balance:
        before = number(row["previous_value"], row["print_scale"], row["print_decimals"], signed=True)
        return here.say("monthly.before", before=before, unit=here.pick(row, "print_unit"))
    growth = number(row["printed_growth_pct"], 1, 1, signed=True)
    way = "down" if growth.startswith("−") else "up" if growth.startswith("+") else "same"
    return here.say(f"monthly.growth_{way}", growth=growth.lstrip("+−"))


def sentence(here: blocks.Context, choice: Choice, row: pd.Series, when: str, broken: Sequence[str]) -> str:
    """The measure in the chosen month, or from January to it."""
    key = "monthly.answer" if row["value"] is not None else "monthly.answer_missing"
    return here.say(
        key, year=choice.year, when=when, place=here.within(choice.region), scheme=within_scheme(here, choice),
        measure=here.say(f"monthly.measure.{choice.cell.name}"), value=row["printed"], unit=here.pick(row, "print_unit"),
        compared=compared(here, row, choice.is_balance, broken),
    )  # fmt: skip


def within_scheme(here: blocks.Context, choice: Choice) -> str:
    """The scheme as part of a sentence: nothing for both together."""
    return "" if choice.scheme == "_T" else here.say("monthly.within_scheme", scheme=here.term("scheme", choice.scheme))


def numbers(here: blocks.Context, choice: Choice, years: Sequence[str], kind: data.PeriodKind, incomplete: Sequence[str]) -> pd.DataFrame:
    """Rows of the measure in every month of some years, with year, month (code and name) and whether the month is incomplete."""
    frame = data.figures(here.snapshot, (choice.cell,), (choice.region.code,), tuple(month for year in years for month in months_of(year)), kind)
    blocks.add_printed(frame, signed=choice.is_balance)
    frame["year"] = frame["time_period"].str[:4]
    frame["month"] = [here.say(f"month.{period[5:]}") for period in frame["time_period"]]
    rows = frame.to_dict("records")
    frame["incomplete"] = [is_incomplete(here, row, incomplete) for row in rows]
    frame["comparable"] = [is_comparable(here, row, incomplete) for row in rows]
    return frame


def is_incomplete(here: blocks.Context, row: Mapping[str, Any], incomplete: Collection[str]) -> bool:
    """Whether the months of a row are not complete: what has come in since January lacks what any of its months lacks; but a later
    entry of a book brings what a month before it lacked, and the status of the sum says whether one has."""
    period = row["time_period"]
    if row["period_kind"] == "month":
        return period in incomplete
    brought = record_of(here, row["indicator"]) == "fund_ledger" and row["status"] == "normal"
    return not brought and any(one[:4] == period[:4] and one <= period for one in incomplete)


def is_comparable(here: blocks.Context, row: Mapping[str, Any], incomplete: Collection[str]) -> bool:
    """Whether the months of a row and those of a year before are complete."""
    year, month = row["time_period"].split("-")
    return not any(is_incomplete(here, row | {"time_period": f"{one}-{month}"}, incomplete) for one in (int(year), int(year) - 1))


def course_figure(here: blocks.Context, choice: Choice, breaks: pd.DataFrame, incomplete: Sequence[str], notes: list[str]) -> None:
    """The year from January on (a stock: at the end of its months) as a line, and the years before it that count the same."""
    broken = blocks.growth_breaks(breaks)
    same = [year for year in choice.years if not any(year < one <= choice.year for one in broken)]
    frame = numbers(here, choice, same, "month" if choice.is_stock else "ytd", incomplete)
    row = frame[frame["time_period"] == f"{choice.year}-{choice.month}"].iloc[0]
    when = here.say("monthly.end", month=row["month"]) if choice.is_stock else span(here, choice.month)
    names = {year: here.say("monthly.year", year=year) for year in same}
    chart = charts.lines(
        frame, names, here.pick(row, "print_unit"), here.dark, by="year", x="month", colours=dict(zip(same, SHADES, strict=False)),
        labelled=[choice.year], zero=not choice.is_stock, ticks={month: month for month in frame["month"]}, at=row["month"],
    )  # fmt: skip
    left_out = [year for year in choice.years if year not in same]
    more = [here.say("monthly.left_out", years=here.say("comma").join(sorted(left_out)), year=choice.year)] if left_out else []
    table = blocks.wide(frame, "month", "year", dict(sorted(names.items())), here.say("monthly.column.month"))
    blocks.figure(here, "course", sentence(here, choice, row, when, broken), frame, chart, table, [*more, *notes], breaks, obeys=(*MONTH, "measure"))


def months_figure(here: blocks.Context, choice: Choice, breaks: pd.DataFrame, incomplete: Sequence[str], notes: list[str], latest: str) -> None:
    """The months by themselves, one after the other, up to the latest with a value."""
    years = sorted(choice.years)
    frame = numbers(here, choice, years, "month", incomplete)
    frame = frame[frame["time_period"] <= latest].reset_index(drop=True)
    row = frame[frame["time_period"] == f"{choice.year}-{choice.month}"].iloc[0]
    name, broken = choice.cell.name, blocks.growth_breaks(breaks)
    chart = charts.lines(
        frame, {name: here.say(f"monthly.measure.{name}")}, here.pick(row, "print_unit"), here.dark, broken,
        colours={name: "this"}, zero=True, ticks={f"{year}-06": here.say("monthly.year", year=year) for year in years}, at=row["time_period"],
    )  # fmt: skip
    table = blocks.wide(frame, "month", "year", {year: here.say("monthly.year", year=year) for year in years}, here.say("monthly.column.month"))
    blocks.figure(here, "months", sentence(here, choice, row, row["month"], broken), frame, chart, table, notes, breaks, obeys=(*MONTH, "measure"))


def table_figure(here: blocks.Context, choice: Choice, breaks: pd.DataFrame, notes: list[str]) -> None:
    """The main indicators of the chosen month: from January to it and by itself, with their growth."""
    period = (f"{choice.year}-{choice.month}",)
    cells = tuple(cell.by(scheme=choice.scheme) for cell in MEASURES.values())
    flows = tuple(cell for cell in cells if cell.name not in STOCKS)
    year_to_date = data.figures(here.snapshot, flows, (choice.region.code,), period, "ytd")
    month = data.figures(here.snapshot, cells, (choice.region.code,), period, "month")
    frame = pd.concat([year_to_date, month], ignore_index=True)
    balances = frame["cell"].isin(BALANCES)
    parts = [frame[~balances].copy(), frame[balances].copy()]
    for part, signed in zip(parts, (False, True), strict=True):
        blocks.add_printed(part, signed)
    frame = pd.concat(parts).sort_index()
    sums, alone = ({row["cell"]: row for _, row in frame[frame["period_kind"] == kind].iterrows()} for kind in ("ytd", "month"))
    until, name = span(here, choice.month), here.say(f"month.{choice.month}")
    incomplete = {cell.name: set(incomplete_months(here, replace(choice, cell=cell))["time_period"]) for cell in cells}
    broken = set(breaks.loc[breaks["breaks_growth"].astype(bool), "cell"])
    rows = [
        {
            here.say("control.measure"): here.say(f"monthly.measure.{cell.name}"),
            here.say("fact.unit"): here.pick(alone[cell.name], "print_unit"),
            here.say("monthly.column.sum", span=until): sums[cell.name]["printed"] if cell.name in sums else MARKS["not_applicable"],
            here.say("monthly.column.sum_growth", span=until): growth(here, sums[cell.name], incomplete[cell.name], broken)
            if cell.name in sums
            else MARKS["not_applicable"],
            here.say("monthly.column.alone", month=name): alone[cell.name]["printed"],
            here.say("monthly.column.growth", month=name): growth(here, alone[cell.name], incomplete[cell.name], broken),
        }
        for cell in cells
    ]
    place, scheme = here.within(choice.region), within_scheme(here, choice)
    income, expenditure = sums["fund_income"], sums["fund_expenditure"]
    if income["value"] is None or expenditure["value"] is None:
        answer = here.say("monthly.table_plain", year=choice.year, when=until, place=place, scheme=scheme)
    else:
        answer = here.say(
            "monthly.table", year=choice.year, when=until, place=place, scheme=scheme, income=income["printed"],
            expenditure=expenditure["printed"], unit=here.pick(income, "print_unit"),
        )  # fmt: skip
    blocks.figure(here, "indicators", answer, frame, None, pd.DataFrame(rows), [here.say("monthly.table_note"), *notes], breaks, obeys=MONTH)


def growth(here: blocks.Context, row: pd.Series, incomplete: Collection[str], broken: Collection[str]) -> str:
    """The growth of a row in percent; a mark where there is none: not applicable to a balance and across a change of definition (the
    cells `broken`), no data where a month is not complete, in this year or the one before."""
    if row["cell"] in (*BALANCES, *broken):
        return MARKS["not_applicable"]
    return number(row["printed_growth_pct"] if is_comparable(here, row.to_dict(), incomplete) else None, 1, 1, signed=True)


def incomplete_months(here: blocks.Context, choice: Choice) -> pd.DataFrame:
    """The months in which places are missing that have data in others of the year: rows of `data.reporting`."""
    cell = reporting_of(here, choice.cell.indicator)
    found = data.reporting(here.snapshot, cell, tuple(month for year in sorted(choice.years) for month in months_of(year)), choice.region.code)
    return found[found["reported"] < found["expected"]]


def incomplete_notes(here: blocks.Context, found: pd.DataFrame) -> list[str]:
    """What open marks mean, and the months of `incomplete_months` with how many places they have; nothing when all are complete."""
    if found.empty:
        return []
    listed = (here.say("monthly.partly", month=row.time_period, reported=row.reported, expected=row.expected) for row in found.itertuples())
    return [here.say("monthly.open_note"), here.say("monthly.incomplete", months=here.say("comma").join(listed))]


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("monthly.title"))
    with blocks.controls(here):
        region = blocks.region(here)
        measure = blocks.choose(here, "measure", tuple(MEASURES), lambda code: here.say(f"monthly.measure.{code}"))
        known = data.periods(here.snapshot, (MEASURES[measure].indicator,), "month", region.code)
        years = list(dict.fromkeys(period[:4] for period in known))
        if years:
            year = blocks.choose(here, "year", years)
            months = [period[5:] for period in known if period[:4] == year]
            month = blocks.choose(here, "period", months, lambda code: span(here, code))
            scheme = blocks.choose(here, "scheme", ("_T", "employee", "resident"), lambda code: here.term("scheme", code))
    if not years:
        st.info(here.say("monthly.empty", place=here.name(region), record=record_of(here, MEASURES[measure].indicator)))
        return
    blocks.breadcrumbs(here, region)

    cell = MEASURES[measure].by(scheme=scheme)
    before = [one for one in years if one < year][:2]
    choice = Choice(cell, scheme, region, year, month, (year, *before))
    breaks = data.breaks(here.snapshot, (cell,), str(int(min(choice.years)) + 1), year)
    found = incomplete_months(here, choice)
    incomplete = list(found["time_period"])
    for row in found[found["time_period"] == f"{year}-{month}"].itertuples():
        st.info(here.say("monthly.incomplete_now", month=row.time_period, reported=row.reported, expected=row.expected))
    notes = [here.say("monthly.fund_note")] if measure.startswith("fund") else []
    notes += incomplete_notes(here, found)
    # Contributions of residents come in at the end of a year: no balance of part of one stands without saying so.
    warning = here.say("monthly.resident_note") if scheme != "employee" else ""
    if choice.is_balance and warning:
        st.info(warning)
    shown = [*notes, warning] if choice.is_balance else notes
    course_figure(here, choice, breaks, incomplete, shown)
    if not choice.is_stock:
        months_figure(here, choice, breaks, incomplete, shown, max(period for period in known if period[:4] == year))
    if warning and not choice.is_balance:
        st.info(warning)
    everything = tuple(one.by(scheme=scheme) for one in MEASURES.values())
    table_figure(here, choice, data.breaks(here.snapshot, everything, year, year), [here.say("monthly.fund_note"), warning])


main()
