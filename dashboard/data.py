"""Reading the published file: typed, read-only, one query a data set, nothing computed outside SQL.

A page run reads one `Snapshot` (path, inode, time) of the file. Results are cached by it, so that a file swapped in
by a publication is picked up at the next run, and a run never mixes two files: when the file changes under it,
`Swapped` is raised and the app starts the run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from gongbao.paths import Home
from gongbao.publish import published_file

NATION = "100000"
CORPS = "660000"

# Which cell of `observations` is meant: name on the page -> indicator, scheme, fund part. Every other dimension is its total.
Cells = tuple[tuple[str, str, str, str], ...]
TILES: Cells = (
    ("total", "members", "_T", "_T"),
    ("employee", "members", "employee", "_T"),
    ("resident", "members", "resident", "_T"),
    ("income", "fund_income", "_T", "_T"),
    ("expenditure", "fund_expenditure", "_T", "_T"),
    ("current", "fund_current_balance", "_T", "pooled"),
    ("cumulative", "fund_cumulative_balance", "_T", "pooled"),
)
# The balance of the resident scheme has one part; of the employee scheme the pooled fund is the one that can run down.
SURPLUS_PART = {"resident": "_T", "employee": "pooled"}


# The edition of the bulletin whose units and decimals a year is printed in: its own, else the nearest.
EDITION = """least(
                greatest(cast({year} as integer), (select min(edition_year) from print_formats)),
                (select max(edition_year) from print_formats)
            )"""


class Swapped(Exception):
    """The published file was replaced during this run of the page."""


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


def snapshot(home: Home) -> Snapshot | None:
    """The present published file, or None when nothing is published."""
    path = published_file(home)
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Snapshot(path, found.st_ino, found.st_mtime_ns)


def query(of: Snapshot, sql: str, parameters: list[Any] | dict[str, Any] | None = None) -> pd.DataFrame:
    """Run one query on the file of a snapshot; DECIMAL arrives as `Decimal`, NULL as None.

    Raises `Swapped` when the file is no longer that of the snapshot, `Damaged` when it cannot answer.
    """
    try:
        # A connection of its own, attached and closed again: no file is held open between two requests.
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("attach '{}' as published (read_only)".format(str(of.path).replace("'", "''")))
            found = of.path.stat()
            if (found.st_ino, found.st_mtime_ns) != (of.inode, of.modified_ns):
                raise Swapped
            connection.execute("use published")
            return connection.sql(sql, params=parameters or []).to_arrow_table().to_pandas()
    except FileNotFoundError as error:
        raise Swapped from error
    except duckdb.Error as error:
        raise Damaged from error


@st.cache_data(max_entries=8, show_spinner=False)
def release(of: Snapshot) -> Release:
    """The one row of release_info."""
    frame = query(of, "select data_is_sample, coalesce(cast(last_year as varchar), '—') as last_year, batches, batches_digest from release_info")
    if len(frame) != 1:
        raise Damaged
    row = frame.iloc[0]
    return Release(bool(row["data_is_sample"]), str(row["last_year"]), int(row["batches"]), str(row["batches_digest"]))


@st.cache_data(max_entries=32, show_spinner=False)
def years(of: Snapshot, indicators: tuple[str, ...]) -> tuple[str, ...]:
    """Years for which the nation has a value of one of some indicators, latest first."""
    frame = query(
        of,
        """
        select distinct time_period from observations
        where list_contains(?, indicator) and period_kind = 'year' and region_code = ? and value is not null
        order by time_period desc
        """,
        [list(indicators), NATION],
    )
    return tuple(frame["time_period"])


@st.cache_data(max_entries=128, show_spinner=False)
def national(of: Snapshot, cells: Cells, first_year: str, last_year: str) -> pd.DataFrame:
    """Figures of the nation, one row a cell and year (both in order), also where there is no value.

    Columns: cell, time_period, indicator, scheme, fund_part, value, previous_value, change (base unit, Decimal),
    growth_pct (%), status, scope_id, and of the catalogue: label_zh, label_en, definition_zh, definition_en,
    print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    names, indicators, schemes, parts = (list(column) for column in zip(*cells, strict=True))
    return query(
        of,
        """
        with

        cells as (

            select
                generate_subscripts($names, 1) as position,
                unnest($names) as cell,
                unnest($indicators) as indicator,
                unnest($schemes) as scheme,
                unnest($parts) as fund_part

        ),

        periods as (

            select cast(year as varchar) as time_period
            from generate_series(cast($first_year as integer), cast($last_year as integer)) as series (year)

        ),

        totals as (

            select *
            from observations
            where
                region_code = $nation
                and period_kind = 'year'
                and member_status in ('_T', '_Z')
                and employer_type in ('_T', '_Z')
                and account_mode in ('_T', '_Z')
                and care_type in ('_T', '_Z')
                and hospital_level in ('_T', '_Z')
                and travel_scope in ('_T', '_Z')
                and settle_mode in ('_T', '_Z')
                and side in ('_T', '_Z')
                and counterpart_region in ('_T', '_Z')

        )

        select
            cells.cell,
            periods.time_period,
            cells.indicator,
            cells.scheme,
            cells.fund_part,
            totals.value,
            totals.previous_value,
            totals.change,
            totals.growth_pct,
            coalesce(totals.status, 'missing') as status,
            catalogue.scope_id,
            catalogue.label_zh,
            catalogue.label_en,
            catalogue.definition_zh,
            catalogue.definition_en,
            formats.print_unit_zh,
            formats.print_unit_en,
            formats.print_scale,
            formats.decimals as print_decimals
        from cells
        cross join periods
        inner join indicator_catalogue as catalogue on cells.indicator = catalogue.indicator
        inner join print_formats as formats
            on catalogue.print_group = formats.unit_group
            and formats.edition_year = {edition}
        left join totals
            on cells.indicator = totals.indicator
            and cells.scheme = totals.scheme
            and periods.time_period = totals.time_period
            -- an indicator without fund parts has '_Z' where the others have '_T'
            and (cells.fund_part = totals.fund_part or (cells.fund_part = '_T' and totals.fund_part = '_Z'))
        order by cells.position, periods.time_period
        """.replace("{edition}", EDITION.format(year="periods.time_period")),
        {
            "names": names, "indicators": indicators, "schemes": schemes, "parts": parts,
            "first_year": first_year, "last_year": last_year, "nation": NATION,
        },
    )  # fmt: skip


@st.cache_data(max_entries=128, show_spinner=False)
def breaks(of: Snapshot, cells: Cells, first_year: str, last_year: str) -> pd.DataFrame:
    """Changes of definition that touch national totals between two years, by year.

    Columns: break_id, year, cell, breaks_growth (False: growth is still printed), title_zh, title_en, note_zh, note_en.
    """
    names, indicators, schemes, parts = (list(column) for column in zip(*cells, strict=True))
    return query(
        of,
        """
        with

        cells as (

            select unnest($names) as cell, unnest($indicators) as indicator, unnest($schemes) as scheme, unnest($parts) as fund_part

        )

        select
            breaks.break_id,
            cast(breaks.year as varchar) as year,
            cells.cell,
            breaks.breaks_growth,
            breaks.title_zh,
            breaks.title_en,
            breaks.note_zh,
            breaks.note_en
        from definition_breaks as breaks
        inner join cells
            on breaks.indicator = cells.indicator
            and coalesce(breaks.scheme, cells.scheme) = cells.scheme
            and coalesce(breaks.fund_part, cells.fund_part) = cells.fund_part
        where
            breaks.year between cast($first_year as integer) and cast($last_year as integer)
            and coalesce(
                breaks.member_status, breaks.employer_type, breaks.account_mode, breaks.care_type, breaks.hospital_level,
                breaks.travel_scope, breaks.settle_mode, breaks.counterpart_region
            ) is null
        order by breaks.year, breaks.break_id
        """,
        {"names": names, "indicators": indicators, "schemes": schemes, "parts": parts, "first_year": first_year, "last_year": last_year},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def surplus_rates(of: Snapshot, year: str, scheme: str) -> pd.DataFrame:
    """Surplus rates of a year and scheme: the provinces by rate (none last), then the Corps, then the nation.

    Columns: region_code, name_zh, name_en (short forms), kind ('province'|'corps'|'nation'), value (%, Decimal),
    status, scope_id, definition_zh, definition_en, print_scale, print_decimals, state ('surplus'|'deficit'|'even'|None), and the same in each
    row: surplus, deficit, even, missing (numbers of provinces, the Corps not among them).
    """
    return query(
        of,
        """
        with

        places as (

            select
                region_code,
                case when region_code = $corps then 'corps' else region_level end as kind,
                case
                    when region_code = $corps then short_zh
                    else regexp_replace(name_zh, '(壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$', '')
                end as name_zh,
                case when region_code = $corps then 'XPCC (the Corps)' else name_en end as name_en
            from regions
            where region_level in ('nation', 'province') and cast(in_statistics as boolean)

        ),

        rates as (

            select region_code, value, status
            from observations
            where
                indicator = 'fund_surplus_rate'
                and period_kind = 'year'
                and time_period = $year
                and scheme = $scheme
                and fund_part = $part

        ),

        joined as (

            select
                places.*,
                rates.value,
                coalesce(rates.status, 'missing') as status,
                case when rates.value > 0 then 'surplus' when rates.value < 0 then 'deficit' when rates.value = 0 then 'even' end
                    as state
            from places
            left join rates on places.region_code = rates.region_code

        )

        select
            joined.*,
            catalogue.scope_id,
            catalogue.definition_zh,
            catalogue.definition_en,
            formats.print_unit_zh,
            formats.print_unit_en,
            formats.print_scale,
            formats.decimals as print_decimals,
            count(*) filter (where joined.kind = 'province' and joined.state = 'surplus') over () as surplus,
            count(*) filter (where joined.kind = 'province' and joined.state = 'deficit') over () as deficit,
            count(*) filter (where joined.kind = 'province' and joined.state = 'even') over () as even,
            count(*) filter (where joined.kind = 'province' and joined.state is null) over () as missing
        from joined
        cross join indicator_catalogue as catalogue
        inner join print_formats as formats
            on catalogue.print_group = formats.unit_group
            and formats.edition_year = {edition}
        where catalogue.indicator = 'fund_surplus_rate'
        order by
            case joined.kind when 'province' then 1 when 'corps' then 2 else 3 end,
            joined.value desc nulls last,
            joined.region_code
        """.replace("{edition}", EDITION.format(year="$year")),
        {"corps": CORPS, "year": year, "scheme": scheme, "part": SURPLUS_PART[scheme]},
    )


def full_precision(value: object) -> object:
    """A value as a file should hold it: a Decimal without padding zeros and never in scientific notation."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value
