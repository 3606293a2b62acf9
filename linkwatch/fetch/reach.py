"""Whether others can be reached at all: each host's robots.txt, which anybody may ask for, over the usual guards."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from linkwatch.core.models import FaultKind, FetchPolicy
from linkwatch.core.urls import host, join, normalise
from linkwatch.fetch.exchange import Answer, Exchange
from linkwatch.fetch.faults import Faulted
from linkwatch.fetch.resolver import Resolver, SystemResolver
from linkwatch.fetch.stopwatch import Stopwatch

_MOST_BYTES = 512_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What came of asking one host. `failed` is None where it answered, whatever it said; else `reason` says why."""

    host: str
    failed: FaultKind | None = None
    reason: str = ""
    detail: str = ""
    date: datetime | None = None  # by its own clock


def reach(
    urls: Sequence[str], policy: FetchPolicy, *, timeout_s: float = 10.0, resolver: Resolver | None = None
) -> tuple[Reached, ...]:
    """Ask the hosts of these addresses, side by side. Blocks, `timeout_s` at most; not for use within an event loop.

    Raises LinkwatchError for a `ca_file` that cannot be read.
    """
    return asyncio.run(_reach(urls, policy, timeout_s, resolver or SystemResolver()))


async def _reach(urls: Sequence[str], policy: FetchPolicy, timeout_s: float, resolver: Resolver) -> tuple[Reached, ...]:
    exchange = Exchange(policy, resolver)
    try:
        addresses = [url for url in map(normalise, urls) if url is not None]
        return tuple(await asyncio.gather(*(_ask(exchange, url, policy, timeout_s) for url in addresses)))
    finally:
        await exchange.aclose()


async def _ask(exchange: Exchange, url: str, policy: FetchPolicy, timeout_s: float) -> Reached:
    watch, name = Stopwatch(timeout_s), host(url)
    try:
        with watch.running():
            robots = join(url, "/robots.txt") or url
            answer = await exchange.get(robots, {"User-Agent": policy.user_agent}, watch=watch, limit=_MOST_BYTES)
    except Faulted as error:
        fault = error.fault
        return Reached(host=name, failed=fault.kind, reason=fault.reason, detail=fault.detail)
    return Reached(host=name, date=_date(answer))


def _date(answer: Answer) -> datetime | None:
    """RFC 9110 §6.6.1. An answer out of a cache bears the time at which it went in: its `Age` says so."""
    for text in answer.values("date"):
        try:
            found = parsedate_to_datetime(text)
        except ValueError:
            continue
        return None if answer.values("age") else found.astimezone(UTC)
    return None
