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


@pytest.fixture(scope="session")
def sample_home(request: pytest.FixtureRequest) -> Home:
    """The data home of the sample country; or that of `GONGBAO_TEST_HOME`, which spares building one while a page is written."""
    ready = os.environ.get("GONGBAO_TEST_HOME")
    return Home(Path(ready) if ready else request.getfixturevalue("country").home)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file run in one worker, since they share its fixtures; those of a dashboard page share what was opened of it."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            page = getattr(item, "callspec", None) and item.callspec.params.get("page")
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}-{page}" if page else item.path.stem))
