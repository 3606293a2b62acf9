import socket

import httpx
import pytest

from linkwatch.config_web import Auth, Listen, Web
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.web.listen import address, listening, refuse_open_door
from tests.web.desk import OpenDesk


def test_it_listens_on_every_address_of_a_name_with_one_port() -> None:
    with listening(Listen(host="localhost", port=0)) as sockets:
        assert len({one.getsockname()[1] for one in sockets}) == 1
        assert address(sockets).startswith(("http://127.0.0.1:", "http://[::1]:"))


def test_it_lets_asyncio_know_that_it_is_tcp() -> None:
    """Otherwise it sets no TCP_NODELAY, and every answer takes 40 ms longer."""
    with listening(Listen(port=0)) as sockets:
        assert [one.proto for one in sockets] == [socket.IPPROTO_TCP]


def test_it_can_listen_again_at_once_where_it_has_just_ended() -> None:
    with listening(Listen(port=0)) as sockets:
        port = sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            pass
    with listening(Listen(port=port)) as sockets:
        assert sockets[0].getsockname()[1] == port


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("192.0.2.1", "this machine has no such address"),
        ("a..b", "cannot listen on a..b:1: no name is written like that"),
    ],
)
def test_it_says_why_it_cannot(host: str, said: str) -> None:
    with pytest.raises(LinkwatchError, match=said), listening(Listen(host=host, port=1)):
        pass


def test_it_says_when_another_program_listens_there() -> None:
    with listening(Listen(port=0)) as sockets:
        port = sockets[0].getsockname()[1]
        said = f"cannot listen on 127.0.0.1:{port}: another program listens there"
        with pytest.raises(LinkwatchError, match=said), listening(Listen(port=port)):
            pass


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Web(listen=Listen(host="0.0.0.0", port=0)), 'set auth = "token"'),
        (Web(listen=Listen(host="0.0.0.0", port=0), public_url="https://links.example"), 'set auth = "token"'),
        (Web(listen=Listen(host="0.0.0.0", port=0), auth=Auth.TOKEN), "set public_url"),
    ],
)
def test_it_opens_no_door_that_nobody_watches(settings: Web, said: str) -> None:
    with listening(settings.listen) as sockets, pytest.raises(UsageError, match=said):
        refuse_open_door(settings, sockets)


@pytest.mark.parametrize(
    "settings",
    [
        Web(listen=Listen(port=0)),
        Web(listen=Listen(host="localhost", port=0)),
        Web(listen=Listen(host="0.0.0.0", port=0), auth=Auth.TOKEN, public_url="https://links.example"),
        Web(listen=Listen(host="0.0.0.0", port=0), auth=Auth.PROXY, hosts=("links.example",)),
    ],
)
def test_it_opens_the_others(settings: Web) -> None:
    with listening(settings.listen) as sockets:
        refuse_open_door(settings, sockets)


# ---------------------------------------------------------------- over a real connection


def test_it_answers_over_the_wire_as_it_does_here(desk: OpenDesk) -> None:
    with desk.serving() as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/healthz").headers["x-content-type-options"] == "nosniff"
        assert client.post("/language", headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert client.post("/language", content=b"x" * 2_000_001).status_code == 413
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS at a plain port
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /language HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_it_refuses_requests_that_are_none_and_stands(desk: OpenDesk, head: bytes) -> None:
    with desk.serving() as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(head)
            wire.shutdown(socket.SHUT_WR)
            assert wire.recv(64).split(b" ")[1:2] in ([b"400"], [b"421"], [])
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
