"""From the login page to the organisation's login and back: how it should go, and what nobody gets in by."""

import hashlib
import hmac
import json
import socket
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from linkwatch.errors import UsageError
from linkwatch.web.oidc import wire
from linkwatch.web.oidc.login import COOKIE
from tests.web.desk import opened
from tests.web.oidc.conftest import PUBLIC, Login, asked, organised
from tests.web.oidc.provider import KEYS, Reply, as_json, signed
from tests.web.routes import ROUTES

SESSION = "__Host-linkwatch"


def assert_refused(login: Login, browser: Any, answer: Any, status: int, title: str) -> None:
    """A page that says so, with a way to begin again, and nobody is logged in."""
    assert (answer.status_code, SESSION in answer.headers.get("set-cookie", "")) == (status, False), answer.text
    assert f"<h1>{title}</h1>" in answer.text
    assert 'href="/login"' in answer.text
    assert browser.get("/who").status_code == 303


# ---------------------------------------------------------------- how it should go


def test_it_logs_in_and_goes_on_to_the_page_that_was_asked_for(login: Login) -> None:
    browser = login.browser()
    page = browser.get(browser.get("/who?a=1").headers["location"]).text
    assert 'href="/login/oidc?next=/who%3Fa%3D1"' in page
    answer = login.comes_back(browser, "/who?a=1")
    assert answer.status_code == 303
    assert browser.get(answer.headers["location"]).headers["location"] == "/who?a=1"
    assert browser.get("/who").json() == {"name": "anna", "role": "editor", "known": True}


def test_it_asks_for_a_code_with_a_state_a_nonce_and_a_challenge_that_are_new_each_time(login: Login) -> None:
    first, second = (asked(login.sent_to(login.browser())) for _ in range(2))
    assert first["scope"] == "openid profile"
    assert first["realm"] == "web"  # the address had a query of its own
    assert "prompt" not in first
    for key in ("state", "nonce", "code_challenge"):
        assert first[key] != second[key]
        assert len(first[key]) == 43  # 256 bits
    assert len({first["state"], first["nonce"], first["code_challenge"]}) == 3


def test_it_keeps_a_login_under_way_in_a_cookie_of_this_browser_only_and_not_for_long(login: Login) -> None:
    browser = login.browser()
    answer = browser.get("/login/oidc")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == COOKIE == "__Host-linkwatch-oidc"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert attributes == {"httponly", "max-age=600", "path=/", "samesite=lax", "secure"}
    said = asked(answer.headers["location"])
    assert said["nonce"] not in rest
    done = login.comes_back(browser)
    assert any(one.startswith(f'{COOKIE}=""; ') and "Max-Age=0" in one for one in done.headers.get_list("set-cookie"))


def test_it_sends_the_secret_in_the_header_and_the_verifier_once(login: Login) -> None:
    browser = login.browser()
    address = login.sent_to(browser)
    browser.get(login.back_at(address))
    (token,) = (one for one in login.provider.asked if one.path == "/token")
    assert token.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in token.form
    digest = hashlib.sha256(token.form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked(address)["code_challenge"]


def test_it_sends_the_secret_in_the_form_where_the_login_wants_it_there(login: Login) -> None:
    login.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]}
    assert login.comes_back(login.browser()).status_code == 303
    (token,) = (one for one in login.provider.asked if one.path == "/token")
    assert "authorization" not in token.headers


def test_it_is_a_public_client_where_it_has_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINKWATCH_OIDC_SECRET", raising=False)
    with organised(tmp_path, client=("linkwatch", "")) as login:
        assert login.comes_back(login.browser()).status_code == 303
        monkeypatch.setenv("LINKWATCH_OIDC_SECRET", " from the environment ")
        login.provider.client = ("linkwatch", "from the environment")
        assert login.comes_back(login.browser()).status_code == 303


def test_it_takes_a_secret_that_was_changed_while_it_runs(tmp_path: Path) -> None:
    with organised(tmp_path) as login:
        login.provider.client = ("linkwatch", "another")
        browser = login.browser()
        assert_refused(login, browser, login.comes_back(browser), 502, "The login is not set up right")
        (tmp_path / "secret").write_text("another", encoding="utf-8")
        assert login.comes_back(browser).status_code == 303


def test_it_asks_for_another_account_when_somebody_wants_one(login: Login) -> None:
    browser = login.browser()
    assert 'href="/login/oidc?other=1&amp;next=/"' in browser.get("/login").text
    answer = browser.get("/login/oidc?other=1&next=/who")
    assert asked(answer.headers["location"])["prompt"] == "select_account"


def test_it_sends_nobody_away_who_is_here_already(login: Login) -> None:
    browser = login.browser()
    login.comes_back(browser)
    assert browser.get("/login/oidc?next=/who").headers["location"] == "/who"


def test_it_logs_out_here_and_not_there(login: Login) -> None:
    browser = login.browser()
    login.comes_back(browser)
    number = len(login.provider.asked)
    assert browser.post("/logout").headers["location"] == "/login"
    assert browser.get("/who").status_code == 303
    assert len(login.provider.asked) == number


# ---------------------------------------------------------------- who they are, and what they may


def role(login: Login) -> tuple[str, str] | int:
    """Name and role of who comes back; the status of the page for who may not look."""
    browser = login.browser()
    answer = login.comes_back(browser)
    if answer.status_code != 303:
        return int(answer.status_code)
    who = browser.get("/who")
    return (who.json()["name"], who.json()["role"]) if who.status_code == 200 else int(who.status_code)


def test_it_tells_whom_no_list_names_under_which_name_to_ask(login: Login) -> None:
    login.provider.person = {"sub": "9", "preferred_username": "Olle <b>"}
    browser = login.browser()
    browser.get(login.comes_back(browser).headers["location"])
    page = browser.get("/who")
    assert page.status_code == 403
    assert "Olle &lt;b&gt;" in page.text


def test_it_follows_the_lists_while_it_runs(login: Login) -> None:
    browser = login.browser()
    login.comes_back(browser)
    login.rewrite('editors = ["anna"]', 'viewers = ["anna"]')
    assert browser.get("/who").json()["role"] == "viewer"


def test_it_gives_roles_by_a_claim_and_not_by_a_name_that_is_like_a_group(tmp_path: Path) -> None:
    web = 'oidc_claim = "realm_access.roles"\neditors = ["web"]\noperators = ["it"]'
    with organised(tmp_path, web) as login:
        login.provider.person |= {"preferred_username": "it", "realm_access": {"roles": ["web", "other", 7]}}
        assert role(login) == ("it", "editor")
        login.provider.person["realm_access"] = {"roles": "it"}
        assert role(login) == ("it", "operator")
        login.provider.person["realm_access"] = None
        assert role(login) == 403


def test_it_keeps_only_the_groups_that_have_a_role(tmp_path: Path) -> None:
    with organised(tmp_path, 'oidc_claim = "groups"\neditors = ["web"]') as login:
        login.provider.person["groups"] = ["web", "patients of the psychiatric ward"]
        assert role(login) == ("anna", "editor")
        with login.desk.current.tokens.reading() as db:
            assert db.execute('SELECT "groups" FROM sessions').fetchall() == [('["web"]',)]


def test_it_asks_the_userinfo_endpoint_for_what_the_token_lacks(tmp_path: Path) -> None:
    with organised(tmp_path, 'oidc_claim = "groups"\neditors = ["web"]') as login:
        assert role(login) == 403
        login.desk.clock.go(hours=2)
        login.provider.metadata["userinfo_endpoint"] = f"https://127.0.0.1:{login.provider.port}/userinfo"
        assert role(login) == ("anna", "editor")  # the name is the token's
        login.provider.answers["/userinfo"] = as_json({"sub": "somebody else", "groups": ["web"]})
        assert role(login) == 403
        login.provider.answers["/userinfo"] = Reply(status=500)
        assert role(login) == 503


def test_it_logs_nobody_in_who_has_no_name(login: Login) -> None:
    login.provider.person = {"sub": "1"}
    browser = login.browser()
    answer = login.comes_back(browser)
    assert_refused(login, browser, answer, 403, "Your account has no name")
    assert "“preferred_username” is missing" in answer.text


# ---------------------------------------------------------------- the browser, and who might have sent it


def test_it_refuses_a_login_that_another_browser_began(login: Login) -> None:
    mallory, victim = login.browser(), login.browser()
    address = login.back_at(login.sent_to(mallory))
    assert_refused(login, victim, victim.get(address), 400, "Log in from here")
    login.sent_to(victim)  # nor does a login of its own help
    assert_refused(login, victim, victim.get(address), 400, "Log in from here")
    assert login.provider.number_of("/token") == 0


def test_it_ends_a_login_once(login: Login) -> None:
    browser = login.browser()
    address = login.sent_to(browser)
    cookie = browser.cookies.get(COOKIE)
    back = login.back_at(address)
    browser.get(back)
    other = login.browser()
    for again in (back, login.back_at(address)):  # with a code of its own, too
        other.cookies.set(COOKIE, cookie, domain="links.example", path="/")
        assert_refused(login, other, other.get(again), 400, "Log in from here")
    assert login.provider.number_of("/token") == 1


def test_it_refuses_a_login_that_took_too_long(login: Login) -> None:
    browser = login.browser()
    back = login.back_at(login.sent_to(browser))
    login.desk.clock.go(minutes=10)
    assert_refused(login, browser, browser.get(back), 400, "Log in from here")


@pytest.mark.parametrize("change", ["state=", "state=%00", "state=a&state=b", "", "code=x", "error=access_denied"])
def test_it_refuses_an_answer_without_the_state_of_this_login(login: Login, change: str) -> None:
    browser = login.browser()
    login.sent_to(browser)
    assert_refused(login, browser, browser.get(f"/login/oidc/callback?{change}"), 400, "Log in from here")


def test_it_refuses_a_state_that_stands_there_twice(login: Login) -> None:
    browser = login.browser()
    back = login.back_at(login.sent_to(browser))
    state = asked(back)["state"]
    assert_refused(login, browser, browser.get(f"{back}&state={state}"), 400, "Log in from here")


@pytest.mark.parametrize("cookie", ["", ".", "x", "W10.", "é", "W10.W10", "=.=", "a" * 3000])
def test_it_refuses_a_cookie_that_is_none_of_its_own(login: Login, cookie: str) -> None:
    browser = login.browser()
    back = login.back_at(login.sent_to(browser))
    browser.cookies.clear()
    answer = browser.get(back, headers={"cookie": f"{COOKIE}={cookie}".encode("latin-1")})
    assert_refused(login, browser, answer, 400, "Log in from here")


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\r\nb",
        "",
        "x",
    ],
)
def test_it_leads_to_no_other_place_afterwards(login: Login, following: str) -> None:
    answer = login.comes_back(login.browser(), following)
    assert answer.headers["location"] == "/login?took=1&next=/"


def test_it_leads_to_the_overview_where_the_page_has_too_long_an_address_for_a_cookie(login: Login) -> None:
    fits, too_long = ("/links?text=" + "a" * length for length in (1900, 5000))
    assert login.comes_back(login.browser(), fits).headers["location"].endswith("a" * 1900)
    assert login.comes_back(login.browser(), too_long).headers["location"] == "/login?took=1&next=/"


def test_it_lets_an_address_wait_that_comes_with_wrong_codes_only(login: Login) -> None:
    browser = login.browser()
    for _ in range(10):
        state = asked(login.sent_to(browser))["state"]
        answer = browser.get(f"/login/oidc/callback?code=guess&state={state}")
        assert_refused(login, browser, answer, 400, "The login ran out")
    assert login.comes_back(browser).status_code == 429
    login.desk.clock.go(minutes=6)
    assert login.comes_back(browser).status_code == 303


# ---------------------------------------------------------------- what the login answers


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        ("access_denied", 403, "You were not logged in"),
        ("login_required", 403, "You were not logged in"),
        ("temporarily_unavailable", 503, "The login does not answer"),
        ("server_error", 503, "The login does not answer"),
        ("invalid_scope", 502, "The login is not set up right"),
        ("<script>", 502, "The login is not set up right"),
    ],
)
def test_it_says_when_the_login_refused(login: Login, error: str, status: int, title: str) -> None:
    browser = login.browser()
    state = asked(login.sent_to(browser))["state"]
    said = {"error": error, "error_description": "call <b>+46 1</b>", "state": state}
    answer = browser.get("/login/oidc/callback", params=said)
    assert_refused(login, browser, answer, status, title)
    assert "+46 1" not in answer.text  # whoever sends people here puts no words into our mouth
    assert login.provider.number_of("/token") == 0


def test_it_refuses_the_answer_of_another_login(login: Login) -> None:
    """RFC 9207: where one of several logins is hostile, it must not be sent a code of another."""
    browser = login.browser()
    back = login.back_at(login.sent_to(browser))
    assert_refused(login, browser, browser.get(f"{back}&iss=https://evil.example"), 403, "The login cannot be trusted")
    assert login.provider.number_of("/token") == 0
    back = login.back_at(login.sent_to(browser))
    assert browser.get(back, params={**asked(back), "iss": login.provider.issuer}).status_code == 303


def test_it_misses_the_issuer_where_the_login_promises_to_name_it(login: Login) -> None:
    login.provider.metadata = {"authorization_response_iss_parameter_supported": True}
    browser = login.browser()
    assert_refused(login, browser, login.comes_back(browser), 403, "The login cannot be trusted")


@pytest.mark.parametrize("code", ["", "a" * 8193])
def test_it_refuses_an_answer_without_a_usable_code(login: Login, code: str) -> None:
    browser = login.browser()
    state = asked(login.sent_to(browser))["state"]
    answer = browser.get("/login/oidc/callback", params={"code": code, "state": state})
    assert_refused(login, browser, answer, 403, "The login cannot be trusted")


# ---------------------------------------------------------------- the ID token, through the whole of it


def _joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (header, claims))


def _hs256_with_the_public_key(claims: dict[str, Any]) -> str:
    said = _joined({"alg": "HS256", "kid": "first"}, claims)
    seal = hmac.digest(KEYS[0].as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _unsigned(claims: dict[str, Any]) -> str:
    return _joined({"alg": "none", "kid": "first"}, claims) + "."


def _by_nobody(claims: dict[str, Any]) -> str:
    return signed(claims, RSAKey.generate_key(2048, {"kid": "first"}))


@pytest.mark.parametrize("sign", [_hs256_with_the_public_key, _unsigned, _by_nobody, lambda claims: "nonsense"])
def test_it_refuses_what_the_login_has_not_signed(login: Login, sign: Any) -> None:
    login.provider.sign = sign
    browser = login.browser()
    assert_refused(login, browser, login.comes_back(browser), 403, "The login cannot be trusted")


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another login"}, {"nonce": None}, {"iss": "https://evil.example"}, {"aud": "another"},
        {"exp": 1}, {"iat": None}, {"azp": "another"}, {"sub": None},
    ],
)  # fmt: skip
def test_it_refuses_a_token_that_is_not_for_this_login(login: Login, changed: dict[str, Any]) -> None:
    login.provider.changed = changed
    browser = login.browser()
    assert_refused(login, browser, login.comes_back(browser), 403, "The login cannot be trusted")


def test_it_says_in_the_log_what_was_wrong(login: Login, caplog: pytest.LogCaptureFixture) -> None:
    login.provider.changed = {"iss": "https://evil.example/\x1b[31m"}
    login.comes_back(login.browser())
    (line,) = (one.message for one in caplog.records if one.name == "linkwatch.web")
    assert "of another issuer: https://evil.example/\ufffd[31m" in line


def test_it_looks_for_keys_again_when_the_login_has_changed_them_but_not_each_time(login: Login) -> None:
    assert login.comes_back(login.browser()).status_code == 303
    login.provider.keys = [KEYS[1].as_dict(private=False)]
    login.provider.sign = lambda claims: signed(claims, KEYS[1])
    assert login.comes_back(login.browser()).status_code == 403  # they were looked for just now
    assert login.provider.number_of("/keys") == 1
    login.desk.clock.go(minutes=1)
    assert login.comes_back(login.browser()).status_code == 303
    login.provider.sign = _by_nobody
    for _ in range(3):
        assert login.comes_back(login.browser()).status_code == 403
    assert login.provider.number_of("/keys") == 2


def test_it_believes_a_key_no_longer_than_an_hour(login: Login) -> None:
    login.comes_back(login.browser())
    login.provider.keys = []
    login.desk.clock.go(minutes=59)
    assert login.comes_back(login.browser()).status_code == 303
    login.desk.clock.go(minutes=1)
    assert login.comes_back(login.browser()).status_code == 403
    assert login.provider.number_of("/realm/.well-known/openid-configuration") == 2


# ---------------------------------------------------------------- a login that does not answer as it should

DISCOVERY = "/realm/.well-known/openid-configuration"


def _away(login: Login) -> tuple[int, str]:
    answer = login.browser().get("/login/oidc")
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        (DISCOVERY, Reply(status=404)),
        (DISCOVERY, Reply(status=302, headers=(("Location", "https://127.0.0.1:1/"),))),
        (DISCOVERY, Reply(body=b"<html>garbage")),
        (DISCOVERY, Reply(body=b"[]")),
        (DISCOVERY, Reply(body=b"[" * 100_000)),
        (DISCOVERY, Reply(body=b'{"issuer": NaN}')),
        (DISCOVERY, Reply(body=b"\xff\xfe")),
        (DISCOVERY, Reply(body=b'{"a": "' + b"a" * 300_000 + b'"}')),
        ("/token", Reply(status=500, body=b"{}")),
        ("/token", as_json({})),
        ("/token", as_json({"id_token": ["a"]})),
        ("/token", as_json({"error": []}, 400)),
        ("/keys", Reply(status=503)),
        ("/keys", as_json({"keys": [None, 1, {}, {"kty": "RSA"}, {"kty": "RSA", "n": "", "e": ""}]})),
        ("/keys", as_json({"keys": {"kty": "RSA"}})),
    ],
)
def test_it_says_when_the_login_answers_with_garbage(login: Login, path: str, reply: Reply) -> None:
    login.provider.answers[path] = reply
    browser = login.browser()
    answer = browser.get("/login/oidc") if path == DISCOVERY else login.comes_back(browser)
    assert answer.status_code in (403, 502, 503)
    assert SESSION not in answer.headers.get("set-cookie", "")
    login.provider.answers.clear()
    login.desk.clock.go(minutes=1)
    assert login.comes_back(browser).status_code == 303  # as soon as it does again


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://a@evil.example/"},
        {"authorization_endpoint": "https://a.example/\r\nSet-Cookie: a=b"},
        {"authorization_endpoint": "https://[a/"},
        {"authorization_endpoint": "https://a.example/#x"},
        {"authorization_endpoint": "https:///x"},
        {"authorization_endpoint": 7},
    ],
)
def test_it_refuses_a_login_that_is_another_or_leads_where_it_must_not(login: Login, metadata: Any) -> None:
    login.provider.metadata = metadata
    status, page = _away(login)
    assert status == 502
    assert "<h1>The login is not set up right</h1>" in page


def test_it_takes_no_slash_more_or_less_in_the_issuer(login: Login) -> None:
    login.provider.metadata = {"issuer": f"{login.provider.issuer}/"}
    assert _away(login)[0] == 502


def test_it_says_when_the_login_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    web = f'auth = "oidc"\noidc_issuer = "https://127.0.0.1:9/"\noidc_client_id = "x"\npublic_url = "{PUBLIC}"'
    with opened(tmp_path, web, routes=ROUTES) as desk:
        answer = desk.client(base=PUBLIC).get("/login/oidc")
    assert answer.status_code == 503
    assert "<h1>The login does not answer</h1>" in answer.text
    assert "https://127.0.0.1:9/.well-known/openid-configuration: " in caplog.text


def test_it_trusts_the_login_only_with_a_certificate_that_it_knows(login: Login) -> None:
    login.rewrite(f'ca_file = "{login.trusted}"\n', "")
    status, page = _away(login)
    assert status == 503
    assert "<h1>The login does not answer</h1>" in page


def test_it_does_not_wait_for_a_login_that_hangs(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, and says nothing
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/token"
        login.provider.metadata = {"token_endpoint": address}
        browser = login.browser()
        back = login.back_at(login.sent_to(browser))
        monkeypatch.setattr(wire, "PATIENCE_S", 0.3)
        assert_refused(login, browser, browser.get(back), 503, "The login does not answer")


# ---------------------------------------------------------------- at the beginning


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b" \n", "is empty"), (b"\xff", "utf-8")])
def test_it_says_at_once_when_there_is_no_secret(tmp_path: Path, content: bytes | None, said: str) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    web = (
        f'auth = "oidc"\noidc_issuer = "https://id.example"\noidc_client_id = "x"\npublic_url = "{PUBLIC}"\n'
        f'oidc_secret_file = "{secret}"'
    )
    with pytest.raises(UsageError, match=f"oidc_secret_file.*{said}"), opened(tmp_path, web, routes=ROUTES):
        pass
