import asyncio
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from linkwatch.core.models import FetchPolicy
from linkwatch.fetch.post import Posted, post
from tests.fetch.visiting import LOOPBACK, Names
from tests.servers import Handler, Site, answer, drip, endless, hang, redirect, running, then_close

BODY = '{"type": "link.changed", "name": "Åre"}'.encode()
HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


def sent(url: str, *, timeout_s: float = 5.0, names: Names | None = None, **policy: Any) -> Posted:
    rules = FetchPolicy(**{"allow_networks": LOOPBACK, "user_agent": "linkwatch/1", **policy})
    return post(url, BODY, HEADERS, rules, timeout_s=timeout_s, resolver=names)


def answering(handler: Handler, path: str = "/hook", **how: Any) -> tuple[Posted, Site]:
    site = Site().on(path, handler)
    with running(site):
        return sent(site.url(path), **how), site


def test_it_posts_a_body_and_tells_the_answer() -> None:
    posted, site = answering(answer(202, "taken", retry_after="5"))
    assert posted.status == 202
    assert ("retry-after", "5") in posted.headers
    (asked,) = site.log
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.headers["content-length"] == str(len(BODY))
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["user-agent"] == "linkwatch/1"
    assert asked.headers["webhook-id"] == "msg_1"
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"


def test_the_whole_body_arrives_as_it_is() -> None:
    """Read with the very length that was announced."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(answer(200))
        writer.close()

    async def both() -> Posted:
        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            return await asyncio.to_thread(sent, f"http://127.0.0.1:{port}/")

    assert asyncio.run(both()).status == 200
    assert got == [BODY]


def test_it_follows_no_redirect() -> None:
    posted, site = answering(redirect(307, "/other"))
    assert posted.status == 307
    assert [asked.path for asked in site.log] == ["/hook"]


@pytest.mark.parametrize("status", [301, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    posted, _ = answering(answer(status, "x"))
    assert (posted.status, posted.is_doubtful) == (status, False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:{port}/hook", "private_address"),
        ("http://[::ffff:127.0.0.1]:{port}/hook", "private_address"),
        ("http://hook.example.se:{port}/hook", "private_address"),
        ("http://127.0.0.1:25/hook", "forbidden_port"),
        ("ftp://127.0.0.1/hook", "bad_address"),
        ("no address", "bad_address"),
    ],
)
def test_it_connects_only_where_visits_may(url: str, reason: str) -> None:
    """The address that a name leads to is what counts, however public the name is."""
    site = Site()
    with running(site):
        posted = sent(url.format(port=site.port), names=Names({"hook.example.se": ["127.0.0.1"]}), allow_networks=())
    assert posted.status is None
    assert posted.detail.startswith(reason)
    assert not posted.is_doubtful
    assert site.connections == 0


def test_it_goes_where_a_host_is_pinned_to() -> None:
    site = Site().on("/hook", answer(204))
    with running(site):
        posted = sent("http://hook.example.se/hook", resolve={"hook.example.se": f"127.0.0.1:{site.port}"})
    assert posted.status == 204
    assert site.log[0].headers["host"] == "hook.example.se"


@pytest.mark.parametrize("is_trusted", [True, False])
def test_it_says_nothing_to_a_server_that_it_cannot_trust(is_trusted: bool, tmp_path: Any) -> None:
    ca, context = trustme.CA(organization_name="Nobody"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("hook.example.se").configure_cert(context)
    (ca if is_trusted else trustme.CA(organization_name="Others")).cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    site = Site(tls=context).on("/hook", answer(204))
    with running(site):
        pins = {"hook.example.se": f"127.0.0.1:{site.port}"}
        posted = sent("https://hook.example.se/hook", resolve=pins, ca_file=str(tmp_path / "ca.pem"))
    assert posted.status == (204 if is_trusted else None)
    assert posted.detail.startswith("" if is_trusted else "unknown_issuer")
    assert len(site.log) == is_trusted
    assert not posted.is_doubtful


def test_what_was_never_connected_has_certainly_not_arrived() -> None:
    site = Site()
    with running(site):
        pass
    posted = sent(site.url("/hook"))
    assert (posted.status, posted.is_doubtful) == (None, False)
    assert posted.detail.startswith("connect_refused")
    posted = sent("http://hook.example.se/", names=Names({"hook.example.se": "dns_nxdomain"}))
    assert (posted.status, posted.is_doubtful) == (None, False)


@pytest.mark.parametrize(
    "handler",
    [
        hang,
        then_close(b""),
        then_close(b"HTTP/1.1 200 O"),
        then_close(b"220 mail\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX: "),
    ],
)
def test_what_was_sent_without_an_answer_may_have_arrived(handler: Handler) -> None:
    posted, _ = answering(handler, timeout_s=0.3)
    assert (posted.status, posted.is_doubtful) == (None, True)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"


@pytest.mark.parametrize(
    "make",
    [lambda: drip(HEAD, every_s=0.05), lambda: endless(HEAD, b"x" * 65_536), lambda: then_close(HEAD + b"x")],
)
def test_a_body_that_does_not_end_is_left(make: Callable[[], Handler]) -> None:
    began = time.monotonic()
    posted, _ = answering(make())
    assert posted.status == 200
    assert time.monotonic() - began < 4.5
