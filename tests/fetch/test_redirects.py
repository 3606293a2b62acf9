import asyncio
from ipaddress import ip_network

import pytest

from linkwatch.core.models import Hop
from tests.fetch.visiting import Names, told, visit
from tests.servers import Asked, Site, answer, page, redirect


async def test_it_keeps_every_hop_with_its_status() -> None:
    statuses = [301, 302, 303, 307, 308]
    async with Site().on("/5", page()) as site:
        for number, status in enumerate(statuses):
            site.on(f"/{number}", redirect(status, f"/{number + 1}"))
        seen = await visit(site.url("/0"))
    assert seen.hops == tuple(
        Hop(url=site.url(f"/{number}"), status=status, location=f"/{number + 1}")
        for number, status in enumerate(statuses)
    )
    assert (seen.status, seen.final_url) == (200, site.url("/5"))
    assert {asked.method for asked in site.log} == {"GET"}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/r\xc3\xa5d", "/r%C3%A5d"),  # raw UTF-8
        (b"/r\xe5d", "/r%E5d"),  # raw Latin-1: the bytes that came
        (b"  /x  ", "/x"),
        (b"/a b", "/a%20b"),
        (b"/x#part", "/x"),
        (b"?q=1", "/old?q=1"),
        (b"\\x", "/x"),  # as browsers read it
        (b"/x\0y", "/xy"),
    ],
)
async def test_it_reads_location_as_browsers_do(location: bytes, path: str) -> None:
    async with Site().on(path, page()) as site:
        site.on("/old", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
        seen = await visit(site.url("/old"))
    assert (seen.status, seen.final_url) == (200, site.url(path))


@pytest.mark.parametrize(
    "location",
    ["mailto:a@example.se", "javascript:alert(1)", "ftp://example.se/", "http://", "http://example.se:99999/",
     "http://a b.se/", "data:text/html,x", "http://[::1/", "x" * 9000],
)  # fmt: skip
async def test_it_keeps_the_status_of_a_redirect_that_leads_nowhere(location: str) -> None:
    async with Site().on("/old", redirect(301, location)) as site:
        seen = await visit(site.url("/old"))
    assert told(seen) == ("redirect", "bad_location")
    assert [(hop.status, hop.location) for hop in seen.hops] == [(301, location)]


@pytest.mark.parametrize("name", ["xn--a.se", "xn--ls8h.la", "a_b.example"])
async def test_it_asks_for_a_host_of_any_name_that_browsers_ask_for(name: str) -> None:
    async with Site().on("/", page()) as site:
        site.on("/old", redirect(301, f"http://{name}:{site.port}/"))
        seen = await visit(site.url("/old"), resolver=Names({name: ["127.0.0.1"]}))
    assert seen.status == 200
    assert site.log[1].headers["host"] == f"{name}:{site.port}"


@pytest.mark.parametrize("raw", [b"", b"Location: \r\n", b"Location:\r\n"])
async def test_it_takes_a_redirect_without_location_as_the_answer(raw: bytes) -> None:
    async with Site().on("/", b"HTTP/1.1 302 Found\r\n" + raw + b"Content-Length: 5\r\n\r\nwords") as site:
        seen = await visit(site.url())
    assert (seen.status, seen.body, seen.hops, seen.fault) == (302, b"words", (), None)


async def test_it_follows_no_location_without_a_redirect() -> None:
    async with Site().on("/", answer(201, "made", location="/elsewhere")) as site:
        assert (await visit(site.url())).status == 201


async def test_it_notices_a_loop() -> None:
    async with Site().on("/a", redirect(302, "/b")).on("/b", redirect(302, "/a#again")) as site:
        seen = await visit(site.url("/a"))
    assert told(seen) == ("redirect", "loop")
    assert (len(seen.hops), len(site.log)) == (2, 2)


async def test_it_gives_up_after_many_hops() -> None:
    async def on(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(redirect(302, f"/{int(asked.path[1:]) + 1}"))

    async with Site(otherwise=on) as site:
        seen = await visit(site.url("/0"), max_hops=10)
    assert told(seen) == ("redirect", "too_many_hops")
    assert len(site.log) == 11


async def test_it_passes_a_server_that_waits_for_its_cookie() -> None:
    async def gate(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen = "checked=yes" in asked.headers.get("cookie", "")
        writer.write(page("inside") if seen else redirect(302, "/", set_cookie="checked=yes; Path=/"))

    async with Site().on("/", gate) as site:
        seen = await visit(site.url())
        again = await visit(site.url())
    assert (seen.status, seen.body, len(seen.hops)) == (200, b"inside", 1)
    assert "cookie" not in site.log[2].headers
    assert again.status == 200


async def test_a_cookie_makes_no_loop_endless() -> None:
    async with Site().on("/", redirect(302, "/", set_cookie="a=1")) as site:
        assert told(await visit(site.url())) == ("redirect", "loop")
    assert len(site.log) == 2


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/",
     "http://0x7f.1:{port}/", "http://2130706433:{port}/", "http://localhost:{port}/", "http://[::]:{port}/",
     "http://0.0.0.0:{port}/", "http://inside.example:{port}/", "http://169.254.169.254/latest/meta-data/",
     "http://127.1.1.1\\@example.se:{port}/", "http://127.0.0.1.:{port}/"],
)  # fmt: skip
async def test_it_follows_no_redirect_inside(location: str) -> None:
    """The first host is pinned to an allowed address; none but that may be connected to."""
    async with Site(host="127.0.0.9") as outside, Site() as inside:
        outside.on("/", redirect(302, location.format(port=inside.port)))
        seen = await visit(
            "http://www.example.se/",
            resolve={"www.example.se": f"127.0.0.9:{outside.port}"},
            allow_networks=(ip_network("127.0.0.9"),),
            resolver=Names({"inside.example": ["127.0.0.1", "10.0.0.1"], "localhost": ["127.0.0.1", "::1"]}),
        )
    assert told(seen) == ("address", "private_address")
    assert [hop.status for hop in seen.hops] == [302]
    assert (inside.connections, len(outside.log)) == (0, 1)


@pytest.mark.parametrize("port", [25, 6667, 1])
async def test_it_speaks_to_no_other_service(port: int) -> None:
    async with Site().on("/", redirect(302, f"http://127.0.0.1:{port}/")) as site:
        assert told(await visit(site.url())) == ("address", "forbidden_port")


async def test_it_does_not_read_a_redirect_that_never_ends() -> None:
    async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 99999999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with Site().on("/old", endless).on("/new", page()) as site:
        seen = await visit(site.url("/old"))
    assert seen.status == 200
    assert seen.elapsed_ms < 1000
