"""From a host's name to a connected socket: resolve, check the address, connect to that very address."""

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address

from linkwatch.core import urls
from linkwatch.core.models import FaultKind, FetchPolicy
from linkwatch.core.pins import pinned
from linkwatch.fetch.faults import Faulted, connecting, faulted
from linkwatch.fetch.guard import IPAddress, allowed, port_allowed
from linkwatch.fetch.resolver import NotResolved, Resolver

_MOST_ADDRESSES = 8


class Dialer:
    """Makes every connection of this program that leads to somebody else's machine."""

    def __init__(self, policy: FetchPolicy, resolver: Resolver) -> None:
        self._allow = policy.allow_networks
        self._pins = _pins(policy.resolve)
        self._resolver = resolver

    async def dial(self, host: str, port: int, deadline: float) -> tuple[socket.socket, str]:
        """A connected, non-blocking socket and the address it leads to. `deadline` as `time.monotonic`. `Faulted`."""
        if not port_allowed(port):
            raise faulted(FaultKind.ADDRESS, "forbidden_port", port)
        pin = self._pins.get(host.lower().rstrip("."))
        if pin is not None:
            found: Sequence[IPAddress] = (pin[0],)
            port = pin[1] or port
        else:
            found = await self._addresses(host, deadline)
        addresses = [ip for ip in found if allowed(ip, self._allow)]
        if not addresses:
            raise faulted(FaultKind.ADDRESS, "private_address", ", ".join(map(str, found)))
        return await _first_to_answer(addresses[:_MOST_ADDRESSES], port, deadline)

    async def _addresses(self, host: str, deadline: float) -> Sequence[IPAddress]:
        try:
            return (ip_address(host),)
        except ValueError:
            pass
        try:
            async with asyncio.timeout_at(deadline):
                return await self._resolver.resolve(host)
        except TimeoutError as error:
            raise faulted(FaultKind.DNS, "dns_failure", f"no answer for {host} in time") from error
        except NotResolved as error:
            raise faulted(FaultKind.OURS if error.ours else FaultKind.DNS, error.reason, error.detail) from error


async def connect(ip: IPAddress, port: int, deadline: float) -> socket.socket:
    """Connect to an address that was allowed. `Faulted`."""
    try:
        sock = socket.socket(socket.AF_INET6 if isinstance(ip, IPv6Address) else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise connecting(error) from error
    try:
        sock.setblocking(False)
        async with asyncio.timeout_at(deadline):
            await asyncio.get_running_loop().sock_connect(sock, (str(ip), port))
    except TimeoutError as error:
        sock.close()
        raise faulted(FaultKind.TIMEOUT, "connect_timeout", f"{ip}:{port}", peer=str(ip)) from error
    except OSError as error:
        sock.close()
        raise connecting(error) from error
    except BaseException:
        sock.close()
        raise
    return sock


async def _first_to_answer(addresses: list[IPAddress], port: int, deadline: float) -> tuple[socket.socket, str]:
    """Each in turn with a fair share of the time that is left, so that one black hole does not hide the others."""
    failures: list[Faulted] = []
    for number, ip in enumerate(addresses):
        now = time.monotonic()
        share = (deadline - now) / (len(addresses) - number)
        try:
            return await connect(ip, port, now + share), str(ip)
        except Faulted as error:
            failures.append(error)
    raise _telling(failures)


def _telling(failures: list[Faulted]) -> Faulted:
    """What the other side did says more than what we lack: a machine without IPv6 has no route to half of them."""
    return next((each for each in failures if each.fault.kind is not FaultKind.OURS), failures[0])


def _pins(resolve: Mapping[str, str]) -> dict[str, tuple[IPAddress, int | None]]:
    pins = {urls.host(f"http://{host}/") or host.lower(): pinned(text) for host, text in resolve.items()}
    return {host: pin for host, pin in pins.items() if pin is not None}
