"""Servers that mean harm, or do not know better: every one of them ends as a visit, in time, in little memory."""

import asyncio
import gzip
import resource
import socket
import struct
import time

import pytest

from tests.fetch.visiting import Names, told, visit, visitor
from tests.servers import Asked, Handler, Site, answer, drip, endless, hang, page, then_close

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


BOMB = gzip.compress(bytes(10_000_000))  # a member to be sent over and over


async def test_a_gzip_bomb_costs_nothing() -> None:
    start = OK + b"Content-Encoding: gzip\r\n\r\n"
    async with Site().on("/", endless(start, BOMB)) as site:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seen = await visit(site.url())
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (seen.status, seen.complete, seen.cut) == (200, False, "body_too_large")
    assert len(seen.body) == 256 * 1024
    assert seen.wire_bytes < 300_000
    assert seen.elapsed_ms < 2000
    assert grown_kb < 60_000


async def test_a_bomb_in_a_bomb_is_none_the_worse() -> None:
    twice = gzip.compress(BOMB * 200)
    async with Site().on("/", page(twice, content_encoding="gzip, gzip")) as site:
        seen = await visit(site.url(), max_body_bytes=2_000_000)
    assert (seen.cut, len(seen.body)) == ("body_too_large", 256 * 1024)


@pytest.mark.parametrize("start", [OK + b"\r\n", OK + b"Content-Length: 99999999999\r\n\r\n"])
async def test_it_stops_reading_a_body_without_end(start: bytes) -> None:
    async with Site().on("/", endless(start, b"x" * 50_000)) as site:
        seen = await visit(site.url(), max_body_bytes=1_000_000)
    assert (seen.status, seen.cut, len(seen.body)) == (200, "body_too_large", 256 * 1024)
    assert seen.wire_bytes < 1_200_000


@pytest.mark.parametrize("chunk", [b"1\r\nx\r\n" * 5000, (b"1;" + b"e" * 60_000 + b"\r\nx\r\n")])
async def test_a_body_of_crumbs_ends_in_time_and_lets_others_work(chunk: bytes) -> None:
    start = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    async with (
        Site().on("/", endless(start, chunk)) as site,
        Site().on("/", page()) as other,
        visitor(timeout_s=0.8, max_body_bytes=1_000_000) as one,
    ):
        crumbs = asyncio.create_task(one.visit(site.url()))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        assert (await one.visit(other.url())).elapsed_ms < 300
        seen = await crumbs
        assert time.monotonic() - began < 1.2
    assert (seen.status, seen.cut) == (200, "ended_early")


@pytest.mark.parametrize("block", [b"X-Flood: " + b"f" * 900 + b"\r\n", b"f" * 5000])
async def test_it_stops_reading_headers_without_end(block: bytes) -> None:
    async with Site().on("/", endless(OK, block)) as site:
        seen = await visit(site.url())
    assert told(seen) == ("protocol", "headers_too_large")
    assert (seen.cut, seen.complete, seen.status) == ("headers_too_large", False, None)


async def test_it_counts_interim_answers_towards_the_headers() -> None:
    async with Site().on("/", endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 50)) as site:
        assert told(await visit(site.url())) == ("protocol", "headers_too_large")


async def test_it_takes_headers_up_to_the_limit() -> None:
    async with Site().on("/", page(x_long="y" * 60_000)) as site:
        assert (await visit(site.url())).status == 200


@pytest.mark.parametrize(
    ("handler", "fault"),
    [
        (hang, ("timeout", "read_timeout")),
        (drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), ("timeout", "read_timeout")),
        (drip(b"", b"H"), ("protocol", "protocol")),
        (drip(OK + b"\r\n" + b"x" * 100), ("timeout", "read_timeout")),
    ],
)
async def test_it_waits_no_longer_than_the_time_out(handler: Handler, fault: tuple[str, str]) -> None:
    async with Site().on("/", handler) as site:
        began = time.monotonic()
        seen = await visit(site.url(), timeout_s=0.4)
    assert told(seen) == fault
    assert time.monotonic() - began < 0.8


async def test_it_keeps_what_a_dripping_server_has_given() -> None:
    async with Site().on("/", drip(OK + b"\r\n" + b"x" * 600)) as site:
        seen = await visit(site.url(), timeout_s=0.3)
    assert (seen.status, seen.complete, seen.cut, seen.fault) == (200, False, "ended_early", None)
    assert len(seen.body) >= 600


async def test_an_error_page_needs_no_body_to_be_one() -> None:
    async with Site().on("/", drip(b"HTTP/1.1 404 Not Found\r\n\r\n")) as site:
        seen = await visit(site.url(), timeout_s=0.3)
    assert (seen.status, seen.fault, seen.cut) == (404, None, "ended_early")


async def test_the_time_out_is_for_all_hops_together() -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(answer(302, location=f"{asked.path}x"))

    async with Site(otherwise=slow) as site:
        began = time.monotonic()
        seen = await visit(site.url(), timeout_s=0.5)
    assert told(seen) == ("timeout", "read_timeout")
    assert time.monotonic() - began < 0.8
    assert 2 <= len(seen.hops) <= 4


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", ("protocol", "protocol")),
        (b"<html>HTTP/0.9</html>", ("protocol", "protocol")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ("protocol", "protocol")),
        (b"\x15\x03\x01\x00\x02\x02\x46", ("protocol", "protocol")),
        (b"HTTP/1.1 \r\n\r\n", ("protocol", "protocol")),
        (b"HTTP/1.1 20\r\n\r\n", ("protocol", "protocol")),
        (b"HTTP/1.1 two hundred\r\n\r\n", ("protocol", "protocol")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", ("protocol", "protocol")),
        (b"HTTP/1.1 200 OK\r\nX: y", ("protocol", "protocol")),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", ("protocol", "protocol")),
        (b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello", None),
        (b"HTTP/1.1 200\n\nhello", None),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\nbroken line\r\n\r\nhello", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than was promised", None),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello", None),
    ],
)
async def test_it_makes_what_it_can_of_bad_http(raw: bytes, fault: tuple[str, str] | None) -> None:
    async with Site().on("/", then_close(raw)) as site:
        seen = await visit(site.url())
    assert told(seen) == fault
    assert (seen.status, seen.body) == ((None, b"") if fault else (200, b"hello"))


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Content-Length: 5000\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n\r\n",
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hello" + bytes(500), mtime=0)[:-12],
    ],
)
async def test_it_keeps_a_body_that_ended_too_early(raw: bytes) -> None:
    async with Site().on("/", then_close(raw)) as site:
        seen = await visit(site.url())
    assert (seen.status, seen.complete, seen.cut) == (200, False, "ended_early")
    assert seen.body.startswith(b"hello")


async def test_a_reset_is_called_one() -> None:
    async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with Site().on("/", reset) as site:
        assert told(await visit(site.url())) == ("protocol", "reset")


async def test_hostile_hosts_in_numbers_take_little_memory() -> None:
    start = OK + b"Content-Encoding: gzip\r\n\r\n"
    names = {f"h{number}.example": ["127.0.0.1"] for number in range(12)}
    async with Site(otherwise=endless(start, BOMB)) as site, visitor(resolver=Names(names)) as one:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seen = await asyncio.gather(*(one.visit(site.url(host=name)) for name in names))
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert {each.cut for each in seen} == {"body_too_large"}
    assert grown_kb < 100_000
