"""What ends an answer, and what is no news."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from linkwatch.core import fingerprint
from linkwatch.core.models import Belief, Code, Facts, Grounds, LinkView, Source, State

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


def seen_as(
    code: Code = Code.NOT_FOUND,
    state: State = State.BROKEN,
    status: int | None = 404,
    url: str | None = "https://a.example/x",
    **belief: Any,
) -> str | None:
    believed = Belief(state=state, finding=code, verdict=code)
    return fingerprint.fingerprint(replace(believed, **belief), Facts(http_status=status, final_url=url))


@pytest.mark.parametrize(
    "other",
    [
        {"state": State.FAILING},
        {"code": Code.GONE},
        {"status": 451},
        {"url": "https://a.example/y"},
        {"url": None},
    ],
)
def test_another_state_finding_status_or_place_is_news(other: dict[str, Any]) -> None:
    assert seen_as(**other) != seen_as()


@pytest.mark.parametrize(
    "other",
    [
        {"reason": "other"},
        {"failures": 7},
        {"url": "http://www.a.example/x/"},
        {"url": "https://a.example/x?JSESSIONID=1"},
        {"url": "https://a.example/x?error=4711"},
    ],
)
def test_counting_on_and_spelling_otherwise_are_not(other: dict[str, Any]) -> None:
    assert seen_as(**other) == seen_as()


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        (Code.SERVER_ERROR, {"status": 503}, {"status": 500}),
        (Code.UNREACHABLE, {"status": None}, {"status": None, "url": "https://b.example/"}),
        (Code.REDIRECT_LOOP, {"status": 302}, {"status": 301, "url": "https://a.example/x/17"}),
        (Code.BLOCKED, {"status": 403}, {"status": 429}),
        (Code.LOGIN_REQUIRED, {"url": "https://idp.example/?state=1"}, {"url": "https://idp.example/?state=2"}),
    ],
)
def test_trouble_walls_and_doors_vary_from_day_to_day(code: Code, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert seen_as(code, **one) == seen_as(code, **other)


def test_what_is_alive_is_told_apart_by_its_query() -> None:
    one, other = (seen_as(Code.CHANGED, State.ATTENTION, 200, f"https://a.example/?id={n}") for n in (1, 2))
    assert one != other


def test_a_check_that_says_nothing_of_the_finding_has_none() -> None:
    assert seen_as(verdict=Code.BLOCKED) is None
    assert seen_as(finding=None) is None


def link(belief: Belief, facts: Facts, grounds: Facts | None = None) -> LinkView:
    stands = Grounds(first_seen=NOW, last_seen=NOW, times=1, facts=grounds, evidence={}) if grounds else None
    source = Source(id="a", name="A", url="https://a.example/", owner="A")
    return LinkView(source=source, belief=belief, facts=facts, evidence={}, grounds=stands)


def test_of_a_link_it_is_that_of_the_check_on_which_its_state_stands() -> None:
    found = Facts(http_status=404, final_url="https://a.example/x")
    standing = Belief(state=State.BROKEN, finding=Code.NOT_FOUND, verdict=Code.NOT_FOUND)
    later = replace(standing, verdict=Code.BLOCKED)
    assert fingerprint.of(link(standing, found)) == seen_as()
    assert fingerprint.of(link(later, Facts(http_status=403), found)) == seen_as()


@pytest.mark.parametrize("state", [State.UNKNOWN, State.NO_LINK, State.PAUSED])
def test_where_nothing_is_believed_there_is_none(state: State) -> None:
    assert fingerprint.of(link(Belief(state=state), Facts())) == ""
