"""Reading the published file: typed, read-only, one query a data set, nothing computed outside SQL.

A page run reads one `Snapshot` (path, inode, time) of the file. Results are cached by it, so that a file swapped in
by a publication is picked up at the next run, and a run never mixes two files: when the file changes before it could
be opened, `Swapped` is raised and the app starts the run again.

What most pages need is `figures` (cells × regions × periods), `ranking` (the regions below one), `pairs` (two cells or
two periods of the regions below one), `breaks` and `periods`. A page with another question adds a function here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
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

# What is said of an indicator in a year: its catalogue entry, and the units and decimals of that year's edition of the
# bulletin, else of the nearest.
LABELS = """
        select
            catalogue.indicator,
            cast(years.year as varchar) as year,
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
        cross join published.indicator_catalogue as catalogue
        inner join published.print_formats as formats
            on catalogue.print_group = formats.unit_group
            and formats.edition_year = least(greatest(years.year, editions.first), editions.last)
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


# Two: the present file, and the one before it for runs that are still under way. Opening costs ten times a query.
@st.cache_resource(max_entries=2, show_spinner=False)
def _opened(of: Snapshot) -> duckdb.DuckDBPyConnection:
    """A connection to the file of a snapshot, shared by all sessions through cursors.

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
def figures(
    of: Snapshot, cells: tuple[Cell, ...], regions: tuple[str, ...], periods: tuple[str, ...], period_kind: PeriodKind = "year"
) -> pd.DataFrame:
    """One row a cell, region and period, in the order given, also where there is no value.

    Columns: cell, region_code, region_zh, region_en, time_period, indicator, the `DIMENSIONS`; value, numerator,
    denominator, previous_value, change (base unit, Decimal or None), growth_pct (%), status; scope_id, indicator_kind,
    label_zh, label_en, definition_zh, definition_en, unit (base), print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    parameters: dict[str, Any] = {"period_kind": period_kind, "regions": list(regions), "periods": list(periods)}
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
            labels.* exclude (indicator, year)
        from cells
        cross join asked_regions
        cross join asked_periods
        inner join memory.labels on cells.indicator = labels.indicator and left(asked_periods.time_period, 4) = labels.year
        left join memory.places on asked_regions.region_code = places.region_code
        left join known
            on {_SAME_CELL}
            and asked_regions.region_code = known.region_code
            and asked_periods.time_period = known.time_period
        order by cells.position, asked_regions.place, asked_periods.span
        """,
        parameters,
    )


# The regions below one, the one itself and the nation. Places that only sort persons (a city's own level, and the like)
# are listed where they have a value.
_BELOW = f"""
        below as (

            select
                *,
                case
                    when region_code = '{NATION}' then 'nation'
                    when region_code = $parent then 'parent'
                    when region_code = '{CORPS}' then 'corps'
                    else region_level
                end as place,
                kind in ('nation', 'province', 'corps', 'prefecture', 'division', 'county_as_city', 'special_zone', 'county') as always
            from memory.places
            where (region_code in ($parent, '{NATION}') or parent_code = $parent) and cast(in_statistics as boolean)

        )
"""
_ORDER = "case place when 'nation' then 4 when 'parent' then 3 when 'corps' then 2 else 1 end"
_COUNTED = "place not in ('nation', 'parent', 'corps')"


def _count(name: str, condition: str) -> str:
    """A column with the number of regions (neither the Corps nor the comparisons) of a kind, the same in each row."""
    return f"count(*) filter (where {_COUNTED} and {condition}) over () as {name}"


@st.cache_data(max_entries=128, show_spinner=False)
def ranking(of: Snapshot, cell: Cell, period: str, parent: str = NATION, period_kind: PeriodKind = "year") -> pd.DataFrame:
    """The regions below one by value (none last), then the Corps, then the region itself, then the nation.

    Columns: region_code, region_zh, region_en, place ('province' | 'prefecture' | … | 'corps' | 'parent' | 'nation'; of the
    nation there is one row), grid_row, grid_col, rank (1 is the largest; None for Corps, parent, nation), state ('surplus' |
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
            labels.* exclude (indicator, year),
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
        inner join memory.labels on joined.indicator = labels.indicator and labels.year = left($period, 4)
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
            labels.* exclude (indicator, year),
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
        inner join memory.labels on cells.indicator = labels.indicator and labels.year = left($second_period, 4)
        inner join memory.labels as first_labels on first_labels.indicator = $first_indicator and first_labels.year = left($first_period, 4)
        order by {_ORDER}, second_value desc nulls last, region_code
        """,
        parameters,
    )


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
    return {
        row.region_code: Region(row.region_code, row.region_level, row.parent_code, row.kind, row.region_zh, row.region_en)
        for row in frame.itertuples()
    }


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
