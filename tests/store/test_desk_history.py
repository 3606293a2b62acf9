"""What the desk tells of the past: of a link, of incidents, and of what people answered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from linkwatch.core.models import Code, Facts, State, Transition
from linkwatch.core.reviews import Action
from linkwatch.store import Desk, History, Store, TitleSeen
from tests.store.desking import answer, at, changed, desk_on, fill, found, incident, link
from tests.store.storing import COPY, NOW


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        opened.sync_sources([link("a"), link("b")], at(days=30))
        yield opened


@pytest.fixture
def desk(path: Path, store: Store) -> Iterator[Desk]:
    with Desk.open(path, read_only=True) as opened:
        yield opened


# ---------------------------------------------------------------- transitions


def change_states(store: Store, link_id: str, *days_ago: int) -> list[Transition]:
    run = store.begin_run(at(days=20), due=1)
    changes = [changed(link_id, at(days=days)) for days in days_ago]
    store.commit(run, [found(link(link_id), transition=change) for change in changes])
    return changes


def test_it_gives_the_newest_transitions_first(desk: Desk, store: Store) -> None:
    changes = change_states(store, "a", 9, 5, 2)
    change_states(store, "b", 1)
    assert desk.transitions("a", 2) == (changes[2], changes[1])


def test_it_gives_those_since_a_time_and_the_last_one_before(desk: Desk, store: Store) -> None:
    ours, theirs = change_states(store, "a", 9, 7, 5, 2), change_states(store, "b", 9)
    told = desk.transitions_of(["b", "a", "nobody"], at(days=5))
    assert told == {"b": tuple(theirs), "a": tuple(ours[1:]), "nobody": ()}
    assert list(told) == ["b", "a", "nobody"]
    assert desk.transitions_of(["a"], at(days=99))["a"] == tuple(ours)
    assert desk.transitions_of([], NOW) == {}


# ---------------------------------------------------------------- checks


def commit_titles(store: Store, *seen: tuple[float, str | None]) -> None:
    for days, title in seen:
        run = store.begin_run(at(days=days), due=1)
        facts = Facts(title=title, last_modified=at(days=100) if title == "Nytt" else None)
        store.commit(run, [replace(found(link("a"), facts=facts), at=at(days=days))])


def test_it_tells_what_a_page_called_itself(desk: Desk, store: Store) -> None:
    commit_titles(store, (9, "Gammalt"), (8, "Gammalt"), (7, None), (6, "Gammalt"), (5, "Nytt"), (4, "Gammalt"))
    assert desk.titles("a") == (
        TitleSeen(first_at=at(days=4), last_at=at(days=4), title="Gammalt", last_modified=None),
        TitleSeen(first_at=at(days=5), last_at=at(days=5), title="Nytt", last_modified=at(days=100)),
        TitleSeen(first_at=at(days=9), last_at=at(days=6), title="Gammalt", last_modified=None),
    )


def test_what_it_called_itself_before_and_after_days_of_which_no_title_is_left_is_not_one(
    desk: Desk, store: Store, path: Path
) -> None:
    seen = ("Hem", "Hem", "Casino 1", "Casino 2", None, "Hem", "Hem")
    commit_titles(store, *zip(range(60, 53, -1), seen, strict=True), (1, "Hem"))
    with History.open(path) as history:
        history.prune(NOW, raw=timedelta(days=30), days=timedelta(days=300), retention=timedelta(days=300))
    assert [(one.title, one.first_at, one.last_at) for one in desk.titles("a")] == [
        ("Hem", at(days=55), at(days=1)),
        ("Hem", at(days=60), at(days=59)),
    ]


def test_it_tells_of_at_most_fifty_titles(desk: Desk, store: Store) -> None:
    commit_titles(store, *((20 - n / 10, f"Sida {n}") for n in range(60)))
    assert [seen.title for seen in desk.titles("a")] == [f"Sida {n}" for n in range(59, 9, -1)]


def test_it_gives_the_history_and_the_response_times(desk: Desk, store: Store) -> None:
    for days, elapsed in ((3, 120), (2, 70_000), (1, 90)):
        run = store.begin_run(at(days=days), due=1)
        facts = Facts(http_status=200, elapsed_ms=elapsed)
        store.commit(run, [replace(found(link("a"), facts=facts), at=at(days=days))])
    assert desk.beats("a") == ((at(days=3), 120), (at(days=2), 65_535), (at(days=1), 90))
    assert desk.beats("b") == ()
    assert desk.history("a", 9) == store.link_history("a")
    assert [record.times for record in desk.history("a", 9)] == [3]


def test_it_gives_the_page_as_approved_and_as_last_seen(desk: Desk, store: Store) -> None:
    run, other = store.begin_run(at(days=1), due=1), replace(COPY, title="Annat", text="å")
    store.commit(run, [replace(found(link("a"), new_copy=COPY), seen=other)])
    assert (desk.copy("a"), desk.seen("a")) == (COPY, other)
    assert (desk.copy("b"), desk.seen("b")) == (None, None)


# ---------------------------------------------------------------- incidents


def test_it_gives_incidents_and_the_links_that_left_them(desk: Desk, store: Store) -> None:
    decided = found(link("a"), State.BROKEN, Code.NOT_FOUND)
    first = incident("first", "a", of=decided, opened_at=at(days=20), closed_at=at(days=10), open_links=())
    second = incident("second", "a", "b", of=decided)
    fill(store, [link("a"), link("b")], [replace(decided, incident=first), replace(decided, incident=second)])
    assert desk.incident("first") == first
    assert desk.incidents(at(days=10)) == (first, second)
    assert desk.incidents(at(days=9)) == (second,)
    assert desk.incidents_of("a") == (second, first)
    assert desk.incidents_of("b") == (second,)


def test_a_link_shows_the_incident_it_is_in_or_left_lately(desk: Desk, store: Store) -> None:
    decided = found(link("a"), State.BROKEN, Code.NOT_FOUND)
    old = incident("old", "a", "b", of=decided, closed_at=at(days=31), open_links=())
    late = incident("late", "a", "b", of=decided, closed_at=at(days=29), open_links=())
    now = incident("now", "b", of=decided)
    fill(store, [link("a"), link("b")], [replace(decided, incident=one) for one in (old, late, now)])
    a, b = desk.links(["a", "b"], NOW)
    assert (a.incident, a.mended) == (None, late)
    assert (b.incident, b.mended) == (now, None)
    assert store.snapshot(NOW).links == (a, b)


# ---------------------------------------------------------------- answers


def test_it_gives_the_audit_log_a_page_at_a_time(path: Path) -> None:
    given = [answer("a", Action.ACKNOWLEDGE, note=str(n), ended_at=at(hours=1)) for n in range(5)]
    given += [answer("b", Action.ASSIGN, details={"assignee": "Bo"})]
    with desk_on(path, [link("a"), link("b")], (), given) as desk:
        log = desk.reviews(limit=99)
        assert [review.note for review in log] == [None, "4", "3", "2", "1", "0"]
        assert desk.reviews(limit=2, before_id=log[1].id) == log[2:4]
        assert desk.reviews("a", limit=2) == log[1:3]
        assert desk.reviews("a", limit=2, before_id=log[3].id) == log[4:]
        assert desk.review(log[2].id) == log[2]
        assert [view.reviews for view in desk.links(["b", "a"], NOW)] == [(log[0],), ()]
        for number in (0, -1, 10**40):
            assert desk.review(number) is None
        assert desk.reviews(limit=10**40, before_id=10**40) == log
        assert desk.reviews(limit=-1, before_id=-1) == ()


def test_it_gives_the_newest_request_of_each_link(desk: Desk, store: Store) -> None:
    with store.writing() as db:
        for link_id, minutes, done in (("a", 9, at(minutes=8)), ("a", 5, None), ("b", 2, at(minutes=1))):
            db.execute(
                "INSERT INTO requests (link_id, at, who, done_at, outcome) VALUES (?, ?, 'Bo', ?, ?)",
                (link_id, at(minutes=minutes).isoformat(), done and done.isoformat(), done and "done"),
            )
    found = desk.requests(["b", "a", "nobody"])
    assert {link_id: (request.at, request.done_at) for link_id, request in found.items()} == {
        "a": (NOW - timedelta(minutes=5), None),
        "b": (NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)),
    }
    assert desk.requests(()) == {}
