"""The dashboard's frame: language, pages, notices, the state of the data, the print view. Start it with `gongbao dashboard`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

# `streamlit run` puts this folder on the path, not the project's, from which `dashboard` is imported.
PROJECT = str(Path(__file__).resolve().parent.parent)
if PROJECT not in sys.path:
    sys.path.insert(0, PROJECT)

import streamlit as st  # noqa: E402
from streamlit.navigation.page import Page  # noqa: E402
from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: E402

from dashboard import access, blocks, browser, data, pages  # noqa: E402
from dashboard.text import LANGUAGES, Language, say  # noqa: E402
from gongbao.paths import Home  # noqa: E402

HERE = Path(__file__).resolve().parent
# Where the scripts of pages are; a page without one is made from its figures. (A folder named `pages` would make Streamlit run the files in it.)
VIEWS = HERE / "views"
OF_FIGURES = "system"

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

    home = Home.from_environment()
    snapshot = data.snapshot(home)
    if snapshot is None:
        nothing(language, "missing", home.published)
        return
    try:
        show(language, snapshot, printing)
    except data.Swapped:
        st.rerun()
    except data.Damaged:
        nothing(language, "damaged", snapshot.path)


def nothing(language: Language, why: str, path: Path) -> None:
    """What stands in place of every page when there is no file that can be read."""
    if why == "missing":
        st.title(say(language, "missing.title"))
        st.info(say(language, "missing.body", path=path))
    else:
        st.title(say(language, "damaged.title"))
        st.error(say(language, "damaged.body", path=path))


def show(language: Language, snapshot: data.Snapshot, printing: bool) -> None:
    """The page of the address, in its frame."""
    listed = pages.listed(snapshot)
    targets = {
        name: st.Page(script_of(page), title=page.label[language], url_path=name, default=index == 0) for index, (name, page) in enumerate(listed.items())
    }
    if asked := unknown_page(targets):
        to_the_front_page(listed, targets, asked)
    target = st.navigation(list(targets.values()), position="hidden")
    current = next(name for name, one in targets.items() if one == target)
    allowed = {name: one for name, one in targets.items() if access.allowed(listed[name].is_for_staff)}
    if not printing:
        navigation(language, allowed, listed[current])
    notices = st.container(key="notices")
    with notices:
        blocks.address_notices(language)
    if current not in allowed:
        access.refusal(language)
        return
    release = data.release(snapshot)
    dark = st.context.theme.type == "dark" and not printing
    here = blocks.Context(language, snapshot, release, dark, notices, current, printing, allowed, listed)
    st.session_state["context"] = here
    if printing:
        st.html(margins(here))
    blocks.release_notice(here)
    if release.data_is_sample:
        notices.container(key="sample").warning(say(language, "sample"), icon=":material/science:")
    target.run()
    footer(here)


def script_of(page: pages.Page) -> Path:
    """The script that draws a page."""
    return VIEWS / f"{page.view or OF_FIGURES}.py"


def unknown_page(targets: dict[str, Page]) -> str:
    """The last part of the address a reader has just opened, when no page has it; the front page has none but the bare address."""
    asked = get_script_run_ctx().pages_manager.intended_page_name
    return asked if asked and asked not in {target.url_path for target in targets.values()} else ""


def to_the_front_page(listed: dict[str, pages.Page], targets: dict[str, Page], asked: str) -> None:
    """Open the front page with the same parameters, and a notice unless it was asked for by its name.

    Streamlit would open an English window above it; so for this one run the address is that of a page.
    """
    front, *others = targets
    st.session_state["unknown"] = asked != front
    known = [targets[name] for name in (others if asked == front else targets)]
    st.navigation([*known, st.Page(script_of(listed[front]), url_path=asked)], position="hidden")
    st.switch_page(targets[front], query_params=st.query_params.to_dict())


def navigation(language: Language, targets: dict[str, object], current: pages.Page) -> None:
    """Links of our own: they carry language, year, place and scheme from page to page. A phone gets them as a menu."""
    carried = blocks.carried()
    with st.container(horizontal=True, vertical_alignment="center", key="frame"):
        with st.container(horizontal=True, key="nav", width="stretch"):
            for target in targets.values():
                st.page_link(target, query_params=carried)
        with st.container(key="menu", width="content"), st.popover(say(language, "menu", page=current.label[language])):
            for target in targets.values():
                st.page_link(target, query_params=carried)
        blocks.language_control(language)
        access.control(language)


def margins(here: blocks.Context) -> str:
    """The style that prints page, mark of a sample, release and number of the sheet in the margins of every sheet."""
    texts = {
        "top-left": f"{here.say('app')} · {here.link_of(here.page)}",
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
