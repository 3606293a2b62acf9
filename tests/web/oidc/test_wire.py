"""What comes over the wire, and for how long it is waited for."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from linkwatch.web.oidc import wire
from linkwatch.web.oidc.faults import Unreachable
from linkwatch.web.oidc.wire import ask
from tests.servers import Handler, Site, answer, drip, hang, redirect, running, then_close
from tests.web.oidc.provider import CA

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(context)
    site = Site(tls=context)
    with running(site):
        yield site


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    CA.cert_pem.write_to_path(path)
    return str(path)


def test_it_reads_an_object(site: Site, trusted: str) -> None:
    site.on("/a?b=c", answer(201, '{"a": "å"}'))
    found = ask(site.url("/a?b=c"), ca_file=trusted, headers={"Authorization": "Bearer x"})
    assert (found.status, found.value) == (201, {"a": "å"})
    (asked,) = site.asked("/a?b=c")
    assert asked.headers["authorization"] == "Bearer x"
    assert asked.headers["user-agent"].startswith("linkwatch/")
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"


def test_it_reads_an_answer_in_pieces(site: Site, trusted: str) -> None:
    site.on("/chunked", HEAD + b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n": 1\r\n1\r\n}\r\n0\r\n\r\n')
    assert ask(site.url("/chunked"), ca_file=trusted).value == {"a": 1}


@pytest.mark.parametrize(
    "handler",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\nX-"),  # a header without an end
        drip(HEAD + b'\r\n{"a": "'),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_it_waits_for_no_answer_without_an_end(
    site: Site, trusted: str, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PATIENCE_S", 0.4)
    site.on("/fault", handler)
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"took too long|timed out"):
        ask(site.url("/fault"), ca_file=trusted, form={"a": "b"})
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (answer(200, b" " * 1_000_000), "longer than 256,000 bytes"),
        (then_close(HEAD + b"X-A: b\r\n" * 10_000), "more than 100 headers"),
        (then_close(b""), "closed connection|EOF|reset"),
        (then_close(b"\x1b[31mgarbage\r\n\r\n"), "\ufffd\\[31mgarbage"),
        (then_close(HEAD + b'Content-Length: 100\r\n\r\n{"a": 1'), "no JSON object"),
        (answer(200, "<html>"), "200, and no JSON object"),
        (answer(404, "[]"), "404, and no JSON object"),
        (answer(200, '{"a": Infinity}'), "no JSON object"),
        (answer(200, "[" * 100_000), "no JSON object"),
        (answer(200, '{"a": ' + "1" * 5000 + "}"), "no JSON object"),
        (answer(200, b"\xff"), "no JSON object"),
        (redirect(302, "/a?b=c"), "answers 302, and leads elsewhere"),
        (redirect(307, "http://169.254.169.254/"), "answers 307, and leads elsewhere"),
    ],
)
def test_it_says_what_is_wrong_with_an_answer(site: Site, trusted: str, handler: Handler, said: str) -> None:
    site.on("/fault", handler)
    with pytest.raises(Unreachable, match=said):
        ask(site.url("/fault"), ca_file=trusted, form={"a": "b"})


def test_it_gives_up_on_a_handshake_that_hangs(trusted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match="timed out"):
        ask(f"https://127.0.0.1:{silent.getsockname()[1]}/", ca_file=trusted)


def test_it_trusts_no_certificate_but_by_the_roots(site: Site, trusted: str) -> None:
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        ask(site.url("/a?b=c"), ca_file=None)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        ask(site.url("/a?b=c", host="localhost"), ca_file=trusted)  # it is for 127.0.0.1


def test_it_says_when_the_roots_cannot_be_read(site: Site, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none", encoding="utf-8")
    for name in ("missing.pem", "none.pem"):
        with pytest.raises(Unreachable):
            ask(site.url("/a?b=c"), ca_file=str(tmp_path / name))


def test_it_asks_no_proxy(site: Site, trusted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.on("/direct", answer(200, "{}"))
    assert ask(site.url("/direct"), ca_file=trusted).status == 200


@pytest.mark.parametrize("url", ["https://a..b/", "https://" + "a" * 300 + ".example/", "https://xn--/", "https:///"])
def test_it_says_of_a_name_that_is_none_that_it_cannot_be_reached(url: str, trusted: str) -> None:
    with pytest.raises(Unreachable):
        ask(url, ca_file=trusted)


def test_it_keeps_no_more_than_some_threads_waiting(site: Site, trusted: str) -> None:
    site.on("/turns", answer(200, "{}")).on("/fault", then_close(b""))
    for _ in range(20):  # a failure gives its turn back
        with pytest.raises(Unreachable, match=r"closed|EOF|reset"):
            ask(site.url("/fault"), ca_file=trusted)
    assert ask(site.url("/turns"), ca_file=trusted).status == 200
    with ExitStack() as waiting:
        for _ in range(8):
            waiting.enter_context(wire._turns)
        with pytest.raises(Unreachable, match="8 questions are waiting"):
            ask(site.url("/turns"), ca_file=trusted)
    assert ask(site.url("/turns"), ca_file=trusted).status == 200
