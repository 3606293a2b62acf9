"""Databases with something in them, their copies, and what may be wrong with such a file."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from linkwatch.errors import DamagedDatabase, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store import Store
from linkwatch.store.migrations import APPLICATION_ID
from tests.store.storing import NOW, after, decision


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def titles(path: Path) -> set[str | None]:
    with Store.open(path, create=False) as store:
        return {link.facts.title for link in store.snapshot(NOW).links}


def said(error: pytest.ExceptionInfo[StoreError], folder: Path) -> str:
    sentence = str(error.value).replace(str(folder), "DB")
    assert "\n" not in sentence
    return sentence


def later(path: Path) -> None:
    """What happens after the copy was made."""
    with Store.open(path) as store:
        facts = replace(decision().facts, title="Later")
        store.commit(store.begin_run(after(24), due=1), [decision(at=after(24), facts=facts, changed=True)])


def damage(path: Path) -> None:
    """Bytes in the middle, as a bad disk leaves them."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for place in range(3 * 4096, size, 4096):
            file.seek(place)
            file.write(b"\xa5" * 300)


def break_reference(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO transitions (link_id, at, old, new) VALUES ('nowhere', '', 'ok', 'ok')")


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('linkwatch', 'm9', '')")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def make_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE feeds (id INTEGER)")


def make_text(path: Path) -> None:
    path.write_text("not a database " * 500)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def drop_table(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TABLE hosts")


def drop_column(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE subscriptions DROP COLUMN wants")


def make_hollow(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("CREATE TABLE links (id TEXT)")


UNFIT: list[tuple[Callable[[Path], None], type[StoreError], str]] = [
    (damage, DamagedDatabase, "it is damaged ("),
    (break_reference, DamagedDatabase, "it is damaged (a row of transitions belongs to nothing in links)"),
    (cut, DamagedDatabase, "it is damaged ("),
    (drop_table, DamagedDatabase, "it is damaged (it lacks the table hosts)"),
    (drop_column, DamagedDatabase, "it is damaged (it lacks the column wants of subscriptions)"),
    (make_hollow, DamagedDatabase, "it is damaged (it does not tell its version)"),
    (make_newer, NewerDatabase, "it was written by a later linkwatch (step m9)"),
    (make_foreign, ForeignDatabase, "it is not a linkwatch database"),
    (make_text, ForeignDatabase, "it is not a SQLite database"),
    (empty, ForeignDatabase, "it is not a linkwatch database"),
]


def fill(disk: Path, leave: int) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize > leave:
                filler.write(bytes(4096))
        except OSError:
            return


def copy_titles(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {title for (title,) in db.execute("SELECT title FROM copies")}
