from dataclasses import replace
from datetime import UTC, datetime

from linkwatch.core.models import Belief, Facts, LinkView, Snapshot, Source, State
from linkwatch.core.overlay import with_sources
from linkwatch.core.reviews import Action, Review

NOW = datetime(2026, 1, 12, tzinfo=UTC)


def source(id: str, url: str = "https://a.se/", **more: object) -> Source:
    return Source(id=id, name=id, url=url, owner="A", **more)  # type: ignore[arg-type]  # any field by its name


def seen(*links: Source) -> Snapshot:
    views = (LinkView(source=s, belief=Belief(state=State.OK), facts=Facts(), evidence={}) for s in links)
    return Snapshot(generated_at=NOW, run=None, links=tuple(views))


def states(*configured: Source) -> dict[str, State]:
    return {
        view.source.id: view.belief.state for view in with_sources(seen(source("a"), source("b")), configured).links
    }


def test_it_shows_sources_in_the_configured_order_and_leaves_out_those_that_are_gone() -> None:
    assert list(states(source("b"), source("c"))) == ["b", "c"]


def test_it_knows_nothing_of_a_new_source_or_a_new_address() -> None:
    assert states(source("c"), source("a", url="https://b.se/"), source("b")) == {
        "c": State.UNKNOWN,
        "a": State.UNKNOWN,
        "b": State.OK,
    }


def test_it_shows_what_rests_as_resting() -> None:
    assert states(source("a", url=""), source("b", paused=True)) == {"a": State.NO_LINK, "b": State.PAUSED}


def test_it_takes_the_new_name_at_once() -> None:
    view = with_sources(seen(source("a")), [Source(id="a", name="Blekinge", url="https://a.se/", owner="B")])
    assert view.links[0].source.name == "Blekinge"
    assert view.links[0].belief.state is State.OK


def test_of_a_link_with_a_new_address_only_what_was_answered_to_a_finding_has_ended() -> None:
    bound, kept = (
        Review(id=number, link_id="a", at=NOW, who="", action=action, fingerprint=seen_as)
        for number, (action, seen_as) in enumerate([(Action.ACKNOWLEDGE, "1"), (Action.ASSIGN, None)])
    )
    answered = replace(seen(source("a")).links[0], reviews=(bound, kept))
    snapshot = replace(seen(), links=(answered,))
    assert with_sources(snapshot, [source("a")]).links[0].reviews == (bound, kept)
    assert with_sources(snapshot, [source("a", url="https://b.se/")]).links[0].reviews == (kept,)
