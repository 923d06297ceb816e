"""A reader of the published file in a process of its own, which starts fast since it imports little."""

from __future__ import annotations

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

import duckdb


def read_until(stop: Event, path: str, seen: Queue) -> None:
    """Open, read, close again and again until told to stop; reports each version when it is first seen, or what went wrong."""
    last = None
    try:
        while not stop.wait(0.005):
            with duckdb.connect(path, read_only=True) as connection:
                version, low, high = connection.execute("select (select batches_digest from release_info), min(value), max(value) from observations").fetchone()
            if not int(version) == low == high:
                raise AssertionError(f"version {version} with values {low} to {high}")
            if version != last:
                seen.put(int(version))
                last = version
    except Exception as error:  # noqa: BLE001  whatever it is, the test must see it
        seen.put(repr(error))
