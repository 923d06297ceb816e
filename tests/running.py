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

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NO_CHROMIUM = "no chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
UP_SECONDS = 60
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
            process.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether a web server answers at an address, whatever it says."""
    try:
        urllib.request.urlopen(address, timeout=5, context=UNVERIFIED)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextlib.contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file; import it where it is used."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as opened:
        yield opened


def settled(page: Page) -> Page:
    """The page once its run is over and everything is drawn."""
    page.wait_for_selector('[data-testid="stHeading"]', timeout=60_000)
    page.wait_for_function(
        """() => !document.querySelector('[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]')
            && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(chart => chart.querySelector('.main-svg') || !chart.offsetParent)""",
        timeout=60_000,
    )
    page.wait_for_timeout(300)
    return page
