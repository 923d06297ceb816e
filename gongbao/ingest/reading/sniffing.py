"""What the bytes of a file are. Its name says nothing: a workbook may be called .csv, a web page .xls."""

from __future__ import annotations

import gzip
import os
import stat
import zipfile
import zlib
from pathlib import Path

from gongbao.ingest.reading.delivery import refuse
from gongbao.messages import GongbaoError

PACKED_FREELY = 1 << 26  # unpacked bytes up to which the ratio does not matter
HIGHEST_RATIO = 250  # unpacked to packed bytes: tables of real records stay below 50
LARGEST_TEXTS = 1 << 29  # bytes of the texts of a workbook, all of which are held in memory
CHUNK = 1 << 22
SPREADSHEET = ("用电子表格软件打开，另存为 XLSX 或 CSV", "open it in a spreadsheet and save it as XLSX or CSV")
UNPACK = ("先解压，再报送其中的文件", "unpack it and deliver the files inside")
EXPORT = ("从源系统导出为 CSV、XLSX 或 Parquet", "export the records as CSV, XLSX or Parquet")

# First bytes → what it is (zh, en) and what to do about it.
KINDS: tuple[tuple[bytes, str, str, tuple[str, str]], ...] = (
    (b"%PDF", "PDF 文档", "a PDF document", EXPORT),
    (b"Rar!", "RAR 压缩包", "a RAR archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip 压缩包", "a 7-Zip archive", UNPACK),
    (b"BZh", "bzip2 压缩文件", "a bzip2 file", UNPACK),
    (b"\xfd7zXZ", "xz 压缩文件", "an xz file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "zstd 压缩文件", "a zstd file", UNPACK),
    (b"\x89PNG", "图片（PNG）", "a picture (PNG)", EXPORT),
    (b"\xff\xd8\xff", "图片（JPEG）", "a picture (JPEG)", EXPORT),
    (b"GIF8", "图片（GIF）", "a picture (GIF)", EXPORT),
    (b"{\\rtf", "RTF 文档", "an RTF document", EXPORT),
    (b"SQLite format 3\0", "SQLite 数据库", "an SQLite database", EXPORT),
    (b"PARE", "加密的 Parquet 文件", "an encrypted Parquet file", ("不加密导出", "export it without encryption")),
    (b"ARROW1", "Arrow/Feather 文件", "an Arrow (Feather) file", EXPORT),
    (b"ORC", "ORC 文件", "an ORC file", EXPORT),
    (b"Obj\x01", "Avro 文件", "an Avro file", EXPORT),
    (b"$FL2", "SPSS 数据文件", "an SPSS file", EXPORT),
    (b"MIME-Version:", "单个文件网页（MHTML）", "a web page in one file (MHTML)", SPREADSHEET),
)
# Words near the beginning of a text, in lower case.
MARKUP = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "XML 电子表格 2003", "an XML spreadsheet of 2003"),
    (b"<html", "网页（HTML）", "a web page (HTML)"),
    (b"<!doctype html", "网页（HTML）", "a web page (HTML)"),
    (b"<table", "网页（HTML）", "a web page (HTML)"),
    (b"<?xml", "XML 文件", "an XML file"),
)
# A member of a ZIP → what it is; the first that is there counts.
PACKAGES = (
    ("xl/workbook.bin", "二进制工作簿（XLSB）", "a binary workbook (XLSB)", SPREADSHEET),
    ("content.xml", "OpenDocument 文档（如 ODS 工作簿）", "an OpenDocument file (such as an ODS workbook)", SPREADSHEET),
    ("word/document.xml", "Word 文档", "a Word document", EXPORT),
    ("ppt/presentation.xml", "PowerPoint 演示文稿", "a PowerPoint presentation", EXPORT),
)


def require_file(path: Path) -> None:
    """Raises GongbaoError for what is no readable file: a FIFO, a device, a folder, a dead link, a file that is gone or closed to us."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb"):
                return
        if stat.S_ISDIR(mode):
            os.scandir(path).close()  # one that cannot be listed says why
    except OSError as error:
        if path.is_symlink():
            raise refuse(
                path, "符号链接指向不存在的文件，或绕成了圈", "a link to nothing, or in a circle", "改为文件本身", "put the file itself there"
            ) from error
        if isinstance(error, FileNotFoundError):
            raise refuse(path, "文件已不在", "the file is no longer there", "重新放入后再试", "put it back and try again") from error
        raise refuse(
            path, f"无法打开：{os.strerror(error.errno or 0)}", f"it cannot be opened: {os.strerror(error.errno or 0)}", "检查权限", "check the permissions"
        ) from error
    kinds = ((stat.S_ISFIFO, "命名管道（FIFO）", "a named pipe (FIFO)"), (stat.S_ISSOCK, "套接字", "a socket"), (stat.S_ISDIR, "文件夹", "a folder"))
    zh, en = next(((zh, en) for is_kind, zh, en in kinds if is_kind(mode)), ("设备", "a device"))
    raise refuse(path, f"不是文件，而是{zh}", f"not a file but {en}", "把内容存为文件", "save its content as a file")


def unpacked(path: Path, work: Path) -> Path:
    """The file itself, or the unpacked copy of a gzip file. Raises GongbaoError when it is damaged or unpacks beyond any sense."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return path
    target = work / "unpacked"
    limit = max(PACKED_FREELY, HIGHEST_RATIO * path.stat().st_size)
    size = 0
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as out:
            while chunk := packed.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise _bomb(path, size)
                out.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise refuse(path, "压缩文件不完整或已损坏", "the compressed file is cut short or damaged", "重新传送", "have it sent again") from error
    return target


def kind_of(file: Path, path: Path) -> str:
    """`text`, `parquet`, `xlsx` or `xls`. Raises GongbaoError, naming what it is, for anything else."""
    with file.open("rb") as content:
        head = content.read(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _package(file, path)
    if head.startswith(b"PK\x05\x06"):
        raise _other(path, "空的 ZIP 压缩包", "an empty ZIP archive", UNPACK)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"\x1f\x8b"):
        raise _other(path, "两层的 gzip 压缩文件", "gzip within gzip", UNPACK)
    for mark, zh, en, remedy in KINDS:
        if head.startswith(mark):
            raise _other(path, zh, en, remedy)
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b" \t\r\n\xff\xfe").lower()
    if text.startswith(b"<"):
        for mark, zh, en in MARKUP:
            if mark in text:
                raise _other(path, zh, en, SPREADSHEET)
    if text.startswith((b"{", b"[")):
        raise _other(path, "JSON 文件", "a JSON file", EXPORT)
    return "text"


def _package(file: Path, path: Path) -> str:
    """`xlsx` for an Office workbook of sane size."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {member.filename.lower(): member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise refuse(
            path,
            "不是可读的 XLSX 工作簿（损坏或其他 ZIP 文件）",
            "not a readable XLSX workbook (damaged, or another ZIP file)",
            "在电子表格软件中另存为 XLSX 或 CSV；ZIP 请先解压",
            "save it again as XLSX or CSV; unpack a ZIP first",
        ) from error
    if "xl/workbook.xml" in members:
        size = sum(members.values())
        if size > max(PACKED_FREELY, HIGHEST_RATIO * file.stat().st_size):
            raise _bomb(path, size)
        if members.get("xl/sharedstrings.xml", 0) > LARGEST_TEXTS:
            raise refuse(
                path,
                f"工作簿的文字解压后超过 {LARGEST_TEXTS:,} 字节，内存放不下",
                f"the texts of the workbook unpack to more than {LARGEST_TEXTS:,} bytes, too much for the memory",
                "另存为 CSV 后报送",
                "save it as CSV and deliver that",
            )
        return "xlsx"
    for member, zh, en, remedy in PACKAGES:
        if member in members:
            raise _other(path, zh, en, remedy)
    count = len(members)
    raise _other(path, f"ZIP 压缩包（{count} 个文件）", f"a ZIP archive of {count} file{'s' * (count != 1)}", UNPACK)


def _other(path: Path, zh: str, en: str, remedy: tuple[str, str]) -> GongbaoError:
    return refuse(path, f"不是报送文件，而是{zh}", f"not a delivery but {en}", *remedy)


def _bomb(path: Path, size: int) -> GongbaoError:
    packed = path.stat().st_size
    return refuse(
        path,
        f"{packed:,} 字节解压后超过 {size:,} 字节（{HIGHEST_RATIO} 倍以上）：不是真实的表格",
        f"{packed:,} bytes unpack to more than {size:,} (over {HIGHEST_RATIO} times): no real table",
        "检查文件来源，重新导出",
        "check where the file comes from and export it again",
    )
