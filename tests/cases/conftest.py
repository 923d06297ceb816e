"""Fixtures of the deliveries: a data home of its own for each, and the statistics made from it."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Builder, Statistics
from delivering import DELIVERIES, Delivered

from gongbao.ingest.batch import ensure_lake
from gongbao.paths import Home

Deliver = Callable[..., Delivered]


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home into which nothing was delivered yet."""
    home = tmp_path_factory.mktemp("empty") / "data"
    ensure_lake(Home(home))
    return home


@pytest.fixture
def deliver(empty_lake: Path, tmp_path: Path) -> Deliver:
    """A function that takes a delivery through `check` and `ingest`: one of the folders by its name, or any other folder."""

    def through_the_door(name: str | Path, *options: str) -> Delivered:
        home = tmp_path / "data"
        shutil.copytree(empty_lake, home)
        delivered = Delivered(DELIVERIES / name, home)
        delivered.check(*options)
        delivered.ingest(*options)
        return delivered

    return through_the_door


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """What builds warehouses; all workers share one parsed project."""
    shared = tmp_path_factory.getbasetemp()
    return Builder((shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared) / "parsed-project")


@pytest.fixture(scope="session")
def lakes(empty_lake: Path, builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[dict[str, bool], Statistics]]:
    """A function that takes deliveries into one lake, one after the other: which were accepted, and the statistics of the lake."""

    @functools.cache
    def made(names: tuple[str, ...], *tests: str) -> tuple[dict[str, bool], Statistics]:
        home = tmp_path_factory.mktemp(names[0]) / "data"
        shutil.copytree(empty_lake, home)
        accepted = {}
        for name in names:
            delivered = Delivered(DELIVERIES / name, home)
            before = len(delivered.batches())
            delivered.ingest()
            accepted[name] = len(delivered.batches()) - before == sum(path.is_file() for path in delivered.folder.rglob("*"))
        return accepted, builder.build(home, *tests)

    return made


@pytest.fixture
def found(request: pytest.FixtureRequest, lakes: Callable[..., tuple[dict[str, bool], Statistics]]) -> Statistics | None:
    """The statistics of a delivery in its lake; None when it was refused."""
    lake, name, *tests = request.param
    accepted, statistics = lakes(lake, *tests)
    return statistics if accepted[name] else None
