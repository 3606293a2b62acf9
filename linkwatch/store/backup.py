"""Copies of the database, taken while it is in use, and how many of them are kept.

    database ─▶ a file beside the target, page by page ─▶ looked through ─▶ synced ─▶ in its place under its name

A copy is a file by itself, without a log beside it, that only its owner can read.
"""

import os
import re
import sqlite3
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store.connection import pragma
from linkwatch.store.faults import BUSY_SECONDS, explain
from linkwatch.store.migrations import APPLICATION_ID, STEP_NAMES, migrations

PAGES_AT_ONCE = 256  # a megabyte, after which others have a moment
PAUSE_S = 0.002

_NAME = re.compile(r"linkwatch-\d{8}T\d{6}Z\.db")
_PART = re.compile(r"\.linkwatch-\d{8}T\d{6}Z\.db\..+\.part(-journal|-wal|-shm)?")
_PART_IS_DEAD_AFTER = timedelta(days=1)
_HEADER = struct.Struct(">16s52xI")  # https://www.sqlite.org/fileformat.html, 1.3: magic, …, application id
_MAGIC = b"SQLite format 3\0"
_OF_THE_TARGET = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)

_WHAT_TO_DO: dict[type[StoreError], str] = {
    DamagedDatabase: "restore an earlier copy of it with `linkwatch restore`",
    ForeignDatabase: "point `database` at another file",
    NewerDatabase: "update linkwatch",
}


def dated_name(now: datetime) -> str:
    """`linkwatch-20261127T030000Z.db`, with the time in UTC."""
    return f"linkwatch-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"


def backup(
    database: Path, to: Path, *, now: datetime, pages_at_once: int = PAGES_AT_ONCE, pause_s: float = PAUSE_S
) -> Path:
    """Copy the database, as it is at this moment, to the file `to`, or into the folder `to` under a dated name.

    Neither a run nor the desk has to wait for it. The copy has its name only when it is whole, looked through and
    synced. Raises the StoreError family; then nothing is left behind, and a copy that had the name before is as it was.
    """
    if not database.is_file():
        raise DatabaseUnavailable(f"There is no database at {database}: run `linkwatch check` to make one.")
    target = to / dated_name(now) if to.is_dir() else to
    _refuse_taken(target, database)
    with part_of(target.resolve()) as part:
        with told_apart(database, target):
            copy(database, part, pages_at_once=pages_at_once, pause_s=pause_s)
        if found := flaw(part):
            raise found.kind(f"{database} cannot be copied: {found.what}. {_then(_WHAT_TO_DO[found.kind])}")
        put_in_place(part, target.resolve())
    return target


def backup_into(folder: Path, database: Path, *, keep: int, now: datetime) -> tuple[Path, tuple[Path, ...]]:
    """Copy the database into a folder, made where it is not there yet, and delete all but the `keep` newest copies:
    the new one, and those that were deleted. Raises as `backup` and `rotate`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    made = backup(database, folder, now=now)
    return made, rotate(folder, keep, made=made)


def backups_in(folder: Path) -> tuple[Path, ...]:
    """Our copies in a folder, oldest first: files that have a dated name and are databases of ours."""
    try:
        named = sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name))
    except OSError:
        return ()
    return tuple(one for one in named if _is_ours(one))


def rotate(folder: Path, keep: int, *, made: Path) -> tuple[Path, ...]:
    """Delete all but the `keep` newest copies, and what copies that were killed have left; those that were deleted.

    Only our own copies with a dated name are deleted, and never `made`, the one that has just been taken, whatever the
    clock says.
    """
    ours = [one for one in backups_in(folder) if one.name != made.name]
    old = ours[: max(len(ours) - max(keep - 1, 0), 0)]
    try:
        for one in old:
            one.unlink(missing_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The copy {made} has been made, but the old copy {one} cannot be deleted ({error.strerror}): make its "
            "folder writable."
        ) from error
    _clear_away_dead_parts(folder)
    return tuple(old)


# ---------------------------------------------------------------- shared with `restore`


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a file cannot be used as our database. `what` is a clause about the file: "it is damaged (…)"."""

    kind: type[StoreError]
    what: str


def copy(
    source: Path, target: Path, *, pages_at_once: int = -1, pause_s: float = 0.0, source_is_still: bool = False
) -> None:
    """The database `source`, as it is at this moment, into the empty file `target`. Raises sqlite3.Error.

    `source_is_still`: nobody has it open, and it may lie where nothing can be written.
    """
    mode = "ro&immutable=1" if source_is_still else "rw"  # who may only read would leave a log beside it
    with closing(connect(source, mode)) as origin, closing(connect(target, "rw")) as there:
        # The view stays open, or each write by another would make the copy begin again.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        there.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
        origin.backup(there, pages=pages_at_once, progress=lambda *_: time.sleep(pause_s))
        there.execute("PRAGMA journal_mode = DELETE")  # a file by itself


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
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return Flaw(kind=ForeignDatabase, what="it is not a SQLite database")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):
        return Flaw(kind=DamagedDatabase, what=f"it is damaged ({error})")
    raise error


def connect(path: Path, mode: str, *, busy_s: float = BUSY_SECONDS) -> sqlite3.Connection:
    """`mode` is one of SQLite's: rw, ro, or `ro&immutable=1` for a file that nobody writes to. No transaction is begun
    by itself."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=busy_s, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, for what is to become it; gone after the block, whatever happens in it."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(target, error) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                part.with_name(part.name + end).unlink(missing_ok=True)


def put_in_place(part: Path, target: Path) -> None:
    """Under its name when all of it is on the disk."""
    try:
        sync(part)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error


def sync(path: Path) -> None:
    """A file, or the names in a folder, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def told_apart(database: Path, target: Path) -> Iterator[None]:
    """SQLite's errors, told of the file that they are likely to concern."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise DatabaseUnavailable(
                f"There is no room left for the copy {target}: free space on its disk and run again."
            ) from error
        raise explain(error, target if code in _OF_THE_TARGET else database) from error


# ---------------------------------------------------------------- within


def _flaw(db: Database) -> Flaw | None:
    if pragma(db, "application_id") != APPLICATION_ID:
        return Flaw(kind=ForeignDatabase, what="it is not a linkwatch database")
    unknown = [step.name for step in migrations.applied(db) if step.name not in STEP_NAMES]
    if unknown:
        return Flaw(kind=NewerDatabase, what=f"it was written by a later linkwatch (step {unknown[-1]})")
    answer = str(pragma(db, "integrity_check(1)"))
    if answer != "ok":
        return Flaw(kind=DamagedDatabase, what=f"it is damaged ({answer.splitlines()[-1]})")
    stray = db.execute("PRAGMA foreign_key_check").fetchone()
    if stray:
        what = f"it is damaged (a row of {stray[0]} belongs to nothing in {stray[2]})"
        return Flaw(kind=DamagedDatabase, what=what)
    return None


def _refuse_taken(target: Path, database: Path) -> None:
    """A name that a copy would take from something else."""
    if not target.exists():
        return
    if target.samefile(database):
        raise DatabaseUnavailable(f"{target} is the database itself: name another file for the copy.")
    if not target.is_file() or (target.stat().st_size and not _is_ours(target.resolve())):
        raise DatabaseUnavailable(f"{target} is there already, and is no copy of ours: name another file for the copy.")


def _is_ours(path: Path) -> bool:
    """Read without SQLite: no connection of ours is open to a copy, whose locks that might drop."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(_HEADER.size)
    except OSError:
        return False
    return len(start) == _HEADER.size and _HEADER.unpack(start) == (_MAGIC, APPLICATION_ID)


def _clear_away_dead_parts(folder: Path) -> None:
    with suppress(OSError):
        for one in folder.iterdir():
            if _PART.fullmatch(one.name) and time.time() - one.stat().st_mtime > _PART_IS_DEAD_AFTER.total_seconds():
                one.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The copy {path} cannot be written ({error.strerror}): name a folder that is there and can be written to, on "
        "a disk with room."
    )


def _then(what_to_do: str) -> str:
    return f"{what_to_do[0].upper()}{what_to_do[1:]}."
