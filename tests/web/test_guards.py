"""Each guard, from outside: what gets as far as a handler, and what is told to who does not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkwatch.core.roles import Role
from linkwatch.web.security import HEADERS
from tests.web.desk import HERE, OpenDesk, opened
from tests.web.routes import ROUTES


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    with opened(tmp_path_factory.mktemp("here"), routes=ROUTES) as one:
        yield one


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[OpenDesk]:
    with opened(tmp_path, 'auth = "token"\npublic_url = "https://links.example"', routes=ROUTES) as one:
        yield one


# ---------------------------------------------------------------- the name it goes by


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 200), ("localhost:8420", 200), ("LOCALHOST", 200), ("localhost.", 200), ("[::1]:8420", 200),
        ("evil.example", 421), ("evil.example:8420", 421), ("127.0.0.1.evil.example", 421), ("127.0.0.2", 421),
        ("", 421), ("localhost@evil.example", 421), ("localhost:8420:evil.example", 421), ("localhost/evil", 421),
        ("[::1", 421), ("0.0.0.0:8420", 421),
    ],
)  # fmt: skip
def test_it_answers_on_loopback_to_the_names_of_loopback_only(here: OpenDesk, host: str, status: int) -> None:
    assert here.client(host=host).get("/who").status_code == status


def test_it_refuses_two_host_headers(here: OpenDesk) -> None:
    both = [("host", "localhost"), ("host", "evil.example")]
    assert here.client().get("/who", headers=both).status_code == 421


def test_it_answers_to_the_names_of_the_configuration(tmp_path: Path) -> None:
    web = 'hosts = ["Intern.example"]\npublic_url = "https://links.example:8443"'
    with opened(tmp_path, web, routes=ROUTES) as desk:
        for host in ("intern.example", "localhost"):
            assert desk.client(host=host).get("/who").status_code == 200
        assert (
            desk.client(host="links.example:8443").get("/who").status_code == 403
        )  # by its name, but not at this machine
        assert desk.client(host="other.example").get("/who").status_code == 421


def test_it_says_to_a_wrong_name_what_to_set_and_shows_no_markup(here: OpenDesk) -> None:
    answer = here.client(host="<b>evil.example").get("/who")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "hosts under [web]" in answer.text


def test_it_is_healthy_by_any_name(here: OpenDesk) -> None:
    answer = here.client(host="10.0.0.7:8420").get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


# ---------------------------------------------------------------- the page it comes from


@pytest.mark.parametrize("path", ["/act", "/api/v1/act"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),  # typed, or a bookmark
        ({"sec-fetch-site": "same-site"}, 403),  # a neighbour under the same domain
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "nonsense"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": HERE}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 200),
        ({"origin": HERE}, 200),
        ({"origin": "http://127.0.0.1:8421"}, 403),  # another program on this machine
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "https://evil.example/127.0.0.1:8420"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://[", "host": "127.0.0.1:8420"}, 403),
        ({}, 200),  # no browser
    ],
)
def test_it_takes_changes_from_its_own_pages_only(
    here: OpenDesk, path: str, headers: dict[str, str], status: int
) -> None:
    assert here.client().post(path, headers=headers).status_code == status


def test_it_takes_changes_from_its_public_address_behind_a_proxy_that_changes_the_host(guarded: OpenDesk) -> None:
    client = guarded.client(token=guarded.token("Anna", Role.EDITOR))
    assert client.post("/act", headers={"origin": "https://links.example"}).status_code == 200
    assert client.post("/act", headers={"origin": "https://links.example.evil.example"}).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
def test_it_guards_every_method_that_may_change_something(here: OpenDesk, method: str) -> None:
    assert here.client(sec_fetch_site="cross-site").request(method, "/act").status_code == 403
    assert here.client(sec_fetch_site="same-origin").request(method, "/act").status_code == 405


def test_it_shows_pages_to_whoever_follows_a_link_from_elsewhere(here: OpenDesk) -> None:
    assert here.client(sec_fetch_site="cross-site").get("/who").status_code == 200


@pytest.mark.parametrize("path", ["/login", "/logout", "/language"])
def test_it_lets_no_other_site_log_anybody_in_or_out(guarded: OpenDesk, path: str) -> None:
    secret = guarded.token("Mallory", Role.EDITOR)
    answer = guarded.client(sec_fetch_site="cross-site").post(path, data={"token": secret, "language": "sv"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


# ---------------------------------------------------------------- what browsers are told


@pytest.mark.parametrize("path", ["/who", "/missing", "/bug", "/locked", "/healthz", "/login", "/static/style.css"])
def test_it_puts_the_policy_on_every_answer(here: OpenDesk, path: str) -> None:
    answer = here.client().get(path)
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_it_puts_the_policy_on_refusals_too(here: OpenDesk) -> None:
    refused = [
        here.client(host="evil.example").get("/who"),
        here.client(sec_fetch_site="cross-site").post("/act"),
        here.client().post("/act", content=b"x" * 2_000_001),
    ]
    assert [one.status_code for one in refused] == [421, 403, 413]
    assert all(one.headers["x-content-type-options"] == "nosniff" for one in refused)


def test_it_lets_nobody_keep_a_page(here: OpenDesk) -> None:
    assert here.client().get("/who").headers["cache-control"] == "no-store"


def test_its_own_pages_need_no_inline_style_or_script(guarded: OpenDesk) -> None:
    for path in ("/login", "/missing"):
        page = guarded.client(token=guarded.token(f"A{path}", Role.VIEWER)).get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


# ---------------------------------------------------------------- bodies


def test_it_reads_no_more_than_it_must(here: OpenDesk) -> None:
    client = here.client()
    assert client.post("/length", content=b"x" * 2_000_000).text == "2000000"
    answer = client.post("/length", content=b"x" * 2_000_001)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert "too much at once" in answer.text


def test_it_counts_what_comes_without_a_length(here: OpenDesk) -> None:
    def drops() -> Iterator[bytes]:
        yield from [b"x" * 100_000] * 30

    assert here.client().post("/length", content=drops()).status_code == 413


@pytest.mark.parametrize("length", ["9" * 30, "20000001", "2000001"])
def test_it_believes_a_length_that_is_too_big(here: OpenDesk, length: str) -> None:
    assert here.client().post("/length", content=b"x", headers={"content-length": length}).status_code == 413


def test_it_reads_little_from_those_who_have_yet_to_log_in(guarded: OpenDesk) -> None:
    assert guarded.client().post("/login", content=b"x" * 20_001).status_code == 413
    editor = guarded.client(token=guarded.token("Anna", Role.EDITOR))
    assert editor.post("/length", content=b"x" * 20_001).text == "20001"


def test_it_takes_forms_as_browsers_send_them(here: OpenDesk) -> None:
    client = here.client()
    kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    sent = "note=%C3%A5%C3%A4%C3%B6+%26&link=a&link=b&empty=&broken=%ff"
    fields = client.post("/form", content=sent, headers=kind).json()
    assert fields == [["note", "åäö &"], ["link", "a"], ["link", "b"], ["empty", ""], ["broken", "\ufffd"]]


def test_it_takes_no_other_kind_of_form(here: OpenDesk) -> None:
    client = here.client()
    assert client.post("/form", files={"file": b"x"}).status_code == 415
    assert client.post("/form", json={"a": 1}).status_code == 415
    many = "&".join(["a=1"] * 50_001)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/form", content=many, headers=kind).status_code == 413


def test_it_leaves_the_body_to_who_reads_it_themselves(here: OpenDesk) -> None:
    assert here.client().post("/read", content=b"abc").text == "abc"


# ---------------------------------------------------------------- refusals and faults


def test_it_says_what_is_not_there(here: OpenDesk) -> None:
    page = here.client().get("/missing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page" in page.text
    assert 'href="/"' in page.text


def test_it_says_so_to_programs_as_a_problem(here: OpenDesk) -> None:
    answer = here.client().get("/api/v1/missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found",
        "detail": "The address may be misspelt, or the link is no longer watched.",
    }  # fmt: skip


def test_it_says_which_methods_there_are(here: OpenDesk) -> None:
    answer = here.client().post("/who")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_it_says_it_in_the_language_of_the_reader(here: OpenDesk) -> None:
    client = here.client()
    client.cookies.set("linkwatch-language", "sv")
    page = client.get("/missing")
    assert "Sidan finns inte" in page.text
    assert '<html lang="sv">' in page.text


@pytest.mark.parametrize(("path", "status"), [("/locked", 503), ("/damaged", 500)])
def test_it_says_when_the_database_fails(
    here: OpenDesk, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    page, answer = here.client().get(path), here.client().get(f"/api/v1{path}")
    assert (page.status_code, answer.status_code) == (status, status)
    assert "The database cannot be used just now" in page.text
    assert answer.json()["code"] == "unavailable"
    assert "/srv/secret.db" in caplog.text
    assert "Traceback" not in caplog.text


def test_it_says_when_to_come_back(here: OpenDesk) -> None:
    assert here.client().get("/locked").headers["retry-after"] == "10"


def test_it_tells_only_operators_where_the_database_is(here: OpenDesk, guarded: OpenDesk) -> None:
    assert "/srv/secret.db" in here.client().get("/locked").text
    editor = guarded.client(token=guarded.token("Anna", Role.EDITOR))
    assert "/srv/secret.db" not in editor.get("/locked").text
    assert "cause" not in editor.get("/api/v1/locked").json()


def test_it_shows_no_fault_of_its_own_but_to_the_log(here: OpenDesk, caplog: pytest.LogCaptureFixture) -> None:
    page = here.client().get("/bug")
    assert page.status_code == 500
    assert "linkwatch made a mistake" in page.text
    assert "secret" not in page.text
    assert "ZeroDivisionError" in caplog.text
    assert here.client().get("/who").status_code == 200


def test_it_is_not_healthy_without_its_database(guarded: OpenDesk) -> None:
    guarded.current.desk.close()
    assert guarded.client().get("/healthz").status_code == 500
