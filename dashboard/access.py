"""Who may see which page: public pages are for everyone, pages for staff need a sign-in wherever others reach the server.

Sign-in is Streamlit's own (`st.login`, OpenID Connect), configured by the file of secrets; `[gongbao] staff` in it says
who of those that signed in is staff. Without sign-in, a server for this machine only shows every page.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.text import Language, say
from gongbao.serve import PUBLIC

NAME_LENGTH = 30


def signing_in() -> bool:
    """Whether sign-in is configured. Secrets that cannot be read count as configured: then nobody gets in, not everybody."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return any(Path(file).exists() for file in st.get_option("secrets.files"))


def allowed(for_staff: bool) -> bool:
    """Whether the reader may see a page that is for staff, or for everyone."""
    if not for_staff:
        return True
    if signing_in():
        return is_staff(st.user.to_dict(), st.secrets.get("gongbao", {}))
    return not os.environ.get(PUBLIC)


def is_staff(user: Mapping[str, Any], rules: Mapping[str, Any]) -> bool:
    """Whether a user is staff: signed in and, when `rules` has `staff`, with one of its values in the claim `staff_claim` (email).

    An address that the provider says it has not verified is nobody's.
    """
    if not user.get("is_logged_in"):
        return False
    if "staff" not in rules:
        return True
    claim = rules.get("staff_claim", "email")
    if claim == "email" and str(user.get("email_verified", True)).lower() != "true":
        return False
    held = user.get(claim, [])
    held = held if isinstance(held, list) else [held]
    return not {str(value).casefold() for value in held}.isdisjoint(name.casefold() for name in rules["staff"])


def control(language: Language) -> None:
    """Sign in, or sign out with the user's name; nothing where sign-in is not configured."""
    if not signing_in():
        return
    if st.user.get("is_logged_in"):
        st.button(say(language, "access.sign_out", name=_name()), key="sign-out", on_click=st.logout, icon=":material/logout:")
    else:
        st.button(say(language, "access.sign_in"), key="sign-in", on_click=st.login, icon=":material/login:")


def refusal(language: Language) -> None:
    """Stands in place of a page that the reader may not see."""
    st.title(say(language, "access.title"))
    if not signing_in():
        st.info(say(language, "access.closed"))
    elif st.user.get("is_logged_in"):
        st.info(say(language, "access.not_staff", name=_name()))
    else:
        st.info(say(language, "access.needed"))


def _name() -> str:
    """The user's name as the provider gives it: text from outside, so nothing of it is taken as formatting."""
    name = str(st.user.get("name") or st.user.get("email") or "…")
    name = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"
    return "".join(f"\\{letter}" if letter.isascii() and not letter.isalnum() and not letter.isspace() else letter for letter in name)
