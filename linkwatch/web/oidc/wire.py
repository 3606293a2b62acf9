"""One question to the organisation's login, over https: answered whole and in time, or not at all.

By the standard library's client, which follows no redirect, asks no proxy of the environment, and keeps nothing.
Private networks are allowed: whose login it is, the one who runs the desk has said.
"""

import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Never
from urllib.parse import urlencode, urlsplit

import certifi

from linkwatch import __version__
from linkwatch.core.safe import plain
from linkwatch.web.oidc.faults import Unreachable

PATIENCE_S = 10.0  # for one question, from the connection to the end of the answer
_MOST_BYTES = 256_000
_MOST_AT_ONCE = 8  # of the threads that answer everybody: a login that hangs must not take all of them
_turns = threading.BoundedSemaphore(_MOST_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`value` is its JSON object."""

    status: int
    value: Mapping[str, Any]


def ask(
    url: str, *, ca_file: str | None, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """What an https address answers to GET, or with a `form` to POST. Raises Unreachable, which says why."""
    if not _turns.acquire(blocking=False):
        raise Unreachable(f"{url}: {_MOST_AT_ONCE} questions are waiting for their answer already")
    try:
        return _asked(url, trusting(ca_file), form, headers or {})
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"{url}: {plain(str(error), 300) or type(error).__name__}") from error
    finally:
        _turns.release()


@lru_cache(maxsize=4)
def trusting(ca_file: str | None) -> ssl.SSLContext:
    """Verifies against the system's roots, Mozilla's, and those in `ca_file`. Raises OSError for one that is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = _Patient
    context.load_default_certs()
    context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


class _Patient(ssl.SSLSocket):
    """Reads until its `deadline`: a timeout alone begins anew with each byte that arrives."""

    deadline: float

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self.settimeout(left)
        return super().recv_into(buffer, nbytes, flags)


def _asked(url: str, context: ssl.SSLContext, form: Mapping[str, str] | None, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    deadline = time.monotonic() + PATIENCE_S
    connection = HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=PATIENCE_S)
    try:
        connection.connect()
        wire = connection.sock
        assert isinstance(wire, _Patient)
        wire.deadline = deadline
        body = urlencode(form).encode() if form is not None else None
        connection.request("GET" if form is None else "POST", target, body, _headers(form, headers))
        with connection.getresponse() as response:
            return _answer(response)
    finally:
        connection.close()


def _headers(form: Mapping[str, str] | None, more: Mapping[str, str]) -> dict[str, str]:
    said = {"Accept": "application/json", "Connection": "close", "User-Agent": f"linkwatch/{__version__}", **more}
    return said if form is None else {"Content-Type": "application/x-www-form-urlencoded", **said}


def _answer(response: HTTPResponse) -> Answer:
    if 300 <= response.status < 400:
        raise ValueError(f"it answers {response.status}, and leads elsewhere")
    body = response.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError(f"its answer is longer than {_MOST_BYTES:,} bytes")
    return Answer(status=response.status, value=_object(body, response.status))


def _object(body: bytes, status: int) -> Mapping[str, Any]:
    try:
        value = json.loads(body, parse_constant=_not_json)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(f"it answers {status}, and no JSON object")  # noqa: TRY004  (what was sent, not how we call)
    return value


def _not_json(word: str) -> Never:
    """NaN and Infinity, which Python's reader takes for numbers."""
    raise ValueError(word)
