"""A database copied page by page, and what may be wrong with a file: shared by `backup` and `restore`."""

import fcntl
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlite_utils import Database

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store.connection import pragma
from linkwatch.store.faults import BUSY_SECONDS, explain
from linkwatch.store.migrations import APPLICATION_ID, STEP_NAMES, migrations

STILL = "ro&immutable=1"  # how a file is opened that nobody writes to: nothing is made beside it

_HEADER = struct.Struct(">16s2xBB48xI")  # https://www.sqlite.org/fileformat.html, 1.3: magic, versions, application id
_MAGIC = b"SQLite format 3\0"
_WITH_LOG = 2  # what both versions are in a database that keeps a write-ahead log
_SHARED = (0x40000002, 510)  # where who reads holds a lock: first byte and length (SQLite, os.h)

_CANNOT_WRITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
_CANNOT_READ = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)

_COLUMNS = """
SELECT tables.name, columns.name FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table' AND tables.name NOT GLOB 'sqlite_*'
"""
_IDENTITY = "SELECT applied_at FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a file cannot be used as our database. `what` is a clause about the file: "it is damaged (…)"."""

    kind: type[StoreError]
    what: str


# ---------------------------------------------------------------- a copy


def open_view(source: Path) -> sqlite3.Connection:
    """The database as it is at this moment, whoever writes meanwhile. Raises sqlite3.Error.

    Where SQLite can make no files beside it, and there is no log, nobody writes: then it is read as it lies there.
    """
    try:
        return _viewed(source, "rw")  # who may only read would leave a log beside it
    except sqlite3.OperationalError as error:
        if _code(error) not in _CANNOT_WRITE or log_of(source).exists():
            raise
    return _viewed(source, STILL)


def _viewed(source: Path, mode: str) -> sqlite3.Connection:
    connection = connect(source, mode)
    try:
        # The view stays open, or each write by another would make the copy begin again.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def copy(
    origin: sqlite3.Connection, target: Path, *, pages_at_once: int = -1, pause: Callable[[], object] = lambda: None
) -> None:
    """What `open_view` has opened, into the empty file `target`, a file by itself. Raises sqlite3.Error."""
    with closing(connect(target, "rw")) as there:
        there.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
        origin.backup(there, pages=pages_at_once, progress=lambda *_: pause())
        there.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def told_apart(database: Path, target: Path) -> Iterator[None]:
    """SQLite's errors while pages go from an open database to a copy, told of the file that they concern."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) == sqlite3.SQLITE_FULL:
            raise no_room(target) from error
        is_of_target = _code(error) in _CANNOT_WRITE and getattr(error, "sqlite_errorcode", 0) not in _CANNOT_READ
        raise explain(error, target if is_of_target else database) from error


def no_room(target: Path) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"There is no room left for the copy {target}: free space on its disk and run again.")


def connect(path: Path, mode: str, *, busy_s: float = BUSY_SECONDS) -> sqlite3.Connection:
    """`mode` is one of SQLite's (rw, ro), or `STILL`. No transaction is begun by itself."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=busy_s, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip


# ---------------------------------------------------------------- what is wrong with it


def flaw(path: Path) -> Flaw | None:
    """Looks through a single file; None: it is a whole database of ours, of this version or an earlier one."""
    try:
        with closing(connect(path, "rw")) as connection:
            return _flaw(Database(connection, recursive_triggers=False, execute_plugins=False))
    except sqlite3.DatabaseError as error:
        return of_error(error)


def unfit(copy: Path) -> str | None:
    """Why a copy could not be put back, as a clause about it; None: it could. Raises the StoreError family where it
    cannot be looked through."""
    try:
        found = flaw(copy)
    except sqlite3.DatabaseError as error:
        raise explain(error, copy) from error
    return found.what if found else None


def of_error(error: sqlite3.DatabaseError) -> Flaw:
    """What is wrong with a file that SQLite cannot read; raises `error` itself where that is not the file's fault."""
    code = _code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return Flaw(kind=ForeignDatabase, what="it is not a SQLite database")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):
        return Flaw(kind=DamagedDatabase, what=f"it is damaged ({error})")
    raise error


def incomplete(db: Database) -> Flaw | None:
    """Whether a database of this version lacks a table or a column."""
    missing = sorted(_our_columns() - _columns(db))
    if not missing:
        return None
    table, column = missing[0]
    what = f"the column {column} of {table}" if table in db.table_names() else f"the table {table}"
    return Flaw(kind=DamagedDatabase, what=f"it is damaged (it lacks {what})")


def _flaw(db: Database) -> Flaw | None:
    if pragma(db, "application_id") != APPLICATION_ID:
        return Flaw(kind=ForeignDatabase, what="it is not a linkwatch database")
    steps = [step.name for step in migrations.applied(db)]
    unknown = [name for name in steps if name not in STEP_NAMES]
    if unknown:
        return Flaw(kind=NewerDatabase, what=f"it was written by a later linkwatch (step {unknown[-1]})")
    if not steps:
        return Flaw(kind=DamagedDatabase, what="it is damaged (it does not tell its version)")
    answer = str(pragma(db, "integrity_check(1)"))
    if answer != "ok":
        return Flaw(kind=DamagedDatabase, what=f"it is damaged ({answer.splitlines()[-1]})")
    stray = db.execute("PRAGMA foreign_key_check").fetchone()
    if stray:
        what = f"it is damaged (a row of {stray[0]} belongs to nothing in {stray[2]})"
        return Flaw(kind=DamagedDatabase, what=what)
    return incomplete(db) if set(steps) == set(STEP_NAMES) else None


def _columns(db: Database) -> frozenset[tuple[str, str]]:
    return frozenset(db.execute(_COLUMNS).fetchall())


@lru_cache(maxsize=1)
def _our_columns() -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        migrations.apply(db)
        return _columns(db)


# ---------------------------------------------------------------- whose it is, and who is at it


def identity(path: Path) -> str | None:
    """When the database was made of which the file is a copy, to the microsecond; None: it cannot be told."""
    try:
        with closing(connect(path, STILL)) as connection:
            row = connection.execute(_IDENTITY, (migrations.name,)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return row[0] if row else None


def is_ours(path: Path) -> bool:
    """Whether a file, and no link to one, is a database of ours."""
    return not path.is_symlink() and _header(path)[0] == (_MAGIC, APPLICATION_ID)


def is_copy(path: Path) -> bool:
    """Whether a file is a copy of ours, and not a database that is in use: a copy keeps no log."""
    return is_ours(path) and not keeps_log(path)


def keeps_log(path: Path) -> bool:
    return _WITH_LOG in _header(path)[1]


def log_of(path: Path) -> Path:
    """Where SQLite has the log of a database, be it named by a link."""
    real = path.resolve()
    return real.with_name(f"{real.name}-wal")


def is_open_elsewhere(path: Path) -> bool:
    """Whether another process has a database that keeps a log open. No connection of ours may be open to it."""
    first, length = _SHARED
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, first)
        except BlockingIOError:
            return True
    return False


def _header(path: Path) -> tuple[tuple[bytes, int], tuple[int, int]]:
    """The magic and the application id, and the versions, read without SQLite: no connection of ours is open to a copy,
    whose locks that might drop."""
    start = b""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                start = file.read(_HEADER.size)
    magic, write, read, mark = _HEADER.unpack(start.ljust(_HEADER.size, b"\0"))
    return (magic, mark), (write, read)


def _code(error: sqlite3.DatabaseError) -> int:
    """The primary code; the driver's own errors carry none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
