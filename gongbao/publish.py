"""Publishing: the public tables of the warehouse become a new file that is swapped in whole.

What lies in `published/` afterwards:

    gongbao.duckdb   the public tables and views, their comments and the Chinese views; readable by DuckDB 1.4 and later
    parquet/         one zstd Parquet twin a table (a view has none: its rows are those of the tables it reads)
    release.json     tables, rows and sha256 of all of it, and the views
    current.txt      only where an open file cannot be replaced: the name of the file to read instead

A reader never meets a lock or a half-written file: the new file is finished, checked and closed before one rename
puts it in place, and whoever still reads the old one goes on reading it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click
import duckdb
from filelock import FileLock, Timeout

from gongbao import disk, signals
from gongbao.messages import GongbaoError, Problem
from gongbao.paths import Home

# Names that hold, or are made from, a personal value; a public table may have none of them. Besides the personal columns
# of the contract: what the models make of them.
PERSONAL_COLUMNS = frozenset(
    {
        "psn_no", "certno", "cert_no", "mdtrt_cert_no", "brdy", "psn_name", "naty", "tel", "mob", "email", "hsreg_addr",
        "live_addr", "hsecfc", "emp_name", "invono", "dise_name",
        "person_id", "person_key", "person_no", "certificate_key", "certificate", "birth_date", "birth_month",
    }
)  # fmt: skip

# Tables that describe deliveries: a text in them may come from a file. Values that look like these are refused, whatever the column is called.
DESCRIBING_TABLES = ("batches", "control_totals", "rejected_rows", "rule_results")
DESCRIBING_PREFIX = "review_"
# Tables that have a view with Chinese headings: printed tables, and lists that somebody works through.
IN_CHINESE = ("bulletin_", "review_")
PERSONAL_VALUES = {
    (
        "证件号码",
        "certificate numbers",
    ): r"(^|[^0-9A-Za-z])[1-9][0-9]{5}(1[89]|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]([^0-9A-Za-z]|$)",
    ("手机号码", "telephone numbers"): r"(^|[^0-9A-Za-z])1[3-9][0-9]{9}([^0-9A-Za-z]|$)",
}

# The oldest storage format that DuckDB 2.0 writes for every type used here and DuckDB 1.4 reads.
STORAGE_VERSION = "v1.4.0"

_TEMPORARY = ".next-"


@dataclass(frozen=True)
class PublishedFile:
    """What a publication put in place: the file to read, rows by table, and the file's sha256."""

    path: Path
    rows: dict[str, int]
    sha256: str


def published_file(home: Home) -> Path:
    """The file to read: the one `current.txt` names, else `published/gongbao.duckdb` (which may be missing)."""
    pointer = home.published.with_name("current.txt")
    if pointer.is_file():
        return home.published.with_name(pointer.read_text(encoding="utf-8").strip())
    return home.published


def publish(home: Home, manifest: Path | None = None, engine: dict[str, str] | None = None) -> PublishedFile:
    """Write the public tables into a new file, check it and swap it in.

    `manifest` is dbt's manifest.json of the build, which says what is public (`access: public`) and gives the Chinese names
    (`config.meta.label_zh`) of tables and columns; by default the one beside the warehouse. `engine` names what computed the tables,
    with versions; by default the DuckDB of here.

    Errors (nothing published changes): no warehouse or manifest, a warehouse being written, a public table missing, a table
    or column without a comment, a bulletin table without Chinese names, a personal column or value, another publication under way,
    a disk that is full.
    """
    if not home.warehouse.is_file():
        raise GongbaoError(
            Problem(
                "还没有可发布的数据仓库。",
                "There is no warehouse to publish.",
                "先运行 gongbao build。",
                "Run gongbao build first.",
                file=str(home.warehouse),
            )
        )
    described = _read_manifest(manifest or home.warehouse.parent / "target" / "manifest.json")
    folder = home.published.parent
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".publish.lock", timeout=0):
            _remove_temporaries(folder)
            work = folder / f"{_TEMPORARY}{uuid4().hex[:12]}"
            work.mkdir()
            try:
                with signals.removed(work):
                    _write(home.warehouse, work, described, engine or {"name": "duckdb", "duckdb": duckdb.__version__})
                    with signals.held():
                        return _swap(work, home)
            except (duckdb.Error, OSError) as error:
                if disk.is_full(error):
                    raise GongbaoError(disk.full(folder, disk.needed_by_build(home)), exit_code=1) from error
                raise GongbaoError(
                    Problem(
                        f"发布失败，已发布的文件保持不变：{_first_line(error)}",
                        f"Publishing failed, the published file is unchanged: {_first_line(error)}",
                        "检查磁盘空间和写权限后重试。",
                        "Look at disk space and permissions, then publish again.",
                        file=str(folder),
                    ),
                    exit_code=1,
                ) from error
    except Timeout:
        raise GongbaoError(
            Problem(
                "另一个发布正在进行。",
                "Another publication is under way.",
                "等它结束后再运行。",
                "Run again when it has ended.",
                file=str(folder),
            )
        ) from None


# ---------------------------------------------------------------- writing


@dataclass(frozen=True)
class Described:
    """What dbt's manifest says of a model or seed: whether it is public (`access: public`), the Chinese names of the table and of its
    columns as far as they have one; of a model that is published as a view (meta published_as: view) its query, on the public tables."""

    is_public: bool
    label: str | None
    columns: dict[str, str]
    query: str | None = None


@dataclass(frozen=True)
class Dataflow:
    """A semantic model: the subject of some indicators, and what its facts can be broken down by."""

    name: str
    label: str
    description: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """What is read of dbt's manifest.json: tables by their names in the warehouse, and dataflows."""

    tables: dict[str, Described]
    dataflows: tuple[Dataflow, ...]


def _read_manifest(file: Path) -> Manifest:
    """Error when there is none: it says what is public."""
    if not file.is_file():
        raise GongbaoError(
            Problem(
                "找不到 dbt 的 manifest.json，其中写明哪些表公开。",
                "dbt's manifest.json, which says what tables are public, is not there.",
                "重新运行 gongbao build。",
                "Run gongbao build again.",
                file=str(file),
            )
        )
    manifest = json.loads(file.read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    tables = {}
    for node in nodes.values():
        columns = {name: _meta(column).get("label_zh") for name, column in node.get("columns", {}).items()}
        query = None
        if _meta(node).get("published_as") == "view":
            query = node["compiled_code"]
            for read in node["depends_on"]["nodes"]:
                if read in nodes:
                    query = query.replace(nodes[read]["relation_name"], _name(nodes[read]["alias"]))
        # A seed has no access of its own in dbt; its meta says it.
        is_public = "public" in (node.get("access"), _meta(node).get("access"))
        label = _meta(node).get("label_zh")
        tables[node.get("alias", node["name"])] = Described(is_public, label, {name: zh for name, zh in columns.items() if zh}, query)
    dataflows = tuple(
        Dataflow(
            model["name"],
            model["label"] or model["name"],
            model["description"] or "",
            tuple(dimension["name"] for dimension in model["dimensions"] if dimension["type"] == "categorical"),
        )
        for model in manifest.get("semantic_models", {}).values()
    )
    return Manifest(tables, dataflows)


def _meta(described: dict) -> dict:
    return described.get("config", {}).get("meta", {})


@dataclass(frozen=True)
class _Table:
    """A public table of the warehouse: where it is, its comment, its columns with their comments, its Chinese names."""

    schema: str
    name: str
    comment: str | None
    columns: dict[str, str | None]
    described: Described


def _write(warehouse: Path, work: Path, manifest: Manifest, engine: dict[str, str]) -> None:
    """Fill `work` with gongbao.duckdb, parquet/ and release.json."""
    target = work / "gongbao.duckdb"
    # Rows keep no order: keeping one would leave all the writing to a single thread. A new file has nothing to vacuum: the
    # checkpoint would only merge row groups by writing them again.
    config = {"temp_directory": str(work / "spill"), "preserve_insertion_order": "false", "max_vacuum_tasks": "0"}
    with duckdb.connect(config=config) as connection:
        try:
            connection.execute(f"attach {_literal(str(warehouse))} as warehouse (read_only)")
        except duckdb.IOException as error:
            raise GongbaoError(
                Problem(
                    "数据仓库打不开：可能正在生成，或文件已损坏。",
                    "The warehouse cannot be opened: a build may be writing it, or the file is damaged.",
                    "等 gongbao build 结束后再发布。",
                    "Publish after gongbao build has ended.",
                    file=str(warehouse),
                )
            ) from error
        tables = _public_tables(connection, manifest.tables)
        _check(tables)
        _check_values(connection, tables)
        connection.execute(f"attach {_literal(str(target))} as published (storage_version '{STORAGE_VERSION}')")
        connection.execute("use published")
        # As one transaction: each of the thousand comments would otherwise be written to the disk by itself.
        connection.execute("begin")
        for table in sorted(tables, key=lambda table: table.described.query is not None):
            _copy(connection, table)
        _chinese_views(connection, tables)
        _dataflow_views(connection, tables, manifest.dataflows)
        connection.execute("commit")
        connection.execute("use memory")
        connection.execute("checkpoint published")
        connection.execute("detach published")

    parquet = work / "parquet"
    parquet.mkdir()
    # The twins and the row counts are taken from the closed file: what is swapped in has been read back.
    views = [table for table in tables if table.described.query is not None]
    tables = [table for table in tables if table.described.query is None]
    with duckdb.connect(str(target), read_only=True) as connection:
        rows = {}
        for table in tables:
            twin = parquet / f"{table.name}.parquet"
            connection.execute(f"copy {_name(table.name)} to {_literal(str(twin))} (format parquet, compression zstd)")
            (rows[table.name],) = connection.execute(f"select count(*) from {_name(table.name)}").fetchone()

    release = {
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine,
        "storage_version": STORAGE_VERSION,
        "file": {"name": target.name, "bytes": target.stat().st_size, "sha256": _sha256(target)},
        "tables": [
            {
                "table": table.name,
                "rows": rows[table.name],
                "columns": len(table.columns),
                "parquet": f"parquet/{table.name}.parquet",
                "sha256": _sha256(parquet / f"{table.name}.parquet"),
            }
            for table in tables
        ],
        "views": [{"view": view.name, "columns": len(view.columns)} for view in views],
    }
    (work / "release.json").write_text(json.dumps(release, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for file in (target, work / "release.json", *parquet.iterdir()):
        _fsync(file)


def _public_tables(connection: duckdb.DuckDBPyConnection, described: dict[str, Described]) -> list[_Table]:
    """The public tables and views of the attached warehouse, by name; error when one is missing."""
    public = sorted(name for name, said in described.items() if said.is_public)
    found = connection.execute(
        """
        select schema_name, table_name, any_value(relations.comment), list(column_name order by column_index), list(columns.comment order by column_index)
        from (
            select database_name, schema_name, table_name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment from duckdb_views()
        ) as relations
        inner join duckdb_columns() as columns using (database_name, schema_name, table_name)
        where database_name = 'warehouse' and list_contains(?, table_name)
        group by schema_name, table_name
        order by table_name
        """,
        [public],
    ).fetchall()
    missing = sorted(set(public) - {name for _, name, *_ in found})
    if missing or not public:
        raise GongbaoError(
            Problem(
                f"数据仓库缺少要发布的表：{'、'.join(missing)}。",
                f"The warehouse lacks tables to publish: {', '.join(missing)}.",
                "重新运行 gongbao build；若仍缺少，检查 models/marts。",
                "Run gongbao build again; if they are still missing, look at models/marts.",
            )
        )
    return [_Table(schema, name, comment, dict(zip(columns, comments, strict=True)), described[name]) for schema, name, comment, columns, comments in found]


def _check(tables: list[_Table]) -> None:
    """No personal column, a comment everywhere, Chinese names where a Chinese view needs them: all faults at once."""
    problems = []
    for table in tables:
        personal = sorted(column for column in table.columns if column.lower() in PERSONAL_COLUMNS)
        if personal:
            problems.append(
                Problem(
                    f"表 {table.name} 含个人信息列 {'、'.join(personal)}，拒绝发布。",
                    f"Table {table.name} has personal columns {', '.join(personal)}: refused.",
                    "从模型中去掉这些列。",
                    "Take the columns out of the model.",
                )
            )
        bare = [column for column, comment in table.columns.items() if not comment]
        if not table.comment or bare:
            what = ([] if table.comment else ["(table)"]) + bare
            problems.append(
                Problem(
                    f"表 {table.name} 缺少说明：{'、'.join(what)}。",
                    f"Table {table.name} has no description for: {', '.join(what)}.",
                    "在模型的 YAML 中写 description。",
                    "Write the description in the model's YAML.",
                )
            )
        unnamed = [column for column in table.columns if column not in table.described.columns]
        if table.name.startswith(IN_CHINESE) and (unnamed or not table.described.label):
            what = ([] if table.described.label else ["(table)"]) + unnamed
            problems.append(
                Problem(
                    f"表 {table.name} 缺少中文名称：{'、'.join(what)}。",
                    f"Table {table.name} has no Chinese name for: {', '.join(what)}.",
                    "在模型的 YAML 中写 config: meta: label_zh。",
                    "Write config: meta: label_zh in the model's YAML.",
                )
            )
    if problems:
        raise GongbaoError(*problems)


def _check_values(connection: duckdb.DuckDBPyConnection, tables: list[_Table]) -> None:
    """No value that looks like a certificate or telephone number in what describes deliveries; the value itself is not shown."""
    problems = []
    for table in tables:
        if table.name not in DESCRIBING_TABLES and not table.name.startswith(DESCRIBING_PREFIX):
            continue
        source = f"warehouse.{_name(table.schema)}.{_name(table.name)}"
        texts = [name for name, kind, *_ in connection.execute(f"describe {source}").fetchall() if kind == "VARCHAR"]
        tested = [(column, words, pattern) for column in texts for words, pattern in PERSONAL_VALUES.items()]
        if not tested:
            continue
        counts = ", ".join(f"count(*) filter (where regexp_matches({_name(column)}, {_literal(pattern)}))" for column, _, pattern in tested)
        found = connection.execute(f"select {counts} from {source}").fetchall()[0]
        problems += [
            Problem(
                f"表 {table.name} 的列 {column} 有 {count} 个值像{zh}，拒绝发布。",
                f"Column {column} of table {table.name} has {count} values that look like {en}: refused.",
                "查明这些值出自哪一份报送文件，更正后重新生成；表在数据目录的 warehouse 中。",
                "Find the delivery they come from, correct it and build again; the table is in the warehouse of the data home.",
            )
            for (column, (zh, en), _), count in zip(tested, found, strict=True)
            if count
        ]
    if problems:
        raise GongbaoError(*problems)


def _copy(connection: duckdb.DuckDBPyConnection, table: _Table) -> None:
    """Copy one table with its comments into the new file; a view is made anew on what is there already."""
    source = f"warehouse.{_name(table.schema)}.{_name(table.name)}"
    kind = "view" if table.described.query else "table"
    connection.execute(f"create {kind} {_name(table.name)} as {table.described.query or f'select * from {source}'}")
    label, comment = table.described.label, table.comment or ""
    said = comment if not label or comment.startswith(label) else f"{label}. {comment}"
    connection.execute(f"comment on {kind} {_name(table.name)} is {_literal(said)}")
    for column, comment in table.columns.items():
        connection.execute(f"comment on column {_name(table.name)}.{_name(column)} is {_literal(comment or '')}")


def _chinese_views(connection: duckdb.DuckDBPyConnection, tables: list[_Table]) -> None:
    """`表_…` over each printed table and review list with Chinese column names, and `观测值` over the observations with Chinese words."""
    for table in tables:
        if table.name.startswith(IN_CHINESE):
            columns = {table.described.columns[column]: _name(column) for column in table.columns}
            _create_view(connection, f"表_{table.described.label}", columns, _name(table.name), _comment_of(table))

    observations = next(table for table in tables if table.name == "observations")
    columns = {"分组": "series.dims_zh"} | _observed_in_chinese(observations, left_out=("dims", "breakdown"))
    _create_view(connection, "观测值", columns, f"observations as o {_CELLS_PLACES_AND_INDICATORS}", _comment_of(observations))


_CELLS_PLACES_AND_INDICATORS = (
    "inner join series on o.indicator = series.indicator and o.dims = series.dims "
    "left join indicator_catalogue as catalogue on o.indicator = catalogue.indicator "
    "left join regions as region on o.region_code = region.region_code"
)


def _observed_in_chinese(observations: _Table, left_out: tuple[str, ...]) -> dict[str, str]:
    """Chinese names of the columns of observations, each with its expression on `o`; indicators, regions and codes in words."""
    columns = {}
    for column in observations.columns:
        label = observations.described.columns.get(column, column)
        if column == "indicator":
            columns["指标代码"] = "o.indicator"
            columns["指标"] = "coalesce(catalogue.label_zh, o.indicator)"
        elif column == "region_code":
            columns["地区代码"] = "o.region_code"
            columns["地区"] = "coalesce(region.name_zh, o.region_code)"
        elif column in ("region_level", "period_kind", "status"):
            words = f"(select name_zh from code_lists where list = {_literal(column)} and code = o.{column})"
            columns[label] = f"coalesce({words}, o.{column})"
        elif column not in left_out:
            columns[label] = f"o.{_name(column)}"
    return columns


def _dataflow_views(connection: duckdb.DuckDBPyConnection, tables: list[_Table], dataflows: tuple[Dataflow, ...]) -> None:
    """For each dataflow `obs_…`, its observations with a column for each of its own dimensions (empty where a value is not broken down by
    it), and `观测_…`, the same in Chinese words."""
    observations = next(table for table in tables if table.name == "observations")
    listed = connection.execute("select dimension, label_zh, label_en, code_list from dimensions order by position").fetchall()
    for flow in dataflows:
        dimensions = [(name, zh, en, codes) for name, zh, en, codes in listed if name in flow.categories]
        view = f"obs_{flow.name}"
        # A cell is taken apart once a series, not once a value.
        values = "".join(f", nullif(regexp_extract(dims, '(^|;){name}=([^;]*)', 2), '') as {name}" for name, *_ in dimensions)
        source = (
            "observations as o inner join "
            f"(select indicator, dims, label_zh, label_en{values} from series where dataflow = {_literal(flow.name)}) as s "
            "on o.indicator = s.indicator and o.dims = s.dims"
        )
        given = {name: "o." + _name(name) for name in observations.columns if name not in ("dataflow", "indicator", "dims", "breakdown")}
        columns = (
            {"indicator": "o.indicator", "label_zh": "s.label_zh", "label_en": "s.label_en"}
            | {name: f"s.{name}" for name, *_ in dimensions}
            | {"breakdown": "o.breakdown", "dims": "o.dims"}
            | given
        )
        comment = f"{flow.label} · {flow.description} {_comment_of(observations)}"
        _create_view(connection, view, columns, source, comment)
        comments = observations.columns | {
            "label_zh": "Chinese label of the indicator.",
            "label_en": "English label of the indicator.",
            **{name: f"{zh} · {en}; empty where the value is not broken down by it." for name, zh, en, _ in dimensions},
        }
        for column in columns:
            connection.execute(f"comment on column {_name(view)}.{_name(column)} is {_literal(comments[column] or '')}")

        joins, words = [], {}
        for name, zh, _, codes in dimensions:
            of = (
                f"regions as w_{name} on w_{name}.region_code"
                if codes == "regions"
                else f"code_lists as w_{name} on w_{name}.list = {_literal(codes)} and w_{name}.code"
            )
            joins.append(f"left join {of} = o.{name}")
            words[zh] = f"coalesce(w_{name}.name_zh, o.{name})"
        _create_view(
            connection,
            f"观测_{flow.label}",
            words | {"分组": "series.dims_zh"} | _observed_in_chinese(observations, left_out=("dataflow", "dims", "breakdown")),
            f"{view} as o {_CELLS_PLACES_AND_INDICATORS} {' '.join(joins)}",
            comment,
        )


def _comment_of(table: _Table) -> str:
    return f"{table.comment}（{table.name}）"


def _create_view(connection: duckdb.DuckDBPyConnection, view: str, columns: dict[str, str], source: str, comment: str) -> None:
    """Create a view: the names of its columns with what they show."""
    selected = ", ".join(f"{expression} as {_name(label)}" for label, expression in columns.items())
    connection.execute(f"create view {_name(view)} as select {selected} from {source}")
    connection.execute(f"comment on view {_name(view)} is {_literal(comment)}")


# ---------------------------------------------------------------- swapping


def _swap(work: Path, home: Home) -> PublishedFile:
    """Put the finished files in place: the Parquet folder, the database, the manifest, each by one rename."""
    folder = home.published.parent
    manifest = json.loads((work / "release.json").read_text(encoding="utf-8"))
    _swap_parquet(work / "parquet", folder)

    # A log left beside the old file by a killed writer would be refused, or replayed into the new file.
    home.published.with_name(home.published.name + ".wal").unlink(missing_ok=True)
    pointer = folder / "current.txt"
    try:
        os.replace(work / "gongbao.duckdb", home.published)
        path = home.published
        pointer.unlink(missing_ok=True)
    except PermissionError:
        path = folder / f"gongbao-{manifest['file']['sha256'][:12]}.duckdb"
        os.replace(work / "gongbao.duckdb", path)
        manifest["file"]["name"] = path.name
        (work / "release.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        (work / "current.txt").write_text(path.name + "\n", encoding="utf-8")
        os.replace(work / "current.txt", pointer)
        held = Problem(
            f"旧的发布文件被其他程序占用，无法替换；新文件已存为 {path.name}，由 current.txt 指向。",
            f"The old published file is held open by another program; the new one is kept as {path.name}, named in current.txt.",
            "关闭占用它的程序后再次发布。",
            "Close the program that holds it and publish again.",
            file=str(home.published),
        )
        click.echo("\n".join(held.lines()), err=True)
    os.replace(work / "release.json", folder / "release.json")
    _fsync(folder)
    _remove_old_versions(folder, keep=path)
    return PublishedFile(path, {table["table"]: table["rows"] for table in manifest["tables"]}, manifest["file"]["sha256"])


def _swap_parquet(new: Path, folder: Path) -> None:
    """`parquet` is a link to a versioned folder, turned by one rename; where links cannot be made, two renames."""
    version = folder / f".parquet-{uuid4().hex[:12]}"
    live = folder / "parquet"
    os.replace(new, version)
    link = folder / f"{_TEMPORARY}link"
    try:
        if live.is_dir() and not live.is_symlink():
            raise OSError("a plain folder, as made where links are not allowed")
        link.symlink_to(version.name, target_is_directory=True)
        os.replace(link, live)
    except OSError:
        if live.exists():
            os.replace(live, folder / f"{_TEMPORARY}old-{uuid4().hex[:12]}")
        os.replace(version, live)


def _remove_temporaries(folder: Path) -> None:
    """Leftovers of a publication that was killed."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _remove_old_versions(folder: Path, keep: Path) -> None:
    """Versioned files no longer current; the Parquet folder before this one stays for readers in the middle of it."""
    for path in folder.glob("gongbao-*.duckdb"):
        if path != keep:
            try:
                path.unlink()
            except PermissionError:
                continue  # still held; the next publication tries again
    live = (folder / "parquet").resolve()
    others = sorted((path for path in folder.glob(".parquet-*") if path.resolve() != live), key=lambda path: path.stat().st_mtime_ns)
    for path in others[:-1]:
        shutil.rmtree(path, ignore_errors=True)


# ---------------------------------------------------------------- small things


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    """Flush a file or, where the system allows it, a folder to the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return  # Windows cannot open a folder
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def read_published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file, or to the warehouse when nothing is published yet.

    An in-memory connection with the file attached: within one process DuckDB keeps handing out an old file by
    its path, an attachment always opens the present one.
    """
    path = published_file(home)
    if not path.is_file():
        path = home.warehouse
    if not path.is_file():
        raise GongbaoError(
            Problem(
                "还没有发布文件，也没有数据仓库。",
                "There is no published file and no warehouse.",
                "先运行 gongbao build。",
                "Run gongbao build first.",
                file=str(home.published),
            )
        )
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {_literal(str(path))} as published (read_only)")
        except duckdb.IOException as error:
            raise GongbaoError(
                Problem(
                    "文件打不开：可能正在生成，或已损坏。",
                    "The file cannot be opened: a build may be writing it, or it is damaged.",
                    "等 gongbao build 结束后再试。",
                    "Try again after gongbao build has ended.",
                    file=str(path),
                )
            ) from error
        connection.execute("use published")
        yield connection
