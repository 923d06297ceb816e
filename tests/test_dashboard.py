"""The pages without a browser: both languages, deep links, bad addresses, missing files, numbers equal to the published file.

The tests of pages run over `app.PAGES` on the sample country; a page is covered by its line there and one in `DEEP_LINKS`.
"""

from __future__ import annotations

import html
import io
import re
import string
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pytest
from published_fixture import PROJECT, build_warehouse, published_home, write_manifest  # noqa: F401
from streamlit.testing.v1 import AppTest

from dashboard import blocks, charts, data, exports, text
from dashboard.app import PAGES
from dashboard.data import Cell
from gongbao.paths import Home
from gongbao.publish import publish

# A page -> an address with every control of the page at another value than its default.
DEEP_LINKS: dict[str, dict[str, str]] = {
    "overview": {"year": "2023", "region": "510000"},
    "provinces": {"year": "2024", "scheme": "employee", "sort": "region", "base": "2022", "region": "320000"},
}
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


def open_page(home: Home, monkeypatch: pytest.MonkeyPatch, page: str = "overview", **parameters: str) -> AppTest:
    """The page after one run, as a reader with that address sees it."""
    monkeypatch.setenv("GONGBAO_HOME", str(home.root))
    app = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(PAGES[page].file).run()
    assert [error.value for error in app.exception] == []
    return app


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


def words(app: AppTest) -> str:
    """All the text of a page."""
    kinds = ("title", "header", "subheader", "caption", "markdown", "warning", "info", "error")
    parts = [element.value for kind in kinds for element in app.get(kind)]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    parts += [html.unescape(re.sub(r"<[^>]*>", " ", body)) for body in bodies(app)]
    return "\n".join(map(str, parts))


# ---------------------------------------------------------------- every page


def test_every_page_has_a_deep_link() -> None:
    assert DEEP_LINKS.keys() == PAGES.keys()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", ["default", "deep link", "empty region", "print"])
def test_page_opens(
    sample_home: Home, empty_region: str, monkeypatch: pytest.MonkeyPatch, page: str, language: str, address: str
) -> None:
    parameters = {"default": {}, "deep link": DEEP_LINKS[page], "empty region": {"region": empty_region}, "print": DEEP_LINKS[page] | {"print": "1"}}
    app = open_page(sample_home, monkeypatch, page, lang=language, **parameters[address])
    said = words(app)
    assert len(app.title) == 1
    assert tables(app) or app.info
    assert not re.search(r"\b(nan|None|inf|NaT|Traceback)\b", said)
    assert text.say(language, "sample") in said
    if language == "en":
        assert not CJK.search(said)
    if address != "empty region":
        assert not [warning.value for warning in app.warning if warning.value != text.say(language, "sample")]
        assert not [control for control in (*app.selectbox, *app.text_input) if address == "print"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_address_gives_the_default_and_a_notice(
    sample_home: Home, monkeypatch: pytest.MonkeyPatch, page: str, language: str
) -> None:
    bad = dict.fromkeys(DEEP_LINKS[page], "<b>1999") | {"zzz": "1", "<script>": "x"}
    bad.pop("q", None)
    app = open_page(sample_home, monkeypatch, page, lang=language, **bad)
    notices = [warning.value for warning in app.warning]
    for name in DEEP_LINKS[page].keys() - {"q"}:
        said = text.say(language, "notice.value", name=text.say(language, f"control.{name}"), default="…")
        assert any(notice.startswith(said.split("…")[0]) for notice in notices), name
    assert text.say(language, "notice.name", name="?, zzz") in notices
    assert "script" not in words(app) and "1999" not in words(app)


def test_an_unknown_language_is_chinese_with_a_notice(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, lang="fr")
    assert text.say("zh", "notice.value", name="语言", default="中文") in [warning.value for warning in app.warning]


def test_a_link_of_another_release_says_so(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, release="abc123")
    assert any("abc123" in info.value for info in app.info)


def test_a_choice_goes_into_the_address_as_a_code(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, "provinces", year="2024")
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
    facts: exports.Facts


def figures_of(home: Home, monkeypatch: pytest.MonkeyPatch, page: str, **parameters: str) -> list[Figure]:
    """The figures of a page, as it draws them."""
    drawn: list[Figure] = []
    real, facts = blocks.figure, []

    def keep(here, key, answer, frame, chart, table, *rest, **more) -> None:
        real(here, key, answer, frame, chart, table, *rest, **more)
        drawn.append(Figure(key, frame, chart, table, facts.pop()))

    real_facts = blocks._facts
    monkeypatch.setattr(blocks, "figure", keep)
    monkeypatch.setattr(blocks, "_facts", lambda *given: facts.append((made := real_facts(*given)).facts) or made)
    open_page(home, monkeypatch, page, **parameters)
    return drawn


def stored(connection: duckdb.DuckDBPyConnection, cell: dict[str, str], region: str, period: str, kinds: str) -> list[Decimal]:
    """The values of `observations` for a cell (indicator and dimensions), found without the dashboard's SQL."""
    wanted = " and ".join(
        f"{name} in ('_T', '_Z')" if cell.get(name, "_T") == "_T" else f"{name} = '{cell[name]}'" for name in data.DIMENSIONS
    )
    rows = connection.execute(
        f"""
        select value from observations
        where indicator = ? and region_code = ? and time_period = ? and period_kind in {kinds} and value is not null and {wanted}
        """,
        [cell["indicator"], region, period],
    ).fetchall()
    return [value for (value,) in rows]


def cell_of(key: str) -> dict[str, str]:
    """Indicator and dimensions of a `Cell.key`."""
    indicator, *dimensions = key.split()
    return {"indicator": indicator} | dict(dimension.split("=") for dimension in dimensions)


def half_up(value: Decimal, scale: int, decimals: int) -> str:
    return f"{(value / scale).quantize(Decimal(10) ** -decimals, ROUND_HALF_UP):f}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("address", ["default", "deep link"])
def test_numbers_are_those_of_the_published_file_rounded_half_up(
    sample_home: Home, monkeypatch: pytest.MonkeyPatch, page: str, address: str
) -> None:
    figures = figures_of(sample_home, monkeypatch, page, **(DEEP_LINKS[page] if address == "deep link" else {}))
    compared = 0
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        for figure in figures:
            if "scope_id" not in figure.frame:
                continue  # a list (batches, rules, files): its page has a test of its own
            shown = figure.table if isinstance(figure.table, str) else blocks.table_html(figure.table, "")
            for _, row in figure.frame.sample(min(len(figure.frame), 60), random_state=1).iterrows():
                if "first_value" in row:
                    sides = [(f"{side}_", cell_of(row[f"{side}_cell"]), row[f"{side}_period"]) for side in ("first", "second")]
                else:
                    sides = [("", row.to_dict(), row["time_period"])]
                for prefix, cell, period in sides:
                    value = row[f"{prefix}value"]
                    # A month alone and a year to date have the same name; a page shows one of them.
                    known = stored(connection, cell, row["region_code"], period, "('year', 'half', 'month', 'ytd')")
                    assert (value in known) if known else value is None, (figure.key, row.to_dict())
                    own = prefix if f"{prefix}print_scale" in row else ""
                    printed = "…" if value is None else half_up(value, row[f"{own}print_scale"], row[f"{own}print_decimals"])
                    assert row[f"{prefix}printed"].replace("−", "-").lstrip("+") == printed
                    assert f">{row[f'{prefix}printed']}<" in shown, (figure.key, printed)
                    compared += 1
    assert compared or not any("scope_id" in figure.frame for figure in figures)


@pytest.mark.parametrize("page", PAGES)
def test_files_hold_what_the_page_shows(sample_home: Home, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    for figure in figures_of(sample_home, monkeypatch, page, **DEEP_LINKS[page]):
        content = exports.csv_bytes(figure.frame, figure.facts)
        assert content.startswith(b"\xef\xbb\xbf")
        read = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig", keep_default_na=False)
        assert len(read) == len(figure.frame)
        assert set(read["data"]) <= {"合成样例数据，不是真实统计"}
        assert set(read["filters"]) <= {figure.facts.filters}
        book = openpyxl.load_workbook(io.BytesIO(exports.xlsx_bytes(figure.frame, figure.facts, "zh")))
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


# ---------------------------------------------------------------- provinces and overview


def test_the_sentence_counts_17_provinces_with_a_surplus_and_14_with_a_deficit(
    sample_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    chinese = open_page(sample_home, monkeypatch, "provinces", year="2024", scheme="resident")
    assert chinese.header[0].value == "2024年居民医保17个省份当期有结余、14个省份收不抵支（兵团另列）"
    english = open_page(sample_home, monkeypatch, "provinces", year="2024", scheme="resident", lang="en")
    assert "17 provinces ran a surplus and 14 a deficit" in english.header[0].value


def test_the_slope_counts_the_provinces_that_changed_sign(sample_home: Home) -> None:
    cell = Cell("rate", "fund_surplus_rate", scheme="resident")
    frame = data.pairs(data.snapshot(sample_home), cell, "2023", cell, "2024")
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        [(down, up)] = connection.execute(
            """
            select count(*) filter (a.value >= 0 and b.value < 0), count(*) filter (a.value <= 0 and b.value > 0)
            from observations as a inner join observations as b using (indicator, region_code, region_level, period_kind, scheme, fund_part)
            where indicator = 'fund_surplus_rate' and region_level = 'province' and region_code <> '660000' and period_kind = 'year'
                and scheme = 'resident' and fund_part = '_T' and a.time_period = '2023' and b.time_period = '2024'
            """
        ).fetchall()
    assert down + up > 0
    assert set(frame["to_deficit"]) == {down} and set(frame["to_surplus"]) == {up}


def test_the_tiles_are_the_published_file_rounded_half_up(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, year="2024")
    assert [metric.value for metric in app.metric] == [
        "132662.07万人", "37948.34万人", "94713.73万人", "34913.37亿元", "29764.03亿元", "4639.16亿元", "40396.32亿元",
    ]  # fmt: skip
    assert "比上年减少726.57万人（−0.5%）" in words(app)


def test_a_year_is_printed_in_the_decimals_of_its_own_edition(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    rows = {row[0]: row for row in tables(open_page(published_home, monkeypatch, year="2024"))[0]}
    assert rows["年份"][1] == "合计"
    assert rows["2022"][1] == "134592" and rows["2024"][1] == "132662.07"


# ---------------------------------------------------------------- reading


def test_a_cell_has_a_row_for_every_region_and_period_asked(sample_home: Home) -> None:
    cells = (Cell("a", "members"), Cell("b", "members", scheme="employee", member_status="retired"))
    frame = data.figures(data.snapshot(sample_home), cells, ("510000", "999999", "100000"), ("2024", "1990"))
    keys = list(zip(frame["cell"], frame["region_code"], frame["time_period"], strict=True))
    assert keys == [(cell, region, year) for cell in "ab" for region in ("510000", "999999", "100000") for year in ("2024", "1990")]
    assert [value is None for value in frame["value"]] == [False, True, True, True, False, True] * 2
    assert set(frame.loc[frame["value"].isna(), "status"]) == {"missing"}


def test_a_ranking_counts_its_regions_and_leaves_the_corps_apart(sample_home: Home) -> None:
    frame = data.ranking(data.snapshot(sample_home), Cell("rate", "fund_surplus_rate", scheme="resident"), "2024")
    assert list(frame["place"]) == ["province"] * 31 + ["corps", "nation"]
    assert list(frame["rank"])[:31] == sorted(frame["rank"][:31]) and frame["rank"][31:].isna().all()
    first = frame.iloc[0]
    assert first["surplus"] + first["deficit"] + first["even"] + first["missing"] == first["listed"] == 31
    nation = frame["value"].iloc[-1]
    assert first["above"] == sum(value > nation for value in frame["value"][:31])


def test_a_ratio_has_the_breaks_of_its_parts(sample_home: Home) -> None:
    snapshot = data.snapshot(sample_home)
    whole = data.breaks(snapshot, (Cell("cost", "per_visit_cost"),), "2020", "2025")
    assert list(whole["break_id"]) == ["2024-benefit_visits"]
    part = data.breaks(snapshot, (Cell("cost", "per_visit_cost", care_type="inpatient"),), "2020", "2025")
    assert len(part) == 0


# ---------------------------------------------------------------- the file


def test_a_missing_published_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, command in (("zh", "gongbao build"), ("en", "gongbao ingest")):
        assert command in words(open_page(Home(tmp_path / "data"), monkeypatch, lang=language))


def test_a_damaged_published_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "data")
    home.published.parent.mkdir(parents=True)
    home.published.write_bytes(b"not a database")
    assert "发布文件不完整" in words(open_page(home, monkeypatch))


def test_a_file_swapped_in_is_shown_at_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "data")
    build_warehouse(home, release="first")
    publish(home, write_manifest(home.root))
    app = open_page(home, monkeypatch)
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
    unequal = [
        key
        for key, message in text.MESSAGES.items()
        if placeholders(message["zh"]) - {"unit"} != placeholders(message["en"]) - {"unit"}
    ]
    assert unequal == []


def test_every_message_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "dashboard").rglob("*.py"))
    built = (*re.findall(r'f?"([a-z_]+(?:\.[a-z_]+)*[._])\{', code), *(f"{name}." for name in data.DIMENSIONS))
    assert [key for key in text.MESSAGES if f'"{key}"' not in code and not key.startswith(built)] == []


def test_the_messages_of_a_page_stand_in_its_file() -> None:
    for page in PAGES:
        keys = re.findall(r"^\[(.*)\]$", (text.FOLDER / f"{page}.toml").read_text(encoding="utf-8"), re.MULTILINE)
        assert f"page.{page}" in keys
        assert [key for key in keys if not key.startswith(f"{page}.") and key != f"page.{page}"] == []


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "printed"),
    [
        ("2.675", 1, 2, "2.68"),
        ("-2.675", 1, 2, "-2.68"),
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
def test_charts_do_not_trap_the_finger(sample_home: Home, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    for figure in figures_of(sample_home, monkeypatch, page):
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

    for name, (on_light, on_dark) in charts.COLOURS.items():
        assert 1.05 / (light(on_light) + 0.05) >= 3, name
        assert (light(on_dark) + 0.05) / (light("#1A1A18") + 0.05) >= 3, name


def test_a_line_stops_at_a_break_and_at_a_gap() -> None:
    frame = pd.DataFrame(
        {"cell": "a", "time_period": ["2021", "2022", "2023", "2024"], "plotted": [1.0, None, 3.0, 4.0], "printed": ["1", "…", "3", "4"]}
    )
    figure = charts.lines(frame.assign(cell="total"), {"total": "x"}, "%", breaks=["2024"]).to_dict()
    assert figure["data"][0]["y"] == [1.0, None, 3.0, None, 4.0] and figure["data"][0]["connectgaps"] is False
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [2.5]


def test_labels_are_pushed_apart_and_keep_their_order() -> None:
    places = charts.pushed_apart([0.0, 0.1, 0.2, 5.0], 1.0)
    assert places == pytest.approx([-0.9, 0.1, 1.1, 5.0])
