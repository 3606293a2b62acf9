from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.jobs import PAUSE, JobName
from linkwatch.store import Jobs
from linkwatch.store.lock import jobs_lock

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
BOTH = {JobName.PRUNE: 3, JobName.BACKUP: 3}


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    with Jobs.open(tmp_path / "db") as jobs:
        jobs.sync(BOTH, ZONE, NOW)
        yield jobs


def test_each_is_due_once_a_night_at_its_hour(jobs: Jobs) -> None:
    assert jobs.due(NOW) is None
    found = set()
    while job := jobs.due(NIGHT):
        found.add(job.name)
        jobs.begin(job, NIGHT)
        jobs.end(job, NIGHT + timedelta(minutes=5), outcome="done")
    assert found == set(JobName)
    assert jobs.due(NIGHT + timedelta(hours=22)) is None
    assert jobs.due(NIGHT + timedelta(days=1)) is not None


def test_what_came_of_it_is_remembered(jobs: Jobs) -> None:
    job = jobs.due(NIGHT)
    assert job is not None
    jobs.begin(job, NIGHT)
    jobs.end(job, NIGHT + timedelta(minutes=5), outcome="failed", detail="the disk is full")
    found = next(one for one in jobs.all() if one.name is job.name)
    assert (found.due_on, found.outcome, found.detail) == (date(2026, 11, 26), "failed", "the disk is full")
    assert found.started_at is None


def test_one_whose_process_died_is_tried_again(jobs: Jobs) -> None:
    for _ in JobName:
        job = jobs.due(NIGHT)
        assert job is not None
        jobs.begin(job, NIGHT)
    assert jobs.due(NIGHT + PAUSE / 2) is None
    assert jobs.due(NIGHT + PAUSE) is not None


def test_what_was_missed_for_weeks_is_done_once(jobs: Jobs) -> None:
    late = NIGHT + timedelta(days=30)
    for _ in JobName:
        job = jobs.due(late)
        assert job is not None
        jobs.end(job, late, outcome="done")
    assert jobs.due(late) is None


def test_only_one_process_is_at_them(tmp_path: Path) -> None:
    with jobs_lock(tmp_path / "db", NOW) as mine, jobs_lock(tmp_path / "db", NOW) as others:
        assert (mine, others) == (True, False)
    with jobs_lock(tmp_path / "db", NOW) as again:
        assert again


def test_one_that_the_configuration_no_longer_asks_for_is_gone(jobs: Jobs) -> None:
    jobs.sync({JobName.PRUNE: 4}, ZONE, NOW)
    assert [(one.name, one.hour) for one in jobs.all()] == [(JobName.PRUNE, 4)]
