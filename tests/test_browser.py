"""The pages in a real browser, on a desk and on a phone. Screenshots go to build/screenshots/: look at them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from published_fixture import PROJECT, published_home  # noqa: F401

from gongbao.paths import Home
from gongbao.publish import publish

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
ADDRESSES = {"overview": "/?year=2024", "provinces": "/provinces?year=2024&scheme=resident"}
SCREENSHOTS = PROJECT / "build" / "screenshots"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)")


@pytest.fixture(scope="module")
def server(published_home: Home) -> Iterator[str]:  # noqa: F811
    """The dashboard as `gongbao dashboard` runs it; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "import sys; from pathlib import Path; from gongbao.paths import Home; from gongbao.serve import serve; "
    code += "serve(Home(Path(sys.argv[1])), '127.0.0.1', int(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(published_home.root), str(port)], cwd=PROJECT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def opened(browser: Browser, address: str, size: str, dark: bool = False) -> Page:
    """A page that has drawn its charts; requests to anywhere else fail and are kept in `page.outside`."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="zh-CN")
    page.outside = []

    def only_here(route) -> None:
        if re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]", route.request.url):
            route.continue_()
        else:
            page.outside.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    page.goto(address)
    page.wait_for_selector('[data-testid="stPlotlyChart"] .main-svg', timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-testid=\"stStatusWidget\"]')", timeout=60_000)
    page.wait_for_timeout(500)
    return page


def shoot(page: Page, name: str) -> None:
    """A screenshot of the whole page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    viewport = page.viewport_size
    page.set_viewport_size({"width": viewport["width"], "height": min(page.evaluate(FULL_HEIGHT) + 20, 8000)})
    page.wait_for_timeout(500)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size(viewport)


FULL_HEIGHT = "document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
SIDEWAYS = """() => Math.max(
    document.documentElement.scrollWidth - innerWidth,
    ...[...document.querySelectorAll('[data-testid="stMain"], .block-container')].map(box => box.scrollWidth - box.clientWidth))"""

CUT_OFF = """() => [...document.querySelectorAll('[data-testid="stMetricValue"] *, [data-testid="stMetricLabel"] *')]
    .filter(box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflow == 'hidden').map(box => box.textContent)"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_can_be_read(browser: Browser, server: str, size: str, name: str, language: str) -> None:
    page = opened(browser, f"{server}{ADDRESSES[name]}&lang={language}", size)
    shoot(page, f"{name}-{language}-{size}")
    said = page.inner_text("body")
    assert not re.search(r"\b(Traceback|nan|NaN|None|undefined|inf)\b", said)
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(CUT_OFF) == []
    assert page.outside == []
    for chart in page.query_selector_all('[data-testid="stPlotlyChart"]'):
        assert chart.evaluate(ALT) != ""
    for tab in ("table", "notes"):
        for button in page.query_selector_all('[role="tab"]'):
            if button.inner_text() == {"table": {"zh": "表", "en": "Table"}, "notes": {"zh": "说明", "en": "Notes"}}[tab][language]:
                button.click()
        page.wait_for_timeout(300)
        assert page.evaluate(SIDEWAYS) <= 0
        shoot(page, f"{name}-{language}-{size}-{tab}")
    page.close()


ALT = """chart => (chart.closest('[aria-label]') || chart.querySelector('[aria-label]') || chart).getAttribute('aria-label') || ''"""


def test_every_province_stands_at_its_bar_without_overlap(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}{ADDRESSES['provinces']}", "phone")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.yaxislayer-above .ytick text')].filter(tick => tick.textContent.trim())
            .map(tick => tick.getBoundingClientRect()).map(box => [box.top, box.bottom, box.left, box.right])"""
    )
    assert len(boxes) == 32
    boxes.sort()
    assert all(upper[1] <= lower[0] + 1 for upper, lower in zip(boxes, boxes[1:], strict=False))
    assert all(box[2] >= 0 and box[3] <= 390 for box in boxes)
    assert "2024年居民医保17个省份当期有结余、14个省份收不抵支" in page.inner_text("h3")
    page.close()


def test_the_address_is_the_state(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}/provinces?year=1999&scheme=foo", "phone")
    assert "地址中的“年份”不可用" in page.inner_text("body")
    page.get_by_test_id("stSelectbox").click()
    page.get_by_role("option", name="2024").click()
    page.wait_for_url("**year=2024*")
    page.get_by_text("English", exact=True).click()
    page.wait_for_url("**lang=en*")
    assert "scheme=foo" in page.url and "year=2024" in page.url
    page.wait_for_selector("text=17 provinces ran a surplus")
    page.reload()
    page.wait_for_selector("text=17 provinces ran a surplus", timeout=60_000)
    page.go_back()
    page.wait_for_selector("text=17个省份当期有结余")
    page.get_by_text("总览", exact=True).click()
    page.wait_for_selector("text=2024年全国基本医疗保险")
    assert "year=2024" in page.url
    page.close()


def test_a_publication_under_the_reader_shows_no_error(browser: Browser, server: str, published_home: Home) -> None:  # noqa: F811
    page = opened(browser, f"{server}{ADDRESSES['provinces']}&lang=en", "desk")
    for number in range(6):
        publisher = threading.Thread(target=publish, args=(published_home, published_home.root / "manifest.json"))
        publisher.start()
        scheme, answer = (("Employee scheme", "employee pooled fund"), ("Resident scheme", "resident scheme"))[number % 2]
        page.get_by_text(scheme, exact=True).first.click()
        page.wait_for_selector(f"h3:has-text('{answer}')", timeout=30_000)
        publisher.join()
        assert not re.search(r"Traceback|not complete|error", page.inner_text("body"), re.IGNORECASE)
    page.close()


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_dark_theme_is_legible(browser: Browser, server: str, name: str) -> None:
    page = opened(browser, f"{server}{ADDRESSES[name]}", "phone", dark=True)
    shoot(page, f"{name}-dark-phone")
    ink = page.evaluate("getComputedStyle(document.querySelector('.xaxislayer-above text, .yaxislayer-above text')).fill")
    assert ink == "rgb(238, 238, 238)"
    page.close()
