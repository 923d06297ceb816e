"""Spark as the engine: the session in which dbt works on this machine, and how its tables come back into the warehouse.

dbt makes its tables in Spark as Parquet files below `warehouse/spark`. DuckDB reads those that are published, gives them the types of
their contracts and their comments, and makes the public views on them: what follows (publishing, reconciling, rejects, pages) knows one file.
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
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

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


def tables_of(home: Home) -> Path:
    """The folder of Spark's tables."""
    return home.warehouse.parent / "spark"


def versions() -> dict[str, str]:
    """What a release says of the engine."""
    return {"name": "spark"} | {package: importlib.metadata.version(package) for package in ("pyspark", "dbt-spark", "dbt-core", "duckdb")}


def check() -> None:
    """Raises GongbaoError, with the command that installs it, where Java or one of the packages of `gongbao[spark]` is missing."""
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
    with session(home):
        built = invoke([*arguments("build", folder), "--target", "spark"])
    manifest = folder / "manifest.json"
    if not built.result or not manifest.is_file():
        return built
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    bring_back(home, nodes)
    if not built.success:
        return built
    views = invoke([*arguments("run", target), "--select", *(node["name"] for node in public_views(nodes))])
    return built if views.success else views


@contextmanager
def session(home: Home) -> Iterator[object]:
    """The session that dbt-spark's method `session` finds and takes; ends with its Java."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    strict_sessions()
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
        SparkContext._gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None


def configuration(home: Home) -> dict[str, str]:
    """How Spark runs on one machine. What decides the figures (ANSI, time zone, kind of timestamps) stands in profiles.yml too, for a server."""
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
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
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
    """dbt-spark 1.11 turns ANSI off in every session, after the profile was read: an overflow would be null and not an error."""
    import dbt.adapters.spark
    from dbt.adapters.spark.connections import SparkCredentials

    class StrictCredentials(SparkCredentials):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

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


def bring_back(home: Home, nodes: dict[str, dict]) -> None:
    """Make the warehouse anew from what Spark has made of the tables that are read there; one that is missing stays away."""
    for suffix in ("", ".wal"):
        home.warehouse.with_name(home.warehouse.name + suffix).unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        for node in tables_to_bring(nodes):
            files = tables_of(home).resolve() / SCHEMA / node["alias"]
            if not any(files.glob("*.parquet")):
                continue
            table = ident(node["alias"])
            source = f"read_parquet({literal(pattern(files) + '/*.parquet')})"
            given = {column["name"]: column for column in node["columns"].values()}
            types = node["config"].get("column_types") or {name: column.get("data_type") for name, column in given.items()}
            found = [name for name, *_ in connection.execute(f"describe select * from {source}").fetchall()]
            columns = (f"cast({ident(name)} as {types[name]}) as {ident(name)}" if types.get(name) else ident(name) for name in found)
            connection.execute(f"create table {table} as select {', '.join(columns)} from {source}")
            connection.execute(f"comment on table {table} is {literal(node['description'])}")
            for name in found:
                if name in given:
                    connection.execute(f"comment on column {table}.{ident(name)} is {literal(given[name]['description'])}")
