"""The pages in a real browser, on a desk and on a phone; `make screenshots` leaves pictures of them in build/screenshots/."""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
import threading

import duckdb
import openpyxl
import pytest
from deep_links import IN_BROWSER, title_of
from PIL import Image
from playwright.sync_api import Page
from running import PROJECT, settled
from tabs import Tabs, choose_tab, path, size_of

from dashboard import charts, text

SCREENSHOTS = PROJECT / "build" / "screenshots"


def shoot(page: Page, name: str) -> None:
    """A screenshot of the whole page, where they are asked for."""
    if not os.environ.get("GONGBAO_SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    viewport = page.viewport_size
    # Charts come when they are in view, which makes a page longer.
    while (height := page.evaluate(FULL_HEIGHT)) > page.viewport_size["height"]:
        page.set_viewport_size({"width": viewport["width"], "height": height})
        settled(page)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size(viewport)


FULL_HEIGHT = "document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
SIDEWAYS = """() => Math.max(
    document.documentElement.scrollWidth - innerWidth,
    ...[...document.querySelectorAll('[data-testid="stMain"], .block-container')].map(box => box.scrollWidth - box.clientWidth))"""

# Between the margins of A4, at 96 pixels an inch.
SHEET_WIDTH = int((210 - 2 * 14) / 25.4 * 96)
BEYOND_THE_SHEET = """width => [...document.querySelectorAll('h1, h2, li, p, .main-svg, .main-svg text, .sheet, .sheet :is(th, td), .panel, pre')]
    .filter(box => box.offsetParent !== null || box.ownerSVGElement !== undefined)
    .map(box => [box.getBoundingClientRect(), box.textContent]).filter(([box]) => box.width && (box.left < -1 || box.right > width + 1))
    .map(([box, text]) => [Math.round(box.left), Math.round(box.right), text.slice(0, 40)])"""

CUT_OFF = """() => [...document.querySelectorAll('[data-testid="stMetricValue"] *, [data-testid="stMetricLabel"] *')]
    .filter(box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflow == 'hidden').map(box => box.textContent)"""


# Pictures say something in words, or stand beside the words and are passed over.
UNNAMED = """() => [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
    .filter(chart => !(chart.closest('[aria-label]') || chart.querySelector('[aria-label]') || chart).getAttribute('aria-label')).length
    + [...document.querySelectorAll('.panels')].filter(grid => !grid.closest('[aria-label]')).length
    + document.querySelectorAll('img:not([alt])').length"""


@pytest.mark.parametrize("page", IN_BROWSER)
@pytest.mark.parametrize(("language", "size"), [("zh", "phone"), ("zh", "desk"), ("en", "desk"), ("en", "phone")])
def test_page_can_be_read(tabs: Tabs, page: str, language: str, size: str) -> None:
    tab = tabs.show(page, size, language=language)
    shoot(tab, f"{page}-{language}-{size}")
    assert tab.locator('[data-testid="stPlotlyChart"] .main-svg, .sheet').count() > 0
    said = tab.inner_text("body")
    assert not re.search(r"\b(Traceback|nan|NaN|None|undefined|inf)\b", said)
    assert tab.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert tab.evaluate(SIDEWAYS) <= 0
    assert tab.evaluate(CUT_OFF) == []
    assert tab.evaluate(UNNAMED) == 0
    assert tab.outside == []
    names = {button.inner_text() for button in tab.query_selector_all('[role="tab"]')}
    assert names >= {text.say(language, f"tab.{name}") for name in ("table", "notes")}
    for number in (1, 2):
        choose_tab(tab, number)
        assert tab.evaluate(SIDEWAYS) <= 0
        shoot(tab, f"{page}-{language}-{size}-{number}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_files_of_a_figure_are_the_table_it_shows(tabs: Tabs, language: text.Language) -> None:
    tab = tabs.show("provinces", language=language)
    choose_tab(tab, 1)
    figure = tab.locator(".st-key-figure-surplus-rate")
    shown = figure.locator("tr").evaluate_all("rows => rows.map(row => [...row.children].map(cell => cell.innerText.trim().replace('−', '-')))")
    files = {}
    for name in ("csv", "xlsx"):
        with tab.expect_download() as saved:
            tab.locator(f".st-key-{name}-surplus-rate button").click()
        files[name] = saved.value.path().read_bytes()
    assert len(shown) == 34 and shown[0][0] == text.say(language, "column.region")
    assert list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))[:34] == shown
    sheet = list(openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0].iter_rows(max_row=34, values_only=True))
    assert list(sheet[0]) == shown[0]
    assert [(name, state) for name, _, state in sheet[1:]] == [(name, state) for name, _, state in shown[1:]]
    assert [rate for _, rate, _ in sheet[1:]] == [float(rate) if re.search(r"\d", rate) else rate for _, rate, _ in shown[1:]]


@pytest.mark.parametrize("page", IN_BROWSER)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_the_answer_stands_above_all_controls(tabs: Tabs, page: str, language: str) -> None:
    """The first line of the first sentence, or the first number, within 300 pixels; the address leads to the whole of the nation."""
    tab = tabs.open(path(page, {"lang": language}), "phone")
    first = tab.locator('h2:visible, [data-testid="stMetric"]:visible').first
    top = first.bounding_box()["y"]
    assert top > 0 and top + 28 <= 300
    title, to_choose = tab.locator("h1").bounding_box(), tab.locator(".st-key-browser-controls button").bounding_box()
    assert title["y"] + title["height"] <= to_choose["y"] and to_choose["y"] + to_choose["height"] <= top
    assert tab.locator(".st-key-controls:visible").count() == 0
    tab.set_viewport_size(size_of("desk"))
    settled(tab)
    assert tab.locator(".st-key-controls:visible").count() == tab.locator(".st-key-controls").count()
    tab.close()


@pytest.mark.parametrize("page", IN_BROWSER)
def test_every_figure_gives_its_picture(tabs: Tabs, page: str) -> None:
    tab = tabs.show(page)
    keys = tab.evaluate(
        """() => [...document.querySelectorAll('[class*="st-key-figure-"]')].filter(box => box.querySelector('.js-plotly-plot, .panels, .heat'))
            .map(box => [...box.classList].find(name => name.startsWith('st-key-figure-')).slice(14))"""
    )
    for key in keys:
        with tab.expect_download() as saved:
            tab.locator(f".st-key-figure-{key} .gongbao-buttons button").first.click()
        assert saved.value.suggested_filename == f"sample-{page}-{key}.png"
        picture = Image.open(io.BytesIO(saved.value.path().read_bytes())).convert("RGB")
        assert picture.width >= 700 and picture.height >= 300
        # Not an empty sheet: the answer above, the figure in the middle, the facts below.
        for top, bottom in ((0, 0.15), (0.2, 0.7), (0.8, 1)):
            part = picture.crop((0, int(picture.height * top), picture.width, int(picture.height * bottom)))
            assert len(part.getcolors(1 << 24)) > 8, (key, top)
        assert margins_are_empty(picture), key


def picture_of(tab: Page, figure: str) -> Image.Image:
    """The picture of a figure, as its button saves it."""
    with tab.expect_download() as saved:
        tab.locator(f".st-key-figure-{figure} .gongbao-buttons button").first.click()
    return Image.open(io.BytesIO(saved.value.path().read_bytes())).convert("RGB")


def margins_are_empty(picture: Image.Image) -> bool:
    """Whether nothing runs over the left and the right edge of what is drawn (24 pixels at twice the size)."""
    sides = ((0, 40), (picture.width - 40, picture.width))
    return all(len(picture.crop((left, 0, right, picture.height)).getcolors(1 << 24)) == 1 for left, right in sides)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_picture_of_panels_keeps_its_edges(tabs: Tabs, size: str) -> None:
    """Headings of panels are longer in English, and wrap."""
    assert margins_are_empty(picture_of(tabs.show("profile", size, language="en"), "panels"))


def test_the_picture_of_the_map_has_the_bar_of_its_colours(tabs: Tabs) -> None:
    picture = picture_of(tabs.show("provinces"), "map")
    seen, runs = picture.load(), []
    for row in range(picture.height):
        coloured = (max(seen[column, row]) - min(seen[column, row]) > 15 for column in range(picture.width))
        runs += [sum(1 for _ in run) for is_coloured, run in itertools.groupby(coloured) if is_coloured]
    # Each half of the bar is some 400 pixels long, with white in the middle; a tile ends after 100.
    assert max(runs) > 200


@pytest.mark.parametrize("page", IN_BROWSER)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_print_view_fills_pages_with_chart_and_table(tabs: Tabs, page: str, language: str) -> None:
    tab = tabs.show(page, language=language, print="1")
    assert tab.locator('[role="tab"], .st-key-frame').count() == 0
    assert tab.locator('[class*="st-key-figure-"]:has(.sheet:visible)').count() == tab.locator('[class*="st-key-figure-"]').count()
    paper = tab.pdf(prefer_css_page_size=True)
    # What does not scroll is not cut off: the paper is at least as long as the screen's column.
    pages = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert pages >= tab.evaluate(FULL_HEIGHT) / 1400


@pytest.mark.parametrize("page", IN_BROWSER)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_and_tables_fit_the_sheet(tabs: Tabs, page: str, language: str) -> None:
    tab = tabs.show(page, language=language, print="1")
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": SHEET_WIDTH, "height": 1000})
    settled(tab)
    assert tab.evaluate(BEYOND_THE_SHEET, SHEET_WIDTH) == []
    assert tab.locator(".st-key-print-tools:visible, .st-key-sample:visible").count() == 0
    styles = tab.evaluate("[...document.querySelectorAll('style')].map(style => style.textContent).join()")
    assert "counter(page)" in styles and text.say(language, "sample") in styles and title_of(page, language) in styles


@pytest.mark.parametrize("page", IN_BROWSER)
def test_the_dark_theme_is_legible(tabs: Tabs, page: str) -> None:
    tab = tabs.show(page, "phone", theme="dark")
    shoot(tab, f"{page}-dark-phone")
    inks = tab.evaluate("[...document.querySelectorAll('.xaxislayer-above text, .yaxislayer-above text')].map(text => getComputedStyle(text).fill)")
    red, green, blue = (int(charts.INK[1][place : place + 2], 16) for place in (1, 3, 5))
    assert set(inks) <= {f"rgb({red}, {green}, {blue})"}
    assert inks or not tab.locator(".js-plotly-plot").count()
    # The heads of a table, which cover what scrolls below them, have the colour of the page.
    papers = tab.evaluate("[...document.querySelectorAll('.stApp, .sheet th')].map(box => getComputedStyle(box).backgroundColor)")
    assert len(papers) > 1 and set(papers) == {"rgb(23, 22, 20)"}


def test_a_link_to_a_figure_names_every_choice(tabs: Tabs) -> None:
    page = tabs.open("/provinces?year=2024")
    # Over plain http from another machine there is no clipboard: the link stands in a field.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator(".st-key-figure-map .gongbao-buttons button").nth(1).click()
    link = page.locator(".st-key-figure-map .gongbao-buttons input").input_value()
    for part in ("lang=zh", "year=2024", "scheme=resident", "base=2023", "sort=value", "region=100000", "release=", "#map"):
        assert part in link
    page.close()


# The surplus rate of the resident fund in 2024 of every province and the corps.
RATES = """
    select distinct region_code, name_zh, value from observations inner join regions using (region_code)
    where indicator = 'fund_surplus_rate' and dims = 'scheme=resident' and time_period = '2024' and period_kind = 'year' and observations.region_level = 'province'"""


def test_a_click_on_a_province_makes_it_the_region_of_the_page(tabs: Tabs) -> None:
    with duckdb.connect(str(tabs.home.published), read_only=True) as connection:
        ((best, best_name),) = connection.execute(
            f"select region_code, name_zh from ({RATES}) where region_code <> '660000' order by value desc limit 1"
        ).fetchall()
    # The first square is that of the smallest code, the first bar that of the highest rate.
    for figure, mark, code, name in (("map", ".scatterlayer .point", "110000", "北京市"), ("surplus-rate", ".barlayer .point path", best, best_name)):
        page = tabs.open("/provinces?year=2024")
        to_its_profile = page.locator('[data-testid="stPageLink"]', has_text=text.say("zh", "provinces.profile", name=name[:2])[:4])
        assert "region=" not in page.url and to_its_profile.count() == 0
        point = page.locator(f".st-key-figure-{figure} {mark}").first
        point.scroll_into_view_if_needed()
        box = point.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_url(f"**region={code}*")
        to_its_profile.wait_for()
        settled(page)
        assert name[:2] in to_its_profile.inner_text()
        page.close()


@pytest.mark.parametrize(("figure", "mark", "order"), [("map", ".scatterlayer .point", "region_code"), ("surplus-rate", ".barlayer .point path", "value desc")])
def test_a_tap_makes_the_province_under_the_finger_the_region_of_the_page(tabs: Tabs, figure: str, mark: str, order: str) -> None:
    """One tap after the other: none may select the place tapped before."""
    with duckdb.connect(str(tabs.home.published), read_only=True) as connection:
        rates = connection.execute(f"select region_code from ({RATES}) where region_code <> '660000' order by {order}, region_code").fetchall()
    page = tabs.open("/provinces?year=2024", "phone", touch=True)
    for place in (8, 2, 12):  # all with a surplus: the corps comes after those
        point = page.locator(f".st-key-figure-{figure} {mark}").nth(place)
        point.scroll_into_view_if_needed()
        settled(page)
        box = point.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_url(f"**region={rates[place][0]}*")
        settled(page)
        assert f"region={rates[place][0]}" in page.url
    page.close()


def test_every_province_stands_at_its_bar_without_overlap(tabs: Tabs) -> None:
    page = tabs.open("/provinces?year=2024", "phone")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.st-key-figure-surplus-rate .yaxislayer-above .ytick text')].filter(tick => tick.textContent.trim())
            .map(tick => tick.getBoundingClientRect()).map(box => [box.top, box.bottom, box.left, box.right])"""
    )
    assert len(boxes) == 32
    boxes.sort()
    assert all(upper[1] <= lower[0] + 1 for upper, lower in zip(boxes, boxes[1:], strict=False))
    assert all(box[2] >= 0 and box[3] <= 390 for box in boxes)
    assert "2024年居民医保17个省份当期有结余、14个省份收不抵支" in page.locator("h2").first.inner_text()
    page.close()


def test_the_address_is_the_state(tabs: Tabs) -> None:
    page = tabs.open("/provinces?year=1999&scheme=foo", "phone")
    assert "地址中的“年份”不可用" in page.inner_text("body")
    to_choose = page.get_by_role("button", name=text.say("zh", "controls"))
    assert page.locator(".st-key-controls:visible").count() == 0 and to_choose.get_attribute("aria-expanded") == "false"
    to_choose.click()
    assert to_choose.get_attribute("aria-expanded") == "true"
    page.get_by_test_id("stSelectbox").first.click()
    page.get_by_role("option", name="2024").click()
    page.wait_for_url("**year=2024*")
    page.get_by_text("English", exact=True).click()
    page.wait_for_url("**lang=en*")
    assert "scheme=foo" in page.url and "year=2024" in page.url
    page.wait_for_selector("text=17 provinces ran a surplus")
    page.reload()
    page.wait_for_selector("text=17 provinces ran a surplus")
    settled(page)
    page.go_back()
    page.wait_for_selector("text=17个省份当期有结余")
    page.locator(".st-key-menu button").click()
    page.get_by_test_id("stPopoverBody").get_by_text("总览", exact=True).click()
    page.wait_for_selector("text=2024年全国基本医疗保险")
    assert "year=2024" in page.url
    page.close()


@pytest.mark.parametrize(
    ("address", "language", "shown", "noticed"),
    [
        ("/overview?lang=en&year=2023", "en", "overview", False),
        ("/overveiw?lang=en&year=2023", "en", "overview", True),
        ("/%E6%80%BB%E8%A7%88?year=2023", "zh", "overview", True),
        ("/index/html?lang=en&year=2023", "en", "overview", True),
        ("/coverage/members?year=2023", "zh", "coverage", False),
    ],
)
def test_an_address_that_no_page_has_opens_the_front_page_and_says_so(tabs: Tabs, address: str, language: text.Language, shown: str, noticed: bool) -> None:
    page = tabs.open(address)
    assert page.locator('[role="dialog"]').count() == 0
    assert "Page not found" not in page.inner_text("body")
    assert page.get_by_text(text.say(language, "notice.page")).count() == noticed
    where, _, query = page.url.removeprefix(tabs.server).partition("?")
    assert where == ("/" if shown == "overview" else f"/{shown}") and query == address.partition("?")[2]
    page.close()


def test_a_publication_under_the_reader_shows_no_error(tabs: Tabs) -> None:
    page = tabs.open("/provinces?year=2024&lang=en")
    for number in range(6):
        publisher = threading.Thread(target=tabs.swap)
        publisher.start()
        scheme, answer = (("Employee scheme", "employee pooled fund"), ("Resident scheme", "resident scheme"))[number % 2]
        page.get_by_text(scheme, exact=True).first.click()
        page.wait_for_selector(f"h2:has-text('{answer}')")
        publisher.join()
        assert not re.search(r"Traceback|not complete|error", page.inner_text("body"), re.IGNORECASE)
    page.close()
