"""Parquet: every type as the text that stands for the same value, or a refusal that names column and type."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from gongbao.contracts import Record
from gongbao.ingest.reading.delivery import Delivery, NoRows, Part, ident, literal, refuse, source
from gongbao.messages import GongbaoError, Problem

NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")
BEIJING_HOURS = 8  # ahead of UTC; without summer time since 1992


@dataclass
class ParquetDelivery(Delivery):
    """A delivered Parquet file, read where it lies. `types` are DuckDB's, one a column."""

    readable: Path = Path()
    types: list[str] = field(default_factory=list)
    connection: duckdb.DuckDBPyConnection | None = None
    int96: frozenset[str] = frozenset()

    def load(self, names: list[str], record: Record) -> None:
        """Raises GongbaoError for a column of the record that does not keep its values: nested, 32-bit floats, bytes that are no text."""
        known = [(title, kind, record.by_name[name]) for title, kind, name in zip(self.header, self.types, names, strict=True) if name in record.by_name]
        wrong: list[Problem] = []
        for title, kind, column in known:
            if kind.endswith("]") or kind.startswith(NESTED):
                wrong.append(
                    self._wrong(
                        title,
                        f"{column.name} 是嵌套类型 {kind[:40]}",
                        f"{column.name} is of the nested type {kind[:40]}",
                        "导出为单一值的列",
                        "export it as a column of single values",
                        column.name,
                    )
                )
            elif kind == "FLOAT" and column.data_type not in ("date", "timestamp"):
                wrong.append(
                    self._wrong(
                        title,
                        f"{column.name}（{column.label_zh}）是 32 位浮点数（float32），只有约 7 位有效数字，存不下分或完整号码",
                        f"{column.name} is of 32-bit floats (float32), whose 7 digits hold neither cents nor whole numbers",
                        "导出为 DECIMAL(18,2)（号码为文本）",
                        "export it as DECIMAL(18,2) (numbers of persons and keys as text)",
                        column.name,
                    )
                )
            elif kind == "BLOB":
                if not self._is_text(title):
                    wrong.append(
                        self._wrong(
                            title,
                            f"{column.name}（{column.label_zh}）是字节（binary），且不是 UTF-8 文本",
                            f"{column.name} is of bytes (binary) that are no UTF-8 text",
                            "导出为文本（string）",
                            "export it as text (string)",
                            column.name,
                        )
                    )
                else:
                    self.repairs[f"{column.name}.bytes_as_text"] += self._count(title)
            elif kind == "TIMESTAMP WITH TIME ZONE":
                self.note(
                    f"{column.name}（{column.label_zh}）的时间带时区（UTC），按北京时间（UTC+8）读入",
                    f"{column.name} has times with a zone (UTC): read as Beijing time (UTC+8)",
                    "若原本就是当地时间，导出时去掉时区",
                    "if they were local times, export them without a zone",
                    column=column.name,
                )
            if title in self.int96:
                self.note(
                    f"{column.name}（{column.label_zh}）是 INT96 时间，不说明时区，按所存时刻读入",
                    f"{column.name} has INT96 times, which say nothing of a zone: taken as they stand",
                    "与报送方核对时区，或导出为 TIMESTAMP",
                    "ask the supplier for their zone, or export them as TIMESTAMP",
                    column=column.name,
                )
        if wrong:
            raise GongbaoError(*wrong)

    def _wrong(self, title: str, *texts: str) -> Problem:
        zh, en, fix_zh, fix_en, name = texts
        return Problem(zh, en, fix_zh, fix_en, file=self.path.name, column=title if title == name else f"{title} = {name}")

    def _is_text(self, title: str) -> bool:
        try:
            self.connection.execute(f"select max(strlen(decode({ident(title)}))) from ({self._scan})").fetchall()
        except duckdb.Error:
            return False
        return True

    def _count(self, title: str) -> int:
        return self.connection.execute(f"select count({ident(title)}) from ({self._scan})").fetchall()[0][0]

    @property
    def _scan(self) -> str:
        # what stands in the file counts, never the name of a folder (year=2024)
        return f"select * from read_parquet({source(self.readable)}, file_row_number=true, hive_partitioning=false)"

    def relation(self, names: list[str], null_words: tuple[str, ...], part: Part = None) -> str:
        nulls = ", ".join(literal(word) for word in null_words)
        columns = []
        for title, name, kind in zip(self.header, names, self.types, strict=True):
            cell = _as_text(ident(title), kind)
            columns.append(f"case when {cell} in ({nulls}) then null else {cell} end as {ident(name)}")
        return f"select {', '.join(columns)}, file_row_number + 2 as row_no from ({self._scan})"


def _as_text(cell: str, kind: str) -> str:
    """SQL of a column as text."""
    if kind == "BOOLEAN":
        return f"case {cell} when true then '1' when false then '0' end"
    if kind == "BLOB":
        return f"try(decode({cell}))"  # load() has refused bytes that are no text in a column that counts
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"cast(make_timestamp(epoch_us({cell}) + {BEIJING_HOURS * 3_600_000_000}) as varchar)"
    if kind == "TIMESTAMP_NS":
        return f"cast(cast({cell} as timestamp) as varchar)"
    return f"cast({cell} as varchar)"


def read_parquet(file: Path, path: Path, connection: duckdb.DuckDBPyConnection) -> ParquetDelivery:
    """A Parquet file as a delivery. Raises GongbaoError when it cannot be read or holds no rows."""
    try:
        rows = connection.execute(f"describe select * from read_parquet({source(file)}, hive_partitioning=false)").fetchall()
        count = connection.execute(f"select count(*) from read_parquet({source(file)}, hive_partitioning=false)").fetchall()[0][0]
        int96 = connection.execute(f"select name from parquet_schema({source(file)}) where type = 'INT96'").fetchall()
    except duckdb.Error as error:
        raise refuse(path, "Parquet 文件已损坏，无法读取", "the Parquet file is damaged and cannot be read", "重新传送", "have it sent again") from error
    delivery = ParquetDelivery(
        path=path,
        file_format="parquet",
        header=[row[0] for row in rows],
        readable=file,
        types=[row[1] for row in rows],
        connection=connection,
        int96=frozenset(row[0] for row in int96),
    )
    if not count:
        raise NoRows(delivery, "只有列名，没有数据行", "columns and no rows")
    return delivery


def without_rows(delivery: Delivery, names: list[str], file: Path, connection: duckdb.DuckDBPyConnection) -> ParquetDelivery:
    """A delivery with the columns of another and no rows, kept in `file`."""
    columns = ", ".join(f"cast(null as varchar) as {ident(name)}" for name in names)
    connection.execute(f"copy (select {columns} where false) to {literal(str(file))} (format parquet)")
    found = ParquetDelivery(
        path=delivery.path, file_format=delivery.file_format, header=names, readable=file, types=["VARCHAR"] * len(names), connection=connection
    )
    found.encoding, found.notes = delivery.encoding, delivery.notes
    return found
