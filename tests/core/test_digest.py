import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core import fingerprint
from linkwatch.core.digest import OVERLAP, Digest, Digests, Group, How, digest
from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.models import Belief, Code, Facts, Incident, LinkView, Severity, Snapshot, Source, State, Transition
from linkwatch.core.reviews import Action, Review, approvable
from linkwatch.core.subscribers import Only, Subscriber, unmatched
from linkwatch.store import parcels

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
WEEK = timedelta(days=7)
NOTHING = Told()

CODES = {State.OK: Code.OK, State.BROKEN: Code.NOT_FOUND, State.MOVED: Code.MOVED, State.ATTENTION: Code.CHANGED,
         State.FAILING: Code.NOT_FOUND, State.UNVERIFIABLE: Code.BLOCKED}  # fmt: skip


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def link(
    id: str = "a", state: State = State.BROKEN, code: Code | None = None, *, owner: str = "Region Kalmar", **rest: Any
) -> LinkView:
    about = {key: rest.pop(key) for key in ("county", "tags", "paused", "url") if key in rest}
    source = Source(**{"id": id, "name": id, "url": f"https://{id}.example/", "owner": owner, **about})
    found = code or CODES.get(state)
    seen = {
        "state": state, "finding": found, "verdict": found, "since": rest.pop("since", ago(days=3)),
        "checked_at": rest.pop("checked_at", ago(hours=1)), "finding_reason": rest.pop("reason", None),
    }  # fmt: skip
    return LinkView(source=source, belief=Belief(**seen), facts=rest.pop("facts", Facts()), evidence={}, **rest)


def page(state: State, code: Code) -> LinkView:
    return link("listing:ours", state, code, owner="ours.example")


def review(action: Action, until: datetime | None = None, link_id: str = "a", **rest: Any) -> Review:
    return Review(id=1, link_id=link_id, at=ago(days=2), who="Bo", action=action, until=until, **rest)


def change(new: State, at: datetime, verdict: Code | None = None) -> Transition:
    return Transition(link_id="a", at=at, old=State.FAILING, new=new, verdict=verdict or CODES[new], reason=None)


def of(*links: LinkView) -> Told:
    """All of these have been told of, as they are."""
    return Told(findings={one.source.id: fingerprint.of(one) for one in links})


def made(
    *links: LinkView,
    told: Told | None = NOTHING,
    told_at: datetime | None = NOW - WEEK,
    listings: tuple[LinkView, ...] = (),
    only: Only = Only(),  # noqa: B008  (frozen)
    every: Every = Every.WEEK,
    always: bool = False,
) -> Digest:
    snapshot = Snapshot(generated_at=NOW, run=None, links=links, listings=listings)
    at = None if told is None else told_at
    return digest(snapshot, only=only, told=told, told_at=at, rhythm=Rhythm(every=every), always=always, now=NOW)


def plainly(told: Told) -> Told:
    """Without the changes that were known."""
    return replace(told, through=None)


def ids(groups: tuple[Group, ...]) -> list[list[str]]:
    """The links of each entry."""
    return [[link.source.id for link in entry.links] for group in groups for entry in group.entries]


MENDED = Incident(
    id="i", owner="", host="", code=Code.GONE, reason=None, opened_at=ago(days=5), last_at=ago(days=2),
    closed_at=ago(days=1), links=("a",), open_links=(),
)  # fmt: skip


WELL_NOW = change(State.OK, ago(days=1))


# ---------------------------------------------------------------- what is a finding


@pytest.mark.parametrize(
    ("view", "is_told"),
    [
        (link(state=State.BROKEN), True),
        (link(state=State.MOVED), True),
        (link(state=State.ATTENTION), True),
        (link(state=State.ATTENTION, code=Code.REDIRECTED), False),
        (link(state=State.FAILING), False),
        (link(state=State.OK), False),
        (link(state=State.UNVERIFIABLE), False),
        (link(state=State.UNKNOWN), False),
        (link(state=State.PAUSED), False),
        (link(state=State.NO_LINK, url=""), False),
    ],
)
def test_it_tells_of_what_somebody_has_to_do_with_and_nothing_else(view: LinkView, is_told: bool) -> None:
    one = made(view)
    assert ids(one.new) == ([["a"]] if is_told else [])
    assert one.told.findings == ({"a": fingerprint.of(view)} if is_told else {})
    assert one.is_news is is_told


@pytest.mark.parametrize(
    ("only", "state", "code", "is_told"),
    [
        (Only(), State.BROKEN, Code.NOT_FOUND, True),
        (Only(), State.UNVERIFIABLE, Code.BLOCKED, True),
        (Only(), State.FAILING, Code.NOT_FOUND, False),
        (Only(), State.OK, Code.OK, False),
        (Only(severities=(Severity.BROKEN,)), State.BROKEN, Code.NOT_FOUND, True),
        (Only(severities=(Severity.BROKEN,)), State.UNVERIFIABLE, Code.BLOCKED, False),
        (Only(owners=("ours.example",)), State.BROKEN, Code.NOT_FOUND, False),
        (Only(counties=("H",)), State.BROKEN, Code.NOT_FOUND, False),
    ],
)
def test_it_tells_of_our_own_pages_to_those_who_follow_everything(
    only: Only, state: State, code: Code, is_told: bool
) -> None:
    one = made(listings=(page(state, code),), only=only)
    assert [entry.links[0].source.id for entry in one.own_pages] == (["listing:ours"] if is_told else [])
    assert [group.is_ours for group in one.new] == ([True] if is_told else [])


@pytest.mark.parametrize(
    ("severity", "told"),
    [
        (Severity.BROKEN, [["broken"]]),
        (Severity.WARNING, [["moved"]]),
        (Severity.NOTICE, [["changed"]]),
        (Severity.UNVERIFIABLE, []),
    ],
)
def test_it_tells_of_the_severities_that_are_wanted(severity: Severity, told: list[list[str]]) -> None:
    links = (
        link("broken", State.BROKEN, Code.CHANGED), link("moved", State.MOVED), link("changed", State.ATTENTION),
        link("blocked", State.UNVERIFIABLE, since=ago(days=20)),
    )  # fmt: skip
    one = made(*links, only=Only(severities=(severity,)))
    assert ids(one.new) == told
    assert [view.source.id for view in one.unverified] == (["blocked"] if severity is Severity.UNVERIFIABLE else [])


def test_it_tells_of_the_links_that_are_followed_only() -> None:
    links = link("a", county="H", tags=("x", "y")), link("b", county="K", owner="Region Blekinge")
    assert ids(made(*links, only=Only(counties=("H",))).new) == [["a"]]
    assert ids(made(*links, only=Only(tags=("y", "z"))).new) == [["a"]]
    assert ids(made(*links, only=Only(owners=("Region Blekinge",))).new) == [["b"]]
    assert ids(made(*links, only=Only(owners=("Region Blekinge",), counties=("H",))).new) == []
    assert made(*links, only=Only(counties=("H",))).watched == 1


# ---------------------------------------------------------------- new, open, kept in mind


def test_it_tells_of_a_finding_once_as_new_and_then_as_open() -> None:
    broken = link()
    first = made(broken)
    then = made(broken, told=first.told)
    assert (ids(first.new), ids(first.open)) == ([["a"]], [])
    assert (ids(then.new), ids(then.open)) == ([], [["a"]])
    assert then.told == first.told


def test_it_tells_of_a_finding_as_new_when_it_is_another_one() -> None:
    assert ids(made(link(code=Code.GONE), told=of(link())).new) == [["a"]]
    known = link(fingerprint="as it was answered")
    assert ids(made(known, told=Told(findings={"a": "as it was answered"})).open) == [["a"]]


@pytest.mark.parametrize(
    "answer",
    [
        review(Action.ACKNOWLEDGE),
        review(Action.SNOOZE, ago(days=-3)),
        review(Action.IGNORE),
        review(Action.APPROVE),
    ],
    ids=lambda answer: answer.action,
)
def test_it_leaves_out_what_is_answered_and_keeps_it_in_mind(answer: Review) -> None:
    quiet = link(reviews=(answer,))
    assert made(quiet).told.findings == {}
    one = made(quiet, told=of(quiet))
    assert (ids(one.new), ids(one.open), one.fixed) == ([], [], ())
    assert one.told == of(quiet)
    assert not one.is_news


@pytest.mark.parametrize("until", [ago(days=-3), ago(hours=1), None])
def test_it_tells_of_what_was_reported_as_open_and_never_as_new(until: datetime | None) -> None:
    reported = link(reviews=(review(Action.REPORT, until),))
    for told in (NOTHING, of(reported)):
        one = made(reported, told=told)
        assert (ids(one.new), ids(one.open)) == ([], [["a"]])
        assert one.open[0].entries[0].reported_at == ago(days=2)
        assert plainly(one.told) == (of(reported) if one.is_news else told)
        assert plainly(made(reported, told=told, always=True).told) == of(reported)


def test_it_says_who_has_it() -> None:
    assigned = link(reviews=(review(Action.ASSIGN, details={"assignee": "Bo Ek"}),))
    assert made(assigned).new[0].entries[0].assignees == ("Bo Ek",)


@pytest.mark.parametrize(
    "view",
    [
        link(state=State.FAILING),
        link(state=State.UNVERIFIABLE),
        link(state=State.UNKNOWN),
        link(state=State.PAUSED),
        link(state=State.ATTENTION),  # not of a severity that is wanted
    ],
)
def test_it_keeps_in_mind_what_was_told_and_is_not_known_to_be_over(view: LinkView) -> None:
    one = made(view, told=of(link()), only=Only(severities=(Severity.BROKEN,)))
    assert (ids(one.new), ids(one.open), one.fixed) == ([], [], ())
    assert one.told == of(link())


def test_it_forgets_what_is_no_longer_watched_or_followed() -> None:
    assert made(told=of(link())).told == NOTHING
    others = link("b", State.OK, county="H")
    assert made(link(county="K"), others, told=of(link()), only=Only(counties=("H",))).told == NOTHING


# ---------------------------------------------------------------- fixed


@pytest.mark.parametrize(
    ("view", "how"),
    [
        (link(state=State.OK), How.WORKS),
        (link(state=State.ATTENTION, code=Code.REDIRECTED), How.WORKS),
        (link(state=State.OK, mended=replace(MENDED, closed_as="fixed_on_page")), How.FIXED_ON_PAGE),
        (link(state=State.OK, mended=replace(MENDED, closed_as="accepted")), How.ACCEPTED),
        (link(state=State.OK, mended=MENDED), How.WORKS),
        (link(state=State.NO_LINK, url=""), How.REMOVED),
        (link(state=State.OK, reviews=(review(Action.ACKNOWLEDGE),)), How.WORKS),
    ],
)
def test_it_tells_how_what_was_told_of_is_over(view: LinkView, how: How) -> None:
    one = made(view, told=of(link()))
    assert [(mended.how, mended.broke_at) for mended in one.fixed] == [(how, None)]
    assert one.fixed[0].at == (ago(days=1) if how in (How.ACCEPTED, How.FIXED_ON_PAGE) else ago(days=3))
    assert one.is_news
    assert plainly(one.told) == NOTHING
    assert made(view, told=one.told).fixed == ()


def test_it_says_nothing_more_of_what_is_ignored() -> None:
    one = made(link(state=State.OK, reviews=(review(Action.IGNORE),)), told=of(link()))
    assert (one.fixed, one.told, one.is_news) == ((), NOTHING, False)


@pytest.mark.parametrize(
    ("changes", "broke_at"),
    [
        ((WELL_NOW, change(State.BROKEN, ago(days=4))), ago(days=4)),
        ((WELL_NOW, change(State.MOVED, ago(days=2)), change(State.BROKEN, ago(days=5))), ago(days=5)),
        ((WELL_NOW, change(State.BROKEN, ago(days=8))), None),  # told of as it was, or answered
        ((WELL_NOW, change(State.FAILING, ago(days=2))), None),
        ((change(State.ATTENTION, ago(days=1), Code.REDIRECTED),), None),
        ((), None),
    ],
)  # fmt: skip
def test_it_tells_of_what_broke_and_was_mended_between_two_mails(
    changes: tuple[Transition, ...], broke_at: datetime | None
) -> None:
    well = link(state=State.OK, transitions=changes)
    one = made(well)
    assert [mended.broke_at for mended in one.fixed] == ([broke_at] if broke_at else [])
    assert one.is_news is (broke_at is not None)
    assert made(well, told=None).fixed == ()
    assert [mended.broke_at for mended in made(well, told=of(link())).fixed] == [None]


def test_what_a_wrong_clock_has_dated_ahead_is_told_once_and_not_every_day() -> None:
    ahead = (change(State.OK, ago(days=-5)), change(State.BROKEN, ago(days=-6)))
    well = link(state=State.OK, transitions=ahead)
    older = link("b", State.OK, transitions=(WELL_NOW, change(State.BROKEN, ago(days=2))))
    one = made(well, older)
    assert [mended.link.source.id for mended in one.fixed] == ["b"]
    assert not made(well, told=one.told, told_at=ago(days=1)).is_news
    right = link(state=State.OK, transitions=(WELL_NOW, *ahead))  # the clock was set right before it was mended
    once = made(right)
    assert [mended.broke_at for mended in once.fixed] == [ago(days=1)]
    assert made(right, told=once.told, told_at=NOW).fixed == ()


def test_it_tells_of_what_became_known_only_after_the_last_mail() -> None:
    """A run from before that mail has found it, and has written it down later."""
    at = ago(days=1)
    told = made(link(state=State.OK), always=True).told
    broke = change(State.BROKEN, at - timedelta(hours=2))
    well = link(state=State.OK, transitions=(change(State.OK, at + timedelta(hours=2)), broke))
    assert [one.broke_at for one in made(well, told=told, told_at=at).fixed] == [broke.at]
    assert made(well, told=replace(told, through={"a": broke.at}), told_at=at).fixed == ()  # it was known
    assert made(well, told=replace(told, through=None), told_at=at).fixed == ()  # it is not known what was known
    old = link(state=State.OK, transitions=(well.transitions[0], change(State.BROKEN, at - OVERLAP)))
    assert made(old, told=told, told_at=at).fixed == ()


@given(
    runs=st.lists(
        st.tuples(st.integers(1, 6), st.integers(0, 11), st.booleans(), st.none() | st.integers(0, 12), st.booleans()),
        min_size=2,
        max_size=12,
    )
)
def test_however_runs_and_mails_overlap_no_break_is_lost_or_told_of_twice(
    runs: list[tuple[int, int, bool, int | None, bool]],
) -> None:
    """One run after the other (`pause` and `length` in hours), each finding the link well or broken; so long `before`
    its end there may be a mail, which may arrive."""
    at, state, mails = 0, State.OK, dict[int, bool]()
    history = list[tuple[int, Transition]]()  # when it became known, and what
    for pause, length, is_well, before, arrives in runs:
        begun, new = at + pause, State.OK if is_well else State.BROKEN
        at = begun + length
        if before is not None:
            mails[max(0, at - before)] = arrives
        if new is not state:
            history.append((at, Transition(link_id="a", at=NOW + timedelta(hours=begun), old=state, new=new,
                                           verdict=CODES[new], reason=None)))  # fmt: skip
        state = new
    told, told_at, heard = None, None, set[datetime]()  # the breaks that the last mail knew of
    for hour, arrives in [*sorted(mails.items()), (400, True)]:
        now = NOW + timedelta(hours=hour)
        known = tuple(one for known_at, one in reversed(history) if known_at <= hour)
        stands = {"state": known[0].new, "since": known[0].at} if known else {"state": State.OK}
        view = link(transitions=known, checked_at=now, **stands)
        snapshot = Snapshot(generated_at=now, run=None, links=(view,))
        one = digest(snapshot, only=Only(), told=told, told_at=told_at, rhythm=Rhythm(), always=False, now=now)
        breaks = {change.at for change in known if change.new is State.BROKEN}
        unheard = breaks - heard
        if told and view.belief.state is State.OK:
            expected = [None] if told.findings else [min(unheard)] if unheard else []
            assert [mended.broke_at for mended in one.fixed] == expected
        elif told:
            assert bool(one.new) is (not told.findings)
        if one.is_news and arrives:
            told, told_at, heard = one.told, now, breaks
        elif not one.is_news:
            told = one.told


def test_it_tells_of_it_where_its_severity_is_wanted() -> None:
    changes = (change(State.OK, ago(days=1)), change(State.MOVED, ago(days=2)))
    well = link(state=State.OK, transitions=changes)
    assert len(made(well, only=Only(severities=(Severity.WARNING,))).fixed) == 1
    assert made(well, only=Only(severities=(Severity.BROKEN,))).fixed == ()


# ---------------------------------------------------------------- not known


@pytest.mark.parametrize(("days", "is_told"), [(13.9, False), (14, True), (300, True)])
def test_it_tells_of_what_has_not_been_verified_for_long_and_makes_news_of_it_once(days: float, is_told: bool) -> None:
    blocked = link(state=State.UNVERIFIABLE, since=ago(days=days))
    one = made(blocked)
    assert bool(one.unverified) is one.is_news is is_told
    again = made(blocked, told=one.told)
    assert bool(again.unverified) is is_told
    assert not again.is_news
    assert again.told == one.told


def test_it_keeps_in_mind_that_it_told_of_it_until_it_is_over() -> None:
    told = Told(unverified=frozenset({"a"}))
    quiet = link(state=State.UNVERIFIABLE, since=ago(days=20), reviews=(review(Action.ACKNOWLEDGE),))
    assert (made(quiet, told=told).unverified, made(quiet, told=told).told) == ((), told)
    assert made(link(state=State.OK), told=told).told == NOTHING


@pytest.mark.parametrize(
    ("every", "days", "is_told"),
    [
        (Every.DAY, 1.9, False),
        (Every.DAY, 2.1, True),
        (Every.WEEK, 6.9, False),
        (Every.WEEK, 8.1, True),
        (Every.MONTH, 30, False),
        (Every.MONTH, 32.1, True),
    ],
)
def test_it_tells_what_linkwatch_itself_could_not_do(every: Every, days: float, is_told: bool) -> None:
    old = link(state=State.OK, checked_at=ago(days=days))
    one = made(old, link("b", State.OK), every=every)
    assert [view.source.id for view in one.unchecked] == (["a"] if is_told else [])
    assert (one.checked, one.watched) == (1 if is_told else 2, 2)
    assert one.is_news is one.told.unchecked is is_told
    assert one.unchecked_since == (old.belief.checked_at if is_told else None)
    assert not made(old, told=one.told, told_at=ago(days=1), every=every).is_news


UNCHECKED = link(state=State.OK, checked_at=ago(days=40))


@pytest.mark.parametrize(("days", "is_news"), [(1, False), (6, False), (6.96, True), (7, True), (30, True)])
def test_while_links_are_not_checked_it_says_so_every_week(days: float, is_news: bool) -> None:
    told = made(UNCHECKED).told
    assert made(UNCHECKED, told=told, told_at=ago(days=days)).is_news is is_news
    assert made(UNCHECKED, told=told, told_at=ago(days=days), every=Every.DAY).is_news is is_news


def test_it_says_once_that_all_links_are_checked_again() -> None:
    checked = link(state=State.OK)
    told = made(UNCHECKED, link("b", checked_at=ago(days=40))).told
    assert made(UNCHECKED, link("b"), told=told, told_at=ago(days=1)).is_checked_again is False
    over = made(checked, told=told, told_at=ago(days=1))
    assert (over.is_checked_again, over.is_news, over.told.unchecked) == (True, True, False)
    then = made(checked, told=over.told, told_at=ago(days=1))
    assert (then.is_checked_again, then.is_news) == (False, False)
    assert not made(told=told, told_at=ago(days=1)).is_news  # there is no link any more


def test_a_link_that_was_just_added_is_counted_and_makes_no_mail() -> None:
    added, checked = link("b", State.UNKNOWN, checked_at=None, since=None), link(state=State.OK)
    one = made(checked, added, told_at=ago(days=29))
    assert ([view.source.id for view in one.unchecked], one.checked, one.watched) == (["b"], 1, 2)
    assert (one.is_news, one.told.unchecked) == (False, False)
    first = made(checked, added, told=None)
    assert (len(first.unchecked), first.told.unchecked) == (1, False)
    assert not made(checked, link("b", State.OK), told=first.told, told_at=ago(days=1)).is_news
    alone = made(checked, replace(added, source=replace(added.source, county="H")), only=Only(counties=("H",)))
    assert (len(alone.unchecked), alone.is_news) == (1, False)


def test_links_none_of_which_was_ever_checked_are_told_of() -> None:
    never = link(state=State.UNKNOWN, checked_at=None, since=None)
    first = made(never, told=None)
    assert first.told.unchecked
    assert not made(never, told=first.told, told_at=ago(days=1)).is_news
    assert made(never, told=first.told, told_at=ago(days=7)).is_news
    assert made(link(state=State.OK), told=first.told, told_at=ago(days=1)).is_checked_again


def test_it_makes_news_of_it_when_it_happens_again() -> None:
    old, checked = link(state=State.OK, checked_at=ago(days=9)), link(state=State.OK)
    over = made(checked, told=made(old).told, told_at=ago(days=1))
    assert made(old, told=over.told, told_at=ago(days=1)).is_news
    blocked = link(state=State.UNVERIFIABLE, since=ago(days=20))
    over = made(checked, told=made(blocked).told)
    assert not over.is_news
    assert made(blocked, told=over.told).is_news


def test_it_takes_nothing_as_told_that_was_not_sent() -> None:
    reported = link(reviews=(review(Action.REPORT),))
    one = made(reported)
    assert (one.is_news, one.told) == (False, NOTHING)
    assert ids(made(link(), told=one.told).new) == [["a"]]


def test_it_counts_the_links_that_are_watched() -> None:
    links = (
        link("a"), link("b", State.OK), link("c", State.NO_LINK, url=""), link("d", State.PAUSED),
        link("e", State.OK, paused=True),
    )  # fmt: skip
    one = made(*links, listings=(page(State.OK, Code.OK),))
    assert (one.checked, one.watched) == (2, 2)


# ---------------------------------------------------------------- whether it is sent


def test_it_sends_the_first_one_whatever_there_is_to_say() -> None:
    one = made(link(state=State.OK), told=None)
    assert one.is_first
    assert one.is_news
    assert not made(link(state=State.OK)).is_first


def test_it_sends_nothing_where_all_is_as_it_was_unless_always_asked_for() -> None:
    for view, told in ((link(state=State.OK), NOTHING), (link(), of(link()))):
        assert not made(view, told=told).is_news
        assert made(view, told=told, always=True).is_news


@pytest.mark.parametrize(
    ("answer", "is_news"),
    [
        (review(Action.SNOOZE, ago(days=1)), True),
        (review(Action.REPORT, ago(days=1)), True),
        (review(Action.SNOOZE, ago(days=8)), False),  # told of in the last one
        (review(Action.REPORT, ago(days=-1)), False),
        (review(Action.SNOOZE, ago(days=1), ended_at=ago(days=1)), False),
    ],
)
def test_it_reminds_when_a_date_has_come_since_the_last_one(answer: Review, is_news: bool) -> None:
    broken = link(reviews=(answer,))
    assert made(broken, told=of(broken)).is_news is is_news


@pytest.mark.parametrize(("days", "is_news"), [(29, False), (30, True)])
def test_it_reminds_of_what_is_open_once_a_month(days: float, is_news: bool) -> None:
    assert made(link(), told=of(link()), told_at=ago(days=days)).is_news is is_news
    assert not made(link(state=State.OK), told_at=ago(days=days)).is_news


def test_it_is_not_silenced_by_a_mail_that_a_wrong_clock_has_dated_ahead() -> None:
    ahead = ago(days=-400)
    assert made(link(), told=of(link()), told_at=ahead).is_news
    assert made(UNCHECKED, told=Told(unchecked=True), told_at=ahead).is_news
    assert not made(link(state=State.OK), told_at=ahead).is_news


def test_it_says_that_no_link_is_followed_at_first_and_once_a_month() -> None:
    well, gone = link(state=State.OK, county="K"), Only(counties=("H",))
    one = made(well, only=gone, told_at=ago(days=1))
    assert (one.is_unmatched, one.is_news, one.told.unmatched) == (True, True, True)
    for days, is_news in ((1, False), (29, False), (30, True)):
        assert made(well, only=gone, told=one.told, told_at=ago(days=days)).is_news is is_news
    back = made(link(state=State.OK, county="H"), only=gone, told=one.told, told_at=ago(days=1))
    assert (back.is_unmatched, back.is_news, back.told.unmatched) == (False, False, False)
    for only, links in ((Only(), ()), (Only(severities=(Severity.BROKEN,)), (well,)), (Only(counties=("K",)), (well,))):
        assert not made(*links, only=only).is_unmatched


# ---------------------------------------------------------------- what was told


def test_without_a_desk_only_what_was_named_has_been_told() -> None:
    links = link("a"), link("b"), link("c", code=Code.GONE), link("d", State.OK), link("e", State.OK)
    blocked = [link(one, State.UNVERIFIABLE, since=ago(days=20)) for one in "xy"]
    before = Told(findings={"c": "as it was", "d": "x", "e": "x"}, unverified=frozenset("y"))
    one = made(*links, *blocked, told=before)
    told = one.told_of({"a", "d", "x", "y"})
    assert plainly(told) == Told(
        findings={"a": fingerprint.of(link("a")), "c": "as it was", "e": ""}, unverified=frozenset("xy")
    )
    then = made(*links, *blocked, told=told)
    assert (ids(then.open), sorted(ids(then.new))) == ([["a"]], [["b"], ["c"]])
    assert [mended.link.source.id for mended in then.fixed] == ["e"]
    assert not then.told_of(set("abcexy")).findings.keys() - set("abc")
    assert one.told_of({view.source.id for view in (*links, *blocked)}) == one.told


def test_what_broke_and_was_mended_without_a_name_is_named_next_time() -> None:
    well = link(state=State.OK, transitions=(WELL_NOW, change(State.BROKEN, ago(days=4))))
    one = made(well)
    then = made(well, told=one.told_of(()), told_at=ago(days=0))
    assert [(mended.how, mended.broke_at) for mended in then.fixed] == [(How.WORKS, None)]
    assert made(well, told=then.told_of({"a"}), told_at=ago(days=0)).fixed == ()


def test_what_is_not_named_may_stand_behind_what_was_never_told() -> None:
    links = [link(one, State.UNVERIFIABLE, since=ago(days=20 + days)) for days, one in enumerate("abc")]
    assert [one.source.id for one in made(*links, told=Told(unverified=frozenset("c"))).unverified] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "told",
    [
        NOTHING,
        Told(through={}),
        Told(findings={"a": "x"}, unverified=frozenset("b"), unchecked=True, unmatched=True, through={"a": NOW}),
    ],
)
def test_what_was_told_is_kept_as_it_was(told: Told) -> None:
    assert parcels._to_told(parcels._pack_told(told)) == told


def test_what_was_kept_before_the_changes_were_noted_can_be_read() -> None:
    old = zlib.compress(b'{"findings": {"a": "x"}, "unverified": [], "unchecked": true}')
    assert parcels._to_told(old) == Told(findings={"a": "x"}, unchecked=True)


@pytest.mark.parametrize("code", [*Code, None])
def test_that_a_page_is_right_can_be_said_of_a_page_that_was_seen(code: Code | None) -> None:
    seen = (Code.CHANGED, Code.OUTDATED, Code.SOFT_404, Code.MOVED_TO_HOME, Code.REPLACED, Code.PARKED,
            Code.TLS_ERROR, Code.MOVED)  # fmt: skip
    assert approvable(code) is (code in seen)


@pytest.mark.parametrize(
    ("only", "missing"),
    [
        (Only(), []),
        (Only(severities=(Severity.BROKEN,)), []),
        (Only(counties=("H",), owners=("Region Kalmar",), tags=("y",)), []),
        (Only(owners=("Region Kalmer",)), [("owners", "Region Kalmer")]),
        (Only(owners=("Region Kalmar", "Borta")), [("owners", "Borta")]),  # the others are heard of all the same
        (Only(counties=("Z",), tags=("z", "x")), [("counties", "Z"), ("tags", "z")]),
        (Only(counties=("K",), owners=("Region Kalmar",)), [("only", "")]),
    ],
)
def test_it_knows_what_is_chosen_and_no_link_has(only: Only, missing: list[tuple[str, str]]) -> None:
    sources = [link("a", county="H", tags=("x", "y")).source, link("b", county="K", owner="Region Blekinge").source]
    one = Subscriber(id="anna@example.se", address="anna@example.se", only=only)
    assert unmatched([one], iter(sources)) == [("anna@example.se", *each) for each in missing]


# ---------------------------------------------------------------- in which order


def shared(*ids: str, owners: tuple[str, ...] = ("Region Kalmar",), **rest: Any) -> list[LinkView]:
    cause = replace(MENDED, host="rfkl.example", closed_at=None, links=ids, open_links=ids)
    return [link(one, incident=cause, owner=owners[n % len(owners)], **rest) for n, one in enumerate(ids)]


def test_it_tells_links_of_one_cause_as_one_and_what_differs_apart() -> None:
    a, b, c = shared("a", "b", "c")
    assert ids(made(a, b, c).new) == [["a", "b", "c"]]
    one = made(a, b, c, told=of(a))
    assert (ids(one.new), ids(one.open)) == ([["b", "c"]], [["a"]])
    reported = replace(b, reviews=(review(Action.REPORT, link_id="b"),))
    assert ids(made(a, reported, c, told=of(a, b, c)).open) == [["a", "c"], ["b"]]
    other = replace(c, belief=replace(c.belief, finding=Code.GONE, verdict=Code.GONE))
    assert ids(made(a, b, other).new) == [["a", "b"], ["c"]]


def test_it_groups_by_owner_the_gravest_then_the_oldest_first_and_our_own_pages_before_all() -> None:
    links = (
        link("a", State.ATTENTION, owner="A", since=ago(days=90)),
        link("b", State.BROKEN, owner="B", since=ago(days=1)),
        link("c", State.BROKEN, owner="C", since=ago(days=9)),
        link("d", State.BROKEN, owner="A", since=ago(days=2)),
    )
    one = made(*links, listings=(page(State.ATTENTION, Code.CHANGED),))
    assert [(group.owner, ids((group,))) for group in one.new] == [
        ("ours.example", [["listing:ours"]]), ("C", [["c"]]), ("A", [["d"], ["a"]]), ("B", [["b"]]),
    ]  # fmt: skip


def test_it_names_the_host_where_a_cause_has_several_owners() -> None:
    assert [group.owner for group in made(*shared("a", "b", owners=("A", "B"))).new] == ["rfkl.example"]


def test_it_makes_the_same_of_many_subscribers_as_of_one() -> None:
    links = [link(f"{n}", state, county="HK"[n % 2]) for n, state in enumerate(State)]
    snapshot = Snapshot(generated_at=NOW, run=None, links=tuple(links))
    several = Digests(snapshot, NOW)
    for only in (Only(), Only(counties=("H",)), Only(severities=(Severity.BROKEN,))):
        asked: dict[str, Any] = {
            "only": only,
            "told": NOTHING,
            "told_at": ago(days=1),
            "rhythm": Rhythm(),
            "always": False,
        }
        assert several.digest(**asked) == digest(snapshot, **asked, now=NOW)


# ---------------------------------------------------------------- over time

_STATES = st.sampled_from([State.OK, State.FAILING, State.BROKEN, State.MOVED, State.UNVERIFIABLE, State.UNKNOWN])
_ANSWER = st.sampled_from([None, None, Action.ACKNOWLEDGE, Action.SNOOZE, Action.REPORT, Action.IGNORE])
_DAY = st.tuples(_STATES, st.sampled_from([Code.NOT_FOUND, Code.GONE]), _ANSWER)


@given(
    days=st.lists(st.tuples(_DAY, _DAY, st.booleans()), min_size=1, max_size=14),
    severities=st.sampled_from([(), (Severity.BROKEN,)]),
)
def test_it_leaves_nothing_untold_and_tells_nothing_twice(
    days: list[tuple[Any, Any, bool]], severities: tuple[Severity, ...]
) -> None:
    """Each day two links stand somehow, somebody may have answered, and the mail of the day may arrive or not."""
    told, told_at, only = None, None, Only(severities=severities)
    heard: dict[str, str | None] = {}  # what the reader thinks of each link: the finding, None: that it is over
    for number, (*seen, arrives) in enumerate(days):
        now = NOW + timedelta(days=number)
        links = tuple(_on_a_day(id, *one, now) for id, one in zip("ab", seen, strict=True))
        snapshot = Snapshot(generated_at=now, run=None, links=links)
        one = digest(
            snapshot, only=only, told=told, told_at=told_at, rhythm=Rhythm(every=Every.DAY), always=False, now=now
        )
        standing = {
            view.source.id: fingerprint.of(view)
            for view, (state, _, answer) in zip(links, seen, strict=True)
            if state in ((State.BROKEN,) if severities else (State.BROKEN, State.MOVED)) and answer is None
        }
        is_unheard = any(heard.get(id) != found for id, found in standing.items())
        assert one.is_news or not is_unheard
        if not one.is_news:
            told = one.told
        if not (one.is_news and arrives):
            continue
        new, kept = ({id for entry in ids(groups) for id in entry} for groups in (one.new, one.open))
        assert not [id for id in new if heard.get(id) == one.told.findings[id]]
        shown = new | kept
        assert standing.keys() <= shown
        heard |= {id: one.told.findings[id] for id in shown} | {end.link.source.id: None for end in one.fixed}
        told, told_at = one.told, now


def _on_a_day(id: str, state: State, code: Code, answer: Action | None, now: datetime) -> LinkView:
    found = code if state in (State.BROKEN, State.FAILING) else None
    until = now + timedelta(days=1) if answer in (Action.SNOOZE, Action.REPORT) else None
    answers = (review(answer, until, id),) if answer and state is not State.OK else ()
    return link(id, state, found, since=now, checked_at=now, reviews=answers)
