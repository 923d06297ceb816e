"""Opens every page of the dashboard and prints, as JSON, what was shown, what was asked for elsewhere, what left the machine, and
what web-sockets were answered that pages of another site asked for, 20 at once and a reader behind them.

Run by tests/browser/test_serve.py in a network of its own, in which everything that is not for the loopback address goes to the
interface `outside`, and is counted there.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import websockets
from deep_links import PAGES
from running import PATIENCE, chromium, dashboard, patient, settled


def packets_sent() -> int:
    """Packets that left through `outside`."""
    line = next(line for line in Path("/proc/self/net/dev").read_text().splitlines() if line.strip().startswith("outside:"))
    return int(line.split(":")[1].split()[9])


async def answers(port: int, origins: list[str]) -> list[int | None]:
    """The answers to web-sockets that pages of some origins ask for, all at once; None where one is opened."""

    async def answer(origin: str) -> int | None:
        try:
            async with websockets.connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=origin, subprotocols=["streamlit"], open_timeout=PATIENCE / 1000):
                return None
        except websockets.InvalidStatus as refused:
            return refused.response.status_code

    return await asyncio.gather(*map(answer, origins))


def main() -> None:
    shown, asked = {}, []
    with dashboard(Path(sys.argv[1])) as port:
        sockets = asyncio.run(answers(port, ["https://attacker.example.org"] * 20 + [f"http://127.0.0.1:{port}"]))
        with chromium() as browser:
            page = patient(browser.new_page())
            page.on("request", lambda request: asked.append(request.url))
            for name in PAGES:
                page.goto(f"http://127.0.0.1:{port}/{name}")
                settled(page)
                broken = page.query_selector_all('[data-testid="stException"], [data-testid="stAlertContentError"]')
                shown[name] = {
                    "heading": page.inner_text("h1"), "charts": len(page.query_selector_all(".main-svg")), "broken": [each.inner_text() for each in broken]
                }  # fmt: skip
            here = (f"http://127.0.0.1:{port}/", "data:", "blob:")
    sent = packets_sent()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"is it counted?", ("198.51.100.1", 9))
    found = {"shown": shown, "outside": [url for url in asked if not url.startswith(here)], "sockets": sockets}
    print(json.dumps({**found, "sent": sent, "sent_by_probe": packets_sent() - sent}))


if __name__ == "__main__":
    main()
