"""Starting the dashboard: where it listens, who may reach it, who signs in, which web-sockets it answers."""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import click

from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home, project_dir
from gongbao.publish import published_file

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Tells the app that others than this machine's users may reach it: pages for staff then need a sign-in.
PUBLIC = "GONGBAO_PUBLIC"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
PROVIDER_KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
COOKIE_SECRET_LENGTH = 32


def serve(home: Home, host: str = "127.0.0.1", port: int = 8501, secrets: Path | None = None, public: bool = False) -> None:
    """Run the dashboard until it is interrupted; the data home goes to it through `GONGBAO_HOME`.

    `secrets`: the file that configures sign-in; default `secrets.toml` of the data home, if it is there.
    `public`: others reach this server, directly or through a proxy.
    Errors: the address cannot be listened on, or is open to others without sign-in and without `public`; the file of
    secrets is missing, unreadable or incomplete.
    """
    file = secrets or home.root / "secrets.toml"
    sign_in = _sign_in(file) if secrets or file.exists() else None
    family, _, _, _, address = _resolve(host, port)
    loopback = ipaddress.ip_address(address[0]).is_loopback
    if not (loopback or sign_in or public):
        raise GongbaoError(
            Problem(
                f"{host} 可从别的机器访问，但没有配置登录，工作人员页面会对所有人开放。",
                f"{host} can be reached from other machines and no sign-in is configured, so the pages for staff would be open to all.",
                "写 secrets.toml（deploy/secrets.example.toml），或加 --public 只开放公众页面。",
                "Write secrets.toml (deploy/secrets.example.toml), or add --public to open the public pages only.",
            )
        )
    _check_free(family, address, host, port)
    for line in _advice(home, file if sign_in else None, sign_in):
        click.echo(line, err=True)
    click.echo(f"看板 dashboard: http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C 结束 to stop)")

    os.environ["GONGBAO_HOME"] = str(home.root.resolve())
    os.environ[PUBLIC] = "1" if public or not loopback else ""
    options = {
        "server.address": host,
        "server.port": port,
        "server.allowedHosts": _names(sign_in, loopback and not public),
        "secrets.files": [str(file.resolve())],
    }
    os.chdir(project_dir())  # where Streamlit looks for .streamlit/config.toml
    import streamlit  # slow to import, so only here
    from starlette.middleware import Middleware

    streamlit.App(project_dir() / "dashboard" / "app.py", middleware=[Middleware(SameOrigin), Middleware(OnePart)]).run(config=options)


class SameOrigin:
    """Refuses web-sockets that a page of another site asks for, with 403.

    Streamlit would compare such an origin with this machine's own addresses, and ask a server outside for the public one each time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "websocket" and b"origin" in headers and headers[b"origin"].partition(b"://")[2] != headers.get(b"host"):
            await send({"type": "websocket.close"})  # before it was accepted: the server answers 403
            return
        await self.app(scope, receive, send)


class OnePart:
    """Leads from an address of several parts, which no page has, to its first part.

    Streamlit answers such an address too, with its own page, which would look for its scripts below the address and stay blank.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first, *further = scope["path"].strip("/").split("/") if scope["type"] == "http" else ("",)
        if not further:
            await self.app(scope, receive, send)
            return
        from starlette.responses import RedirectResponse

        leads_on = False

        async def lead(message: Message) -> None:
            nonlocal leads_on
            if message["type"] == "http.response.start":
                leads_on = dict(message["headers"]).get(b"content-type", b"").startswith(b"text/html")
                if leads_on:
                    query = scope["query_string"].decode("ascii")
                    await RedirectResponse(f"/{quote(first)}{'?' if query else ''}{query}")(scope, receive, send)
            if not leads_on:
                await send(message)

        await self.app(scope, receive, lead)


def _sign_in(file: Path) -> dict[str, str]:
    """The [auth] section of a file of secrets.

    Errors: the file cannot be read or the section is not complete; starting without it would open what it protects.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise GongbaoError(Problem("没有这个文件。", "There is no such file.", file=str(file))) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise GongbaoError(Problem(f"文件无法读取（{reason}）。", f"The file cannot be read ({reason}).", file=str(file))) from error
    faults = _faults(content)
    if file.suffix != ".toml":
        faults.append(("文件名须以 .toml 结尾", "its name must end in .toml"))
    if faults:
        raise GongbaoError(
            *(
                Problem(f"{zh}。", f"{en}.", "照 deploy/secrets.example.toml 填写。", "Fill it in as deploy/secrets.example.toml does.", str(file))
                for zh, en in faults
            )
        )
    return content["auth"]


def _faults(content: dict) -> list[tuple[str, str]]:
    """What is wrong with the sections [auth] and [gongbao] of a file of secrets, Chinese and English."""
    auth = content.get("auth")
    auth = auth if isinstance(auth, dict) else {}
    faults = [(f"[auth] 缺 {key}", f"[auth] lacks {key}") for key in PROVIDER_KEYS if not (isinstance(auth.get(key), str) and auth[key])]
    if not faults and len(auth["cookie_secret"]) < COOKIE_SECRET_LENGTH:
        faults.append((f"cookie_secret 不足 {COOKIE_SECRET_LENGTH} 个字符", f"cookie_secret has fewer than {COOKIE_SECRET_LENGTH} characters"))
    if not faults and not (urlsplit(auth["redirect_uri"]).hostname and auth["redirect_uri"].endswith("/oauth2callback")):
        faults.append(("redirect_uri 须是以 /oauth2callback 结尾的完整网址", "redirect_uri must be a full address that ends in /oauth2callback"))
    rules = content.get("gongbao", {})
    rules = rules if isinstance(rules, dict) else {"staff": rules}
    staff = rules.get("staff", [])
    if not isinstance(staff, list) or not all(isinstance(name, str) for name in staff):
        faults.append(("[gongbao] 的 staff 须是文字的列表", "staff in [gongbao] must be a list of texts"))
    if not isinstance(rules.get("staff_claim", ""), str):
        faults.append(("[gongbao] 的 staff_claim 须是文字", "staff_claim in [gongbao] must be a text"))
    return faults


def _advice(home: Home, secrets: Path | None, sign_in: dict[str, str] | None) -> list[str]:
    """What the operator should know before the server starts, Chinese and English."""
    lines = []
    if not published_file(home).is_file():
        lines.append("还没有发布文件，页面会说明怎么做。\nNothing is published yet; the page says what to do.")
    if secrets and secrets.stat().st_mode & stat.S_IROTH:
        lines.append(f"{secrets} 人人可读，请 chmod 600。\n{secrets} can be read by every user of this machine; chmod 600 it.")
    if sign_in:
        redirect = urlsplit(sign_in["redirect_uri"])
        if redirect.scheme != "https" and redirect.hostname not in LOOPBACK_NAMES:
            lines.append("redirect_uri 不是 https，登录凭据会明文传送。\nredirect_uri is not https: what signs a user in travels unprotected.")
    return lines


def _names(sign_in: dict[str, str] | None, this_machine_only: bool) -> list[str]:
    """The host names under which the server answers; none means any.

    A server that is meant for this machine only answers under no other name, so that a proxy put before it by mistake,
    or a web page that points its own name at the loopback address, gets nothing.
    """
    if sign_in:
        return [*LOOPBACK_NAMES, str(urlsplit(sign_in["redirect_uri"]).hostname)]
    return list(LOOPBACK_NAMES) if this_machine_only else []


def _check_free(family: int, address: tuple, host: str, port: int) -> None:
    """Error: the address cannot be listened on."""
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise GongbaoError(
                Problem(
                    f"不能在 {host}:{port} 上开放服务（{error.strerror}）。",
                    f"Cannot listen on {host}:{port} ({error.strerror}).",
                    "换一个端口：--port 8502。",
                    "Take another port: --port 8502.",
                )
            ) from error


def _resolve(host: str, port: int) -> tuple:
    """The first address of a host name to listen on."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise GongbaoError(Problem(f"不认识主机 {host}。", f"The host {host} is not known.")) from error
