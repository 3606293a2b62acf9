from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.jobs import LONGEST, JobName
from linkwatch.store import Jobs

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
BOTH = {JobName.PRUNE: 3, JobName.BACKUP: 3}


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    with Jobs.open(tmp_path / "db") as jobs:
        jobs.sync(BOTH, ZONE, NOW)
        yield jobs


def test_each_is_taken_once(jobs: Jobs, tmp_path: Path) -> None:
    assert jobs.take(NOW) is None
    with Jobs.open(tmp_path / "db") as others:
        taken = [jobs.take(NIGHT), others.take(NIGHT), jobs.take(NIGHT), others.take(NIGHT)]
    assert {one.job.name for one in taken if one} == set(JobName)
    assert taken[2:] == [None, None]


def test_it_is_due_the_next_day_when_it_has_ended(jobs: Jobs) -> None:
    taken = jobs.take(NIGHT)
    assert taken is not None
    jobs.end(taken, NIGHT + timedelta(minutes=5), outcome="failed", detail="the disk is full")
    found = next(one for one in jobs.all() if one.name is taken.job.name)
    assert (found.due_on, found.outcome, found.detail) == (date(2026, 11, 26), "failed", "the disk is full")
    assert found.started_at is None


def test_one_whose_process_died_is_taken_again(jobs: Jobs) -> None:
    dead = jobs.take(NIGHT)
    jobs.take(NIGHT)
    assert jobs.take(NIGHT + LONGEST / 2) is None
    again = jobs.take(NIGHT + LONGEST)
    assert dead is not None
    assert again is not None
    assert again.job.name is dead.job.name
    jobs.end(dead, NIGHT + LONGEST, outcome="done")  # it was not dead after all: it has no say any more
    assert next(one for one in jobs.all() if one.name is dead.job.name).outcome is None
    jobs.end(again, NIGHT + LONGEST, outcome="done")
    assert next(one for one in jobs.all() if one.name is dead.job.name).outcome == "done"


def test_what_was_missed_for_weeks_is_done_once(jobs: Jobs) -> None:
    late = NIGHT + timedelta(days=30)
    for _ in JobName:
        taken = jobs.take(late)
        assert taken is not None
        jobs.end(taken, late, outcome="done")
    assert jobs.take(late) is None
    assert jobs.take(late + timedelta(hours=22)) is None
    assert jobs.take(late + timedelta(days=1)) is not None


def test_one_that_the_configuration_no_longer_asks_for_is_gone(jobs: Jobs) -> None:
    jobs.sync({JobName.PRUNE: 4}, ZONE, NOW)
    assert [(one.name, one.hour) for one in jobs.all()] == [(JobName.PRUNE, 4)]
