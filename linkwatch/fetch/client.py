"""One connection and the requests over it: the only module that imports httpx.

What stands behind the httpx *transport interface* can be exchanged. Its client is left aside: it follows redirects,
raises on a bad `Location`, keeps cookies, inflates without bounds and reads proxies from the environment. So are its
pools: each `Line` is one connection to one origin, used by one request at a time.

Every connection goes through the `Dialer`, which checks the address that it connects to. What the network does wrong
comes out as `Faulted`.
"""

import contextlib
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from linkwatch.core.models import FaultKind, TlsFacts
from linkwatch.fetch import head
from linkwatch.fetch.dial import Dialer, connect
from linkwatch.fetch.faults import Faulted, faulted
from linkwatch.fetch.stopwatch import Stopwatch
from linkwatch.fetch.tls import Contexts, facts, presented, reason
from linkwatch.fetch.wire import Wire, plain, secured

_KEPT_FOR_S = 10.0
_SECOND_LOOK_S = 5.0
_CHUNK = 64 * 1024
_AUTHORITY_AND_TARGET = re.compile(r"^https?://([^/?#]*)([^#]*)")


class Line:
    """A connection to one origin, made with the first request, and what is to be known of it."""

    def __init__(self, dialer: Dialer, contexts: Contexts, *, trust: bool, most_head_bytes: int) -> None:
        self.is_fresh = True
        self._backend = _Backend(dialer, contexts, most_head_bytes)
        self._transport = _Transport(self._backend, contexts, trust=trust)

    @property
    def peer(self) -> str | None:
        """The address connected to."""
        return self._backend.peer

    @property
    def tls(self) -> TlsFacts | None:
        return self._backend.tls

    @property
    def received(self) -> int:
        """Bytes of the latest answer, its head among them, before decoding."""
        return self._backend.received

    @property
    def may_be_used_again(self) -> bool:
        return self._transport.is_idle

    async def get(self, url: str, headers: Mapping[str, str], watch: Stopwatch) -> "Reply":
        """Send a GET and read the head of the answer. `url` is normalised, `watch` runs. Raises `Faulted`."""
        return await self._ask(_request("GET", url, headers), watch)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], watch: Stopwatch) -> "Reply":
        """As `get`, with a body of ours."""
        return await self._ask(_request("POST", url, headers, body), watch)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _ask(self, request: httpx.Request, watch: Stopwatch) -> "Reply":
        self._backend.begin(watch)
        try:
            response = await self._transport.handle_async_request(request)
        except Faulted as error:
            error.peer = error.peer or self.peer
            error.tls = error.tls or self.tls
            raise
        except httpx.RemoteProtocolError as error:
            raise faulted(FaultKind.PROTOCOL, "protocol", error, tls=self.tls, peer=self.peer) from error
        return Reply(response)


class Reply:
    """An answer whose body is still to be read."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers = response.headers.raw

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes, without its transfer-encoding, content-encoding untouched. Raises `Faulted`."""
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        try:
            async for chunk in stream:
                yield chunk
        except httpx.RemoteProtocolError as error:
            raise faulted(FaultKind.PROTOCOL, "protocol", error) from error

    async def aclose(self) -> None:
        await self._response.aclose()


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> httpx.Request:
    """Host and target go out as normalised: httpx would quote a little differently, and knows fewer IDNs."""
    authority, target = _AUTHORITY_AND_TARGET.findall(url)[0]
    if not target.startswith("/"):
        target = f"/{target}"
    fields = {"Host": authority, **headers}
    raw = [(name.encode("ascii"), value.encode("utf-8")) for name, value in fields.items()]
    try:
        return httpx.Request(method, url, headers=raw, content=body, extensions={"target": target.encode("ascii")})
    except httpx.InvalidURL as error:
        raise faulted(FaultKind.ADDRESS, "bad_address", error) from error


# ---------------------------------------------------------------- the transport


class _Transport(httpx.AsyncBaseTransport):
    """The httpx transport interface over one connection of httpcore's, HTTP/1.1 only."""

    def __init__(self, backend: "_Backend", contexts: Contexts, *, trust: bool) -> None:
        self._backend = backend
        self._contexts = contexts
        self._trust = trust
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.extensions["target"],
        )
        if self._connection is None:
            self._connection = self._connect(url)
        with _as_httpx():
            response = await self._connection.handle_async_request(
                httpcore.Request(request.method, url, headers=request.headers.raw, content=request.content)
            )
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response))

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()

    @property
    def is_idle(self) -> bool:
        connection = self._connection
        return connection is not None and connection.is_available() and not connection.has_expired()

    def _connect(self, url: httpcore.URL) -> httpcore.AsyncHTTPConnection:
        context = None
        if url.scheme == b"https":
            context = self._contexts.trusting if self._trust else self._contexts.blind
        return httpcore.AsyncHTTPConnection(
            url.origin, ssl_context=context, keepalive_expiry=_KEPT_FOR_S, network_backend=self._backend
        )


class _Stream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    """What the network does comes as `Faulted` from the backend; what is left are breaches of the protocol."""
    try:
        yield
    except httpcore.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except httpcore.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error


# ---------------------------------------------------------------- the network below it


class _Backend(httpcore.AsyncNetworkBackend):
    """Gives httpcore its one connection, and keeps what is to be known of it."""

    def __init__(self, dialer: Dialer, contexts: Contexts, most_head_bytes: int) -> None:
        self.dialer = dialer
        self.contexts = contexts
        self.most_head_bytes = most_head_bytes
        self.watch = Stopwatch(0.0)
        self.peer: str | None = None
        self.tls: TlsFacts | None = None
        self.received = 0

    def begin(self, watch: Stopwatch) -> None:
        self.watch = watch
        self.received = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - the stopwatch says how long
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> "_NetworkStream":
        sock, self.peer = await self.dialer.dial(host, port, self.watch.deadline)
        return _NetworkStream(sock, self)


class _NetworkStream(httpcore.AsyncNetworkStream):
    """One connection as httpcore wants it. The head of each answer is held back until it is whole, bounded, mended."""

    def __init__(self, sock: socket.socket, backend: _Backend) -> None:
        self._socket = sock
        self._backend = backend
        self._wire: Wire | None = None
        self._ahead = b""  # read, but not yet handed on
        self._head_bytes: int | None = None  # None: the head of this answer is through

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> "_NetworkStream":
        host = (server_hostname or "").rstrip(".")
        peer = self._socket.getpeername()[:2]
        try:
            self._wire = await secured(self._socket, ssl_context, host, self._backend.watch.deadline)
        except ssl.SSLCertVerificationError as error:
            chain = await self._second_look(peer, host)
            why = reason(error, chain, self._backend.contexts)
            raise faulted(FaultKind.TLS, why, error.verify_message, tls=facts(chain)) from error
        finally:
            if self._wire is None:
                self._socket.close()
        self._backend.tls = facts((self._wire.leaf,))
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002
        if self._head_bytes is not None:
            return await self._head()
        if self._ahead:
            data, self._ahead = self._ahead[:max_bytes], self._ahead[max_bytes:]
            return data
        return await self._more(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        if buffer:
            self._head_bytes = 0
            (await self._opened()).write(buffer)

    async def aclose(self) -> None:
        if self._wire is None:
            self._socket.close()
        else:
            self._wire.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(self._ahead) or self._wire is None or self._wire.is_stale
        return self._wire.ssl_object if info == "ssl_object" and self._wire is not None else None

    async def _opened(self) -> Wire:
        if self._wire is None:
            self._wire = await plain(self._socket)
        return self._wire

    async def _more(self, most: int) -> bytes:
        data = await (await self._opened()).read(most, self._backend.watch.deadline)
        self._backend.received += len(data)
        return data

    async def _head(self) -> bytes:
        """The next head, mended; interim ones (1xx) count towards the same limit. At the end: what there is."""
        start = self._ahead.lstrip(b"\r\n")
        while (match := head.END.search(start)) is None:
            self._check_head(start)
            data = await self._more(_CHUNK)
            if not data:
                self._head_bytes, self._ahead = None, b""
                return start
            start = (start + data).lstrip(b"\r\n")
        self._check_head(start[: match.end()])
        whole, self._ahead = start[: match.end()], start[match.end() :]
        interim = head.is_interim(whole)
        self._head_bytes = (self._head_bytes or 0) + len(whole) if interim else None
        return head.mended(whole)

    def _check_head(self, start: bytes) -> None:
        if (self._head_bytes or 0) + len(start) > self._backend.most_head_bytes:
            limit = self._backend.most_head_bytes
            raise faulted(FaultKind.PROTOCOL, "headers_too_large", f"more than {limit} bytes of headers")
        if not head.speaks_http(start):
            raise faulted(FaultKind.PROTOCOL, "protocol", f"not HTTP: {start[:40]!r}")

    async def _second_look(self, peer: tuple[str, int], host: str) -> tuple[bytes, ...]:
        """The chain that did not pass: another handshake with the same address, nothing verified, nothing sent."""
        look = self._backend.watch.share(_SECOND_LOOK_S).deadline
        try:
            sock = await connect(ip_address(peer[0]), peer[1], look)
        except Faulted:
            return ()
        try:
            wire = await secured(sock, self._backend.contexts.blind, host, look)
        except (Faulted, ssl.SSLError):
            sock.close()
            return ()
        try:
            return presented(wire.ssl_object) if wire.ssl_object else ()
        finally:
            wire.abort()
