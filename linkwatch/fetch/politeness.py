"""When a host may be asked: one request at a time, a pause between two, and never before it said.

A `Pace` hands out turns. A turn is held for one request, never across hops to another host: two visits that redirect
into one another's hosts would wait for ever. The slots that bound how much goes on at once are taken last, when the
host is free and rested, so none is held while waiting for a pace.
"""

import asyncio
import email.utils
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from linkwatch.core.models import FaultKind, HostMemory
from linkwatch.fetch.faults import faulted

LONGEST_RETRY_AFTER = timedelta(hours=24)
LONGEST_WAIT = timedelta(seconds=10)  # a deadline further away than this is for another run
LEND_AFTER_S = 0.25
_LEAST_CEILING = 64
_CEILING_FACTOR = 8

Clock = Callable[[], datetime]


def retry_after(value: str, now: datetime) -> datetime | None:
    """The deadline that a Retry-After header sets (RFC 9110 §10.2.3: seconds, or a date), at most 24 hours away."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), LONGEST_RETRY_AFTER)
    try:
        deadline = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if deadline.tzinfo is None:
        deadline = deadline.replace(tzinfo=UTC)
    return min(deadline.astimezone(UTC), now + LONGEST_RETRY_AFTER) if deadline > now else None


class Memories:
    """What is remembered of hosts: handed in by the store, changed here, and handed back."""

    def __init__(self, hosts: Mapping[str, HostMemory] | None = None) -> None:
        self._known = hosts or {}
        self._changed: dict[str, HostMemory] = {}

    def get(self, key: str) -> HostMemory:
        return self._changed.get(key) or self._known.get(key) or HostMemory(host=key)

    def put(self, memory: HostMemory) -> None:
        if memory != self.get(memory.host):
            self._changed[memory.host] = memory

    def changed(self) -> tuple[HostMemory, ...]:
        return tuple(self._changed.values())


class Slots:
    """So many requests side by side. One that has kept us waiting longer than `lend_after_s` lends its slot on.

    Without that, as many hanging hosts as there are slots stop everything for as long as the time-out. `ceiling`
    bounds the requests under way, lenders among them.
    """

    def __init__(self, count: int, *, lend_after_s: float = LEND_AFTER_S, ceiling: int | None = None) -> None:
        self._free = count
        self._room = ceiling if ceiling is not None else max(_LEAST_CEILING, _CEILING_FACTOR * count)
        self._lend_after_s = lend_after_s
        self._queue: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        await self._taken()
        lent = False

        def lend() -> None:
            nonlocal lent
            lent = True
            self._free += 1
            self._next()

        timer = asyncio.get_running_loop().call_later(self._lend_after_s, lend)
        try:
            yield
        finally:
            timer.cancel()
            self._room += 1
            self._free += 0 if lent else 1
            self._next()

    async def _taken(self) -> None:
        if self._free > 0 and self._room > 0 and not self._queue:
            self._take()
            return
        waiting = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            self._withdraw(waiting)
            raise

    def _withdraw(self, waiting: "asyncio.Future[None]") -> None:
        """Called off while waiting, or in the very moment when the slot was given."""
        if waiting.done() and not waiting.cancelled():
            self._free += 1
            self._room += 1
        elif waiting in self._queue:
            self._queue.remove(waiting)
        self._next()

    def _take(self) -> None:
        self._free -= 1
        self._room -= 1

    def _next(self) -> None:
        while self._queue and self._free > 0 and self._room > 0:
            waiting = self._queue.popleft()
            if not waiting.done():
                self._take()
                waiting.set_result(None)


@dataclass(slots=True)
class _Host:
    delay_s: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: float | None = None  # when its latest request ended, `time.monotonic`


class Pace:
    """Turns to ask a host, by politeness key."""

    def __init__(self, *, delay_s: float, slots: Slots, memories: Memories, clock: Clock) -> None:
        self._delay_s = delay_s
        self._slots = slots
        self._memories = memories
        self._clock = clock
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Hold it for one request. `Faulted` (host_asked_to_wait) when the host wants to be left alone for longer."""
        host = self._host(key)
        async with host.lock:
            await self._rest(key, host)
            async with self._slots.slot():
                try:
                    yield
                finally:
                    host.ended = time.monotonic()

    def wait_for(self, key: str) -> timedelta:
        """How long the host still wants to be left alone. Longer than it could have asked for: a clock was wrong."""
        deadline = self._memories.get(key).not_before
        wait = deadline - self._clock() if deadline is not None else timedelta(0)
        return wait if timedelta(0) < wait <= LONGEST_RETRY_AFTER else timedelta(0)

    def leave_alone(self, key: str, until: datetime) -> None:
        memory = self._memories.get(key)
        if memory.not_before is None or until > memory.not_before:
            self._memories.put(replace(memory, not_before=until))

    def slow_down(self, key: str, delay_s: float) -> None:
        """The host asked for a longer pause (Crawl-delay). A shorter one than ours is not taken up."""
        self._host(key).delay_s = max(self._delay_s, delay_s)

    def _host(self, key: str) -> _Host:
        return self._hosts.setdefault(key, _Host(self._delay_s))

    async def _rest(self, key: str, host: _Host) -> None:
        wait = self.wait_for(key)
        if wait > LONGEST_WAIT:
            raise faulted(FaultKind.OURS, "host_asked_to_wait", f"{key} for another {wait}")
        pause = host.ended + host.delay_s - time.monotonic() if host.ended is not None else 0.0
        await asyncio.sleep(max(pause, wait.total_seconds()))
