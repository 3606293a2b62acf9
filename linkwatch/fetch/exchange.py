"""One request and its whole answer: lines kept and taken up again, bodies read within bounds.

Knows nothing of redirects, pace or robots.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from linkwatch.core.models import Fault, FaultKind, FetchPolicy, TlsFacts
from linkwatch.core.urls import host
from linkwatch.fetch.body import BadEncoding, Body
from linkwatch.fetch.client import Line, Reply
from linkwatch.fetch.dial import Dialer
from linkwatch.fetch.faults import Faulted, faulted
from linkwatch.fetch.resolver import Resolver
from linkwatch.fetch.stopwatch import Stopwatch
from linkwatch.fetch.tls import Contexts

REDIRECTS = (301, 302, 303, 307, 308)

_KEPT_LINES = 32  # each holds a socket; more would be idle most of the time
_LARGE_BODY = 1_000_000
_LARGE_AT_ONCE = 4
_PACKING = 2  # times the content: so much may come over the wire for it, chunk headers and all
_CRUMB = 256
_DRAINED_BYTES = 64 * 1024
_DRAINING_S = 1.0

_PORTS = {"http": 80, "https": 443}

_Address: TypeAlias = tuple[str, str, int, bool]  # scheme, host, port, trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said to one request. `ended` is what cut the body short, where the other side did."""

    status: int
    headers: tuple[tuple[str, str], ...]  # names lower-case
    location: bytes | None  # as sent, without white space around it; None where there is none
    body: bytes
    cut: str | None  # body_too_large | bad_encoding | ended_early
    ended: Fault | None
    tls: TlsFacts | None
    peer: str | None
    wire_bytes: int

    @property
    def is_redirect(self) -> bool:
        return self.status in REDIRECTS and self.location is not None

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


class Exchange:
    """Sends requests and reads their answers. Keeps a few idle lines, at most one for each origin."""

    def __init__(self, policy: FetchPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._dialer = Dialer(policy, resolver)
        self._contexts = Contexts(policy.ca_file)
        self._idle: dict[_Address, Line] = {}
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        watch: Stopwatch,
        trust: bool = True,
        limit: int | None = None,
    ) -> Answer:
        """GET. `url` is normalised, `watch` runs, `limit` is the most bytes of body, decoded. Raises `Faulted`."""
        address = _address(url, trust=trust)
        question = _Question(url=url, headers=headers, watch=watch, limit=limit or self._policy.max_body_bytes)
        line = await self._take(address)
        try:
            return await self._ask(question, address, line)
        except Faulted as error:
            if line.is_fresh or error.fault.kind is not FaultKind.PROTOCOL:
                raise
        # The server hung up a kept connection just as we spoke, which says nothing of the page: once more, anew.
        return await self._ask(question, address, self._new(address))

    async def reachable(self, url: str, deadline: float) -> bool:
        """Whether the name resolves and somebody accepts a connection there. Not a byte is sent."""
        _, name, port, _ = _address(url, trust=True)
        try:
            sock, _ = await self._dialer.dial(name, port, deadline)
        except Faulted:
            return False
        sock.close()
        return True

    async def aclose(self) -> None:
        while self._idle:
            _, line = self._idle.popitem()
            await line.aclose()

    async def _ask(self, question: "_Question", address: _Address, line: Line) -> Answer:
        try:
            reply = await line.get(question.url, question.headers, question.watch)
            try:
                return await self._read(reply, line, question)
            finally:
                await reply.aclose()
        finally:
            await self._give_back(address, line)

    async def _read(self, reply: Reply, line: Line, question: "_Question") -> Answer:
        headers = tuple((_text(name).lower(), _text(value)) for name, value in reply.headers)
        location = next((value.strip() for name, value in reply.headers if name.lower() == b"location"), b"")
        if reply.status in REDIRECTS and location:
            await _drain(reply)
            content = _Content()
        else:
            encoding = ",".join(value for name, value in headers if name == "content-encoding")
            content = await self._content(reply, line, question, encoding)
        return Answer(
            status=reply.status,
            headers=headers,
            location=location or None,
            body=content.body,
            cut=content.cut,
            ended=content.ended,
            tls=line.tls,
            peer=line.peer,
            wire_bytes=line.received,
        )

    async def _content(self, reply: Reply, line: Line, question: "_Question", encoding: str) -> "_Content":
        try:
            body = Body(encoding, question.limit)
        except BadEncoding:
            return _Content(cut="bad_encoding")
        cut, ended = None, None
        try:
            await self._fill(body, reply, line, question)
        except BadEncoding:
            cut = "bad_encoding"
        except Faulted as error:
            cut, ended = "ended_early", error.fault
        if body.is_over:
            cut = "body_too_large"
        elif not body.ended:
            cut = cut or "ended_early"
        return _Content(body=body.content(), cut=cut, ended=ended)

    async def _fill(self, body: Body, reply: Reply, line: Line, question: "_Question") -> None:
        """Read to the end or to the limit. Only a few bodies at once may grow large; others wait, unread, till then."""
        most_on_the_wire = _PACKING * question.limit + self._policy.max_header_bytes
        async with contextlib.AsyncExitStack() as held, contextlib.aclosing(reply.chunks()) as chunks:
            may_be_large = False
            async for chunk in chunks:
                body.feed(chunk)
                if body.is_over:
                    return
                if line.received > most_on_the_wire:
                    raise faulted(FaultKind.PROTOCOL, "protocol", "more packing than content")
                if body.size > _LARGE_BODY and not may_be_large:
                    with question.watch.paused():
                        await held.enter_async_context(self._large)
                    may_be_large = True
                if len(chunk) < _CRUMB:  # thousands of them may come in one read: let others have their turn
                    await asyncio.sleep(0)

    async def _take(self, address: _Address) -> Line:
        line = self._idle.pop(address, None)
        if line is None:
            return self._new(address)
        if line.may_be_used_again:
            line.is_fresh = False
            return line
        await line.aclose()
        return self._new(address)

    def _new(self, address: _Address) -> Line:
        return Line(self._dialer, self._contexts, trust=address[-1], most_head_bytes=self._policy.max_header_bytes)

    async def _give_back(self, address: _Address, line: Line) -> None:
        """Keep an idle line; of too many, the one longest unused goes."""
        if not line.may_be_used_again or address in self._idle:
            await line.aclose()
            return
        self._idle[address] = line
        if len(self._idle) > _KEPT_LINES:
            await self._idle.pop(next(iter(self._idle))).aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    url: str
    headers: Mapping[str, str]
    watch: Stopwatch
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    body: bytes = b""
    cut: str | None = None
    ended: Fault | None = None


async def _drain(reply: Reply) -> None:
    """A redirect's body says nothing, but read to its end it leaves the line free for the next hop. No long wait."""
    size = 0
    with contextlib.suppress(Faulted, TimeoutError):
        async with asyncio.timeout(_DRAINING_S), contextlib.aclosing(reply.chunks()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > _DRAINED_BYTES:
                    return


def _address(url: str, *, trust: bool) -> _Address:
    parts = urlsplit(url)
    port = parts.port if parts.port is not None else _PORTS[parts.scheme]
    return parts.scheme, host(url), port, trust


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
