"""The pages without a browser: both languages, deep links, bad addresses, missing files, numbers equal to the published file."""

from __future__ import annotations

import io
import re
import string
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from published_fixture import PROJECT, build_warehouse, published_home, write_manifest  # noqa: F401
from streamlit.testing.v1 import AppTest

from dashboard import charts, data, text
from gongbao.paths import Home
from gongbao.publish import publish

PAGES = {"overview": "views/overview.py", "provinces": "views/provinces.py"}
CJK = re.compile(r"[\u3400-\u9fff]")


def open_page(home: Home, monkeypatch: pytest.MonkeyPatch, page: str = "overview", **parameters: str) -> AppTest:
    """The page after one run, as a reader with that address sees it."""
    monkeypatch.setenv("GONGBAO_HOME", str(home.root))
    app = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(PAGES[page]).run()
    assert [error.value for error in app.exception] == []
    return app


def words(app: AppTest) -> str:
    """All the text of a page."""
    parts = [element.value for kind in ("title", "subheader", "caption", "markdown", "warning", "info", "error") for element in app.get(kind)]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    parts += [table.value.to_csv(index=False) for table in app.table]
    return "\n".join(map(str, parts))


# ---------------------------------------------------------------- every page


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("parameters", [{}, {"year": "2024", "scheme": "employee", "sort": "region"}, {"year": "2019"}])
def test_page_opens(
    published_home: Home, monkeypatch: pytest.MonkeyPatch, page: str, language: str, parameters: dict[str, str]  # noqa: F811
) -> None:
    app = open_page(published_home, monkeypatch, page, lang=language, **parameters)
    said = words(app)
    assert len(app.title) == 1 and len(app.table) >= 1
    assert not re.search(r"\b(nan|None|inf|NaT|Traceback)\b", said)
    assert text.say(language, "sample") in said
    if language == "en":
        assert not CJK.search(said)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_address_gives_the_default_and_a_notice(
    published_home: Home, monkeypatch: pytest.MonkeyPatch, page: str, language: str  # noqa: F811
) -> None:
    app = open_page(published_home, monkeypatch, page, lang=language, year="1999", zzz="1", **{"<script>": "x"})
    notices = [warning.value for warning in app.warning]
    year = text.say(language, "notice.value", name=text.say(language, "control.year"), default="2025")
    assert year in notices
    assert text.say(language, "notice.name", name="?, zzz") in notices
    assert "script" not in words(app)


def test_an_unknown_language_is_chinese_with_a_notice(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, lang="fr")
    assert text.say("zh", "notice.value", name="语言", default="中文") in [warning.value for warning in app.warning]


def test_a_choice_goes_into_the_address_as_a_code(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, "provinces", year="2024")
    app.get("button_group")[1].set_value("employee").run()
    assert dict(app.query_params) == {"scheme": "employee", "year": "2024"}
    assert "职工医保统筹基金" in app.subheader[0].value


# ---------------------------------------------------------------- the numbers


def test_the_sentence_counts_17_provinces_with_a_surplus_and_14_with_a_deficit(
    published_home: Home, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    chinese = open_page(published_home, monkeypatch, "provinces", year="2024", scheme="resident")
    assert chinese.subheader[0].value == "2024年居民医保17个省份当期有结余、14个省份收不抵支（兵团另列）"
    english = open_page(published_home, monkeypatch, "provinces", year="2024", scheme="resident", lang="en")
    assert "17 provinces ran a surplus and 14 a deficit" in english.subheader[0].value


def test_the_table_of_provinces_is_the_published_file_rounded_half_up(
    published_home: Home, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    table = open_page(published_home, monkeypatch, "provinces", year="2024").table[0].value
    with duckdb.connect(str(published_home.published), read_only=True) as connection:
        expected = connection.execute(
            """
            select replace(printf('%+.1f', round(value, 1)), '-', '−')
            from observations
            where indicator = 'fund_surplus_rate' and time_period = '2024' and scheme = 'resident' and fund_part = '_T'
                and region_level in ('nation', 'province')
            order by case region_code when '100000' then 3 when '660000' then 2 else 1 end, value desc, region_code
            """
        ).fetchall()
    assert list(table["结余率（%）"]) == [value for (value,) in expected]
    assert list(table["收支"])[:31].count("结余") == 17 and list(table["收支"])[:31].count("收不抵支") == 14


def test_the_tiles_are_the_published_file_rounded_half_up(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    app = open_page(published_home, monkeypatch, year="2024")
    assert [metric.value for metric in app.metric] == [
        "132662.07万人", "37948.34万人", "94713.73万人", "34913.37亿元", "29764.03亿元", "4639.16亿元", "40396.32亿元",
    ]  # fmt: skip
    assert "比上年减少726.57万人（−0.5%）" in words(app)


def test_a_year_is_printed_in_the_decimals_of_its_own_edition(published_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    table = open_page(published_home, monkeypatch, year="2024").table[0].value.set_index("年份")
    assert table.loc["2022", "合计"] == "134592" and table.loc["2024", "合计"] == "132662.07"


def test_the_file_to_download_has_the_full_values(published_home: Home) -> None:  # noqa: F811
    from dashboard import blocks

    snapshot = data.snapshot(published_home)
    frame = data.surplus_rates(snapshot, "2024", "resident").copy()
    here = blocks.Context("zh", snapshot, data.release(snapshot), False, None)
    content = blocks.csv_bytes(here, frame)
    assert content.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig")
    assert [Decimal(value) for value in read["value"]] == list(frame["value"])
    assert set(read["data"]) == {"合成样例数据，不是真实统计"}


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


# ---------------------------------------------------------------- words, numbers, charts


def test_the_catalogues_have_the_same_keys_and_placeholders() -> None:
    def placeholders(message: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(message) if name}

    assert text.ZH.keys() == text.EN.keys()
    # Where the unit stands is a matter of language: a Chinese tile has it after the number, an English one in the label.
    unequal = {key for key in text.ZH if placeholders(text.ZH[key]) - {"unit"} != placeholders(text.EN[key]) - {"unit"}}
    assert unequal == set()


def test_every_message_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (PROJECT / "dashboard").rglob("*.py") if file.name != "text.py")
    built = tuple(re.findall(r'f"([a-z]+\.)\{', code))
    assert [key for key in text.ZH if f'"{key}"' not in code and not key.startswith(built)] == []


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


def test_figures_do_not_trap_the_finger(published_home: Home) -> None:  # noqa: F811
    frame = data.surplus_rates(data.snapshot(published_home), "2024", "resident").copy()
    frame["plotted"], frame["printed"], frame["name"] = frame["value"].astype(float), "1", frame["name_zh"]
    figure = charts.diverging_bars(frame, {"surplus": "结余", "deficit": "收不抵支"}, (data.CORPS,), None)
    assert figure.layout.dragmode is False and figure.layout.xaxis.fixedrange and figure.layout.yaxis.type == "category"
    assert figure.layout.height >= 31 * 18
    assert len({trace.marker.color for trace in figure.data if trace.type == "bar"}) == 2
    assert not charts.CONFIG["displayModeBar"] and not charts.CONFIG["scrollZoom"]
