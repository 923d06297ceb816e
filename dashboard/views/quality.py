"""数据质量: what was delivered, what was accepted of it, which rules were broken, and which months are not there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import cell
from dashboard.text import MARKS, number

DUPLICATES = (
    cell("total", "duplicate_members"),
    cell("employee", "duplicate_members", scheme="employee"),
    cell("resident", "duplicate_members", scheme="resident"),
)
# Bars that can be read on one screen; the table has every rule.
BARS = 20
# The last characters of a batch's id that tell it from others of its name.
HASH = 4
# Amounts are printed in 亿元, with decimals for the small ones.
MONEY = (100_000_000, 4)
# Rejected rows that are listed; a batch's workbook has all of them.
LISTED = 100


def record_name(here: blocks.Context, code: str) -> str:
    return here.term("record", code)


def level_name(here: blocks.Context, code: str) -> str:
    return here.word(f"quality.level.{code}", code)


def finding_name(here: blocks.Context, finding: str) -> str:
    slug = re.sub(r"[^a-z]+", "_", finding.lower()).strip("_")
    return here.word(f"quality.finding.{slug}", finding)


def of_record(here: blocks.Context, record: str, answer: str) -> str:
    """A sentence with the record it is about, where one is chosen."""
    return answer if record == "all" else here.say("quality.of", of=record_name(here, record), answer=answer)


def rows_figure(here: blocks.Context, record: str, batch: str) -> None:
    """What became of the delivered rows, and that none got lost."""
    frame = data.rows_by_record(here.snapshot, record, batch)
    counts = data.batches(here.snapshot, record, batch).iloc[0]
    key = "quality.rows" if counts["balanced"] == counts["listed"] else "quality.rows_lost"
    answer = of_record(here, record, here.say(key, listed=counts["listed"], balanced=counts["balanced"]))
    cells = {cell: here.say(f"quality.rows.{cell}") for cell in ("delivered", "accepted", "rejected", "unreadable")}
    # The builder's columns stand over periods; here they stand over records.
    shown = frame.assign(
        time_period=[record_name(here, code) for code in frame["record"]],
        plotted=frame["rows_counted"].astype(float),
        printed=frame["rows_counted"].astype(str),
    )
    drawn = {cell: name for cell, name in cells.items() if cell != "delivered"}
    # One record has nothing to stand beside: the table says it all, and its batches follow below.
    chart = charts.rows_of_columns(shown, drawn, here.say("quality.unit.rows"), here.dark) if record == "all" and batch == "all" else None
    table = blocks.wide(shown, "time_period", "cell", cells, here.say("control.record"))
    notes = [here.say("quality.note.rows")] + ([here.say("quality.note.corrected", count=counts["corrected"])] if counts["corrected"] else [])
    blocks.figure(here, "rows", answer, frame, chart, table, notes, unit=here.say("quality.unit.rows"), obeys=("record", "batch"))


def batches_figure(here: blocks.Context, record: str, batch: str) -> None:
    """The delivered files."""
    frame = data.batches(here.snapshot, record, batch)
    refused = int((frame["rows_refused"] > 0).sum())
    answer = of_record(here, record, here.say("quality.batches", listed=len(frame), refused=refused))
    columns = {
        "record": [record_name(here, code) for code in frame["record"]],
        "provinces": [here.say("comma").join(region_name(here, code) for code in province_codes(row)) for row in frame.itertuples()],
        "months": [span(row) or MARKS["not_applicable"] for row in frame.itertuples()],
        **{name: frame[f"rows_{name}"].astype(str) for name in ("delivered", "accepted", "rejected", "unreadable", "skipped")},
        "encoding": [" ".join(part for part in (row.file_format, row.encoding) if part) for row in frame.itertuples()],
        "batch": frame["batch_id"],
    }
    if frame["corrected"].iloc[0]:
        columns["corrected_by"] = frame["corrected_by_batch_id"].fillna(MARKS["not_applicable"])
    table = pd.DataFrame({here.say(f"quality.column.{name}"): values for name, values in columns.items()})
    table.attrs["as_delivered"] = tuple(here.say(f"quality.column.{name}") for name in ("corrected_by", "batch"))
    rows = frame[frame["rows_refused"] > 0].head(BARS)
    drawn = rows.assign(
        name=[batch_name(here, row) for row in rows.itertuples()], region_code=rows["batch_id"], plotted=rows["rows_refused"].astype(float),
        printed=rows["rows_refused"].astype(str),
    )  # fmt: skip
    chart = charts.ranked_bars(drawn, "rejected", here.say("quality.unit.rows"), dark=here.dark) if len(rows) > 1 else None
    notes = [here.say("quality.note.rows"), here.say("quality.note.batch_bars", count=BARS) if refused > BARS else ""]
    blocks.figure(here, "batches", answer, frame, chart, table, notes, unit=here.say("quality.unit.rows"), obeys=("record", "batch"))


def batch_name(here: blocks.Context, row: object) -> str:
    """A batch on an axis: its record, the province with most of its rows, the years of its rows, and the end of its id, which is its own."""
    place = next((region_name(here, code) for code in province_codes(row)), "")
    years = span(row, characters=4)
    return " ".join(part for part in (record_name(here, row.record), place, years, row.batch_id[-HASH:]) if part)


def province_codes(row: object) -> list[str]:
    """The provinces of a batch's rows, the one with most rows first."""
    return row.province_codes.split(",") if row.province_codes else []


def region_name(here: blocks.Context, code: str) -> str:
    """A region's name, or the code of one that is not listed."""
    return here.name(path[-1]) if (path := data.region_path(here.snapshot, code)) else code


def span(row: object, characters: int = 7) -> str:
    """The first and the last month of a batch's rows, or with four characters their years."""
    return "–".join(dict.fromkeys(month[:characters] for month in (row.first_month, row.last_month) if month))


def rules_bars(here: blocks.Context, frame: pd.DataFrame, chosen: str) -> object:
    """Bars of the rules broken most; the level is in the name too, so that it never hangs on a colour."""
    rows = frame[frame["rows_broken"] > 0].head(BARS)
    drawn = rows.assign(
        name=[here.say("quality.bar", code=row.rule_code, level=level_name(here, row.level)) for row in rows.itertuples()],
        region_code=rows["rule_code"], state=rows["level"], plotted=rows["rows_broken"].astype(float), printed=rows["rows_broken"].astype(str),
    )  # fmt: skip
    levels = {level: level_name(here, level) for level in ("error", "warning") if (rows["level"] == level).any()}
    return charts.ranked_bars(drawn, levels, here.say("quality.unit.rows"), chosen=chosen, dark=here.dark)


def rules_table(here: blocks.Context, frame: pd.DataFrame) -> pd.DataFrame:
    rows = [row for _, row in frame.iterrows()]
    return pd.DataFrame(
        {
            here.say("quality.column.rule"): frame["rule_code"],
            here.say("quality.column.level"): [level_name(here, row["level"]) for row in rows],
            here.say("quality.column.message"): [here.pick(row, "message") for row in rows],
            here.say("quality.column.record"): [record_name(here, row["record"]) for row in rows],
            here.say("quality.column.broken"): [str(row["rows_broken"]) for row in rows],
            here.say("quality.column.checked"): [str(row["rows_checked"]) for row in rows],
        }
    )


def rules_figure(here: blocks.Context, record: str, batch: str, rule: str) -> None:
    """The rules that rows broke."""
    frame = data.broken_rules(here.snapshot, record, batch)
    counts = frame.iloc[0]
    answer = here.say("quality.rules", rules=counts["rules"], errors=counts["errors"], warnings=counts["warnings"])
    chart = rules_bars(here, frame, rule) if counts["rows_broken"] else None
    notes = [here.say("quality.note.rules"), here.say("quality.note.bars", count=BARS) if (frame["rows_broken"] > 0).sum() > BARS else ""]
    unit = here.say("quality.unit.rows")
    blocks.figure(here, "rules", answer, frame, chart, rules_table(here, frame), notes, unit=unit, obeys=("record", "batch"))


def keys_figure(here: blocks.Context, record: str, batch: str) -> None:
    """Rows without a key, and older versions of rows that have a newer one."""
    frame = data.broken_rules(here.snapshot, record, batch, "key")
    if frame.empty:
        return
    counts = frame.iloc[0]
    answer = here.say("quality.keys", rows=counts["rows_broken_in_all"])
    chart = rules_bars(here, frame, "") if counts["rows_broken"] else None
    notes, unit = [here.say("quality.note.keys")], here.say("quality.unit.rows")
    blocks.figure(here, "keys", answer, frame, chart, rules_table(here, frame), notes, unit=unit, obeys=("record", "batch"))


def duplicates_figure(here: blocks.Context, year: str) -> None:
    """Members whom several provinces report and the nation counts once."""
    course = blocks.course(here, DUPLICATES, data.NATION, year)
    now = course.now("total")
    if now["value"] is None:
        st.info(here.say("quality.duplicates_empty", year=year))
        return
    unit = here.pick(now, "print_unit")
    parts = {"employee": here.term("scheme", "employee"), "resident": here.term("scheme", "resident")}
    chart = charts.stacked_columns(course.frame, parts, "total", unit, here.dark, course.years_broken, here.shades("scheme"))
    table = blocks.wide(course.frame, "time_period", "cell", {"total": here.say("column.total"), **parts}, here.say("column.year"))
    answer = here.say("quality.duplicates", year=year, value=now["printed"], unit=unit)
    blocks.figure(here, "duplicates", answer, course.frame, chart, table, [here.say("quality.note.duplicates")], course.breaks, obeys=("year",))


def months_figure(here: blocks.Context, record: str, year: str) -> None:
    """Which months of which provinces are there."""
    frame = data.delivered_months(here.snapshot, record, year)
    frame["name"] = frame[f"region_{here.language}"]
    counts = frame.iloc[0]
    due = data.records(here.snapshot).get(record, "month")
    of_years = due == "year"
    words = {
        "year": year, "record": record_name(here, record), "regions": counts["regions"], "whole": counts["whole"], "gaps": counts["gaps"],
        "delivering": counts["delivering"], "records": len(data.monthly_records(here.snapshot)),
    }  # fmt: skip
    what = "all" if record == "all" else {"month": "one", "year": "years", "never": "never"}[due]
    answer = here.say(f"quality.months.{what}" if counts["gaps"] else f"quality.months_whole.{what}", **words)
    if counts["gaps"] and record != "all":
        missing = frame[frame["is_missing"]].head(1).iloc[0]
        answer += here.say("quality.months.first", region=missing["name"], period=missing["time_period"])
    # what is there of a month that is not whole stands beside the mark
    there = frame["entries"].astype(str).where(~frame["is_missing"] | (frame["entries"] > 0), "")
    frame["printed"] = (there + frame["is_missing"].map({True: f" {MARKS['missing']}", False: ""})).str.strip()
    frame["plotted"] = frame["entries"].astype(float).where(~frame["is_missing"])
    spans = {span: span if of_years else span[5:] for span in dict.fromkeys(frame["time_period"])}
    corner = here.say("quality.months.corner_years" if of_years else "quality.months.corner")
    printed, plotted = (
        frame.pivot(index="name", columns="time_period", values=column).loc[list(dict.fromkeys(frame["name"]))].rename(columns=spans)
        for column in ("printed", "plotted")
    )
    table = charts.heat_table(plotted, printed, corner, answer, dark=here.dark)
    unit = here.say("quality.unit.records") if record == "all" else here.word(f"quality.entries.{record}", here.say("quality.unit.rows"))
    notes = [here.say("quality.note.months"), here.say("quality.note.small") if here.release.data_is_sample else ""]
    cells = printed.rename_axis(index=corner, columns=None).reset_index()
    blocks.figure(here, "months", answer, frame.drop(columns=["plotted", "printed"]), None, table, notes, unit=unit, obeys=("record", "year"), cells=cells)


def control_totals_figure(here: blocks.Context, record: str, batch: str) -> None:
    """Totals that came with the files, against those found in them."""
    frame = data.control_totals(here.snapshot, record, batch)
    if frame.empty:
        st.info(here.say("quality.totals_empty"))
        return
    counts = frame.iloc[0]
    answer = here.say("quality.totals", listed=counts["listed"], equal=counts["equal"])
    are_rows = [measure == "rows" for measure in frame["measure"]]
    printed = {
        name: [number(value, *((1, 0) if counted else MONEY)) for value, counted in zip(frame[name], are_rows, strict=True)]
        for name in ("expected", "delivered")
    }
    table = pd.DataFrame(
        {
            here.say("quality.column.record"): [record_name(here, code) for code in frame["record"]],
            here.say("quality.column.measure"): [here.term("control_total", code) for code in frame["measure"]],
            here.say("quality.column.unit"): [here.say(f"quality.unit.{'rows' if counted else 'money'}") for counted in are_rows],
            here.say("quality.column.expected"): printed["expected"],
            here.say("quality.column.found"): printed["delivered"],
            here.say("quality.column.difference"): [
                number(value, 1, 0 if counted else 2, signed=True) for value, counted in zip(frame["difference"], are_rows, strict=True)
            ],
            here.say("quality.column.state"): [here.word(f"quality.state.{status}", status) for status in frame["status"]],
            here.say("quality.column.batch"): frame["batch_id"],
        }
    )
    table.attrs["as_delivered"] = (here.say("quality.column.batch"),)
    notes, unit = [here.say("quality.note.totals")], here.say("quality.unit.totals")
    blocks.figure(here, "control-totals", answer, frame, None, table, notes, unit=unit, obeys=("record", "batch"))


def rejected_figure(here: blocks.Context, record: str, batch: str, rule: str) -> None:
    """The first rejected rows, and how to get all those of a batch for its supplier."""
    frame = data.rejected_rows(here.snapshot, LISTED, record, batch, rule)
    if frame.empty:
        st.info(here.say("quality.rejected_empty"))
        return
    listed = frame["listed"].iloc[0]
    answer = here.say("quality.rejected" if listed <= LISTED else "quality.rejected_first", listed=listed, shown=len(frame))
    if rule != "all":
        answer = here.say("quality.of", of=rule_names(here, record)[rule], answer=answer)
    table = pd.DataFrame(
        {
            here.say("quality.column.record"): [record_name(here, code) for code in frame["record"]],
            here.say("quality.column.row"): frame["row_no"].astype(str),
            here.say("quality.column.rules"): [codes.replace(",", here.say("comma")) for codes in frame["rule_codes"]],
            here.say("quality.column.batch"): frame["batch_id"],
        }
    )
    table.attrs["as_delivered"] = (here.say("quality.column.batch"),)
    notes, unit = [here.say("quality.note.rejected")], here.say("quality.unit.rows")
    blocks.figure(here, "rejected", answer, frame, None, table, notes, unit=unit, obeys=("record", "batch", "rule"))
    st.markdown(here.say("quality.workbook" if batch != "all" else "quality.workbook_of"))
    name = batch if batch != "all" else "BATCH"
    st.code(f"gongbao rejects --batch {shlex.quote(name)} --xlsx {shlex.quote(f'{name}.xlsx')}", language="bash", wrap_lines=True)


def review_figure(here: blocks.Context) -> None:
    """What somebody should look at, though no check fails for it."""
    frame = data.review_list(here.snapshot)
    if frame.empty:
        st.info(here.say("quality.review_empty"))
        return
    counts = frame.iloc[0]
    found = {name: counts[name] for name in ("persons", "region_codes", "fund_months") if counts[name]}
    listed = (here.say(f"quality.review_of.{name}", count=count) for name, count in found.items())
    answer = here.say("quality.review", parts=here.say("comma").join(listed))
    rows = [row for _, row in frame.iterrows()]
    table = pd.DataFrame(
        {
            here.say("column.region"): [here.pick(row, "region") for row in rows],
            here.say("quality.column.code"): frame["region_code"],
            here.say("quality.column.finding"): [finding_name(here, row["finding"]) for row in rows],
            here.say("quality.column.detail"): [detail(here, row) for row in rows],
            here.say("quality.column.amount"): [number(row["amount"], *(MONEY if row["list"] == "fund_months" else (1, 0)), "not_applicable") for row in rows],
        }
    )
    blocks.figure(here, "review", answer, frame, None, table, [here.say("quality.note.review")], unit=here.say("quality.unit.review"), obeys=())


def added_reviews(here: blocks.Context) -> None:
    """The review lists that systems bring with them, as they stand, the places by name."""
    for name in data.added_reviews(here.snapshot):
        frame = data.added_review(here.snapshot, name)
        if frame.empty:
            continue
        headings = {column: zh if here.language == "zh" else column.replace("_", " ") for column, zh in data.headings(here.snapshot, name).items()}
        texts = frame[list(headings)].map(lambda value: MARKS["not_applicable"] if value is None or value != value else str(value))
        table = texts.rename(columns=headings)
        table.insert(0, here.say("column.region"), frame[f"region_{here.language}"])
        answer = here.say("quality.added_review", table=table_name(here, name), rows=len(frame))
        notes, unit = [here.say("quality.note.review")], here.say("quality.unit.rows")
        blocks.figure(here, name.replace("_", "-"), answer, frame, None, table, notes, unit=unit, obeys=())


def table_name(here: blocks.Context, name: str) -> str:
    """What a table of the file is called: in Chinese by its label, in English by its name."""
    label = data.tables(here.snapshot).set_index("table").loc[name, "label_zh"]
    return label if here.language == "zh" and label else name.replace("_", " ")


def detail(here: blocks.Context, row: pd.Series) -> str:
    """Of a region code where it counts, of a fund its month, scheme, part and book."""
    if row["list"] == "fund_months":
        month, scheme, part, *book = row["detail"].split()
        return here.say("comma").join((month, here.term("scheme", scheme), here.term("fund_part", part), *book))
    return row["detail"] or MARKS["not_applicable"]


def choose_batch(here: blocks.Context, record: str) -> str:
    """The control of the batch: among those of the record."""
    names: Sequence[str] = sorted(data.batches(here.snapshot, record)["batch_id"])
    return blocks.choose(here, "batch", ("all", *names), lambda code: here.say("quality.batch_all") if code == "all" else code)


def rule_names(here: blocks.Context, record: str) -> dict[str, str]:
    """The rules of a record by code: the code and what is wrong."""
    rules = data.broken_rules(here.snapshot, record).sort_values("rule_code")
    return {row["rule_code"]: here.say("quality.rule", code=row["rule_code"], message=here.pick(row, "message")) for _, row in rules.iterrows()}


def choose_rule(here: blocks.Context, record: str) -> str:
    """The control of the rule: among those of the record."""
    names = rule_names(here, record)
    return blocks.choose(here, "rule", ("all", *names), lambda code: here.say("quality.rule_all") if code == "all" else names[code])


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    st.title(here.say("quality.title"))
    if data.batches(here.snapshot).empty:
        st.info(here.say("quality.nothing"))
        return
    years = data.delivered_years(here.snapshot)
    with blocks.controls(here):
        record = blocks.choose(
            here, "record", ("all", *data.records(here.snapshot)), lambda code: here.say("quality.record_all") if code == "all" else record_name(here, code)
        )
        if data.batches(here.snapshot, record).empty:
            st.info(here.say("quality.record_missing", record=record_name(here, record)))
            return
        batch = choose_batch(here, record)
        rule = choose_rule(here, record)
        year = blocks.choose(here, "year", years) if years else None

    rows_figure(here, record, batch)
    if year is None:
        st.info(here.say("quality.months_empty"))
    else:
        months_figure(here, record, year)
    rules_figure(here, record, batch, rule)
    rejected_figure(here, record, batch, rule)
    keys_figure(here, record, batch)
    if year is not None:
        duplicates_figure(here, year)
    batches_figure(here, record, batch)
    control_totals_figure(here, record, batch)
    review_figure(here)
    added_reviews(here)


main()
