"""Fixtures of more than one file of this folder."""

from __future__ import annotations

from rebuilt import rebuilt  # noqa: F401
