"""One Chromium and one dashboard for the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from running import CHROMIUM, NO_CHROMIUM, chromium, dashboard
from tabs import Tabs

from gongbao.paths import Home


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def tabs(sample_home: Home, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabs]:
    """A dashboard as `gongbao dashboard` runs it, on a data home of its own, whose published file may be swapped."""
    home = Home(tmp_path_factory.mktemp("browser") / "data")
    home.published.parent.mkdir(parents=True)
    for name in (sample_home.published.name, "release.json"):
        shutil.copy(sample_home.published.with_name(name), home.published.with_name(name))
    home.published.with_name("parquet").symlink_to(sample_home.published.with_name("parquet").resolve())
    with dashboard(home.root) as port:
        yield Tabs(browser, f"http://127.0.0.1:{port}", home)
