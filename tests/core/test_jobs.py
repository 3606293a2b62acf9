from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from linkwatch.core.jobs import PAUSE, Job, JobName, as_configured, next_on

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def job(**changes: object) -> Job:
    return Job(**{"name": JobName.PRUNE, "zone": ZONE, "hour": 3, "due_on": date(2026, 11, 24)} | changes)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        (datetime(2026, 11, 24, 1, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 24, 2, 0, tzinfo=UTC), True),
    ],
)
def test_it_is_due_from_its_hour_on(now: datetime, is_due: bool) -> None:
    assert job().is_due(now) is is_due


@pytest.mark.parametrize(
    ("started", "is_due"),
    [
        (NOW, False),
        (NOW - PAUSE + timedelta(seconds=1), False),
        (NOW - PAUSE, True),
        (NOW + timedelta(days=1), True),
    ],
    ids=["just begun", "not yet again", "died", "begun by a clock that was ahead"],
)
def test_one_that_takes_its_process_with_it_is_not_tried_again_at_once(started: datetime, is_due: bool) -> None:
    assert job(started_at=started).is_due(NOW) is is_due


def test_one_that_is_done_late_is_not_that_of_the_next_night() -> None:
    """As where cron comes at two o'clock, and the hour is three."""
    found, known = [], job()
    for day in range(25, 29):
        now = datetime(2026, 11, day, 1, 0, tzinfo=UTC)
        if known.is_due(now):
            found.append(day)
            known = job(due_on=next_on(known, now))
    assert found == [25, 26, 27, 28]


@pytest.mark.parametrize(
    ("known", "due_on"),
    [
        (None, date(2026, 11, 25)),
        (job(), date(2026, 11, 24)),
        (job(hour=4, due_on=date(2026, 11, 26)), date(2026, 11, 25)),
        (job(zone="UTC", due_on=date(2026, 11, 26)), date(2026, 11, 25)),
        (job(hour=4), date(2026, 11, 24)),
        (job(due_on=date(2031, 1, 1)), date(2026, 11, 25)),
    ],
    ids=["new", "as it was", "another hour", "another zone", "another hour, and due already", "set by a wrong clock"],
)
def test_it_follows_the_configuration(known: Job | None, due_on: date) -> None:
    assert as_configured(known, JobName.PRUNE, hour=3, zone=ZONE, now=NOW).due_on == due_on


def test_what_came_of_it_stays_when_its_hour_changes() -> None:
    known = job(hour=4, ended_at=NOW, outcome="done", detail="nothing to do")
    found = as_configured(known, JobName.PRUNE, hour=3, zone=ZONE, now=NOW)
    assert (found.ended_at, found.outcome, found.detail) == (NOW, "done", "nothing to do")


@pytest.mark.parametrize("change", [date(2027, 3, 28), date(2026, 10, 25)])
@pytest.mark.parametrize("hour", [2, 3])
def test_it_runs_once_on_each_day_around_a_change_of_clocks(change: date, hour: int) -> None:
    found, known = [], job(hour=hour, due_on=change - timedelta(days=1))
    now = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(days=2)
    while now.date() < change + timedelta(days=2):
        if known.is_due(now):
            found.append(now.astimezone(ZoneInfo(ZONE)).date())
            known = job(hour=hour, due_on=next_on(known, now))
        now += timedelta(minutes=15)
    assert found == [change + timedelta(days=n) for n in (-1, 0, 1)]
