"""`Jobs`: what has to be done at an hour of the day, and when it was done. Who does it holds `store.lock.jobs_lock`."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlite_utils import Database

from linkwatch.core.jobs import Job, JobName, as_configured, next_on
from linkwatch.store import parcels, rows
from linkwatch.store.parcels import Notices
from linkwatch.store.transactions import Connected

_ALL = "SELECT name, zone, hour, due_on, started_at, ended_at, outcome, detail FROM jobs ORDER BY name"

_SAVE = """
INSERT INTO jobs (name, zone, hour, due_on) VALUES (:name, :zone, :hour, :due_on)
ON CONFLICT (name) DO UPDATE SET zone = excluded.zone, hour = excluded.hour, due_on = excluded.due_on
"""

_FORGET = "DELETE FROM jobs WHERE name = ?"

_BEGIN = "UPDATE jobs SET started_at = ? WHERE name = ?"

_END = """
UPDATE jobs SET started_at = NULL, ended_at = :at, outcome = :outcome, detail = :detail, due_on = :due_on,
    done_at = CASE WHEN :outcome = 'done' THEN :at ELSE done_at END
WHERE name = :name
"""


class Jobs(Connected):
    """Every method is one transaction."""

    def sync(self, hours: Mapping[JobName, int], zone: str, now: datetime) -> None:
        """Take over the configuration: at which hour in `zone` each job is due."""
        with self.reading() as db:
            if _as_wanted(_all(db), hours, zone, now) == _all(db):
                return
        with self.writing() as db:
            known = _all(db)
            for job in _as_wanted(known, hours, zone, now).values():
                db.execute(_SAVE, _columns(job))
            db.conn.executemany(_FORGET, [(name.value,) for name in known.keys() - hours.keys()])

    def all(self) -> tuple[Job, ...]:
        with self.reading() as db:
            return tuple(_all(db).values())

    def due(self, now: datetime) -> Job | None:
        """The one that has been due for longest."""
        with self.reading() as db:
            return min((job for job in _all(db).values() if job.is_due(now)), key=lambda job: job.due_at, default=None)

    def begin(self, job: Job, now: datetime) -> None:
        with self.writing() as db:
            db.execute(_BEGIN, (rows.iso(now), job.name.value))

    def end(
        self, job: Job, now: datetime, *, outcome: str, detail: str | None = None, notices: Notices | None = None
    ) -> None:
        """What came of it; from now on it waits for the next time of its hour."""
        columns = {
            "name": job.name.value,
            "at": rows.iso(now),
            "outcome": outcome,
            "detail": rows.clean(detail) if detail else None,
            "due_on": next_on(job, now).isoformat(),
        }
        with self.writing() as db:
            db.execute(_END, columns)
            if notices:
                parcels.notify(db, notices, now)


def _as_wanted(
    known: Mapping[JobName, Job], hours: Mapping[JobName, int], zone: str, now: datetime
) -> dict[JobName, Job]:
    return {name: as_configured(known.get(name), name, hour=hour, zone=zone, now=now) for name, hour in hours.items()}


def _all(db: Database) -> dict[JobName, Job]:
    return {job.name: job for job in map(_to_job, db.execute(_ALL))}


def _columns(job: Job) -> rows.Columns:
    return {"name": job.name.value, "zone": job.zone, "hour": job.hour, "due_on": job.due_on.isoformat()}


def _to_job(row: rows.Row) -> Job:
    name, zone, hour, due_on, started_at, ended_at, outcome, detail = row
    return Job(
        name=JobName(name),
        zone=zone,
        hour=hour,
        due_on=date.fromisoformat(due_on),
        started_at=rows.to_time(started_at),
        ended_at=rows.to_time(ended_at),
        outcome=outcome,
        detail=detail,
    )
