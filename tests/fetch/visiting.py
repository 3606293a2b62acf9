"""What the tests of this room share: a policy that may visit loopback, a visitor, names that resolve as told."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from linkwatch.core.models import FetchPolicy, HostMemory, Validators, Visit
from linkwatch.fetch.resolver import NotResolved
from linkwatch.fetch.visit import Visitor

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class Names:
    """A resolver that says what it is told: addresses, a reason, or (None) nothing for ever."""

    def __init__(self, names: Mapping[str, Sequence[str] | str | None] | None = None) -> None:
        self._names = names or {}
        self.asked: list[str] = []

    async def resolve(self, host: str) -> Sequence[IPv4Address | IPv6Address]:
        self.asked.append(host)
        value = self._names.get(host, "dns_nxdomain")
        if value is None:
            await asyncio.sleep(3600)
        if isinstance(value, str):
            raise NotResolved(value)
        return [ip_address(each) for each in value or ()]


def policy(**changes: Any) -> FetchPolicy:
    usual: dict[str, Any] = {
        "allow_networks": LOOPBACK,
        "per_host_delay_s": 0.0,
        "timeout_s": 5.0,
        "respect_robots": False,
    }
    return FetchPolicy(**(usual | changes))


def visitor(*, resolver: Names | None = None, hosts: Mapping[str, HostMemory] | None = None, **changes: Any) -> Visitor:
    return Visitor(policy(**changes), now=NOW, resolver=resolver or Names(), hosts=hosts)


async def visit(url: str, *, validators: Validators | None = None, **changes: Any) -> Visit:
    """`changes`: to the policy, or a `resolver`, or `hosts`."""
    async with visitor(**changes) as one:
        return await one.visit(url, validators=validators)


def told(visit: Visit) -> tuple[str, str] | None:
    """Kind and reason of a visit's fault."""
    return (visit.fault.kind.value, visit.fault.reason) if visit.fault else None
