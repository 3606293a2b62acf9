import errno
import socket
import time
from collections.abc import Iterator

import pytest

from linkwatch.fetch.faults import connecting, talking
from tests.fetch.visiting import Names, told, visit, visitor
from tests.servers import Site, page


@pytest.fixture
def closed() -> Iterator[int]:
    """A port that is taken, but where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def full() -> Iterator[int]:
    """A port whose queue is full: connecting to it hangs."""
    with socket.socket() as busy, socket.socket() as first, socket.socket() as second:
        busy.bind(("127.0.0.2", 0))
        busy.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(busy.getsockname())
        yield busy.getsockname()[1]


@pytest.mark.parametrize("reason", ["dns_nxdomain", "dns_no_address", "dns_failure"])
async def test_it_tells_why_a_name_has_no_address(reason: str) -> None:
    seen = await visit("http://www.example.se/", resolver=Names({"www.example.se": reason}))
    assert told(seen) == ("dns", reason)


async def test_a_name_server_that_is_silent_is_a_failure_of_the_dns() -> None:
    began = time.monotonic()
    seen = await visit("http://slow.example/", resolver=Names({"slow.example": None}), timeout_s=0.2)
    assert told(seen) == ("dns", "dns_failure")
    assert time.monotonic() - began < 0.5


async def test_it_tells_a_refused_connection(closed: int) -> None:
    seen = await visit(f"http://127.0.0.1:{closed}/")
    assert told(seen) == ("connect", "connect_refused")
    assert seen.fault is not None
    assert seen.fault.url == f"http://127.0.0.1:{closed}/"


async def test_it_tells_a_connection_that_nobody_takes(full: int) -> None:
    seen = await visit(f"http://127.0.0.2:{full}/", timeout_s=0.3)
    assert told(seen) == ("timeout", "connect_timeout")


async def test_it_tries_all_addresses_in_turn(full: int) -> None:
    """The first hangs, the second refuses, the third is denied, the last answers."""
    names = Names({"www.example.se": ["127.0.0.2", "127.0.0.3", "10.0.0.1", "127.0.0.4"]})
    site = Site(host="127.0.0.4", port=full).on("/", page())
    async with site:
        seen = await visit(f"http://www.example.se:{full}/", resolver=names, timeout_s=1.5)
    assert (seen.status, seen.peer) == (200, "127.0.0.4")


async def test_it_asks_the_name_of_each_host_as_written() -> None:
    names = Names({"xn--rksmrgs-5wao1o.se": ["127.0.0.1"]})
    async with Site().on("/", page()) as site:
        assert (await visit(f"http://Räksmörgås.se:{site.port}/", resolver=names)).status == 200


async def test_it_reaches_ipv6() -> None:
    async with Site(host="::1").on("/", page()) as site:
        seen = await visit(site.url())
    assert (seen.status, seen.peer) == (200, "::1")
    assert site.log[0].headers["host"] == f"[::1]:{site.port}"


@pytest.mark.parametrize(
    ("pin", "url"),
    [
        ({"www.example.se": "127.0.0.1:{port}"}, "http://www.example.se/"),
        ({"WWW.Example.se": "127.0.0.1:{port}"}, "http://www.example.se:8080/"),
        ({"räksmörgås.se": "127.0.0.1:{port}"}, "http://räksmörgås.se/"),
        ({"www.example.se": "[::ffff:127.0.0.1]:{port}"}, "http://www.example.se./"),
        ({"www.example.se": "127.0.0.1"}, "http://www.example.se:{port}/"),
    ],
)
async def test_it_goes_where_a_name_is_pinned(pin: dict[str, str], url: str) -> None:
    async with Site().on("/", page()) as site:
        pins = {host: address.format(port=site.port) for host, address in pin.items()}
        seen = await visit(url.format(port=site.port), resolve=pins)
    assert seen.status == 200
    assert site.log[0].headers["host"].split(":")[0].strip(".") in (
        "www.example.se",
        "xn--rksmrgs-5wao1o.se",
    )


async def test_a_pin_is_no_permission() -> None:
    async with Site().on("/", page()) as site:
        pins = {"www.example.se": f"127.0.0.1:{site.port}"}
        seen = await visit("http://www.example.se/", resolve=pins, allow_networks=())
    assert told(seen) == ("address", "private_address")
    assert site.connections == 0


async def test_it_checks_the_address_at_every_connection() -> None:
    """A name that turns inwards after the first look (DNS rebinding)."""

    class Rebinding(Names):
        async def resolve(self, host: str) -> object:  # type: ignore[override] # any addresses will do
            names = Names({host: ["127.0.0.1"] if not self.asked else ["10.0.0.1"]})
            self.asked.append(host)
            return await names.resolve(host)

    async with Site().on("/", page(connection="close")) as site, visitor(resolver=Rebinding()) as one:
        url = site.url(host="www.example.se")
        assert (await one.visit(url)).status == 200
        assert told(await one.visit(url)) == ("address", "private_address")


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (errno.ECONNREFUSED, "connect", "connect_refused"),
        (errno.ECONNRESET, "connect", "reset"),
        (errno.EHOSTUNREACH, "connect", "host_unreachable"),
        (errno.ETIMEDOUT, "timeout", "connect_timeout"),
        (errno.ENETUNREACH, "ours", "no_route"),
        (errno.EADDRNOTAVAIL, "ours", "no_route"),
        (errno.EMFILE, "ours", "out_of_files"),
        (errno.ENFILE, "ours", "out_of_files"),
        (errno.ENOBUFS, "ours", "out_of_memory"),
        (errno.EINVAL, "connect", "connect_failed"),
    ],
)
def test_it_knows_whose_fault_a_failed_connection_is(code: int, kind: str, reason: str) -> None:
    fault = connecting(OSError(code, "words")).fault
    assert (fault.kind.value, fault.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (errno.ECONNRESET, "protocol", "reset"),
        (errno.EPIPE, "protocol", "reset"),
        (errno.ETIMEDOUT, "timeout", "read_timeout"),
        (errno.ENETDOWN, "ours", "no_route"),
    ],
)
def test_it_knows_whose_fault_a_broken_connection_is(code: int, kind: str, reason: str) -> None:
    fault = talking(OSError(code, "words")).fault
    assert (fault.kind.value, fault.reason) == (kind, reason)


async def test_without_file_handles_the_fault_is_ours() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[socket.socket] = []
    async with Site().on("/", page()) as site, visitor() as one:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
        try:
            with pytest.raises(OSError, match="Too many"):
                while True:
                    held.append(socket.socket())
            seen = await one.visit(site.url())
        finally:
            for each in held:
                each.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert told(seen) == ("ours", "out_of_files")
