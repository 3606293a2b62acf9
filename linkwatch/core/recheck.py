"""When to look at a link again."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from linkwatch.core.models import Belief, Known, Source, State

DAILY = timedelta(hours=20)  # a little less than a day: a daily timer that starts some minutes early finds all due
SOON = timedelta(hours=3)  # what has begun to fail is looked at again the same day, then ever less often


def due_at(belief: Belief) -> datetime | None:
    """The time from which a link is due; None: at once, it was never checked."""
    if belief.checked_at is None:
        return None
    return belief.checked_at + _pause(belief)


def _pause(belief: Belief) -> timedelta:
    """3, 6, 12 hours after the first, second and third failure, then once a day; what is confirmed, once a day."""
    if belief.state is not State.FAILING:
        return DAILY
    return min(SOON * (1 << min(max(belief.failures - 1, 0), 3)), DAILY)


def is_due(belief: Belief, now: datetime) -> bool:
    """A clock that was set back does not put a link off: a check in the future counts as none."""
    at = due_at(belief)
    return at is None or at <= now or (belief.checked_at is not None and belief.checked_at > now)


def due_of(sources: Iterable[Source], known: Mapping[str, Known], now: datetime) -> list[Source]:
    """Those to visit whose time has come; what is not known yet is due at once."""
    return [
        source
        for source in sources
        if source.url and not source.paused and is_due(known.get(source.id, Known()).belief, now)
    ]
