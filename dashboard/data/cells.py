"""The numbers of the observations: cells at places and periods, rankings, pairs, flows, and their changes of definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboard.data.file import CORPS, NATION, OF_LABEL, Snapshot, label_of, one_of, query
from dashboard.data.places import children

PeriodKind = Literal["month", "ytd", "half", "year"]


@dataclass(frozen=True)
class Cell:
    """Which number of `observations` is meant, and its name on the page. `dims`: its dimensions as the file has them, '' for the total.

    Cross-province indicators have no total side: `cell(…, side="insured")` or `cell(…, side="treatment")`.
    """

    name: str
    indicator: str
    dims: str = ""

    @property
    def key(self) -> str:
        """The cell in words of the file: `fund_income;fund_part=pooled;scheme=employee`."""
        return ";".join(part for part in (self.indicator, self.dims) if part)

    def by(self, **dims: str) -> Cell:
        """The same with other values of some dimensions; '_T' is the total."""
        return cell(self.name, self.indicator, **(pairs_of(self.dims) | dims))


def cell(name: str, indicator: str, **dims: str) -> Cell:
    """A cell by the values of its dimensions; '_T' is the total."""
    return Cell(name, indicator, ";".join(f"{dimension}={dims[dimension]}" for dimension in sorted(dims) if dims[dimension] != "_T"))


def pairs_of(dims: str | None) -> dict[str, str]:
    """The dimensions of a cell by name, in their order: 'fund_part=pooled;scheme=employee' as a dictionary."""
    return dict(pair.split("=", 1) for pair in (dims or "").split(";") if pair)


# ---------------------------------------------------------------- cells and counts in SQL

# A state by sign: 'surplus' above zero, 'deficit' below, 'even' at zero, none without a value.
STATE = "case when {value} > 0 then 'surplus' when {value} < 0 then 'deficit' when {value} = 0 then 'even' end"


def _cells(cells: Sequence[Cell], parameters: dict[str, Any], level: str = "'below'") -> tuple[str, str]:
    """SQL of the cells as a table (position, name, indicator, dims) and of the figures they can match, printed as `level` says."""
    parameters["cells"] = [asdict(cell) for cell in cells]
    wanted = "select generate_subscripts($cells, 1) as position, unnest($cells, recursive := true)"
    few = [one_of(name, [getattr(cell, name) for cell in cells], parameters) for name in ("indicator", "dims")]
    return wanted, f"select * from bulletin_figures where print_level = {level} and {' and '.join(few)}"


_SAME_CELL = "cells.indicator = known.indicator and cells.dims = known.dims"


# ---------------------------------------------------------------- what pages read


@st.cache_data(max_entries=64, show_spinner=False)
def periods(of: Snapshot, indicators: tuple[str, ...], period_kind: PeriodKind = "year", region: str = NATION) -> tuple[str, ...]:
    """Periods for which a region has a value of one of some indicators, latest first."""
    parameters: dict[str, Any] = {"region": region, "period_kind": period_kind}
    frame = query(
        of,
        f"""
        select distinct time_period from observations
        where {one_of("indicator", indicators, parameters)} and period_kind = $period_kind and region_code = $region and value is not null
        order by time_period desc
        """,
        parameters,
    )
    return tuple(frame["time_period"])


@st.cache_data(max_entries=256, show_spinner=False)
def figures(of: Snapshot, cells: tuple[Cell, ...], regions: tuple[str, ...], periods: tuple[str, ...], period_kind: PeriodKind = "year") -> pd.DataFrame:
    """One row a cell, region and period, in the order given, also where there is no value.

    Columns: cell, region_code, region_zh, region_en, period_kind, time_period, indicator, dims; value, numerator,
    denominator, previous_value, change (base unit, Decimal or None), growth_pct (%), printed_value,
    printed_change, printed_growth_pct (rounded as they are printed), status; scope_id, indicator_kind,
    label_zh, label_en, definition_zh, definition_en, unit (base), print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    parameters: dict[str, Any] = {
        "period_kind": period_kind, "regions": list(regions), "periods": list(periods),
        "is_nation": set(regions) == {NATION}, "is_one_year": len({period[:4] for period in periods}) == 1,
    }  # fmt: skip
    # The nation alone as its editions print it; where their units differ, years that stand beside one another in one.
    level = "case when $is_nation and ($is_one_year or has_one_unit) then 'nation' else 'below' end"
    wanted, known = _cells(cells, parameters, level)
    places = one_of("region_code", regions, parameters)
    spans = one_of("time_period", periods, parameters)
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
            cells.dims,
            known.value,
            known.numerator,
            known.denominator,
            known.previous_value,
            known.change,
            known.growth_pct,
            known.printed_value,
            known.printed_change,
            known.printed_growth_pct,
            coalesce(known.status, 'missing') as status,
            {OF_LABEL}
        from cells
        cross join asked_regions
        cross join asked_periods
        inner join memory.labels
            on cells.indicator = labels.indicator
            and {label_of("asked_periods.time_period", level)}
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
    'deficit' | 'even' | None, by sign), and of `figures`: cell, time_period, indicator, dims, value … print_decimals.
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
                cells.dims,
                known.value, known.numerator, known.denominator, known.previous_value, known.change, known.growth_pct, known.printed_value,
                coalesce(known.status, 'missing') as status,
                {STATE.format(value="known.value")} as state
            from below
            cross join cells
            left join known on {_SAME_CELL} and below.region_code = known.region_code
            where below.always or known.value is not null

        )

        select
            joined.* exclude (whole),
            {OF_LABEL},
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
        inner join memory.labels on joined.indicator = labels.indicator and {label_of("$period", "'below'")}
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
    second_value, first_printed_value, second_printed_value (Decimal or None), first_status, second_status, status (of the two), first_cell, second_cell (`Cell.key`),
    first_period, second_period, first_state, second_state ('surplus' | 'deficit' | 'even' | None), moved ('up' | 'down' | 'same'
    | None), indicator, label … print_decimals as in `figures`, of the second, first_print_scale, first_print_decimals. The same in each row, of the regions ranked: to_deficit, to_surplus (changed
    sign that way), rose, fell, compared (have both), listed.
    """
    parameters: dict[str, Any] = {
        "parent": parent, "period_kind": period_kind, "first_period": first_period, "second_period": second_period,
        "first_key": first.key, "second_key": second.key, "first_indicator": first.indicator,
    }  # fmt: skip
    wanted, known = _cells([first, second], parameters)
    spans = one_of("time_period", [first_period, second_period], parameters)
    return query(
        of,
        f"""
        with

        cells as ({wanted}),

        known as ({known} and period_kind = $period_kind and {spans}),

        numbers as (

            select cells.position, known.region_code, known.value, known.printed_value, known.status
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
                numbers_1.printed_value as first_printed_value,
                numbers_2.printed_value as second_printed_value,
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
            {OF_LABEL},
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
        inner join memory.labels on cells.indicator = labels.indicator and {label_of("$second_period", "'below'")}
        inner join memory.labels as first_labels on first_labels.indicator = $first_indicator and {label_of("$first_period", "'below'").replace("labels.", "first_labels.")}
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
    spans = one_of("time_period", months, parameters)
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
    parameters: dict[str, Any] = {"name": cell.name, "indicator": cell.indicator, "dims": cell.dims, "period": period}
    frame = query(
        of,
        f"""
        with

        found as (

            select
                *,
                coalesce(nullif(regexp_extract(dims, '(^|;)counterpart_region=([^;]*)', 2), ''), '_T') as counterpart_region,
                array_to_string(list_filter(string_split(dims, ';'), lambda pair: not starts_with(pair, 'counterpart_region=')), ';') as rest
            from bulletin_figures
            where print_level = 'below' and indicator = $indicator and period_kind = 'year' and time_period = $period and region_level in ('nation', 'province')

        ),

        known as (

            select
                *,
                region_code <> '{NATION}' and counterpart_region not in ('_T', region_code) and value is not null as is_pair
            from found
            where rest = $dims

        )

        select
            $name as cell,
            known.region_code,
            places.region_zh,
            places.region_en,
            known.time_period,
            known.indicator,
            known.dims,
            known.counterpart_region,
            counterparts.region_zh as counterpart_zh,
            counterparts.region_en as counterpart_en,
            known.value,
            known.numerator,
            known.denominator,
            known.printed_value,
            known.status,
            {OF_LABEL},
            case when is_pair then cast(rank() over (partition by is_pair order by value desc) as integer) end as rank,
            case when is_pair then cast(rank() over (partition by is_pair, known.region_code order by value desc) as integer) end as rank_within
        from known
        inner join memory.labels on known.indicator = labels.indicator and {label_of("$period", "'below'")}
        inner join memory.places on known.region_code = places.region_code
        left join memory.places as counterparts on known.counterpart_region = counterparts.region_code
        order by known.region_code, known.counterpart_region <> '_T', known.counterpart_region
        """,
        parameters,
    )
    for name in ("rank", "rank_within"):
        frame[name] = pd.Series([None if rank != rank else int(rank) for rank in frame[name]], index=frame.index, dtype=object)
    return frame


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
    places = one_of("region_code", [region, NATION, *siblings], parameters)
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


# Whether a change of definition touches a cell: it has all pairs of the change, and no dimension of which the change names the total.
_TOUCHED = """len(list_filter(
                string_split(coalesce(breaks.dims, ''), ';'),
                lambda pair: pair <> '' and case
                    when ends_with(pair, '=_T') then contains(';' || cells.dims, ';' || replace(pair, '_T', ''))
                    else not list_contains(string_split(cells.dims, ';'), pair)
                end
            )) = 0"""


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
            and {_TOUCHED}
        where breaks.year between cast($first_year as integer) and cast($last_year as integer)
        order by breaks.year, breaks.break_id
        """,
        {"cells": [asdict(cell) for cell in cells], "first_year": first_year[:4], "last_year": last_year[:4]},
    )
