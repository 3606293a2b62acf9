"""What the desk counts, and which links it finds: held against all links, looked through one by one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from linkwatch.core.models import ALARMS, Code, LinkView, RunSummary, Snapshot, State
from linkwatch.core.reviews import Action, holding, quieting
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.report.story import tally, works
from linkwatch.store import CountyCount, Desk, OwnerCount, Store
from tests.store.desking import answer, at, changed, desk_on, fill_at_random, found, incident, link
from tests.store.storing import NOW


@pytest.fixture(params=range(6))
def world(request: pytest.FixtureRequest, path: Path) -> Iterator[tuple[Desk, Snapshot]]:
    """A database filled at random, and what the report reads of it."""
    with Store.open(path) as store:
        fill_at_random(store, request.param)
        told = store.snapshot(NOW)
    with Desk.open(path, read_only=True) as desk:
        yield desk, told


def ids(links: tuple[LinkView, ...] | list[LinkView]) -> list[str]:
    return [one.source.id for one in links]


def is_open(view: LinkView) -> bool:
    return view.belief.state in ALARMS and not works(view) and quieting(view.reviews, NOW) is None


def answered(view: LinkView) -> Action | None:
    quiet = quieting(view.reviews, NOW)
    return quiet.action if quiet else None


# ---------------------------------------------------------------- at a glance


def test_it_counts_what_the_links_are(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    counts = desk.counts(NOW)
    assert counts.by_state == told.summary
    assert (counts.working, counts.total) == (tally(told).working, len(told.links))
    assert counts.open == counts.by_answer[Answer.OPEN] == sum(map(is_open, told.links))
    given = [answered(view) for view in told.links]
    assert counts.by_answer == {one: given.count(Action(one)) for one in Answer if one is not Answer.OPEN} | {
        Answer.OPEN: counts.open
    }


def test_it_counts_the_links_of_each_county(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    expected: dict[tuple[str, State], list[str]] = {}
    for view in told.links:
        if view.source.county:
            state = State.OK if works(view) else view.belief.state
            expected.setdefault((view.source.county, state), []).append(view.source.id)
    counted = desk.counties()
    assert {(one.county, one.state): one.number for one in counted} == {
        key: len(members) for key, members in expected.items()
    }
    assert [one.county for one in counted if one.one_link] == ["Z"]
    assert next(one.one_link for one in counted if one.county == "Z") == "l0"


def test_a_county_with_two_links_has_no_one_link(path: Path) -> None:
    sources = [link("a", county="K"), link("b", county="K")]
    decisions = [found(sources[0]), found(sources[1], State.ATTENTION, Code.REDIRECTED)]
    with desk_on(path, sources, decisions) as desk:
        assert desk.counties() == (CountyCount(county="K", state=State.OK, number=2),)


def test_it_counts_the_links_of_each_owner_in_the_order_of_the_alphabet(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    owners = desk.owners(NOW)
    assert [owner.name for owner in owners] == ["Kommun", "Region Åre", "Region Ö"]
    for owner in owners:
        theirs = [view for view in told.links if view.source.owner == owner.name]
        broken = sum(view.belief.state is State.BROKEN for view in theirs)
        assert owner == OwnerCount(name=owner.name, total=len(theirs), broken=broken, open=sum(map(is_open, theirs)))
        assert desk.by_owner(owner.name, NOW) == tuple(theirs)


def test_it_knows_everybody_who_ever_had_a_link_and_every_tag(path: Path) -> None:
    sources = [link("a", tags=("ö", "väg")), link("b", tags=("väg", "äng")), link("c", tags=("gone",))]
    given = [answer("a", Action.ASSIGN, details={"assignee": who}) for who in ("Åsa", "Bo", "Åsa", "Örjan")]
    given += [answer("b", Action.ASSIGN, details={"assignee": "Ann"}, ended_at=at(hours=1)),
              answer("b", Action.IGNORE)]  # fmt: skip
    with desk_on(path, sources, (), given) as desk:
        assert desk.assignees() == ("Ann", "Bo", "Åsa", "Örjan")
        assert desk.tags() == ("gone", "väg", "äng", "ö")
    with Store.open(path) as store:
        store.sync_sources([link("a", tags=("ny",)), link("b", tags=("väg", "äng"))], NOW)
    with Desk.open(path, read_only=True) as desk:
        assert desk.tags() == ("ny", "väg", "äng")


def test_an_empty_database_has_nothing(path: Path) -> None:
    with desk_on(path, ()) as desk:
        counts = desk.counts(NOW)
        assert (counts.by_state, counts.working, counts.open, counts.total) == ({}, 0, 0, 0)
        assert set(counts.by_answer.values()) == {0}
        assert (desk.counties(), desk.owners(NOW), desk.assignees(), desk.tags()) == ((), (), (), ())
        assert desk.todo(NOW, limit=9) == desk.find(Selection(), NOW)
        assert isinstance(desk.last_run(), RunSummary)


# ---------------------------------------------------------------- which links


@pytest.mark.parametrize(
    ("selection", "belongs"),
    [
        (Selection(), lambda view: True),
        (Selection(states=(State.BROKEN,)), lambda view: view.belief.state is State.BROKEN),
        (Selection(states=(State.OK, State.PAUSED, State.NO_LINK)),
         lambda view: view.belief.state in (State.OK, State.PAUSED, State.NO_LINK)),
        (Selection(answer=Answer.OPEN), is_open),
        (Selection(answer=Answer.SNOOZED), lambda view: answered(view) is Action.SNOOZE),
        (Selection(answer=Answer.REPORTED), lambda view: answered(view) is Action.REPORT),
        (Selection(answer=Answer.IGNORED, states=(State.OK,)),
         lambda view: answered(view) is Action.IGNORE and view.belief.state is State.OK),
        (Selection(owner="Region Ö"), lambda view: view.source.owner == "Region Ö"),
        (Selection(owner="region ö"), lambda view: False),
        (Selection(county="AB", tag="ö"), lambda view: view.source.county == "AB" and "ö" in view.source.tags),
        (Selection(assignee="Åsa"), lambda view: (held := holding(view.reviews, Action.ASSIGN)) is not None
         and held.assignee == "Åsa"),
        (Selection(text="ÖREBRO region"), lambda view: view.source.name == "Örebro" and "Region" in view.source.owner),
        (Selection(text="' OR 1=1 --"), lambda view: False),
    ],
)  # fmt: skip
def test_it_finds_the_links_that_belong(world: tuple[Desk, Snapshot], selection: Selection, belongs: object) -> None:
    desk, told = world
    assert callable(belongs)
    expected = [view for view in told.links if belongs(view)]
    found = desk.find(selection, NOW)
    assert found.links == tuple(expected)
    assert (found.total, found.places) == (len(expected), len(expected))
    assert list(desk.ids(selection, NOW)) == ids(expected)


def test_it_finds_the_links_that_were_ever_in_an_incident(path: Path) -> None:
    sources = [link("a"), link("b"), link("c")]
    cause = incident("i", "a", "c", of=found(sources[0]), open_links=("c",))
    decisions = [found(source, State.BROKEN, Code.OK, incident=cause) for source in (sources[0], sources[2])]
    with desk_on(path, sources, decisions) as desk:
        assert desk.ids(Selection(incident="i"), NOW) == ("a", "c")
        assert desk.ids(Selection(incident="other"), NOW) == ()
        assert [one.id for one in desk.incidents_of("a")] == ["i"]
        assert desk.incidents_of("b") == ()


def test_it_gives_a_page_at_a_time(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    pages = [desk.find(Selection(), NOW, limit=7, offset=start) for start in range(0, len(told.links), 7)]
    assert [view for page in pages for view in page.links] == list(told.links)
    assert {page.total for page in pages} == {len(told.links)}
    assert desk.find(Selection(), NOW, limit=None).links == told.links
    for limit, offset in ((0, 0), (-5, 3), (5, 10**30)):
        assert desk.find(Selection(), NOW, limit=limit, offset=offset).links == ()


# ---------------------------------------------------------------- in which order


def test_by_name_it_sorts_as_swedes_do(path: Path) -> None:
    names = ("Ale", "eve", "Évry 9", "Évry 10", "Zeta", "Åre", "äng", "Örebro")
    with desk_on(path, [link(f"l{n}", name=name) for n, name in enumerate(reversed(names))]) as desk:
        shown = desk.find(Selection(order=Order.NAME), NOW).links
    assert tuple(view.source.name for view in shown) == names


def test_by_gravity_it_begins_as_what_there_is_to_do(world: tuple[Desk, Snapshot]) -> None:
    desk, _ = world
    shown = desk.find(Selection(order=Order.GRAVITY), NOW).links
    rank = [_rank(view) for view in shown]
    assert rank == sorted(rank)
    alike: dict[object, list[timedelta]] = {}
    for view in shown:
        if view.belief.since:
            alike.setdefault(_rank(view), []).append(NOW - view.belief.since)
    assert all(ages == sorted(ages, reverse=True) for ages in alike.values())


def _rank(view: LinkView) -> tuple[int, int]:
    code = view.belief.finding or view.belief.verdict
    if view.belief.state is State.BROKEN:
        return 0, 0
    if works(view):
        return 5, int(view.belief.state is State.OK)
    if view.belief.state in ALARMS:
        return 1, -(code.severity if code else 1)
    order = (State.FAILING, State.UNVERIFIABLE, State.UNKNOWN, State.OK, State.PAUSED, State.NO_LINK)
    return 2 + order.index(view.belief.state), 0


def test_by_check_the_longest_unchecked_comes_first_and_what_is_not_checked_last(path: Path) -> None:
    sources = [link("none", url=""), link("new"), link("late"), link("early")]
    decisions = [found(sources[2]), found(sources[3])]
    early = decisions[1].belief.__class__(state=State.OK, checked_at=at(days=3))
    with desk_on(path, sources, [decisions[0], found(sources[3], belief=early)]) as desk:
        assert desk.ids(Selection(order=Order.CHECKED), NOW) == ("new", "early", "late", "none")


# ---------------------------------------------------------------- whole links


def test_it_shows_a_link_as_the_report_has_it(world: tuple[Desk, Snapshot]) -> None:
    desk, told = world
    everything = (*told.links, *told.listings)
    backwards = [view.source.id for view in reversed(everything)]
    assert desk.links([*backwards, backwards[0], "nobody", "l7"], NOW) == tuple(reversed(everything))
    assert desk.link(backwards[3], NOW) == everything[-4]
    assert desk.link("l7", NOW) is None  # it was taken out of the configuration
    assert desk.snapshot(NOW, everything) == told


def test_it_takes_any_text_from_people(path: Path) -> None:
    with desk_on(path, [link("a")]) as desk:
        for text in ("\x00", "\ud800", "%", "_", "[", "\u202e", "'", '"', "å" * 100_000, "x " * 100_000, "9" * 400):
            chosen = Selection(text=text, owner=text, tag=text, assignee=text, incident=text, county=text)
            assert desk.find(chosen, NOW).links == ()
            assert desk.ids(Selection(text=text), NOW) in ((), ("a",))
            assert desk.link(text, NOW) is None
            assert desk.links([text, "a"], NOW) == (desk.link("a", NOW),)
            assert (desk.incident(text), desk.copy(text), desk.seen(text)) == (None, None, None)
            assert (desk.beats(text), desk.titles(text), desk.history(text, 9)) == ((), (), ())
            assert (desk.transitions(text, 9), desk.reviews(text, limit=9), desk.requests([text])) == ((), (), {})
            assert desk.by_owner(text, NOW) == ()


def test_it_reads_while_a_run_writes(path: Path) -> None:
    sources = [link("a"), link("b")]
    with Store.open(path) as store, desk_on(path, sources) as desk:
        run = store.begin_run(at(hours=1), due=2)
        with store.writing() as db:
            db.execute("UPDATE links SET state = 'broken'")
            assert desk.counts(NOW).by_state == {State.UNKNOWN: 2}
            assert desk.find(Selection(), NOW).total == 2
        store.commit(run, [found(sources[0], transition=changed("a", NOW))])
        assert desk.counts(NOW).working == 1
