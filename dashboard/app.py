"""The dashboard's frame: language, pages, notices, the state of the data, the print view. Start it with `gongbao dashboard`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

# `streamlit run` puts this folder on the path, not the project's, from which `dashboard` is imported.
PROJECT = str(Path(__file__).resolve().parent.parent)
if PROJECT not in sys.path:
    sys.path.insert(0, PROJECT)

import streamlit as st  # noqa: E402
from streamlit.navigation.page import Page  # noqa: E402
from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: E402

from dashboard import access, blocks, browser, data  # noqa: E402
from dashboard.text import LANGUAGES, Language, say  # noqa: E402
from gongbao.paths import Home  # noqa: E402


@dataclass(frozen=True)
class View:
    """The script of a page, and whether it is for staff only wherever others than this machine's users reach the server."""

    file: str
    staff: bool = False


# Address of a page -> its script, in the order of the links. The first page is the front page. (A folder named `pages`
# would make Streamlit run the files in it by themselves.)
PAGES = {
    "overview": View("views/overview.py"),
    "coverage": View("views/coverage.py"),
    "employees": View("views/employees.py"),
    "fund": View("views/fund.py"),
    "provinces": View("views/provinces.py"),
    "benefits": View("views/benefits.py"),
    "away": View("views/away.py"),
    "monthly": View("views/monthly.py"),
    "profile": View("views/profile.py"),
    "reconcile": View("views/reconcile.py", staff=True),
    "quality": View("views/quality.py", staff=True),
    "indicators": View("views/indicators.py"),
    "downloads": View("views/downloads.py"),
}

# Drawn here: Streamlit would fetch its own icons for the browser's tab from outside.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0072B2" d="M1 9h4v6H1z"/>
<path fill="#E69F00" d="M6 5h4v10H6z"/><path fill="#009E73" d="M11 1h4v14h-4z"/></svg>"""

STYLES = {name: f"<style>{(browser.HERE / f'{name}.css').read_text(encoding='utf-8')}</style>" for name in ("page", "print")}


def main() -> None:
    """One run of the app."""
    language: Language = blocks.address_value("lang", list(LANGUAGES))
    printing = st.query_params.get("print") == "1"
    st.set_page_config(page_title=say(language, "app"), page_icon=ICON, layout="wide")
    st.html(STYLES["page"])
    if printing:
        st.html(STYLES["print"])
    browser.document(language)
    pages = {
        name: st.Page(view.file, title=say(language, f"page.{name}"), url_path=name, default=index == 0) for index, (name, view) in enumerate(PAGES.items())
    }
    if asked := unknown_page(pages):
        to_the_front_page(pages, asked)
    page = st.navigation(list(pages.values()), position="hidden")
    current = next(name for name, target in pages.items() if target == page)
    pages = {name: target for name, target in pages.items() if access.allowed(PAGES[name].staff)}
    if not printing:
        navigation(language, pages, current)
    notices = st.container(key="notices")
    with notices:
        blocks.address_notices(language)
    if current not in pages:
        access.refusal(language)
        return

    home = Home.from_environment()
    snapshot = data.snapshot(home)
    if snapshot is None:
        st.title(say(language, "missing.title"))
        st.info(say(language, "missing.body", path=home.published))
        return
    try:
        release = data.release(snapshot)
        dark = st.context.theme.type == "dark" and not printing
        here = blocks.Context(language, snapshot, release, dark, notices, current, printing, pages)
        st.session_state["context"] = here
        if printing:
            st.html(margins(here))
        blocks.release_notice(here)
        if release.data_is_sample:
            notices.container(key="sample").warning(say(language, "sample"), icon=":material/science:")
        page.run()
        footer(here)
    except data.Swapped:
        st.rerun()
    except data.Damaged:
        st.title(say(language, "damaged.title"))
        st.error(say(language, "damaged.body", path=snapshot.path))


def unknown_page(pages: dict[str, Page]) -> str:
    """The last part of the address a reader has just opened, when no page has it; the front page has none but the bare address."""
    asked = get_script_run_ctx().pages_manager.intended_page_name
    return asked if asked and asked not in {page.url_path for page in pages.values()} else ""


def to_the_front_page(pages: dict[str, Page], asked: str) -> None:
    """Open the front page with the same parameters, and a notice unless it was asked for by its name.

    Streamlit would open an English window above it; so for this one run the address is that of a page.
    """
    front, *others = pages
    st.session_state["unknown"] = asked != front
    known = [pages[name] for name in (others if asked == front else pages)]
    st.navigation([*known, st.Page(PAGES[front].file, url_path=asked)], position="hidden")
    st.switch_page(pages[front], query_params=st.query_params.to_dict())


def navigation(language: Language, pages: dict[str, object], current: str) -> None:
    """Links of our own: they carry language, year, place and scheme from page to page. A phone gets them as a menu."""
    carried = blocks.carried()
    with st.container(horizontal=True, vertical_alignment="center", key="frame"):
        with st.container(horizontal=True, key="nav", width="stretch"):
            for target in pages.values():
                st.page_link(target, query_params=carried)
        with st.container(key="menu", width="content"), st.popover(say(language, "menu", page=say(language, f"page.{current}"))):
            for target in pages.values():
                st.page_link(target, query_params=carried)
        blocks.language_control(language)
        access.control(language)


def margins(here: blocks.Context) -> str:
    """The style that prints page, mark of a sample, release and number of the sheet in the margins of every sheet."""
    texts = {
        "top-left": f"{here.say('app')} · {here.say(f'page.{here.page}')}",
        "top-right": here.say("sample") if here.release.data_is_sample else "",
        "bottom-left": blocks.release_line(here),
    }
    boxes = "".join(f"@{place} {{ content: {json.dumps(text, ensure_ascii=False)}; }}" for place, text in texts.items())
    return f'<style>@page {{ {boxes} @bottom-right {{ content: counter(page) "/" counter(pages); }} }}</style>'


def footer(here: blocks.Context) -> None:
    """The end of a page: which data it shows, and the way to its print view or back."""
    rest = {name: value for name, value in st.query_params.items() if name != "print"}
    if here.printing:
        with st.container(horizontal=True, key="print-tools"):
            browser.print_button(here.say("print.print"))
            st.page_link(here.pages[here.page], label=here.say("print.back"), query_params=rest)
    else:
        st.divider()
        st.caption(blocks.release_line(here))
        st.page_link(here.pages[here.page], label=here.say("print.view"), query_params=rest | {"print": "1"}, icon=":material/print:")


if __name__ == "__main__":
    with data.TURNS:
        main()
