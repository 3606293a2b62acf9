"""The whole corpus behind one loopback port, http and https alike, told apart by Host header and SNI.

    python bench/accuracy/serve.py --folder /tmp/corpus

prints one line of JSON, {"port": …, "closed_port": …, "ca_file": …}, and serves until it is ended. Ask the host
`control.invalid` over http: `/phase/before` and `/phase/after` turn the time, `/log` gives the requests since then.
"""

import argparse
import asyncio
import contextlib
import http
import json
import os
import socket
import ssl
import struct
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.accuracy.certificates import Authority
from bench.accuracy.corpus import World, build
from bench.accuracy.corpus.model import Host, Phase, Reply, Request

CONTROL = "control.invalid"
_TLS_HANDSHAKE = b"\x16"
_REASONS = {status.value: status.phrase for status in http.HTTPStatus}


@dataclass(slots=True, kw_only=True)
class Served:
    """What the server knows while it runs. A log entry is [host, target, status, Location or empty]."""

    world: World
    authority: Authority
    phase: Phase = Phase.BEFORE
    log: list[list[object]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def certificate_of(self, name: str) -> ssl.SSLContext:
        host = self.world.hosts.get(name)
        kind = "good" if host is None else host.tls if self.phase is Phase.AFTER else host.tls_before
        return self.authority.context(name, kind)

    def reply(self, scheme: str, method: str, target: str, headers: dict[str, str]) -> Reply:
        name = headers.get("host", "").partition(":")[0].lower()
        if name == CONTROL:
            return self._controlled(target)
        host = self.world.hosts.get(name)
        if host is None:
            return Reply(status=421, body=b"no such host")
        answer = self._answer(host, scheme, method, target, headers)
        location = next((value for key, value in answer.headers if key == "Location"), "")
        self.log.append([f"{scheme}://{name}", target, answer.status, location])
        return answer

    def _answer(self, host: Host, scheme: str, method: str, target: str, headers: dict[str, str]) -> Reply:
        self.counts[host.name] = self.counts.get(host.name, 0) + 1
        if method == "HEAD" and host.head_fails:
            return Reply(status=404)
        if target == "/robots.txt" and target not in host.routes and len(host.name) % 2:
            return Reply(status=404, headers=(("Content-Type", "text/plain"),), body=b"")
        request = Request(
            scheme=scheme,
            host=host.name,
            target=target,
            phase=self.phase,
            number=self.counts[host.name],
            headers=headers,
        )
        return host.answer(request)

    def _controlled(self, target: str) -> Reply:
        if target.startswith("/phase/"):
            self.phase = Phase(target.removeprefix("/phase/"))
        body = json.dumps(self.log if target == "/log" else "ok").encode()
        if target == "/log":
            self.log = []
        return Reply(headers=(("Content-Type", "application/json"),), body=body)


async def serve(served: Served, listener: socket.socket) -> None:
    """Accepts for ever; each connection is http or https by its first byte."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    while True:
        connection, _ = await loop.sock_accept(listener)
        connection.setblocking(False)  # the socket module's own signature
        task = asyncio.create_task(_greet(served, connection))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(_fail_loudly)


def _fail_loudly(task: asyncio.Task[None]) -> None:
    """A mistake in the corpus must not look like a server's fault: it ends the bench."""
    if not task.cancelled() and (error := task.exception()):
        traceback.print_exception(error)
        os._exit(1)


async def _greet(served: Served, connection: socket.socket) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        secure = await _first_byte(connection) == _TLS_HANDSHAKE
        reader = asyncio.StreamReader(limit=2**17)
        protocol = asyncio.StreamReaderProtocol(reader)
        loop = asyncio.get_running_loop()
        context = _greeting(served) if secure else None
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            await _converse(served, "https" if secure else "http", reader, writer)
        finally:
            writer.close()


async def _first_byte(connection: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)


def _greeting(served: Served) -> ssl.SSLContext:
    """A context that only waits for the name, and then takes that host's own."""

    def named(conversation: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        conversation.context = served.certificate_of(name or "")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = named
    return context


async def _converse(served: Served, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        reply = served.reply(scheme, method, target, headers)
        if reply.fault:
            await _spoil(reply, reader, writer)
            return
        writer.write(_message(reply, method))
        await writer.drain()


def _message(reply: Reply, method: str, *, claimed: int = 0) -> bytes:
    reason = _REASONS.get(reply.status, "Unknown")
    lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{name}: {value}" for name, value in reply.headers)]
    if reply.status != 304:
        lines.append(f"Content-Length: {len(reply.body) + claimed}")
    body = b"" if method == "HEAD" or reply.status == 304 else reply.body
    return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace") + body


async def _spoil(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No proper answer, in the way that is asked for."""
    if reply.fault == "silence":
        await reader.read()
    elif reply.fault == "garbage":
        writer.write(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        await writer.drain()
    elif reply.fault == "short":
        writer.write(_message(reply, "GET", claimed=5_000))
        await writer.drain()
    elif reply.fault == "reset":
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


async def _main(folder: Path) -> None:
    authority = Authority()
    authority.write_root(folder / "ca.pem")
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener, socket.socket() as closed:
        listener.setblocking(False)  # the socket module's own signature
        closed.bind(("127.0.0.1", 0))  # taken, but nobody listens
        told = {
            "port": listener.getsockname()[1],
            "closed_port": closed.getsockname()[1],
            "ca_file": str(folder / "ca.pem"),
        }
        print(json.dumps(told), flush=True)
        await serve(Served(world=build(), authority=authority), listener)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve the accuracy corpus on loopback.")
    parser.add_argument("--folder", type=Path, required=True, help="where ca.pem is written")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args().folder))
