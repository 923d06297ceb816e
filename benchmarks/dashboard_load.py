"""Measures the dashboard as its readers meet it: cold start, one reader changing filters, many readers during publications.

    python benchmarks/dashboard_load.py

Sessions are what a browser's are, without the drawing: Streamlit's messages over real web sockets on the loopback address.
The server runs on a copy of a published file. While many sessions walk through the pages, a fresh copy of that file is
renamed into its place every few seconds, as a publication does. An error shown to any session is counted: an exception, a red
box, a page that says the data are missing or damaged, an empty page, a closed connection, no answer in time. Memory is the
highest sum of resident memory over the server's process tree; CPU is the server's processor time for a run, which says more than
the clock where the machine has other work (`load_before`). Results go to benchmarks/dashboard.json.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import shutil
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from dashboard.text import MESSAGES  # noqa: E402

ANSWER_SECONDS = 60.0
# Notes in the browser the moment (ms since 1970) at which the first tile stood on the screen: in the page, and a frame drawn since.
FIRST_TILE = """new MutationObserver((_, observer) => {
    if (!document.querySelector('[data-testid="stMetricValue"]')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.firstTile = performance.timeOrigin + performance.now() }));
}).observe(document, { childList: true, subtree: true })"""
# Headings of the pages that stand in for one that cannot be shown.
ERROR_HEADINGS = {text for key in ("missing.title", "damaged.title") for text in MESSAGES[key].values()}
ERROR_BOX = 1  # Alert.Format.ERROR


@dataclass(frozen=True)
class Control:
    """A choice that a page offers: its widget, the fragment it lies in, what can be chosen, what is."""

    widget: str
    fragment: str
    field: str
    options: tuple[str, ...]
    value: str


@dataclass
class Run:
    """What one run of a page sent: seconds until it was whole, errors in it, its controls."""

    page: str
    seconds: float
    errors: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)


class Session:
    """A reader: one web socket, the page it is on, the address it shows."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, str] = {}  # address of a page -> hash
        self.page, self.query = "", ""
        self.controls: dict[str, Control] = {}

    async def open(self) -> Run:
        """Connect and show the front page."""
        host = f"127.0.0.1:{self.port}"
        self.socket = await websockets.connect(
            f"ws://{host}/_stcore/stream", origin=f"http://{host}", subprotocols=["streamlit"], max_size=None, open_timeout=ANSWER_SECONDS
        )
        return await self.go("")

    async def close(self) -> None:
        await self.socket.close()

    async def go(self, page: str) -> Run:
        """Open a page (its address)."""
        self.page, self.controls = page, {}
        return await self._run(BackMsg())

    async def choose(self, control: Control, option: str) -> Run:
        """Change a filter."""
        message = BackMsg()
        message.rerun_script.fragment_id = control.fragment
        state = message.rerun_script.widget_states.widgets.add(id=control.widget)
        if control.field == "string_value":
            state.string_value = option
        else:
            state.string_array_value.data.append(option)
        return await self._run(message)

    async def _run(self, message: BackMsg) -> Run:
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.pages.get(self.page, "")
        run = Run(self.page, 0.0)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.socket.send(message.SerializeToString())
                await self._receive(run)
        except TimeoutError:
            run.errors.append(f"no answer in {ANSWER_SECONDS:.0f} s")
        except websockets.ConnectionClosed as error:
            run.errors.append(f"connection closed: {error}")
            await self.open()
        run.seconds = time.perf_counter() - started
        self.controls |= {control.widget: control for control in run.controls}
        return run

    async def _receive(self, run: Run) -> None:
        """Take in messages until the run is finished; a run that starts again within itself goes on."""
        shown = 0
        while True:
            message = ForwardMsg.FromString(await self.socket.recv())
            match message.WhichOneof("type"):
                case "new_session":
                    shown = 0
                    run.errors.clear()
                    run.controls.clear()
                case "navigation":
                    self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    shown += 1
                    _look(message.delta.new_element, message.delta.fragment_id, run)
                case "session_event" if message.session_event.HasField("script_compilation_exception"):
                    run.errors.append("the script cannot be compiled")
                case "script_finished" if message.script_finished in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
                    if not shown:
                        run.errors.append("an empty page")
                    return
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    run.errors.append("the script cannot be compiled")
                    return


def _look(element: Element, fragment: str, run: Run) -> None:
    """Note the errors and the controls of one element."""
    match element.WhichOneof("type"):
        case "exception":
            run.errors.append(f"exception: {element.exception.type} {element.exception.message}")
        case "alert" if element.alert.format == ERROR_BOX:
            run.errors.append(f"error box: {element.alert.body}")
        case "heading" if element.heading.body in ERROR_HEADINGS:
            run.errors.append(f"heading: {element.heading.body}")
        case "selectbox" if not element.selectbox.disabled:
            box = element.selectbox
            run.controls.append(Control(box.id, fragment, "string_value", tuple(box.options), box.raw_value or box.options[box.default]))
        case "radio" if not element.radio.disabled:
            radio = element.radio
            run.controls.append(Control(radio.id, fragment, "string_value", tuple(radio.options), radio.raw_value or radio.options[radio.default]))
        case "button_group" if not element.button_group.disabled:
            group = element.button_group
            options = tuple(option.content for option in group.options)
            chosen = group.raw_values[0] if group.raw_values else next((options[index] for index in group.default), "")
            run.controls.append(Control(group.id, fragment, "string_array_value", options, chosen))


@contextlib.contextmanager
def server(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The dashboard on a free port of this machine, as a process that has just been started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gongbao.cli", "dashboard", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = psutil.Popen(command, cwd=PROJECT, env={**os.environ, "GONGBAO_HOME": str(home)}, stdout=log, stderr=log)
        try:
            yield port, process
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_up(port: int) -> None:
    """TimeoutError: the server does not answer."""
    for _ in range(1200):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
            return
        time.sleep(0.05)
    raise TimeoutError("the server did not start in a minute")


def cold_start(home: Path) -> float:
    """Seconds from the start of the command to the first tile in a browser that has nothing of the page yet."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(FIRST_TILE)
        started = time.time()
        with server(home) as (port, _):
            wait_until_up(port)
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            shown = page.wait_for_function("window.firstTile", timeout=60_000).json_value() / 1000
        browser.close()
    return shown - started


async def one_reader(port: int, options: int) -> tuple[list[Run], list[Run]]:
    """A session alone on the server tries up to `options` choices of each control of each page, twice: first and warm changes."""
    session = Session(port)
    await session.open()
    first, warm = [], []
    for page in list(session.pages):
        await session.go(page)
        for widget in list(session.controls):
            for changes in (first, warm):
                for option in session.controls[widget].options[:options]:
                    control = session.controls.get(widget)
                    if control and control.value != option:
                        changes.append(await session.choose(control, option))
    await session.close()
    return first, warm


@dataclass
class Load:
    """Readers at the same time: page openings, filter changes, swaps of the published file, peak memory of the server."""

    opened: list[Run] = field(default_factory=list)
    changed: list[Run] = field(default_factory=list)
    swaps: int = 0
    peak_bytes: int = 0


async def many_readers(port: int, process: psutil.Process, published: Path, sessions: int, seconds: float, think: float, swap: float, least: int) -> Load:
    """`sessions` readers open pages and change filters, each pausing `think` seconds on average between two acts.

    They go on for `seconds`, and on a slow machine until each has acted and the file was published `least` times.
    """
    load = Load()
    over = asyncio.Event()
    ends = time.monotonic() + seconds

    async def read(seed: int) -> None:
        chance = random.Random(seed)
        await asyncio.sleep(chance.uniform(0, think))
        session = Session(port)
        load.opened.append(await session.open())
        acts = 0
        while time.monotonic() < ends or min(acts, load.swaps) < least:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * think)
            choices = [(control, option) for control in session.controls.values() for option in control.options if option != control.value]
            if choices and chance.random() < 0.7:
                load.changed.append(await session.choose(*chance.choice(choices)))
            else:
                load.opened.append(await session.go(chance.choice(list(session.pages))))
            acts += 1
        await session.close()

    async def read_all() -> None:
        await asyncio.gather(*(read(seed) for seed in range(sessions)))
        over.set()

    async def still_read_after(pause: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), pause)
        return not over.is_set()

    async def publish() -> None:
        fresh = published.with_name(".fresh.duckdb")
        while await still_read_after(swap):
            await asyncio.to_thread(shutil.copyfile, published, fresh)
            os.replace(fresh, published)
            load.swaps += 1

    async def watch() -> None:
        while await still_read_after(0.2):
            with contextlib.suppress(psutil.NoSuchProcess):
                load.peak_bytes = max(load.peak_bytes, sum(each.memory_info().rss for each in (process, *process.children(recursive=True))))

    await asyncio.gather(publish(), watch(), read_all())
    return load


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time that a process has used."""
    used = process.cpu_times()
    return used.user + used.system


def milliseconds(runs: list[Run]) -> dict[str, int]:
    """Number, median and 95th percentile (ms) of some runs."""
    times = sorted(run.seconds * 1000 for run in runs)
    if not times:
        return {"runs": 0, "median_ms": 0, "p95_ms": 0}
    return {"runs": len(times), "median_ms": round(statistics.median(times)), "p95_ms": round(times[min(len(times) - 1, int(0.95 * len(times)))])}


def by_page(runs: list[Run]) -> dict[str, dict[str, int]]:
    """`milliseconds` of each page; the front page's address is empty."""
    return {page or "(front)": milliseconds([run for run in runs if run.page == page]) for page in sorted({run.page for run in runs})}


def errors(runs: list[Run]) -> dict[str, int]:
    """Errors shown, by page and text."""
    return dict(Counter(f"{run.page or '(front)'}: {error}"[:300] for run in runs for error in run.errors))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("GONGBAO_HOME", "data")), help="data home whose published file is copied")
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=5, help="mean pause of a reader between two acts, seconds")
    parser.add_argument("--swap", type=float, default=5, help="seconds between two publications")
    parser.add_argument("--least", type=int, default=1, help="acts of each reader and publications, however long they take")
    parser.add_argument("--options", type=int, default=4, help="choices tried of each control by the single reader")
    parser.add_argument("--cold-starts", type=int, default=3)
    parser.add_argument("--out", type=Path, default=PROJECT / "benchmarks" / "dashboard.json")
    asked = parser.parse_args()

    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="gongbao-load-") as folder:
        home = Path(folder)
        published = home / "published" / "gongbao.duckdb"
        published.parent.mkdir()
        shutil.copyfile(asked.home / "published" / "gongbao.duckdb", published)
        cold = [cold_start(home) for _ in range(asked.cold_starts)]
        with server(home) as (port, process):
            wait_until_up(port)
            first, warm = asyncio.run(one_reader(port, asked.options))
            before = cpu_seconds(process)
            load = asyncio.run(many_readers(port, process, published, asked.sessions, asked.seconds, asked.think, asked.swap, asked.least))
            cpu = cpu_seconds(process) - before
        published_bytes = published.stat().st_size

    faults = errors(first + warm + load.opened + load.changed)
    results = {
        "machine": {"cores": psutil.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 1024**3), "python": platform.python_version(), "load_before": round(load_before, 1)},
        "asked": {name: value for name, value in vars(asked).items() if name not in ("home", "out")},
        "published_mib": round(published_bytes / 1024**2),
        "cold_start_seconds": {"median": round(statistics.median(cold), 2), "each": [round(each, 2) for each in cold]} if cold else {},
        "one_reader": {"first_change": milliseconds(first), "warm_change": milliseconds(warm), "warm_change_by_page": by_page(warm)},
        "many_readers": {
            "filter_change": milliseconds(load.changed), "page_opened": milliseconds(load.opened),
            "filter_change_by_page": by_page(load.changed), "swaps": load.swaps, "peak_memory_mib": round(load.peak_bytes / 1024**2),
            "cpu_ms_a_run": round(cpu * 1000 / max(1, len(load.changed + load.opened))),
        },
        "errors_shown": sum(faults.values()), "errors": faults,
    }  # fmt: skip
    asked.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(results)
    sys.exit(1 if faults else 0)


def show(results: dict) -> None:
    """Print the results as a table."""
    one, many = results["one_reader"], results["many_readers"]
    rows = [
        ("cold start to the first tile", f"{results['cold_start_seconds']['median']} s" if results["cold_start_seconds"] else "—", ""),
        ("one reader, first filter change", *_cells(one["first_change"])),
        ("one reader, warm filter change", *_cells(one["warm_change"])),
        *((f"    {page}", *_cells(figures)) for page, figures in one["warm_change_by_page"].items()),
        (f"{results['asked']['sessions']} readers, filter change", *_cells(many["filter_change"])),
        (f"{results['asked']['sessions']} readers, page opened", *_cells(many["page_opened"])),
        ("publications during that", str(many["swaps"]), ""),
        ("CPU of the server for a run", f"{many['cpu_ms_a_run']} ms", ""),
        ("peak memory of the server", f"{many['peak_memory_mib']} MiB", ""),
        ("errors shown", str(results["errors_shown"]), ""),
    ]
    print(f"{'':40}{'median':>12}{'p95':>10}{'runs':>8}")
    for name, figure, *rest in rows:
        print(f"{name:40}{figure:>12}" + "".join(f"{cell:>{width}}" for cell, width in zip(rest, (10, 8), strict=False)))
    for text, times in results["errors"].items():
        print(f"{times:6} × {text}")


def _cells(figures: dict[str, int]) -> tuple[str, str, str]:
    return f"{figures['median_ms']} ms", f"{figures['p95_ms']} ms", str(figures["runs"])


if __name__ == "__main__":
    main()
