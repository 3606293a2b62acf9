"""What has to be done at an hour of the day, besides checking links and telling people: a closed list.

A job is due on a local date (`core.due`), which moves on when it has ended: so one that was missed is done once, late,
and one whose process died is done again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from linkwatch.core.due import Every, Rhythm, first_on, is_astray, moment

PAUSE = timedelta(hours=1)  # until one that has been begun and has not ended is tried again


class JobName(StrEnum):
    PRUNE = "prune"  # roll up old history, forget what is past its retention, give room back
    BACKUP = "backup"  # where the configuration names a folder for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """As it is remembered. `zone` and `hour` are those that `due_on` was reckoned with."""

    name: JobName
    zone: str
    hour: int
    due_on: date
    started_at: datetime | None = None  # and not ended: it is under way, or its process has died
    ended_at: datetime | None = None
    outcome: str | None = None  # done, failed
    detail: str | None = None

    @property
    def due_at(self) -> datetime:
        return moment(self.due_on, self.hour, self.zone)

    def is_due(self, now: datetime) -> bool:
        """One that has just been begun and has not ended is under way, or has taken its process with it: not at once
        again. A start in the future was dated by a clock that has been set right."""
        is_fresh = self.started_at is not None and timedelta() <= now - self.started_at < PAUSE
        return self.due_at <= now and not is_fresh


def as_configured(known: Job | None, name: JobName, *, hour: int, zone: str, now: datetime) -> Job:
    """A job as the configuration wants it; one that is new, or has another hour or zone, is due at the next time of its
    hour; one that is due already keeps its day."""
    rhythm = Rhythm(every=Every.DAY, hour=hour)
    if known is None:
        return Job(name=name, zone=zone, hour=hour, due_on=first_on(rhythm, now, zone))
    is_kept = (known.hour, known.zone) == (hour, zone) and not is_astray(known.due_on, rhythm, now, zone)
    on = known.due_on if is_kept or known.due_at <= now else first_on(rhythm, now, zone)
    return replace(known, zone=zone, hour=hour, due_on=on)


def next_on(job: Job, now: datetime) -> date:
    """When it is due after it has ended: at the next time of its hour. One that was late is not the next night's."""
    return first_on(Rhythm(every=Every.DAY, hour=job.hour), now, job.zone)
