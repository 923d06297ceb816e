"""Fixtures of more than one file: the sample country, the data home the pages are tested on, a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from country import country  # noqa: F401
from running import browser  # noqa: F401

from gongbao.paths import Home


@pytest.fixture(scope="session")
def sample_home(request: pytest.FixtureRequest) -> Home:
    """The data home of the sample country; or that of `GONGBAO_TEST_HOME`, which spares building one while a page is written."""
    ready = os.environ.get("GONGBAO_TEST_HOME")
    return Home(Path(ready) if ready else request.getfixturevalue("country").home)
