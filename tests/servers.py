"""Servers on loopback that do exactly what a test says, and remember what they were asked and when.

    async with Site() as site:
        site.on("/", page("<h1>Hej</h1>"))
        site.on("/old", redirect(301, "/"))
        ...
        assert site.asked("/")[0].headers["user-agent"].startswith("linkwatch")

A handler is bytes (a whole response as it goes over the wire) or a coroutine function `(Asked, StreamWriter) -> None`
that writes what it likes. Outside of an event loop, `with running(site):` serves from a thread of its own.
"""

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

Handler = bytes | Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request: `at` when its head was there, `done` when it was answered (`time.monotonic`)."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    done: float | None = None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def answer(status: int = 200, body: bytes | str = b"", *, reason: str | None = None, **headers: str) -> bytes:
    """A well-formed response. Header names as keywords: `content_type="text/plain"`."""
    content = body.encode() if isinstance(body, str) else body
    phrase = reason if reason is not None else _phrase(status)
    fields = {"content_type": "text/html; charset=utf-8", **headers}
    if status not in (204, 304):
        fields.setdefault("content_length", str(len(content)))
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def page(body: bytes | str = "<title>A page</title><p>Text.", **headers: str) -> bytes:
    return answer(200, body, **headers)


def redirect(status: int, location: str, **headers: str) -> bytes:
    return answer(status, b"", location=location, **headers)


async def hang(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.sleep(3600)


def drip(start: bytes, drop: bytes = b"x", every_s: float = 0.02) -> Handler:
    """`start` at once, then a drop at a time, for ever."""

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            await writer.drain()
            await asyncio.sleep(every_s)
            writer.write(drop)

    return handler


def endless(start: bytes, block: bytes) -> Handler:
    """`start`, then the block over and over, as fast as it is read."""

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(block)
            await writer.drain()

    return handler


def then_close(raw: bytes) -> Handler:
    """Says this, however it may be meant, and hangs up."""

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    return handler


NOT_FOUND = answer(404, "<title>Not Found</title>")


@dataclass
class Site:
    """An HTTP/1.1 server on a port of its own. What no handler is for answers `otherwise` (404)."""

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    otherwise: Handler = NOT_FOUND
    log: list[Asked] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _server: asyncio.Server | None = None
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def on(self, path: str, handler: Handler) -> Self:
        self._handlers[path] = handler
        return self

    def url(self, path: str = "/", host: str | None = None) -> str:
        scheme = "https" if self.tls else "http"
        name = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme}://{name}:{self.port}{path}"

    def asked(self, path: str | None = None) -> list[Asked]:
        """What it was asked; without a path all but robots.txt."""
        return [each for each in self.log if (each.path != "/robots.txt" if path is None else each.path == path)]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while not writer.is_closing():
                    await self._one(await reader.readuntil(b"\r\n\r\n"), writer)
        except asyncio.CancelledError:
            pass  # the site closes
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        asked = _parsed(raw)
        self.log.append(asked)
        handler = self._handlers.get(asked.path, self.otherwise)
        try:
            if isinstance(handler, bytes):
                writer.write(handler)
                await writer.drain()
            else:
                await handler(asked, writer)
        finally:
            asked.done = time.monotonic()


@contextlib.contextmanager
def running(*sites: Site) -> Iterator[None]:
    """Serve from a thread, for tests that run a loop of their own or none."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        for site in sites:
            asyncio.run_coroutine_threadsafe(site.__aenter__(), loop).result(10)
        yield
    finally:
        for site in sites:
            asyncio.run_coroutine_threadsafe(site.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _parsed(raw: bytes) -> Asked:
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    fields = (line.partition(":") for line in lines)
    return Asked(
        at=time.monotonic(),
        method=method,
        path=path,
        headers={name.lower(): value.strip() for name, _, value in fields},
        raw=raw,
    )
