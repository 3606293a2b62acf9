from datetime import UTC, datetime, timedelta

import pytest

from linkwatch.core.reviews import (
    BOUND,
    QUIETING,
    REPLACES,
    STANDING,
    UNDOABLE,
    Action,
    Precision,
    Review,
    precision,
    quieting,
)

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


def review(id: int, action: Action, link_id: str = "a", seen_as: str = "1", **more: object) -> Review:
    return Review(id=id, link_id=link_id, at=NOW, who="", action=action, fingerprint=seen_as, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("until", "ended_as", "is_quiet"),
    [
        (None, None, True),
        (NOW + timedelta(seconds=1), None, True),
        (NOW, None, False),
        (None, "changed", False),
    ],
)
def test_an_answer_keeps_quiet_until_its_date_or_its_end(
    until: datetime | None, ended_as: str | None, is_quiet: bool
) -> None:
    one = review(1, Action.SNOOZE, until=until, ended_as=ended_as, ended_at=NOW if ended_as else None)
    assert (quieting([review(0, Action.ASSIGN), one], NOW) is one) is is_quiet


def test_what_holds_is_replaced_only_by_what_is_written_down() -> None:
    assert set(REPLACES) >= STANDING
    assert QUIETING | BOUND <= STANDING
    assert not {Action.CHECK, Action.UNDO} & UNDOABLE


@pytest.mark.parametrize(
    ("action", "ended_as", "is_undoable"),
    [
        (Action.ACKNOWLEDGE, None, True),
        (Action.ACKNOWLEDGE, "changed", False),
        (Action.APPROVE, "changed", True),
        (Action.APPROVE, "undone", False),
        (Action.APPROVE, "replaced", True),
        (Action.ACCEPT, None, True),
        (Action.CHECK, None, False),
    ],
)
def test_it_tells_what_can_still_be_taken_back(action: Action, ended_as: str | None, is_undoable: bool) -> None:
    one = review(1, action, ended_as=ended_as, ended_at=NOW if ended_as else None)
    assert one.is_undoable() is is_undoable


def test_an_alarm_counts_once_by_the_last_word_on_it() -> None:
    said = [
        review(1, Action.APPROVE),
        review(3, Action.CONFIRM),
        review(2, Action.APPROVE),
        review(4, Action.CONFIRM, seen_as="2"),
        review(5, Action.APPROVE, "b", ended_as="changed", ended_at=NOW),
        review(6, Action.CONFIRM, "c", ended_as="undone", ended_at=NOW),
        review(7, Action.ACKNOWLEDGE, "d"),
    ]
    assert precision(said) == Precision(confirmed=2, approved=1)
    assert precision(said).share == pytest.approx(2 / 3)


def test_of_nothing_there_is_no_share() -> None:
    assert precision([review(1, Action.REPORT)]).share is None
