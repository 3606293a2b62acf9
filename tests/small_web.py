"""A small web for whole runs: one loopback server that answers for every host by path, and writes down who asked."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]

PROSE = (
    "Det regionala serviceprogrammet beskriver hur tillgången till dagligvaror, drivmedel, betaltjänster och post ska "
    "tryggas i länets landsbygder. Programmet tas fram tillsammans med kommunerna, byarna och handlarna. Butiker kan "
    "söka stöd för investeringar, hemsändning och särskilt driftstöd. Här finns kontaktuppgifter, beslut, kartor över "
    "servicepunkter och en beskrivning av hur uppföljningen går till varje år. Programmet gäller till och med 2030 och "
    "revideras när regeringen ändrar villkoren för stöd till kommersiell service. "
)


def page(title: str, words: str = PROSE) -> bytes:
    body = f"<main><h1>{title}</h1><p>{words} {title}.</p></main>"
    return f"<!doctype html><html lang=sv><head><title>{title}</title></head><body>{body}</body></html>".encode()


@dataclass(frozen=True, slots=True)
class Asked:
    at: float
    host: str
    path: str
    status: int


class Web:
    def __init__(self) -> None:
        self.log: list[Asked] = []
        self.otherwise = (404, b"<title>404</title>")
        self._pages: dict[str, tuple[int, bytes, str]] = {}
        self._behaviours: dict[str, Behaviour] = {}
        self._hosts: set[str] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._server.close_clients() if hasattr(self._server, "close_clients") else None

    async def close_door(self) -> None:
        """Nobody answers any more, until `open_door`."""
        self._server.close()
        await asyncio.sleep(0)

    async def open_door(self, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=500)

    def url(self, host: str, path: str) -> str:
        self._hosts.add(host)
        return f"http://{host}{path}"

    @property
    def pins(self) -> str:
        """The `resolve` line of a configuration for every host that `url` has named."""
        return "resolve = {" + ", ".join(f'"{host}" = "127.0.0.1:{self.port}"' for host in sorted(self._hosts)) + "}"

    def say(self, path: str, body: bytes, *, status: int = 200, etag: str = "") -> None:
        self._pages[path] = (status, body, etag)
        self._behaviours.pop(path, None)

    def redirect(self, path: str, status: int, location: str) -> None:
        async def send_on(writer: asyncio.StreamWriter) -> None:
            writer.write(f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

        self.behave(path, send_on)

    def behave(self, path: str, behaviour: Behaviour) -> None:
        self._behaviours[path] = behaviour

    def hang(self, path: str, seconds: float = 3600) -> None:
        async def wait(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(seconds)
            body = page("Slow")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

        self.behave(path, wait)

    async def visited(self, path: str) -> None:
        """Until somebody has asked for it."""
        async with asyncio.timeout(10):
            while path not in {asked.path for asked in self.log}:
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                if await self._answer(head, writer):
                    break
        writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> bool:
        """True when the connection is to be closed after it."""
        target = head.split(" ", 2)[1]
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        path = target.partition("?")[0]
        if behaviour := self._behaviours.get(path):
            self.log.append(Asked(time.monotonic(), fields["host"], target, 0))
            await behaviour(writer)
            return True
        status, body, etag = self._pages.get(path, (*self.otherwise, ""))
        if etag and fields.get("if-none-match") == etag:
            status, body = 304, b""
        self.log.append(Asked(time.monotonic(), fields["host"], target, status))
        extra = f"ETag: {etag}\r\n" if etag else ""
        length = f"Content-Length: {len(body)}\r\n" if status != 304 else ""
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\n{extra}{length}\r\n".encode() + body)
        await writer.drain()
        return False
