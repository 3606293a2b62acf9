from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkwatch.core.outbox import (
    LEASE,
    LONGEST_PAUSE,
    Channel,
    Content,
    Fate,
    Kind,
    Outcome,
    Parcel,
    Result,
    Settled,
    Waiting,
    mark,
    pause,
    settle,
)
from linkwatch.core.safe import plain

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAYS = timedelta(days=3)


def waiting(*, bare: str = "Se granskningen.", age: timedelta = timedelta(0), **more: Any) -> Waiting:
    parcel = Parcel(
        kind=Kind.DIGEST,
        channel=Channel.MAIL,
        recipient="anna@example.se",
        message_id="<1@example.se>",
        content=Content(subject="", text="", bare=bare),
    )
    return Waiting(**{"id": 1, "parcel": parcel, "made_at": NOW, "first_at": NOW - age, "attempts": 1, **more})


def settled(result: Result, one: Waiting, **outcome: Any) -> Settled:
    return settle(one, Outcome(result=result, **outcome), NOW, give_up_after=DAYS)


@pytest.mark.parametrize("is_bare", [True, False])
@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=30)])
def test_what_is_sent_is_sent_however_old(is_bare: bool, age: timedelta) -> None:
    assert settled(Result.SENT, waiting(is_bare=is_bare, age=age)) == Settled(fate=Fate.SENT, is_bare=is_bare)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 3), (3, 9), (4, 27), (5, 81), (6, 240), (7, 240), (10_000, 240)]
)
def test_it_tries_again_ever_more_seldom(attempts: int, minutes: int) -> None:
    assert pause(attempts) == timedelta(minutes=minutes)
    one = settled(Result.LATER, waiting(attempts=attempts))
    assert one == Settled(fate=Fate.PENDING, not_before=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(hours=-1), timedelta(minutes=1)),
        (timedelta(seconds=30), timedelta(minutes=1)),
        (timedelta(hours=5), timedelta(hours=5)),
        (timedelta(days=300), DAYS),
    ],
)
def test_it_waits_as_the_other_side_asks_but_not_for_ever(asked: timedelta, wait: timedelta) -> None:
    one = settled(Result.LATER, waiting(), not_before=NOW + asked)
    assert one == Settled(fate=Fate.PENDING, not_before=NOW + wait)


@pytest.mark.parametrize(
    ("age", "fate"), [(DAYS - timedelta(seconds=1), Fate.PENDING), (DAYS, Fate.DEAD), (DAYS * 2, Fate.DEAD)]
)
def test_it_gives_up_in_time(age: timedelta, fate: Fate) -> None:
    assert settled(Result.LATER, waiting(age=age, attempts=20)).fate is fate


def test_what_was_merged_is_as_old_as_its_first() -> None:
    one = waiting(age=DAYS, attempts=1)
    assert one.made_at == NOW
    assert settled(Result.LATER, one).fate is Fate.DEAD


@pytest.mark.parametrize(
    ("bare", "is_bare", "wanted"),
    [
        ("Se granskningen.", False, Settled(fate=Fate.PENDING, not_before=NOW, is_bare=True)),
        ("Se granskningen.", True, Settled(fate=Fate.DEAD, is_bare=True)),
        ("", False, Settled(fate=Fate.DEAD)),
    ],
)
def test_what_is_refused_for_what_it_says_goes_once_more_without_it(bare: str, is_bare: bool, wanted: Settled) -> None:
    assert settled(Result.REFUSED, waiting(bare=bare, is_bare=is_bare)) == wanted


@pytest.mark.parametrize("is_bare", [True, False])
def test_who_never_takes_it_is_not_asked_again(is_bare: bool) -> None:
    assert settled(Result.NEVER, waiting(is_bare=is_bare)) == Settled(fate=Fate.DEAD, is_bare=is_bare)


def test_what_went_bare_stays_bare() -> None:
    assert settled(Result.LATER, waiting(is_bare=True)).is_bare


@given(
    result=st.sampled_from(Result),
    attempts=st.integers(0, 10_000),
    age=st.timedeltas(timedelta(0), timedelta(days=10)),
    asked=st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_is_pending_has_a_time_that_comes(
    result: Result, attempts: int, age: timedelta, asked: datetime | None
) -> None:
    one = settle(waiting(attempts=attempts, age=age), Outcome(result=result, not_before=asked), NOW, give_up_after=DAYS)
    assert (one.not_before is not None) is (one.fate is Fate.PENDING)
    if one.not_before:
        assert NOW <= one.not_before <= NOW + max(DAYS, LONGEST_PAUSE)


def test_no_text_from_elsewhere_holds_a_mark() -> None:
    for number in (0, 1, 12):
        assert mark(number) not in plain(f"a{mark(number)}b")


def test_a_lease_outlives_the_first_pauses() -> None:
    assert pause(3) < LEASE
