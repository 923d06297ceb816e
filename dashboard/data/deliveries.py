"""Deliveries: batches, rules, rejected rows, control totals, months, and the review lists."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.data.downloads import columns
from dashboard.data.file import Snapshot, query
from dashboard.data.words import terms


@st.cache_resource(max_entries=4, show_spinner=False)
def records(of: Snapshot) -> dict[str, str]:
    """The records of which something was delivered, in the order of their list: record -> how often every place owes it ('month' | 'year' | 'never')."""
    frame = query(
        of,
        """
        select record, coalesce(max(due), 'never') as due
        from (select record, due from delivered_months union all select distinct record, cast(null as varchar) from batches)
        group by record
        """,
    )
    order = list(terms(of).get("record", {}))
    found = dict(zip(frame["record"], frame["due"], strict=True))
    return {name: found[name] for name in sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))}


def monthly_records(of: Snapshot) -> tuple[str, ...]:
    """Those that every place owes every month."""
    return tuple(name for name, due in records(of).items() if due == "month")


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
        {"record": record, "batch": batch, "records": list(records(of))},
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
    """Every province (those with most gaps first) and month (of a record of years: year) with what counts of a record, 0 where nothing does.

    `record`: one; or 'all': of how many of `monthly_records` there is something. Columns: region_code, region_zh, region_en,
    time_period (YYYY-MM, or YYYY), entries, is_missing (something that was due is not there); the same in each row: regions, whole (regions
    without a gap), delivering (regions that have something), gaps (cells where something is missing).
    """
    return query(
        of,
        """
        with

        known as (

            select
                province_code,
                strftime(month, case when $of_years then '%Y' else '%Y-%m' end) as time_period,
                case when $record = 'all' then count(distinct record) else sum(entries) end as entries
            from delivered_months
            where case when $record = 'all' then list_contains($monthly, record) else record = $record end
            group by 1, 2

        ),

        lacking as (

            select distinct province_code, strftime(month, case when $of_years then '%Y' else '%Y-%m' end) as time_period
            from missing_months
            where case when $record = 'all' then list_contains($monthly, record) else record = $record end

        ),

        spans as (

            select distinct strftime(month, case when $of_years then '%Y' else '%Y-%m' end) as time_period
            from delivered_months
            where $of_years and record = $record
            union
            select $year || '-' || lpad(cast(month as varchar), 2, '0') from range(1, 13) as months (month) where not $of_years

        ),

        filled as (

            select
                places.region_code, places.region_zh, places.region_en, spans.time_period,
                cast(coalesce(known.entries, 0) as bigint) as entries,
                lacking.province_code is not null as is_missing
            from memory.places
            cross join spans
            left join known on places.region_code = known.province_code and spans.time_period = known.time_period
            left join lacking on places.region_code = lacking.province_code and spans.time_period = lacking.time_period
            where places.region_level = 'province' and cast(places.in_statistics as boolean) and places.kind <> 'abolished'

        )

        select
            region_code, region_zh, region_en, time_period, entries, is_missing,
            (select count(distinct region_code) from filled) as regions,
            (select count(*) from (select region_code from filled group by region_code having not bool_or(is_missing))) as whole,
            (select count(distinct region_code) from filled where entries > 0) as delivering,
            (select count(*) from filled where is_missing) as gaps
        from filled
        order by count(*) filter (where is_missing) over (partition by region_code) desc, region_code, time_period
        """,
        {"record": record, "year": year, "of_years": records(of).get(record) == "year", "monthly": list(monthly_records(of))},
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


# The review lists that `review_list` puts together; systems bring others.
_OF_ALL_SYSTEMS = ("review_persons", "review_region_codes", "review_fund_months")


@st.cache_data(max_entries=8, show_spinner=False)
def added_reviews(of: Snapshot) -> tuple[str, ...]:
    """The review lists that systems bring with them, in alphabetical order."""
    frame = query(of, "select table_name from duckdb_tables() where database_name = 'published' and starts_with(table_name, 'review_') order by table_name")
    return tuple(name for name in frame["table_name"] if name not in _OF_ALL_SYSTEMS)


@st.cache_data(max_entries=16, show_spinner=False)
def added_review(of: Snapshot, table: str) -> pd.DataFrame:
    """The rows of such a list, the places (region_code, else province_code) by their names in region_zh and region_en.

    `table`: a name of `added_reviews`.
    """
    place = next(name for name in ("region_code", "province_code") if name in set(columns(of, table, None)["column"]))
    return query(
        of,
        f"""
        select coalesce(places.region_zh, listed.{place}) as region_zh, coalesce(places.region_en, listed.{place}) as region_en, listed.*
        from "{table}" as listed
        left join memory.places on listed.{place} = places.region_code
        order by all
        """,
    )
