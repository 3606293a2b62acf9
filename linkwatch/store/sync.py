"""What a change of the configuration does to what is believed of a link. Pure; the repository carries it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.models import Belief, Source, State, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the database holds of a source."""

    source: Source
    position: int
    removed: bool
    belief: Belief


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row to write. With `belief` the link starts anew; with `forget` what its old address showed goes too."""

    source: Source
    position: int
    belief: Belief | None = None
    forget: bool = False
    transition: Transition | None = None


def changes(sources: Sequence[Source], kept: Mapping[str, Kept], now: datetime) -> tuple[Change, ...]:
    """The rows that differ from the configuration, in its order."""
    pairs = ((position, source, kept.get(source.id)) for position, source in enumerate(sources))
    return tuple(
        change(position, source, held, now)
        for position, source, held in pairs
        if held is None or held.removed or (held.source, held.position) != (source, position)
    )


def change(position: int, source: Source, held: Kept | None, now: datetime) -> Change:
    """What becomes of one source."""
    old = State.UNKNOWN if held is None else held.belief.state
    new, reason = _settle(source, held)
    moved = held is not None and held.source.url != source.url
    anew = held is None or moved or new is not old
    return Change(
        source=source,
        position=position,
        belief=Belief(state=new, since=now) if anew else None,
        forget=moved,
        transition=None
        if new is old
        else Transition(link_id=source.id, at=now, old=old, new=new, verdict=None, reason=reason),
    )


def _settle(source: Source, held: Kept | None) -> tuple[State, str | None]:
    """The state that the configuration leads to, and a stable word why it takes a link back to unknown."""
    if not source.url:
        return State.NO_LINK, None
    if source.paused:
        return State.PAUSED, None
    if held is None:
        return State.UNKNOWN, None
    if held.source.url != source.url:
        return State.UNKNOWN, "address_changed"
    if held.belief.state in (State.NO_LINK, State.PAUSED):
        return State.UNKNOWN, "resumed"
    if held.removed and is_suspected(held.belief):
        return State.UNKNOWN, "returned"
    return held.belief.state, None


def is_suspected(belief: Belief) -> bool:
    """Strikes that are not confirmed: they must not be joined to new ones over a time in which nobody looked."""
    return belief.state is not State.BROKEN and bool(belief.failures or belief.missing)
