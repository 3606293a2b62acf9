"""Names to addresses, and why a name has none."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Protocol

from linkwatch.fetch.guard import IPAddress

_MOST_AT_ONCE = 128


class NotResolved(Exception):
    """A name has no address. `reason` is `dns_nxdomain`, `dns_no_address` or `dns_failure`.

    `ours`: the look-up could not even be made (no thread, no file handle); then `reason` says what was lacking.
    """

    def __init__(self, reason: str, detail: str = "", *, ours: bool = False) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.ours = ours


class Resolver(Protocol):
    """The seam at which tests bring their own."""

    async def resolve(self, host: str) -> Sequence[IPAddress]:
        """The addresses of a host, the preferred one first, never none. Raises `NotResolved`."""
        ...


class SystemResolver:
    """`getaddrinfo`, each call in a daemon thread of its own.

    A look-up cannot be called off, and one may hang for half a minute. In the event loop's own executor a few of
    those would hold up all others, and the end of the program too.
    """

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def resolve(self, host: str) -> Sequence[IPAddress]:
        loop = asyncio.get_running_loop()
        await self._room.acquire()
        answer: asyncio.Future[Sequence[IPAddress]] = loop.create_future()
        thread = threading.Thread(target=self._work, args=(loop, answer, host), name=f"dns {host}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._room.release()
            raise NotResolved("out_of_memory", str(error), ours=True) from error
        return await answer

    def _work(self, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Sequence[IPAddress]]", host: str) -> None:
        try:
            result: Sequence[IPAddress] | NotResolved = look_up(host)
        except NotResolved as error:
            result = error
        try:
            loop.call_soon_threadsafe(self._hand_over, answer, result)
        except RuntimeError:
            return  # the loop was closed while we looked: nobody waits any more

    def _hand_over(
        self, answer: "asyncio.Future[Sequence[IPAddress]]", result: Sequence[IPAddress] | NotResolved
    ) -> None:
        self._room.release()
        if answer.cancelled():
            return
        if isinstance(result, NotResolved):
            answer.set_exception(result)
        else:
            answer.set_result(result)


def look_up(host: str) -> Sequence[IPAddress]:
    """Ask the system, blocking. Raises `NotResolved`."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or longer than 63: no such name can exist
        raise NotResolved("dns_nxdomain", str(error)) from error
    except OSError as error:
        raise (_lacking() or why(error)) from error
    addresses = dict.fromkeys(ip_address(str(info[4][0])) for info in found)
    if not addresses:
        raise NotResolved("dns_no_address")
    return tuple(addresses)


def _lacking() -> NotResolved | None:
    """Out of file handles the system answers as if the name were at fault: see whether there is one."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        return NotResolved("out_of_files", str(error), ours=True)
    return None


def why(error: OSError) -> NotResolved:
    """EAI codes (RFC 3493 §6.1) to reasons; what is no answer of the DNS but our own want is told apart."""
    code = error.errno
    if isinstance(error, socket.gaierror):
        if code == socket.EAI_NONAME:
            return NotResolved("dns_nxdomain", str(error))
        if code == getattr(socket, "EAI_NODATA", None) or code == getattr(socket, "EAI_ADDRFAMILY", None):
            return NotResolved("dns_no_address", str(error))
        if code == socket.EAI_MEMORY:
            return NotResolved("out_of_memory", str(error), ours=True)
        if code == getattr(socket, "EAI_SYSTEM", None):
            return NotResolved("no_resolver", str(error), ours=True)
        return NotResolved("dns_failure", str(error))
    return NotResolved("no_resolver", str(error), ours=True)
