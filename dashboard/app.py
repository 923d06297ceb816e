"""The dashboard's frame: language, pages, notices, the state of the data. Start it with `gongbao dashboard`."""

from __future__ import annotations

import sys
from pathlib import Path

# `streamlit run` puts this folder on the path, not the project's, from which `dashboard` is imported.
PROJECT = str(Path(__file__).resolve().parent.parent)
if PROJECT not in sys.path:
    sys.path.insert(0, PROJECT)

import streamlit as st  # noqa: E402

from dashboard import blocks, data  # noqa: E402
from dashboard.text import LANGUAGES, Language, say  # noqa: E402
from gongbao.paths import Home  # noqa: E402

# Address of a page -> its file. The first page is the front page. (A folder named `pages` would make Streamlit run the
# files in it by themselves.)
PAGES = {
    "overview": "views/overview.py",
    "provinces": "views/provinces.py",
}

# Drawn here: Streamlit would fetch its own icons for the browser's tab from outside.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0072B2" d="M1 9h4v6H1z"/>
<path fill="#E69F00" d="M6 5h4v10H6z"/><path fill="#009E73" d="M11 1h4v14h-4z"/></svg>"""

STYLE = """
<style>
    .block-container { padding-top: 1.5rem; padding-bottom: 3rem; max-width: 76rem; }
    [data-testid="stMetricValue"], [data-testid="stTable"] { font-variant-numeric: tabular-nums; }
    [data-testid="stMetricValue"] * { white-space: normal !important; overflow: visible !important; }
    [data-testid="stMetricLabel"] * { white-space: normal !important; overflow: visible !important; }
    [data-testid="stTable"] td:not(:first-child), [data-testid="stTable"] th:not(:first-child) { text-align: right !important; }
    [class*="st-key-tiles-"] { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 0.75rem; }
    [class*="st-key-tile-"] { height: 100%; padding: 0.75rem; }
    @media (max-width: 640px) {
        .block-container { padding-left: 1rem; padding-right: 1rem; }
        [data-testid="stMetricValue"] { font-size: 1.15rem; }
    }
</style>
"""


def main() -> None:
    """One run of the app."""
    language: Language = blocks.address_value("lang", list(LANGUAGES))
    st.set_page_config(page_title=say(language, "app"), page_icon=ICON, layout="wide")
    st.html(STYLE)
    pages = {
        name: st.Page(file, title=say(language, f"page.{name}"), url_path=name, default=index == 0)
        for index, (name, file) in enumerate(PAGES.items())
    }
    page = st.navigation(list(pages.values()), position="hidden")
    # Links of our own: they show on a phone too and carry language and year from page to page.
    carried = {name: value for name, value in st.query_params.items() if name in blocks.CARRIED}
    with st.container(horizontal=True, vertical_alignment="center", key="frame"):
        for target in pages.values():
            st.page_link(target, query_params=carried)
        blocks.language_control(language)
    notices = st.container(key="notices")
    with notices:
        blocks.address_notices(language)

    home = Home.from_environment()
    snapshot = data.snapshot(home)
    if snapshot is None:
        st.title(say(language, "missing.title"))
        st.info(say(language, "missing.body", path=home.published))
        return
    try:
        release = data.release(snapshot)
        dark = st.context.theme.type == "dark"
        st.session_state["context"] = blocks.Context(language, snapshot, release, dark, notices)
        if release.data_is_sample:
            notices.warning(say(language, "sample"), icon=":material/science:")
        page.run()
    except data.Swapped:
        st.rerun()
    except data.Damaged:
        st.title(say(language, "damaged.title"))
        st.error(say(language, "damaged.body", path=snapshot.path))


main()
