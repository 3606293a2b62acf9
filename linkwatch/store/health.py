"""`Health`: what there is to know of a database besides what it says of links. Nothing is changed by looking."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from linkwatch.core.models import RunSummary
from linkwatch.core.outbox import Fate
from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store import rows, views
from linkwatch.store.connection import pragma
from linkwatch.store.copying import STILL, connect, incomplete, log_of, of_error
from linkwatch.store.faults import explain
from linkwatch.store.migrations import APPLICATION_ID, STEP_NAMES, migrations
from linkwatch.store.outbox import Outbox
from linkwatch.store.transactions import decoded

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
THIS_SQLITE: tuple[int, ...] = sqlite3.sqlite_version_info

_FIRST_AND_NEWEST = """
SELECT (SELECT min(started_at) FROM runs), max(at) FROM (
    SELECT max(started_at) AS at FROM runs UNION ALL SELECT max(finished_at) FROM runs
    UNION ALL SELECT max(checked_at) FROM links UNION ALL SELECT max(at) FROM transitions
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`trouble` is why it cannot be used; then of the rest only the sizes are known."""

    size: int  # bytes
    log_size: int = 0  # of the write-ahead log beside it
    trouble: StoreError | None = None
    is_older: bool = False  # an earlier version wrote it, and that is all the trouble
    is_empty: bool = False  # nothing is in it, and that is all the trouble
    last_run: RunSummary | None = None
    first_run_at: datetime | None = None
    newest_at: datetime | None = None  # the latest moment that anything in it bears
    dead: int = 0  # parcels that were given up
    pending: int = 0
    oldest_pending: datetime | None = None  # when the one that has waited longest was made


def health(path: Path) -> Health | None:
    """Reads every page of a database, or of a copy of one; None: there is none yet.

    Where no log stands beside it, it is read as a file that nobody writes to, which leaves no log behind; where
    somebody has begun to write meanwhile, once more, as one reader among others.
    """
    try:
        before = _found(path)
    except DatabaseUnavailable as error:
        return Health(size=0, trouble=error)
    if before is None:
        return None
    if not stat.S_ISREG(before.st_mode):
        is_no_file = f"{path} is not a file: point `database` at a file in that place."
        return Health(size=0, trouble=DatabaseUnavailable(is_no_file))
    if not _has_log(path):
        seen = _seen(path, before, STILL)
        after = _found(path)
        if after and (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size) and not _has_log(path):
            return seen
    return _seen(path, before, "ro")


def is_filled(path: Path) -> bool:
    """Whether there is a database with anything in it. Raises DatabaseUnavailable where its place cannot be seen."""
    found = _found(path)
    return found is not None and found.st_size > 0


def size_with_log(path: Path) -> int:
    """In bytes; 0 where there is none, or none that we may look at."""
    return _size(path) + _size(log_of(path))


def _found(path: Path) -> os.stat_result | None:
    """None: there is no such file."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatabaseUnavailable(
            f"The database {path} cannot be looked at ({error.strerror}): point `database` at a file in a folder that "
            "can be read."
        ) from error


def _has_log(path: Path) -> bool:
    log = log_of(path)
    return log.exists() or log.with_name(f"{log.name.removesuffix('-wal')}-journal").exists()


def _seen(path: Path, found: os.stat_result, mode: str) -> Health:
    bare = Health(size=found.st_size, log_size=_size(log_of(path)))
    try:
        with closing(connect(path, mode)) as connection, decoded(path):
            return _read(Database(connection, recursive_triggers=False, execute_plugins=False), path, bare)
    except sqlite3.DatabaseError as error:
        return replace(bare, trouble=_told(error, path))
    except sqlite3.Error as error:
        return replace(bare, trouble=explain(error, path))
    except StoreError as error:
        return replace(bare, trouble=error)


def _told(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    try:
        flaw = of_error(error)
    except sqlite3.DatabaseError:
        return explain(error, path)
    return flaw.kind(flaw.what)


def _read(db: Database, path: Path, bare: Health) -> Health:
    """Raises the StoreError family, each as a clause about the file, and sqlite3.Error."""
    mark = pragma(db, "application_id")
    if mark == 0 and not db.table_names():
        return replace(bare, trouble=DatabaseUnavailable("it is empty"), is_empty=True)
    if mark != APPLICATION_ID:
        raise ForeignDatabase("it is not a linkwatch database")
    steps = [step.name for step in migrations.applied(db)]
    unknown = [name for name in steps if name not in STEP_NAMES]
    if unknown:
        raise NewerDatabase(f"it was written by a later linkwatch (step {unknown[-1]})")
    if not steps:
        raise DamagedDatabase("it is damaged (it does not tell its version)")
    _refuse_damaged(db)
    if set(steps) != set(STEP_NAMES):
        older = DatabaseUnavailable("it was written by an earlier linkwatch")
        return replace(bare, trouble=older, is_older=True)
    if found := incomplete(db):
        raise found.kind(found.what)
    first, newest = db.execute(_FIRST_AND_NEWEST).fetchone()
    listed = Outbox(db, path).listed()
    waiting = [one.made_at for one in listed if one.fate is Fate.PENDING]
    return replace(
        bare,
        last_run=views.last_run(db),
        first_run_at=rows.to_time(first),
        newest_at=rows.to_time(newest),
        dead=len(listed) - len(waiting),
        pending=len(waiting),
        oldest_pending=min(waiting, default=None),
    )


def _refuse_damaged(db: Database) -> None:
    answer = str(pragma(db, "integrity_check(1)"))
    if answer != "ok":
        raise DamagedDatabase(f"it is damaged ({answer.splitlines()[-1]})")
    stray = db.execute("PRAGMA foreign_key_check").fetchone()
    if stray:
        raise DamagedDatabase(f"it is damaged (a row of {stray[0]} belongs to nothing in {stray[2]})")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
