import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.web.oidc import tickets as module
from linkwatch.web.oidc.tickets import LASTS, Tickets

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_it_is_good_once_and_says_the_same_as_when_it_was_issued() -> None:
    tickets = Tickets()
    ticket, cookie = tickets.issue("/links?a=1", NOW)
    assert tickets.redeem(cookie, ticket.state, NOW) == ticket
    assert tickets.redeem(cookie, ticket.state, NOW) is None


def test_it_is_good_until_its_time_is_over() -> None:
    tickets = Tickets()
    ticket, cookie = tickets.issue("/", NOW)
    assert tickets.redeem(cookie, ticket.state, NOW + LASTS) is None
    assert tickets.redeem(cookie, ticket.state, NOW + LASTS - timedelta(seconds=1)) == ticket


def test_it_is_good_with_its_own_cookie_only_and_where_it_was_issued() -> None:
    tickets = Tickets()
    (one, first), (_, second) = tickets.issue("/", NOW), tickets.issue("/", NOW)
    assert tickets.redeem(second, one.state, NOW) is None
    assert Tickets().redeem(first, one.state, NOW) is None
    assert tickets.redeem(first, one.state, NOW)


@pytest.mark.parametrize(("path", "fits"), [("/" + "a" * 2000, True), ("/" + '"' * 2000, False), ("/" * 9000, False)])
def test_it_leaves_the_way_on_out_where_it_is_too_long_for_a_cookie(path: str, fits: bool) -> None:
    ticket, cookie = Tickets().issue(path, NOW)
    assert ticket.following == (path if fits else "/")
    assert len(cookie) <= 3800


def test_it_cannot_be_changed() -> None:
    tickets = Tickets()
    ticket, cookie = tickets.issue("/", NOW)
    said, seal = cookie.split(".")
    forged = json.dumps([ticket.state, "/elsewhere", NOW.timestamp() + 1e9]).encode()
    assert tickets.redeem(f"{base64.urlsafe_b64encode(forged).decode()}.{seal}", ticket.state, NOW) is None
    assert tickets.redeem(f"{said}.{ticket.nonce}", ticket.state, NOW) is None
    assert tickets.redeem(f"{said}.{ticket.verifier}", ticket.state, NOW) is None


def test_it_tells_the_verifier_to_nobody_who_has_the_cookie() -> None:
    ticket, cookie = Tickets().issue("/", NOW)
    seen = cookie + base64.urlsafe_b64decode(cookie.split(".")[0] + "==").decode("latin-1")
    assert ticket.verifier not in seen
    assert ticket.nonce not in seen
    assert 43 <= len(ticket.verifier) <= 128  # RFC 7636 §4.1


def test_it_forgets_what_was_used_when_that_is_over_and_keeps_no_more_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_USED", 3)
    tickets = Tickets()
    for minute in range(8):
        now = NOW + timedelta(minutes=minute)
        ticket, cookie = tickets.issue("/", now)
        assert tickets.redeem(cookie, ticket.state, now)
        assert len(tickets._used) <= 3
    later = NOW + timedelta(hours=1)
    ticket, cookie = tickets.issue("/", later)
    tickets.redeem(cookie, ticket.state, later)
    assert list(tickets._used) == [ticket.state]


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_refuses_any_other_text(cookie: str, state: str) -> None:
    assert Tickets().redeem(cookie, state, NOW) is None
