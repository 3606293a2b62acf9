"""What SQLite says when it cannot, as our own errors, each one sentence that ends in what to do."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, StoreError

BUSY_SECONDS = 10

_DAMAGED = "The database {path} is damaged ({error}): restore it from a backup."
_LOCKED = (
    "The database {path} has been locked by another program for more than "
    f"{BUSY_SECONDS} seconds: close what holds it open and run again."
)
_READ_ONLY = "The database {path} cannot be written to ({error}): make the file and its folder writable."

# https://www.sqlite.org/rescode.html, primary result codes
_SAID: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (
        DatabaseUnavailable,
        "There is no room left for the database {path}: free space on its disk and run again.",
    ),
    sqlite3.SQLITE_READONLY: (DatabaseUnavailable, _READ_ONLY),
    sqlite3.SQLITE_PERM: (DatabaseUnavailable, _READ_ONLY),
    sqlite3.SQLITE_BUSY: (DatabaseUnavailable, _LOCKED),
    sqlite3.SQLITE_LOCKED: (DatabaseUnavailable, _LOCKED),
    sqlite3.SQLITE_PROTOCOL: (DatabaseUnavailable, _LOCKED),
    sqlite3.SQLITE_CANTOPEN: (
        DatabaseUnavailable,
        "The database {path} cannot be opened ({error}): check that its folder exists and is writable.",
    ),
    sqlite3.SQLITE_IOERR: (
        DatabaseUnavailable,
        "The database {path} cannot be read or written ({error}): check its disk.",
    ),
    sqlite3.SQLITE_NOTADB: (
        ForeignDatabase,
        "{path} is not a SQLite database: point `database` at another file, or restore it from a backup.",
    ),
    sqlite3.SQLITE_CORRUPT: (DamagedDatabase, _DAMAGED),
}
_OTHERWISE = (StoreError, "The database {path} failed in a way that linkwatch does not expect: {error}.")


_LEAST_ROOM = 65_536  # bytes: SQLite makes its -shm as large as that


def busy(path: Path) -> StoreError:
    """Another has held the database for too long."""
    return DatabaseUnavailable(_LOCKED.format(path=path))


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """Our own error for one of SQLite's."""
    # The driver's own errors (a closed connection, a text that is not UTF-8) carry no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if str(error).startswith("Could not decode to UTF-8"):
        code = sqlite3.SQLITE_CORRUPT
    if code == sqlite3.SQLITE_IOERR and _has_no_room(path):  # it could not make its -shm
        code = sqlite3.SQLITE_FULL
    kind, sentence = _SAID.get(code, _OTHERWISE)
    return kind(sentence.format(path=path, error=error))


def _has_no_room(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_ROOM


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
