"""What the file says of its own words: values of dimensions and other codes, and the catalogue of indicators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.data.cells import Cell
from dashboard.data.file import NATION, OF_LABEL, Snapshot, label_of, one_of, query


@st.cache_resource(max_entries=4, show_spinner=False)
def terms(of: Snapshot) -> dict[str, dict[str, tuple[str, str]]]:
    """The codes of every list in its order: list -> code ('_T': the total) -> name in Chinese and in English.

    A dimension of the observations has its list under its own name too.
    """
    # Rows of a table this small keep the order in which they were written.
    frame = query(of, "select list, code, name_zh, name_en from code_lists order by rowid")
    found = {name: {row.code: (row.name_zh, row.name_en) for row in rows.itertuples()} for name, rows in frame.groupby("list")}
    return found | {name: found.get(dimension.code_list, {}) for name, dimension in dimensions(of).items()}


@dataclass(frozen=True)
class Dimension:
    """A dimension of the observations. `always`: it has no total, and stands in every cell of what has it."""

    label_zh: str
    label_en: str
    code_list: str
    always: bool


@st.cache_resource(max_entries=4, show_spinner=False)
def dimensions(of: Snapshot) -> dict[str, Dimension]:
    """The dimensions by name, in the order of their list."""
    frame = query(of, "select dimension, label_zh, label_en, code_list, cast(always as boolean) as always from dimensions order by position")
    return {row.dimension: Dimension(row.label_zh, row.label_en, row.code_list, bool(row.always)) for row in frame.itertuples()}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of an indicator. `breakdowns`: the sets of dimensions it is published by; `main_dims`: its plain total;
    `record`: whose deliveries it rests on."""

    label_zh: str
    label_en: str
    kind: str
    main_dims: str
    record: str
    breakdowns: tuple[frozenset[str], ...]

    @property
    def dimensions(self) -> frozenset[str]:
        return frozenset().union(*self.breakdowns)


@st.cache_resource(max_entries=4, show_spinner=False)
def catalogue(of: Snapshot) -> dict[str, Entry]:
    """Every indicator by name."""
    frame = query(of, "select indicator, label_zh, label_en, kind, main_dims, record, coalesce(breakdowns, '') as breakdowns from indicator_catalogue")
    return {
        row.indicator: Entry(
            row.label_zh,
            row.label_en,
            row.kind,
            row.main_dims or "",
            row.record or "",
            tuple(frozenset(one.split(" × ")) for one in row.breakdowns.split("; ") if one),
        )
        for row in frame.itertuples()
    }


@st.cache_data(max_entries=256, show_spinner=False)
def values_of(of: Snapshot, indicators: tuple[str, ...], dimension: str) -> tuple[str, ...]:
    """The values of a dimension that some indicators have in the file, the total besides, in the order of its code list."""
    parameters: dict[str, Any] = {"value": f"(^|;){dimension}=([^;]*)"}
    frame = query(
        of,
        f"""
        select distinct regexp_extract(dims, $value, 2) as code from series
        where {one_of("indicator", indicators, parameters)} and regexp_matches(dims, $value)
        """,
        parameters,
    )
    order = {code: place for place, code in enumerate(terms(of).get(dimension, {}))}
    return tuple(sorted(frame["code"], key=lambda code: (order.get(code, len(order)), code)))


@st.cache_resource(max_entries=4, show_spinner=False)
def sections(of: Snapshot) -> tuple[str, ...]:
    """The sections of the catalogue, in the order in which the pages come to them; those on no page at the end."""
    frame = query(
        of,
        """
        select catalogue.section
        from indicator_catalogue as catalogue
        left join (
            select position, unnest(string_split(indicators, ' ')) as indicator, generate_subscripts(string_split(indicators, ' '), 1) as place
            from pages
        ) as shown on catalogue.indicator = shown.indicator
        group by catalogue.section
        order by min(shown.position * 1000 + shown.place) nulls last, catalogue.section
        """,
    )
    return tuple(frame["section"])


# Within a section counts and amounts before ratios, and what is published in most detail first.
_CATALOGUE_ORDER = "list_position($sections, section), list_position(['stock', 'flow', 'ratio'], kind), detail desc nulls last, indicator"


@st.cache_data(max_entries=16, show_spinner=False)
def cells_of(of: Snapshot, period: str, section: str | None = None) -> tuple[Cell, ...]:
    """What the file says of the nation in a year, in the order of the sections (or of one): totals, one dimension broken down, and within
    the employee scheme and among the members one more; personal accounts, which are of the employee scheme, once. A cell's name is its `key`."""
    frame = query(
        of,
        f"""
        with

        listed as (

            select
                known.indicator, known.dims, known.breakdown,
                catalogue.section, catalogue.kind, length(catalogue.breakdowns) as detail,
                len(list_filter(
                    string_split(known.breakdown, ' '),
                    lambda name: name <> '' and not list_contains($always, name)
                )) as broken
            from observations as known
            inner join indicator_catalogue as catalogue using (indicator)
            where known.region_code = '{NATION}' and known.period_kind = 'year' and known.time_period = $period
                and not list_contains(string_split(known.breakdown, ' '), 'counterpart_region')
                and ($section is null or catalogue.section = $section)

        )

        select indicator, dims
        from listed
        where (broken <= 1 and dims <> 'fund_part=account')
            or (broken = 2 and indicator = 'members' and dims like '%scheme=%')
            or (broken = 2 and dims like '%scheme=employee%' and dims like '%fund_part=%')
        order by {_CATALOGUE_ORDER}, broken, dims
        """,
        {
            "period": period, "section": section, "sections": list(sections(of)),
            "always": [name for name, dimension in dimensions(of).items() if dimension.always],
        },
    )  # fmt: skip
    cells = [Cell("", row.indicator, row.dims) for row in frame.itertuples()]
    return tuple(replace(cell, name=cell.key) for cell in cells)


@st.cache_data(max_entries=4, show_spinner=False)
def indicators(of: Snapshot) -> pd.DataFrame:
    """Every indicator with its latest national value, in the order of the sections.

    Columns: indicator, section, dataflow, breakdowns, numerator_id, numerator_zh, numerator_en, denominator_id, denominator_zh,
    denominator_en, scale, filter, fact, yearly_sql, needs, meaning_zh, meaning_en, first_year, period_kind, region_code, dims (of the
    total), and of `figures`: time_period (the year of the value, or the last year), value, numerator, denominator, change,
    growth_pct, status, scope_id, indicator_kind, label_zh, label_en, unit, print_unit_zh, print_unit_en, print_scale, print_decimals.
    """
    return query(
        of,
        f"""
        with

        numbers as (

            select
                catalogue.indicator, known.time_period, known.value, known.numerator, known.denominator, known.change, known.growth_pct, known.printed_value, known.status,
                min(known.time_period) over (partition by catalogue.indicator) as first_year,
                row_number() over (partition by catalogue.indicator order by known.time_period desc) as place
            from indicator_catalogue as catalogue
            inner join bulletin_figures as known
                on catalogue.indicator = known.indicator
                and known.dims = catalogue.main_dims
            where known.region_code = '{NATION}' and known.period_kind = 'year' and known.print_level = 'nation' and known.value is not null

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
            latest.main_dims as dims,
            latest.value, latest.numerator, latest.denominator, latest.change, latest.growth_pct, latest.printed_value, latest.status,
            {OF_LABEL.replace(")", ", definition_zh, definition_en)")}
        from latest
        inner join memory.labels on latest.indicator = labels.indicator and {label_of("latest.time_period", "'nation'")}
        order by {_CATALOGUE_ORDER}
        """,
        {"sections": list(sections(of))},
    )


@st.cache_data(max_entries=64, show_spinner=False)
def all_breaks(of: Snapshot, indicator: str) -> pd.DataFrame:
    """Every change of definition of an indicator or of its parts, by year, also where it touches one breakdown only.

    Columns: break_id, indicator, year, dims ('': all values), breaks_growth, title_zh, title_en, note_zh, note_en, source.
    """
    return query(
        of,
        """
        select
            breaks.break_id, breaks.indicator, cast(breaks.year as varchar) as year, coalesce(breaks.dims, '') as dims,
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
