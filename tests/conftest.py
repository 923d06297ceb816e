"""Fixtures of more than one folder (the sample country, the data home the pages are tested on), and which tests run together."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from country import country  # noqa: F401
from deep_links import PAGES
from published_fixture import published_home  # noqa: F401
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from gongbao.paths import Home

# Two workers, each with a build or a server of its own, fit into a small machine.
os.environ.setdefault("GONGBAO_MEMORY", "1GB")
# Files whose tests need the same run of dbt.
OF_DBT = ("test_indicators", "test_models", "test_order")
# The groups that take longest, which begin; the second needs no sample country, and runs while the first makes it.
HEAVY = ("dbt", "test_ingest", "test_serve", "test_figures", "test_sample", "test_access", "test_dashboard", "test_publish", "test_slow_truth")


def pytest_configure() -> None:
    """Streamlit tells of each cached function that it is called without a server, which is so in every test of a page."""
    logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(lambda record: "No runtime found" not in record.getMessage())


@pytest.fixture(scope="session")
def sample_home(request: pytest.FixtureRequest) -> Home:
    """The data home of the sample country; or that of `GONGBAO_TEST_HOME`, which spares building one while a page is written."""
    ready = os.environ.get("GONGBAO_TEST_HOME")
    return Home(Path(ready) if ready else request.getfixturevalue("country").home)


def group_of(nodeid: str) -> str:
    """The tests of a file run in one worker, since they share its fixtures; those of a dashboard page share what was opened of it."""
    path, _, name = nodeid.partition("::")
    folder, stem = Path(path).parent.name, Path(path).stem
    pages = [part for part in name.partition("[")[2].rstrip("]").split("-") if part in PAGES]
    if folder in ("pages", "browser") and pages and stem != "test_access":
        return f"{folder}-{pages[0]}"
    return "dbt" if stem in OF_DBT else stem


class ByGroup(LoadScopeScheduling):
    """Gives the tests of a group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """The names of tests decide: with pytest 9.2 the marks of pytest-xdist 3.8 have no effect."""
    return ByGroup(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups one after the other, the heaviest first."""
    groups = {item: group_of(item.nodeid) for item in items}
    order = [*HEAVY, *dict.fromkeys(groups.values())]
    items.sort(key=lambda item: order.index(groups[item]))
