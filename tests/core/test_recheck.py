from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.models import Belief, Known, Source, State
from linkwatch.core.recheck import due_of, is_due

NOW = datetime(2026, 3, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "hours_ago", "due"),
    [
        (State.UNKNOWN, None, True),
        (State.OK, 1, False),
        (State.OK, 23, True),
        (State.BROKEN, 6, False),
        (State.BROKEN, 24, True),
        (State.OK, -1, True),  # the clock was set back
    ],
)
def test_it_knows_when_a_link_is_due(state: State, hours_ago: float | None, due: bool) -> None:
    checked_at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert is_due(Belief(state=state, checked_at=checked_at), NOW) is due


@pytest.mark.parametrize(("failures", "hours"), [(1, 3), (2, 6), (3, 12), (4, 20), (50, 20), (10**6, 20)])
def test_it_looks_soon_at_what_fails_and_then_ever_less_often(failures: int, hours: int) -> None:
    def due(hours_ago: float) -> bool:
        checked_at = NOW - timedelta(hours=hours_ago)
        return is_due(Belief(state=State.FAILING, failures=failures, checked_at=checked_at), NOW)

    assert not due(hours - 0.1)
    assert due(hours)


def test_only_what_is_to_be_visited_is_due() -> None:
    seen = Known(belief=Belief(state=State.OK, checked_at=NOW - timedelta(hours=1)))
    a, b, c, d = (Source(id=id, name=id, url=url, owner="O", paused=id == "c") for id, url in
                  (("a", "https://a.se/"), ("b", "https://b.se/"), ("c", "https://c.se/"), ("d", "")))  # fmt: skip
    assert due_of([a, b, c, d], {"b": seen}, NOW) == [a]
