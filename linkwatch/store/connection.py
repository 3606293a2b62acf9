"""Opens a database: makes sure that it is ours, whole and of a version we know before a byte of it is changed.

A SQLite file must never be opened by other means while a connection is open: closing that descriptor drops the
process's POSIX locks (https://www.sqlite.org/howtocorrupt.html, 2.2). So everything here is asked of SQLite.
"""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from sqlite_utils import Database

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase
from linkwatch.store.faults import BUSY_SECONDS, translated
from linkwatch.store.migrations import APPLICATION_ID, STEP_NAMES, migrations

CHEAP_TO_CHECK_BYTES = 50_000_000
_WAL_BYTES_KEPT = 16_000_000


def open_database(path: Path, *, create: bool, read_only: bool) -> Database:
    """The database at `path`, migrated and ready; raises one of the StoreError family."""
    create = create and not read_only
    _prepare_place(path, create=create)
    with translated(path):
        db = _connect(path, create=create, read_only=read_only)
        try:
            _ready(db, path, create=create, read_only=read_only)
        except BaseException:
            db.close()
            raise
    return db


def _prepare_place(path: Path, *, create: bool) -> None:
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
            _make_for_its_owner(path)
        if path.exists() and not path.is_file():
            raise DatabaseUnavailable(f"{path} is not a file: point `database` at a file in that place.")
        if not create and not path.exists():
            raise DatabaseUnavailable(f"There is no database at {path}: run `linkwatch check` to make one.")
    except OSError as error:
        raise DatabaseUnavailable(
            f"The folder {path.parent} for the database cannot be used ({error.strerror}): make it writable, "
            "or point `database` elsewhere."
        ) from error


def _make_for_its_owner(path: Path) -> None:
    """A new database is for its owner alone: it holds mail addresses. Where that cannot be, SQLite says why."""
    with suppress(OSError):
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _connect(path: Path, *, create: bool, read_only: bool) -> Database:
    mode = "ro" if read_only else "rwc" if create else "rw"
    connection = _opened(path, f"mode={mode}")
    if read_only and not _answers(connection) and not _wal_of(path).exists():
        # There is no room for a -shm, or no right to make one; and nobody writes, for then there would be a -wal.
        connection.close()
        connection = _opened(path, "mode=ro&immutable=1")
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def _opened(path: Path, how: str) -> sqlite3.Connection:
    """One connection may be handed between threads; `Connected` lets in one at a time."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def _wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _answers(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF not in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
        )
    except sqlite3.DatabaseError:
        return True
    return True


def _ready(db: Database, path: Path, *, create: bool, read_only: bool) -> None:
    new = _is_new(db, path)
    if new and not create:
        raise DatabaseUnavailable(f"The database {path} is empty: run `linkwatch check` to fill it.")
    if not new:
        _refuse_newer(db, path)
        _refuse_damaged(db, path)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        _refuse_older(db, path)
    else:
        _migrate(db)


def _is_new(db: Database, path: Path) -> bool:
    """Whether nothing is in the file yet; raises ForeignDatabase where it is somebody else's."""
    with db.atomic():  # one view of both: another process may be making the database just now
        mark, tables = pragma(db, "application_id"), sorted(db.table_names())
    if mark == APPLICATION_ID:
        return False
    if tables or mark != 0:
        holds = f"it holds {_some(tables)}" if tables else "another program marked it as its own"
        raise ForeignDatabase(f"{path} is not a linkwatch database ({holds}): point `database` at another file.")
    return True


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"the table{'s' if len(names) > 1 else ''} {', '.join(names[:5])}{more}"


def _refuse_newer(db: Database, path: Path) -> None:
    unknown = [step.name for step in migrations.applied(db) if step.name not in STEP_NAMES]
    if unknown:
        raise NewerDatabase(
            f"The database {path} was written by a later linkwatch (step {unknown[-1]}): update linkwatch, or point "
            "`database` at another file."
        )


def _refuse_older(db: Database, path: Path) -> None:
    if migrations.pending(db):
        raise DatabaseUnavailable(
            f"The database {path} was written by an earlier linkwatch: run `linkwatch check` to bring it up to date."
        )


def _refuse_damaged(db: Database, path: Path) -> None:
    if path.stat().st_size < CHEAP_TO_CHECK_BYTES:
        refuse_if_not_ok(pragma(db, "quick_check(1)"), path)


def refuse_if_not_ok(answer: object, path: Path) -> None:
    """Raises DamagedDatabase unless a check pragma answered "ok"."""
    if answer != "ok":
        what = str(answer).splitlines()[-1]
        raise DamagedDatabase(f"The database {path} is damaged ({what}): restore it from a backup.")


def _migrate(db: Database) -> None:
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heard only while the file is empty: before WAL writes its header
    _enable_wal(db)
    db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES_KEPT}")
    # Taken also when nothing is pending: SQLite opens a file that it may not write to without a word.
    db.execute("BEGIN IMMEDIATE")
    try:
        if migrations.pending(db):
            migrations.apply(db)
        db.commit()
    except BaseException:
        db.rollback()
        raise


def _enable_wal(db: Database) -> None:
    """Changing the journal mode does not wait for the busy timeout: two who make the same new file meet here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return db.enable_wal()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def pragma(db: Database, name: str) -> object:
    """The first value that a pragma answers."""
    row = db.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None
