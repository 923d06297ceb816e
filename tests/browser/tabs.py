"""Pages that are open in a browser, and what the tests do with them."""

from __future__ import annotations

import os
import shutil
from urllib.parse import urlencode

from deep_links import PAGES, deep_link
from playwright.sync_api import Browser, BrowserContext, Page
from running import patient, settled

from gongbao.paths import Home

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
# Shows the tab with a number in every figure that has it; how many figures those are.
CHOOSE = """number => {
    const tabs = [...document.querySelectorAll('[role="tablist"]')].map(list => list.querySelectorAll('[role="tab"]')[number]).filter(Boolean);
    tabs.filter(tab => tab.ariaSelected != 'true').forEach(tab => tab.click());
    return tabs.length;
}"""
CHOSEN = """number => [...document.querySelectorAll('[role="tablist"]')].map(list => list.querySelectorAll('[role="tab"]')[number])
    .every(tab => !tab || tab.ariaSelected == 'true')"""


class Tabs:
    """Open pages of one dashboard: what is already shown is not loaded again, only brought to the size that is asked for."""

    def __init__(self, browser: Browser, server: str, home: Home) -> None:
        self.server = server
        self.home = home
        self._contexts = {theme: browser.new_context(color_scheme=theme, locale="zh-CN") for theme in ("light", "dark")}
        self._contexts["touch"] = browser.new_context(locale="zh-CN", has_touch=True, is_mobile=True)
        self._tabs: dict[tuple, Page] = {}

    def show(self, page: str, size: str = "desk", *, language: str = "zh", theme: str = "light", **parameters: str) -> Page:
        """A page of the dashboard with its first tabs in view, under its deep link and further parameters; in the dark its bare address.

        A Chinese page is opened on a phone, an English one on a desk, and then brought to the size.
        """
        link = deep_link(self.home, page) if theme == "light" else {}
        address = path(page, link | parameters | {"lang": language})
        kind = (language, theme, *parameters)
        if kind not in self._tabs:
            self._tabs[kind] = self._new(theme)
            self._tabs[kind].address = None
        tab = self._tabs[kind]
        tab.bring_to_front()  # a browser gives those behind little time
        if tab.address != address:
            tab.address = None
            tab.set_viewport_size(size_of("phone" if language == "zh" else "desk"))
            tab.goto(self.server + address)
            settled(tab)
            tab.address = address
        tab.emulate_media(media="null")
        tab.set_viewport_size(size_of(size))
        settled(tab)
        choose_tab(tab, 0)
        return tab

    def open(self, address: str, size: str = "desk", *, touch: bool = False) -> Page:
        """A page for one test alone, to close when it is done; `touch`: on a device with fingers instead of a mouse."""
        tab = self._new("touch" if touch else "light")
        tab.set_viewport_size(size_of(size))
        tab.goto(self.server + address)
        return settled(tab)

    def _new(self, theme: str) -> Page:
        """An empty tab that notes in `outside` what it asks other machines for."""
        context: BrowserContext = self._contexts[theme]
        tab = patient(context.new_page())
        tab.outside = []
        here = (self.server, self.server.replace("http", "ws"), "data:", "blob:")

        def note(address: str) -> None:
            if not address.startswith(here):
                tab.outside.append(address)

        tab.on("request", lambda request: note(request.url))
        tab.on("websocket", lambda socket: note(socket.url))
        return tab

    def swap(self) -> None:
        """Put a new published file in place, as a publication does."""
        fresh = self.home.published.with_suffix(".next")
        shutil.copy(self.home.published, fresh)
        os.replace(fresh, self.home.published)


def path(page: str, parameters: dict[str, str]) -> str:
    """The address of a page on its server."""
    return f"{'/' if page == next(iter(PAGES)) else f'/{page}'}?{urlencode(parameters)}"


def size_of(name: str) -> dict[str, int]:
    return dict(zip(("width", "height"), SIZES[name], strict=True))


def choose_tab(tab: Page, number: int) -> bool:
    """Show the tab with a number in every figure; whether any has it."""
    if not tab.evaluate(CHOOSE, number):
        return False
    tab.wait_for_function(CHOSEN, arg=number)
    settled(tab)
    return True
