"""The dashboard as `gongbao dashboard` runs it, and a browser that looks at it, for the tests that need the real thing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NO_CHROMIUM = "no chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)"
# It finds no name but those of this machine.
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", ONLY_HERE]
PATIENCE = 120_000  # milliseconds: how slow a machine may be
UP_SECONDS = PATIENCE / 1000
# For a server whose certificate is its own.
UNVERIFIED = ssl.create_default_context()
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def dashboard(home: Path, *options: str, port: int | None = None) -> Iterator[int]:
    """`gongbao dashboard` on a data home, until the block ends; its port."""
    port = port or free_port()
    command = [sys.executable, "-m", "gongbao.cli", "dashboard", "--port", str(port), *options]
    with started(command, f"http://127.0.0.1:{port}/_stcore/health", {"GONGBAO_HOME": str(home)}):
        yield port


@contextlib.contextmanager
def started(command: list[str], address: str, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A server that answers at an address, until the block ends. AssertionError, with what it printed: it does not."""
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **(environment or {})}, stdout=printed, stderr=subprocess.STDOUT)
        try:
            ends = time.monotonic() + UP_SECONDS
            while not answers(address):
                if process.poll() is not None or time.monotonic() > ends:
                    printed.seek(0)
                    raise AssertionError(f"{address} does not answer\n{printed.read()}")
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(timeout=UP_SECONDS)


def answers(address: str) -> bool:
    """Whether a web server answers at an address, whatever it says."""
    try:
        urllib.request.urlopen(address, timeout=UP_SECONDS, context=UNVERIFIED)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def patient(page: Page) -> Page:
    """The page, which waits for what is to come as long as a slow machine may take."""
    page.set_default_timeout(PATIENCE)
    return page


# The run is over, its last element stands, charts have the width of their boxes, and nothing has moved for three frames.
SETTLED = """whole => {
    const one = selector => document.querySelector(selector);
    const fills = (chart, drawn) => drawn && Math.abs(drawn.getBoundingClientRect().width - chart.clientWidth) <= 1;
    const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].filter(chart => chart.offsetParent);
    const now = one('[data-testid="stApp"]')?.dataset.testScriptState == 'notRunning' && one('[data-testid="stHeading"]')
        && (!whole || one('.st-key-print-tools a, [data-testid="stPageLink-NavLink"][href*="print=1"]'))
        && !one('[data-testid="stSkeleton"], [data-stale="true"]') && document.fonts.status == 'loaded'
        && charts.every(chart => fills(chart, chart.querySelector('.main-svg')))
        && `${document.querySelectorAll('*').length} ${one('[data-testid="stMain"]').scrollHeight}`;
    window.still = now && now == window.before ? window.still + 1 : 0;
    window.before = now;
    return window.still >= 3;
}"""


def settled(page: Page, whole: bool = True) -> Page:
    """The page once its run is over and everything is drawn; not `whole`: a page of which nothing but a sentence may be seen."""
    page.wait_for_function(SETTLED, arg=whole, timeout=PATIENCE)
    return page
