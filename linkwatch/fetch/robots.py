"""robots.txt (RFC 9309): what a host lets us visit, and how fast.

A copy is good for a day. Where a host cannot give one now, the last one serves for thirty days more (§2.3.1.4).
"""

import asyncio
import math
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from protego import Protego

from linkwatch.core.models import FaultKind, HostMemory
from linkwatch.fetch.faults import Faulted, faulted
from linkwatch.fetch.politeness import Clock, Memories
from linkwatch.fetch.stopwatch import Stopwatch

AGENT = "linkwatch"
MOST_BYTES = 500 * 1024  # §2.5
MOST_REDIRECTS = 5  # §2.3.1.2
FRESH_FOR = timedelta(hours=24)  # §2.4
SERVES_FOR = timedelta(days=30)

_LONGEST_DELAY_S = 30.0
_ASK_AGAIN_S = 600.0  # after a failure, within one run
_PARSED_KEPT = 64

Fetch = Callable[[str, Stopwatch, bool], Awaitable[tuple[int, bytes]]]
"""(address, watch, trust) → (final status, body), redirects followed; raises `Faulted`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to us."""

    parsed: Protego | None  # None: all is allowed

    def allow(self, url: str) -> bool:
        if self.parsed is None:
            return True
        try:
            return bool(self.parsed.can_fetch(url, AGENT))
        except ValueError:  # an address that its matcher cannot take apart
            return True

    @property
    def delay_s(self) -> float:
        delay = self.parsed.crawl_delay(AGENT) if self.parsed is not None else None
        return min(delay, _LONGEST_DELAY_S) if delay is not None and math.isfinite(delay) else 0.0


_LINE = re.compile(
    r"\s*(user[ -]?agent|dis+al+[oa]w|diasllow|allow|crawl[ -]delay|site-?maps?)\s*(?::|\s)\s*(.*)", re.IGNORECASE
)
_TOKEN = re.compile(r"[A-Za-z_-]+")


def for_us(text: str) -> str:
    """The lines of a robots.txt that concern us: the groups of `linkwatch` and of `*`, and the sitemaps.

    Half a megabyte of names with half a megabyte of rules for each of them would take gigabytes to parse whole.
    """
    kept: list[str] = []
    in_names, ours = False, False
    for line in text.splitlines():
        match = _LINE.match(line.partition("#")[0])
        if match is None:
            continue
        word, value = match[1].lower(), match[2].strip()
        if word.startswith("site"):
            kept.append(f"Sitemap: {value}")
        elif word.startswith("user"):
            ours = (ours and in_names) or _names_us(value)
            in_names = True
            if _names_us(value):
                kept.append(f"User-agent: {'*' if value.startswith('*') else AGENT}")
        else:
            in_names = False
            if ours:
                kept.append(f"{word}: {value}")
    return "\n".join(kept)


def _names_us(value: str) -> bool:
    """§2.2.1: the product token, whatever its case; what follows it (a version) is no part of it."""
    token = _TOKEN.match(value)
    return value.startswith("*") or (token is not None and token[0].lower() == AGENT)


# Where no connection can be made there is no page either. A robots.txt that hangs or answers rubbish is another thing:
# RFC 9309 §2.3.1.4 would have us stay away, and a host that answers nothing at all would look like one that forbids; so
# the page itself is asked for once, and its own answer counts.
_OF_THE_HOST = (FaultKind.DNS, FaultKind.CONNECT, FaultKind.TLS, FaultKind.ADDRESS, FaultKind.OURS)


class Robots:
    """The rules of every host, asked for once, before its first page."""

    def __init__(self, *, memories: Memories, clock: Clock, fetch: Fetch, patience_s: float) -> None:
        self._memories = memories
        self._clock = clock
        self._fetch = fetch
        self._patience_s = patience_s
        self._locks: dict[str, asyncio.Lock] = {}
        self._parsed: OrderedDict[tuple[str, str], Rules] = OrderedDict()
        self._not_again_before: dict[str, float] = {}
        self._untrusted: dict[str, HostMemory] = {}

    async def rules(self, key: str, url: str, watch: Stopwatch, *, trust: bool = True) -> Rules:
        """The rules for the host of `url`. `Faulted`: it is unreachable, or by its 5xx nothing may be visited."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            memory = self._remembered(key, trust=trust)
            if not self._is_fresh(memory):
                memory = await self._asked(memory, url, watch, trust=trust)
                self._remember(memory, trust=trust)
        return self._judged(memory)

    async def _asked(self, memory: HostMemory, url: str, watch: Stopwatch, *, trust: bool) -> HostMemory:
        """What is to be remembered after asking. With a copy at hand the page is left most of the time."""
        has_copy = self._serves(memory)
        patience = watch.share(self._patience_s / 3)
        parts = urlsplit(url)
        try:
            status, body = await self._fetch(f"{parts.scheme}://{parts.netloc}/robots.txt", patience, trust)
        except Faulted as error:
            if not has_copy and error.fault.kind in _OF_THE_HOST:
                error.fault = replace(error.fault, detail=f"{error.fault.detail} (robots.txt)".strip())
                raise
            self._not_again_before[memory.host] = time.monotonic() + _ASK_AGAIN_S
            return memory
        return self._learnt(memory, status, body)

    def _learnt(self, memory: HostMemory, status: int, body: bytes) -> HostMemory:
        now = self._clock()
        if _is_server_error(status):
            self._not_again_before[memory.host] = time.monotonic() + _ASK_AGAIN_S
            if self._serves(memory) or _is_server_error(memory.robots_status):
                return memory  # the copy, or since when there is none
            return replace(memory, robots_status=status, robots_body="", robots_at=now)
        text = for_us(body.decode("utf-8-sig", "replace")) if 200 <= status < 300 else ""
        return replace(memory, robots_status=status, robots_body=text, robots_at=now)

    def _judged(self, memory: HostMemory) -> Rules:
        if memory.robots_status is None or 200 <= memory.robots_status < 300:
            return self._parse(memory)
        if _is_server_error(memory.robots_status) and self._age(memory) < SERVES_FOR:
            detail = f"its robots.txt answers {memory.robots_status}"
            raise faulted(FaultKind.ROBOTS, "robots_unreachable", detail)
        return Rules(None)

    def _parse(self, memory: HostMemory) -> Rules:
        rules = self._parsed.pop((memory.host, memory.robots_body), None)
        if rules is None:
            rules = Rules(Protego.parse(memory.robots_body))
        self._parsed[memory.host, memory.robots_body] = rules
        if len(self._parsed) > _PARSED_KEPT:
            self._parsed.popitem(last=False)
        return rules

    def _remembered(self, key: str, *, trust: bool) -> HostMemory:
        return self._memories.get(key) if trust else self._untrusted.get(key, HostMemory(host=key))

    def _remember(self, memory: HostMemory, *, trust: bool) -> None:
        """What came over a line that could not be trusted serves for this run only."""
        if trust:
            self._memories.put(replace(memory, not_before=self._memories.get(memory.host).not_before))
        else:
            self._untrusted[memory.host] = memory

    def _is_fresh(self, memory: HostMemory) -> bool:
        if memory.robots_status is not None and self._not_again_before.get(memory.host, 0) > time.monotonic():
            return True
        return self._is_copy(memory) and self._age(memory) < FRESH_FOR

    def _serves(self, memory: HostMemory) -> bool:
        return self._is_copy(memory) and self._age(memory) < SERVES_FOR

    def _is_copy(self, memory: HostMemory) -> bool:
        return memory.robots_status is not None and not _is_server_error(memory.robots_status)

    def _age(self, memory: HostMemory) -> timedelta:
        """A copy from the future was dated by a clock that was wrong: it is as good as none."""
        age = self._clock() - memory.robots_at if memory.robots_at is not None else timedelta.max
        return age if age >= timedelta(0) else timedelta.max


def _is_server_error(status: int | None) -> bool:
    return status is not None and 500 <= status < 600
