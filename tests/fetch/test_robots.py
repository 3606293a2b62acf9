import asyncio
import itertools
import time
from datetime import timedelta
from typing import Any

import pytest

from linkwatch.core.models import HostMemory
from linkwatch.fetch.robots import for_us
from tests.fetch.visiting import NOW, Names, told, visit, visitor
from tests.servers import Asked, Handler, Site, answer, endless, hang, page, redirect, then_close

DAY = timedelta(days=1)
DENY = "User-agent: *\nDisallow: /private\n"
ASKED = "/robots.txt"


def site_with(robots: Handler | str) -> Site:
    handler = page(robots, content_type="text/plain") if isinstance(robots, str) else robots
    return Site(otherwise=page()).on(ASKED, handler)


async def see(url: str, **changes: Any) -> tuple[str, str] | int | None:
    seen = await visit(url, respect_robots=True, **{"timeout_s": 2.0, **changes})
    return told(seen) or seen.status


@pytest.mark.parametrize(
    ("robots", "path", "expected"),
    [
        (DENY, "/private/x", ("robots", "robots_disallowed")),
        (DENY, "/public", 200),
        ("User-agent: LinkWatch\nDisallow: /\n\nUser-agent: *\nAllow: /", "/", ("robots", "robots_disallowed")),
        ("User-agent: linkwatch/1.0\nAllow: /\n\nUser-agent: *\nDisallow: /", "/", 200),
        ("User-agent: link\nDisallow: /", "/", 200),
        ("User-agent: googlebot\nDisallow: /", "/", 200),
        ("User-agent: googlebot\nUser-agent: *\nDisallow: /", "/", ("robots", "robots_disallowed")),
        ("User-agent: *\nDisallow:\n\nUser-agent: bad\nDisallow: /", "/", 200),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", ("robots", "robots_disallowed")),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", 200),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a", 200),
        ("User-agent: *\nDisallow: /råd", "/r%C3%A5d", ("robots", "robots_disallowed")),
        ("\ufeffUser-agent: *\r\nDisallow: / # all of it\r\n", "/", ("robots", "robots_disallowed")),
        ("<!doctype html><title>Sidan finns inte</title>", "/", 200),
        ("", "/", 200),
    ],
)
async def test_it_obeys(robots: str, path: str, expected: tuple[str, str] | int) -> None:
    async with site_with(robots) as site:
        assert await see(site.url(path)) == expected
    assert len(site.asked(ASKED)) == 1
    assert len(site.asked()) == (expected == 200)


async def test_it_can_be_told_not_to_ask() -> None:
    async with site_with("User-agent: *\nDisallow: /") as site:
        assert (await visit(site.url(), respect_robots=False)).status == 200
    assert site.asked(ASKED) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 204, 300, 999])
async def test_without_a_robots_txt_all_is_allowed(status: int) -> None:
    async with site_with(answer(status, "" if status == 204 else DENY.replace("/private", "/"))) as site:
        assert await see(site.url()) == 200


async def test_it_follows_a_robots_txt_that_moved() -> None:
    async with site_with(redirect(301, "/1")) as site:
        for number in range(1, 5):
            site.on(f"/{number}", redirect(302, f"/{number + 1}"))
        site.on("/5", page("User-agent: *\nDisallow: /x"))
        assert await see(site.url("/x")) == ("robots", "robots_disallowed")


@pytest.mark.parametrize("location", ["/robots.txt", "mailto:a@example.se", "http://10.0.0.1/", "http://127.0.0.1:9/"])
async def test_a_robots_txt_that_leads_nowhere(location: str) -> None:
    async with site_with(redirect(301, location)) as site:
        assert await see(site.url("/x")) == 200


async def test_it_reads_half_a_megabyte_and_no_more() -> None:
    start = answer(200, f"User-agent: *\nDisallow: /x\n{'#' * 1000}\n", content_length="99999999")
    async with site_with(endless(start, b"# and so on\n" * 1000)) as site:
        assert await see(site.url("/x")) == ("robots", "robots_disallowed")


async def test_a_robots_txt_of_many_names_and_many_rules_takes_no_time() -> None:
    names = "".join(f"user-agent: a{number}\n" for number in range(12_000))
    flood = names + "user-agent: *\n" + "allow: /x*y*z*\n" * 18_000
    async with site_with(flood) as site:
        began = time.monotonic()
        assert await see(site.url("/" + "xyz" * 2000)) == 200
        assert time.monotonic() - began < 2


async def test_it_keeps_only_the_lines_that_concern_us() -> None:
    text = "# hello\nUser-agent: other\nDisallow: /\n\nUser-agent: *\nUser-agent: else\nDisallow: /a # why\nHost: x\n"
    assert for_us(text + "Sitemap: https://x.se/s.xml\nCrawl-delay: 5") == (
        "User-agent: *\ndisallow: /a\nSitemap: https://x.se/s.xml\ncrawl-delay: 5"
    )


async def test_a_host_that_cannot_say_is_not_visited() -> None:
    async with site_with(answer(503)) as site:
        assert await see(site.url()) == ("robots", "robots_unreachable")
    assert site.asked() == []


@pytest.mark.parametrize("handler", [then_close(b""), then_close(b"rubbish\r\n\r\n"), hang])
async def test_a_robots_txt_that_gets_no_answer_is_not_taken_for_the_page(handler: Handler) -> None:
    async with site_with(handler) as site:
        assert await see(site.url(), timeout_s=0.9) == 200


async def test_a_host_that_answers_nothing_does_not_answer() -> None:
    async with site_with(hang) as site:
        site.on("/", hang)
        assert await see(site.url(), timeout_s=0.5) == ("timeout", "read_timeout")


def remembered(site: Site, *, status: int, days: float, body: str = DENY) -> dict[str, HostMemory]:
    key = f"127.0.0.1:{site.port}"
    text = body if status == 200 else ""
    return {key: HostMemory(host=key, robots_status=status, robots_body=text, robots_at=NOW - days * DAY)}


DISALLOWED, UNREACHABLE = ("robots", "robots_disallowed"), ("robots", "robots_unreachable")
NOW_THE_HOST: dict[str, Handler] = {
    "has new rules": page("User-agent: *\nDisallow: /new"),
    "fails": answer(500),
    "hangs": hang,
    "hangs up": then_close(b""),
}


@pytest.mark.parametrize(
    ("now", "copy", "path", "expected"),
    [
        ("has new rules", (200, 1.1), "/private", 200),
        ("has new rules", (503, 3), "/private", 200),
        ("fails", (200, 29), "/private", DISALLOWED),
        ("fails", (200, 29), "/public", 200),
        ("fails", (404, 29), "/public", 200),
        ("fails", (200, 31), "/public", UNREACHABLE),
        ("fails", (503, 0.1), "/public", UNREACHABLE),
        ("fails", (503, 29), "/public", UNREACHABLE),
        ("fails", (503, 31), "/public", 200),
        ("hangs", (200, 29), "/public", 200),
        ("hangs", (200, 31), "/public", 200),
        ("hangs up", (200, 29), "/private", DISALLOWED),
    ],
)
async def test_the_last_copy_serves_while_a_host_cannot_give_one(
    now: str, copy: tuple[int, float], path: str, expected: tuple[str, str] | int
) -> None:
    """`copy`: the status that is remembered, and how many days old it is."""
    async with site_with(NOW_THE_HOST[now]) as site:
        hosts = remembered(site, status=copy[0], days=copy[1])
        assert await see(site.url(path), hosts=hosts, timeout_s=0.9) == expected
    assert len(site.asked(ASKED)) == 1


@pytest.mark.parametrize(("status", "expected"), [(200, DISALLOWED), (404, 200)])
async def test_a_copy_is_good_for_a_day(status: int, expected: tuple[str, str] | int) -> None:
    async with site_with("") as site:
        assert await see(site.url("/private"), hosts=remembered(site, status=status, days=0.9)) == expected
    assert site.asked(ASKED) == []


async def test_it_hands_back_what_to_remember() -> None:
    async with site_with(DENY) as site, visitor(respect_robots=True) as one:
        await one.visit(site.url())
        (memory,) = one.changed_hosts()
    assert (memory.host, memory.robots_status) == (f"127.0.0.1:{site.port}", 200)
    assert "/private" in memory.robots_body
    assert memory.robots_at is not None
    assert abs(memory.robots_at - NOW) < timedelta(seconds=5)


async def test_it_remembers_since_when_a_host_could_not_say() -> None:
    async with site_with(answer(500)) as site:
        known = remembered(site, status=503, days=9)
        async with visitor(respect_robots=True, hosts=known) as one:
            await one.visit(site.url())
            await one.visit(site.url())
            assert one.changed_hosts() == ()
    assert len(site.asked(ASKED)) == 1


async def test_it_asks_once_however_many_come() -> None:
    async with site_with(DENY) as site, visitor(respect_robots=True) as one:
        await asyncio.gather(*(one.visit(site.url(f"/{number}")) for number in range(8)))
    assert len(site.asked(ASKED)) == 1
    assert site.log[0].path == ASKED
    assert len(site.asked()) == 8


async def test_it_asks_leave_of_every_host_on_the_way() -> None:
    async with site_with("") as first, site_with("User-agent: *\nDisallow: /") as second:
        first.on("/old", redirect(301, second.url("/new")))
        seen = await visit(first.url("/old"), respect_robots=True)
    assert told(seen) == ("robots", "robots_disallowed")
    assert [hop.status for hop in seen.hops] == [301]
    assert seen.final_url == second.url("/new")
    assert second.asked() == []


async def test_it_slows_down_where_asked() -> None:
    async with site_with("User-agent: *\nCrawl-delay: 0.3") as site, visitor(respect_robots=True) as one:
        await one.visit(site.url("/a"))
        await one.visit(site.url("/b"))
    gaps = [after.at - before.at for before, after in itertools.pairwise(site.log)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.29


@pytest.mark.parametrize("delay", ["0.01", "nonsense", "-5", "inf", "nan"])
async def test_no_crawl_delay_hurries_it(delay: str) -> None:
    site = site_with(f"User-agent: *\nCrawl-delay: {delay}")
    async with site, visitor(respect_robots=True, per_host_delay_s=0.1) as one:
        await one.visit(site.url("/a"))
    assert 0.09 <= site.log[1].at - site.log[0].at < 1


async def test_robots_and_page_are_one_time_out_but_not_one_time() -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer(404))

    async with site_with(slow) as site:
        seen = await visit(site.url(), respect_robots=True)
        assert seen.status == 200
        assert seen.elapsed_ms < 150
        site.on("/slow", slow)
        assert await see(site.url("/slow"), timeout_s=0.1) == ("timeout", "read_timeout")


async def test_a_private_address_is_not_even_asked_for_its_robots() -> None:
    names = Names({"inside.example": ["10.0.0.1"]})
    assert await see("http://inside.example/", resolver=names) == ("address", "private_address")
