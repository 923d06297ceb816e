"""The identity key and the keyed hash of personal numbers (HMAC-SHA256), computed inside DuckDB."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import duckdb

from gongbao.messages import GongbaoError, Problem

BLOCK = 64  # bytes of a SHA-256 block


def load_key() -> bytes:
    """The key: GONGBAO_KEY, else the file GONGBAO_KEY_FILE, else ~/.config/gongbao/identity.key (made on first use).

    Raises GongbaoError when the named file cannot be read or the key is empty.
    """
    if text := os.environ.get("GONGBAO_KEY", "").strip():
        return text.encode()
    named = os.environ.get("GONGBAO_KEY_FILE")
    path = Path(named) if named else Path.home() / ".config" / "gongbao" / "identity.key"
    if not named and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two first runs at once only one makes the key; mode 600 from the first moment on.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
    try:
        key = path.read_text(encoding="utf-8").strip().encode()
    except (OSError, UnicodeDecodeError):
        key = b""
    if not key:
        raise GongbaoError(
            Problem(
                "身份密钥文件无法读取或为空",
                "the identity key file cannot be read or is empty",
                "检查 GONGBAO_KEY_FILE，或改用 GONGBAO_KEY",
                "check GONGBAO_KEY_FILE, or set GONGBAO_KEY",
                file=str(path),
            )
        )
    return key


def fingerprint(key: bytes) -> str:
    """Eight hex digits that tell one key from another and say nothing about it."""
    return hmac.new(key, b"gongbao key fingerprint", hashlib.sha256).hexdigest()[:8]


def install(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give the connection the macro `keyed_hash(text)`: the first 32 hex digits of HMAC-SHA256(key, text).

    The padded keys are session variables and never part of an SQL text, so no error message can print them.
    """
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    connection.execute("set variable identity_inner = $1", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("set variable identity_outer = $1", [bytes(byte ^ 0x5C for byte in block)])
    connection.execute(
        "create or replace temp macro keyed_hash(message) as left(sha256(getvariable('identity_outer')::blob || "
        "unhex(sha256(getvariable('identity_inner')::blob || encode(message)))), 32)"
    )
