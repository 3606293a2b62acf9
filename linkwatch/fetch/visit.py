"""One address visited: hop by hop, each through robots.txt, the host's pace and the guards, to one `Visit`.

A broken link is data: nothing is raised here but cancellation. What goes wrong on our side is a fault of kind `OURS`.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from linkwatch.core.models import (
    Fault,
    FaultKind,
    FetchPolicy,
    Hop,
    HostMemory,
    TlsFacts,
    Validators,
    Visit,
)
from linkwatch.core.urls import join, normalise, politeness_key
from linkwatch.fetch import robots
from linkwatch.fetch.cookies import Jar
from linkwatch.fetch.exchange import Answer, Exchange
from linkwatch.fetch.faults import Faulted, faulted
from linkwatch.fetch.politeness import Memories, Pace, Slots, retry_after
from linkwatch.fetch.resolver import Resolver, SystemResolver
from linkwatch.fetch.robots import Robots
from linkwatch.fetch.stopwatch import Stopwatch

_USEFUL_BODY = 512  # bytes: less than this of a page that stopped coming is no page
_CONTROL_S = 10.0
_ASK_AGAIN_LATER = (429, 503)
_ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"


class Visitor:
    """Visits addresses, side by side and politely, for one run.

    `now` is the run's time: the clock goes on from there. `hosts` is what is remembered of hosts by politeness key;
    `changed_hosts` is what to remember afterwards.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        now: datetime,
        hosts: Mapping[str, HostMemory] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self._policy = policy
        self._began = now
        self._began_monotonic = time.monotonic()
        self._memories = Memories(hosts)
        self._exchange = Exchange(policy, resolver or SystemResolver())
        self._pace = Pace(
            delay_s=policy.per_host_delay_s,
            slots=Slots(policy.concurrency),
            memories=self._memories,
            clock=self.now,
        )
        self._robots = Robots(
            memories=self._memories, clock=self.now, fetch=self._fetch_robots, patience_s=policy.timeout_s
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._exchange.aclose()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=time.monotonic() - self._began_monotonic)

    async def visit(self, url: str, *, validators: Validators | None = None) -> Visit:
        """GET, redirects followed. With `validators` the request to their address is conditional: 304 is an answer."""
        return await self._journey(url, validators, trust=True)

    async def fetch(self, url: str, *, trust: bool = True) -> Visit:
        """A look at another address: as polite and as guarded as a visit, never conditional.

        `trust=False` shows what is behind a certificate that fails: nothing is verified, for this request alone.
        """
        return await self._journey(url, None, trust=trust)

    async def reachable(self, url: str) -> bool:
        """Whether its host's name resolves and a connection is accepted: a control of our own network."""
        address = normalise(url)
        patience = min(_CONTROL_S, self._policy.timeout_s)
        return address is not None and await self._exchange.reachable(address, time.monotonic() + patience)

    def wait_for(self, url: str) -> timedelta:
        """How long the host of this address still wants to be left alone (Retry-After)."""
        return self._pace.wait_for(politeness_key(url))

    def changed_hosts(self) -> tuple[HostMemory, ...]:
        return self._memories.changed()

    async def _journey(self, url: str, validators: Validators | None, *, trust: bool) -> Visit:
        way = _Way(url, self.now(), self._policy.timeout_s)
        try:
            answer = await self._follow(way, validators, trust=trust)
            return way.arrived(answer)
        except Faulted as error:
            return way.failed(error)
        except Exception as error:  # a bug of ours on one page must not end the run, nor blame the page
            return way.failed(faulted(FaultKind.OURS, "internal", repr(error)))

    async def _follow(self, way: "_Way", validators: Validators | None, *, trust: bool) -> Answer:
        """Walk the hops to the final answer. Raises `Faulted`."""
        here = normalise(way.url)
        if here is None:
            raise faulted(FaultKind.ADDRESS, "bad_address", way.url)
        while True:
            way.go_on(here)
            if self._policy.respect_robots:
                await self._ask_leave(way, trust=trust)
            headers = self._headers(here, validators, way.jar)
            answer = await self._get(here, headers, way.watch, trust=trust)
            way.wire_bytes += answer.wire_bytes
            if not answer.is_redirect:
                _refuse_unasked_304(answer, headers)
                return answer
            here = self._next(way, answer)

    def _next(self, way: "_Way", answer: Answer) -> str:
        way.hop(answer)
        target = _target(way.here, answer)
        if target is None:
            raise faulted(FaultKind.REDIRECT, "bad_location", _readable(answer.location or b""))
        if way.has_been_at(target):
            raise faulted(FaultKind.REDIRECT, "loop", target)
        if len(way.hops) > self._policy.max_hops:
            raise faulted(FaultKind.REDIRECT, "too_many_hops", f"more than {self._policy.max_hops}")
        return target

    async def _ask_leave(self, way: "_Way", *, trust: bool) -> None:
        key = politeness_key(way.here)
        before = way.watch.spent
        try:
            rules = await self._robots.rules(key, way.here, way.watch, trust=trust)
        finally:
            way.aside_s += way.watch.spent - before
        self._pace.slow_down(key, rules.delay_s)
        if not rules.allow(way.here):
            raise faulted(FaultKind.ROBOTS, "robots_disallowed")

    async def _get(
        self, url: str, headers: Mapping[str, str], watch: Stopwatch, *, trust: bool, limit: int | None = None
    ) -> Answer:
        """One request in its turn. Waiting for the turn costs the link no time.

        Retry-After of a robots.txt (which alone has a `limit`) is not heeded: the page that it was asked for must still
        be visited, or a server that says so to everything would look like a wish of ours to wait, and never broken.
        """
        key = politeness_key(url)
        async with self._pace.turn(key):
            if watch.has_run_out:
                raise faulted(FaultKind.TIMEOUT, "read_timeout", "no time was left for this hop")
            with watch.running():
                answer = await self._exchange.get(url, headers, watch=watch, trust=trust, limit=limit)
            heeded = answer.status in _ASK_AGAIN_LATER and limit is None
            until = next(iter(answer.values("retry-after")), None) if heeded else None
            deadline = retry_after(until, self.now()) if until is not None else None
            if deadline is not None:
                self._pace.leave_alone(key, deadline)
        return answer

    async def _fetch_robots(self, url: str, watch: Stopwatch, trust: bool) -> tuple[int, bytes]:
        """Final status and body; redirects that lead nowhere are as good as no robots.txt (RFC 9309 §2.3.1.2)."""
        headers = self._headers(url, None, Jar())
        answer = await self._get(url, headers, watch, trust=trust, limit=robots.MOST_BYTES)
        for _ in range(robots.MOST_REDIRECTS):
            target = _target(url, answer) if answer.is_redirect else None
            if target is None:
                break
            url = target
            try:
                answer = await self._get(url, headers, watch, trust=trust, limit=robots.MOST_BYTES)
            except Faulted:
                return 404, b""
        if answer.ended is not None and answer.ended.kind is FaultKind.TIMEOUT:
            raise Faulted(answer.ended, tls=answer.tls, peer=answer.peer)
        return answer.status, answer.body

    def _headers(self, url: str, validators: Validators | None, jar: Jar) -> dict[str, str]:
        policy = self._policy
        headers = {
            "User-Agent": policy.user_agent,
            "From": policy.contact or "",
            "Accept": _ACCEPT,
            "Accept-Language": "sv,en;q=0.8,*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "Cookie": jar.header(url),
        }
        if validators is not None and normalise(validators.url) == url:
            headers["If-None-Match"] = validators.etag or ""
            headers["If-Modified-Since"] = validators.last_modified or ""
        return {name: value for name, value in headers.items() if value}


class _Way:
    """How far one visit has come."""

    def __init__(self, url: str, started_at: datetime, timeout_s: float) -> None:
        self.url = url
        self.here = url
        self.hops: list[Hop] = []
        self.jar = Jar()
        self.watch = Stopwatch(timeout_s)
        self.aside_s = 0.0  # spent on robots.txt: part of the time-out, not of the page's own time
        self.wire_bytes = 0
        self._started_at = started_at
        self._been_at: set[tuple[str, frozenset[str]]] = set()

    def go_on(self, here: str) -> None:
        self.here = here
        self._been_at.add((here, self.jar.names(here)))

    def has_been_at(self, url: str) -> bool:
        """With the same cookies: a server that redirects until its cookie comes back is no loop yet."""
        return (url, self.jar.names(url)) in self._been_at

    def hop(self, answer: Answer) -> None:
        self.hops.append(Hop(url=self.here, status=answer.status, location=_readable(answer.location or b"")))
        self.jar.take(self.here, answer.values("set-cookie"))

    def arrived(self, answer: Answer) -> Visit:
        return replace(
            self._visit(answer.tls, answer.peer),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            complete=answer.cut is None,
            cut=answer.cut,
            fault=self._fault(answer.ended) if _came_to_nothing(answer) and answer.ended else None,
        )

    def failed(self, error: Faulted) -> Visit:
        fault = self._fault(error.fault)
        cut = "headers_too_large" if fault.reason == "headers_too_large" else None
        return replace(self._visit(error.tls, error.peer), fault=fault, cut=cut, complete=cut is None)

    def _fault(self, fault: Fault) -> Fault:
        return replace(fault, url=self.here)

    def _visit(self, tls: TlsFacts | None, peer: str | None) -> Visit:
        return Visit(
            url=self.url,
            started_at=self._started_at,
            elapsed_ms=round((self.watch.spent - self.aside_s) * 1000),
            final_url=self.here,
            hops=tuple(self.hops),
            tls=tls,
            peer=peer,
            wire_bytes=self.wire_bytes,
        )


def _came_to_nothing(answer: Answer) -> bool:
    """A page that stopped coming before there was anything to read. An error's status speaks for itself."""
    return 200 <= answer.status < 300 and len(answer.body) < _USEFUL_BODY and answer.ended is not None


def _refuse_unasked_304(answer: Answer, headers: Mapping[str, str]) -> None:
    if answer.status == 304 and not headers.keys() & {"If-None-Match", "If-Modified-Since"}:
        raise faulted(FaultKind.PROTOCOL, "protocol", "304 to a request without conditions")


def _target(base: str, answer: Answer) -> str | None:
    """Where a redirect leads, as browsers read it: UTF-8, else the bytes as they came."""
    raw = answer.location or b""
    try:
        return join(base, raw.decode("utf-8"))
    except UnicodeDecodeError:
        return join(base, "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw))


def _readable(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
