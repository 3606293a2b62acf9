"""Logging in and out in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.roles import Role
from linkwatch.web.sessions import here
from tests.web.desk import OpenDesk, opened
from tests.web.routes import ROUTES

PUBLIC = "https://links.example"
COOKIE = "__Host-linkwatch"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with opened(tmp_path, f'auth = "token"\nsession_hours = 12\npublic_url = "{PUBLIC}"', routes=ROUTES) as one:
        yield one


def logged_in(desk: OpenDesk, name: str = "Anna", role: Role = Role.EDITOR) -> Any:
    client = desk.client(base=PUBLIC)
    answer = client.post("/login", data={"token": desk.token(name, role)})
    assert answer.status_code == 303
    return client


def test_it_logs_in_with_a_token_and_goes_on_to_the_page_that_was_asked_for(desk: OpenDesk) -> None:
    client = desk.client(base=PUBLIC)
    asked = client.get("/who?a=1").headers["location"]
    page = client.get(asked).text
    following = re.search(r'name="next" value="([^"]*)"', page)
    assert following
    form = {"token": f" {desk.token('Anna', Role.EDITOR)}\n", "next": following[1]}
    answer = client.post("/login", data=form, headers={"sec-fetch-site": "same-origin"})
    assert client.get(answer.headers["location"]).headers["location"] == "/who?a=1"
    assert client.get("/who").json()["name"] == "Anna"


def test_it_gives_a_cookie_that_only_this_host_sends_over_https_and_no_script_reads(desk: OpenDesk) -> None:
    cookie = (
        desk.client(base=PUBLIC).post("/login", data={"token": desk.token("Anna", Role.EDITOR)}).headers["set-cookie"]
    )
    name, _, rest = cookie.partition("=")
    assert name == COOKIE
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert attributes == {"httponly", "max-age=43200", "path=/", "samesite=lax", "secure"}


def test_it_makes_a_new_secret_for_each_login(desk: OpenDesk) -> None:
    token = desk.token("Anna", Role.EDITOR)
    cookies = [desk.client(base=PUBLIC) for _ in range(2)]
    for client in cookies:
        client.cookies.set(COOKIE, "lw_chosen_by_somebody_else", domain="links.example")  # session fixation
        client.post("/login", data={"token": token})
    secrets = {dict(client.cookies.jar._cookies["links.example"]["/"])[COOKIE].value for client in cookies}
    assert len(secrets) == 2
    assert "lw_chosen_by_somebody_else" not in secrets


def test_it_ends_the_login_before_when_somebody_logs_in_again(desk: OpenDesk) -> None:
    client = logged_in(desk)
    before = client.cookies[COOKIE]
    client.post("/login", data={"token": desk.token("Nils", Role.VIEWER)})
    assert client.get("/who").json()["name"] == "Nils"
    assert desk.client(base=PUBLIC, cookie=f"{COOKIE}={before}").get("/who").status_code == 303


def test_it_says_when_the_token_is_wrong(desk: OpenDesk) -> None:
    answer = desk.client(base=PUBLIC).post("/login", data={"token": "wrong", "next": "/who"})
    assert answer.status_code == 403
    assert "That token is not right" in answer.text
    assert 'value="/who"' in answer.text
    assert "wrong" not in re.sub(r"<[^>]*>", "", answer.text)
    assert "set-cookie" not in answer.headers


def test_it_says_when_the_browser_kept_no_cookie(desk: OpenDesk) -> None:
    client = desk.client(base=PUBLIC)
    answer = client.post("/login", data={"token": desk.token("Anna", Role.EDITOR)})
    client.cookies.clear()  # as browsers do on http
    assert "did not keep the login" in client.get(answer.headers["location"]).text


def test_it_ends_a_login_at_the_desk_and_not_only_in_the_browser(desk: OpenDesk) -> None:
    client = logged_in(desk)
    secret = client.cookies[COOKIE]
    answer = client.post("/logout")
    assert answer.headers["location"] == "/login"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    thief = desk.client(base=PUBLIC, cookie=f"{COOKIE}={secret}")
    assert thief.get("/who").status_code == 303


def test_it_ends_one_login_and_leaves_the_others(desk: OpenDesk) -> None:
    token = desk.token("Anna", Role.EDITOR)
    here, there = desk.client(base=PUBLIC), desk.client(base=PUBLIC)
    for client in (here, there):
        client.post("/login", data={"token": token})
    here.post("/logout")
    assert here.get("/who").status_code == 303
    assert there.get("/who").status_code == 200


def test_it_ends_a_login_when_its_time_is_over(desk: OpenDesk) -> None:
    client = logged_in(desk)
    desk.clock.go(hours=11, minutes=59)
    assert client.get("/who").status_code == 200
    desk.clock.go(minutes=1)
    assert client.get("/who").status_code == 303


def test_it_ends_every_login_when_the_token_is_revoked(desk: OpenDesk) -> None:
    client = logged_in(desk)
    desk.current.tokens.revoke("Anna")
    assert client.get("/who").status_code == 303
    assert client.post("/act").status_code == 401
    desk.token("Anna", Role.OPERATOR)
    assert client.get("/who").status_code == 303


@pytest.mark.parametrize("cookie", ["nonsense", "", "lw_" + "A" * 43, "x" * 4000, "lw_å", '"'])
def test_it_takes_no_cookie_that_it_has_not_given(desk: OpenDesk, cookie: str) -> None:
    client = desk.client(base=PUBLIC)
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())]
    assert client.get("/who", headers=headers).status_code == 303


def test_it_keeps_logins_over_a_restart(desk: OpenDesk) -> None:
    client = logged_in(desk)
    secret = client.cookies[COOKIE]
    desk.current.tokens.close()
    desk.current.tokens = type(desk.current.tokens).open(desk.config.database)
    assert desk.client(base=PUBLIC, cookie=f"{COOKIE}={secret}").get("/who").json()["name"] == "Anna"


def test_it_keeps_no_secret_where_it_could_be_read(desk: OpenDesk) -> None:
    token = desk.token("Anna", Role.EDITOR)
    client = desk.client(base=PUBLIC)
    client.post("/login", data={"token": token})
    kept = b"".join(path.read_bytes() for path in desk.config.database.parent.iterdir())
    assert token.encode() not in kept
    assert client.cookies[COOKIE].encode() not in kept


# ---------------------------------------------------------------- how often


def test_it_lets_nobody_try_for_long(desk: OpenDesk, caplog: pytest.LogCaptureFixture) -> None:
    good = desk.token("Anna", Role.EDITOR)
    client = desk.client(base=PUBLIC, peer="203.0.113.5")
    answers = [client.post("/login", data={"token": f"guess {n}"}).status_code for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    last = client.post("/login", data={"token": good})
    assert last.status_code == 429
    assert last.headers["retry-after"] == "300"
    assert "Wait 5 minutes" in last.text
    assert caplog.text.count("a login from 203.0.113.5 was refused") == 10
    assert "guess" not in caplog.text
    assert desk.client(base=PUBLIC, peer="203.0.113.6").post("/login", data={"token": good}).status_code == 303
    desk.clock.go(minutes=5)
    assert client.post("/login", data={"token": good}).status_code == 303


def test_it_counts_guesses_at_the_api_together_with_those_at_the_page(desk: OpenDesk) -> None:
    for n in range(10):
        assert desk.client(token=f"guess{n}", peer="203.0.113.5").get("/api/v1/who").status_code == 401
    answer = desk.client(token="guess", peer="203.0.113.5").get("/api/v1/who")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert desk.client(base=PUBLIC, peer="203.0.113.5").post("/login", data={"token": "x"}).status_code == 429


def test_it_lets_those_who_are_in_go_on(desk: OpenDesk) -> None:
    client = logged_in(desk)
    for n in range(12):
        desk.client(base=PUBLIC).post("/login", data={"token": f"guess {n}"})
    assert client.get("/who").status_code == 200


def test_it_tells_guessers_behind_a_proxy_apart_but_not_by_what_they_say_themselves(tmp_path: Path) -> None:
    web = f'auth = "token"\npublic_url = "{PUBLIC}"\nproxy_from = ["127.0.0.1"]'
    with opened(tmp_path, web, routes=ROUTES) as desk:
        for n in range(10):
            guesser = desk.client(base=PUBLIC, x_forwarded_for=f"198.51.100.{n}, 203.0.113.5")
            assert guesser.post("/login", data={"token": "x"}).status_code == 403
        assert guesser.post("/login", data={"token": "x"}).status_code == 429
        other = desk.client(base=PUBLIC, x_forwarded_for="203.0.113.6")
        assert other.post("/login", data={"token": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:50000", "203.0.113.5"),
        ("[2001:db8::7]:50000", "2001:db8::7"),
        ("198.51.100.1, 2001:db8::7, 127.0.0.1", "2001:db8::7"),
        ("unknown", "127.0.0.1"),
        ("203.0.113.5, x\x1b[31m", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_it_reads_what_proxies_say_of_where_a_guess_comes_from(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, said: str, logged: str
) -> None:
    web = f'auth = "token"\npublic_url = "{PUBLIC}"\nproxy_from = ["127.0.0.1"]'
    with opened(tmp_path, web, routes=ROUTES) as desk:
        headers = [(b"x-forwarded-for", said.encode())]
        desk.client(base=PUBLIC).post("/login", data={"token": "x"}, headers=headers)
    assert f"a login from {logged} was refused" in caplog.text


# ---------------------------------------------------------------- language, and the way on


def test_it_speaks_the_language_of_the_configuration_until_another_is_chosen(desk: OpenDesk) -> None:
    client = desk.client(base=PUBLIC, accept_language="sv")
    assert '<html lang="en">' in client.get("/login").text
    answer = client.post("/language", data={"language": "sv", "back": "/login?next=/who"})
    assert answer.headers["location"] == "/login?next=/who"
    assert '<html lang="sv">' in client.get("/login").text


@pytest.mark.parametrize("language", ["fi", "", "../sv", "sv\r\nSet-Cookie: a=b"])
def test_it_takes_no_language_that_it_has_no_words_for(desk: OpenDesk, language: str) -> None:
    client = desk.client(base=PUBLIC)
    assert "set-cookie" not in client.post("/language", data={"language": language}).headers
    client.cookies.set("linkwatch-language", "fi", domain="links.example")
    assert '<html lang="en">' in client.get("/login").text


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/links?state=broken&q=%C3%A5#x", "/links?state=broken&q=%C3%A5#x"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("links", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/links\\..\\evil", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/å", "/"),
        (" /links", "/"),
    ],
)
def test_it_goes_on_to_pages_of_its_own_only(path: str | None, where: str) -> None:
    assert here(path) == where


def test_it_has_no_login_where_nobody_needs_one(tmp_path: Path) -> None:
    with opened(tmp_path, routes=ROUTES) as desk:
        assert desk.client().get("/login?next=/who").headers["location"] == "/who"
        assert desk.client().post("/login", data={"token": "x"}).headers["location"] == "/"
        assert desk.client().post("/logout").headers["location"] == "/"
