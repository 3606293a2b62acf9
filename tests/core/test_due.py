"""Due times in civil time: nothing is lost and nothing doubled, whatever the calendar and the clocks do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkwatch.core.due import Every, Rhythm, first_on, following, is_astray, local_date, moment, next_on

STOCKHOLM = "Europe/Stockholm"
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)  # the days on which the clocks of Stockholm change
STEP = timedelta(minutes=15)

RHYTHMS = st.builds(
    Rhythm,
    every=st.sampled_from(Every),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
)
ZONES = st.sampled_from(sorted(available_timezones()))
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=16 * 365)).map(
    lambda span: datetime(2024, 1, 1, tzinfo=UTC) + span
)


def monthly(day: int) -> Rhythm:
    return Rhythm(every=Every.MONTH, day=day)


def weekly(weekday: int) -> Rhythm:
    return Rhythm(every=Every.WEEK, weekday=weekday)


def daily(hour: int) -> Rhythm:
    return Rhythm(every=Every.DAY, hour=hour)


def stockholm(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(STOCKHOLM), fold=fold)


def served(rhythm: Rhythm, passes: Iterator[datetime], zone: str = STOCKHOLM) -> list[datetime]:
    """The passes that found it due, from the first one on."""
    on = first_on(rhythm, next(passes), zone)
    found = []
    for now in passes:
        if moment(on, rhythm.hour, zone) <= now:
            found.append(now)
            on = following(rhythm, now, zone)
    return found


def passes(start: datetime, span: timedelta, step: timedelta = STEP) -> Iterator[datetime]:
    now, end = start.astimezone(UTC), start.astimezone(UTC) + span
    while now < end:
        yield now
        now += step


# ---------------------------------------------------------------- the calendar


@pytest.mark.parametrize(
    ("rhythm", "after", "on"),
    [
        (daily(7), date(2026, 12, 31), date(2027, 1, 1)),
        (daily(7), date(2028, 2, 28), date(2028, 2, 29)),
        (weekly(0), date(2026, 11, 22), date(2026, 11, 23)),  # a Sunday, then the Monday
        (weekly(0), date(2026, 11, 23), date(2026, 11, 30)),
        (weekly(6), date(2026, 12, 27), date(2027, 1, 3)),
        (weekly(3), date(2026, 11, 23), date(2026, 11, 26)),
        (monthly(1), date(2026, 11, 30), date(2026, 12, 1)),
        (monthly(1), date(2026, 12, 1), date(2027, 1, 1)),
        (monthly(15), date(2026, 11, 14), date(2026, 11, 15)),
        (monthly(15), date(2026, 11, 15), date(2026, 12, 15)),
        (monthly(31), date(2027, 1, 31), date(2027, 2, 28)),
        (monthly(31), date(2027, 2, 28), date(2027, 3, 31)),
        (monthly(31), date(2027, 3, 31), date(2027, 4, 30)),
        (monthly(31), date(2028, 1, 31), date(2028, 2, 29)),
        (monthly(30), date(2028, 2, 28), date(2028, 2, 29)),
        (monthly(29), date(2027, 1, 29), date(2027, 2, 28)),
        (monthly(31), date(2026, 12, 31), date(2027, 1, 31)),
    ],
)
def test_it_is_the_next_day_of_the_rhythm(rhythm: Rhythm, after: date, on: date) -> None:
    assert next_on(rhythm, after) == on


@pytest.mark.parametrize("year", [2027, 2028])
@pytest.mark.parametrize("day", [1, 28, 29, 30, 31])
def test_each_month_has_its_day_once(year: int, day: int) -> None:
    on, found = date(year - 1, 12, 31), []
    while (on := next_on(monthly(day), on)).year == year:
        found.append(on.month)
    assert found == list(range(1, 13))


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (stockholm(2026, 11, 24, 6, 59), date(2026, 11, 24)),
        (stockholm(2026, 11, 24, 7, 0), date(2026, 11, 25)),
        (stockholm(2026, 11, 24, 23, 59), date(2026, 11, 25)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), date(2026, 11, 25)),  # in Stockholm it is the 25th already
    ],
)
def test_who_is_new_is_due_at_the_next_hour_of_the_rhythm(now: datetime, on: date) -> None:
    assert first_on(daily(7), now, STOCKHOLM) == on


# ---------------------------------------------------------------- the clocks


@pytest.mark.parametrize(
    ("on", "hour", "at"),
    [
        (SPRING, 1, datetime(2027, 3, 28, 0, tzinfo=UTC)),
        (SPRING, 2, datetime(2027, 3, 28, 1, tzinfo=UTC)),  # left out: as the clocks are put forward
        (SPRING, 3, datetime(2027, 3, 28, 1, tzinfo=UTC)),
        (AUTUMN, 1, datetime(2026, 10, 24, 23, tzinfo=UTC)),
        (AUTUMN, 2, datetime(2026, 10, 25, 0, tzinfo=UTC)),  # comes twice: the first one
        (AUTUMN, 3, datetime(2026, 10, 25, 2, tzinfo=UTC)),
        (date(2026, 7, 1), 7, datetime(2026, 7, 1, 5, tzinfo=UTC)),
        (date(2026, 12, 1), 7, datetime(2026, 12, 1, 6, tzinfo=UTC)),
    ],
)
def test_it_knows_the_moment_when_the_clocks_of_stockholm_change(on: date, hour: int, at: datetime) -> None:
    assert moment(on, hour, STOCKHOLM) == at


def test_the_hour_that_comes_twice_is_served_once() -> None:
    start = stockholm(2026, 10, 25, 1, 30)
    assert served(daily(2), passes(start, timedelta(hours=6))) == [datetime(2026, 10, 25, 0, tzinfo=UTC)]


@pytest.mark.parametrize("hour", [0, 2, 3, 23])
def test_it_is_due_once_on_each_day_of_a_year(hour: int) -> None:
    """A pass every quarter of an hour, over both changes of the clocks."""
    start = stockholm(2026, 10, 1, 12)
    days = [local_date(now, STOCKHOLM) for now in served(daily(hour), passes(start, timedelta(days=365)))]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) in (364, 365)
    assert {SPRING, AUTUMN} <= set(days)


def test_what_was_missed_for_three_weeks_is_done_once() -> None:
    def with_a_rest() -> Iterator[datetime]:
        yield from passes(stockholm(2026, 11, 2, 12), timedelta(hours=1))
        yield from passes(stockholm(2026, 11, 23, 15), timedelta(days=1))

    assert served(daily(7), with_a_rest()) == [
        stockholm(2026, 11, 23, 15),
        stockholm(2026, 11, 24, 7),
    ]
    assert served(weekly(0), with_a_rest()) == [stockholm(2026, 11, 23, 15)]
    assert served(monthly(20), with_a_rest()) == [stockholm(2026, 11, 23, 15)]


def test_a_clock_that_is_put_back_a_little_doubles_nothing() -> None:
    now = stockholm(2026, 11, 24, 7)
    on = following(daily(7), now, STOCKHOLM)
    earlier = now - timedelta(hours=3)
    assert moment(on, 7, STOCKHOLM) > earlier
    assert not is_astray(on, daily(7), earlier, STOCKHOLM)


@pytest.mark.parametrize("rhythm", [daily(7), weekly(0), monthly(31)])
def test_a_day_that_a_wrong_clock_has_set_is_astray(rhythm: Rhythm) -> None:
    now = stockholm(2026, 11, 24, 7)
    assert not is_astray(following(rhythm, now, STOCKHOLM), rhythm, now, STOCKHOLM)
    in_a_year = following(rhythm, now + timedelta(days=365), STOCKHOLM)
    assert is_astray(in_a_year, rhythm, now, STOCKHOLM)
    assert not is_astray(date(2000, 1, 1), rhythm, now, STOCKHOLM)  # late is not astray


def test_a_move_to_the_farthest_zone_is_not_astray() -> None:
    now = datetime(2026, 11, 24, 11, tzinfo=UTC)
    on = following(daily(7), now, "Pacific/Kiritimati")  # where it is the 25th already
    assert on == date(2026, 11, 26)
    assert not is_astray(on, daily(7), now, "Pacific/Niue")  # where it is the 24th


# ---------------------------------------------------------------- everywhere


@given(RHYTHMS, MOMENTS, ZONES)
def test_what_follows_is_still_to_come(rhythm: Rhythm, now: datetime, zone: str) -> None:
    on = following(rhythm, now, zone)
    assert on > local_date(now, zone)
    assert moment(on, rhythm.hour, zone) > now
    assert not is_astray(on, rhythm, now, zone)
    assert on - local_date(now, zone) <= rhythm.every.period


@given(RHYTHMS, MOMENTS, ZONES)
def test_the_first_is_still_to_come_and_within_a_period(rhythm: Rhythm, now: datetime, zone: str) -> None:
    on = first_on(rhythm, now, zone)
    assert on >= local_date(now, zone)
    assert moment(on, rhythm.hour, zone) > now
    assert on - local_date(now, zone) <= rhythm.every.period


@settings(deadline=None, max_examples=30)
@given(RHYTHMS, MOMENTS, ZONES, st.lists(st.integers(1, 60 * 24 * 9), max_size=60))
def test_no_civil_day_is_served_twice(rhythm: Rhythm, start: datetime, zone: str, gaps: list[int]) -> None:
    """However far apart the passes are (in minutes)."""

    def at_random() -> Iterator[datetime]:
        now = start
        yield now
        for gap in gaps:
            now += timedelta(minutes=gap)
            yield now

    days = [local_date(now, zone) for now in served(rhythm, at_random(), zone)]
    assert len(days) == len(set(days))
