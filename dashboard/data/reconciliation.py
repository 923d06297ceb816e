"""Published figures beside the rebuilt ones, and what must add up."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.data.file import Snapshot, query

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
    same = " and ".join(f"copies.{name} is not distinct from chosen.{name}" for name in ("year", "indicator", "value_column", "region_code", "dims"))
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

    Columns: identity, subject, label_zh, label_en, compared, failed, largest_difference (base unit), status ('holds' | 'fails' | 'nothing compared');
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

    Columns: identity, dimension (which the total is split by), label_zh, label_en, indicator, tail and dims (of the
    total), unit and unit_en (as printed), print_scale, decimals, parts, total, parts_sum, difference, allowed (base unit), status;
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
            totals.dims,
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
