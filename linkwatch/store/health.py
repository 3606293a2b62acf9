"""`Health`: what there is to know of a database besides what it says of links."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from linkwatch.core.models import RunSummary
from linkwatch.core.outbox import Fate
from linkwatch.errors import DatabaseUnavailable, StoreError
from linkwatch.store import rows
from linkwatch.store.backup import connect, unfit
from linkwatch.store.faults import translated
from linkwatch.store.migrations import migrations
from linkwatch.store.outbox import Outbox
from linkwatch.store.repository import Store

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
    last_run: RunSummary | None = None
    first_run_at: datetime | None = None
    newest_at: datetime | None = None  # the latest moment that anything in it bears
    dead: int = 0  # parcels that were given up
    pending: int = 0
    oldest_pending: datetime | None = None  # when the one that has waited longest was made


def health(path: Path) -> Health | None:
    """Reads every page of the database and changes nothing; None: there is none yet."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        return Health(size=0, trouble=DatabaseUnavailable(f"The database {path} cannot be read ({error.strerror})."))
    log_size = _size(path.with_name(f"{path.name}-wal"))
    try:
        with Store.open(path, create=False, read_only=True) as store:
            store.verify()
            last_run = store.last_run()
            with store.reading() as db:
                first, newest = db.execute(_FIRST_AND_NEWEST).fetchone()
        with Outbox.open(path, create=False, read_only=True) as outbox:
            listed = outbox.listed()
    except StoreError as error:
        return Health(size=size, log_size=log_size, trouble=error, is_older=_is_older(path))
    waiting = [one.made_at for one in listed if one.fate is Fate.PENDING]
    return Health(
        size=size,
        log_size=log_size,
        last_run=last_run,
        first_run_at=rows.to_time(first),
        newest_at=rows.to_time(newest),
        dead=len(listed) - len(waiting),
        pending=len(waiting),
        oldest_pending=min(waiting, default=None),
    )


def _is_older(path: Path) -> bool:
    try:
        if unfit(path):
            return False
    except StoreError:
        return False
    with closing(connect(path, "ro")) as connection, translated(path):
        return bool(migrations.pending(Database(connection, recursive_triggers=False, execute_plugins=False)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
