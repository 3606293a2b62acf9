"""What there is to do: the same as the report tells, but without what has been answered, and a page at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkwatch.core.models import Code, LinkView, Snapshot, State
from linkwatch.core.reviews import Action
from linkwatch.report.story import links_of, sections
from linkwatch.store import Desk, Store
from tests.store.desking import answer, at, desk_on, fill_at_random, found, incident, link
from tests.store.storing import NOW


def ids(links: tuple[LinkView, ...]) -> list[str]:
    return [one.source.id for one in links]


@pytest.fixture(params=range(24))
def world(request: pytest.FixtureRequest, path: Path) -> Iterator[tuple[Desk, Snapshot]]:
    """A database filled at random, and what the report reads of it."""
    with Store.open(path) as store:
        fill_at_random(store, request.param)
        told = store.snapshot(NOW)
    with Desk.open(path, read_only=True) as desk:
        yield desk, told


def test_it_is_what_the_report_tells_in_its_order(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    expected = sections(told).todo
    todo = desk.todo(NOW, limit=None)
    assert todo.links == tuple(link for place in expected for link in links_of(place))
    assert (todo.total, todo.places) == (len(todo.links), len(expected))
    assert sections(desk.snapshot(NOW, todo.links)).todo == expected


@pytest.mark.parametrize("limit", [1, 4])
def test_a_page_of_it_holds_whole_places(world: tuple[Desk, Snapshot], limit: int) -> None:
    desk, told = world
    expected = sections(told).todo
    for start in range(0, len(expected) + limit, limit):
        page = desk.todo(NOW, limit=limit, offset=start)
        assert sections(desk.snapshot(NOW, page.links)).todo == expected[start : start + limit]
        assert page.places == len(expected)


def test_links_of_one_cause_are_one_place_with_those_only_suspected(path: Path) -> None:
    sources = [link("a"), link("b"), link("c"), link("d")]
    lone = found(sources[0], State.MOVED, Code.MOVED, days=20)
    first = found(sources[1], State.FAILING, Code.NOT_FOUND)
    cause = incident("i", "b", "d", of=first)
    together = [found(sources[1], State.FAILING, Code.NOT_FOUND, incident=cause),
                found(sources[3], State.BROKEN, Code.NOT_FOUND, incident=cause)]  # fmt: skip
    with desk_on(path, sources, [lone, *together, found(sources[2], State.FAILING, Code.NOT_FOUND)]) as desk:
        assert ids(desk.todo(NOW, limit=1).links) == ["b", "d"]
        assert ids(desk.todo(NOW, limit=1, offset=1).links) == ["a"]
        assert desk.todo(NOW, limit=1).total == 3


@pytest.mark.parametrize(
    ("given", "is_told"),
    [
        (answer("a", Action.ACKNOWLEDGE), False),
        (answer("a", Action.IGNORE), False),
        (answer("a", Action.SNOOZE, until=at(hours=-1)), False),
        (answer("a", Action.SNOOZE, until=NOW), True),
        (answer("a", Action.REPORT, until=at(hours=1)), True),
        (answer("a", Action.CONFIRM), True),
        (answer("a", Action.ASSIGN, details={"assignee": "Bo"}), True),
        (answer("a", Action.ACKNOWLEDGE, ended_at=at(hours=1)), True),
        (answer("b", Action.ACKNOWLEDGE), True),
    ],
)
def test_what_is_answered_is_not_told_until_that_is_over(path: Path, given: object, is_told: bool) -> None:
    sources = [link("a"), link("b")]
    broken = found(sources[0], State.BROKEN, Code.NOT_FOUND)
    with desk_on(path, sources, [broken], [given]) as desk:  # type: ignore[list-item]
        assert ids(desk.todo(NOW, limit=9).links) == ["a"] * is_told
        assert desk.counts(NOW).open == is_told


def test_a_page_of_ours_comes_first_where_it_is_in_trouble(path: Path) -> None:
    sources = [link("a"), link("listing:one"), link("listing:two"), link("listing:three")]
    decisions = [found(sources[0], State.BROKEN, Code.NOT_FOUND), found(sources[1], State.UNVERIFIABLE, Code.BLOCKED),
                 found(sources[2]), found(sources[3], State.UNVERIFIABLE, Code.BLOCKED)]  # fmt: skip
    with desk_on(path, sources, decisions, [answer("listing:three", Action.IGNORE)]) as desk:
        assert ids(desk.todo(NOW, limit=9).links) == ["listing:one", "a"]
        assert desk.counts(NOW).total == 1


def test_links_that_are_paused_or_gone_are_not_told(path: Path) -> None:
    sources = [link("a"), link("b"), link("c")]
    with Store.open(path) as store:
        store.sync_sources(sources, at(days=30))
        run = store.begin_run(at(days=1), due=3)
        store.commit(run, [found(source, State.BROKEN, Code.NOT_FOUND) for source in sources])
        store.sync_sources([link("a", paused=True), link("b")], at(hours=1))
    with Desk.open(path, read_only=True) as desk:
        assert ids(desk.todo(NOW, limit=9).links) == ["b"]
