"""A small OpenID Connect provider on the loopback address: discovery, authorize, token, keys. Its users sign in by a click."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = ("gongbao-dashboard", "a secret between client and provider")


class Provider(ThreadingHTTPServer):
    """`users`: name on the button -> claims. `handed_out`: how many identities it gave."""

    def __init__(self, users: dict[str, dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.users = users
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, tuple[dict[str, str], str]] = {}
        self.handed_out = 0


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query))
        provider = self.server
        match address.path:
            case "/.well-known/openid-configuration":
                self._json(
                    {
                        "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize", "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
                    }
                )  # fmt: skip
            case "/keys":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize" if asked["client_id"] == CLIENT[0] and asked["code_challenge_method"] == "S256":
                links = "".join(f'<p><a href="/chosen?{urlencode(asked | {"user": name})}">{name}</a></p>' for name in provider.users)
                self._send(200, "text/html; charset=utf-8", links.encode())
            case "/chosen":
                code = secrets.token_urlsafe(16)
                provider.codes[code] = (asked, asked["user"])
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
                self.end_headers()
            case _:
                self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        provider = self.server
        given = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        client = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().split(":", 1)
        asked, user = provider.codes.pop(given["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode().rstrip("=")
        if tuple(client) != CLIENT or challenge != asked["code_challenge"] or given["redirect_uri"] != asked["redirect_uri"]:
            self._json({"error": "invalid_grant"}, status=400)
            return
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": CLIENT[0], "sub": user, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **provider.users[user]}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, provider.key)
        provider.handed_out += 1
        self._json({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextlib.contextmanager
def identity_provider(users: dict[str, dict[str, Any]]) -> Iterator[Provider]:
    """The provider, until the block ends."""
    with Provider(users) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        yield provider
        provider.shutdown()


def sign_in_settings(provider: Provider, dashboard_port: int) -> str:
    """The [auth] section that makes a dashboard on a port sign its users in there."""
    return f"""[auth]
redirect_uri = "http://localhost:{dashboard_port}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT[0]}"
client_secret = "{CLIENT[1]}"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
"""
