"""The county web: many sites on one loopback port that takes http and https alike.

The port looks at a connection's first byte without taking it: 0x16 opens a TLS handshake (RFC 8446 §5.1),
anything else is HTTP in the clear. SNI chooses the site's certificate, the Host field the site that answers.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from linkwatch.demo import wire
from linkwatch.demo.certificates import Authority
from linkwatch.demo.site import Answer, Request, Site

_TLS_HANDSHAKE = b"\x16"
_PATIENCE_S = 15.0  # for a connection that says nothing
_HEAD_LIMIT = 16_384


class CountyWeb:
    """The sites on 127.0.0.1, while the context is entered.

    `now` is the real time (TLS clients look at the real clock): healthy certificates are valid around it.
    A site whose `lapsed` is set presents one that ended at `lapsed_at`, which must lie in the real past.
    """

    def __init__(self, sites: Iterable[Site], *, now: datetime, lapsed_at: datetime | None = None) -> None:
        self.sites = {site.host: site for site in sites}
        self.authority = Authority(now=now)
        self.requests = 0
        self._healthy_until = now + timedelta(days=60)
        self._lapsed_at = lapsed_at or now - timedelta(days=2)
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._held: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._held = _bound(0)
        await self.go_online()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_offline()
        if self._held is not None:
            self._held.close()
            self._held = None

    @property
    def port(self) -> int:
        if self._held is None:
            raise RuntimeError("the county web has not been entered")
        return int(self._held.getsockname()[1])

    @property
    def resolve(self) -> dict[str, str]:
        """Every host with the address and port where it is: for `[fetch] resolve`."""
        return dict.fromkeys(self.sites, f"127.0.0.1:{self.port}")

    def change(self, host: str, **changes: Any) -> None:
        """Let a site be another from now on: fields of `Site` by name."""
        self.sites[host] = replace(self.sites[host], **changes)

    async def go_online(self) -> None:
        listener = _bound(self.port)
        listener.listen(128)
        self._accepting = asyncio.create_task(self._accept(listener))

    async def go_offline(self) -> None:
        """Refuse every connection and drop those that are open. The port stays ours: nobody can take it."""
        tasks = [task for task in (self._accepting, *self._open) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close their sockets in the loop's next turn
        self._accepting = None

    # ------------------------------------------------------------ connections

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                connection, _ = await loop.sock_accept(listener)
                task = asyncio.create_task(self._connection(connection))
                self._open.add(task)
                task.add_done_callback(self._open.discard)

    async def _connection(self, connection: socket.socket) -> None:
        try:
            reader, writer = await self._streams(connection)
        except (OSError, TimeoutError):  # hung up, was too slow, or did not like the certificate
            connection.close()
            return
        except asyncio.CancelledError:
            connection.close()
            raise
        try:
            await self._conversation(reader, writer)
            await _close(writer)
        finally:
            writer.transport.abort()

    async def _streams(self, connection: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_HEAD_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        async with asyncio.timeout(_PATIENCE_S):
            secure = await _first_byte(connection) == _TLS_HANDSHAKE
            tls = self._tls() if secure else None
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after another until somebody has had enough."""
        secure = writer.get_extra_info("ssl_object") is not None
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while await self._exchange(reader, writer, secure=secure):
                await writer.drain()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, secure: bool) -> bool:
        """One request and its answer; whether the connection may be used again."""
        async with asyncio.timeout(_PATIENCE_S):
            raw = await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        method, request = wire.parsed(raw, secure=secure)
        if request is None or (site := self.sites.get(request.host)) is None or method != "GET":
            writer.write(wire.refusal(_reason(request, self.sites)))
            return False
        if not site.silent:
            writer.write(wire.response(site, request))
        return not (site.silent or wire.wants_close(request))

    # ------------------------------------------------------------ certificates

    def _tls(self) -> ssl.SSLContext:
        context = self._context(next(iter(self.sites)), lapsed=False)
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        site = self.sites.get(name or "")
        if site is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._context(site.host, lapsed=site.lapsed)
        return None

    def _context(self, host: str, *, lapsed: bool) -> ssl.SSLContext:
        key = (host, lapsed)
        if key not in self._contexts:
            expires = self._lapsed_at if lapsed else self._healthy_until
            self._contexts[key] = self.authority.context(host, expires=expires)
        return self._contexts[key]


def _bound(port: int) -> socket.socket:
    """A socket on loopback that shares its port with the one that holds it.

    The holder is bound and never listens: while the web is offline its port is refused and yet nobody else's.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.setblocking(False)
    made.bind(("127.0.0.1", port))
    return made


def _reason(request: Request | None, sites: Mapping[str, Site]) -> Answer:
    if request is None:
        return wire.BAD_REQUEST
    return wire.NOT_ALLOWED if request.host in sites else wire.MISDIRECTED


async def _first_byte(connection: socket.socket) -> bytes:
    connection.setblocking(False)
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()
