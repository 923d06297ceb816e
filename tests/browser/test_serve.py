"""Starting the dashboard: who can reach it, what it is told of sign-in, that it asks nobody outside, that it bears a crowd."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import streamlit
from click.testing import CliRunner
from deep_links import PAGES
from running import CHROMIUM, NO_CHROMIUM, PROJECT, dashboard
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gongbao.cli import main
from gongbao.paths import Home
from gongbao.serve import PUBLIC

SIGN_IN = """[auth]
redirect_uri = "https://gongbao.example.org/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "gongbao"
client_secret = "secret"
server_metadata_url = "https://id.example.org/.well-known/openid-configuration"
"""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """The options with which Streamlit would have been started; the data home is an empty folder."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(streamlit.App, "run", lambda _, config: calls.append(config))
    monkeypatch.setenv("GONGBAO_HOME", str(tmp_path / "data"))
    monkeypatch.setenv(PUBLIC, "")
    monkeypatch.chdir(PROJECT)
    (tmp_path / "data").mkdir()
    return calls


def start(*options: object) -> tuple[int, str]:
    """Exit code and everything printed by `gongbao dashboard`."""
    run = CliRunner().invoke(main, ["dashboard", "--port", "0", *map(str, options)])
    assert run.exception is None or isinstance(run.exception, SystemExit)
    return run.exit_code, run.output


# ---------------------------------------------------------------- who can reach it


def test_on_this_machine_it_is_open_and_answers_under_the_names_of_this_machine_only(begun: list[dict[str, Any]]) -> None:
    assert start()[0] == 0
    assert begun[0]["server.address"] == "127.0.0.1" and begun[0]["server.allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert os.environ[PUBLIC] == ""


def test_for_others_it_does_not_start_unless_asked_to(begun: list[dict[str, Any]]) -> None:
    code, said = start("--host", "0.0.0.0")
    assert code == 2 and not begun
    assert "没有配置登录" in said and "no sign-in is configured" in said and "--public" in said
    assert start("--host", "0.0.0.0", "--public")[0] == 0
    assert begun[0]["server.allowedHosts"] == [] and os.environ[PUBLIC] == "1"


def test_behind_a_proxy_it_is_public_on_the_loopback_address(begun: list[dict[str, Any]]) -> None:
    assert start("--public")[0] == 0
    assert begun[0]["server.address"] == "127.0.0.1" and begun[0]["server.allowedHosts"] == [] and os.environ[PUBLIC] == "1"


def test_with_sign_in_it_may_be_reached_by_others_under_the_name_they_sign_in_with(begun: list[dict[str, Any]], tmp_path: Path) -> None:
    secrets = tmp_path / "data" / "secrets.toml"
    secrets.write_text(SIGN_IN, encoding="utf-8")
    secrets.chmod(0o644)
    code, said = start("--host", "0.0.0.0")
    assert code == 0 and "人人可读" in said and "chmod 600" in said
    assert begun[0]["secrets.files"] == [str(secrets)] and "gongbao.example.org" in begun[0]["server.allowedHosts"] and os.environ[PUBLIC] == "1"
    secrets.chmod(0o600)
    assert "chmod" not in start()[1]


def test_sign_in_over_plain_http_is_advised_against(begun: list[dict[str, Any]], tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    for address, advised in (("http://gongbao.example.org", True), ("http://localhost:8501", False)):
        secrets.write_text(SIGN_IN.replace("https://gongbao.example.org", address), encoding="utf-8")
        code, said = start("--secrets", secrets)
        assert code == 0 and ("is not https" in said) is advised


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "There is no such file"),
        ("", "[auth] lacks redirect_uri"),
        ("[auth\n", "cannot be read"),
        ("auth = 1", "[auth] lacks client_id"),
        (SIGN_IN.replace("client_secret", "klient_secret"), "[auth] lacks client_secret"),
        (SIGN_IN.replace('"gongbao"', '""'), "[auth] lacks client_id"),
        (SIGN_IN.replace("0123456789abcdef0123456789abcdef", "short"), "fewer than 32 characters"),
        (SIGN_IN.replace("/oauth2callback", "/callback"), "must be a full address"),
        (SIGN_IN + '[gongbao]\nstaff = "a@example.org"', "must be a list of texts"),
        (SIGN_IN + "[gongbao]\nstaff_claim = 1", "staff_claim in [gongbao] must be a text"),
        ("gongbao = 1\n" + SIGN_IN, "must be a list of texts"),
    ],
)
def test_with_a_bad_file_of_secrets_it_does_not_start(begun: list[dict[str, Any]], tmp_path: Path, content: str | None, complaint: str) -> None:
    secrets = tmp_path / "secrets.toml"
    if content is not None:
        secrets.write_text(content, encoding="utf-8")
    code, said = start("--secrets", secrets)
    assert code == 2 and not begun
    assert complaint in said and str(secrets) in said
    assert "0123456789abcdef" not in said


def test_the_example_of_secrets_is_complete_but_for_the_secrets(begun: list[dict[str, Any]], tmp_path: Path) -> None:
    example = (PROJECT / "deploy" / "secrets.example.toml").read_text(encoding="utf-8")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(example, encoding="utf-8")
    assert start("--secrets", secrets)[0] == 2
    secrets.write_text(example.replace('""', '"0123456789abcdef0123456789abcdef"'), encoding="utf-8")
    assert start("--secrets", secrets)[0] == 0


def test_a_foreign_name_gets_no_web_socket(sample_home: Home) -> None:
    def connects(name: str, port: int) -> bool:
        """Without asyncio, which cannot run beside an open browser."""
        line = socket.create_connection(("127.0.0.1", port))
        try:
            with connect(f"ws://{name}:{port}/_stcore/stream", sock=line, subprotocols=["streamlit"], open_timeout=None):
                return True
        except InvalidStatus:
            return False

    with dashboard(sample_home.root) as port:
        assert connects("localhost", port)
        assert not connects("attacker.example.org", port)


# ---------------------------------------------------------------- nobody outside is asked


CUT_OFF = """
ip link set lo up && ip link add outside type veth peer name wall || exit 77
echo 1 > /proc/sys/net/ipv6/conf/outside/disable_ipv6 && echo 1 > /proc/sys/net/ipv6/conf/wall/disable_ipv6
ip link set wall arp off up && ip link set outside arp off up && ip address add 192.0.2.1/24 dev outside && ip route add default dev outside || exit 77
exec "$@"
"""


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
@pytest.mark.skipif(shutil.which("unshare") is None or shutil.which("ip") is None, reason="no unshare or ip on this machine (Debian: apt-get install iproute2)")
def test_cut_off_from_the_network_everything_shows_and_nothing_is_sent(sample_home: Home) -> None:
    run = subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", CUT_OFF, "sh", sys.executable, str(PROJECT / "tests" / "cut_off.py"), str(sample_home.root)],
        cwd=PROJECT, env={**os.environ, "PYTHONPATH": os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))}, capture_output=True, text=True,
    )  # fmt: skip
    if run.returncode == 77 or "unshare" in run.stderr.partition(":")[0]:
        pytest.skip(f"no network of its own to be had here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["sent_by_probe"] == 1
    assert found["sockets"] == [403] * 20 + [None]
    assert found["sent"] == 0 and found["outside"] == []
    assert list(found["shown"]) == list(PAGES)
    assert all(page["heading"] and page["broken"] == [] for page in found["shown"].values())
    assert found["shown"]["overview"]["charts"] > 0


# ---------------------------------------------------------------- many readers


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_readers_see_no_error_while_files_are_published(sample_home: Home, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    run = subprocess.run(
        [sys.executable, str(PROJECT / "benchmarks" / "dashboard_load.py"), "--home", str(sample_home.root), "--out", str(results), "--sessions", "4",
         "--seconds", "5", "--swap", "1", "--least", "4", "--think", "0.5", "--options", "2", "--cold-starts", "1"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    measured = json.loads(results.read_text(encoding="utf-8"))
    assert measured["errors_shown"] == 0
    assert measured["many_readers"]["swaps"] >= 3
    assert measured["many_readers"]["filter_change"]["runs"] > 0 and measured["many_readers"]["page_opened"]["runs"] > 4
    assert set(measured["one_reader"]["warm_change_by_page"]) >= {"(front)", "provinces"}
