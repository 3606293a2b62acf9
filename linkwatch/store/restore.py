"""A copy put back in the database's place.

    copy ─▶ a file beside the database ─▶ looked through ─▶ brought up to date ─▶ mail held back ─▶ looked through again
    database ─▶ held alone ─▶ copied aside ─▶ its content replaced, in one transaction

The database keeps its file: who opens it just then waits, and reads the new content. Only where what stands there
cannot be read is it moved aside, with its log, and the copy put in its place.

What goes back with the links is what each recipient has heard of: the next digest tells once more what has changed
since the copy was made. What does not go out again is mail that was waiting when the copy was made.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from sqlite_utils import Database

from linkwatch.core.due import following
from linkwatch.errors import DatabaseUnavailable, ForeignDatabase, StoreError
from linkwatch.store import parcels, rows
from linkwatch.store.connection import pragma
from linkwatch.store.copying import connect, flaw, is_open_elsewhere, of_error
from linkwatch.store.faults import translated
from linkwatch.store.lock import run_lock
from linkwatch.store.migrations import APPLICATION_ID
from linkwatch.store.parts import part_of, put_in_place, sync
from linkwatch.store.taking import lacks_log, take
from linkwatch.store.withdrawn import Kept, keep_withdrawn, present

HELD_BACK = "held back by `linkwatch restore`: it may have been sent after the copy was made"

_BUSY_S = 2.0  # a command that only looks is soon done; a desk stays
_BESIDE = ("-wal", "-shm", "-journal")
_NEW_MODE = 0o600  # it holds mail addresses

_LAST_AT = "SELECT max(coalesce(last_commit_at, started_at)) FROM runs"
_LINKS = "SELECT count(*) FROM links WHERE removed_at IS NULL"

# What a digest would have told is told by the next one: what its recipient has heard of is what the copy says.
_MERGE_DIGESTS = """
UPDATE outbox SET fate = 'merged', ended_at = :now, lease = NULL, leased_until = NULL
WHERE fate = 'pending' AND kind = 'digest'
"""
_HOLD_BACK = """
UPDATE outbox SET fate = 'dead', ended_at = :now, detail = :detail, lease = NULL, leased_until = NULL
WHERE fate = 'pending'
"""
_LOG_OUT = "DELETE FROM sessions"
_SUBSCRIPTIONS = "SELECT id, address, zone, due_on, rhythm, choice, removed_at IS NULL FROM subscriptions"
_DUE_ON = "UPDATE subscriptions SET due_on = ? WHERE id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a copy holds."""

    last_at: datetime | None  # of its last run
    links: int
    lacks_log: bool  # the newest of what was in it may be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of it."""

    aside: Path | None  # where what stood there before is now
    held_back: int  # letters and other mail that go out only if somebody asks for it (`linkwatch outbox retry`)
    kept: Kept  # of what people have withdrawn since
    lacks_log: bool = False  # the newest of what was in the copy may be missing


def examine(file: Path, database: Path) -> Examined:
    """Looks through a copy as `restore` will. Raises the StoreError family, with the sentence why it cannot be used."""
    database = _made_folder(database)
    with part_of(database) as part:
        take(file, part, database)
        with closing(connect(part, "ro")) as connection, translated(file):
            ((last_at,),) = connection.execute(_LAST_AT).fetchall()
            ((links,),) = connection.execute(_LINKS).fetchall()
    return Examined(last_at=rows.to_time(last_at), links=links, lacks_log=lacks_log(file))


def restore(file: Path, database: Path, *, now: datetime) -> Restored:
    """Put the copy `file` in the place of the database.

    Raises AlreadyRunning while a run holds the lock, and the StoreError family where the copy is damaged, not ours or
    of a later version, or where the desk or another program has the database open; then nothing has changed.
    """
    if database.exists() and file.exists() and file.samefile(database):
        raise DatabaseUnavailable(f"{file} is the database itself: name a copy of it.")
    database = _made_folder(database)
    with run_lock(database, now), part_of(database) as part:
        take(file, part, database)
        aside = _aside(database, now)
        with _alone(database) as live:
            done = _replace(live, part, database, aside, now) if live else _put(part, database, aside, now)
    with translated(database):
        found = flaw(database)
    if found:
        raise found.kind(f"{database} has been restored, and all the same {found.what}: check its disk.")
    return replace(done, lacks_log=lacks_log(file))


# ---------------------------------------------------------------- the copy


def _made_folder(database: Path) -> Path:
    """Where the database is or is to be, be there a link to it."""
    real = database.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The folder {database.parent} for the database cannot be used ({error.strerror}): make it writable, or "
            "point `database` elsewhere."
        ) from error
    return real


def _aside(database: Path, now: datetime) -> Path:
    """A name that nothing has yet."""
    name = f"{database.stem}-before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    ends = chain([""], (f"-{number}" for number in count(2)))
    asides = (database.with_name(f"{name}{end}{database.suffix}") for end in ends)
    return next(aside for aside in asides if not aside.exists())


def _made_ready(part: Path, aside: Path | None, now: datetime) -> Restored:
    """Hold back the mail that may have been sent since, and keep what was withdrawn. `aside` is the database as it was
    before, where that can be read."""
    with closing(connect(part, "rw")) as db, translated(part), present(db, aside) as is_same:
        db.execute("BEGIN IMMEDIATE")
        db.execute(_MERGE_DIGESTS, {"now": rows.iso(now)})
        held_back = db.execute(_HOLD_BACK, {"now": rows.iso(now), "detail": HELD_BACK}).rowcount
        db.execute(_LOG_OUT)
        _put_off(db, now)
        kept = keep_withdrawn(db, now) if is_same else Kept()
        db.execute("COMMIT")
    return Restored(aside=aside, held_back=held_back, kept=kept)


def _put_off(db: sqlite3.Connection, now: datetime) -> None:
    """A digest that was due after the copy was made has most likely been sent: the next one comes at its usual time."""
    for one in map(parcels.to_subscription, db.execute(_SUBSCRIPTIONS).fetchall()):
        if one.comes_at <= now:
            db.execute(_DUE_ON, (following(one.rhythm, now, one.zone).isoformat(), one.id))


# ---------------------------------------------------------------- the place


@contextmanager
def _alone(database: Path) -> Iterator[sqlite3.Connection | None]:
    """The database, for us alone until the end of the block; None where there is none that can be read."""
    if not database.exists():
        yield None
        return
    if not database.is_file():
        raise DatabaseUnavailable(f"{database} is not a file: point `database` at a file in that place.")
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(database, "rw", busy_s=_BUSY_S)
        is_readable = _is_ours_alone(connection, database)
        if not is_readable:
            connection.close()
            _refuse_opened(database)
        yield connection if is_readable else None
    finally:
        if connection is not None:
            connection.close()


def _is_ours_alone(connection: sqlite3.Connection, database: Path) -> bool:
    """False: it cannot be read. In WAL mode whoever has it open holds a lock, at work or not."""
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        mark, tables = pragma(db, "application_id"), db.table_names()
        is_whole = pragma(db, "quick_check(1)") == "ok"
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _opened(database) from error
        with translated(database):
            of_error(error)
        return False
    if mark != APPLICATION_ID and (tables or mark != 0):
        raise ForeignDatabase(f"{database} is not a linkwatch database: point `database` at another file.")
    return is_whole


def _refuse_opened(database: Path) -> None:
    """As `_is_ours_alone`, for a file that SQLite does not read. No connection of ours may be open to it."""
    with translated(database):
        if is_open_elsewhere(database):
            raise _opened(database)


def _opened(database: Path) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"{database} is open in another program, such as `linkwatch serve`: stop that, and run again. Nothing has been "
        "changed."
    )


def _replace(live: sqlite3.Connection, part: Path, database: Path, aside: Path, now: datetime) -> Restored:
    """Both copies first, then the content in one transaction: a kill leaves the one or the other."""
    try:
        with translated(aside):
            _copy_out(live, aside)
        done = _made_ready(part, aside, now)
        with translated(database), closing(connect(part, "ro")) as ready:
            ready.backup(live)
    except (StoreError, OSError):  # before anything has changed
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
    with suppress(sqlite3.OperationalError):  # whoever opens it next will do it
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return done


def _copy_out(live: sqlite3.Connection, aside: Path) -> None:
    with part_of(aside) as part:
        with closing(connect(part, "rw")) as there:
            live.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")
        put_in_place(part, aside)


def _put(part: Path, database: Path, aside: Path, now: datetime) -> Restored:
    """Where nothing is, or nothing that can be read: that is kept under another name, and so is a log without its
    database, which SQLite would take for that of the copy."""
    done = _made_ready(part, None, now)
    try:
        _as_before(part, database)
        for end in _BESIDE:
            one = database.with_name(database.name + end)
            if one.exists():
                one.replace(aside.with_name(aside.name + end))
        was_there = database.exists()
        if was_there:
            _give_second_name(database, aside)
    except OSError as error:
        raise DatabaseUnavailable(
            f"{database} cannot be moved aside ({error.strerror}): make its folder writable, on a disk with room."
        ) from error
    put_in_place(part, database)
    return replace(done, aside=aside if was_there else None)


def _give_second_name(database: Path, aside: Path) -> None:
    """So that the name of the database always leads to something: else whoever comes in between begins a new one."""
    try:
        aside.hardlink_to(database)
    except OSError:  # a disk that knows no such names
        shutil.copy2(database, aside)


def _as_before(part: Path, database: Path) -> None:
    """The mode and owner of what was there; where nothing was, the folder's owner alone may read it."""
    was_there = database.exists()
    like = (database if was_there else database.parent).stat()
    with suppress(OSError):  # only root may give files away
        os.chown(part, like.st_uid, like.st_gid)
    part.chmod(like.st_mode & 0o666 if was_there else _NEW_MODE)
    sync(part)
