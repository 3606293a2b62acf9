"""The jobs of the night: one process is at them at a time, and what is done is due again the next night."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from linkwatch.config import Config
from linkwatch.core.jobs import Job, JobName
from linkwatch.core.problems import Problem, ProblemKind
from linkwatch.errors import LinkwatchError
from linkwatch.mailing.notices import notices_of
from linkwatch.store import History, Jobs, Notices, Outbox
from linkwatch.store.backup import backup_into
from linkwatch.store.lock import jobs_lock

_log = logging.getLogger(__name__)

Stop = Callable[[], bool]


def do_jobs(config: Config, clock: Callable[[], datetime], *, stop: Stop = lambda: False) -> None:
    """All that are due. One that fails is told of, and tried again the next night. Raises the StoreError family where
    the database itself does not answer."""
    with Jobs.open(config.database) as jobs:
        jobs.sync(hours(config), config.timezone, clock())
        if jobs.due(clock()) is None:
            return
        with jobs_lock(config.database, clock()) as is_ours:
            while is_ours and not stop() and (job := jobs.due(clock())):
                _do(config, jobs, job, clock, stop)


def hours(config: Config) -> Mapping[JobName, int]:
    """When each job is due that the configuration asks for."""
    named = {JobName.PRUNE: True, JobName.BACKUP: config.operations.backup_folder is not None}
    return {name: config.operations.nightly_hour for name, is_wanted in named.items() if is_wanted}


def _do(config: Config, jobs: Jobs, job: Job, clock: Callable[[], datetime], stop: Stop) -> None:
    name = job.name
    jobs.begin(job, clock())
    try:
        detail = _JOBS[name](config, clock(), stop)
    except Exception as error:
        if not isinstance(error, LinkwatchError | OSError):
            _log.exception("%s has failed", name)
        sentence = str(error) or type(error).__name__
        _log.error("%s has failed: %s", name, sentence)
        jobs.end(job, clock(), outcome="failed", detail=sentence, notices=_notices(config, name, sentence, clock()))
        return
    _log.info("%s: %s", name, detail)
    jobs.end(job, clock(), outcome="done", detail=detail, notices=_notices(config, name, None, clock()))


def _notices(config: Config, name: JobName, failed: str | None, now: datetime) -> Notices | None:
    """That a job has failed is told when it begins to, and when it works again."""
    details = {"job": name.value, "detail": failed}
    problems = [Problem(kind=ProblemKind.JOB_FAILED, subject=name.value, details=details)] if failed else []
    with Outbox.open(config.database) as outbox:
        of_this = [one for one in outbox.problems() if one.problem.subject == name.value]
    return notices_of(config, problems, of_this, now, looked_at=[ProblemKind.JOB_FAILED])


def _prune(config: Config, now: datetime, stop: Stop) -> str:
    kept = config.operations
    with History.open(config.database) as history:
        return str(history.prune(now, raw=kept.raw, days=kept.days, retention=kept.retention, stop=stop))


def _backup(config: Config, now: datetime, stop: Stop) -> str:
    folder = config.operations.backup_folder
    assert folder is not None
    # It is not stopped, but who asks is alive.
    made, _ = backup_into(folder, config.database, keep=config.operations.backups_kept, now=now, beat=stop)
    return str(made)


_JOBS: Mapping[JobName, Callable[[Config, datetime, Stop], str]] = {
    JobName.PRUNE: _prune,
    JobName.BACKUP: _backup,
}
