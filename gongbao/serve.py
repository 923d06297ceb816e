"""Starting the dashboard."""

from __future__ import annotations

import os
import socket

import click

from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home, project_dir
from gongbao.publish import published_file


def serve(home: Home, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Run the dashboard until it is interrupted; the data home goes to it through `GONGBAO_HOME`.

    Error: the address cannot be listened on.
    """
    family, _, _, _, address = _resolve(host, port)
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
    if not published_file(home).is_file():
        click.echo("还没有发布文件，页面会说明怎么做。\nNothing is published yet; the page says what to do.", err=True)
    click.echo(f"看板 dashboard: http://{host}:{port}  (Ctrl-C 结束 to stop)")

    os.environ["GONGBAO_HOME"] = str(home.root.resolve())
    os.chdir(project_dir())  # where Streamlit looks for .streamlit/config.toml
    from streamlit.web import cli  # slow to import, so only here

    cli.main(
        ["run", str(project_dir() / "dashboard" / "app.py"), f"--server.address={host}", f"--server.port={port}"],
        standalone_mode=False,
    )


def _resolve(host: str, port: int) -> tuple:
    """The first address of a host name to listen on."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise GongbaoError(Problem(f"不认识主机 {host}。", f"The host {host} is not known.")) from error
