"""What a change of the configuration does to the links in the database."""

from dataclasses import replace
from pathlib import Path

import pytest

from linkwatch.core.models import Belief, Code, Facts, Source, State, Transition, Validators, Verdict
from linkwatch.store import Store
from tests.store.storing import COPY, NOW, after, belief, decision, source

KEPT = Validators(url="https://region.example/blekinge", etag='"1"', last_modified=None)


def states(store: Store) -> dict[str, State]:
    return {link_id: known.belief.state for link_id, known in store.known().items()}


def settle(store: Store, believed: Belief) -> None:
    store.commit(
        store.begin_run(NOW, due=1),
        [decision(believed=believed, validators=KEPT, body_hash=b"hash", new_copy=COPY)],
    )


def test_it_keeps_every_field_of_a_source_in_the_order_of_the_configuration(store: Store) -> None:
    bare = Source(id="gotland", name="Gotland", url="https://gotland.example/", owner="Region Gotland")
    configured = [source("dalarna"), bare, source("blekinge")]
    store.sync_sources(configured, NOW)
    assert [link.source for link in store.snapshot(NOW).links] == configured


def test_it_starts_a_link_as_unknown_without_a_transition(store: Store) -> None:
    assert store.sync_sources([source("blekinge"), source("dalarna"), source("gotland")], after(1)) == ()
    assert store.known()["gotland"].belief == Belief(state=State.UNKNOWN, since=after(1))


@pytest.mark.parametrize(
    ("before", "later", "old", "told"),
    [
        (None, source(url=""), State.UNKNOWN, (State.NO_LINK, None)),
        (None, source(paused=True), State.UNKNOWN, (State.PAUSED, None)),
        (None, source(url="", paused=True), State.UNKNOWN, (State.NO_LINK, None)),
        (source(), source(url=""), State.MOVED, (State.NO_LINK, None)),
        (source(), source(paused=True), State.MOVED, (State.PAUSED, None)),
        (source(), source(url="https://new.example/"), State.MOVED, (State.UNKNOWN, "address_changed")),
        (source(url=""), source(), State.NO_LINK, (State.UNKNOWN, "address_changed")),
        (source(paused=True), source(), State.PAUSED, (State.UNKNOWN, "resumed")),
        (source(paused=True), source(url=""), State.PAUSED, (State.NO_LINK, None)),
    ],
)
def test_it_follows_the_configuration_with_a_transition(
    path: Path, before: Source | None, later: Source, old: State, told: tuple[State, str | None]
) -> None:
    with Store.open(path) as store:
        if before:
            store.sync_sources([before], NOW)
            settle(store, belief())
        new, reason = told
        transitions = store.sync_sources([later], after(1))
        expected = Transition(link_id="blekinge", at=after(1), old=old, new=new, verdict=None, reason=reason)
        assert transitions == (expected,)
        assert store.known()["blekinge"].belief == Belief(state=new, since=after(1))
        assert store.snapshot(NOW).links[0].transitions[0] == expected


@pytest.mark.parametrize("configured", [source(url=""), source(paused=True), source()])
def test_it_does_nothing_when_nothing_changed(path: Path, configured: Source) -> None:
    with Store.open(path) as store:
        store.sync_sources([configured], NOW)
        before = store.known()
        assert store.sync_sources([configured], after(1)) == ()
        assert store.known() == before


def test_it_leaves_a_belief_alone_when_only_words_change(store: Store) -> None:
    settle(store, belief(State.BROKEN, failures=3))
    before = store.known()["blekinge"]
    renamed = replace(source(), name="Blekinge län", owner="Region Blekinge län", tags=())
    assert store.sync_sources([renamed], after(1)) == ()
    assert store.known()["blekinge"] == before
    assert store.snapshot(NOW).links[0].source == renamed


def test_a_changed_address_starts_anew_in_everything(store: Store) -> None:
    settle(store, belief(State.BROKEN, failures=3))
    store.sync_sources([source(url="https://new.example/")], after(1))
    known, view = store.known()["blekinge"], store.snapshot(NOW).links[0]
    assert (known.validators, known.body_hash, known.facts, known.evidence) == (None, None, Facts(), {})
    assert view.suggestion is None
    assert store.copy("blekinge") is None


def test_a_resumed_link_is_fetched_whole(store: Store) -> None:
    settle(store, belief())
    store.sync_sources([source(paused=True)], after(1))
    store.sync_sources([source()], after(2))
    assert store.known()["blekinge"].validators is None


def test_a_source_that_is_gone_is_hidden_and_comes_back_with_its_history(store: Store) -> None:
    settle(store, belief(State.BROKEN, failures=3))
    before = store.known()["blekinge"]
    assert store.sync_sources([source("dalarna")], after(1)) == ()
    assert states(store) == {"dalarna": State.UNKNOWN}
    assert len(store.link_history("blekinge")) == 1

    assert store.sync_sources([source("blekinge"), source("dalarna")], after(2)) == ()
    assert store.known()["blekinge"] == before
    assert store.copy("blekinge") == COPY


def test_a_suspicion_does_not_outlive_a_time_in_which_nobody_looked(store: Store) -> None:
    settle(store, belief(State.FAILING, failures=1))
    store.sync_sources([], after(1))
    (told,) = store.sync_sources([source()], after(9_000))
    assert (told.old, told.new, told.reason) == (State.FAILING, State.UNKNOWN, "returned")
    assert store.known()["blekinge"].belief.failures == 0


def test_a_verdict_on_an_address_that_is_no_longer_watched_stays_in_the_history_only(store: Store) -> None:
    started = store.begin_run(NOW, due=1)
    store.sync_sources([source(url="https://new.example/"), source("dalarna", paused=True)], after(1))
    late = [decision(source(link_id), changed=True, new_copy=COPY) for link_id in ("blekinge", "dalarna")]
    store.commit(started, late)
    assert states(store) == {"blekinge": State.UNKNOWN, "dalarna": State.PAUSED}
    assert store.copy("blekinge") is None
    assert [check.verdict for check in store.link_history("blekinge")] == [Code.MOVED]


def test_it_changes_all_or_nothing(store: Store) -> None:
    settle(store, belief())
    before = store.known()
    with pytest.raises(TypeError, match="without a zone"):
        store.sync_sources([source(url=""), source("gotland")], NOW.replace(tzinfo=None))
    assert store.known() == before


def test_a_verdict_after_the_address_came_back_is_taken(store: Store) -> None:
    store.sync_sources([source(url="")], NOW)
    store.sync_sources([source()], after(1))
    store.commit(store.begin_run(NOW, due=1), [decision(verdict=Verdict(code=Code.OK), believed=belief(State.OK))])
    assert states(store) == {"blekinge": State.OK}
