"""Spark as the engine: the session in which dbt works on this machine or the server of a cluster, and how its tables come back.

dbt makes its tables in Spark as Parquet files below `warehouse/spark` of the data home. DuckDB takes those that are published (from the
files, or through the server where this machine does not see them), gives them the types of their contracts and their comments, and makes the
public views on them: what follows (publishing, reconciling, rejects, pages) knows one file.

What decides the figures in a session of Spark stands in profiles.yml.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow

from gongbao import disk
from gongbao.ingest.reading import ident, literal, pattern
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

JAVA = (17,)  # the versions that the Spark of the lock runs on
SCHEMA = "gongbao"
# Models that the build reads of the warehouse, beside the public ones.
READ_BY_BUILD = ("reporting_period", "delivered_records", "rule_results", "batches")
# One shuffle partition for so many bytes of the lake.
BYTES_OF_A_PARTITION = 64 * 2**20
# Rows that a server is asked for at once.
ROWS_AT_ONCE = 20_000


def tables_of(home: Home) -> Path:
    """The folder of Spark's tables."""
    return home.warehouse.parent / "spark"


def versions() -> dict[str, str]:
    """What a release says of the engine."""
    return {"name": "spark"} | {package: importlib.metadata.version(package) for package in ("pyspark", "dbt-spark", "dbt-core", "duckdb")}


@dataclass(frozen=True)
class Server:
    """The Spark Thrift Server of `GONGBAO_SPARK` (host:port), and the data home as it sees it (`GONGBAO_SPARK_HOME`), where that is another."""

    host: str
    port: int
    home: str | None

    @classmethod
    def from_environment(cls) -> Server | None:
        """None where Spark runs on this machine, in the process of the build. Raises GongbaoError for an address that is none."""
        address = os.environ.get("GONGBAO_SPARK")
        if not address:
            return None
        host, _, port = address.rpartition(":") if ":" in address else (address, "", "10000")
        if not (host and port.isdigit()):
            raise GongbaoError(
                Problem(
                    f"GONGBAO_SPARK 不是地址：{address}",
                    f"GONGBAO_SPARK is no address: {address}",
                    "写成 主机:端口，如 spark-master:10000",
                    "write host:port, as in spark-master:10000",
                ),
                exit_code=1,
            )
        return cls(host, int(port), os.environ.get("GONGBAO_SPARK_HOME"))

    @contextmanager
    def cursor(self) -> Iterator[object]:
        """A cursor of a connection of its own. Raises GongbaoError where nobody answers, or not to this user."""
        from pyhive import exc, hive
        from thrift.transport.TTransport import TTransportException

        try:
            connection = hive.connect(
                self.host,
                self.port,
                username=os.environ.get("GONGBAO_SPARK_USER", "gongbao"),
                password=os.environ.get("GONGBAO_SPARK_PASSWORD") or None,
                auth=os.environ.get("GONGBAO_SPARK_AUTH", "NONE"),
            )
        except (TTransportException, OSError, EOFError, exc.Error) as error:
            raise GongbaoError(
                Problem(
                    f"Spark Thrift Server 没有应答：{self.host}:{self.port}（{_first_line(error)}）",
                    f"no Spark Thrift Server answers at {self.host}:{self.port} ({_first_line(error)})",
                    "检查 GONGBAO_SPARK、GONGBAO_SPARK_USER、GONGBAO_SPARK_AUTH，以及服务是否已启动（start-thriftserver.sh）",
                    "see GONGBAO_SPARK, GONGBAO_SPARK_USER, GONGBAO_SPARK_AUTH, and whether the server runs (start-thriftserver.sh)",
                ),
                exit_code=1,
            ) from None
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def check_lake(self, home: Home) -> None:
        """Raises GongbaoError unless the server reads, at its address of the lake, the batches that are here."""
        from pyhive import exc

        address = (self.home or str(home.root.resolve())).rstrip("/") + "/lake"
        # signs of patterns stand for themselves
        files = re.sub(r"([][{}*?])", r"\\\1", address).replace("`", "``") + "/*/*/batch.parquet"
        with duckdb.connect() as connection:
            here = {
                batch for (batch,) in connection.execute(f"select batch_id from read_parquet({literal(pattern(home.lake) + '/*/*/batch.parquet')})").fetchall()
            }
        with self.cursor() as cursor:
            try:
                cursor.execute(f"select batch_id from parquet.`{files}`")
                there = {batch for (batch,) in cursor.fetchall()}
            except exc.Error as error:
                raise GongbaoError(
                    Problem(
                        f"Spark 读不到数据湖：{address}（{_first_line(error)}）",
                        f"Spark cannot read the lake at {address} ({_first_line(error)})",
                        "把 lake 文件夹放到集群能读的地址，用 GONGBAO_SPARK_HOME 指明其上级（如 hdfs://…/gongbao）",
                        "put the folder lake where the cluster reads, and name the folder that holds it in GONGBAO_SPARK_HOME (hdfs://…/gongbao)",
                    ),
                    exit_code=1,
                ) from None
        if here != there:
            raise GongbaoError(
                Problem(
                    f"Spark 的数据湖不是本机的：缺 {len(here - there)} 个批次，多 {len(there - here)} 个：{address}",
                    f"Spark's lake is not the one of this machine: {len(here - there)} batches missing, {len(there - here)} too many: {address}",
                    "重新复制 lake 文件夹（如 hdfs dfs -put -f），再次运行",
                    "copy the folder lake again (as by hdfs dfs -put -f), and run again",
                ),
                exit_code=1,
            )


def check() -> None:
    """Raises GongbaoError, with the command that installs it, where Java (unless a server is asked) or a package of `gongbao[spark]` is missing."""
    if not (importlib.util.find_spec("pyspark") and importlib.util.find_spec("dbt.adapters.spark")):
        raise GongbaoError(
            Problem(
                "没有安装 Spark（pyspark、dbt-spark）",
                "Spark is not installed (pyspark, dbt-spark)",
                "在项目目录运行 make spark，或 python -m pip install --require-hashes --no-deps -r requirements-spark.lock",
                "run make spark in the project's folder, or python -m pip install --require-hashes --no-deps -r requirements-spark.lock",
            ),
            exit_code=1,
        )
    if Server.from_environment():
        return
    found = _java_version()
    if found not in JAVA:
        needed = ", ".join(map(str, JAVA))
        raise GongbaoError(
            Problem(
                f"Spark 需要 Java {needed}，找到的是 {found}" if found else f"Spark 需要 Java {needed}，没有找到 java",
                f"Spark needs Java {needed}, found {found}" if found else f"Spark needs Java {needed}, and no java was found",
                "安装 openjdk-17-jre-headless（apt-get install openjdk-17-jre-headless），或把 JAVA_HOME 指向 Java 17",
                "install openjdk-17-jre-headless (apt-get install openjdk-17-jre-headless), or let JAVA_HOME name a Java 17",
            ),
            exit_code=1,
        )


def _java_version() -> int | None:
    """The major version of the Java that Spark would start; None where there is none."""
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if os.environ.get("JAVA_HOME") else "java"
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def run(home: Home, invoke: Callable[[list[str]], dbtRunnerResult], arguments: Callable[[str, Path], list[str]], target: Path) -> dbtRunnerResult:
    """Run dbt's build on Spark, bring its tables into the warehouse, and let dbt make the public views there.

    `arguments` gives those of a dbt command and the folder of its target; the manifest that publishing reads is written to `target`.
    """
    folder = target.with_name("target-spark")
    strict_sessions()
    if server := Server.from_environment():
        server.check_lake(home)
        built = invoke([*arguments("build", folder), "--target", "spark_thrift"])
    else:
        with session(home):
            built = invoke([*arguments("build", folder), "--target", "spark"])
    manifest = folder / "manifest.json"
    if not built.result or not manifest.is_file():
        return built
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    if server and server.home:
        with server.cursor() as cursor:
            bring_back(home, nodes, lambda connection, table: read_through(cursor, connection, table))
    else:
        bring_back(home, nodes, lambda _, table: read_files(home, table))
    if not built.success:
        return built
    views = invoke([*arguments("run", target), "--select", *(node["name"] for node in public_views(nodes))])
    return built if views.success else views


@contextmanager
def session(home: Home) -> Iterator[object]:
    """The session that dbt-spark's method `session` finds and takes; ends with its Java."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    shutil.rmtree(tables_of(home), ignore_errors=True)
    (home.warehouse.parent / "logs").mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder
    for key, value in configuration(home).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()
        java = SparkContext._gateway.proc
        SparkContext._gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None
        java.stdin.close()  # it ends when nobody speaks to it any more
        java.wait()


def configuration(home: Home) -> dict[str, str]:
    """How Spark runs on one machine; how it computes stands in profiles.yml."""
    folder = home.warehouse.parent.resolve()
    bytes_of_lake = disk.size_of(home.lake)
    is_large = bytes_of_lake > BYTES_OF_A_PARTITION
    java = [
        "-XX:+UseParallelGC",
        "-XX:ReservedCodeCacheSize=256m",
        # Hundreds of short plans: the second compiler would take longer than it saves.
        *(() if is_large else ("-XX:TieredStopAtLevel=1",)),
        f'"-Dlog4j2.configurationFile={Path(__file__).with_name("spark-log4j2.properties")}"',
        f'"-Dgongbao.log={folder / "logs" / "spark.log"}"',
    ]
    return {
        "spark.master": "local[*]",
        "spark.app.name": "gongbao",
        "spark.driver.memory": _memory(os.environ.get("GONGBAO_MEMORY", "4GB")),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": " ".join(java),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder / "spill"),
        "spark.sql.warehouse.dir": str(folder / "spark"),
        # Tables last as long as the session; no metastore has to be kept in step with the folder.
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.sql.shuffle.partitions": str(1 + bytes_of_lake // BYTES_OF_A_PARTITION),
        # Spark computes a CTE wherever it is read. Planned once and whole, a query shares what is the same in it; planned anew after each stage
        # (which pays where data is large), a roll-up of a small lake takes twice as long. So does one whose expressions are compiled first.
        "spark.sql.adaptive.enabled": str(is_large).lower(),
        "spark.sql.codegen.wholeStage": str(is_large).lower(),
        "spark.sql.codegen.factoryMode": "FALLBACK" if is_large else "NO_CODEGEN",
        # The text of a plan is for the pages of Spark that nobody opens.
        "spark.sql.maxPlanStringLength": "1000",
        "spark.sql.maxToStringFields": "5",
        "spark.sql.ui.explainMode": "simple",
    }


def _memory(text: str) -> str:
    """DuckDB's way of writing a size (4GB, 1.5 GiB) as Java's, in whole megabytes; text of another form as it is, for Spark to judge."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([MGT])i?B?\s*", text, re.IGNORECASE)
    return f"{int(float(found[1]) * {'M': 1, 'G': 1024, 'T': 1024 * 1024}[found[2].upper()])}m" if found else text


def strict_sessions() -> None:
    """What the profile says of a session holds: dbt-spark 1.11 turns ANSI off after the profile was read (an overflow would be null and not an
    error), a server takes what is set only under Hive's name of it, and to wait five seconds for each answer of a server is too long."""
    import dbt.adapters.spark
    from dbt.adapters.spark.connections import SparkCredentials

    class StrictCredentials(SparkCredentials):
        def __post_init__(self) -> None:
            given = dict(self.server_side_parameters)
            super().__post_init__()
            self.server_side_parameters = given
            if self.method == "thrift":
                self.server_side_parameters = {f"set:hiveconf:{key}": value for key, value in given.items()}
                self.poll_interval = 0.05

    dbt.adapters.spark.Plugin.credentials = StrictCredentials


# ---------------------------------------------------------------- back into the warehouse


def is_public(node: dict) -> bool:
    """Whether a model or seed of dbt's manifest is published."""
    return "public" in (node.get("access"), node["config"].get("meta", {}).get("access"))


def public_views(nodes: dict[str, dict]) -> list[dict]:
    """The published models that are views."""
    return [node for node in nodes.values() if is_public(node) and node["config"]["materialized"] == "view"]


def tables_to_bring(nodes: dict[str, dict]) -> list[dict]:
    """The tables of Spark that are published, or that a public view or the build reads."""
    wanted = {identity: node for identity, node in nodes.items() if is_public(node) or node["name"] in READ_BY_BUILD}
    waiting = [node for node in wanted.values() if node["config"]["materialized"] == "view"]
    while waiting:
        for identity in waiting.pop()["depends_on"]["nodes"]:
            if identity in nodes and identity not in wanted:
                wanted[identity] = nodes[identity]
                if nodes[identity]["config"]["materialized"] == "view":
                    waiting.append(nodes[identity])
    return [node for node in wanted.values() if node["config"]["materialized"] in ("table", "seed")]


def bring_back(home: Home, nodes: dict[str, dict], read: Callable[[duckdb.DuckDBPyConnection, str], str | None]) -> None:
    """Make the warehouse anew from what Spark has made of the tables that are read there; one that is missing stays away.

    `read` gives SQL for the rows of a table, in a connection; None where there is no such table.
    """
    for suffix in ("", ".wal"):
        home.warehouse.with_name(home.warehouse.name + suffix).unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        for node in tables_to_bring(nodes):
            source = read(connection, node["alias"])
            if source is None:
                continue
            table = ident(node["alias"])
            given = {column["name"]: column for column in node["columns"].values()}
            types = node["config"].get("column_types") or {name: column.get("data_type") for name, column in given.items()}
            found = [name for name, *_ in connection.execute(f"describe select * from {source}").fetchall()]
            columns = (f"cast({ident(name)} as {types[name]}) as {ident(name)}" if types.get(name) else ident(name) for name in found)
            connection.execute(f"create table {table} as select {', '.join(columns)} from {source}")
            connection.execute(f"comment on table {table} is {literal(node['description'])}")
            for name in found:
                if name in given:
                    connection.execute(f"comment on column {table}.{ident(name)} is {literal(given[name]['description'])}")


def read_files(home: Home, table: str) -> str | None:
    """A table of Spark from its files."""
    files = tables_of(home).resolve() / SCHEMA / table
    return f"read_parquet({literal(pattern(files) + '/*.parquet')})" if any(files.glob("*.parquet")) else None


def read_through(cursor: object, connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """A table of Spark through its server: every value as text, which DuckDB reads as the type that Spark says."""
    from pyhive import exc

    try:
        cursor.execute(f"describe {SCHEMA}.{table}")
        kinds = {name: "timestamp" if kind == "timestamp_ntz" else "varchar" if kind == "string" else kind for name, kind, _ in cursor.fetchall()}
    except exc.Error:
        return None
    cursor.arraysize = ROWS_AT_ONCE
    cursor.execute(f"select {', '.join(f'cast(`{name}` as string) as `{name}`' for name in kinds)} from {SCHEMA}.{table}")
    texts = pyarrow.schema([(name, pyarrow.string()) for name in kinds])

    def batches() -> Iterator[pyarrow.RecordBatch]:
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield pyarrow.record_batch([pyarrow.array(column, pyarrow.string()) for column in zip(*rows, strict=True)], schema=texts)

    connection.register("answer", pyarrow.RecordBatchReader.from_batches(texts, batches()))
    connection.execute(
        f"create or replace temp table read_through as select {', '.join(f'cast({ident(name)} as {kind}) as {ident(name)}' for name, kind in kinds.items())} from answer"
    )
    connection.unregister("answer")
    return "read_through"


def _first_line(text: object) -> str:
    """The first line of what a library says."""
    text = getattr(text, "args", [text])[0] if isinstance(text, Exception) and text.args else text
    said = getattr(getattr(text, "status", None), "errorMessage", None) or str(text)
    return next((line.strip()[:300] for line in said.splitlines() if line.strip()), type(text).__name__)
