"""A Spark Thrift Server of this machine's own, from the jars that pyspark ships."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark


@contextmanager
def thrift_server(folder: Path, memory: str = "2g") -> Iterator[str]:
    """The address of a server that writes below `folder`; its catalogue lasts as long as it. Raises RuntimeError with its log when it does not start."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.master": "local[*]",
        "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.local.dir": folder / "spill",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
        "spark.hadoop.hive.server2.thrift.port": port,
        "spark.hadoop.hive.server2.thrift.bind.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }
    program = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    given = [argument for key, value in settings.items() for argument in ("--conf", f"{key}={value}")]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [program, *given, "--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2", "spark-internal"],
            cwd=folder, stdout=log, stderr=subprocess.STDOUT, env={key: value for key, value in os.environ.items() if key != "PYSPARK_SUBMIT_ARGS"},
        )  # fmt: skip
    try:
        while not _answers(port):
            if server.poll() is not None:
                raise RuntimeError((folder / "server.log").read_text(encoding="utf-8")[-3000:])
            time.sleep(0.5)
        yield f"127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
