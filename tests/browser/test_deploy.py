"""The files of deploy/ as they stand: nginx before the dashboard, the systemd unit."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from playwright.sync_api import Browser
from running import PROJECT, UNVERIFIED, dashboard, free_port, patient, settled, started

from gongbao.paths import Home

DEPLOY = PROJECT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configuration(folder: Path, dashboard_port: int, port: int) -> Path:
    """deploy/nginx.conf inside the frame that Debian's nginx.conf gives it; ports, host name and certificate are those of the test."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", folder / "key.pem",
         "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("127.0.0.1:8501", f"127.0.0.1:{dashboard_port}"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("gongbao.example.org", "localhost"),
        ("/etc/ssl/gongbao/fullchain.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/gongbao/privkey.pem", str(folder / "key.pem")),
    ):
        assert old in text
        text = text.replace(old, new)
    text = re.sub(r"\n *listen \[::\].*", "", text)
    frame = folder / "nginx.conf"
    frame.write_text(
        f"""daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}
        http {{ include /etc/nginx/mime.types; access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
        fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
        {text} }}""",
        encoding="utf-8",
    )
    return frame


@pytest.fixture(scope="module")
def proxied(sample_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard behind nginx; the address a reader has."""
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    with dashboard(sample_home.root, "--public") as behind:
        frame = configuration(folder, behind, port)
        with started([str(NGINX), "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(frame)], f"https://127.0.0.1:{port}/_stcore/health"):
            yield f"https://localhost:{port}"


def answer(address: str) -> urllib.request.addinfourl:
    return urllib.request.urlopen(address, context=UNVERIFIED)


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (Debian: apt-get install nginx-light)")
def test_pages_work_through_nginx_under_its_security_headers(proxied: str, browser: Browser) -> None:
    headers = answer(f"{proxied}/").headers
    for name, value in (
        ("Strict-Transport-Security", "max-age=31536000"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"), ("Server", "nginx"),
    ):  # fmt: skip
        assert headers.get_all(name) == [value]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    page = patient(browser.new_page(ignore_https_errors=True, locale="zh-CN"))
    said: list[str] = []
    failed: list[str] = []
    sockets: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    for address in ("/?lang=zh", "/provinces?lang=en"):
        page.goto(f"{proxied}{address}")
        settled(page)
        assert page.query_selector('[data-testid="stException"], [data-testid="stAlertContentError"]') is None
    for button in (page.get_by_test_id("stDownloadButton").locator("button"), page.locator(".gongbao-buttons button:not([aria-expanded])")):
        with page.expect_download() as download:
            button.first.click()
        assert download.value.path().stat().st_size > 0
    page.close()
    assert sockets and all(socket.startswith(proxied.replace("https", "wss")) for socket in sockets)
    # Streamlit looks for itself below the address of a page, too.
    assert all(re.search(r"/_stcore/(health|host-config)$", url) for url in failed)
    assert [each for each in said if not each.startswith("Failed to load resource")] == []


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (Debian: apt-get install nginx-light)")
def test_nginx_compresses_and_keeps_the_metrics_of_the_server_to_itself(proxied: str) -> None:
    script = re.search(r'src="\./(static/js/[^"]+)"', answer(f"{proxied}/").read().decode()).group(1)
    asked = urllib.request.Request(f"{proxied}/{script}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, context=UNVERIFIED) as given:
        assert given.headers["Content-Encoding"] == "gzip"
        assert given.headers["X-Content-Type-Options"] == "nosniff"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        answer(f"{proxied}/_stcore/metrics")


def test_the_script_that_the_policy_lets_through_is_streamlits() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in re.findall(r"<script>(.*?)</script>", page, re.S)}
    assert set(re.findall(r"'sha256-([^']+)'", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))) == hashes


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine (Debian: apt-get install systemd)")
def test_the_unit_is_sound_and_hardened(tmp_path: Path) -> None:
    unit = tmp_path / "gongbao-dashboard.service"
    drop_in = tmp_path / "gongbao-dashboard.service.d" / "sign-in.conf"
    drop_in.parent.mkdir()
    for source, target in (("gongbao-dashboard.service", unit), ("sign-in.conf", drop_in)):
        text = (DEPLOY / source).read_text(encoding="utf-8")
        target.write_text(text.replace("/opt/gongbao/.venv/bin/gongbao", "/bin/true"), encoding="utf-8")
    for arguments in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        run = subprocess.run(["systemd-analyze", *arguments, str(unit)], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
