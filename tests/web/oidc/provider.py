"""An organisation's login on loopback, over TLS, with everything that OpenID Connect asks of one, and with every fault.

with Provider(CA, clock=clock).running() as provider:
    provider.answers["/token"] = Reply(status=500)      # in place of what it would answer
    provider.changed = {"nonce": "another"}             # in the next ID tokens
"""

import base64
import hashlib
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import trustme
from joserfc import jwt
from joserfc.jwk import Key, RSAKey
from joserfc.jws import JWSRegistry

CA = trustme.CA(organization_name="Roots of the organisation")
_CERTIFICATE = CA.issue_cert("127.0.0.1")
KEYS = [RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}) for kid in ("first", "second")]

_PERSON = {"sub": "248", "preferred_username": "anna"}

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def as_json(value: object, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(value).encode(), headers=(("Content-Type", "application/json"),))


def signed(claims: Claims, key: Key, **header: Any) -> str:
    head = {"alg": "RS256", "kid": key.kid, **header}
    return jwt.encode(head, claims, key, registry=JWSRegistry(algorithms=[head["alg"]], strict_check_header=False))


@dataclass(slots=True, kw_only=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Provider:
    clock: Callable[[], datetime]
    redirect_uri: str = "https://links.example/login/oidc/callback"
    client: tuple[str, str] = ("linkwatch", "p+ß:&?")
    person: Claims = field(default_factory=lambda: dict(_PERSON))
    metadata: Claims = field(default_factory=dict)  # in place of what it says of itself; None: not at all
    changed: Claims = field(default_factory=dict)
    sign: Callable[[Claims], str] = lambda claims: signed(claims, KEYS[0])
    keys: list[Any] = field(default_factory=lambda: [KEYS[0].as_dict(private=False)])
    answers: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"https://127.0.0.1:{self.port}/realm"

    def begin_anew(self) -> None:
        """As it was made, at the same address."""
        fresh = Provider(clock=self.clock)
        for name in ("client", "person", "metadata", "changed", "sign", "keys", "answers", "asked"):
            setattr(self, name, getattr(fresh, name))

    def number_of(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)

    @contextmanager
    def running(self) -> Iterator["Provider"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _CERTIFICATE.configure_cert(context)
        with _Server(("127.0.0.1", self.port), _handler(self)) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join(10)

    def reply(self, asked: Asked, query: dict[str, str]) -> Reply:
        self.asked.append(asked)
        if found := self.answers.get(asked.path):
            return found
        match asked.path:
            case "/realm/.well-known/openid-configuration":
                return as_json(self._metadata())
            case "/keys":
                return as_json({"keys": self.keys})
            case "/authorize":
                return self._authorize(query)
            case "/token":
                return self._token(asked)
            case "/userinfo":
                return self._userinfo(asked)
        return Reply(status=404)

    def _metadata(self) -> Claims:
        base = f"https://127.0.0.1:{self.port}"
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize?realm=web",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
        } | self.metadata
        return {key: value for key, value in said.items() if value is not None}

    def _authorize(self, query: dict[str, str]) -> Reply:
        """The person logs in at once."""
        assert query["redirect_uri"] == self.redirect_uri
        assert query["client_id"] == self.client[0]
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        said = urlencode({"code": code, "state": query["state"]})
        return Reply(status=302, headers=(("Location", f"{self.redirect_uri}?{said}"),))

    def _token(self, asked: Asked) -> Reply:
        form = asked.form
        if self._client_of(asked) != self.client:
            return as_json({"error": "invalid_client", "error_description": "who\x1b[31m?"}, 401)
        query = self._codes.pop(form.get("code", ""), None)  # each is good for once
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            query is None
            or form["redirect_uri"] != query["redirect_uri"]
            or form["grant_type"] != "authorization_code"
            or challenge != query["code_challenge"]
        ):
            return as_json({"error": "invalid_grant"}, 400)
        token = self.sign(self.claims(query["nonce"]))
        return as_json({"id_token": token, "access_token": "opaque", "token_type": "Bearer"})

    def claims(self, nonce: str) -> Claims:
        now = int(self.clock().timestamp())
        made = {"iss": self.issuer, "aud": self.client[0], "iat": now, "exp": now + 300, "nonce": nonce}
        return {key: value for key, value in (made | self.person | self.changed).items() if value is not None}

    def _client_of(self, asked: Asked) -> tuple[str, str]:
        scheme, _, encoded = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Basic":
            return asked.form.get("client_id", ""), asked.form.get("client_secret", "")
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)

    def _userinfo(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != "Bearer opaque":
            return Reply(status=401)
        return as_json({"sub": "248", "preferred_username": "anna from there", "groups": ["web"]})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up early is what some tests are about."""


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            asked = Asked(
                method=self.command,
                path=parts.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                form=dict(parse_qsl(body)),
            )
            reply = provider.reply(asked, dict(parse_qsl(parts.query)))
            with suppress(OSError):
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to the terminal."""

    return Handler
