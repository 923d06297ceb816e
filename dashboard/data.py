"""Reading the published file: typed, read-only, one query a data set, nothing computed outside SQL.

A page run reads one `Snapshot` (path, inode, time) of the file. Results are cached by it, so that a file swapped in
by a publication is picked up at the next run, and a run never mixes two files: when the file changes before it could
be opened, `Swapped` is raised and the app starts the run again.

What most pages need is `figures` (cells × regions × periods), `ranking` (the regions below one), `pairs` (two cells or
two periods of the regions below one), `breaks` and `periods`. A page with another question adds a function here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

import duckdb
import pandas as pd
import streamlit as st

from gongbao.paths import Home
from gongbao.publish import published_file

NATION = "100000"
CORPS = "660000"

PeriodKind = Literal["month", "ytd", "half", "year"]

DIMENSIONS = (
    "scheme", "fund_part", "member_status", "employer_type", "account_mode", "care_type", "hospital_level",
    "travel_scope", "settle_mode", "side", "counterpart_region",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Which number of `observations` is meant, and its name on the page.

    '_T' is the total of a dimension, and also stands for '_Z' where an indicator does not have the dimension.
    Cross-province indicators have no total side: say `side="insured"` or `side="treatment"`.
    """

    name: str
    indicator: str
    scheme: str = "_T"
    fund_part: str = "_T"
    member_status: str = "_T"
    employer_type: str = "_T"
    account_mode: str = "_T"
    care_type: str = "_T"
    hospital_level: str = "_T"
    travel_scope: str = "_T"
    settle_mode: str = "_T"
    side: str = "_T"
    counterpart_region: str = "_T"

    @property
    def key(self) -> str:
        """The cell in words of the file: `fund_income scheme=employee fund_part=pooled`."""
        return " ".join([self.indicator, *(f"{name}={getattr(self, name)}" for name in DIMENSIONS if getattr(self, name) != "_T")])


def cell(name: str, indicator: str, dims: Mapping[str, str]) -> Cell:
    """A cell by its dimensions that are no totals."""
    return Cell(name, indicator, **dims)


class Swapped(Exception):
    """The published file was replaced before this run could open it."""


class Damaged(Exception):
    """The published file cannot be read or lacks a table."""


@dataclass(frozen=True)
class Snapshot:
    """The file one run reads, as the file system knows it."""

    path: Path
    inode: int
    modified_ns: int

    @property
    def published_on(self) -> str:
        """The day (UTC) the file was put in place, as YYYY-MM-DD."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC).date().isoformat()


@dataclass(frozen=True)
class Release:
    """What the published file says of itself."""

    data_is_sample: bool
    last_year: str
    batches: int
    batches_digest: str


@dataclass(frozen=True)
class Region:
    """A place of the statistics; names are short (四川, not 四川省; Liangshan Yi, not Liangshan Yi Autonomous Prefecture)."""

    code: str
    level: str
    parent: str | None
    kind: str
    name_zh: str
    name_en: str


# ---------------------------------------------------------------- pieces of SQL

# Every region with its short names; a code without a list (a county) is its own name.
PLACES = f"""
        select
            region_code, region_level, parent_code, kind, in_statistics, short_zh, grid_row, grid_col,
            case
                when region_code = '{CORPS}' then short_zh
                when region_level = 'province' then regexp_replace(name_zh, '(壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$', '')
                else regexp_replace(name_zh, '(.{{2,}})(市|地区)$', '\\1')
            end as region_zh,
            case
                when region_code = '{CORPS}' then 'XPCC (Corps)'
                when region_code = '540000' then 'Xizang'
                else regexp_replace(name_en, ' (Autonomous Prefecture|Prefecture|City)$', '')
            end as region_en
        from published.regions
"""

# What is said of an indicator in a year: its catalogue entry, and units and decimals. Of the nation alone they are those of that
# year's edition of the bulletin, else of the nearest. Below the nation, and for the nation beside such places, those of the newest
# edition in every year, with visits in 万人次, since a unit made for the nation leaves nothing of a city.
LABELS = """
        select
            catalogue.indicator,
            cast(years.year as varchar) as year,
            units.national,
            catalogue.scope_id,
            catalogue.kind as indicator_kind,
            catalogue.label_zh,
            catalogue.label_en,
            catalogue.definition_zh,
            catalogue.definition_en,
            catalogue.unit,
            formats.print_unit_zh,
            formats.print_unit_en,
            formats.print_scale,
            formats.decimals as print_decimals
        from (select min(edition_year) as first, max(edition_year) as last from published.print_formats) as editions
        cross join generate_series(editions.first - 30, editions.last + 30) as years (year)
        cross join (values (true), (false)) as units (national)
        cross join published.indicator_catalogue as catalogue
        inner join published.print_formats as formats
            on formats.unit_group = case when units.national then catalogue.print_group else replace(catalogue.print_group, 'visits_yi', 'visits_wan') end
            and formats.edition_year = case when units.national then least(greatest(years.year, editions.first), editions.last) else editions.last end
"""

# ---------------------------------------------------------------- the file


def snapshot(home: Home) -> Snapshot | None:
    """The present published file, or None when nothing is published."""
    path = published_file(home)
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Snapshot(path, found.st_ino, found.st_mtime_ns)


# So many pages are made at the same time; the others wait their turn. More at once would not finish sooner, and a crowd would
# slow each down until publications overtake it.
TURNS = BoundedSemaphore(4)


# Four: the present file, and those before it for runs that a busy machine has not finished. Opening costs ten times a query.
@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(of: Snapshot) -> duckdb.DuckDBPyConnection:
    """A connection to the file of a snapshot and to no other, shared by all sessions through cursors.

    It keeps reading that file after another has taken its name. Raises `Swapped` when that has happened already.
    """
    # One thread a query: sessions run side by side, and a small query gains nothing from more.
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "300MB"})
    connection.execute("attach '{}' as published (read_only)".format(str(of.path).replace("'", "''")))
    found = of.path.stat()
    if (found.st_ino, found.st_mtime_ns) != (of.inode, of.modified_ns):
        raise Swapped
    # Kept in memory beside the file: planning their SQL anew would take longer than the query that needs them.
    connection.execute(f"create table places as {PLACES}")
    connection.execute(f"create table labels as {LABELS}")
    # Whatever a query may come to hold: it reads and writes no other file, and cannot open the lock.
    connection.execute("set enable_external_access = false")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set lock_configuration = true")
    return connection


def query(of: Snapshot, sql: str, parameters: list[Any] | dict[str, Any] | None = None) -> pd.DataFrame:
    """Run one query on the file of a snapshot; DECIMAL arrives as `Decimal`, and NULL of texts and decimals as None.

    Raises `Swapped` when the file is no longer that of the snapshot, `Damaged` when it cannot answer.
    """
    try:
        with _opened(of).cursor() as cursor:
            cursor.execute("use published")
            frame = cursor.sql(sql, params=parameters or []).to_arrow_table().to_pandas()
    except FileNotFoundError as error:
        raise Swapped from error
    except duckdb.Error as error:
        raise Damaged from error
    for name in frame.columns[frame.dtypes == "str"]:
        texts = frame[name].astype(object)
        frame[name] = texts.where(texts.notna(), None)
    return frame


@st.cache_data(max_entries=8, show_spinner=False)
def release(of: Snapshot) -> Release:
    """The one row of release_info."""
    frame = query(of, "select data_is_sample, coalesce(cast(last_year as varchar), '—') as last_year, batches, batches_digest from release_info")
    if len(frame) != 1:
        raise Damaged
    row = frame.iloc[0]
    return Release(bool(row["data_is_sample"]), str(row["last_year"]), int(row["batches"]), str(row["batches_digest"]))


@st.cache_resource(max_entries=4, show_spinner=False)
def terms(of: Snapshot) -> dict[str, dict[str, tuple[str, str]]]:
    """The values of every dimension in the order of its code list: dimension -> code ('_T': the total) -> name in Chinese and in English."""
    # Rows of a table this small keep the order in which they were written.
    frame = query(
        of,
        """
        select dimensions.dimension, code_lists.code, code_lists.name_zh, code_lists.name_en
        from dimensions
        inner join code_lists on dimensions.code_list = code_lists.list
        order by code_lists.rowid
        """,
    )
    return {name: {row.code: (row.name_zh, row.name_en) for row in rows.itertuples()} for name, rows in frame.groupby("dimension")}


@st.cache_resource(max_entries=4, show_spinner=False)
def dimensions(of: Snapshot) -> dict[str, tuple[str, str]]:
    """The name of every dimension in Chinese and in English."""
    frame = query(of, "select dimension, label_zh, label_en from dimensions order by rowid")
    return {row.dimension: (row.label_zh, row.label_en) for row in frame.itertuples()}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of an indicator. `breakdowns`: the sets of dimensions it is published by, the total besides."""

    label_zh: str
    label_en: str
    kind: str
    breakdowns: tuple[frozenset[str], ...]

    @property
    def dimensions(self) -> frozenset[str]:
        return frozenset().union(*self.breakdowns)


@st.cache_resource(max_entries=4, show_spinner=False)
def catalogue(of: Snapshot) -> dict[str, Entry]:
    """Every indicator by name."""
    frame = query(of, "select indicator, label_zh, label_en, kind, coalesce(breakdowns, '') as breakdowns from indicator_catalogue")
    return {
        row.indicator: Entry(row.label_zh, row.label_en, row.kind, tuple(frozenset(one.split(" × ")) for one in row.breakdowns.split("; ") if one))
        for row in frame.itertuples()
    }


@st.cache_data(max_entries=256, show_spinner=False)
def values_of(of: Snapshot, indicators: tuple[str, ...], dimension: str) -> tuple[str, ...]:
    """The values of a dimension that some indicators have in the file, the total besides, in the order of its code list."""
    parameters: dict[str, Any] = {}
    frame = query(
        of,
        f"""
        select distinct {dimension} as code from observations
        where {_one_of("indicator", indicators, parameters)} and {dimension} not in ('_T', '_Z') and value is not null
        """,
        parameters,
    )
    order = {code: place for place, code in enumerate(terms(of).get(dimension, {}))}
    return tuple(sorted(frame["code"], key=lambda code: (order.get(code, len(order)), code)))


# ---------------------------------------------------------------- cells and counts in SQL

# A state by sign: 'surplus' above zero, 'deficit' below, 'even' at zero, none without a value.
STATE = "case when {value} > 0 then 'surplus' when {value} < 0 then 'deficit' when {value} = 0 then 'even' end"


def _one_of(column: str, values: Sequence[str], parameters: dict[str, Any]) -> str:
    """`column in (…)` with bound values: unlike a list parameter, DuckDB skips row groups by it."""
    names = []
    for value in sorted(set(values)):
        parameters[f"{column}_{len(names)}"] = value
        names.append(f"${column}_{len(names)}")
    return f"{column} in ({', '.join(names)})"


def _cells(cells: Sequence[Cell], parameters: dict[str, Any]) -> tuple[str, str]:
    """SQL of the cells as a table (position, name and dimensions) and of the observations they can match.

    In the second '_Z' reads '_T', so that the two join on equality.
    """
    parameters["cells"] = [asdict(cell) for cell in cells]
    wanted = "select generate_subscripts($cells, 1) as position, unnest($cells, recursive := true)"
    few = [_one_of("indicator", [cell.indicator for cell in cells], parameters)]
    for dimension in DIMENSIONS:
        values = {getattr(cell, dimension) for cell in cells}
        few.append(_one_of(dimension, values | {"_Z"} if "_T" in values else values, parameters))
    totals = ", ".join(f"case when {name} = '_Z' then '_T' else {name} end as {name}" for name in DIMENSIONS)
    known = f"select * replace ({totals}) from observations where {' and '.join(few)}"
    return wanted, known


_SAME_CELL = " and ".join(f"cells.{name} = known.{name}" for name in ("indicator", *DIMENSIONS))


# ---------------------------------------------------------------- what pages read


@st.cache_data(max_entries=64, show_spinner=False)
def periods(of: Snapshot, indicators: tuple[str, ...], period_kind: PeriodKind = "year", region: str = NATION) -> tuple[str, ...]:
    """Periods for which a region has a value of one of some indicators, latest first."""
    parameters: dict[str, Any] = {"region": region, "period_kind": period_kind}
    frame = query(
        of,
        f"""
        select distinct time_period from observations
        where {_one_of("indicator", indicators, parameters)} and period_kind = $period_kind and region_code = $region and value is not null
        order by time_period desc
        """,
        parameters,
    )
    return tuple(frame["time_period"])


@st.cache_data(max_entries=256, show_spinner=False)
def figures(of: Snapshot, cells: tuple[Cell, ...], regions: tuple[str, ...], periods: tuple[str, ...], period_kind: PeriodKind = "year") -> pd.DataFrame:
    """One row a cell, region and period, in the order given, also where there is no value.

    Columns: cell, region_code, region_zh, region_en, period_kind, time_period, indicator, the `DIMENSIONS`; value, numerator,
    denominator, previous_value, change (base unit, Decimal or None), growth_pct (%), status; scope_id, indicator_kind,
    label_zh, label_en, definition_zh, definition_en, unit (base), print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    parameters: dict[str, Any] = {
        "period_kind": period_kind, "regions": list(regions), "periods": list(periods), "national": set(regions) == {NATION},
    }  # fmt: skip
    wanted, known = _cells(cells, parameters)
    places = _one_of("region_code", regions, parameters)
    spans = _one_of("time_period", periods, parameters)
    return query(
        of,
        f"""
        with

        cells as ({wanted}),

        asked_regions as (select generate_subscripts($regions, 1) as place, unnest($regions) as region_code),

        asked_periods as (select generate_subscripts($periods, 1) as span, unnest($periods) as time_period),

        known as ({known} and period_kind = $period_kind and {places} and {spans})

        select
            cells.name as cell,
            asked_regions.region_code,
            coalesce(places.region_zh, asked_regions.region_code) as region_zh,
            coalesce(places.region_en, asked_regions.region_code) as region_en,
            $period_kind as period_kind,
            asked_periods.time_period,
            cells.indicator,
            {", ".join(f"cells.{name}" for name in DIMENSIONS)},
            known.value,
            known.numerator,
            known.denominator,
            known.previous_value,
            known.change,
            known.growth_pct,
            coalesce(known.status, 'missing') as status,
            labels.* exclude (indicator, year, national)
        from cells
        cross join asked_regions
        cross join asked_periods
        inner join memory.labels
            on cells.indicator = labels.indicator
            and left(asked_periods.time_period, 4) = labels.year
            and labels.national = $national
        left join memory.places on asked_regions.region_code = places.region_code
        left join known
            on {_SAME_CELL}
            and asked_regions.region_code = known.region_code
            and asked_periods.time_period = known.time_period
        order by cells.position, asked_regions.place, asked_periods.span
        """,
        parameters,
    )


# Kinds of places that count; the others only sort persons or hold one fund (a province's own level, and the like).
KINDS = ("nation", "province", "corps", "prefecture", "division", "county_as_city", "direct_city", "special_zone", "county")
# Places of a ranking that stand apart and are not ranked.
APART = ("corps", "apart")

# The regions below one, the one itself and the nation. Places that do not count stand apart where they have a value.
_BELOW = f"""
        below as (

            select
                *,
                case
                    when region_code = '{NATION}' then 'nation'
                    when region_code = $parent then 'parent'
                    when region_code = '{CORPS}' then 'corps'
                    when kind not in {KINDS} then 'apart'
                    else region_level
                end as place,
                place <> 'apart' as always
            from memory.places
            where (region_code in ($parent, '{NATION}') or parent_code = $parent) and cast(in_statistics as boolean)

        )
"""
_ORDER = f"case when place = 'nation' then 4 when place = 'parent' then 3 when place in {APART} then 2 else 1 end"
_COUNTED = f"place not in {('nation', 'parent', *APART)}"


def _count(name: str, condition: str) -> str:
    """A column with the number of regions (neither the Corps nor the comparisons) of a kind, the same in each row."""
    return f"count(*) filter (where {_COUNTED} and {condition}) over () as {name}"


@st.cache_data(max_entries=128, show_spinner=False)
def ranking(of: Snapshot, cell: Cell, period: str, parent: str = NATION, period_kind: PeriodKind = "year") -> pd.DataFrame:
    """The regions below one by value (none last), then those of `APART`, then the region itself, then the nation.

    Columns: region_code, region_zh, region_en, place ('province' | 'prefecture' | … | those of `APART` | 'parent' | 'nation'; of the
    nation there is one row), grid_row, grid_col, rank (1 is the largest; None for the places apart, parent, nation), state ('surplus' |
    'deficit' | 'even' | None, by sign), and of `figures`: cell, time_period, indicator, the dimensions, value … print_decimals.
    The same in each row, of the regions ranked: surplus, deficit, even, missing (how many), above and below (the value of the
    region they lie in), listed (all of them).
    """
    parameters: dict[str, Any] = {"parent": parent, "period_kind": period_kind, "period": period}
    wanted, known = _cells([cell], parameters)
    frame = query(
        of,
        f"""
        with

        cells as ({wanted}),

        known as ({known} and period_kind = $period_kind and time_period = $period),

        {_BELOW},

        joined as (

            select
                cells.name as cell,
                (select value from known where region_code = $parent) as whole,
                below.region_code, below.region_zh, below.region_en, below.place, below.grid_row, below.grid_col,
                $period as time_period,
                cells.indicator,
                {", ".join(f"cells.{name}" for name in DIMENSIONS)},
                known.value, known.numerator, known.denominator, known.previous_value, known.change, known.growth_pct,
                coalesce(known.status, 'missing') as status,
                {STATE.format(value="known.value")} as state
            from below
            cross join cells
            left join known on {_SAME_CELL} and below.region_code = known.region_code
            where below.always or known.value is not null

        )

        select
            joined.* exclude (whole),
            labels.* exclude (indicator, year, national),
            case when {_COUNTED} and value is not null
                 then cast(rank() over (partition by {_ORDER} order by value desc nulls last) as integer) end as rank,
            {_count("surplus", "state = 'surplus'")},
            {_count("deficit", "state = 'deficit'")},
            {_count("even", "state = 'even'")},
            {_count("missing", "state is null")},
            {_count("above", "value > whole")},
            {_count("below", "value < whole")},
            {_count("listed", "true")}
        from joined
        inner join memory.labels on joined.indicator = labels.indicator and labels.year = left($period, 4) and not labels.national
        order by {_ORDER}, value desc nulls last, region_code
        """,
        parameters,
    )
    frame["rank"] = pd.Series([None if rank != rank else int(rank) for rank in frame["rank"]], index=frame.index, dtype=object)
    return frame


@st.cache_data(max_entries=128, show_spinner=False)
def pairs(
    of: Snapshot, first: Cell, first_period: str, second: Cell, second_period: str, parent: str = NATION, period_kind: PeriodKind = "year"
) -> pd.DataFrame:
    """Two numbers of each region below one: of two periods (slope) or of two cells (dumbbell).

    Regions by the second value, then as in `ranking`. Columns: region_code, region_zh, region_en, place, first_value,
    second_value (Decimal or None), first_status, second_status, status (of the two), first_cell, second_cell (`Cell.key`),
    first_period, second_period, first_state, second_state ('surplus' | 'deficit' | 'even' | None), moved ('up' | 'down' | 'same'
    | None), indicator, label … print_decimals as in `figures`, of the second, first_print_scale, first_print_decimals. The same in each row, of the regions ranked: to_deficit, to_surplus (changed
    sign that way), rose, fell, compared (have both), listed.
    """
    parameters: dict[str, Any] = {
        "parent": parent, "period_kind": period_kind, "first_period": first_period, "second_period": second_period,
        "first_key": first.key, "second_key": second.key, "first_indicator": first.indicator,
    }  # fmt: skip
    wanted, known = _cells([first, second], parameters)
    spans = _one_of("time_period", [first_period, second_period], parameters)
    return query(
        of,
        f"""
        with

        cells as ({wanted}),

        known as ({known} and period_kind = $period_kind and {spans}),

        numbers as (

            select cells.position, known.region_code, known.value, known.status
            from cells
            inner join known
                on {_SAME_CELL} and known.time_period = case cells.position when 1 then $first_period else $second_period end

        ),

        {_BELOW},

        joined as (

            select
                below.region_code, below.region_zh, below.region_en, below.place,
                numbers_1.value as first_value,
                numbers_2.value as second_value,
                coalesce(numbers_1.status, 'missing') as first_status,
                coalesce(numbers_2.status, 'missing') as second_status,
                case when numbers_1.value is null then coalesce(numbers_1.status, 'missing') else coalesce(numbers_2.status, 'missing') end as status,
                {STATE.format(value="numbers_1.value")} as first_state,
                {STATE.format(value="numbers_2.value")} as second_state,
                case
                    when numbers_2.value > numbers_1.value then 'up'
                    when numbers_2.value < numbers_1.value then 'down'
                    when numbers_2.value = numbers_1.value then 'same'
                end as moved
            from below
            left join numbers as numbers_1 on numbers_1.position = 1 and below.region_code = numbers_1.region_code
            left join numbers as numbers_2 on numbers_2.position = 2 and below.region_code = numbers_2.region_code
            where below.always or numbers_1.value is not null or numbers_2.value is not null

        )

        select
            joined.*,
            $first_period as first_period,
            $second_period as second_period,
            $first_key as first_cell,
            $second_key as second_cell,
            cells.indicator,
            labels.* exclude (indicator, year, national),
            first_labels.print_scale as first_print_scale,
            first_labels.print_decimals as first_print_decimals,
            {_count("to_deficit", "first_state <> 'deficit' and second_state = 'deficit'")},
            {_count("to_surplus", "first_state <> 'surplus' and second_state = 'surplus'")},
            {_count("rose", "moved = 'up'")},
            {_count("fell", "moved = 'down'")},
            {_count("compared", "moved is not null")},
            {_count("listed", "true")}
        from joined
        inner join cells on cells.position = 2
        inner join memory.labels on cells.indicator = labels.indicator and labels.year = left($second_period, 4) and not labels.national
        inner join memory.labels as first_labels on first_labels.indicator = $first_indicator and first_labels.year = left($first_period, 4) and not first_labels.national
        order by {_ORDER}, second_value desc nulls last, region_code
        """,
        parameters,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def reporting(of: Snapshot, cell: Cell, months: tuple[str, ...], parent: str = NATION) -> pd.DataFrame:
    """How many of the regions right below one have a value of a cell in each month, beside those that have one in any month of the year.

    Columns: time_period, reported, expected. Places that only sort persons do not count; no row for a month without any value.
    """
    parameters: dict[str, Any] = {"parent": parent}
    wanted, known = _cells([cell], parameters)
    spans = _one_of("time_period", months, parameters)
    return query(
        of,
        f"""
        with

        cells as ({wanted}),

        known as ({known} and period_kind = 'month' and {spans} and value is not null),

        {_BELOW},

        found as (

            select known.time_period, known.region_code
            from cells
            inner join known on {_SAME_CELL}
            inner join below on known.region_code = below.region_code and below.always and below.place not in ('nation', 'parent')

        ),

        by_year as (

            select left(time_period, 4) as year, count(distinct region_code) as expected
            from found
            group by year

        )

        select found.time_period, count(*) as reported, any_value(by_year.expected) as expected
        from found
        inner join by_year on left(found.time_period, 4) = by_year.year
        group by found.time_period
        order by found.time_period
        """,
        parameters,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def flows(of: Snapshot, cell: Cell, period: str) -> pd.DataFrame:
    """A cell of the nation and each province by counterpart province, both in the order of codes; the totals first.

    Only what stands in the file: two provinces between which there was nothing have no row. `counterpart_region` is '_T' for a
    province's total, region_code '100000' for the nation's. Columns as in `figures` without previous_value, change and growth_pct,
    and counterpart_zh, counterpart_en (None for the total); rank among the pairs of provinces and rank_within those of the
    region (1 is the largest; None for totals and within a province).
    """
    parameters: dict[str, Any] = {"name": cell.name, "indicator": cell.indicator, "period": period}
    codes = {name: getattr(cell, name) for name in DIMENSIONS if name != "counterpart_region"}
    same = [_one_of(name, ("_T", "_Z") if code == "_T" else (code,), parameters) for name, code in codes.items()]
    frame = query(
        of,
        f"""
        with

        known as (

            select
                *,
                region_code <> '{NATION}' and counterpart_region not in ('_T', region_code) and value is not null as is_pair
            from observations
            where indicator = $indicator and period_kind = 'year' and time_period = $period and region_level in ('nation', 'province')
                and counterpart_region <> '_Z' and {" and ".join(same)}

        )

        select
            $name as cell,
            known.region_code,
            places.region_zh,
            places.region_en,
            known.time_period,
            known.indicator,
            {", ".join(f"known.{name}" for name in DIMENSIONS)},
            counterparts.region_zh as counterpart_zh,
            counterparts.region_en as counterpart_en,
            known.value,
            known.numerator,
            known.denominator,
            known.status,
            labels.* exclude (indicator, year, national),
            case when is_pair then cast(rank() over (partition by is_pair order by value desc) as integer) end as rank,
            case when is_pair then cast(rank() over (partition by is_pair, known.region_code order by value desc) as integer) end as rank_within
        from known
        inner join memory.labels on known.indicator = labels.indicator and labels.year = left($period, 4) and not labels.national
        inner join memory.places on known.region_code = places.region_code
        left join memory.places as counterparts on known.counterpart_region = counterparts.region_code
        order by known.region_code, known.counterpart_region <> '_T', known.counterpart_region
        """,
        parameters,
    )
    for name in ("rank", "rank_within"):
        frame[name] = pd.Series([None if rank != rank else int(rank) for rank in frame[name]], index=frame.index, dtype=object)
    return frame


# Sections of the bulletin in its order.
SECTIONS = ("enrollment", "fund", "benefits", "away", "maternity", "population")
# Within a section counts and amounts before ratios, and what is published in most detail first.
_CATALOGUE_ORDER = "list_position($sections, section), list_position(['stock', 'flow', 'ratio'], kind), detail desc nulls last, indicator"


@st.cache_data(max_entries=16, show_spinner=False)
def cells_of(of: Snapshot, period: str, sections: tuple[str, ...] = SECTIONS) -> tuple[Cell, ...]:
    """What the file says of the nation in a year, in the order of the sections: totals, one dimension broken down, and within the
    employee scheme and among the members one more; personal accounts, which are of the employee scheme, once. A cell's name is its `key`."""
    beyond = [name for name in DIMENSIONS if name not in ("side", "counterpart_region")]
    frame = query(
        of,
        f"""
        with

        listed as (

            select
                indicator,
                {", ".join(f"case when {name} = '_Z' then '_T' else {name} end as {name}" for name in DIMENSIONS)}
            from observations
            where region_code = $region and period_kind = 'year' and time_period = $period

        ),

        counted as (

            select listed.*, catalogue.section, catalogue.kind, length(catalogue.breakdowns) as detail, {" + ".join(f"cast(listed.{name} <> '_T' as int)" for name in beyond)} as broken
            from listed
            inner join indicator_catalogue as catalogue using (indicator)
            where listed.counterpart_region = '_T' and list_contains($sections, catalogue.section)

        )

        select indicator, {", ".join(DIMENSIONS)}
        from counted
        where (broken <= 1 and not (scheme = '_T' and fund_part = 'account'))
            or (broken = 2 and scheme <> '_T' and indicator = 'members')
            or (broken = 2 and scheme = 'employee' and fund_part <> '_T')
        order by {_CATALOGUE_ORDER}, broken, {", ".join(DIMENSIONS)}
        """,
        {"region": NATION, "period": period, "sections": list(sections)},
    )
    cells = [Cell("", **row) for row in frame.to_dict("records")]
    return tuple(replace(cell, name=cell.key) for cell in cells)


@st.cache_data(max_entries=128, show_spinner=False)
def standing(of: Snapshot, cells: tuple[Cell, ...], region: str, parent: str | None, period: str) -> pd.DataFrame:
    """Where a region stands in a year: one row a cell, in the order given.

    Columns: cell, section, rank (1 is the largest among the regions below `parent`; None without a value, for the nation and the
    Corps), ranked (how many have a value, the Corps not counted). The same in each row, of the cells: listed, known (with a value),
    above, below, equal (against the nation), rose, fell, unchanged (against the year before).
    """
    siblings = [place.code for place in children(of, parent) if place.kind in KINDS] if parent else []
    parameters: dict[str, Any] = {"region": region, "period": period, "siblings": siblings}
    wanted, known = _cells(cells, parameters)
    places = _one_of("region_code", [region, NATION, *siblings], parameters)
    frame = query(
        of,
        f"""
        with

        cells as ({wanted}),

        known as ({known} and period_kind = 'year' and time_period = $period and {places}),

        numbers as (

            select
                cells.name as cell, known.region_code, known.value, known.change,
                list_contains($siblings, known.region_code) and known.region_code <> '{CORPS}' as counted
            from cells
            inner join known on {_SAME_CELL}
            where known.value is not null

        ),

        ranked as (

            select
                *,
                case when counted then cast(rank() over (partition by cell, counted order by value desc) as integer) end as rank,
                cast(count(*) filter (where counted) over (partition by cell) as integer) as ranked
            from numbers

        )

        select
            cells.name as cell,
            catalogue.section,
            own.rank,
            own.ranked,
            count(*) over () as listed,
            count(own.value) over () as known,
            count(*) filter (where own.value > nation.value) over () as above,
            count(*) filter (where own.value < nation.value) over () as below,
            count(*) filter (where own.value = nation.value) over () as equal,
            count(*) filter (where own.change > 0) over () as rose,
            count(*) filter (where own.change < 0) over () as fell,
            count(*) filter (where own.change = 0) over () as unchanged
        from cells
        inner join indicator_catalogue as catalogue using (indicator)
        left join ranked as own on cells.name = own.cell and own.region_code = $region
        left join ranked as nation on cells.name = nation.cell and nation.region_code = '{NATION}'
        order by cells.position
        """,
        parameters,
    )
    for name in ("rank", "ranked"):
        frame[name] = pd.Series([None if number != number else int(number) for number in frame[name]], index=frame.index, dtype=object)
    return frame


@st.cache_data(max_entries=4, show_spinner=False)
def indicators(of: Snapshot) -> pd.DataFrame:
    """Every indicator with its latest national value, in the order of the sections.

    Columns: indicator, section, dataflow, breakdowns, numerator_id, numerator_zh, numerator_en, denominator_id, denominator_zh,
    denominator_en, scale, filter, fact, yearly_sql, needs, meaning_zh, meaning_en, first_year, period_kind, region_code, the dimensions
    of the total, and of `figures`: time_period (the year of the value, or the last year), value, numerator, denominator, change,
    growth_pct, status, scope_id, indicator_kind, label_zh, label_en, unit, print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    totals = " and ".join(f"known.{name} = catalogue.total_{name}" for name in DIMENSIONS)
    return query(
        of,
        f"""
        with

        numbers as (

            select
                catalogue.indicator, known.time_period, known.value, known.numerator, known.denominator, known.change, known.growth_pct, known.status,
                min(known.time_period) over (partition by catalogue.indicator) as first_year,
                row_number() over (partition by catalogue.indicator order by known.time_period desc) as place
            from indicator_catalogue as catalogue
            inner join observations as known
                on catalogue.indicator = known.indicator
                and {totals}
            where known.region_code = '{NATION}' and known.period_kind = 'year' and known.value is not null

        ),

        latest as (

            select
                catalogue.* exclude (numerator, denominator),
                length(catalogue.breakdowns) as detail,
                catalogue.numerator as numerator_id,
                catalogue.denominator as denominator_id,
                numbers.* exclude (indicator, time_period, status),
                coalesce(numbers.status, 'missing') as status,
                coalesce(numbers.time_period, cast((select last_year from release_info) as varchar)) as time_period
            from indicator_catalogue as catalogue
            left join numbers on catalogue.indicator = numbers.indicator and numbers.place = 1

        )

        select
            latest.indicator, latest.section, latest.dataflow, latest.breakdowns,
            latest.numerator_id, latest.numerator_zh, latest.numerator_en, latest.denominator_id, latest.denominator_zh, latest.denominator_en,
            latest.scale, latest.filter, latest.fact, latest.yearly_sql, latest.needs,
            latest.definition_zh as meaning_zh,
            latest.definition_en as meaning_en,
            latest.first_year, latest.time_period,
            'year' as period_kind,
            '{NATION}' as region_code,
            {", ".join(f"case when total_{name} = '_Z' then '_T' else total_{name} end as {name}" for name in DIMENSIONS)},
            latest.value, latest.numerator, latest.denominator, latest.change, latest.growth_pct, latest.status,
            labels.* exclude (indicator, year, national, definition_zh, definition_en)
        from latest
        inner join memory.labels on latest.indicator = labels.indicator and latest.time_period = labels.year and labels.national
        order by {_CATALOGUE_ORDER}
        """,
        {"sections": list(SECTIONS)},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def all_breaks(of: Snapshot, indicator: str) -> pd.DataFrame:
    """Every change of definition of an indicator or of its parts, by year, also where it touches one breakdown only.

    Columns: break_id, indicator, year, the dimensions (None: all values), breaks_growth, title_zh, title_en, note_zh, note_en, source.
    """
    return query(
        of,
        f"""
        select
            breaks.break_id, breaks.indicator, cast(breaks.year as varchar) as year, {", ".join(f"breaks.{name}" for name in DIMENSIONS)},
            breaks.breaks_growth, breaks.title_zh, breaks.title_en, breaks.note_zh, breaks.note_en, breaks.source
        from definition_breaks as breaks
        inner join indicator_catalogue as catalogue on breaks.indicator in (catalogue.indicator, catalogue.numerator, catalogue.denominator)
        where catalogue.indicator = $indicator
        order by breaks.year, breaks.break_id
        """,
        {"indicator": indicator},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def printed_figures(of: Snapshot, indicator: str) -> tuple[int, int, str | None, str | None]:
    """How many figures of an indicator were printed, how many of them the records give, and the first and last of their years."""
    frame = query(
        of,
        """
        select
            count(*) as printed, count(*) filter (where status = 'pass') as passed,
            cast(min(year) as varchar) as first_year, cast(max(year) as varchar) as last_year
        from reconciliation where indicator = $indicator
        """,
        {"indicator": indicator},
    )
    row = frame.iloc[0]
    return int(row["printed"]), int(row["passed"]), row["first_year"], row["last_year"]


def tables(of: Snapshot) -> pd.DataFrame:
    """The tables of the file by name, with their Parquet twins; not cached, since release.json follows the file by a moment.

    Columns: table, label_zh (of the bulletin's tables, else None), comment (English), view (the same with Chinese columns, or None),
    rows, columns, and from release.json (None where it does not name the table): parquet (file below the folder of the file),
    parquet_bytes, sha256.
    """
    frame = query(
        of,
        """
        select
            tables.table_name as table,
            nullif(regexp_extract(tables.comment, '^([^ -~]+)\\. ', 1), '') as label_zh,
            regexp_replace(tables.comment, '^[^ -~]+\\. ', '') as comment,
            views.view_name as view,
            tables.estimated_size as rows,
            tables.column_count as columns
        from duckdb_tables() as tables
        left join duckdb_views() as views
            on views.database_name = tables.database_name and views.sql like '% FROM ' || tables.table_name || ';%'
        where tables.database_name = 'published'
        order by tables.table_name
        """,
    )
    twins = {entry["table"]: entry for entry in manifest(of).get("tables", [])}
    frame["parquet"] = [twins.get(name, {}).get("parquet") for name in frame["table"]]
    frame["parquet_bytes"] = pd.Series([_size(of.path.parent / name) if name else None for name in frame["parquet"]], dtype=object)
    frame["sha256"] = [twins.get(name, {}).get("sha256") for name in frame["table"]]
    return frame


@st.cache_data(max_entries=16, show_spinner=False)
def columns(of: Snapshot, table: str, view: str | None) -> pd.DataFrame:
    """The columns of a table in order. Columns: column, name_zh (in its Chinese view, or None), type, comment (English)."""
    return query(
        of,
        """
        select
            own.column_name as column,
            chinese.column_name as name_zh,
            lower(own.data_type) as type,
            regexp_replace(regexp_replace(own.comment, '^[^ -~]+, printed in ', 'Printed in '), 'in [^ -~]+ \\(([^)]*)\\)', 'in \\1') as comment
        from duckdb_columns() as own
        left join duckdb_columns() as chinese
            on chinese.table_name = $view and chinese.column_index = own.column_index and chinese.database_name = own.database_name
        where own.table_name = $table and own.database_name = 'published'
        order by own.column_index
        """,
        {"table": table, "view": view},
    )


def content(of: Snapshot, table: str) -> pd.DataFrame:
    """All of a table or view of the file, in the order of its first columns; not cached. `table`: a name of `tables`."""
    return query(of, f"""select * from "{table.replace('"', '""')}" order by all""")


def headings(of: Snapshot, table: str) -> dict[str, str]:
    """The columns of a table of the file with their Chinese names (their own where it has no Chinese view)."""
    known = tables(of).set_index("table")
    found = columns(of, table, known.loc[table, "view"])
    return {row.column: row.name_zh or row.column for row in found.itertuples()}


@st.cache_data(max_entries=64, show_spinner=False)
def rows_at(of: Snapshot, table: str, region: str) -> pd.DataFrame:
    """The rows of a table of the file for a region, all of them where the table has no regions; in the order of its first columns."""
    has_regions = "region_code" in set(columns(of, table, None)["column"])
    where = "where region_code = $region" if has_regions else ""
    return query(of, f"""select * from "{table.replace('"', '""')}" {where} order by all""", {"region": region} if has_regions else None)


def manifest(of: Snapshot) -> dict[str, Any]:
    """release.json beside the file (bytes and sha256 of each file); empty when it is missing or is that of another publication."""
    try:
        said = json.loads((of.path.parent / "release.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if said.get("file", {}).get("bytes") == _size(of.path) else {}


def _size(path: Path) -> int | None:
    """The bytes of a file; None when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return None


@st.cache_data(max_entries=128, show_spinner=False)
def breaks(of: Snapshot, cells: tuple[Cell, ...], first_year: str, last_year: str) -> pd.DataFrame:
    """Changes of definition that touch some cells between two years, by year; a ratio has those of its two parts too.

    Columns: break_id, year, cell, breaks_growth (False: growth is still printed), title_zh, title_en, note_zh, note_en.
    """
    return query(
        of,
        f"""
        with

        cells as (select unnest($cells, recursive := true))

        select distinct
            breaks.break_id,
            cast(breaks.year as varchar) as year,
            cells.name as cell,
            breaks.breaks_growth,
            breaks.title_zh,
            breaks.title_en,
            breaks.note_zh,
            breaks.note_en
        from definition_breaks as breaks
        inner join indicator_catalogue as catalogue
            on breaks.indicator in (catalogue.indicator, catalogue.numerator, catalogue.denominator)
        inner join cells
            on catalogue.indicator = cells.indicator
            and {" and ".join(f"coalesce(breaks.{name}, cells.{name}) = cells.{name}" for name in DIMENSIONS)}
        where breaks.year between cast($first_year as integer) and cast($last_year as integer)
        order by breaks.year, breaks.break_id
        """,
        {"cells": [asdict(cell) for cell in cells], "first_year": first_year[:4], "last_year": last_year[:4]},
    )


# ---------------------------------------------------------------- published figures beside the rebuilt ones

# In the order of concern; a status of the table is a code of the address with its blanks as underscores.
RESULTS = ("differs", "definition_differs", "explained", "pass", "not_rebuilt")
_CODE = "replace(status, ' ', '_')"
_SECTION = "($section = 'all' or section = $section)"

# A published figure with what the catalogue says of its indicator. `tail` is what its id adds to year, vintage and section.
_RECONCILED = f"""
        select
            reconciled.* replace ({_CODE} as status),
            substr(reconciled.figure_id, length(concat_ws('-', reconciled.year, reconciled.vintage, reconciled.section, '')) + 1) as tail,
            catalogue.label_en,
            catalogue.definition_zh,
            catalogue.definition_en,
            units.print_unit_en as unit_en
        from reconciliation as reconciled
        left join indicator_catalogue as catalogue on reconciled.indicator = catalogue.indicator
        left join (select distinct print_unit_zh, print_unit_en from print_formats) as units on reconciled.unit = units.print_unit_zh
"""


@st.cache_data(max_entries=8, show_spinner=False)
def reconciled_choices(of: Snapshot) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Years (latest first), vintages and sections (both with most figures first) of the published figures."""
    frame = query(
        of,
        """
        select
            list(distinct cast(year as varchar) order by cast(year as varchar) desc) as years,
            (select list(vintage order by figures desc, vintage) from (select vintage, count(*) as figures from reconciliation group by vintage)) as vintages,
            (select list(section order by figures desc, section) from (select section, count(*) as figures from reconciliation group by section)) as sections
        from reconciliation
        """,
    )
    return tuple(tuple(names if names is not None else ()) for names in frame.iloc[0])


@st.cache_data(max_entries=64, show_spinner=False)
def reconciled_counts(of: Snapshot, vintage: str, section: str) -> pd.DataFrame:
    """How many figures of a vintage came out how, by year (ascending) and in the order of `RESULTS`.

    `section`: one, or 'all'. Columns: time_period, cell (a result, or 'all' for the sum of them), figures.
    """
    return query(
        of,
        f"""
        select cast(years.year as varchar) as time_period, results.cell, count(known.status) as figures
        from (select distinct year from reconciliation where vintage = $vintage and {_SECTION}) as years
        cross join (select generate_subscripts($results, 1) as position, unnest($results) as cell) as results
        left join (select year, {_CODE} as status from reconciliation where vintage = $vintage and {_SECTION}) as known
            on years.year = known.year and results.cell in (known.status, 'all')
        group by years.year, results.cell, results.position
        order by years.year, results.position
        """,
        {"vintage": vintage, "section": section, "results": [*RESULTS, "all"]},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def reconciled(of: Snapshot, year: str, vintage: str, section: str, result: str) -> pd.DataFrame:
    """The published figures of a year and vintage beside the rebuilt ones, by result (in the order of `RESULTS`) and section.

    `section`, `result`: one, or 'all'. Columns: those of the table `reconciliation` (numbers in the printed unit), with `status` as
    a code; tail, label_en, definition_zh, definition_en, unit_en (None where the catalogue or the formats have none).
    """
    return query(
        of,
        f"""
        select * from ({_RECONCILED})
        where cast(year as varchar) = $year and vintage = $vintage and {_SECTION} and ($result = 'all' or status = $result)
        order by list_position($results, status), section, figure_id
        """,
        {"year": year, "vintage": vintage, "section": section, "result": result, "results": list(RESULTS)},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def published_copies(of: Snapshot, figure: str) -> pd.DataFrame:
    """A published figure and its copies of the same year in the other vintages, the bulletin's first. Columns as in `reconciled`."""
    same = " and ".join(f"copies.{name} is not distinct from chosen.{name}" for name in ("year", "indicator", "value_column", "region_code", *DIMENSIONS))
    return query(
        of,
        f"""
        with known as ({_RECONCILED})

        select copies.*
        from known as chosen
        inner join known as copies on copies.figure_id = chosen.figure_id or (chosen.indicator is not null and {same})
        where chosen.figure_id = $figure
        order by list_position(['bulletin', 'yearbook', 'flash', 'news'], copies.vintage) nulls last, copies.figure_id
        """,
        {"figure": figure},
    )


@st.cache_data(max_entries=8, show_spinner=False)
def identities(of: Snapshot) -> pd.DataFrame:
    """What must add up among the rebuilt figures; what does not hold comes first.

    Columns: identity, subject, compared, failed, largest_difference (base unit), status ('holds' | 'fails' | 'nothing compared');
    the same in each row: holding, listed, compared_in_all (how many).
    """
    return query(
        of,
        """
        select
            *,
            count(*) filter (where status = 'holds') over () as holding,
            count(*) over () as listed,
            cast(sum(compared) over () as bigint) as compared_in_all
        from identities
        order by status = 'holds', subject, identity
        """,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def published_identities(of: Snapshot, year: str, vintage: str) -> pd.DataFrame:
    """Printed totals of a year and vintage against the sum of their printed parts; what does not hold comes first.

    Columns: identity, dimension (which the total is split by), label_zh, label_en, indicator, tail (of the total), the dimensions of
    the total, unit and unit_en (as printed), print_scale, decimals, parts, total, parts_sum, difference, allowed (base unit), status;
    the same in each row: holding, explained, listed.
    """
    return query(
        of,
        f"""
        select
            checks.*,
            split_part(checks.identity, ' by ', 2) as dimension,
            totals.label_zh, totals.label_en, totals.indicator, totals.value_column, totals.tail, totals.unit, totals.unit_en, totals.decimals,
            (select any_value(print_scale) from print_formats where print_unit_zh = totals.unit) as print_scale,
            {", ".join(f"totals.{name}" for name in DIMENSIONS)},
            count(*) filter (where checks.status = 'holds') over () as holding,
            count(*) filter (where checks.status = 'explained') over () as explained,
            count(*) over () as listed
        from published_identities as checks
        inner join ({_RECONCILED}) as totals on split_part(checks.identity, ' by ', 1) = totals.figure_id
        where cast(checks.year as varchar) = $year and checks.vintage = $vintage
        order by checks.status = 'holds', checks.identity
        """,
        {"year": year, "vintage": vintage},
    )


# ---------------------------------------------------------------- deliveries

RECORDS = ("enrollment", "settlement", "cross_province", "fund_ledger", "population")
# Those delivered by month; population is of the year's end.
MONTHLY_RECORDS = RECORDS[:-1]
_RECORD = "($record = 'all' or record = $record)"
_BATCH = "($batch = 'all' or batch_id = $batch)"


@st.cache_data(max_entries=64, show_spinner=False)
def batches(of: Snapshot, record: str = "all", batch: str = "all") -> pd.DataFrame:
    """Delivered files, those with most rows refused first. `record`, `batch`: one, or 'all'.

    Columns: those of the table `batches`; rows_refused (rejected or unreadable); the same in each row: listed, balanced (batches whose
    delivered rows are the accepted, rejected and unreadable ones), corrected (batches that another one replaces).
    """
    return query(
        of,
        f"""
        select
            *,
            rows_rejected + rows_unreadable as rows_refused,
            count(*) over () as listed,
            count(*) filter (where rows_delivered = rows_accepted + rows_rejected + rows_unreadable) over () as balanced,
            count(corrected_by_batch_id) over () as corrected
        from batches
        where {_RECORD} and {_BATCH}
        order by rows_refused desc, batch_id
        """,
        {"record": record, "batch": batch},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def rows_by_record(of: Snapshot, record: str = "all", batch: str = "all") -> pd.DataFrame:
    """Rows of the delivered files by record. Columns: record, cell ('delivered' | 'accepted' | 'rejected' | 'unreadable'), rows_counted."""
    return query(
        of,
        f"""
        with counted as (

            select
                record,
                cast(sum(rows_delivered) as bigint) as delivered,
                cast(sum(rows_accepted) as bigint) as accepted,
                cast(sum(rows_rejected) as bigint) as rejected,
                cast(sum(rows_unreadable) as bigint) as unreadable
            from batches
            where {_RECORD} and {_BATCH}
            group by record

        )

        select record, cell, rows_counted
        from (unpivot counted on delivered, accepted, rejected, unreadable into name cell value rows_counted)
        order by list_position($records, record), list_position(['delivered', 'accepted', 'rejected', 'unreadable'], cell)
        """,
        {"record": record, "batch": batch, "records": list(RECORDS)},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def broken_rules(of: Snapshot, record: str = "all", batch: str = "all", category: str = "all") -> pd.DataFrame:
    """Rules and the rows that break them, most broken first. `category`: 'key' (missing keys, older versions), or 'all'.

    Columns: rule_code, record, level ('error' | 'warning'), category, message_zh, message_en, rows_broken, rows_checked; the same in each
    row: rules (how many there are), errors, warnings (rules of a level that are broken), rows_broken_in_all.
    """
    return query(
        of,
        f"""
        with counted as (

            select
                rule_code, record, level, category, message_zh, message_en,
                cast(sum(rows_broken) as bigint) as rows_broken,
                cast(sum(rows_checked) as bigint) as rows_checked
            from rule_results
            where {_RECORD} and {_BATCH} and ($category = 'all' or category = $category)
            group by all

        )

        select
            *,
            count(*) over () as rules,
            count(*) filter (where rows_broken > 0 and level = 'error') over () as errors,
            count(*) filter (where rows_broken > 0 and level = 'warning') over () as warnings,
            cast(sum(rows_broken) over () as bigint) as rows_broken_in_all
        from counted
        order by rows_broken desc, rule_code
        """,
        {"record": record, "batch": batch, "category": category},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def rejected_rows(of: Snapshot, limit: int, record: str = "all", batch: str = "all", rule: str = "all") -> pd.DataFrame:
    """The first rejected rows by batch and row. `rule`: those that break it, or 'all'.

    Columns: record, batch_id, row_no, rule_codes; the same in each row: listed (all of them).
    """
    return query(
        of,
        f"""
        select record, batch_id, row_no, rule_codes, count(*) over () as listed
        from rejected_rows
        where {_RECORD} and {_BATCH} and ($rule = 'all' or list_contains(string_split(rule_codes, ','), $rule))
        order by batch_id, row_no
        limit $limit
        """,
        {"record": record, "batch": batch, "rule": rule, "limit": limit},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def control_totals(of: Snapshot, record: str = "all", batch: str = "all") -> pd.DataFrame:
    """Control totals that came with batches, those that differ first.

    Columns: batch_id, record, measure ('rows', or the column summed), expected, delivered, difference, status ('equal' | 'differs'); the
    same in each row: listed, equal (how many).
    """
    return query(
        of,
        f"""
        select
            totals.batch_id, batches.record, totals.measure, totals.expected, totals.delivered, totals.difference, totals.status,
            count(*) over () as listed,
            count(*) filter (where totals.status = 'equal') over () as equal
        from control_totals as totals
        inner join batches on totals.batch_id = batches.batch_id
        where {_RECORD} and ($batch = 'all' or totals.batch_id = $batch)
        order by totals.status = 'equal', totals.batch_id, totals.measure
        """,
        {"record": record, "batch": batch},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def delivered_months(of: Snapshot, record: str, year: str) -> pd.DataFrame:
    """Every province (those with most gaps first) and month (of population: year) with what counts of a record, 0 where nothing was delivered.

    `record`: one; or 'all': of how many of `MONTHLY_RECORDS` there is something. Columns: region_code, region_zh, region_en,
    time_period (YYYY-MM, of population YYYY), entries; the same in each row: regions, whole (regions without a gap), gaps (cells
    where something is missing).
    """
    return query(
        of,
        f"""
        with

        known as (

            select
                province_code,
                strftime(month, case when $record = 'population' then '%Y' else '%Y-%m' end) as time_period,
                case when $record = 'all' then count(distinct record) else sum(entries) end as entries
            from delivered_months
            where case when $record = 'all' then record <> 'population' else record = $record end
            group by 1, 2

        ),

        spans as (

            select distinct strftime(month, case when $record = 'population' then '%Y' else '%Y-%m' end) as time_period
            from delivered_months
            where $record = 'population'
            union
            select $year || '-' || lpad(cast(month as varchar), 2, '0') from range(1, 13) as months (month) where $record <> 'population'

        ),

        filled as (

            select
                places.region_code, places.region_zh, places.region_en, spans.time_period,
                cast(coalesce(known.entries, 0) as bigint) as entries,
                coalesce(known.entries, 0) < case when $record = 'all' then {len(MONTHLY_RECORDS)} else 1 end as is_gap
            from memory.places
            cross join spans
            left join known on places.region_code = known.province_code and spans.time_period = known.time_period
            where places.region_level = 'province' and cast(places.in_statistics as boolean) and places.kind <> 'abolished'

        )

        select
            region_code, region_zh, region_en, time_period, entries,
            (select count(distinct region_code) from filled) as regions,
            (select count(*) from (select region_code from filled group by region_code having not bool_or(is_gap))) as whole,
            (select count(*) from filled where is_gap) as gaps
        from filled
        order by count(*) filter (where is_gap) over (partition by region_code) desc, region_code, time_period
        """,
        {"record": record, "year": year},
    )


@st.cache_data(max_entries=8, show_spinner=False)
def delivered_years(of: Snapshot) -> tuple[str, ...]:
    """Years of which some month was delivered, latest first."""
    frame = query(of, "select distinct strftime(month, '%Y') as year from delivered_months order by year desc")
    return tuple(frame["year"])


@st.cache_data(max_entries=8, show_spinner=False)
def review_list(of: Snapshot) -> pd.DataFrame:
    """What a statistician should look at; no failure of a check.

    Columns: list ('persons' | 'region_codes' | 'fund_months'), finding (as the table has it), region_code, region_zh, region_en (the code
    where the list of regions has no name), detail (codes, in no language), amount (persons, or yuan; None for region codes);
    the same in each row: persons, region_codes, fund_months (how many rows of each list).
    """
    return query(
        of,
        """
        with findings as (

            select 'persons' as list, finding, province_code as region_code, '' as detail, cast(persons as decimal(28, 2)) as amount from review_persons
            union all
            select 'region_codes', finding, region_code, '→ ' || counted_under, null from review_region_codes
            union all
            select 'fund_months', finding, region_code, concat_ws(' ', strftime(month, '%Y-%m'), scheme, fund_part, concat_ws('|', book_id, item_code)), cast(amount as decimal(28, 2))
            from review_fund_months

        )

        select
            findings.list,
            findings.finding,
            findings.region_code,
            coalesce(places.region_zh, findings.region_code) as region_zh,
            coalesce(places.region_en, findings.region_code) as region_en,
            findings.detail,
            findings.amount,
            count(*) filter (where list = 'persons') over () as persons,
            count(*) filter (where list = 'region_codes') over () as region_codes,
            count(*) filter (where list = 'fund_months') over () as fund_months
        from findings
        left join memory.places on findings.region_code = places.region_code
        order by findings.list, findings.finding, findings.amount desc nulls last, findings.region_code, findings.detail
        """,
    )


# Letters of GB/T 2260, where a tile is too small for an English name.
LETTERS = {
    "110000": "BJ", "120000": "TJ", "130000": "HE", "140000": "SX", "150000": "NM", "210000": "LN", "220000": "JL", "230000": "HL",
    "310000": "SH", "320000": "JS", "330000": "ZJ", "340000": "AH", "350000": "FJ", "360000": "JX", "370000": "SD", "410000": "HA",
    "420000": "HB", "430000": "HN", "440000": "GD", "450000": "GX", "460000": "HI", "500000": "CQ", "510000": "SC", "520000": "GZ",
    "530000": "YN", "540000": "XZ", "610000": "SN", "620000": "GS", "630000": "QH", "640000": "NX", "650000": "XJ", "660000": "XPCC",
    "710000": "TW", "810000": "HK", "820000": "MO",
}  # fmt: skip


@st.cache_data(max_entries=4, show_spinner=False)
def regions(of: Snapshot) -> pd.DataFrame:
    """Every region of the list, by code.

    Columns: region_code, region_level, parent_code, kind, region_zh, region_en (short names), short_zh, short_en (for tiles),
    grid_row, grid_col (place on the tile map, provinces only), in_statistics.
    """
    frame = query(of, "select * from memory.places order by region_code")
    frame["short_en"] = frame["region_code"].map(LETTERS)
    return frame


@st.cache_resource(max_entries=4, show_spinner=False)
def region_tree(of: Snapshot) -> dict[str, Region]:
    """The regions of the statistics by code, in the order of codes. Abolished ones are not among them."""
    frame = regions(of)
    frame = frame[frame["in_statistics"].astype(bool) & (frame["kind"] != "abolished")]
    return {row.region_code: Region(row.region_code, row.region_level, row.parent_code, row.kind, row.region_zh, row.region_en) for row in frame.itertuples()}


def region_path(of: Snapshot, code: str) -> tuple[Region, ...]:
    """A region and those above it, the nation first; empty for an unknown code."""
    tree = region_tree(of)
    path: list[Region] = []
    step: str | None = code
    while step in tree:
        path.insert(0, tree[step])
        step = tree[step].parent
    return tuple(path)


def children(of: Snapshot, code: str) -> tuple[Region, ...]:
    """The regions right below one."""
    return tuple(region for region in region_tree(of).values() if region.parent == code)
