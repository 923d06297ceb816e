"""A few hundred mutations of good files; the same program runs many more (`python tests/fuzz/run.py`)."""

from __future__ import annotations

from collections import Counter

import pytest
from drafts import CONTAINERS
from run import shard


@pytest.mark.parametrize("seed", [11, 12])
def test_what_can_count_of_a_mutated_file_is_what_the_slow_reader_says(seed: int) -> None:
    results = shard(seed, 0, 100)
    assert not [(result.number, result.container, result.kinds, result.wrong) for result in results if result.wrong]
    # a fuzz of which everything is refused tests nothing
    outcomes = Counter((result.container, result.outcome.startswith("refused")) for result in results)
    assert all(outcomes[container, False] >= 3 for container in CONTAINERS), outcomes
    assert sum(result.repaired for result in results) >= 10
