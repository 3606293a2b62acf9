"""A copy taken to where it is to be put back: it stays as it is, and what is taken is brought up to date.

file and its log ─▶ beside the database ─▶ looked through ─▶ brought up to date ─▶ is all of it there?
"""

import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store.copying import (
    STILL,
    Flaw,
    connect,
    copy,
    flaw,
    incomplete,
    is_open_elsewhere,
    keeps_log,
    log_of,
    no_room,
    of_error,
    open_view,
    told_apart,
)
from linkwatch.store.faults import translated
from linkwatch.store.transactions import Connected

_BESIDE = ("-wal", "-journal")  # what SQLite would take into it
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_WHAT_TO_DO: dict[type[StoreError], str] = {
    DamagedDatabase: "take another copy",
    ForeignDatabase: "name a copy that `linkwatch backup` has made",
    NewerDatabase: "update linkwatch first",
}


def take(file: Path, part: Path, database: Path) -> None:
    """The copy `file` into `part`, an empty file beside the database, as this version has it. Raises the StoreError
    family, with the sentence why it cannot be used."""
    if not file.is_file():
        raise DatabaseUnavailable(f"There is no file {file}: name a copy that `linkwatch backup` has made.")
    try:
        file.open("rb").close()
    except OSError as error:
        raise _unreadable(file, error) from error
    with told_apart(file, database):
        found = _taken(file.resolve(), part, database)
    if found:
        raise found.kind(
            f"{file} cannot be restored: {found.what}. Nothing has been changed; {_WHAT_TO_DO[found.kind]}."
        )


def lacks_log(file: Path) -> bool:
    """Whether it is the file of a database itself, and the log that goes with it is not there: what was in that is
    lost, unless the database was closed when the file was copied."""
    return keeps_log(file) and not log_of(file).exists()


def _taken(real: Path, part: Path, database: Path) -> Flaw | None:
    try:
        if _is_in_use(real):
            with translated(real):
                origin = open_view(real)
            with closing(origin):
                copy(origin, part)
        else:
            _copy_still(real, part, database)
    except sqlite3.DatabaseError as error:
        return of_error(error)
    return flaw(part) or _brought_up_to_date(part)


def _is_in_use(real: Path) -> bool:
    try:
        return is_open_elsewhere(real)
    except OSError:  # it may not be written to
        return False


def _copy_still(real: Path, part: Path, database: Path) -> None:
    """File and log are copied first, and the log goes into the copy: SQLite would change what it reads. Raises
    sqlite3.Error."""
    with closing(connect(real, STILL)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # not gigabytes of something else
    try:
        shutil.copyfile(real, part)
        for end in _BESIDE:
            if (beside := real.with_name(f"{real.name}{end}")).exists():
                shutil.copyfile(beside, part.with_name(f"{part.name}{end}"))
    except OSError as error:
        raise (no_room(database) if error.errno in _NO_ROOM else _unreadable(real, error)) from error
    with closing(connect(part, "rw")) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
        connection.execute("PRAGMA journal_mode = DELETE")


def _brought_up_to_date(part: Path) -> Flaw | None:
    try:
        with Connected.open(part, create=False):
            pass
    except StoreError as error:
        if isinstance(error.__cause__, sqlite3.DatabaseError):
            return of_error(error.__cause__)
        raise
    with closing(connect(part, "rw")) as connection:
        return incomplete(Database(connection, recursive_triggers=False, execute_plugins=False))


def _unreadable(file: Path, error: OSError) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"{file} cannot be read ({error.strerror}): run it as a user who may.")
