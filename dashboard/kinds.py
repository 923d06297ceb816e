"""The kinds of figures that pages of exposures are made of. Each takes its numbers at the chosen place and year, and says an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from dashboard import blocks, charts, data
from dashboard.data import Cell
from dashboard.pages import Figure, Number, Texts
from dashboard.text import MARKS, number

# Lines over the months: the year and those before it.
MONTH_SHADES = ("this", "before", "before_that")
TOTAL = "total"


@dataclass(frozen=True)
class Choice:
    """What is chosen on the page. `dimensions`: dimension -> (parameter of the address, value)."""

    place: data.Region
    year: str
    dimensions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Series:
    """The cells of a figure by name, in its order, with what they are called and their colours; and the controls that they obey."""

    cells: tuple[Cell, ...]
    names: dict[str, str]
    shades: dict[str, str]
    obeys: tuple[str, ...]
    who: str

    def of(self, known: Mapping[str, str]) -> Series:
        """The same of some of the cells."""
        return replace(self, cells=tuple(cell for cell in self.cells if cell.name in known), names=dict(known))


def said(here: blocks.Context, own: Texts, message: str, **values: object) -> str:
    """The text of a page or figure with its values, or the message where it has none of its own."""
    text = own[here.language]
    return text.format(**values) if text else here.say(message, **values)


def label_of(here: blocks.Context, given: Number) -> str:
    """What a number is called: by its figure, else by its indicator."""
    entry = data.catalogue(here.snapshot)[given.indicator]
    return given.label[here.language] or (entry.label_zh if here.language == "zh" else entry.label_en)


def obeyed(here: blocks.Context, given: Number, choice: Choice, by: str | None) -> dict[str, tuple[str, str]]:
    """Those of the chosen dimensions that a number has, and that neither the number nor the figure's own breakdown decides."""
    known = data.catalogue(here.snapshot)[given.indicator].dimensions
    return {name: chosen for name, chosen in choice.dimensions.items() if name in known and name not in given.dims and name != by}


def series(here: blocks.Context, figure: Figure, choice: Choice) -> Series:
    """The cells of a figure: its numbers, or the values of its breakdown with their total."""
    cells, names, shades, follows = [], {}, {}, {}
    several = len(figure.numbers) > 1
    repeated = len({given.indicator for given in figure.numbers}) < len(figure.numbers)
    for place, given in enumerate(figure.numbers):
        chosen = obeyed(here, given, choice, figure.by)
        follows |= chosen
        dims = given.dims | {name: code for name, (_, code) in chosen.items() if code != "_T"}
        label = label_of(here, given)
        if figure.by is None:
            if repeated and not given.label[here.language]:
                label = " · ".join([label, *(here.term(*pair) for pair in given.dims.items())])
            name = given.indicator if not repeated else f"{given.indicator}-{place}"
            cells.append(data.cell(name, given.indicator, **dims))
            names[name], shades[name] = label, str(place)
            continue
        prefix = f"{place}." if several else ""
        codes = data.values_of(here.snapshot, (given.indicator,), figure.by)
        colours = here.shades(figure.by, codes) | {TOTAL: TOTAL}
        for code in (*codes, *((TOTAL,) if figure.has_total else ())):
            cells.append(data.cell(f"{prefix}{code}", given.indicator, **(dims if code == TOTAL else dims | {figure.by: code})))
            names[f"{prefix}{code}"] = here.term(figure.by, "_T" if code == TOTAL else code)
            shades[f"{prefix}{code}"] = colours[code]
    words = [inside(here, here.term(name, code)) for name, (_, code) in follows.items() if code != "_T"]
    who = here.say("figures.who", words=here.say("comma").join(words)) if words else ""
    parameters = tuple(dict.fromkeys(parameter for parameter, _ in follows.values()))
    return Series(tuple(cells), names, shades, parameters, who)


def missing(here: blocks.Context, figure: Figure, choice: Choice, place: data.Region) -> None:
    """What a figure says that has no value: also when the numbers are not published by all that is chosen together."""
    given = figure.numbers[0]
    words = {"year": choice.year, "place": here.name(place), "label": label_of(here, given)}
    chosen = {name for name, (_, code) in obeyed(here, given, choice, figure.by).items() if code != "_T"} | given.dims.keys()
    asked = frozenset(chosen | ({figure.by} if figure.by else set()))
    published = data.catalogue(here.snapshot)[given.indicator].breakdowns
    if asked and asked not in published:
        finer = [one for one in published if one > asked]
        if finer:
            more = here.say("comma").join(here.dimension(name) for name in sorted(min(finer, key=len) - asked))
            st.info(here.say("figures.not_alone", by=here.say("comma").join(here.dimension(name) for name in sorted(chosen)), more=more, **words))
            return
    st.info(said(here, figure.missing, "figures.missing", **words))


def inside(here: blocks.Context, name: str) -> str:
    """A name as it stands within a sentence."""
    return name if here.language == "zh" else name[:1].lower() + name[1:]


def listed(here: blocks.Context, rows: Mapping[str, pd.Series], names: Mapping[str, str], sentence: Texts | None = None) -> str:
    """Printed numbers within a sentence, each with its unit, unless the sentence says the unit of all of them."""
    said_once = "{unit}" in ((sentence or {}).get(here.language) or "")
    parts = []
    for name, row in rows.items():
        unit = here.pick(row, "print_unit")
        key = "course.missing" if row["status"] == "missing" else "course.part" if said_once else "figures.share" if unit == "%" else "figures.part"
        parts.append(here.say(key, name=inside(here, names[name]), value=row["printed"], unit=unit))
    return here.say("comma").join(parts)


def notes_of(here: blocks.Context, figure: Figure, *more: str) -> list[str]:
    return [note for note in (figure.note[here.language], *more) if note]


# ---------------------------------------------------------------- over the years


def course_of(here: blocks.Context, figure: Figure, choice: Choice) -> tuple[blocks.Course, Series] | None:
    """The years of a figure's numbers, of those that have a value; None, and said so, when none has."""
    shown = series(here, figure, choice)
    course = blocks.course(here, shown.cells, choice.place.code, choice.year)
    known = course.known(shown.names)
    if not known or (figure.by and not known.keys() - {TOTAL}):
        missing(here, figure, choice, choice.place)
        return None
    return course.of(known), shown.of(known)


def draw_split(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """The parts of a total, stacked over the years."""
    found = course_of(here, figure, choice)
    if found is None:
        return
    course, shown = found
    total = course.now(TOTAL)
    unit = here.pick(total, "print_unit")
    parts = {name: label for name, label in shown.names.items() if name != TOTAL}
    answer = said(
        here, figure.answer, "figures.split", year=choice.year, place=here.within(choice.place), who=shown.who, label=label_of(here, figure.numbers[0]),
        value=total["printed"], unit=unit, parts=listed(here, {name: course.now(name) for name in parts}, parts, figure.answer),
    )  # fmt: skip
    chart = charts.stacked_columns(course.frame, parts, TOTAL, unit, here.dark, course.years_broken, shown.shades)
    columns = {TOTAL: here.say("column.total"), **parts}
    obeys = ("region", "year", *shown.obeys)
    blocks.course_figure(here, figure.name, answer, course, columns, chart, notes_of(here, figure), obeys=obeys)


def draw_course(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """Numbers over the years: one with how it has changed, or some beside each other."""
    found = course_of(here, figure, choice)
    if found is None:
        return
    course, shown = found
    if len(figure.numbers) == 1 and figure.by is None:
        draw_single(here, figure, choice, course, shown)
        return
    now = {name: course.now(name) for name in shown.names}
    units = {here.pick(row, "print_unit") for row in now.values()}
    unit = units.pop() if len(units) == 1 else ""
    answer = said(
        here, figure.answer, "figures.course", year=choice.year, place=here.within(choice.place), who=shown.who, unit=unit,
        parts=listed(here, now, shown.names, figure.answer),
    )  # fmt: skip
    names = shown.names
    if not unit:
        names = {name: here.say("figures.with_unit", label=label, unit=here.pick(now[name], "print_unit")) for name, label in names.items()}
    shape = figure.shape or ("rows" if not unit else "lines" if (course.frame["indicator_kind"] == "ratio").any() or len(names) > 2 else "columns")
    draw = {"rows": charts.rows_of_columns, "columns": charts.paired_columns, "lines": charts.lines}[shape]
    # A line stops where its own definition changes; columns stand by themselves.
    breaks = {name: blocks.growth_breaks(course.breaks[course.breaks["cell"] == name]) for name in names} if shape == "lines" else course.years_broken
    chart = draw(course.frame, names, unit, here.dark, breaks, colours=shown.shades)
    notes = notes_of(here, figure, here.say("figures.not_from_zero") if shape == "lines" else "")
    blocks.course_figure(here, figure.name, answer, course, names, chart, notes, obeys=("region", "year", *shown.obeys))


def draw_single(here: blocks.Context, figure: Figure, choice: Choice, course: blocks.Course, shown: Series) -> None:
    """One number over the years; a ratio of a place has that of the nation behind it."""
    cell = shown.cells[0]
    own = course.frame
    known = own[own["value"].notna()]
    first, last = known.iloc[0], known.iloc[-1]
    way = "same" if first["printed"] == last["printed"] else "fell" if last["value"] < first["value"] else "rose"
    unit = here.pick(last, "print_unit")
    answer = said(
        here, figure.answer, "figures.single", place=here.within(choice.place), who=shown.who, label=shown.names[cell.name], unit=unit,
        moved=here.say(f"figures.moved.{way}"), first=first["time_period"], before=first["printed"], last=last["time_period"], now=last["printed"],
    )  # fmt: skip
    obeys = ("region", "year", *shown.obeys)
    if own["indicator_kind"].iloc[0] != "ratio":
        chart = charts.paired_columns(own, shown.names, unit, here.dark, course.years_broken, shown.shades)
        blocks.course_figure(here, figure.name, answer, course, shown.names, chart, notes_of(here, figure), obeys=obeys)
        return
    codes = tuple(dict.fromkeys((choice.place.code, data.NATION)))
    frame = blocks.named(here, data.figures(here.snapshot, shown.cells, codes, tuple(own["time_period"])))
    names = dict(zip(frame["region_code"], frame["name"], strict=True))
    shades = {data.NATION: "before"} | {choice.place.code: "this"}
    chart = charts.lines(frame, names, unit, here.dark, course.years_broken, by="region_code", colours=shades)
    table = blocks.wide(frame, "time_period", "region_code", names, here.say("column.year"))
    blocks.figure(here, figure.name, answer, frame, chart, table, notes_of(here, figure), course.breaks, obeys=obeys)


def draw_pair(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """Two numbers beside each other, for every value of a breakdown and their total, in one year."""
    everything = data.breaks(here.snapshot, tuple(data.cell("", given.before) for given in figure.numbers if given.before), "0001", "9999")
    changed = blocks.growth_breaks(everything)
    earlier = bool(changed) and choice.year < changed[0]
    numbers = tuple(replace(given, indicator=given.before) if given.before and earlier else given for given in figure.numbers)
    figure = replace(figure, numbers=numbers)
    shown = series(here, figure, choice)
    frame = data.figures(here.snapshot, shown.cells, (choice.place.code,), (choice.year,))
    if frame["value"].isna().all():
        missing(here, figure, choice, choice.place)
        return
    blocks.add_printed(frame)
    frame[["number", "code"]] = frame["cell"].str.split(".", n=1, expand=True)
    codes = [TOTAL, *(code for code in dict.fromkeys(frame["code"]) if code != TOTAL)]
    frame = frame[frame["code"].map(frame.groupby("code")["value"].count()) > 0]
    frame = frame.sort_values("code", key=lambda column: column.map(codes.index), kind="stable").reset_index(drop=True)
    names = {str(place): label_of(here, given) for place, given in enumerate(numbers)}
    frame["name"] = [shown.names[cell] for cell in frame["cell"]]
    sides = {name: frame[frame["number"] == place].set_index("name") for name, place in (("first", "0"), ("second", "1"))}
    pairs = pd.DataFrame({f"{side}_{column}": rows[column] for side, rows in sides.items() for column in ("plotted", "printed")})
    whole = {row["number"]: row for _, row in frame[frame["code"] == frame["code"].iloc[0]].iterrows()}
    unit = here.pick(frame.iloc[0], "print_unit")
    answer = said(
        here, figure.answer, "figures.course", year=choice.year, place=here.within(choice.place), who=shown.who, unit=unit,
        parts=listed(here, whole, names, figure.answer),
    )  # fmt: skip
    chart = charts.dumbbell(pairs.reset_index(), ("0", names["0"]), ("1", names["1"]), unit, here.dark)
    table = blocks.wide(frame, "name", "number", names, here.dimension(figure.by or ""))
    breaks = pd.concat([everything, data.breaks(here.snapshot, shown.cells, choice.year, choice.year)])
    obeys = ("region", "year", *shown.obeys)
    blocks.figure(here, figure.name, answer, frame.drop(columns=["number", "code"]), chart, table, notes_of(here, figure), breaks, obeys=obeys)


# ---------------------------------------------------------------- regions


def ranked(here: blocks.Context, figure: Figure, choice: Choice, whole: data.Region) -> tuple[pd.DataFrame, Series, str] | None:
    """The regions right below one by a number, and what is said of the highest and lowest; None, and said so, without values."""
    shown = series(here, figure, choice)
    frame = blocks.named(here, data.ranking(here.snapshot, shown.cells[0], choice.year, whole.code))
    known = frame[frame["rank"].notna()]
    if known.empty or frame.loc[frame["region_code"] == whole.code, "value"].isna().all():
        missing(here, figure, choice, whole)
        return None
    among = blocks.among(here, whole)
    if known["printed"].nunique() == 1:
        return frame, shown, here.say("figures.standing_same", among=among)
    top, bottom = blocks.extremes(here, known)
    return frame, shown, here.say("figures.standing", among=among, top=top, bottom=bottom)


def draw_ranking(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """The provinces by a number, and the prefectures of the chosen province."""
    path = data.region_path(here.snapshot, choice.place.code)
    for depth, whole in enumerate(path[:2]):
        found = ranked(here, figure, choice, whole)
        if found is None:
            continue
        frame, shown, standing = found
        row = frame[frame["region_code"] == whole.code].iloc[0]
        label = shown.names[shown.cells[0].name]
        answer = said(
            here, figure.answer, "figures.ranking", year=choice.year, name=here.name(whole), who=shown.who, label=label, value=row["printed"],
            unit=here.pick(row, "print_unit"), standing=standing,
        )  # fmt: skip
        key = figure.name if depth == 0 else figure.name.replace("ranking", "within") if "ranking" in figure.name else f"{figure.name}-within"
        chosen = path[depth + 1].code if len(path) > depth + 1 else ""
        obeys = ("year", *shown.obeys, *(("region",) if depth else ()))
        blocks.ranked_figure(here, key, answer, frame, label, "0", chosen, figure.shape == "dots", notes_of(here, figure), obeys=obeys)


def draw_map(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """The provinces as a grid of tiles."""
    path = data.region_path(here.snapshot, choice.place.code)
    found = ranked(here, figure, choice, path[0])
    if found is None:
        return
    frame, shown, standing = found
    row = frame[frame["region_code"] == data.NATION].iloc[0]
    label = shown.names[shown.cells[0].name]
    answer = said(
        here, figure.answer, "figures.ranking", year=choice.year, name=here.name(path[0]), who=shown.who, label=label, value=row["printed"],
        unit=here.pick(row, "print_unit"), standing=standing,
    )  # fmt: skip
    chart = blocks.tile_map(here, frame, (frame["state"] == "deficit").any(), path[1].code if len(path) > 1 else "")
    table = pd.DataFrame({here.say("column.region"): frame["name"], label: frame["printed"]})
    notes = notes_of(here, figure, here.say("map.note"))
    blocks.figure(here, figure.name, answer, frame, chart, table, notes, select=True, obeys=("year", *shown.obeys))


# ---------------------------------------------------------------- numbers of one year, months, printed tables


def draw_tiles(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """The numbers of the year, each with its change on the year before and its course."""
    found = course_of(here, figure, choice)
    if found is None:
        return
    course, shown = found
    # the year alone, as its edition prints it
    alone = data.figures(here.snapshot, shown.cells, (choice.place.code,), (choice.year,))
    blocks.add_printed(alone)
    now = {row["cell"]: row for _, row in alone.iterrows()}
    tiles = []
    for name, row in now.items():
        # in base units: an edition may print in another unit than the one before
        line = [None if value is None or value != value else float(value) for value in course.of([name]).frame["value"]]
        known = [value for value in line if value is not None]
        picture = charts.sparkline([(line, charts.colour(shown.shades[name], here.dark), 2)], min(known), max(known), here.dark)
        tiles.append(blocks.tile_of(here, row, shown.names[name], picture))
    row = next(iter(now.values()))
    answer = said(
        here, figure.answer, "figures.tiles", year=choice.year, place=here.within(choice.place), who=shown.who, label=shown.names[row["cell"]],
        value=row["printed"], unit=here.pick(row, "print_unit"), change=blocks.change_in_words(here, row),
    )  # fmt: skip
    frame = pd.DataFrame(now.values()).reset_index(drop=True)
    table = pd.DataFrame(
        {
            here.say("control.indicator"): list(shown.names.values()),
            here.say("fact.unit"): [here.pick(one, "print_unit") for one in now.values()],
            choice.year: list(frame["printed"]),
            here.say("figures.column.change"): [blocks.change_in_words(here, one) for one in now.values()],
        }
    )
    breaks = course.breaks[course.breaks["year"] == choice.year]
    blocks.figure(here, figure.name, answer, frame, tiles, table, notes_of(here, figure), breaks, obeys=("region", "year", *shown.obeys))


def draw_months(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """A number month by month, beside the years before."""
    shown = series(here, figure, choice)
    cell = shown.cells[0]
    months = [f"{month:02}" for month in range(1, 13)]
    broken = blocks.growth_breaks(data.breaks(here.snapshot, (cell,), str(int(choice.year) - 1), choice.year))
    years = [year for year in (str(int(choice.year) - back) for back in range(3)) if not any(year < one <= choice.year for one in broken)]
    frame = data.figures(here.snapshot, (cell,), (choice.place.code,), tuple(f"{year}-{month}" for year in years for month in months), "month")
    blocks.add_printed(frame)
    own = frame[(frame["time_period"].str[:4] == choice.year) & frame["value"].notna()]
    if own.empty:
        missing(here, figure, choice, choice.place)
        return
    frame["year"] = frame["time_period"].str[:4]
    frame["month"] = [here.say(f"month.{period[5:]}") for period in frame["time_period"]]
    years = [year for year in years if frame.loc[frame["year"] == year, "value"].notna().any()]
    frame = frame[frame["year"].isin(years)].reset_index(drop=True)
    plain = data.cell(cell.name, cell.indicator, **figure.numbers[0].dims)
    counted = data.reporting(here.snapshot, plain, tuple(frame["time_period"]), choice.place.code)
    partly = counted[counted["reported"] < counted["expected"]]
    frame["incomplete"] = frame["time_period"].isin(partly["time_period"])
    last = own.iloc[-1]
    lacking = frame[frame["incomplete"]]
    comparable = not {last["time_period"], f"{int(choice.year) - 1}-{last['time_period'][5:]}"} & set(lacking["time_period"])
    compared = ""
    if comparable and last["growth_pct"] is not None:
        compared = here.say("figures.growth", growth=number(last["printed_growth_pct"], 1, 1, signed=True))
    answer = said(
        here, figure.answer, "figures.months", year=choice.year, month=here.say(f"month.{last['time_period'][5:]}"), who=shown.who,
        place=here.within(choice.place), label=shown.names[cell.name], value=last["printed"], unit=here.pick(last, "print_unit"), compared=compared,
    )  # fmt: skip
    names = {year: year for year in years}
    chart = charts.lines(
        frame, names, here.pick(last, "print_unit"), here.dark, by="year", x="month", colours=dict(zip(years, MONTH_SHADES, strict=False)),
        labelled=[choice.year], zero=True, ticks={month: month for month in frame["month"]},
        at=here.say(f"month.{last['time_period'][5:]}"),
    )  # fmt: skip
    table = blocks.wide(frame, "month", "year", dict(sorted(names.items())), here.say("figures.column.month"))
    open_months = here.say("comma").join(
        here.say("figures.partly", month=row.time_period, reported=row.reported, expected=row.expected) for row in partly.itertuples()
    )
    notes = notes_of(here, figure, here.say("figures.incomplete", months=open_months) if len(partly) else "")
    breaks = data.breaks(here.snapshot, (cell,), years[-1], choice.year)
    blocks.figure(here, figure.name, answer, frame, chart, table, notes, breaks, obeys=("region", "year", *shown.obeys))


def draw_statement(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """A printed table of the bulletin for the chosen place: a row a year, up to the chosen one."""
    values = {data.cell("", given.indicator, **given.dims): given for given in figure.numbers if given.shown == "value"}
    values = {replace(cell, name=cell.key): given for cell, given in values.items()}
    years = [year for year in data.periods(here.snapshot, tuple(cell.indicator for cell in values), "year", choice.place.code) if year <= choice.year]
    if not years:
        st.info(said(here, figure.missing, "figures.missing", year=choice.year, place=here.name(choice.place), label=figure.table))
        return
    frame = data.figures(here.snapshot, tuple(values), (choice.place.code,), tuple(years))
    blocks.add_printed(frame)
    rows = {(row["cell"], row["time_period"]): row for _, row in frame.iterrows()}
    table = {here.say("column.year"): years}
    for given in figure.numbers:
        name = data.cell("", given.indicator, **given.dims).key
        if (name, years[0]) not in rows:
            continue
        cells = [rows[name, year] for year in years]
        label = " · ".join([label_of(here, given), *(here.term(*pair) for pair in given.dims.items())])
        unit = "%" if given.shown == "growth_pct" else here.pick(cells[0], "print_unit")
        key = f"figures.shown.{given.shown}"
        table[here.say("figures.with_unit", label=here.say(key, label=label), unit=unit)] = [shown_of(row, given.shown) for row in cells]
    now = {cell.name: rows[cell.name, years[0]] for cell in list(values)[:3]}
    names = {cell.name: " · ".join([label_of(here, given), *(here.term(*pair) for pair in given.dims.items())]) for cell, given in values.items()}
    answer = said(
        here, figure.answer, "figures.statement", year=years[0], place=here.within(choice.place), parts=listed(here, now, names),
    )  # fmt: skip
    breaks = data.breaks(here.snapshot, tuple(values), years[-1], years[0])
    blocks.figure(here, figure.name, answer, frame, None, pd.DataFrame(table), notes_of(here, figure), breaks, obeys=("region", "year"))


def shown_of(row: pd.Series, shown: str) -> str:
    """What a printed table shows of a row: its value, the change on the year before or the growth."""
    if shown == "value":
        return row["printed"]
    if shown == "change":
        return number(row["printed_change"], 1, row["print_decimals"], signed=True)
    return number(row["printed_growth_pct"], 1, 1, signed=True) if row["previous_value"] is None or row["growth_pct"] is not None else MARKS["not_applicable"]


def draw_list(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """A table of the file as it stands, the rows of the chosen place where it has any."""
    frame = data.rows_at(here.snapshot, figure.table, choice.place.code)
    if frame.empty:
        st.info(said(here, figure.missing, "figures.missing", year=choice.year, place=here.name(choice.place), label=figure.table))
        return
    names = {column: zh if here.language == "zh" else column.replace("_", " ") for column, zh in data.headings(here.snapshot, figure.table).items()}
    table = frame.rename(columns=names).map(lambda value: MARKS["missing"] if value is None or value != value else str(value))
    answer = said(here, figure.answer, "figures.list", place=here.name(choice.place), rows=len(frame), table=figure.table)
    blocks.figure(here, figure.name, answer, frame, None, table, notes_of(here, figure), obeys=("region",))


DRAWN: dict[str, Callable[[blocks.Context, Figure, Choice], None]] = {
    "tiles": draw_tiles,
    "course": draw_course,
    "split": draw_split,
    "pair": draw_pair,
    "ranking": draw_ranking,
    "map": draw_map,
    "months": draw_months,
    "statement": draw_statement,
    "list": draw_list,
}


def draw(here: blocks.Context, figure: Figure, choice: Choice) -> None:
    """A figure of a page, below the question it answers where it says one."""
    question = figure.question[here.language]
    if question:
        st.caption(question)
    DRAWN[figure.kind](here, figure, choice)
