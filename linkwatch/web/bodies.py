"""What came with a request: read whole before it is handled, and no more of it than its sender may send.

Handlers that run in threads cannot wait for it: for them `body_of(request)` and `form_of(request)` are there at once.
"""

import asyncio
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, ImmutableMultiDict
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkwatch.web.people import person_of
from linkwatch.web.refusals import Refused

MOST_BYTES = 2_000_000  # 10,000 links and a note
MOST_BYTES_OF_OTHERS = 20_000  # from who may only look, or has yet to log in
_MOST_FIELDS = 50_000  # two for each of many links
_MOST_DISCARDED = 20_000_000
_PATIENCE_S = 30.0
_FORM = "application/x-www-form-urlencoded"

Form = ImmutableMultiDict[str, str]


def body_of(request: Request) -> bytes:
    body: bytes = getattr(request.state, "body", b"")
    return body


def form_of(request: Request) -> Form:
    """The fields of a form as browsers send it. Refuses what is no such form."""
    kind = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if kind != _FORM:
        raise Refused(415, "bad_type")
    try:
        # As browsers do (https://url.spec.whatwg.org/#urlencoded-parsing): bytes that are no UTF-8 become U+FFFD.
        text = body_of(request).decode("utf-8", "replace")
        return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Refused(413, "too_big") from None


class Bodies:
    """Reads the body of every request that may have one."""

    def __init__(self, app: ASGIApp, *, patience_s: float = _PATIENCE_S) -> None:
        self.app = app
        self.patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            try:
                async with asyncio.timeout(self.patience_s):
                    body = await _read(receive, Headers(scope=scope), _most_bytes(Request(scope)))
            except TimeoutError:
                raise Refused(408, "too_slow", {"Connection": "close"}) from None
            if body is None:
                return
            scope["state"]["body"] = body
            receive = _again(body, receive)
        await self.app(scope, receive, send)


def _most_bytes(request: Request) -> int:
    return MOST_BYTES if person_of(request).may_edit else MOST_BYTES_OF_OTHERS


async def _read(receive: Receive, headers: Headers, most: int) -> bytes | None:
    """None when the sender has gone. Refuses what is too big.

    That is read to its end all the same, within reason, and thrown away: who hangs up on a browser that is still
    sending leaves it with a broken connection in place of the page that says why.
    """
    declared = headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() and len(declared) < 20 else 0
    if size > _MOST_DISCARDED or len(declared) >= 20:
        raise _too_big()
    parts: list[bytes] = []
    seen = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        seen += len(part)
        if max(seen, size) <= most:
            parts.append(part)
        elif seen > _MOST_DISCARDED or not message.get("more_body", False):
            raise _too_big()
        else:
            parts.clear()
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """For those that read it all the same."""
    is_told = False

    async def replay() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _too_big() -> Refused:
    return Refused(413, "too_big", {"Connection": "close"})
