"""Printing numbers: half up, once, from the full value."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def rounded(value: Decimal, scale: int = 1, decimals: int = 2) -> Decimal:
    """`value` (base unit: persons, yuan, %) divided by `scale` and rounded half up, as the bulletin prints it."""
    return (value / Decimal(int(scale))).quantize(Decimal(1).scaleb(-int(decimals)), rounding=ROUND_HALF_UP)
