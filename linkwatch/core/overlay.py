"""What the configuration says now, laid over what the database remembers of the last run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from linkwatch.core.models import Belief, Facts, LinkView, Snapshot, Source, State, Suggestion


def with_paused(sources: Sequence[Source], paused: Collection[str]) -> tuple[Source, ...]:
    """The sources, those paused that somebody has paused."""
    return tuple(replace(source, paused=True) if source.id in paused else source for source in sources)


def with_sources(snapshot: Snapshot, sources: Sequence[Source]) -> Snapshot:
    """The snapshot in the configuration's order: new sources unknown, those that are gone left out."""
    known = {view.source.id: view for view in snapshot.links}
    return replace(snapshot, links=tuple(_view(source, known.get(source.id)) for source in sources))


def with_listed(snapshot: Snapshot, addresses: Mapping[str, str]) -> Snapshot:
    """The snapshot with the addresses that our own page shows instead, as suggestions: nobody knows better."""
    if not addresses:
        return snapshot
    return replace(snapshot, links=tuple(_suggested(view, addresses.get(view.source.id)) for view in snapshot.links))


def _suggested(view: LinkView, url: str | None) -> LinkView:
    return replace(view, suggestion=Suggestion(url=url, score=1.0, why="listing")) if url else view


def _view(source: Source, known: LinkView | None) -> LinkView:
    resting = _resting(source)
    if known is None or (known.source.url != source.url) or (resting and known.belief.state is not resting):
        belief = Belief(state=resting or State.UNKNOWN)
        transitions = known.transitions if known else ()
        # What was answered to a finding has ended with it.
        reviews = tuple(one for one in known.reviews if one.fingerprint is None) if known else ()
        return LinkView(
            source=source, belief=belief, facts=Facts(), evidence={}, transitions=transitions, reviews=reviews
        )
    return known if known.source == source else replace(known, source=source)


def _resting(source: Source) -> State | None:
    if not source.url:
        return State.NO_LINK
    return State.PAUSED if source.paused else None
