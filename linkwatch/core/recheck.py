"""When to look at a link again."""

from datetime import datetime, timedelta

from linkwatch.core.models import Belief, State

DAILY = timedelta(hours=20)  # a little less than a day: a daily timer that starts some minutes early finds all due
SOON = timedelta(hours=6)  # what fails is looked at again the same day, so that it is confirmed or over by the next


def due_at(belief: Belief) -> datetime | None:
    """The time from which a link is due; None: at once, it was never checked."""
    if belief.checked_at is None:
        return None
    return belief.checked_at + (SOON if belief.state is State.FAILING else DAILY)


def is_due(belief: Belief, now: datetime) -> bool:
    """A clock that was set back does not put a link off: a check in the future counts as none."""
    at = due_at(belief)
    return at is None or at <= now or (belief.checked_at is not None and belief.checked_at > now)
