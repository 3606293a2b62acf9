import asyncio
import gzip
import http.client
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linkwatch.demo.site import Answer, Site, redirect
from linkwatch.demo.web import CountyWeb

NOW = datetime.now(UTC)
EDITED = datetime(2025, 10, 1, 12, 0, tzinfo=UTC)
TEXT = "Drivmedel och dagligvaror på landsbygden. " * 40


def page() -> Answer:
    return Answer(body=TEXT.encode(), modified=EDITED, tagged=True)


def site(host: str, **given: Any) -> Site:
    return Site(host=host, pages={"/": page(), "/a b/ö.html": page()}, missing=Answer(status=404), **given)


@pytest.fixture
async def web() -> AsyncIterator[CountyWeb]:
    sites = [site("one.example"), site("two.example", chunked=True, https_only=False)]
    async with CountyWeb(sites, now=NOW) as running:
        yield running


@dataclass
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


async def get(
    web: CountyWeb, host: str, target: str = "/", *, secure: bool = True, headers: dict[str, str] | None = None
) -> Got:
    return await asyncio.to_thread(_get, web, host, target, secure, headers or {})


def _get(web: CountyWeb, host: str, target: str, secure: bool, headers: dict[str, str]) -> Got:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    try:
        connection.connect()
        if secure:
            connection.sock = trusting(web).wrap_socket(connection.sock, server_hostname=host)
        connection.request("GET", target, headers={"Host": host} | headers)
        response = connection.getresponse()
        return Got(response.status, response.headers, response.read())
    finally:
        connection.close()


def trusting(web: CountyWeb) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=web.authority.pem.decode())


async def raw(web: CountyWeb, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write(sent)
    async with asyncio.timeout(5):
        got = await reader.read()
    writer.close()
    await writer.wait_closed()
    return got


async def test_one_port_takes_https_and_http(web: CountyWeb) -> None:
    assert (await get(web, "one.example")).body.decode() == TEXT
    assert (await get(web, "two.example", secure=False)).body.decode() == TEXT
    assert web.resolve == dict.fromkeys(["one.example", "two.example"], f"127.0.0.1:{web.port}")


async def test_http_is_sent_on_to_https_where_the_site_says_so(web: CountyWeb) -> None:
    got = await get(web, "one.example", "/x?id=1", secure=False)
    assert (got.status, got.headers["Location"]) == (301, "https://one.example/x?id=1")


async def test_the_certificate_is_the_hosts_own(web: CountyWeb) -> None:
    def names(host: str) -> object:
        plain = socket.create_connection(("127.0.0.1", web.port), timeout=5)
        with plain, trusting(web).wrap_socket(plain, server_hostname=host) as secure:
            certificate = secure.getpeercert()
            return certificate and certificate["subjectAltName"]

    assert await asyncio.to_thread(names, "two.example") == (("DNS", "two.example"),)
    with pytest.raises(ssl.SSLError):
        await asyncio.to_thread(names, "three.example")


async def test_an_expired_certificate_is_refused_as_expired_and_a_renewed_one_is_not(web: CountyWeb) -> None:
    web.change("one.example", lapsed=True)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        await get(web, "one.example")
    assert (await get(web, "two.example")).status == 200
    web.change("one.example", lapsed=False)
    assert (await get(web, "one.example")).status == 200


async def test_a_connection_serves_many_requests(web: CountyWeb) -> None:
    def twice() -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
        statuses = []
        for target in ("/", "/missing"):
            connection.request("GET", target, headers={"Host": "two.example"})
            response = connection.getresponse()
            statuses.append(response.status)
            response.read()
        connection.close()
        return statuses

    assert await asyncio.to_thread(twice) == [200, 404]


async def test_validators_that_hold_are_answered_304_without_a_body(web: CountyWeb) -> None:
    first = await get(web, "one.example")
    tag, edited = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f"W/{tag}"}, {"If-Modified-Since": edited}):
        again = await get(web, "one.example", headers=headers)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    for headers in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "Mon, 01 Sep 2025 00:00:00 GMT"}):
        assert (await get(web, "one.example", headers=headers)).status == 200
    assert (await get(web, "one.example", headers={"If-Modified-Since": "yesterday"})).status == 200


async def test_it_packs_only_for_those_who_accept_it(web: CountyWeb) -> None:
    for host in ("one.example", "two.example"):
        packed = await get(web, host, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body).decode() == TEXT
    plain = await get(web, "one.example")
    assert (plain.headers["Content-Encoding"], plain.headers["Content-Length"]) == (None, str(len(plain.body)))


@pytest.mark.parametrize("target", ["/a%20b/%C3%B6.html", "/a%20b/%F6.html"])
async def test_paths_are_matched_by_their_characters(web: CountyWeb, target: str) -> None:
    assert (await get(web, "one.example", target)).status == 200


async def test_a_location_goes_out_as_the_bytes_it_is(web: CountyWeb) -> None:
    web.change("two.example", pages={"/": redirect(301, "/ö".encode("latin-1"))})
    assert b"\r\nLocation: /\xf6\r\n" in await raw(
        web, b"GET / HTTP/1.0\r\nHost: two.example\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n", b"421"),
        (b"POST / HTTP/1.1\r\nHost: two.example\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET http://two.example/ HTTP/1.1\r\nHost: two.example\r\n\r\n", b"400"),
        (b"\x00\xff nonsense\r\n\r\n", b"400"),
    ],
)
async def test_what_it_does_not_serve_is_refused_and_hung_up_on(web: CountyWeb, sent: bytes, status: bytes) -> None:
    assert (await raw(web, sent)).startswith(b"HTTP/1.1 " + status)


async def test_a_head_without_end_is_hung_up_on(web: CountyWeb) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write(b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000)
    async with asyncio.timeout(5):
        with suppress(ConnectionResetError):  # as good
            assert await reader.read() == b""
    writer.transport.abort()
    assert (await get(web, "one.example")).status == 200


async def test_a_silent_site_takes_the_request_and_says_nothing(web: CountyWeb) -> None:
    web.change("two.example", silent=True)
    assert await raw(web, b"GET / HTTP/1.1\r\nHost: two.example\r\n\r\n") == b""


async def test_offline_refuses_at_once_and_online_has_the_same_port(web: CountyWeb) -> None:
    port = web.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await web.go_offline()
    with pytest.raises(ConnectionRefusedError):
        await get(web, "one.example")
    with pytest.raises(OSError, match="in use"), socket.socket() as other:
        other.bind(("127.0.0.1", port))
    async with asyncio.timeout(5):
        assert await reader.read() == b""  # a connection that was open is dropped too
    writer.close()
    await web.go_online()
    assert (web.port, (await get(web, "one.example")).status) == (port, 200)


async def test_nothing_listens_and_nobody_is_connected_after_it() -> None:
    async with CountyWeb([site("one.example")], now=NOW, lapsed_at=NOW - timedelta(days=9)) as web:
        port = web.port
        idle = socket.create_connection(("127.0.0.1", port))
        await asyncio.sleep(0.05)
    with idle:
        idle.settimeout(5)
        assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with pytest.raises(RuntimeError):
        print(web.port)


async def test_two_webs_stand_side_by_side(web: CountyWeb) -> None:
    async with CountyWeb([site("one.example")], now=NOW) as other:
        assert other.port != web.port
        assert (await get(other, "one.example")).status == 200
