"""The pages without a browser: both languages, deep links, bad addresses, missing files, numbers equal to the published file.

The tests of pages run over `app.PAGES` on the sample country; a page is covered by its line there and one in `deep_links.py`.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import html
import io
import itertools
import random
import re
import shlex
import shutil
import string
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pytest
from country import OF_PLACES_ONLY
from deep_links import OF_SCRIPTS, PAGES, controls_of, deep_link, open_page
from published_fixture import PROJECT, build_warehouse, write_manifest
from streamlit.testing.v1 import AppTest

from dashboard import blocks, charts, data, exports, pages, text
from dashboard.data import cell
from gongbao.paths import Home
from gongbao.publish import publish

CJK = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="session")
def empty_region(sample_home: Home) -> str:
    """A region of the list without any value."""
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        found = connection.execute(
            """
            select min(region_code) from regions
            where in_statistics and kind <> 'abolished' and region_level = 'prefecture'
                and region_code not in (select distinct region_code from observations where value is not null)
            """
        ).fetchone()
    assert found is not None and found[0] is not None
    return found[0]


def bodies(app: AppTest) -> list[str]:
    """The HTML of tables and panels, without styles."""
    return [element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style>")]


def tables(app: AppTest) -> list[list[list[str]]]:
    """Every printed table: rows of texts, the heads first."""
    found = []
    for body in bodies(app):
        for table in re.findall(r"<table.*?</table>", body, re.DOTALL):
            rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
            found.append([[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows])
    return found


def words(app: AppTest, as_delivered: bool = True) -> str:
    """All the text of a page; with or without names that came with the data, which are the same in every language."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "warning", "info", "error")
    parts = [element.value for kind in kinds for element in app.get(kind)]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    delivered = r"(?!)" if as_delivered else r'<(td|p)[^>]* translate="no">.*?</\1>'
    parts += [html.unescape(re.sub(rf"{delivered}|<[^>]*>", " ", body)) for body in bodies(app)]
    return "\n".join(map(str, parts))


# ---------------------------------------------------------------- every page


def test_a_page_is_a_script_or_has_figures() -> None:
    scripts = {page: meta["view"] for page, meta in PAGES.items() if "view" in meta}
    assert scripts.keys() == OF_SCRIPTS.keys()
    assert {f"{view}.py" for view in scripts.values()} | {"system.py"} == {file.name for file in (PROJECT / "dashboard" / "views").glob("*.py")}
    assert all(("figures" in meta) != ("view" in meta) for meta in PAGES.values())


def test_the_published_file_lists_the_pages_in_the_order_of_their_exposures(sample_home: Home) -> None:
    found = pages.listed(data.snapshot(sample_home))
    assert {name: (page.label["zh"], page.label["en"], page.view, page.is_for_staff) for name, page in found.items()} == {
        name: (meta["label"], meta["label_en"], meta.get("view"), meta.get("staff", False)) for name, meta in PAGES.items()
    }
    assert list(found) == list(PAGES)
    assert [[(figure.kind, figure.by) for figure in found[name].figures] for name in PAGES] == [
        [(figure["kind"], figure.get("by")) for figure in meta.get("figures", [])] for meta in PAGES.values()
    ]


def test_a_file_without_pages_says_what_to_do(tmp_path: Path) -> None:
    """A file published by a version that had no such table."""
    home = Home(tmp_path / "data")
    build_warehouse(home)
    publish(home, write_manifest(home.root))
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("drop table page_figures")
    app = open_page(home)
    assert app.title[0].value == text.say("zh", "damaged.title") and "gongbao build" in app.error[0].value


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", ["default", "deep link", "empty region", "print"])
def test_page_opens(sample_home: Home, empty_region: str, page: str, language: str, address: str) -> None:
    """Chinese is the language of an address that names none, and of one that names it."""
    link = {
        "default": {},
        "deep link": deep_link(sample_home, page),
        "empty region": {"region": empty_region},
        "print": deep_link(sample_home, page) | {"print": "1"},
    }[address]
    named = {} if language == "zh" and address in ("default", "deep link") else {"lang": language}
    app = look(sample_home, page, **link, **named).app
    said = words(app)
    assert len(app.title) == 1
    assert tables(app) or app.info
    assert not re.search(r"\b(nan|None|inf|NaT|Traceback)\b", said)
    assert text.say(language, "sample") in said
    if language == "en":
        assert not CJK.search(words(app, as_delivered=False))
    if address != "empty region":
        assert not [warning.value for warning in app.warning if warning.value != text.say(language, "sample")]
        assert not [control for control in (*app.selectbox, *app.text_input) if address == "print"]


def title_of(home: Home, page: str, control: str, language: str) -> str:
    """What a control is called: by the dimension it chooses a value of, or by a message."""
    dimension = PAGES[page].get("controls", {}).get(control)
    if dimension is None:
        return text.say(language, f"control.{control}")
    with duckdb.connect(str(home.published), read_only=True) as connection:
        [(label,)] = connection.execute(f"select label_{language} from dimensions where dimension = ?", [dimension]).fetchall()
    return label[:1].upper() + label[1:]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_address_gives_the_default_and_a_notice(sample_home: Home, page: str, language: str) -> None:
    bad = dict.fromkeys(controls_of(page), "<b>1849") | {"zzz": "1", "<script>": "x"}
    bad.pop("q", None)
    app = open_page(sample_home, page, lang=language, **bad)
    notices = [warning.value for warning in app.warning]
    for name in set(controls_of(page)) - {"q"}:
        said = text.say(language, "notice.value", name=title_of(sample_home, page, name, language), default="…")
        assert any(notice.startswith(said.split("…")[0]) for notice in notices), name
    assert text.say(language, "notice.name", name="?, zzz") in notices
    assert "<script" not in words(app) and "1849" not in words(app)


def test_an_unknown_language_is_chinese_with_a_notice(published_home: Home) -> None:
    app = open_page(published_home, lang="fr")
    assert text.say("zh", "notice.value", name="语言", default="中文") in [warning.value for warning in app.warning]


def test_a_link_of_another_release_says_so(published_home: Home) -> None:
    app = open_page(published_home, release="abc123")
    assert any("abc123" in info.value for info in app.info)


def test_a_choice_goes_into_the_address_as_a_code(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGBAO_HOME", str(published_home.root))
    app = open_page(published_home, "provinces", year="2024")
    next(group for group in app.get("button_group") if group.key == "scheme").set_value("employee").run()
    assert dict(app.query_params) == {"scheme": "employee", "year": "2024"}
    assert "职工医保统筹基金" in app.header[0].value


# ---------------------------------------------------------------- the numbers of every page


@dataclass(frozen=True)
class Figure:
    """What a page handed to `blocks.figure`."""

    key: str
    frame: pd.DataFrame
    chart: object
    table: pd.DataFrame | str
    cells: pd.DataFrame
    facts: exports.Facts
    obeys: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """A page after one run, and the figures it drew."""

    app: AppTest
    figures: list[Figure]


def look(home: Home, page: str, **parameters: str) -> Seen:
    """A page as a reader with that address sees it, to read only: an address that was looked at lately is not opened again."""
    return _look(home, page, tuple(sorted(parameters.items())))


@functools.lru_cache(maxsize=24)
def _look(home: Home, page: str, parameters: tuple[tuple[str, str], ...]) -> Seen:
    drawn: list[Figure] = []
    real, real_facts, facts = blocks.figure, blocks._facts, []

    def keep(here, key, answer, frame, chart, table, *rest, **more) -> None:
        real(here, key, answer, frame, chart, table, *rest, **more)
        drawn.append(Figure(key, frame, chart, table, more.get("cells", table), facts.pop(), frozenset(more["obeys"])))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "figure", keep)
        patch.setattr(blocks, "_facts", lambda *given: facts.append((made := real_facts(*given)).facts) or made)
        return Seen(open_page(home, page, **dict(parameters)), drawn)


def figures_of(home: Home, page: str, **parameters: str) -> list[Figure]:
    """The figures of a page, as it draws them."""
    return look(home, page, **parameters).figures


def stored(connection: duckdb.DuckDBPyConnection, indicator: str, dims: str, region: str, period: str, kinds: str) -> list[Decimal]:
    """The values of `observations` for a cell, found without the dashboard's SQL."""
    rows = connection.execute(
        f"""
        select value from observations
        where indicator = ? and dims = ? and region_code = ? and time_period = ? and period_kind in {kinds} and value is not null
        """,
        [indicator, dims, region, period],
    ).fetchall()
    return [value for (value,) in rows]


def cell_of(key: str) -> tuple[str, str]:
    """Indicator and dimensions of a `Cell.key`."""
    indicator, _, dims = key.partition(";")
    return indicator, dims


def half_up(value: Decimal, scale: int, decimals: int) -> str:
    result = (value / scale).quantize(Decimal(10) ** -decimals, ROUND_HALF_UP)
    return f"{result or abs(result):f}"  # what rounds to zero has no sign


def print_formats(connection: duckdb.DuckDBPyConnection) -> Callable[[str, str, bool, bool], tuple[int, int]]:
    """Scale and decimals of an indicator in a year, found without the dashboard's SQL: of the nation alone those of the year's edition of
    the bulletin, below it those of the newest, or of its own line. Several years beside one another are in one unit: where the editions
    have several, that of places below the nation."""
    groups = dict(connection.execute("select indicator, print_group from indicator_catalogue").fetchall())
    editions: dict[str, dict[int | None, tuple[int, int]]] = {}
    for group, edition, scale, decimals in connection.execute("select unit_group, edition_year, print_scale, decimals from print_formats").fetchall():
        editions.setdefault(group, {})[edition] = (scale, decimals)

    def of(indicator: str, year: str, of_nation: bool, one_year: bool) -> tuple[int, int]:
        known = {edition: how for edition, how in editions[groups[indicator]].items() if edition is not None}
        if of_nation and (one_year or len({scale for scale, _ in known.values()}) == 1):
            return known[max([edition for edition in known if edition <= int(year)], default=min(known))]
        return editions[groups[indicator]].get(None, known[max(known)])

    return of


def numbers_compared(figures: list[Figure], home: Home) -> int:
    """How many numbers of figures were compared with `observations`, as they are and as they are printed: all equal.

    Figures without cells are lists (batches, rules, files): their pages have tests of their own.
    """
    asked = []  # of every number: figure, row, prefix of its columns, cell, region, period
    for place, figure in enumerate(figures):
        if "scope_id" in figure.frame:
            for index, row in enumerate(figure.frame.to_dict("records")):
                if "first_value" in row:
                    sides = [(f"{side}_", cell_of(row[f"{side}_cell"]), row[f"{side}_period"]) for side in ("first", "second")]
                else:
                    sides = [("", (row["indicator"], row["dims"]), row["time_period"])]
                asked += [[place, index, prefix, *key, row["region_code"], period] for prefix, key, period in sides]
    if not asked:
        return 0
    numbers = pd.DataFrame(asked, columns=["figure", "row", "prefix", "indicator", "dims", "region_code", "time_period"])  # noqa: F841  read below
    with duckdb.connect(str(home.published), read_only=True) as connection:
        # A month alone and a year to date have the same name; a page shows one of them.
        found = connection.execute(
            """
            select n.figure, n.row, n.prefix, n.indicator, n.time_period, list(o.value) filter (o.value is not null)
            from numbers as n left join observations as o
                on n.indicator = o.indicator and n.region_code = o.region_code and n.time_period = o.time_period and n.dims = o.dims
            group by all
            """
        ).fetchall()
        format_of = print_formats(connection)
    frames = [figure.frame.to_dict("records") for figure in figures]
    shown = [set(re.findall(r">([^<>]*)(?=<)", each.table if isinstance(each.table, str) else blocks.table_html(each.table, ""))) for each in figures]
    for place, index, prefix, indicator, period, known in found:
        row, key = frames[place][index], figures[place].key
        value = row[f"{prefix}value"]
        assert (value in known) if known else value is None, (key, row)
        one_year = "time_period" in figures[place].frame and figures[place].frame["time_period"].str[:4].nunique() == 1
        of_nation = set(figures[place].frame["region_code"]) == {data.NATION}
        printed = "…" if value is None else half_up(value, *format_of(indicator, period[:4], of_nation, one_year))
        assert row[f"{prefix}printed"].replace("−", "-").lstrip("+") == printed
        assert row[f"{prefix}printed"] in shown[place], (key, printed)
    assert len(found) == len(asked)
    return len(found)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("address", ["default", "deep link"])
def test_numbers_are_those_of_the_published_file_rounded_half_up(sample_home: Home, page: str, address: str) -> None:
    figures = figures_of(sample_home, page, **(deep_link(sample_home, page) if address == "deep link" else {}))
    assert numbers_compared(figures, sample_home) or not any("scope_id" in figure.frame for figure in figures)


def table_in(body: str) -> list[list[str]]:
    """Rows of texts of a table of the page, the heads first."""
    return [
        [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in re.findall(r"<tr>(.*?)</tr>", body)
    ]


def plain(text: str) -> str:
    """A text of a page or a file: with a minus of programs, without the apostrophe that keeps it from running, as one line."""
    return re.sub(r"[\r\n]+", "\n", text.replace("−", "-").removeprefix("'"))


def as_excel_shows(cell: openpyxl.cell.Cell) -> str:
    """A cell as a spreadsheet program prints it: numbers by their format."""
    if cell.data_type != "n" or cell.value is None:
        return plain(cell.value or "")
    look = cell.number_format
    value = Decimal(str(cell.value)) * (100 if look.endswith("%") else 1)
    printed = half_up(value, 1, len(look.split(";")[0].rstrip("%").partition(".")[2]))
    return ("+" if look.startswith("+") and value > 0 else "") + printed + ("%" if look.endswith("%") else "")


def files_compared(figures: list) -> int:
    """How many rows of figures were sought in their CSV and XLSX: the table as shown, every number in full, and the files say what they are."""
    compared = 0
    for figure in figures:
        shown = table_in(figure.table if isinstance(figure.table, str) else blocks.table_html(figure.table, ""))
        content = exports.table_csv(figure.cells, figure.facts, "zh")
        assert content.startswith(b"\xef\xbb\xbf")
        read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert [[plain(cell) for cell in row] for row in read[: len(shown)]] == [[plain(cell) for cell in row] for row in shown]
        about = [cell for row in read[len(shown) :] for cell in row]
        assert about[0] == "结论" and figure.facts.filters in [*about, ""] and about[-1] == "合成样例数据，不是真实统计"
        assert {text for _, text in figure.facts.rows} <= {cell.removeprefix("'") for cell in about}
        book = openpyxl.load_workbook(io.BytesIO(exports.xlsx_bytes(figure.frame, figure.facts, "zh", figure.cells)))
        assert book.sheetnames == ["表", "数据", "说明"]
        for row, cells in zip(shown, book["表"].iter_rows(), strict=False):
            assert [as_excel_shows(cell) for cell in cells[: len(row)]] == [plain(text) for text in row], figure.key
        # Every number in full stands in the second sheet; the file of a whole table has them too.
        read = pd.read_csv(io.BytesIO(exports.csv_bytes(figure.frame, figure.facts)), dtype=str, encoding="utf-8-sig", keep_default_na=False)
        assert set(read["data"]) <= {"合成样例数据，不是真实统计"}
        assert set(read["filters"]) <= {figure.facts.filters}
        sheet = list(book["数据"].iter_rows(values_only=True))
        notes = "\n".join(str(cell) for row in book["说明"].iter_rows(values_only=True) for cell in row)
        assert len(sheet) == len(figure.frame) + 1
        assert figure.facts.filters in notes and figure.facts.answer in notes and "合成样例" in notes
        for name in exports.NUMBERS:
            if name not in figure.frame:
                continue
            values = list(figure.frame[name])
            assert [None if one == "" else Decimal(one) for one in read[name]] == values
            column = sheet[0].index(name)
            for row, value in zip(sheet[1:], values, strict=True):
                assert row[column] is None if value is None else row[column] == pytest.approx(float(value), rel=1e-12)
        compared += len(read)
    return compared


@pytest.mark.parametrize("page", PAGES)
def test_files_hold_what_the_page_shows(sample_home: Home, page: str) -> None:
    assert files_compared(figures_of(sample_home, page, **deep_link(sample_home, page))) > 0


# They say how numbers are shown, or which of those listed.
NO_FILTERS = ("sort", "figure")
# A figure named by its own control; rows of a rule, which is one record's.
CHOSEN_OTHERWISE = (("reconcile", "one"), ("quality", "rejected"))


@pytest.mark.parametrize(("page", "control"), [(page, control) for page in PAGES for control in controls_of(page) if control not in NO_FILTERS])
def test_a_figure_names_the_choices_that_change_it_and_no_other(sample_home: Home, page: str, control: str) -> None:
    """Against the same address without the choice."""
    address = deep_link(sample_home, page)
    if control not in address:
        pytest.skip("the sample has one option")
    before, after = (
        {figure.key: figure for figure in figures_of(sample_home, page, **chosen)}
        for chosen in (address, {name: value for name, value in address.items() if name != control})
    )
    for key in before.keys() & after.keys():
        if (page, key) in CHOSEN_OTHERWISE:
            continue
        one, other = before[key], after[key]
        held = [figure.frame.drop(columns=exports.INTERNAL & set(figure.frame)) for figure in (one, other)]
        changed = one.facts.answer != other.facts.answer or not held[0].equals(held[1])
        assert changed == (control in one.obeys), key
        if control in one.obeys:
            assert one.facts.filters != other.facts.filters, key


PLACES = ("100000", "110000", "320000", "440000", "510000", "650000")
DRAWN = random.Random(20241231)
CHOICES = [
    (
        DRAWN.choice(["overview", "coverage", "employees", "fund", "provinces", "benefits", "away", "profile"]),
        str(DRAWN.randint(2021, 2025)),
        DRAWN.choice(PLACES),
    )
    for _ in range(10)
]


@pytest.mark.parametrize(("page", "year", "region"), CHOICES)
def test_a_choice_at_random_shows_the_same_on_the_page_in_the_files_and_in_observations(sample_home: Home, page: str, year: str, region: str) -> None:
    figures = figures_of(sample_home, page, year=year, region=region)
    assert numbers_compared(figures, sample_home) > 0
    assert files_compared(figures) > 0


# ---------------------------------------------------------------- provinces and overview


def test_the_sentence_counts_17_provinces_with_a_surplus_and_14_with_a_deficit(sample_home: Home) -> None:
    chinese = open_page(sample_home, "provinces", year="2024", scheme="resident")
    assert chinese.header[0].value == "2024年居民医保17个省份当期有结余、14个省份收不抵支（兵团另列）"
    english = open_page(sample_home, "provinces", year="2024", scheme="resident", lang="en")
    assert "17 provinces ran a surplus and 14 a deficit" in english.header[0].value


def test_the_slope_counts_the_provinces_that_changed_sign(sample_home: Home) -> None:
    rate = cell("rate", "fund_surplus_rate", scheme="resident")
    frame = data.pairs(data.snapshot(sample_home), rate, "2023", rate, "2024")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        [(down, up)] = connection.execute(
            """
            select count(*) filter (a.value >= 0 and b.value < 0), count(*) filter (a.value <= 0 and b.value > 0)
            from observations as a inner join observations as b using (indicator, region_code, region_level, period_kind, dims)
            where indicator = 'fund_surplus_rate' and region_level = 'province' and region_code <> '660000' and period_kind = 'year'
                and dims = 'scheme=resident' and a.time_period = '2023' and b.time_period = '2024'
            """
        ).fetchall()
    assert down + up > 0
    assert set(frame["to_deficit"]) == {down} and set(frame["to_surplus"]) == {up}


def test_the_tiles_are_the_published_file_rounded_half_up(published_home: Home) -> None:
    app = open_page(published_home, year="2024")
    assert [metric.value for metric in app.metric] == [
        "132662.07万人", "37948.34万人", "94713.73万人", "34913.37亿元", "29764.03亿元", "4639.16亿元", "40396.32亿元",
    ]  # fmt: skip
    assert "比上年减少726.57万人（−0.5%）" in words(app)


def test_a_year_is_printed_in_the_decimals_of_its_own_edition(published_home: Home) -> None:
    rows = {row[0]: row for row in tables(open_page(published_home, year="2024"))[0]}
    assert rows["年份"][1] == "合计"
    assert rows["2022"][1] == "134592" and rows["2024"][1] == "132662.07"


# ---------------------------------------------------------------- coverage and monthly


def test_members_as_provinces_count_less_duplicates_are_members(sample_home: Home) -> None:
    figure = next(one for one in figures_of(sample_home, "coverage", year="2024") if one.key == "duplicates")
    values = figure.frame.set_index("cell")["value"]
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        [(provinces,)] = connection.execute(
            """
            select sum(value) from observations where indicator = 'members_as_reported' and region_level = 'province' and dims = ''
                and period_kind = 'year' and time_period = '2024'
            """
        ).fetchall()
    assert values["_T-members_as_reported"] == provinces
    for scheme in ("_T", "employee", "resident"):
        reported, twice, once = (values[f"{scheme}-{name}"] for name in ("members_as_reported", "duplicate_members", "members"))
        assert reported > once and reported - twice == once


def test_the_denominator_of_the_coverage_rate_is_the_one_chosen(sample_home: Home) -> None:
    for denom, indicator, name in (("eligible", "coverage_rate", "年全国参保率"), ("residents", "population_coverage_rate", "年全国参保人数占常住人口比重")):
        app = open_page(sample_home, "coverage", year="2024", denom=denom)
        with duckdb.connect(str(sample_home.published), read_only=True) as connection:
            [value] = stored(connection, indicator, "", data.NATION, "2024", "('year')")
        assert f"2024{name}{half_up(value, 1, 1)}%" in words(app)


def test_the_latest_month_with_data_is_the_default(sample_home: Home) -> None:
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        [(latest,)] = connection.execute(
            "select max(time_period) from observations where indicator = 'fund_income' and period_kind = 'month' and region_code = '100000'"
        ).fetchall()
    said = open_page(sample_home, "monthly").header[0].value
    assert said.startswith(f"{latest[:4]}年1—{int(latest[5:])}月统筹基金收入")


@pytest.mark.parametrize(("measure", "broken"), [("benefit_visits", True), ("discharges", False)])
def test_a_year_of_another_definition_is_not_drawn_beside_the_year(sample_home: Home, measure: str, broken: bool) -> None:
    *_, course, months, _ = figures_of(sample_home, "monthly", measure=measure, year="2024")
    assert set(course.frame["year"]) == ({"2024"} if broken else {"2022", "2023", "2024"})
    assert ("不与上年同期比较" in course.facts.answer) is broken
    assert set(months.frame["year"]) == {"2022", "2023", "2024"}
    # A line is interrupted by a point without a value before the first month of the new definition.
    line = months.chart.to_dict()["data"][0]
    assert (line["y"][line["x"].index("2024-01")] is None) is broken


def test_a_balance_with_residents_in_it_never_stands_without_its_note(sample_home: Home) -> None:
    for language in ("zh", "en"):
        note = text.say(language, "monthly.resident_note")
        for scheme, expected in (("_T", True), ("resident", True), ("employee", False)):
            app = open_page(sample_home, "monthly", scheme=scheme, lang=language)
            assert (note in [info.value for info in app.info]) is expected


def test_a_month_without_some_places_is_not_complete(sample_home: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.published.parent.mkdir()
    shutil.copy(sample_home.published, home.published)
    visits, months = cell("visits", "benefit_visits"), tuple(f"2024-{month:02}" for month in range(1, 13))
    with duckdb.connect(str(home.published)) as connection:
        # every seventh place of these months has not delivered
        connection.execute("""
            delete from observations
            where indicator = 'benefit_visits' and period_kind = 'month' and time_period in ('2024-02', '2024-11') and hash(region_code) % 7 = 0
        """)
        found = connection.execute(
            """
            select distinct observations.time_period, regions.parent_code, regions.region_code
            from observations inner join regions using (region_code)
            where indicator = 'benefit_visits' and period_kind = 'month' and time_period like '2024-%' and regions.region_level = 'prefecture'
                and kind in ('prefecture', 'county_as_city', 'direct_city', 'division', 'special_zone') and value is not null
                and dims = ''
            """
        ).df()
    partly = 0
    for province, rows in found.groupby("parent_code"):
        counted = data.reporting(data.snapshot(home), visits, months, province)
        assert dict(zip(counted["time_period"], counted["reported"], strict=True)) == rows.groupby("time_period").size().to_dict()
        assert set(counted["expected"]) == {rows["region_code"].nunique()}
        partly += (counted["reported"] < counted["expected"]).sum()
    assert partly > 0


@pytest.mark.parametrize("lacking", ["2023-11", "2024-11"])
def test_no_growth_is_printed_across_a_month_that_is_not_complete(sample_home: Home, tmp_path: Path, lacking: str) -> None:
    """One province has not delivered its care of a month, of the year shown or of the one before."""
    home = Home(tmp_path)
    home.published.parent.mkdir()
    shutil.copy(sample_home.published, home.published)
    with duckdb.connect(str(home.published)) as connection:
        [(deleted,)] = connection.execute(
            """
            delete from observations
            where indicator = 'benefit_visits' and period_kind = 'month' and time_period = $month and region_code = (
                select min(region_code) from observations
                where indicator = 'benefit_visits' and period_kind = 'month' and time_period = $month and region_level = 'province'
            )
            """,
            {"month": lacking},
        ).fetchall()
    assert deleted > 0
    heads, growths = ("1—{}月累计同比（%）", "{}月同比（%）"), {}
    for month in ("10", "11", "12"):
        course, months, indicators = figures_of(home, "monthly", measure="discharges", year="2024", period=month)
        table = indicators.table.set_index("指标")
        growths[month] = [table.loc["出院人次", head.format(month)] != "…" for head in heads]
        for figure, known in zip((course, months), growths[month], strict=True):
            assert ("同比增长" in figure.facts.answer or "同比下降" in figure.facts.answer) is known
            assert ("有月份不完整" in figure.facts.answer) is not known
        assert all(re.fullmatch(r"[+−]\d+\.\d", table.loc["统筹基金收入", head.format(month)]) for head in heads)
    assert growths == {"10": [True, True], "11": [False, False], "12": [False, True]}


def test_a_growth_left_out_names_its_reason(sample_home: Home) -> None:
    """In May and June 2023 a province has not delivered its ledger; in 2024 visits are counted in another way."""
    for measure, period, reason in (("fund_income", "05", "monthly.not_complete"), ("benefit_visits", "05", "monthly.not_compared")):
        [months] = [one for one in figures_of(sample_home, "monthly", measure=measure, year="2024", period=period) if one.key == "months"]
        assert months.facts.answer.endswith(text.say("zh", reason))


# ---------------------------------------------------------------- reconcile and quality


def listed(figures: list[Figure], key: str) -> pd.DataFrame:
    """The printed table of a figure of the page."""
    return next(figure.table for figure in figures if figure.key == key)


def test_the_reconciliation_counts_every_figure_of_the_vintage(sample_home: Home) -> None:
    app = open_page(sample_home, "reconcile", year="2024", vintage="bulletin")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        counts = dict(connection.execute("select status, count(*) from reconciliation where year = 2024 and vintage = 'bulletin' group by 1").fetchall())
    named = {"pass": "一致", "explained": "不一致但有说明", "definition differs": "口径不同", "not rebuilt": "未重建", "differs": "不一致且无说明"}
    in_order = ("pass", "explained", "definition differs", "differs", "not rebuilt")
    said = "、".join(f"{counts[status]}个{named[status]}" for status in in_order if status in counts)
    assert app.header[0].value == f"2024年公报公布的{sum(counts.values())}个数字：{said}"
    assert sum(counts.values()) > counts["pass"] > 0


def test_a_figure_is_printed_as_published_with_the_difference_of_the_table(sample_home: Home) -> None:
    figures = figures_of(sample_home, "reconcile", year="2023", vintage="flash")
    table = listed(figures, "figures")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        rows = connection.execute(
            "select label_zh, printed_value, rebuilt_value, difference, decimals from reconciliation where year = 2023 and vintage = 'flash'"
        ).fetchall()
    expected = sorted(
        (label, printed, "—" if value is None else half_up(value, 1, decimals), "—" if value is None else half_up(difference, 1, decimals + 2))
        for label, printed, value, difference, decimals in rows
    )
    shown = zip(table["指标"], table["公布值"], table["重建值"], (text.replace("−", "-").lstrip("+") for text in table["差额"]), strict=True)
    assert sorted(shown) == expected
    assert any(row[3] not in ("—",) and Decimal(row[3]) != 0 for row in expected)


def test_the_copies_of_a_figure_stand_together(sample_home: Home) -> None:
    address = {"year": "2023", "vintage": "flash", "figure": "2023-flash-employee-fund_income-pooled"}
    table = listed(figures_of(sample_home, "reconcile", **address), "one").set_index("版次")
    assert dict(table.loc["公布值"]) == {"公报": "16580.30", "快报": "16636.07"}
    assert set(table.loc["图号"]) == {"2023-bulletin-employee-fund_income-pooled", address["figure"]}


def test_a_vintage_that_printed_a_figure_twice_has_a_column_for_each(sample_home: Home) -> None:
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        printed = dict(
            connection.execute(
                "select figure_id, printed_value from reconciliation where starts_with(figure_id, '2024-bulletin-employee-members-in_service')"
            ).fetchall()
        )
    address = {"year": "2024", "vintage": "bulletin", "figure": "2024-bulletin-employee-members-in_service"}
    table = listed(figures_of(sample_home, "reconcile", **address), "one").set_index("版次")
    assert len(printed) == 2 and printed == {code: value for code, value in zip(table.loc["图号"], table.loc["公布值"], strict=True) if code in printed}


def test_a_batch_shows_its_own_rows_and_the_command_for_its_workbook(sample_home: Home) -> None:
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        batch, record, *rows = connection.execute(
            """
            select batch_id, record, rows_delivered, rows_accepted, rows_rejected, rows_unreadable from batches
            where rows_rejected > 0 order by rows_rejected desc, batch_id limit 1
            """
        ).fetchone()
        rejected = connection.execute("select row_no from rejected_rows where batch_id = ? order by 1", [batch]).fetchall()
    address = {"record": record, "batch": batch}
    figures = figures_of(sample_home, "quality", **address)
    assert list(listed(figures, "rows").iloc[0])[1:] == [str(count) for count in rows]
    assert list(listed(figures, "rejected")["行号"]) == [str(row) for (row,) in rejected]
    app = open_page(sample_home, "quality", **address)
    assert [code.value for code in app.code] == [f"gongbao rejects --batch {shlex.quote(batch)} --xlsx {shlex.quote(batch + '.xlsx')}"]
    unknown = open_page(sample_home, "quality", batch="<b>")
    assert any("批次" in warning.value and "全部批次" in warning.value for warning in unknown.warning)


def test_control_totals_stand_in_words_and_their_differences_in_full(sample_home: Home) -> None:
    table = listed(figures_of(sample_home, "quality"), "control-totals")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        rows = connection.execute("select batch_id, measure, expected, difference from control_totals").fetchall()
    expected = sorted(
        (batch, half_up(value, 1, 0), half_up(difference, 1, 0)) if measure == "rows" else (batch, half_up(value, 10**8, 4), half_up(difference, 1, 2))
        for batch, measure, value, difference in rows
    )
    shown = zip(table["批次"], table["应有"], (text.replace("−", "-").lstrip("+") for text in table["差额（行；元）"]), strict=True)
    assert sorted(shown) == expected and {measure for _, measure, *_ in rows} > {"rows"}
    assert all(CJK.search(measure) for measure in table["控制项"])


def test_a_month_of_the_ledger_is_missing_where_a_book_that_goes_on_has_no_row(sample_home: Home) -> None:
    """Read from the lake's files, without the models: accepted rows that are no budget, by book (region, scheme, part)."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sample_home.published}' as published (read_only)")
        lacking = connection.execute(
            f"""
            with months as (
                select distinct lake.pool_region, lake.scheme, lake.part, cast(left(lake.ym, 4) as int) * 12 + cast(right(lake.ym, 2) as int) - 1 as month_no
                from read_parquet('{sample_home.root}/lake/fund_ledger/*/rows.parquet') as lake
                anti join published.rejected_rows as rejected on lake.src_batch_id = rejected.batch_id and lake.src_row_no = rejected.row_no
                where lake.version <> 'budget'
            ), books as (
                select pool_region, scheme, part, unnest(range(first, last + 1)) as month_no
                from (select pool_region, scheme, part, min(month_no) as first, max(month_no) as last from months group by all)
            )
            select distinct left(pool_region, 2) || '0000', (month_no // 12) || '-' || lpad(cast(month_no % 12 + 1 as varchar), 2, '0')
            from books anti join months using (pool_region, scheme, part, month_no)
            """
        ).fetchall()
    assert lacking == [("610000", "2023-05")]  # never came; one book of the province has it
    frame = data.delivered_months(data.snapshot(sample_home), "fund_ledger", "2023")
    assert len(frame) == 32 * 12
    missing = frame[frame["is_missing"]]
    assert list(missing[["region_code", "time_period", "gaps", "whole"]].itertuples(index=False, name=None)) == [("610000", "2023-05", 1, 31)]
    app = open_page(sample_home, "quality", record="fund_ledger", year="2023")
    assert any(header.value.startswith("2023年32个地区中，31个地区12个月都有") and "陕西" in header.value for header in app.header)


def test_a_month_without_benefits_assessments_or_entries_of_a_register_is_no_missing_delivery(sample_home: Home) -> None:
    here = data.snapshot(sample_home)
    silent = 0
    for record in ("benefit_payment", "person_register", "register_entry"):
        assert record in data.records(here) and record not in data.monthly_records(here)
        for year in data.delivered_years(here):
            frame = data.delivered_months(here, record, year)
            silent += int((frame["entries"] == 0).sum())
            assert not frame["is_missing"].any()
    assert silent > 500
    assert [int(data.delivered_months(here, "all", year)["gaps"].iloc[0]) for year in ("2023", "2025")] == [1, 0]
    app = open_page(sample_home, "quality", record="person_register", year="2025")
    assert any("没有记录的月份不算缺" in header.value for header in app.header)


# ---------------------------------------------------------------- fund, benefits, away


def test_the_statement_of_the_fund_goes_from_opening_to_closing(sample_home: Home) -> None:
    [statement] = [one for one in figures_of(sample_home, "fund", year="2024", region="510100") if one.key == "statement"]
    for column, rows in statement.frame.groupby("column"):
        value = rows.set_index(rows["cell"].str.split(".").str[0])["value"]
        assert value["current"] == value["income"] - value["expenditure"], column
        assert value["closing"] == value["opening"] + value["current"] + value["transfers"] + value["adjustment"], column
    assert set(statement.frame.loc[statement.frame["time_period"] == "2023", "cell"].str.split(".").str[0]) == {"opening"}


def test_payment_ratios_are_shown_for_every_year_that_has_them_and_the_one_that_changed_is_interrupted(sample_home: Home) -> None:
    """Also beyond the year in which the bulletin went over from one to the other: only so can a ratio be followed across it."""
    ratios = {"政策范围内住院费用基金支付比例": "inpatient_policy_payment_ratio", "住院费用目录内基金支付比例": "inpatient_catalog_payment_ratio"}
    [figure] = [one for one in figures_of(sample_home, "benefits", year="2024") if one.key == "ratio"]
    table = figure.table.set_index("年份")
    assert list(table.index) == ["2020", "2021", "2022", "2023", "2024"]
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        for name, indicator in ratios.items():
            for year, printed in table[name].items():
                [value] = stored(connection, indicator, "", data.NATION, year, "('year')")
                assert printed == half_up(value, 1, 1), (name, year)
    assert len(figure.chart.layout.shapes) == 1
    stopped = {line["name"]: None in line["y"] for line in figure.chart.to_dict()["data"]}
    labels = figure.frame.drop_duplicates("indicator").set_index("indicator")["label_zh"]
    assert [name for name, stops in stopped.items() if stops] == [labels["inpatient_policy_payment_ratio"]]


def test_a_pair_takes_the_ratio_that_was_printed_before_the_change(sample_home: Home) -> None:
    for year, indicator in (("2021", "inpatient_policy_payment_ratio"), ("2022", "inpatient_catalog_payment_ratio")):
        [figure] = [one for one in figures_of(sample_home, "benefits", year=year) if one.key == "level"]
        assert set(figure.frame["indicator"]) == {indicator, "actual_payment_ratio"}


def test_a_statement_shows_what_its_table_prints(sample_home: Home) -> None:
    [figure] = [one for one in figures_of(sample_home, "maternity", region="510000") if one.key.startswith("statement")]
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        rows = connection.execute(
            "select * exclude (region_code, region_level) from bulletin_maternity where region_code = '510000' order by year desc"
        ).fetchall()
    shown = [[None if text in ("…", "—") else Decimal(text.replace("−", "-")) for text in row] for row in figure.table.itertuples(index=False)]
    assert shown == [[None if value is None else Decimal(value) for value in row] for row in rows] != []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_two_numbers_of_visits_across_provinces_stand_side_by_side_with_the_reason(sample_home: Home, language: str) -> None:
    """What the first sentence counts, and what the columns of care away from home count."""
    seen = look(sample_home, "away", year="2024", lang=language)
    figures = {figure.key: figure for figure in seen.figures}
    cleared = figures["ranking"].frame.set_index("place").loc["nation", "printed"]
    visits = figures["away-visits"].frame
    [settled] = visits.loc[(visits["cell"] == "cross_province") & (visits["time_period"] == "2024"), "printed"]
    assert cleared in figures["ranking"].facts.answer and settled in figures["away-visits"].facts.answer and cleared != settled
    sources = {"zh": ("清算记录", "结算记录", "不能相加"), "en": ("clearing records", "settlement records", "neither added")}[language]
    assert [info for info in seen.app.info if all(word in info.value for word in (cleared, settled, *sources))]


def test_flows_between_provinces_are_ranked_and_are_those_of_the_file(sample_home: Home) -> None:
    frame = data.flows(data.snapshot(sample_home), cell("visits", "direct_settlement_visits", side="treatment"), "2024")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        stored = connection.execute(
            """
            select region_code, dims[20:25], value from observations
            where indicator = 'direct_settlement_visits' and dims like 'counterpart_region=%;side=treatment' and time_period = '2024'
                and period_kind = 'year' and region_level = 'province'
            order by value desc
            """
        ).fetchall()
    pairs = frame[frame["rank"].notna()]
    assert len(stored) > 100
    assert set(zip(pairs["region_code"], pairs["counterpart_region"], pairs["value"], strict=True)) == set(stored)
    assert tuple(pairs.loc[pairs["rank"] == 1, "value"])[0] == stored[0][2]
    most = max(value for region, _, value in stored if region == "510000")
    assert set(pairs.loc[(pairs["region_code"] == "510000") & (pairs["rank_within"] == 1), "value"]) == {most}


# ---------------------------------------------------------------- reading


def test_a_cell_has_a_row_for_every_region_and_period_asked(sample_home: Home) -> None:
    cells = (cell("a", "members"), cell("b", "members", scheme="employee", member_status="retired"))
    frame = data.figures(data.snapshot(sample_home), cells, ("510000", "999999", "100000"), ("2024", "1990"))
    keys = list(zip(frame["cell"], frame["region_code"], frame["time_period"], strict=True))
    assert keys == [(cell, region, year) for cell in "ab" for region in ("510000", "999999", "100000") for year in ("2024", "1990")]
    assert [value is None for value in frame["value"]] == [False, True, True, True, False, True] * 2
    assert set(frame.loc[frame["value"].isna(), "status"]) == {"missing"}


def test_a_ranking_counts_its_regions_and_leaves_the_corps_apart(sample_home: Home) -> None:
    frame = data.ranking(data.snapshot(sample_home), cell("rate", "fund_surplus_rate", scheme="resident"), "2024")
    assert list(frame["place"]) == ["province"] * 31 + ["corps", "nation"]
    assert list(frame["rank"])[:31] == sorted(frame["rank"][:31]) and frame["rank"][31:].isna().all()
    first = frame.iloc[0]
    assert first["surplus"] + first["deficit"] + first["even"] + first["missing"] == first["listed"] == 31
    nation = frame["value"].iloc[-1]
    assert first["above"] == sum(value > nation for value in frame["value"][:31])


def test_a_ratio_has_the_breaks_of_its_parts(sample_home: Home) -> None:
    snapshot = data.snapshot(sample_home)
    whole = data.breaks(snapshot, (cell("cost", "per_visit_cost"),), "2020", "2025")
    assert list(whole["break_id"]) == ["2024-benefit_visits"]
    part = data.breaks(snapshot, (cell("cost", "per_visit_cost", care_type="inpatient"),), "2020", "2025")
    assert len(part) == 0


# ---------------------------------------------------------------- the file


def test_a_missing_published_file_says_what_to_do(tmp_path: Path) -> None:
    for language, command in (("zh", "gongbao build"), ("en", "gongbao ingest")):
        assert command in words(open_page(Home(tmp_path / "data"), lang=language))


def test_a_damaged_published_file_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.published.parent.mkdir(parents=True)
    home.published.write_bytes(b"not a database")
    assert "发布文件不完整" in words(open_page(home))


def test_a_file_swapped_in_is_shown_at_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "data")
    monkeypatch.setenv("GONGBAO_HOME", str(home.root))
    build_warehouse(home, release="first")
    publish(home, write_manifest(home.root))
    app = open_page(home)
    assert "first" in words(app)
    build_warehouse(home, release="second", sample=False)
    publish(home, write_manifest(home.root))
    app.run()
    assert "second" in words(app) and "first" not in words(app) and "合成样例" not in words(app)


def test_a_query_on_a_file_that_was_replaced_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    build_warehouse(home)
    publish(home, write_manifest(home.root))
    before = data.snapshot(home)
    publish(home, write_manifest(home.root))
    with pytest.raises(data.Swapped):
        data.query(before, "select 1")


def test_a_run_that_has_begun_goes_on_reading_its_file(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    build_warehouse(home, release="first")
    publish(home, write_manifest(home.root))
    before = data.snapshot(home)
    data.query(before, "select 1")
    build_warehouse(home, release="second")
    publish(home, write_manifest(home.root))
    asked = "select batches_digest from release_info"
    assert data.query(before, asked).iloc[0, 0] == "first"
    assert data.query(data.snapshot(home), asked).iloc[0, 0] == "second"


# ---------------------------------------------------------------- words, numbers, charts


def test_every_message_has_both_languages_with_the_same_placeholders() -> None:
    def placeholders(message: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(message) if name}

    assert [key for key, message in text.MESSAGES.items() if set(message) != {"zh", "en"} or not all(message.values())] == []
    # Where the unit stands is a matter of language: a Chinese tile has it after the number, an English one in the label.
    unequal = [key for key, message in text.MESSAGES.items() if placeholders(message["zh"]) - {"unit"} != placeholders(message["en"]) - {"unit"}]
    assert unequal == []


def test_every_message_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "dashboard").rglob("*.py"))
    built = tuple(re.findall(r'f?"([a-z_]+(?:\.[a-z_]+)*[._])\{', code))
    assert [key for key in text.MESSAGES if f'"{key}"' not in code and not key.startswith(built)] == []


def test_the_messages_of_a_page_stand_in_its_file() -> None:
    for file in text.FOLDER.glob("*.toml"):
        if file.stem != "common":
            keys = re.findall(r"^\[(.*)\]$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert keys and [key for key in keys if not key.startswith(f"{file.stem}.")] == []


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "printed"),
    [
        ("2.675", 1, 2, "2.68"),
        ("-2.675", 1, 2, "−2.68"),
        ("1326620750", 10000, 2, "132662.08"),
        ("3491337000000", 100000000, 2, "34913.37"),
        ("800000000", 100000000, 2, "8.00"),
        ("-0.004", 1, 2, "0.00"),
    ],
)
def test_numbers_are_printed_half_up_without_grouping(value: str, scale: int, decimals: int, printed: str) -> None:
    assert text.number(Decimal(value), scale, decimals) == printed


def test_a_sign_is_printed_where_it_matters() -> None:
    assert [text.number(Decimal(value), 1, 1, signed=True) for value in ("0.04", "4.6", "-3.25")] == ["0.0", "+4.6", "−3.3"]
    assert text.number(None, status="suppressed") == "c" and text.number(None) == "…"


@pytest.mark.parametrize("page", PAGES)
def test_charts_do_not_trap_the_finger(sample_home: Home, page: str) -> None:
    for figure in figures_of(sample_home, page):
        if isinstance(figure.chart, go.Figure):
            layout = figure.chart.to_dict()["layout"]
            axes = [value for name, value in layout.items() if name.startswith(("xaxis", "yaxis"))]
            assert layout["dragmode"] is False and axes and all(axis["fixedrange"] for axis in axes), figure.key
    assert not charts.CONFIG["displayModeBar"] and not charts.CONFIG["scrollZoom"]


def test_colours_stand_off_their_background() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name, (on_light, on_dark) in [*charts.COLOURS.items(), *enumerate(charts.IN_ORDER)]:
        assert 1.05 / (light(on_light) + 0.05) >= 3, name
        assert (light(on_dark) + 0.05) / (light("#1A1A18") + 0.05) >= 3, name


def test_a_thing_that_nobody_gave_a_colour_has_one_of_the_palette_and_always_the_same() -> None:
    palette = {pair[0] for pair in charts.IN_ORDER}
    names = ("hospice", "新方式", "service_7", "٣")
    assert {charts.colour(name) for name in names} <= palette and charts.colour("hospice") == charts.colour("hospice")
    frame = pd.DataFrame({"cell": "hospice", "time_period": ["2023", "2024"], "plotted": [1.0, 2.0], "printed": ["1", "2"]})
    assert charts.lines(frame, {"hospice": "x"}, "人").to_dict()["data"][0]["line"]["color"] == charts.colour("hospice")


def test_a_line_stops_at_a_break_and_at_a_gap() -> None:
    frame = pd.DataFrame({"cell": "a", "time_period": ["2021", "2022", "2023", "2024"], "plotted": [1.0, None, 3.0, 4.0], "printed": ["1", "…", "3", "4"]})
    figure = charts.lines(frame.assign(cell="total"), {"total": "x"}, "%", breaks=["2024"]).to_dict()
    assert figure["data"][0]["y"] == [1.0, None, 3.0, None, 4.0] and figure["data"][0]["connectgaps"] is False
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [2.5]


def test_a_part_without_a_value_is_named_below_the_columns_and_stands_on_no_other_part() -> None:
    frame = pd.DataFrame(
        [
            ("a", "2023", 1.0, "1"),
            ("a", "2024", 2.0, "2"),
            ("b", "2023", None, "…"),
            ("b", "2024", 3.0, "3"),
            ("a", "2022", None, "…"),
            ("b", "2022", None, "…"),
        ],
        columns=["cell", "time_period", "plotted", "printed"],
    ).replace({"cell": {"a": "employee", "b": "resident"}})
    names, shades = {"employee": "E", "resident": "R"}, {"employee": "0", "resident": "1"}
    for figure in (charts.stacked_columns(frame, names, None, "%", colours=shades), charts.paired_columns(frame, names, "%", colours=shades)):
        marks = [trace for trace in figure.to_dict()["data"] if trace["type"] == "scatter"]
        assert [trace["x"] for trace in marks] == [["2022"]]
        assert figure.to_dict()["layout"]["xaxis"]["title"]["text"] == "… R 2023"


def test_end_labels_of_lines_lie_apart_and_inside_the_axis_which_ends_at_the_whole() -> None:
    frame = pd.DataFrame(
        [(cell, year, value, f"{value}") for cell in ("employee", "resident", "total") for year, value in (("2023", 40.0), ("2024", 100.0))],
        columns=["cell", "time_period", "plotted", "printed"],
    )
    layout = charts.lines(frame, {"employee": "E", "resident": "R", "total": "T"}, "%", colours={"employee": "0", "resident": "1"}).to_dict()["layout"]
    places = [note["y"] for note in layout["annotations"] if note["text"] == "100.0"]
    assert len(places) == 3 and max(places) <= layout["yaxis"]["range"][1] == 100
    gap = (layout["yaxis"]["range"][1] - layout["yaxis"]["range"][0]) / layout["height"] * 12
    assert all(upper - lower > gap for lower, upper in zip(sorted(places), sorted(places)[1:], strict=False))


def test_labels_of_a_slope_are_tied_to_their_points() -> None:
    values = [(f"地{index}", 1.0 + index / 10, -1.0 - index / 10) for index in range(16)]
    frame = pd.DataFrame(values, columns=["name", "first_plotted", "second_plotted"]).assign(group="deficit")
    for column in ("first", "second"):
        frame[f"{column}_printed"] = frame[f"{column}_plotted"].map("{:.1f}".format)
    frame.loc[len(frame)] = ["远", 1.0, 14.0, None, "1.0", "14.0"]
    figure = charts.slope(frame, "2023", "2024", {"deficit": "D"}, "O").to_dict()
    ties = [tie for trace in figure["data"] for tie in zip(itertools.pairwise(trace["x"]), itertools.pairwise(trace["y"]), strict=True)]
    labels = [note for note in figure["layout"]["annotations"] if "地" in note["text"]]
    assert len(labels) == 32
    height, (low, high) = figure["layout"]["height"], figure["layout"]["yaxis"]["range"]
    for note in labels:
        name = note["text"].replace("地", "").split()
        row = frame[frame["name"] == next(f"地{part}" for part in name if part.isdigit())].iloc[0]
        end, value = (0, row["first_plotted"]) if note["xanchor"] == "right" else (1, row["second_plotted"])
        assert ((end, note["x"]), (value, note["y"])) in ties, note["text"]
        assert abs(note["y"] - value) / (high - low) * height < 100, note["text"]


def test_files_have_a_minus_that_programs_read() -> None:
    frame = pd.DataFrame({"value": [Decimal("-1.50")], "printed": [text.number(Decimal("-1.50"), 1, 1)]})
    assert frame["printed"][0] == "−1.5"
    assert pd.read_csv(io.BytesIO(exports.csv_bytes(frame, exports.Facts("", "", [], "", ""))))[["value", "printed"]].to_numpy().tolist() == [[-1.5, -1.5]]


def test_labels_are_pushed_apart_and_keep_their_order() -> None:
    places = charts.pushed_apart([0.0, 0.1, 0.2, 5.0], 1.0)
    assert places == pytest.approx([-0.9, 0.1, 1.1, 5.0])


# ---------------------------------------------------------------- profile, indicators, downloads


def test_visits_below_the_nation_are_printed_in_a_unit_that_shows_them(sample_home: Home) -> None:
    for region, unit, decimals in (("100000", "亿人次 亿元", {0, 1, 2}), ("510000", "万人次 亿元", {2}), ("510100", "万人次 亿元", {2})):
        figures = {figure.key: figure for figure in figures_of(sample_home, "benefits", year="2024", region=region)}
        frame = pd.concat([figures["benefit-visits"].frame, figures["medical-cost"].frame])
        assert " ".join(sorted(set(frame["print_unit_zh"]))) == unit
        assert set(frame["print_decimals"]) <= decimals
        notes = [note for _, note in figures["benefit-visits"].facts.rows]
        assert (text.say("zh", "figure.decimals") in notes) is (region == data.NATION)
        assert text.say("zh", "figure.rounding") in notes


@pytest.mark.parametrize(("values", "expected"), [
    (["30.1", "12.0"], ("A（30.1%）", "B（12.0%）")),
    (["30.1", "12.0", "12.0"], ("A（30.1%）", "B和C（均为12.0%）")),
    (["30.1", "12.0", "12.0", "12.0", "12.0"], ("A（30.1%）", "B、C、D等4地（均为12.0%）")),
])  # fmt: skip
def test_regions_with_one_value_are_named_together(published_home: Home, values: list[str], expected: tuple[str, str]) -> None:
    here = blocks.Context("zh", data.snapshot(published_home), data.release(data.snapshot(published_home)), False, notices=None)
    assert blocks.extremes(here, pd.DataFrame({"name": list("ABCDE")[: len(values)], "printed": values}), "%") == expected


def test_a_place_that_only_holds_a_fund_has_no_rank(sample_home: Home) -> None:
    income, snapshot = cell("income", "fund_income"), data.snapshot(sample_home)
    frame = data.ranking(snapshot, income, "2024", "510000").set_index("region_code")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        kinds = dict(connection.execute("select region_code, kind from regions where parent_code = '510000'").fetchall())
    ranked = frame[frame["rank"].notna()]
    assert set(frame.index[frame["place"] == "apart"]) == {code for code, kind in kinds.items() if kind == "level_own"} != set()
    assert len(ranked) == list(kinds.values()).count("prefecture") and {kinds[code] for code in ranked.index} == {"prefecture"}
    standing = data.standing(snapshot, (income,), "510100", "510000", "2024").iloc[0]
    assert (standing["rank"], standing["ranked"]) == (ranked.loc["510100", "rank"], len(ranked))


def test_a_rank_counts_the_larger_values_among_the_regions_beside(sample_home: Home) -> None:
    figures = {figure.key: figure for figure in figures_of(sample_home, "profile", region="510000", year="2024")}
    own = figures["all"].frame[figures["all"].frame["region_code"] == "510000"].set_index("cell")
    asked = ("coverage_rate", "fund_surplus_rate;scheme=resident", "direct_settlement_rate;side=insured")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        provinces = [
            code for (code,) in connection.execute("select region_code from regions where parent_code = '100000' and region_code <> '660000'").fetchall()
        ]
        for key in asked:
            values = {code: found[0] for code in provinces if (found := stored(connection, *cell_of(key), code, "2024", "('year')"))}
            larger = [value for value in values.values() if value > values["510000"]]
            assert (own.loc[key, "rank"], own.loc[key, "ranked"]) == (len(larger) + 1, len(values)), key


def test_the_review_list_of_a_system_stands_on_the_page_of_data_quality(sample_home: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.published.parent.mkdir()
    shutil.copy(sample_home.published, home.published)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("delete from review_ltc_payments")
        connection.execute("insert into review_ltc_payments values (2024, '371400', 100, 94.99, -5.01, -5.0), (2025, '440300', 0, 7, 7, null)")
    chinese, english = ({one.key: one for one in figures_of(home, "quality", lang=language)}["review-ltc-payments"] for language in ("zh", "en"))
    assert list(chinese.table.columns) == ["地区", "年份", "地区代码", "基金账待遇支出", "所属月待遇支付", "差额", "差额占比"]
    assert [list(row) for row in chinese.table.itertuples(index=False)] == [
        ["德州", "2024", "371400", "100.00", "94.99", "-5.01", "-5.0"], ["深圳", "2025", "440300", "0.00", "7.00", "7.00", text.MARKS["not_applicable"]],
    ]  # fmt: skip
    assert chinese.facts.answer == "长期护理待遇支付核查清单：2行需要看一看" and english.facts.answer == "review ltc payments: 2 rows to be looked at"
    assert list(english.table.columns)[1:3] == ["year", "region code"]


def test_a_place_of_which_only_one_system_was_delivered_has_its_numbers_in_its_profile(sample_home: Home, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.published.parent.mkdir()
    shutil.copy(sample_home.published, home.published)
    with duckdb.connect(str(home.published)) as connection:
        (place,) = connection.execute(
            "select min(region_code) from observations where indicator = 'ltci_members' and region_level = 'prefecture' and time_period = '2024' and value > 0"
        ).fetchone()
        connection.execute("delete from observations where region_code = ? and dataflow not like 'ltc%'", [place])
    app = open_page(home, "profile", region=place, year="2024")
    assert "2024" in app.title[0].value
    (everything,) = (figure for figure in figures_of(home, "profile", region=place, year="2024") if figure.key == "all")
    own = everything.frame[(everything.frame["region_code"] == place) & everything.frame["value"].notna()]
    assert "ltci_members" in set(own["indicator"]) and all(name.startswith("ltci_") for name in own["indicator"])


def test_the_profile_counts_the_rates_above_and_below_the_nation(sample_home: Home) -> None:
    figures = {figure.key: figure for figure in figures_of(sample_home, "profile", region="510000", year="2024")}
    frame = figures["panels"].frame
    now = frame[frame["time_period"] == "2024"].pivot(index="cell", columns="region_code", values="value")
    above, below = (now["510000"] > now["100000"]).sum(), (now["510000"] < now["100000"]).sum()
    assert len(now) == 8
    assert figures["panels"].facts.answer == f"2024年四川的8项指标中，{above}项高于全国，{below}项低于全国"


def test_the_query_of_every_indicator_gives_its_observations(sample_home: Home) -> None:
    frame = data.indicators(data.snapshot(sample_home))
    compared = set()
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        for row in frame.to_dict("records"):
            given = {str(year): value for year, value in connection.execute(row["yearly_sql"]).fetchall()}
            for year in given:
                for value in stored(connection, row["indicator"], row["dims"], data.NATION, year, "('year')"):
                    assert float(given[year]) == pytest.approx(float(value), rel=1e-9, abs=1e-6), (row["indicator"], year)
                    compared.add(row["indicator"])
    assert compared == set(frame["indicator"]) - OF_PLACES_ONLY


@pytest.mark.parametrize(
    ("words", "indicator"),
    [("fund_surplus", "fund_surplus_rate"), ("结余率", "fund_surplus_rate"), ("Surplus RATE", "fund_surplus_rate"), ("出院 床日", "avg_length_of_stay")],
)
def test_the_search_finds_indicators_by_code_name_and_definition(sample_home: Home, words: str, indicator: str) -> None:
    [found] = [figure.frame["indicator"] for figure in figures_of(sample_home, "indicators", q=words) if figure.key == "list"]
    assert indicator in set(found) and len(found) < 5


def test_a_search_without_result_says_so(sample_home: Home) -> None:
    app = open_page(sample_home, "indicators", q="nothing has this")
    assert any("nothing has this" in info.value for info in app.info)


def test_downloads_name_every_table_in_words_and_with_its_hash(sample_home: Home) -> None:
    figures = {figure.key: figure for figure in figures_of(sample_home, "downloads", table="bulletin_overview")}
    frame = figures["files"].frame.set_index("table")
    folder = sample_home.published.parent
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        rows = {
            name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
    assert dict(frame["rows"].drop("gongbao.duckdb")) == rows
    for name, row in frame.iterrows():
        content = (folder / row["file"]).read_bytes()
        assert (row["bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest()), name
        assert CJK.search(row["description"]), name


def test_hashes_are_shown_as_soon_as_the_release_names_them(tmp_path: Path) -> None:
    """A page may be read between the rename of the file and that of release.json."""
    home = Home(tmp_path / "data")
    build_warehouse(home)
    publish(home, write_manifest(home.root))
    said = home.published.parent / "release.json"
    text_of_release = said.read_text(encoding="utf-8")
    said.unlink()
    assert data.tables(data.snapshot(home))["sha256"].isna().all()
    said.write_text(text_of_release, encoding="utf-8")
    assert data.tables(data.snapshot(home))["sha256"].notna().all()


def test_a_bulletin_table_is_downloaded_as_it_stands_in_the_file(sample_home: Home) -> None:
    snapshot = data.snapshot(sample_home)
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        for name in ("bulletin_employee_fund", "表_职工医保基金收支"):
            wanted = connection.execute(f'select * from "{name}" order by all')
            assert list(data.content(snapshot, name).columns) == [column[0] for column in wanted.description]
            assert data.content(snapshot, name).to_numpy().tolist() == [list(row) for row in wanted.fetchall()]
