"""When something is due, in the civil time of a place: a local date, an hour, and a zone.

What is kept is the date, never the moment: so a change of clocks, a restart or a late start neither loses nor doubles
anything. What is late is due once.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def period(self) -> timedelta:
        """The longest that lies between two of them."""
        return {Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7), Every.MONTH: timedelta(days=31)}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`weekday` (Monday is 0) goes with weeks, `day` with months: in a shorter month its last day."""

    every: Every = Every.WEEK
    hour: int = 7
    weekday: int = 0
    day: int = 1


def next_on(rhythm: Rhythm, after: date) -> date:
    """The first day of the rhythm that is later than `after`."""
    match rhythm.every:
        case Every.DAY:
            return after + timedelta(days=1)
        case Every.WEEK:
            return after + timedelta(days=(rhythm.weekday - after.weekday() - 1) % 7 + 1)
    this = _in_month(after.year, after.month, rhythm.day)
    if this > after:
        return this
    year, month = divmod(after.year * 12 + after.month, 12)
    return _in_month(year, month + 1, rhythm.day)


def first_on(rhythm: Rhythm, now: datetime, zone: str) -> date:
    """The first day of the rhythm whose hour is still to come at `now`."""
    today = local_date(now, zone)
    on = next_on(rhythm, today - timedelta(days=1))
    return on if moment(on, rhythm.hour, zone) > now else next_on(rhythm, today)


def following(rhythm: Rhythm, now: datetime, zone: str) -> date:
    """When it is next due, if what was due by `now` has just been done. However much was missed, it is done once."""
    return next_on(rhythm, local_date(now, zone))


def is_astray(on: date, rhythm: Rhythm, now: datetime, zone: str) -> bool:
    """Whether a day lies farther ahead than the rhythm can lead: a clock that was wrong has set it."""
    return on > next_on(rhythm, local_date(now, zone)) + timedelta(days=1)


def moment(on: date, hour: int, zone: str) -> datetime:
    """The moment, in UTC, at which it is `hour` on that day in `zone`.

    An hour that the clocks leave out is told by the clock from before, and so is when they are put forward; of one that
    comes twice it is the first (PEP 495, `fold=0`).
    """
    return datetime.combine(on, time(hour), ZoneInfo(zone)).astimezone(UTC)


def local_date(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
