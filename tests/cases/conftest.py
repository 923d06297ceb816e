"""Fixtures of the deliveries: a data home of its own for each, and the statistics made from it."""

from __future__ import annotations

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
Figures = Callable[..., tuple[Delivered, Statistics]]


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


@pytest.fixture
def figures_of(deliver: Deliver, builder: Builder) -> Figures:
    """A function that takes a delivery through the door and builds its statistics; none when the delivery was refused."""

    def built(name: str | Path, *tests: str) -> tuple[Delivered, Statistics | None]:
        delivered = deliver(name)
        return delivered, builder.build(delivered.home, *tests) if delivered.batches() else None

    return built


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what does not hold yet, strictly: a test that begins to hold fails until its line in `not_yet.txt` is taken out."""
    lines = (Path(__file__).parent / "not_yet.txt").read_text(encoding="utf-8").splitlines()
    reasons = dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))
    for item in items:
        if item.path.parent == Path(__file__).parent and item.name in reasons:
            item.add_marker(pytest.mark.xfail(strict=True, reason=reasons[item.name]))
