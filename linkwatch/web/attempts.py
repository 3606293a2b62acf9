"""How often an address has tried to log in, and failed."""

import threading
from collections import deque
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from linkwatch.web.refusals import Refused
from linkwatch.web.showing import settings_of


class Attempts:
    """Counts what failed lately. An address that failed `each` times waits; with `in_all` failures from everywhere,
    each that has failed at all does, so that nobody can lock out those who have not.

    A secret of 256 bits cannot be found by trying. This keeps the log short, and those who try anyway from taking turns
    at the database from everybody else; it remembers no more than `in_all` failures.
    """

    def __init__(self, *, each: int = 10, in_all: int = 200, within: timedelta = timedelta(minutes=5)) -> None:
        self._each, self._in_all, self._within = each, in_all, within
        self._failed: deque[tuple[datetime, str]] = deque(maxlen=in_all)
        self._turn = threading.Lock()

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """How long until this address may try again; None: now."""
        with self._turn:
            lately = [(at, who) for at, who in self._failed if at > now - self._within]
        own = [at for at, who in lately if who == _neighbourhood(address)]
        allowed = 1 if len(lately) >= self._in_all else self._each
        return own[-allowed] + self._within - now if len(own) >= allowed else None

    def failed(self, address: str, now: datetime) -> None:
        with self._turn:
            self._failed.append((now, _neighbourhood(address)))


def _neighbourhood(address: str) -> str:
    """One subscriber has a whole /64 of IPv6 addresses."""
    found = _address(address)
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(ip_network((found, 64), strict=False))
    return str(found or address)


def sender_of(request: Request) -> str:
    """Where a request comes from: the connection's other end, or what a proxy that is believed says of it."""
    peer = request.client.host if request.client else ""
    settings = settings_of(request)
    if not settings.is_proxy(peer):
        return peer
    said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    # From the right: what stands further left is what the client said itself.
    for address in map(_without_port, reversed(said)):
        if not settings.is_proxy(address):
            return address if _address(address) else peer
    return peer


def _without_port(said: str) -> str:
    """Some proxies send "192.0.2.7:50000" and "[2001:db8::7]:50000"."""
    said = said.strip()
    if said.startswith("["):
        return said[1:].partition("]")[0]
    return said.partition(":")[0] if said.count(":") == 1 else said


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def too_many(wait: timedelta) -> Refused:
    seconds = max(1, round(wait.total_seconds()))
    return Refused(429, "too_many", {"Retry-After": str(seconds)}, n=-(-seconds // 60))
