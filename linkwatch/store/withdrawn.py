"""What people have withdrawn: tokens that were revoked, and what subscribers have chosen for themselves.

When a copy is put back, that stays as it was in the database of before, which the copy may be older or younger than.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from linkwatch.errors import DatabaseUnavailable, StoreError
from linkwatch.store import rows
from linkwatch.store.copying import STILL, connect, no_room
from linkwatch.store.migrations import m0007_withdrawn, migrations
from linkwatch.store.parts import part_of
from linkwatch.store.transactions import Connected

# One database has been made once: copies and later versions keep the moment of its first step.
_IS_THE_SAME = """
SELECT (SELECT applied_at FROM main._sqlite_migrations WHERE migration_set = :set ORDER BY id LIMIT 1)
    = (SELECT applied_at FROM present._sqlite_migrations WHERE migration_set = :set ORDER BY id LIMIT 1)
"""

# The present database holds the last run of the copy, or has forgotten it.
_IS_LATER = """
SELECT newest.id IS NULL
    OR EXISTS (SELECT 1 FROM present.runs WHERE id = newest.id AND started_at = newest.started_at)
    OR newest.id < (SELECT min(id) FROM present.runs)
FROM (SELECT max(id) AS id, started_at FROM main.runs) AS newest
"""

_TAKE_OVER_WITHDRAWN = "INSERT OR IGNORE INTO main.withdrawn_tokens SELECT digest, at FROM present.withdrawn_tokens"

# What is from before it was written down and missing in the later database was revoked.
_WITHDRAW_MISSING = """
INSERT OR IGNORE INTO main.withdrawn_tokens SELECT digest, :now FROM main.tokens
WHERE digest NOT IN (SELECT digest FROM present.tokens)
    AND made_at < (SELECT max(started_at) FROM present.runs)
    AND made_at >= (
        SELECT replace(min(applied_at), ' ', 'T') FROM present._sqlite_migrations WHERE migration_set = :set
    )
    AND made_at < (
        SELECT replace(applied_at, ' ', 'T') FROM present._sqlite_migrations WHERE migration_set = :set AND name = :step
    )
"""
_FORGET_WITHDRAWN = """
DELETE FROM main.tokens WHERE digest IN (SELECT digest FROM main.withdrawn_tokens) RETURNING name
"""

# The later choice holds; of two that are equally late, that of the database with the later run.
_CHOSE_LATER = """
(now.changed_at IS NOT NULL AND now.changed_at > coalesce(old.changed_at, '')
    OR now.changed_at IS old.changed_at AND :has_later_run)
"""
_HAS_LATER_RUN = """
SELECT coalesce((SELECT max(started_at) FROM present.runs), '') >= coalesce((SELECT max(started_at) FROM main.runs), '')
"""
_HOW_MANY_CHOSE = f"""
SELECT count(*) FROM present.subscriptions AS now JOIN main.subscriptions AS old USING (id)
WHERE now.choice <> old.choice AND {_CHOSE_LATER}
"""  # noqa: S608  (nothing from elsewhere)
_TAKE_CHOICES = f"""
UPDATE main.subscriptions AS old
SET choice = now.choice, rhythm = now.rhythm, due_on = now.due_on, zone = now.zone, changed_at = now.changed_at
FROM present.subscriptions AS now WHERE now.id = old.id AND {_CHOSE_LATER}
"""  # noqa: S608
_ADD_CHOICES = """
INSERT INTO main.subscriptions (id, address, zone, due_on, rhythm, choice, removed_at, changed_at)
SELECT id, address, zone, due_on, rhythm, choice, removed_at, changed_at FROM present.subscriptions
WHERE id NOT IN (SELECT id FROM main.subscriptions)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of it. `is_all`: all that has been withdrawn since the copy was made; the database of before was a
    later state of the same one."""

    is_all: bool = False
    revoked: tuple[str, ...] = ()  # names of the copy's tokens that stay revoked
    chose: int = 0  # so many subscribers of the copy keep what they have chosen since


@contextmanager
def present(db: sqlite3.Connection, before: Path | None) -> Iterator[bool]:
    """Whether the database of before is there and the same one as the copy `db`, to which it is attached then."""
    if before is None:
        yield False
        return
    with _as_this_version(before) as path:
        db.execute("ATTACH ? AS present", (f"{path.absolute().as_uri()}?mode=ro",))
        yield _is_the_same(db)


def keep_withdrawn(db: sqlite3.Connection, now: datetime) -> Kept:
    """Within the block of `present` and a transaction."""
    about = {"now": rows.iso(now), "set": migrations.name, "step": m0007_withdrawn.__name__}
    is_later = _truth(db, _IS_LATER)
    db.execute(_TAKE_OVER_WITHDRAWN)
    if is_later:
        db.execute(_WITHDRAW_MISSING, about)
    revoked = sorted(name for (name,) in db.execute(_FORGET_WITHDRAWN).fetchall())
    run = {"has_later_run": _truth(db, _HAS_LATER_RUN)}
    ((chose,),) = db.execute(_HOW_MANY_CHOSE, run).fetchall()
    db.execute(_TAKE_CHOICES, run)
    db.execute(_ADD_CHOICES)
    return Kept(is_all=is_later, revoked=tuple(revoked), chose=chose)


# ---------------------------------------------------------------- within


@contextmanager
def _as_this_version(before: Path) -> Iterator[Path]:
    """A database, or a copy of it that has been brought up to date where it can be."""
    if not _is_older(before):
        yield before
        return
    with part_of(before) as part:
        _bring_up_to_date(before, part)
        yield part


def _is_older(path: Path) -> bool:
    with closing(connect(path, STILL)) as connection:
        return bool(migrations.pending(Database(connection, recursive_triggers=False, execute_plugins=False)))


def _bring_up_to_date(before: Path, part: Path) -> None:
    try:
        shutil.copyfile(before, part)
        with Connected.open(part, create=False):
            pass
    except (OSError, DatabaseUnavailable) as error:
        raise no_room(before) from error
    except StoreError:  # nothing is known of it then
        return


def _is_the_same(db: sqlite3.Connection) -> bool:
    try:
        db.execute("SELECT 1 FROM present.tokens, present.withdrawn_tokens, present.runs LIMIT 1").fetchone()
        db.execute("SELECT changed_at FROM present.subscriptions LIMIT 1").fetchone()
        ((is_same,),) = db.execute(_IS_THE_SAME, {"set": migrations.name}).fetchall()
    except sqlite3.DatabaseError:
        return False
    return bool(is_same)


def _truth(db: sqlite3.Connection, question: str) -> bool:
    ((answer,),) = db.execute(question).fetchall()
    return bool(answer)
