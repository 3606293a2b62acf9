import asyncio
import gzip
from datetime import timedelta

import pytest

from linkwatch.core.models import Validators
from tests.fetch.visiting import NOW, Names, policy, told, visit, visitor
from tests.servers import Asked, Site, answer, hang, page, redirect, running


async def test_it_brings_home_the_page_and_its_facts() -> None:
    async with Site().on("/a?b=1", page("hej " * 300, etag='"v1"', x_note="r\u00e5d")) as site:
        seen = await visit(site.url("/a?b=1#part"))
    assert (seen.status, seen.body, seen.complete, seen.cut, seen.fault) == (200, b"hej " * 300, True, None, None)
    assert seen.final_url == site.url("/a?b=1")
    assert seen.header("etag") == '"v1"'
    assert seen.header("x-note") == "råd"
    assert (seen.peer, seen.hops, seen.tls) == ("127.0.0.1", (), None)
    assert seen.wire_bytes > 1200
    assert NOW <= seen.started_at < NOW + timedelta(seconds=5)


async def test_it_says_who_it_is() -> None:
    async with Site().on("/", page()) as site:
        await visit(site.url(), user_agent="linkwatch/1 (+https://example.se)", contact="webb@example.se")
    headers = site.log[0].headers
    assert headers["user-agent"] == "linkwatch/1 (+https://example.se)"
    assert headers["from"] == "webb@example.se"
    assert headers["host"] == f"127.0.0.1:{site.port}"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["accept-language"].startswith("sv,")
    assert not headers.keys() & {"cookie", "authorization", "if-none-match", "referer"}


async def test_it_asks_with_conditions_only_where_they_belong() -> None:
    async with Site() as site:
        site.on("/old", redirect(301, "/page")).on("/page", answer(304))
        known = Validators(url=site.url("/page"), etag='"v1"', last_modified="Mon, 02 Nov 2026 10:00:00 GMT")
        seen = await visit(site.url("/old"), validators=known)
    assert seen.not_modified
    assert "if-none-match" not in site.log[0].headers
    assert site.log[1].headers["if-none-match"] == '"v1"'
    assert site.log[1].headers["if-modified-since"] == "Mon, 02 Nov 2026 10:00:00 GMT"


async def test_it_takes_no_304_that_it_did_not_ask_for() -> None:
    async with Site().on("/", answer(304)) as site:
        assert told(await visit(site.url())) == ("protocol", "protocol")


async def test_it_sends_no_user_name() -> None:
    async with Site().on("/", page()) as site:
        seen = await visit(site.url().replace("://", "://user:secret@"))
    assert seen.status == 200
    assert b"secret" not in site.log[0].raw
    assert "authorization" not in site.log[0].headers


@pytest.mark.parametrize("status", [200, 204, 206, 300, 401, 403, 404, 410, 418, 429, 451, 500, 503, 599, 999])
async def test_it_takes_every_status_as_an_answer(status: int) -> None:
    async with Site().on("/", answer(status, "" if status == 204 else "words")) as site:
        seen = await visit(site.url())
    assert (seen.status, seen.fault) == (status, None)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://example.se/", "http://", "http://[::1", "file:///etc/passwd"])
async def test_it_visits_nothing_but_the_web(url: str) -> None:
    assert told(await visit(url)) == ("address", "bad_address")


async def test_it_undoes_the_encoding() -> None:
    squeezed = gzip.compress(b"sidan " * 1000)
    async with Site().on("/", page(squeezed, content_encoding="gzip")) as site:
        seen = await visit(site.url())
    assert (seen.body, seen.complete) == (b"sidan " * 1000, True)
    assert seen.wire_bytes < 500


async def test_it_keeps_what_could_be_decoded() -> None:
    squeezed = gzip.compress(bytes(range(256)) * 40, compresslevel=0)
    broken = squeezed[:5000] + b"\xff" * 10_000  # the length of a stored block runs on, then nothing fits
    async with Site().on("/", page(broken, content_encoding="gzip")) as site:
        seen = await visit(site.url())
    assert (seen.status, seen.cut, seen.complete, seen.fault) == (200, "bad_encoding", False, None)
    assert seen.body[:4000] == (bytes(range(256)) * 40)[:4000]


async def test_it_uses_a_connection_again() -> None:
    async with Site().on("/old", redirect(302, "/new")).on("/new", page()) as site, visitor() as one:
        await one.visit(site.url("/old"))
        await one.visit(site.url("/new"))
    assert (len(site.log), site.connections) == (3, 1)


@pytest.mark.parametrize("late", [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
async def test_it_blames_no_page_for_a_kept_connection_that_was_hung_up(late: bytes) -> None:
    async def once(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(page("first"))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(late)
        writer.close()

    async with Site().on("/a", once).on("/b", page("second")) as site, visitor() as one:
        assert (await one.visit(site.url("/a"))).body == b"first"
        await asyncio.sleep(0.1)
        seen = await one.visit(site.url("/b"))
    assert (seen.status, seen.body) == (200, b"second")


async def test_what_one_answer_had_too_much_is_no_part_of_the_next() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than was promised"
    async with Site().on("/a", raw).on("/b", page("second")) as site, visitor() as one:
        assert (await one.visit(site.url("/a"))).body == b"hello"
        assert (await one.visit(site.url("/b"))).body == b"second"


async def test_it_asks_once_more_when_a_kept_connection_breaks_under_it() -> None:
    answers = iter([page("first"), None, page("second")])

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> None:
        raw = next(answers)
        writer.write(raw) if raw else writer.close()

    async with Site(otherwise=handler) as site, visitor() as one:
        await one.visit(site.url("/a"))
        assert (await one.visit(site.url("/b"))).body == b"second"


async def test_it_counts_its_own_time_without_the_waits() -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(page())

    async with Site(otherwise=slow) as site, visitor(per_host_delay_s=0.3) as one:
        first, second = await asyncio.gather(one.visit(site.url("/a")), one.visit(site.url("/b")))
    assert 90 <= first.elapsed_ms < 250
    assert 90 <= second.elapsed_ms < 250


async def test_it_answers_whether_a_host_can_be_reached() -> None:
    async with Site() as site, visitor(resolver=Names({"gone.example": "dns_nxdomain"})) as one:
        port = site.port
        assert await one.reachable(site.url())
        assert not await one.reachable("http://gone.example/")
        assert not await one.reachable("http://10.0.0.1/")
        assert not await one.reachable("nonsense")
    assert site.log == []
    async with visitor() as one:
        assert not await one.reachable(f"http://127.0.0.1:{port}/")


async def test_its_clock_goes_on_from_the_time_of_the_run() -> None:
    one = visitor()
    await asyncio.sleep(0.05)
    assert timedelta(seconds=0.04) < one.now() - NOW < timedelta(seconds=2)


async def test_a_mistake_of_ours_blames_no_page() -> None:
    class Broken(Names):
        async def resolve(self, host: str) -> list[object]:  # type: ignore[override] # broken on purpose
            raise KeyError(host)

    seen = await visit("http://example.se/", resolver=Broken())
    assert told(seen) == ("ours", "internal")
    assert seen.fault is not None
    assert "KeyError" in seen.fault.detail


async def test_it_can_be_called_off() -> None:
    async with Site(otherwise=hang) as site, visitor() as one:
        visits = [asyncio.create_task(one.visit(site.url(f"/{number}"))) for number in range(3)]
        await asyncio.sleep(0.1)
        visits[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await visits[0]
        await asyncio.sleep(0.05)
        assert len(site.log) == 2  # the next in the queue went on
        for each in visits:
            each.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


def test_it_serves_several_loops_of_a_test_from_a_thread() -> None:
    site = Site().on("/", page("hej"))
    with running(site):
        assert asyncio.run(visit(site.url())).body == b"hej"


async def test_it_lets_few_large_bodies_in_at_a_time() -> None:
    waiting = 0

    async def large(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        writer.write(answer(200, b"x" * 1_100_000, content_length="1100001"))
        await writer.drain()
        waiting += 1
        while waiting < 4:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        writer.write(b"x")

    sites = [Site(otherwise=large) for _ in range(6)]
    async with sites[0], sites[1], sites[2], sites[3], sites[4], sites[5], visitor(timeout_s=1.0) as one:
        seen = await asyncio.gather(*(one.visit(site.url()) for site in sites))
    assert [(each.fault, len(each.body), each.complete) for each in seen] == [(None, 1_100_001, True)] * 6


async def test_the_policy_of_the_tests_visits_loopback_only() -> None:
    assert all(network.is_loopback for network in policy().allow_networks)
    assert told(await visit("http://10.0.0.1/")) == ("address", "private_address")
