"""A small synthetic warehouse with the tables of the published file, for the tests of the reader's side.

The nation's members and funds are round numbers near the printed ones; provinces get a share each. In 2024 the
resident scheme has a surplus in 17 provinces and a deficit in 14; the Corps is a row of its own.
"""

from __future__ import annotations

import csv
import functools
import json
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow
import pytest
import yaml
from deep_links import PAGES

from gongbao.paths import Home
from gongbao.publish import publish

PROJECT = Path(__file__).resolve().parent.parent
YEARS = range(2019, 2026)
DEFICIT_2024 = ("130000", "140000", "210000", "220000", "230000", "360000", "410000", "420000", "430000", "450000",
                "510000", "520000", "620000", "630000")  # fmt: skip

# Nation by year: members of employee and resident scheme (10 000 persons).
MEMBERS = {
    2019: ("32925", "102483"), 2020: ("34455", "101676"), 2021: ("35431", "100866"), 2022: ("36243", "98349"),
    2023: ("37094.64", "96294"), 2024: ("37948.34", "94713.73"), 2025: ("38856.12", "94213.27"),
}  # fmt: skip
# Nation by year: income and expenditure of employee pooled, employee account, resident (100 million yuan).
FUND = {
    2019: ("10005", "7939", "5840", "4724", "8575", "8191"), 2020: ("9320", "7931", "6412", "4936", "9115", "8165"),
    2021: ("11864", "9321", "7139", "5426", "9724.48", "9296.37"), 2022: ("13161", "9559", "7632", "5684", "10128.90", "9353.44"),
    2023: ("16580.30", "11652.77", "6351.35", "6097.95", "10569.71", "10457.65"),
    2024: ("17342.45", "13222.71", "6390.01", "5879.83", "11180.91", "10661.49"),
    2025: ("18292.91", "13594.28", "6390.69", "5782.28", "11237.72", "10678.63"),
}  # fmt: skip

CATALOGUE = [
    # indicator, dataflow, label_zh, label_en, unit, print_group, kind
    ("members", "enrollment", "参保人数", "Members", "persons", "persons", "stock"),
    ("fund_income", "fund", "基金收入", "Fund income", "yuan", "money", "flow"),
    ("fund_expenditure", "fund", "基金支出", "Fund expenditure", "yuan", "money", "flow"),
    ("fund_current_balance", "fund", "当期结存", "Balance of the year", "yuan", "money", "flow"),
    ("fund_cumulative_balance", "fund", "累计结存", "Cumulative balance", "yuan", "money", "stock"),
    ("fund_surplus_rate", "fund", "当期结余率", "Surplus rate", "%", "rate", "ratio"),
]


def _regions() -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "codes" / "regions.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["region_level"] in ("nation", "province")]


def _dims(**cell: str) -> str:
    """The text of a cell."""
    return ";".join(f"{name}={value}" for name, value in sorted(cell.items()) if value != "_T")


def _rows() -> list[tuple]:
    """(indicator, region, level, year, dims, value, numerator, denominator) in persons, yuan and %."""
    regions = _regions()
    provinces = [row["region_code"] for row in regions if row["region_level"] == "province" and row["in_statistics"] == "true"]
    shares = {code: Decimal(3 + index * 7 % 11) for index, code in enumerate(provinces)}
    total = sum(shares.values())
    rows = []
    cumulative: dict[tuple[str, str, str], Decimal] = {}
    for year in YEARS:
        employee, resident = (Decimal(value) * 10000 for value in MEMBERS[year])
        money = [Decimal(value) * 100000000 for value in FUND[year]]
        for code in ("100000", *provinces):
            level = "nation" if code == "100000" else "province"
            share = Decimal(1) if level == "nation" else shares[code] / total
            people = {"employee": employee * share, "resident": resident * share}
            people["_T"] = people["employee"] + people["resident"]
            for scheme, value in people.items():
                rows.append(("members", code, level, year, _dims(scheme=scheme), value.quantize(Decimal(1)), None, None))

            funds = {
                ("employee", "pooled"): (money[0] * share, money[1] * share),
                ("employee", "account"): (money[2] * share, money[3] * share),
                ("resident", "pooled"): (money[4] * share, money[5] * share),
            }
            if level == "province":
                income = funds["resident", "pooled"][0]
                step = Decimal(1 + provinces.index(code) * 5 % 9) / 100
                rate = -step if year == 2024 and code in DEFICIT_2024 else step
                funds["resident", "pooled"] = (income, income * (1 - rate))
            for part in ("pooled", "account"):
                members = [value for (_, key), value in funds.items() if key == part]
                funds["_T", part] = (sum(pair[0] for pair in members), sum(pair[1] for pair in members))
            funds["employee", "_T"] = tuple(sum(pair) for pair in zip(funds["employee", "pooled"], funds["employee", "account"], strict=True))
            funds["resident", "_T"] = funds["resident", "pooled"]
            funds["_T", "_T"] = tuple(sum(pair) for pair in zip(funds["employee", "_T"], funds["resident", "_T"], strict=True))
            for (scheme, part), (income, expenditure) in funds.items():
                balance = income - expenditure
                key = (code, scheme, part)
                cumulative[key] = cumulative.get(key, income) + balance
                for indicator, value in (
                    ("fund_income", income),
                    ("fund_expenditure", expenditure),
                    ("fund_current_balance", balance),
                    ("fund_cumulative_balance", cumulative[key]),
                ):
                    rows.append((indicator, code, level, year, _dims(scheme=scheme, fund_part=part), value.quantize(Decimal("0.01")), None, None))
                rate = balance / income * 100
                rows.append(("fund_surplus_rate", code, level, year, _dims(scheme=scheme, fund_part=part), rate, balance, income))
    return rows


def build_warehouse(home: Home, release: str = "0a1b2c3d4e5f", sample: bool = True) -> None:
    """Write `home.warehouse` anew with every public table; `release` stands in release_info as the digest of the batches."""
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    home.warehouse.write_bytes(_warehouse(release, sample))


@functools.cache
def _warehouse(release: str, sample: bool) -> bytes:
    """The file of `build_warehouse`, made once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gongbao.duckdb"
        _fill(file, release, sample)
        return file.read_bytes()


def _fill(file: Path, release: str, sample: bool) -> None:
    with duckdb.connect(str(file)) as db:
        names = ("indicator", "region_code", "region_level", "year", "dims", "value", "numerator", "denominator")
        rows = pyarrow.table(
            {name: [text if text is None else str(text) for text in column] for name, column in zip(names, zip(*_rows(), strict=True), strict=True)}
        )
        db.register("rows", rows)
        db.execute(
            """
            create table raw as
            select * replace (
                cast(year as integer) as year, cast(value as decimal(38, 10)) as value,
                cast(numerator as decimal(38, 10)) as numerator, cast(denominator as decimal(38, 10)) as denominator
            ) from rows
            """
        )
        db.execute(
            """
            create table indicator_catalogue (
                indicator varchar, dataflow varchar, label_zh varchar, label_en varchar, definition_zh varchar,
                definition_en varchar, unit varchar, print_group varchar, section varchar, kind varchar,
                breakdowns varchar, numerator varchar, denominator varchar, scope_id varchar, main_dims varchar, record varchar)
            """
        )
        for indicator, dataflow, zh, en, unit, group, kind in CATALOGUE:
            db.execute(
                "insert into indicator_catalogue values (?,?,?,?,?,?,?,?,?,?,'scheme',null,null,?,'',?)",
                [indicator, dataflow, zh, en, f"{zh}的定义。", f"Definition of {en.lower()}.", unit, group, dataflow, kind,
                 "date-cover-1" if dataflow == "enrollment" else "ledger-cash-1", "enrollment" if dataflow == "enrollment" else "fund_ledger"],
            )  # fmt: skip
        listed = ("scheme", "fund_part", "region_level", "period_kind", "status")
        codes = PROJECT / "seeds" / "codes" / "code_lists.csv"
        db.execute(f"create temp table words as select * from read_csv('{codes}', all_varchar = true) where list in {listed}")
        for seed in ("published/definition_breaks", "published/print_formats", "codes/dimensions"):
            db.execute(f"create table {seed.split('/')[1]} as select * from read_csv('{PROJECT / 'seeds' / seed}.csv', sample_size = -1)")
        db.execute(
            """
            create table print_units as
            select
                unit_group, print_level, from_year, to_year, print_unit_zh, print_unit_en, print_scale, decimals,
                count(distinct print_scale) filter (where print_level = 'nation') over (partition by unit_group) = 1 as has_one_unit,
                cast(power(10, decimals) / print_scale as decimal(13, 8)) as print_factor, cast(power(10, -decimals) as decimal(5, 4)) as last_digit
            from (
                select *, 'nation' as print_level, edition_year as from_year,
                    coalesce(lead(edition_year) over (partition by unit_group order by edition_year) - 1, 9999) as to_year
                from print_formats where level = 'nation'
                union all
                select *, 'below', 0, 9999 from print_formats
                qualify row_number() over (partition by unit_group order by level = 'below' desc, edition_year desc) = 1
            )
            """
        )
        db.execute(
            """
            create table observations as
            select
                catalogue.dataflow, raw.indicator, raw.dims,
                array_to_string([split_part(pair, '=', 1) for pair in string_split(raw.dims, ';')], ' ') as breakdown,
                raw.region_code, raw.region_level, 'year' as period_kind, cast(raw.year as varchar) as time_period, raw.value,
                raw.numerator, raw.denominator, catalogue.unit, 'normal' as status, catalogue.scope_id,
                before.value as previous_value,
                cast(raw.value - before.value as decimal(38, 10)) as change,
                case when catalogue.kind <> 'ratio' and before.value > 0
                     then cast((cast(raw.value as double) / before.value - 1) * 100 as decimal(38, 10)) end as growth_pct
            from raw
            inner join indicator_catalogue as catalogue on raw.indicator = catalogue.indicator
            left join raw as before
                on raw.indicator = before.indicator and raw.region_code = before.region_code and raw.year = before.year + 1
                and raw.dims = before.dims
            """
        )
        db.execute(
            """
            create table series as
            select distinct
                catalogue.dataflow, observations.indicator, observations.dims, observations.breakdown, catalogue.label_zh, catalogue.label_en,
                coalesce(cells.dims_zh, '合计') as dims_zh, coalesce(cells.dims_en, 'Total') as dims_en,
                catalogue.unit, catalogue.kind, catalogue.print_group, catalogue.section
            from observations
            inner join indicator_catalogue as catalogue using (indicator)
            left join (
                select dims, string_agg(name_zh, ' · ' order by list desc) as dims_zh, string_agg(name_en, ' · ' order by list desc) as dims_en
                from (select distinct dims from raw) as cells
                inner join words on list_contains(string_split(dims, ';'), list || '=' || code)
                group by dims
            ) as cells on observations.dims = cells.dims
            """
        )
        # Cumulative months of the nation's income, by twelfths: what a page of the running year reads.
        db.execute(
            """
            insert into observations
            select observations.* replace (
                'ytd' as period_kind,
                time_period || '-' || lpad(cast(month as varchar), 2, '0') as time_period,
                cast(value * month / 12 as decimal(38, 10)) as value,
                cast(previous_value * month / 12 as decimal(38, 10)) as previous_value,
                cast(change * month / 12 as decimal(38, 10)) as change
            )
            from observations
            cross join (select unnest(range(1, 13)) as month)
            where indicator = 'fund_income' and region_level = 'nation' and time_period >= '2024'
            """
        )
        db.execute(
            f"""
            create table regions as
            select region_code, region_level, parent_code, name_zh, name_en, short_zh, grid_row, grid_col,
                   in_statistics, kind, macro_region, valid_from, valid_to, successor_code
            from read_csv('{PROJECT}/seeds/codes/regions.csv', types = {{'region_code': 'VARCHAR', 'parent_code': 'VARCHAR'}})
            where region_level in ('nation', 'province')
            """
        )
        db.execute(f"create table code_lists as from read_csv('{PROJECT}/seeds/codes/code_lists.csv', all_varchar = true)")
        _pages(db)
        db.execute(
            """
            create table reconciliation as
            select
                'bulletin-' || time_period || '-' || dims as figure_id, cast(time_period as integer) as year,
                'bulletin' as vintage, 'basic' as section, '参保人数（' || dims || '）' as label_zh, indicator, dims,
                round(value / 10000, 2) as printed_value, '万人' as unit, 2 as decimals, value / 10000 as rebuilt_value,
                cast(0 as decimal(38, 10)) as difference, cast(0.005 as decimal(38, 10)) as tolerance, 'pass' as status,
                cast(null as varchar) as reason_zh, cast(null as varchar) as reason_en, 'synthetic' as source
            from observations where indicator = 'members' and region_level = 'nation'
            union all
            select 'flash-2024-total', 2024, 'flash', 'basic', '参保人数', 'members', '', 132660, '万人', 0, 132662.07,
                   -2.07, 0.5, 'explained', '快报早于公报', 'The flash report came before the bulletin', 'synthetic'
            """
        )
        db.execute(
            "create table identities as select 'employee + resident = all' as identity, 'enrollment' as subject, "
            "'职工＋居民＝合计' as label_zh, 'Employees + residents = all' as label_en, "
            "217 as compared, 0 as failed, cast(0 as decimal(38, 8)) as largest_difference, 'holds' as status"
        )
        db.execute(
            "create table published_identities as select 'schemes' as identity, 2024 as year, 'bulletin' as vintage, "
            "2 as parts, cast(132662.08 as decimal(28, 6)) as total, cast(132662.07 as decimal(28, 6)) as parts_sum, "
            "cast(-0.01 as decimal(28, 6)) as difference, cast(0.015 as decimal(28, 6)) as allowed, 'holds' as status"
        )
        db.execute(
            """
            create table batches as
            select 'settlement-0a1b2c3d' as batch_id, 'settlement' as record, 'ab12' as sha256, '370000' as province_codes, '2024-01' as first_month, '2024-12' as last_month,
                   10 as rows_delivered, 1 as rows_unreadable, 0 as rows_skipped, 2 as rows_rejected, 7 as rows_accepted
            """
        )
        db.execute(
            """
            create table rule_results as
            select * from (values
                ('settlement', 'settlement-0a1b2c3d', 'SETL-002', 'error', 'code', '险种在代码表中', 'the insurance type is on its list', 9, 1),
                ('settlement', 'settlement-0a1b2c3d', 'SETL-011', 'error', 'identity', '费用合计等于各项之和', 'the total is the sum of its parts', 9, 2),
                ('settlement', 'settlement-0a1b2c3d', 'SETL-014', 'warning', 'identity', '范围内费用不超过总费用', 'cost in scope is at most the total', 9, 0)
            ) as t (record, batch_id, rule_code, level, category, message_zh, message_en, rows_checked, rows_broken)
            """
        )
        db.execute(
            """
            create table rejected_rows as
            select * from (values
                ('settlement', 'settlement-0a1b2c3d', 4, 'SETL-002,SETL-011'),
                ('settlement', 'settlement-0a1b2c3d', 9, 'SETL-011')
            ) as t (record, batch_id, row_no, rule_codes)
            """
        )
        db.execute(
            "create table control_totals as select 'settlement-0a1b2c3d' as batch_id, 'rows' as measure, "
            "cast(10 as decimal(28, 2)) as expected, cast(10 as decimal(28, 2)) as delivered, "
            "cast(0 as decimal(28, 2)) as difference, 'equal' as status"
        )
        db.execute(
            "create table delivered_months as select 'settlement' as record, '510000' as province_code, "
            "cast('2024-05-31' as date) as month, 'month' as due, cast(7 as bigint) as entries"
        )
        db.execute("create table missing_months as select 'settlement' as record, '510000' as province_code, cast('2024-06-30' as date) as month")
        db.execute(
            """
            create table bulletin_members as
            select time_period as year, sum(value) filter (dims = '') / 10000 as members,
                   sum(value) filter (dims = 'scheme=employee') / 10000 as employee
            from observations where indicator = 'members' and region_level = 'nation' group by time_period order by time_period
            """
        )
        db.execute(
            """
            create table release_info as
            select cast(? as boolean) as data_is_sample, 2019 as first_year, 2025 as last_year, 1 as batches, ? as batches_digest
            """,
            [sample, release],
        )
        db.execute(
            """
            create table bulletin_figures as
            select
                observations.indicator, observations.dims, observations.region_code, observations.region_level, observations.period_kind,
                observations.time_period, units.print_level, observations.value, observations.numerator, observations.denominator,
                observations.previous_value, observations.change, observations.growth_pct,
                cast(round(cast(observations.value as decimal(22, 4)) * units.print_factor, 0) * units.last_digit as decimal(28, 4)) as printed_value,
                cast(round(cast(observations.change as decimal(22, 4)) * units.print_factor, 0) * units.last_digit as decimal(28, 4)) as printed_change,
                cast(round(observations.growth_pct, 1) as decimal(28, 4)) as printed_growth_pct,
                units.has_one_unit, observations.scope_id, observations.status
            from observations
            inner join indicator_catalogue as catalogue using (indicator)
            inner join print_units as units
                on catalogue.print_group = units.unit_group
                and cast(left(observations.time_period, 4) as int) between units.from_year and units.to_year
                and (units.print_level = 'below' or observations.region_level = 'nation')
            """
        )
        db.execute("drop table raw")
        _comment(db)


def _pages(db: duckdb.DuckDBPyConnection) -> None:
    """The pages that are scripts; the others show indicators that this file does not have."""
    models = yaml.safe_load((PROJECT / "models" / "marts" / "pages" / "_pages.yml").read_text(encoding="utf-8"))["models"]
    for model in models:
        columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
        db.execute(f"create table {model['name']} ({columns})")
    scripts = [(name, meta) for name, meta in PAGES.items() if "view" in meta]
    for position, (name, meta) in enumerate(scripts, start=1):
        db.execute(
            "insert into pages (page, position, label_zh, label_en, view_name, is_for_staff) values (?, ?, ?, ?, ?, ?)",
            [name, position, meta["label"], meta["label_en"], meta["view"], meta.get("staff", False)],
        )


def _comment(db: duckdb.DuckDBPyConnection) -> None:
    """A comment on every table and column, as dbt's persist_docs leaves them."""
    columns = db.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    for table in sorted({table for table, _ in columns}):
        db.execute(f"comment on table {table} is 'About {table}.'")
    for table, column in columns:
        db.execute(f"""comment on column {table}."{column}" is 'The {column}.'""")


# The public tables of this warehouse, as far as they have Chinese names with these.
NAMES: dict[str, tuple[str, dict[str, str]]] = {
    "bulletin_members": ("基本医保参保人数", {"year": "年份", "members": "参保人数", "employee": "职工参保人数"}),
    "observations": ("观测值", {"region_level": "地区级别", "time_period": "期间", "period_kind": "期间类型", "value": "数值", "unit": "单位"}),
}
OTHERS = (
    "series", "dimensions", "indicator_catalogue", "print_formats", "print_units", "regions", "code_lists", "definition_breaks", "reconciliation", "identities",
    "published_identities", "rule_results", "rejected_rows", "batches", "control_totals", "delivered_months", "missing_months", "release_info", "pages",
    "page_figures", "page_numbers",
)  # fmt: skip


def _names_of_figures() -> dict[str, tuple[str, dict[str, str]]]:
    """The Chinese names of bulletin_figures, from its YAML."""
    models = yaml.safe_load((PROJECT / "models" / "marts" / "bulletin" / "_bulletin.yml").read_text(encoding="utf-8"))["models"]
    [figures] = [model for model in models if model["name"] == "bulletin_figures"]
    names = {column["name"]: column["config"]["meta"]["label_zh"] for column in figures["columns"]}
    return {"bulletin_figures": (figures["config"]["meta"]["label_zh"], names)}


def write_manifest(folder: Path) -> Path:
    """A dbt manifest: what is public, the Chinese names of the bulletin table and of the observations, two dataflows."""
    nodes = {
        f"model.gongbao.{name}": {
            "name": name,
            "access": "public",
            "config": {"meta": {"label_zh": label}},
            "columns": {column: {"name": column, "config": {"meta": {"label_zh": zh}}} for column, zh in columns.items()},
        }
        for name, (label, columns) in (NAMES | _names_of_figures() | dict.fromkeys(OTHERS, (None, {}))).items()
    }
    flows = {"enrollment": ("参保", ["scheme", "member_status"]), "fund": ("基金收支", ["scheme", "fund_part", "covers"])}
    models = {
        f"semantic_model.gongbao.{name}": {
            "name": name,
            "label": label,
            "description": f"The {name}.",
            "dimensions": [{"name": "period", "type": "time"}] + [{"name": dimension, "type": "categorical"} for dimension in dimensions],
        }
        for name, (label, dimensions) in flows.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "manifest.json"
    file.write_text(json.dumps({"nodes": nodes, "semantic_models": models}), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data home with a published synthetic file; tests only read it."""
    home = Home(tmp_path_factory.mktemp("published") / "data")
    build_warehouse(home)
    publish(home, write_manifest(home.root))
    return home
