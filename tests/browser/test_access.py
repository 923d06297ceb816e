"""Who sees which page: the rules, and a real sign-in through a real browser at a provider of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest
from deep_links import PAGES, title_of
from identity_provider import identity_provider, sign_in_settings
from playwright.sync_api import Browser, BrowserContext, Page
from running import dashboard, free_port, patient, settled

from dashboard import access
from dashboard.text import say
from gongbao.paths import Home

USERS = {
    "staff": {"email": "Zhang@Example.org", "email_verified": True, "name": "张三 *<b>Zhang</b>*"},
    "guest": {"email": "guest@example.org", "email_verified": True, "name": "Guest"},
    "claims-to-be-staff": {"email": "zhang@example.org", "email_verified": False, "name": "Impostor"},
}
STAFF_PAGES = [name for name, meta in PAGES.items() if meta.get("staff")]


# ---------------------------------------------------------------- the rules


def test_the_pages_about_the_work_behind_the_figures_are_for_staff() -> None:
    assert set(STAFF_PAGES) == {"quality", "reconcile"}


@pytest.mark.parametrize(
    ("user", "rules", "expected"),
    [
        ({}, {}, False),
        ({"is_logged_in": False, "email": "a@example.org"}, {"staff": ["a@example.org"]}, False),
        ({"is_logged_in": True}, {}, True),
        ({"is_logged_in": True, "email": "A@example.org"}, {"staff": ["a@Example.org"]}, True),
        ({"is_logged_in": True, "email": "a@example.org"}, {"staff": []}, False),
        ({"is_logged_in": True, "email": "aa@example.org"}, {"staff": ["a@example.org"]}, False),
        ({"is_logged_in": True, "email": "a@example.org", "email_verified": False}, {"staff": ["a@example.org"]}, False),
        ({"is_logged_in": True, "email": "a@example.org", "email_verified": "true"}, {"staff": ["a@example.org"]}, True),
        ({"is_logged_in": True, "groups": ["others", "Statistics"]}, {"staff": ["statistics"], "staff_claim": "groups"}, True),
        ({"is_logged_in": True, "groups": "statistics"}, {"staff": ["statistics"], "staff_claim": "groups"}, True),
        ({"is_logged_in": True, "groups": "statistics-guests"}, {"staff": ["statistics"], "staff_claim": "groups"}, False),
        ({"is_logged_in": True}, {"staff": ["statistics"], "staff_claim": "groups"}, False),
        ({"is_logged_in": True, "groups": None}, {"staff": ["statistics"], "staff_claim": "groups"}, False),
    ],
)
def test_who_is_staff(user: dict, rules: dict, expected: bool) -> None:
    assert access.is_staff(user, rules) is expected


# ---------------------------------------------------------------- a real sign-in


@dataclass
class Guarded:
    """A dashboard with sign-in and a browser that looks at it."""

    address: str
    browser: Browser

    def visit(self, visitor: BrowserContext, page: str, language: str = "zh", parameters: str = "", refused: bool = False) -> Page:
        """A page of the dashboard in a new tab; `refused`: nothing but a sentence is to be seen of it."""
        tab = patient(visitor.new_page())
        tab.goto(f"{self.address}/{page}?lang={language}{parameters}")
        return settled(tab, whole=not refused)

    def sign_in(self, user: str) -> BrowserContext:
        """A visitor who has signed in as one of the users."""
        visitor = self.browser.new_context(locale="zh-CN")
        tab = self.visit(visitor, "")
        tab.locator(".st-key-sign-in button").click()
        tab.get_by_text(user, exact=True).click()
        assert USERS[user]["name"] in tab.locator(".st-key-sign-out button").inner_text()
        return visitor


@pytest.fixture(scope="module")
def guarded(sample_home: Home, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    port = free_port()
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    with identity_provider(USERS) as provider:
        secrets.write_text(sign_in_settings(provider, port) + '[gongbao]\nstaff = ["zhang@example.org"]\n', encoding="utf-8")
        secrets.chmod(0o600)
        with dashboard(sample_home.root, "--secrets", str(secrets), port=port):
            yield Guarded(f"http://localhost:{port}", browser)


@pytest.fixture(scope="module")
def stranger(guarded: Guarded) -> Iterator[BrowserContext]:
    """A visitor who never signs in."""
    visitor = guarded.browser.new_context()
    yield visitor
    visitor.close()


SHOWN = '[data-testid="stPlotlyChart"], [data-testid="stMetric"], [data-testid="stDownloadButton"], table'


def shows_nothing(tab: Page) -> bool:
    """Whether no figure, table, number tile or download stands on a page."""
    return tab.query_selector(SHOWN) is None


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", STAFF_PAGES)
def test_without_sign_in_a_staff_page_shows_nothing_but_why(guarded: Guarded, stranger: BrowserContext, page: str, language: str) -> None:
    tab = guarded.visit(stranger, page, language, refused=True)
    said = tab.inner_text("body")
    assert say(language, "access.needed") in said and shows_nothing(tab)
    assert title_of(page, language) not in tab.inner_text(".st-key-nav")
    tab.close()


@pytest.mark.parametrize("page", [name for name in PAGES if name not in STAFF_PAGES])
def test_public_pages_ask_nobody_who_they_are(guarded: Guarded, stranger: BrowserContext, page: str) -> None:
    tab = guarded.visit(stranger, page)
    assert tab.locator(SHOWN).count() > 0
    assert say("zh", "access.title") not in tab.inner_text("body")
    tab.close()


def test_the_tables_of_staff_pages_are_not_given_to_others_as_files(guarded: Guarded, sample_home: Home) -> None:
    with duckdb.connect(str(sample_home.published), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables() where not internal").fetchall()}
    of_staff = {table for meta in PAGES.values() for table in meta.get("staff_tables", [])}
    assert tables >= of_staff != set()
    for visitor, given in ((guarded.browser.new_context(), tables - of_staff), (guarded.sign_in("staff"), tables)):
        tab = guarded.visit(visitor, "downloads", parameters="&table=rejected_rows")
        listed = set(tab.eval_on_selector_all(".st-key-figure-files tbody th", "cells => cells.map(cell => cell.textContent.trim())"))
        whole = sample_home.published.name
        assert listed - {whole} == given and (whole in listed) == (given == tables)
        columns = tab.inner_text(".st-key-figure-columns")
        assert ("rejected_rows" in columns) == (given == tables)
        visitor.close()


def test_staff_sign_in_see_their_pages_and_sign_out(guarded: Guarded) -> None:
    visitor = guarded.sign_in("staff")
    for page in STAFF_PAGES:
        tab = guarded.visit(visitor, page)
        assert tab.locator(SHOWN).count() > 0
    assert say("zh", "access.title") not in tab.inner_text("body")
    tab.locator(".st-key-sign-out button").click()
    tab.locator(".st-key-sign-in button").wait_for()
    tab = guarded.visit(visitor, STAFF_PAGES[0], refused=True)
    assert say("zh", "access.needed") in tab.inner_text("body") and shows_nothing(tab)
    visitor.close()


@pytest.mark.parametrize("user", ["guest", "claims-to-be-staff"])
def test_a_user_who_is_not_staff_is_refused(guarded: Guarded, user: str) -> None:
    visitor = guarded.sign_in(user)
    for page in STAFF_PAGES:
        tab = guarded.visit(visitor, page, refused=True)
        assert say("zh", "access.not_staff", name=USERS[user]["name"]) in tab.inner_text("body") and shows_nothing(tab)
    visitor.close()


def test_a_cookie_of_ones_own_making_signs_nobody_in(guarded: Guarded) -> None:
    guest, forger = guarded.sign_in("guest"), guarded.browser.new_context()
    cookies = guest.cookies()
    assert any(cookie["name"] == "_streamlit_user" and cookie["httpOnly"] for cookie in cookies)
    for cookie in cookies:
        if cookie["name"] == "_streamlit_user":
            cookie["value"] = cookie["value"][:-6] + "AAAAAA"
    forger.add_cookies(cookies)
    tab = guarded.visit(forger, STAFF_PAGES[0], refused=True)
    assert say("zh", "access.needed") in tab.inner_text("body") and shows_nothing(tab)
    guest.close()
    forger.close()


# ---------------------------------------------------------------- without sign-in


@pytest.mark.parametrize("public", [False, True])
def test_without_sign_in_staff_pages_are_open_on_this_machine_only(sample_home: Home, browser: Browser, public: bool) -> None:
    with dashboard(sample_home.root, *(["--public"] if public else [])) as port:
        for page in STAFF_PAGES:
            tab = patient(browser.new_page())
            tab.goto(f"http://127.0.0.1:{port}/{page}")
            settled(tab, whole=not public)
            assert (say("zh", "access.closed") in tab.inner_text("body")) == public == shows_nothing(tab)
            assert tab.query_selector(".st-key-sign-in") is None
