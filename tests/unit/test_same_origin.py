"""Web-sockets that pages of other sites ask for: refused by the server before Streamlit, which would look up its address outside, sees them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from gongbao.serve import SameOrigin

HOST = b"gongbao.example.org"


def answer(kind: str, *headers: tuple[bytes, bytes]) -> str:
    """What becomes of a request: 'passed on' to the application, or the kind of message with which it ends."""
    sent: list[str] = []

    async def application(*_: object) -> None:
        sent.append("passed on")

    async def send(message: dict) -> None:
        sent.append(message["type"])

    request = SameOrigin(application)({"type": kind, "headers": [(b"host", HOST), *headers]}, None, send)
    with ThreadPoolExecutor(1) as thread:  # an open browser keeps a loop of its own running in this one
        thread.submit(asyncio.run, request).result()
    assert len(sent) == 1
    return sent[0]


@pytest.mark.parametrize("origin", [b"https://gongbao.example.org", b"http://gongbao.example.org"])
def test_a_web_socket_of_the_own_page_is_passed_on(origin: bytes) -> None:
    assert answer("websocket", (b"origin", origin)) == "passed on"


@pytest.mark.parametrize(
    "origin",
    [b"https://attacker.example.org", b"https://gongbao.example.org.attacker.example.org", b"https://gongbao.example.org:8443", b"http://localhost:3000",
     b"http://[bad", b"null", b"", b"gongbao.example.org"],
)  # fmt: skip
def test_a_web_socket_of_another_page_is_closed_before_it_opens(origin: bytes) -> None:
    assert answer("websocket", (b"origin", origin)) == "websocket.close"


def test_programs_that_send_no_origin_and_all_else_are_passed_on() -> None:
    assert answer("websocket") == "passed on"
    assert answer("http", (b"origin", b"https://attacker.example.org")) == "passed on"
