"""Who asks, by each of the ways there are, and what they may."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.roles import Role
from linkwatch.errors import UsageError
from tests.web.desk import OpenDesk, opened
from tests.web.routes import ROUTES

PROXY = """auth = "proxy"
proxy_header = "X-Remote-User"
proxy_from = ["10.0.0.2", "192.168.7.0/24", "2001:db8::/64"]
public_url = "https://links.example"
viewers = ["Vera"]
editors = ["Edit", "Åsa"]
operators = ["Olle"]
"""
PUBLIC = "https://links.example"


@pytest.fixture
def token_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with opened(tmp_path, f'auth = "token"\npublic_url = "{PUBLIC}"', routes=ROUTES) as one:
        yield one


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    web = f'auth = "token"\nanonymous = "viewer"\npublic_url = "{PUBLIC}"'
    with opened(tmp_path, web, routes=ROUTES) as one:
        yield one


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    with opened(tmp_path_factory.mktemp("proxied"), PROXY, routes=ROUTES) as one:
        yield one


def who(client: Any) -> tuple[str, str]:
    found = client.get("/who").json()
    return found["name"], found["role"]


# ---------------------------------------------------------------- nobody but this machine


def test_it_takes_whoever_sits_at_the_machine_for_its_operator(tmp_path: Path) -> None:
    with opened(tmp_path, routes=ROUTES) as desk:
        assert who(desk.client()) == ("", "operator")
        assert desk.client().get("/operate").status_code == 200
        assert desk.client(authorization="Bearer nonsense").get("/who").status_code == 200


# ---------------------------------------------------------------- roles


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
@pytest.mark.parametrize(
    ("role", "answers"),
    [(Role.VIEWER, (200, 403, 403)), (Role.EDITOR, (200, 200, 403)), (Role.OPERATOR, (200, 200, 200))],
)
def test_it_lets_each_role_do_what_it_may(
    token_desk: OpenDesk, prefix: str, role: Role, answers: tuple[int, int, int]
) -> None:
    client = token_desk.client(token=token_desk.token("Anna", role))
    asked = (client.get(f"{prefix}/who"), client.post(f"{prefix}/act"), client.get(f"{prefix}/operate"))
    assert tuple(one.status_code for one in asked) == answers


def test_it_says_which_role_it_takes(token_desk: OpenDesk) -> None:
    client = token_desk.client(token=token_desk.token("Anna", Role.VIEWER))
    assert "takes the role editor" in client.post("/act").text
    client.cookies.set("linkwatch-language", "sv")
    assert "behöver man vara driftansvarig" in client.get("/operate").text


def test_it_lets_a_viewer_change_nothing_at_addresses_that_do_not_exist_either(token_desk: OpenDesk) -> None:
    client = token_desk.client(token=token_desk.token("Anna", Role.VIEWER))
    assert client.post("/nowhere").status_code == 403
    assert client.delete("/who").status_code == 403


# ---------------------------------------------------------------- tokens


def test_it_knows_people_by_their_tokens(token_desk: OpenDesk) -> None:
    secret = token_desk.token("Åsa Öberg", Role.EDITOR)
    assert who(token_desk.client(token=secret)) == ("Åsa Öberg", "editor")
    assert who(token_desk.client(authorization=f"bearer  {secret} ")) == ("Åsa Öberg", "editor")


@pytest.mark.parametrize("sent", ["", "nonsense", "lw_" + "A" * 43, "x" * 7000, "lw_å"])
def test_it_refuses_tokens_that_are_none(token_desk: OpenDesk, sent: str) -> None:
    headers = [(b"authorization", f"Bearer {sent}".encode())]
    answer = token_desk.client().get("/api/v1/who", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["code"] == "bad_token"


def test_it_does_not_know_a_token_that_was_revoked(token_desk: OpenDesk) -> None:
    client = token_desk.client(token=token_desk.token("Anna", Role.EDITOR))
    assert client.get("/who").status_code == 200
    token_desk.current.tokens.revoke("Anna")
    assert client.get("/who").status_code == 401


def test_it_refuses_a_bad_token_also_where_strangers_may_look(open_desk: OpenDesk) -> None:
    assert open_desk.client(token="nonsense").get("/api/v1/who").status_code == 401


# ---------------------------------------------------------------- strangers


def test_it_shows_strangers_the_way_to_log_in(token_desk: OpenDesk) -> None:
    answer = token_desk.client(base=PUBLIC).get("/who?state=broken&q=å")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/who%3Fstate%3Dbroken%26q%3D%25C3%25A5"


def test_it_tells_programs_of_strangers_that_they_must(token_desk: OpenDesk) -> None:
    answer = token_desk.client().get("/api/v1/who")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    part = token_desk.client(hx_request="true").get("/who")
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/login")


def test_it_lets_strangers_change_nothing(token_desk: OpenDesk, open_desk: OpenDesk) -> None:
    for desk in (token_desk, open_desk):
        page = desk.client().post("/act")
        assert page.status_code == 401
        assert 'href="/login"' in page.text


def test_it_lets_strangers_look_where_it_is_told_to(open_desk: OpenDesk) -> None:
    found = open_desk.client().get("/who").json()
    assert found == {"name": "", "role": "viewer", "known": False}
    assert open_desk.client().get("/operate").status_code == 401


@pytest.mark.parametrize("path", ["/", "/links", "/nowhere", "/static", "/login.html", "/healthz/x", "//static/x"])
def test_it_shows_nothing_else_to_strangers(token_desk: OpenDesk, path: str) -> None:
    assert token_desk.client(base=PUBLIC).get(f"{PUBLIC}{path}").status_code == 303


def test_it_keeps_nobody_from_the_stylesheet_and_the_help(tmp_path: Path) -> None:
    with opened(tmp_path, 'auth = "token"') as desk:
        for path in ("/static/style.css", "/help"):
            assert desk.client().get(path).status_code == 200


# ---------------------------------------------------------------- a proxy


@pytest.mark.parametrize("peer", ["10.0.0.2", "192.168.7.99", "2001:db8::5", "::ffff:10.0.0.2"])
def test_it_believes_the_proxy(proxied: OpenDesk, peer: str) -> None:
    assert who(proxied.client(base=PUBLIC, peer=peer, x_remote_user="Edit")) == ("Edit", "editor")


@pytest.mark.parametrize("peer", ["10.0.0.3", "127.0.0.1", "192.168.8.1", "2001:db8:1::5", "", "testclient"])
def test_it_believes_nobody_else_who_says_the_same(proxied: OpenDesk, peer: str) -> None:
    client = proxied.client(base=PUBLIC, peer=peer, x_remote_user="Olle", x_forwarded_for="10.0.0.2")
    page = client.get("/who")
    assert page.status_code == 403
    assert "We do not know who you are" in page.text
    assert client.post("/act").status_code == 403


def test_it_believes_no_proxy_that_names_two(proxied: OpenDesk) -> None:
    """The visitor sent one, and the proxy added its own."""
    client = proxied.client(base=PUBLIC, peer="10.0.0.2")
    assert client.get("/who", headers=[("x-remote-user", "Olle"), ("X-Remote-User", "Vera")]).status_code == 403


@pytest.mark.parametrize("sent", ["", "   ", "a\x7fb", "x" * 201])
def test_it_takes_no_name_that_cannot_be_one(proxied: OpenDesk, sent: str) -> None:
    headers = [(b"x-remote-user", sent.encode("latin-1"))]
    client = proxied.client(base=PUBLIC, peer="10.0.0.2")
    assert client.get("/who", headers=headers).status_code == 403


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_it_reads_names_as_proxies_send_them(proxied: OpenDesk, encoding: str) -> None:
    client = proxied.client(base=PUBLIC, peer="10.0.0.2")
    found = client.get("/who", headers=[(b"x-remote-user", "Åsa".encode(encoding))])
    assert found.json()["name"] == "Åsa"


def test_it_says_whom_it_does_not_know(proxied: OpenDesk) -> None:
    page = proxied.client(base=PUBLIC, peer="10.0.0.2", x_remote_user="<i>Nils").get("/who")
    assert page.status_code == 403
    assert "logged in as &lt;i&gt;Nils" in page.text


def test_it_gives_everybody_else_the_default_role(tmp_path: Path) -> None:
    with opened(tmp_path, f'{PROXY}default_role = "viewer"', routes=ROUTES) as desk:
        client = desk.client(base=PUBLIC, peer="10.0.0.2", x_remote_user="Nils")
        assert who(client) == ("Nils", "viewer")


def test_it_follows_the_configuration_in_who_may_what(proxied: OpenDesk) -> None:
    client = proxied.client(base=PUBLIC, peer="10.0.0.2", x_remote_user="Edit")
    text = proxied.config_path.read_text(encoding="utf-8")
    proxied.config_path.write_text(text.replace('"Edit", ', ""), encoding="utf-8")
    assert client.get("/who").status_code == 403
    proxied.config_path.write_text(text, encoding="utf-8")
    assert client.get("/who").status_code == 200


def test_it_keeps_what_else_was_set_when_it_began(proxied: OpenDesk) -> None:
    """A slip in the file opens no door while the desk stands."""
    text = proxied.config_path.read_text(encoding="utf-8")
    proxied.config_path.write_text(text.replace('auth = "proxy"', 'auth = "none"'), encoding="utf-8")
    assert proxied.client(base=PUBLIC, peer="10.9.9.9").get("/who").status_code == 403
    proxied.config_path.write_text(text, encoding="utf-8")


def test_it_knows_programs_by_their_tokens_behind_a_proxy_too(proxied: OpenDesk) -> None:
    client = proxied.client(base=PUBLIC, peer="10.9.9.9", token=proxied.token("robot", Role.EDITOR))
    assert who(client) == ("robot", "editor")


def test_it_takes_the_token_and_not_the_proxys_word_where_both_are_sent(proxied: OpenDesk) -> None:
    secret = proxied.token("reader", Role.VIEWER)
    assert who(proxied.client(base=PUBLIC, peer="10.0.0.2", token=secret, x_remote_user="Olle"))[0] == "reader"


# ---------------------------------------------------------------- an organisation's login


def test_it_says_what_to_install_for_the_organisations_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "linkwatch.web.oidc", None)  # as where its library is missing
    web = f'auth = "oidc"\noidc_issuer = "https://id.example"\noidc_client_id = "x"\npublic_url = "{PUBLIC}"'
    with pytest.raises(UsageError, match=r'pip install "linkwatch\[oidc\]"'), opened(tmp_path, web, routes=ROUTES):
        pass


@pytest.mark.parametrize(
    ("base", "headers", "role"),
    [
        ("http://127.0.0.1:8420", {}, "operator"),
        ("http://localhost:8420", {}, "operator"),
        ("https://links.example.se", {}, None),
        ("http://127.0.0.1:8420", {"x-forwarded-for": "203.0.113.9"}, None),
        ("http://127.0.0.1:8420", {"forwarded": "for=203.0.113.9"}, None),
    ],
)
def test_without_a_login_only_who_sits_at_this_machine_is_let_in(
    tmp_path: Path, base: str, headers: dict[str, str], role: str | None
) -> None:
    """A proxy that leads people here from elsewhere must not make operators of them."""
    with opened(tmp_path, 'public_url = "https://links.example.se"') as desk:
        answer = desk.client(base=base).get("/api/v1/me", headers=headers)
    assert (answer.json().get("role") if answer.status_code == 200 else None) == role
