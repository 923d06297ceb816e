"""Fixtures of more than one folder (the sample country, the data home the pages are tested on), and which tests run together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from country import country  # noqa: F401
from published_fixture import published_home  # noqa: F401

from gongbao.paths import Home

# Two workers, each with a build or a server of its own, fit into a small machine.
os.environ.setdefault("GONGBAO_MEMORY", "1GB")
# The groups that take longest, which begin; the second needs no sample country, and runs while the first makes it.
HEAVY = ("dbt", "test_ingest", "test_serve", "test_figures", "test_sample", "access", "test_dashboard", "test_publish", "test_slow_truth")


@pytest.fixture(scope="session")
def sample_home(request: pytest.FixtureRequest) -> Home:
    """The data home of the sample country; or that of `GONGBAO_TEST_HOME`, which spares building one while a page is written."""
    ready = os.environ.get("GONGBAO_TEST_HOME")
    return Home(Path(ready) if ready else request.getfixturevalue("country").home)


def group_of(item: pytest.Item) -> str:
    """The tests of a file run in one worker, since they share its fixtures; those of a dashboard page share what was opened of it."""
    if mark := item.get_closest_marker("xdist_group"):
        return mark.args[0]
    folder, page = item.path.parent.name, item.callspec.params.get("page") if hasattr(item, "callspec") else None
    return f"{folder}-{page}" if page and folder in ("pages", "browser") else item.path.stem


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups one after the other, the heaviest first."""
    groups = {item: group_of(item) for item in items}
    order = [*HEAVY, *dict.fromkeys(groups.values())]
    items.sort(key=lambda item: order.index(groups[item]))
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
