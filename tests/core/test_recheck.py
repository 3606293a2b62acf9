from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.models import Belief, State
from linkwatch.core.recheck import is_due

NOW = datetime(2026, 3, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "hours_ago", "due"),
    [
        (State.UNKNOWN, None, True),
        (State.OK, 1, False),
        (State.OK, 23, True),
        (State.FAILING, 5, False),
        (State.FAILING, 6, True),
        (State.BROKEN, 6, False),
        (State.BROKEN, 24, True),
        (State.OK, -1, True),  # the clock was set back
    ],
)
def test_it_knows_when_a_link_is_due(state: State, hours_ago: float | None, due: bool) -> None:
    checked_at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert is_due(Belief(state=state, checked_at=checked_at), NOW) is due
