import asyncio
import socket
import threading
import time
from ipaddress import ip_address

import pytest

from linkwatch.fetch import resolver
from linkwatch.fetch.resolver import NotResolved, SystemResolver, why


@pytest.mark.parametrize(
    ("code", "reason", "ours"),
    [
        (socket.EAI_NONAME, "dns_nxdomain", False),
        (socket.EAI_NODATA, "dns_no_address", False),
        (socket.EAI_AGAIN, "dns_failure", False),
        (socket.EAI_FAIL, "dns_failure", False),
        (socket.EAI_MEMORY, "out_of_memory", True),
        (socket.EAI_SYSTEM, "no_resolver", True),
    ],
)
def test_it_tells_the_reasons_apart(code: int, reason: str, ours: bool) -> None:
    error = why(socket.gaierror(code, "words"))
    assert (error.reason, error.ours) == (reason, ours)


async def test_it_asks_the_system() -> None:
    assert ip_address("127.0.0.1") in await SystemResolver().resolve("localhost")


@pytest.mark.parametrize("name", ["a" * 64 + ".se", "a..se"])
async def test_it_knows_that_a_name_cannot_exist(name: str) -> None:
    with pytest.raises(NotResolved) as raised:
        await SystemResolver().resolve(name)
    assert raised.value.reason == "dns_nxdomain"


async def test_it_is_held_up_by_no_look_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def slow(host: str) -> tuple[object, ...]:
        if host.startswith("slow"):
            gate.wait(5)
        return (ip_address("127.0.0.1"),)

    monkeypatch.setattr(resolver, "look_up", slow)  # the system's own cannot be told to hang
    names = SystemResolver()
    hanging = [asyncio.create_task(names.resolve(f"slow{number}")) for number in range(40)]
    began = time.monotonic()
    assert await names.resolve("fast")
    assert time.monotonic() - began < 0.5
    hanging[0].cancel()
    gate.set()
    results = await asyncio.gather(*hanging, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert len([each for each in results if isinstance(each, tuple)]) == 39
