"""The regions of the statistics."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.data.file import Snapshot, query


@dataclass(frozen=True)
class Region:
    """A place of the statistics; names are short (四川, not 四川省; Liangshan Yi, not Liangshan Yi Autonomous Prefecture)."""

    code: str
    level: str
    parent: str | None
    kind: str
    name_zh: str
    name_en: str


# Letters of GB/T 2260, where a tile is too small for an English name.
LETTERS = {
    "110000": "BJ", "120000": "TJ", "130000": "HE", "140000": "SX", "150000": "NM", "210000": "LN", "220000": "JL", "230000": "HL",
    "310000": "SH", "320000": "JS", "330000": "ZJ", "340000": "AH", "350000": "FJ", "360000": "JX", "370000": "SD", "410000": "HA",
    "420000": "HB", "430000": "HN", "440000": "GD", "450000": "GX", "460000": "HI", "500000": "CQ", "510000": "SC", "520000": "GZ",
    "530000": "YN", "540000": "XZ", "610000": "SN", "620000": "GS", "630000": "QH", "640000": "NX", "650000": "XJ", "660000": "XPCC",
    "710000": "TW", "810000": "HK", "820000": "MO",
}  # fmt: skip


@st.cache_data(max_entries=4, show_spinner=False)
def regions(of: Snapshot) -> pd.DataFrame:
    """Every region of the list, by code.

    Columns: region_code, region_level, parent_code, kind, region_zh, region_en (short names), short_zh, short_en (for tiles),
    grid_row, grid_col (place on the tile map, provinces only), in_statistics.
    """
    frame = query(of, "select * from memory.places order by region_code")
    frame["short_en"] = frame["region_code"].map(LETTERS)
    return frame


@st.cache_resource(max_entries=4, show_spinner=False)
def region_tree(of: Snapshot) -> dict[str, Region]:
    """The regions of the statistics by code, in the order of codes. Abolished ones are not among them."""
    frame = regions(of)
    frame = frame[frame["in_statistics"].astype(bool) & (frame["kind"] != "abolished")]
    return {row.region_code: Region(row.region_code, row.region_level, row.parent_code, row.kind, row.region_zh, row.region_en) for row in frame.itertuples()}


def region_path(of: Snapshot, code: str) -> tuple[Region, ...]:
    """A region and those above it, the nation first; empty for an unknown code."""
    tree = region_tree(of)
    path: list[Region] = []
    step: str | None = code
    while step in tree:
        path.insert(0, tree[step])
        step = tree[step].parent
    return tuple(path)


def children(of: Snapshot, code: str) -> tuple[Region, ...]:
    """The regions right below one."""
    return tuple(region for region in region_tree(of).values() if region.parent == code)
