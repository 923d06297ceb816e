"""The order of deliveries decides nothing: files and rows in another order give the same observations."""

from __future__ import annotations

from country import Country
from rebuilt import Rebuilt


def test_the_order_of_files_and_rows_changes_no_observation(country: Country, rebuilt: Rebuilt) -> None:
    asked = "select count(*), sum(hash(o)::hugeint) from observations as o where indicator <> 'retired_tertiary_cost'"
    [(count, digest)] = rebuilt.query(asked)
    assert count > 100_000
    assert [(count, digest)] == country.query(asked)
