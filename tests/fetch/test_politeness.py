import asyncio
import itertools
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.models import HostMemory
from linkwatch.fetch.politeness import Memories, Slots, retry_after
from tests.fetch.visiting import NOW, Names, told, visitor
from tests.servers import Site, answer, hang, page, redirect

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "deadline"),
    [
        ("120", NOW + timedelta(seconds=120)),
        (" 0 ", NOW),
        ("Mon, 23 Nov 2026 14:00:00 GMT", NOW + HOUR),
        ("Monday, 23-Nov-26 14:00:00 GMT", NOW + HOUR),
        ("Mon Nov 23 14:00:00 2026", NOW + HOUR),
        ("Mon, 23 Nov 2026 15:00:00 +0100", NOW + HOUR),
        ("Mon, 23 Nov 2026 12:00:00 GMT", None),
        ("999999999999999999999", NOW + 24 * HOUR),
        ("Mon, 23 Nov 2099 12:00:00 GMT", NOW + 24 * HOUR),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_it_reads_retry_after(value: str, deadline: datetime | None) -> None:
    assert retry_after(value, NOW) == deadline


@given(st.one_of(st.text(), st.from_regex(r"[A-Z][a-z]{2}, \d{1,4} [A-Z][a-z]{2} \d{1,9} [\d:]{0,9} \S{0,6}")))
def test_it_reads_any_retry_after_as_a_deadline_of_a_day_at_most(value: str) -> None:
    deadline = retry_after(value, NOW)
    assert deadline is None or NOW <= deadline <= NOW + 24 * HOUR


def test_it_hands_back_only_what_changed() -> None:
    known = HostMemory(host="a.se", robots_status=200, robots_at=NOW)
    memories = Memories({"a.se": known})
    memories.put(known)
    assert memories.changed() == ()
    memories.put(HostMemory(host="b.se", not_before=NOW))
    assert [memory.host for memory in memories.changed()] == ["b.se"]
    assert memories.get("c.se") == HostMemory(host="c.se")


async def test_it_asks_one_at_a_time_with_a_pause_between() -> None:
    async with Site(otherwise=page()) as site, visitor(per_host_delay_s=0.15) as one:
        await asyncio.gather(*(one.visit(site.url(f"/{number}")) for number in range(4)))
    log = sorted(site.log, key=lambda asked: asked.at)
    assert len(log) == 4
    for before, after in itertools.pairwise(log):
        assert before.done is not None
        assert after.at - before.done >= 0.14


async def test_each_host_has_a_pace_of_its_own() -> None:
    pins = {"a.example": "127.0.0.1", "b.example": "127.0.0.1"}
    async with Site(otherwise=page()) as site, visitor(per_host_delay_s=0.3, resolve=pins) as one:
        began = time.monotonic()
        await asyncio.gather(one.visit(site.url(host="a.example")), one.visit(site.url(host="b.example")))
        assert time.monotonic() - began < 0.25


async def test_a_crowd_of_hanging_hosts_delays_no_other() -> None:
    hanging = {f"hang{number}.example": ["127.0.0.1"] for number in range(20)}
    good = {f"good{number}.example": ["127.0.0.2"] for number in range(5)}
    bad_site, good_site = Site(otherwise=hang), Site(host="127.0.0.2", otherwise=page())
    async with bad_site, good_site, visitor(resolver=Names(hanging | good), timeout_s=1.0) as one:
        began = time.monotonic()
        visits = [one.visit(bad_site.url(host=name)) for name in hanging]
        visits += [one.visit(good_site.url(host=name)) for name in good]
        seen = await asyncio.gather(*visits)
    assert [each.status for each in seen[20:]] == [200] * 5
    assert max(asked.at for asked in good_site.log) - began < 0.5
    assert {told(each) for each in seen[:20]} == {("timeout", "read_timeout")}


async def test_one_host_listed_first_delays_no_other() -> None:
    busy, other = Site(otherwise=page()), Site(otherwise=page())
    async with busy, other, visitor(per_host_delay_s=0.2, concurrency=2) as one:
        many = [asyncio.create_task(one.visit(busy.url(f"/{number}"))) for number in range(5)]
        began = time.monotonic()
        assert (await one.visit(other.url())).status == 200
        assert time.monotonic() - began < 0.15
        await asyncio.gather(*many)


async def test_redirects_into_one_another_do_not_wait_for_ever() -> None:
    async with Site() as a, Site() as b, visitor(per_host_delay_s=0.02) as one:
        a.on("/go", redirect(302, b.url("/end"))).on("/end", page())
        b.on("/go", redirect(302, a.url("/end"))).on("/end", page())
        visits = [one.visit(site.url("/go")) for site in (a, b) * 4]
        seen = await asyncio.wait_for(asyncio.gather(*visits), 5)
    assert {each.status for each in seen} == {200}


async def most_at_once(slots: Slots, *lasting: float) -> int:
    now, most = 0, 0

    async def use(seconds: float) -> None:
        nonlocal now, most
        async with slots.slot():
            now += 1
            most = max(most, now)
            await asyncio.sleep(seconds)
            now -= 1

    await asyncio.gather(*map(use, lasting))
    return most


async def test_slots_bound_what_goes_on_at_once() -> None:
    assert await most_at_once(Slots(3), *[0.02] * 12) == 3


async def test_a_slot_is_lent_by_those_who_keep_us_waiting_up_to_a_ceiling() -> None:
    assert await most_at_once(Slots(2, lend_after_s=0.02, ceiling=5), *[0.3] * 8) == 5


async def test_slots_lent_or_called_off_come_back() -> None:
    slots = Slots(2, lend_after_s=0.01)
    await most_at_once(slots, *[0.05] * 6)
    tasks = [asyncio.create_task(most_at_once(slots, 0.2)) for _ in range(6)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await most_at_once(slots, *[0.005] * 6) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_it_leaves_a_host_alone_that_asks_for_it(status: int) -> None:
    async with Site().on("/a", answer(status, retry_after="3600")).on("/b", page()) as site, visitor() as one:
        first = await one.visit(site.url("/a"))
        second = await one.visit(site.url("/b"))
        assert (first.status, first.fault) == (status, None)
        assert told(second) == ("ours", "host_asked_to_wait")
        assert timedelta(seconds=3590) < one.wait_for(site.url("/b")) <= HOUR
        (memory,) = one.changed_hosts()
    assert len(site.log) == 1
    assert memory.host == f"127.0.0.1:{site.port}"
    assert memory.not_before is not None
    assert abs(memory.not_before - NOW - HOUR) < timedelta(seconds=5)


async def test_other_answers_set_no_deadline() -> None:
    async with Site().on("/", answer(404, retry_after="3600")) as site, visitor() as one:
        await one.visit(site.url())
        assert one.wait_for(site.url()) == timedelta(0)
        assert one.changed_hosts() == ()


async def test_it_remembers_a_deadline_from_another_run() -> None:
    async with Site().on("/", page()) as site:
        key = f"127.0.0.1:{site.port}"
        async with visitor(hosts={key: HostMemory(host=key, not_before=NOW + HOUR)}) as one:
            assert told(await one.visit(site.url())) == ("ours", "host_asked_to_wait")
        async with visitor(hosts={key: HostMemory(host=key, not_before=NOW - HOUR)}) as one:
            assert (await one.visit(site.url())).status == 200
    assert len(site.log) == 1


async def test_it_waits_out_a_short_deadline_at_no_cost_to_the_link_or_to_others() -> None:
    async with Site().on("/", page()) as site, Site().on("/", page()) as other:
        key = f"127.0.0.1:{site.port}"
        hosts = {key: HostMemory(host=key, not_before=NOW + timedelta(seconds=0.5))}
        async with visitor(hosts=hosts, timeout_s=0.3, concurrency=1) as one:
            waiting = asyncio.create_task(one.visit(site.url()))
            await asyncio.sleep(0.02)
            began = time.monotonic()
            assert (await one.visit(other.url())).status == 200
            assert time.monotonic() - began < 0.2
            seen = await waiting
    assert seen.status == 200
    assert seen.elapsed_ms < 250
