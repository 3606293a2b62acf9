"""Judges the database, the runs that it remembers, and what it has to send."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from linkwatch.doctor.records import Check, Finding, fault, or_well, warning, well
from linkwatch.errors import DamagedDatabase, ForeignDatabase, NewerDatabase
from linkwatch.store.health import OLDEST_SQLITE, Health

STOPPED_AFTER = timedelta(days=2)
WAITS_AFTER = timedelta(days=1)

_LARGE_LOG = 100_000_000  # it is cut to a few megabytes whenever nobody reads: somebody does not stop reading
_CODES = {DamagedDatabase: "database_damaged", ForeignDatabase: "database_foreign", NewerDatabase: "database_newer"}


def judge(health: Health | None, path: Path, sqlite: tuple[int, ...]) -> tuple[Finding, ...]:
    """`path` is where the database is, `sqlite` the version of SQLite that reads it."""
    if sqlite < OLDEST_SQLITE:
        return (fault(Check.DATABASE, "sqlite_old", version=_dotted(sqlite), least=_dotted(OLDEST_SQLITE[:2])),)
    if health is None:
        return (warning(Check.DATABASE, "database_none"),)
    if health.is_older:
        return (warning(Check.DATABASE, "database_older"),)
    if health.is_empty:
        return (fault(Check.DATABASE, "database_empty", path=str(path)),)
    if health.trouble is not None:
        code = _CODES.get(type(health.trouble))
        if code is None:
            return (fault(Check.DATABASE, "database_unusable", detail=str(health.trouble)),)
        return (fault(Check.DATABASE, code, path=str(path)),)
    good = well(Check.DATABASE, "database_good", size=health.size)
    return or_well(_log(health), good)


def _log(health: Health) -> Iterator[Finding]:
    if health.log_size > max(_LARGE_LOG, health.size):
        yield warning(Check.DATABASE, "log_large", size=health.log_size)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def runs(health: Health | None, now: datetime, *, is_watching: bool) -> tuple[Finding, ...]:
    """Links are due every day: where none was looked at for two, nobody starts the runs any more.

    `is_watching`: there is a link that can be due.
    """
    if health is None or health.trouble or not is_watching:
        return ()
    last = health.last_run
    if last is None:
        return (warning(Check.RUNS, "runs_none"),)
    if now - last.started_at > STOPPED_AFTER:
        return (fault(Check.RUNS, "runs_stopped", when=last.started_at),)
    if last.conclusive is False:
        return (warning(Check.RUNS, "run_inconclusive", when=last.started_at),)
    return (well(Check.RUNS, "runs_good", when=last.started_at, links=last.visited),)


def outbox(health: Health | None, now: datetime) -> tuple[Finding, ...]:
    if health is None or health.trouble:
        return ()
    return or_well(_outbox(health, now), well(Check.OUTBOX, "outbox_good", pending=health.pending))


def _outbox(health: Health, now: datetime) -> Iterator[Finding]:
    if health.dead:
        yield fault(Check.OUTBOX, "outbox_dead", number=health.dead)
    if health.oldest_pending and now - health.oldest_pending > WAITS_AFTER:
        yield fault(Check.OUTBOX, "outbox_waits", number=health.pending, when=health.oldest_pending)
