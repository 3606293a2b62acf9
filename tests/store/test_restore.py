"""The way back: nothing half, nothing lost, and the copy stays as it is."""

import multiprocessing
import random
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from linkwatch.errors import (
    AlreadyRunning,
    DamagedDatabase,
    DatabaseUnavailable,
    ForeignDatabase,
    StoreError,
)
from linkwatch.store import Desk, Store, run_lock
from linkwatch.store.backup import backup
from linkwatch.store.migrations import STEP_NAMES
from linkwatch.store.restore import examine, restore
from tests.store.copied import (
    UNFIT,
    copy_titles,
    cut,
    damage,
    fill,
    later,
    make_foreign,
    make_text,
    names,
    said,
    titles,
)
from tests.store.storing import COPY, NOW, after, decision, source

FORK = multiprocessing.get_context("fork")


# ---------------------------------------------------------------- put back


def test_it_puts_the_copy_back_and_keeps_what_was_there(filled: Path, made: Path) -> None:
    before = titles(filled)
    later(filled)
    filled.chmod(0o640)
    file = filled.stat().st_ino
    done = restore(made, filled, now=after(48))
    assert done.aside == filled.with_name("linkwatch-before-restore-20261125T130000Z.db")
    assert titles(filled) == before
    assert "Later" in titles(done.aside)
    assert (filled.stat().st_ino, stat.S_IMODE(filled.stat().st_mode)) == (file, 0o640)
    assert names(filled.parent) == [done.aside.name, "linkwatch.db", "linkwatch.db.lock"]
    with Store.open(filled) as store:
        store.verify()
        store.commit(store.begin_run(after(72), due=1), [decision(at=after(72))])


def test_what_was_put_aside_a_moment_ago_stays_too(filled: Path, made: Path) -> None:
    later(filled)
    first, second = restore(made, filled, now=NOW).aside, restore(made, filled, now=NOW).aside
    assert first
    assert second
    assert "Later" in titles(first)
    assert "Later" not in titles(second)


def test_behind_a_link_it_is_the_database_that_is_copied_and_replaced(filled: Path, tmp_path: Path) -> None:
    link, to = tmp_path / "link.db", tmp_path / "to.db"
    link.symlink_to(filled)
    backup(link, tmp_path / "first.db", now=NOW)
    to.symlink_to(tmp_path / "first.db")
    assert backup(filled, to, now=NOW) == to
    later(filled)
    done = restore(to, link, now=NOW)
    assert (link.is_symlink(), to.is_symlink()) == (True, True)
    assert done.aside
    assert done.aside.parent == filled.parent
    assert "Later" not in titles(filled)


def test_it_tells_what_a_copy_holds(filled: Path, made: Path) -> None:
    found = examine(made, filled)
    assert (found.last_at, found.links) == (NOW, 2)
    assert names(filled.parent) == ["linkwatch.db"]


def test_where_nothing_is_it_makes_the_place(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "db" / "linkwatch.db"
    assert restore(made, path, now=NOW).aside is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert COPY.title in copy_titles(path)
    with Store.open(path) as store:
        store.verify()


def test_a_log_without_its_database_does_not_go_into_the_copy(filled: Path, made: Path) -> None:
    with Store.open(filled) as store:
        store.sync_sources([replace(source(), name="Out of the log")], after(1))
        log = filled.with_name("linkwatch.db-wal").read_bytes()
    filled.unlink()
    filled.with_name("linkwatch.db-wal").write_bytes(log)
    restore(made, filled, now=NOW)
    with Store.open(filled) as store:
        store.verify()
        assert {link.source.name for link in store.snapshot(NOW).links} == {"Blekinge", "Dalarna"}


@pytest.mark.parametrize("spoil", [damage, cut, make_text])
def test_what_cannot_be_read_any_more_is_moved_aside_as_it_is(
    filled: Path, made: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(filled)
    filled.chmod(0o640)
    before = filled.read_bytes()
    done = restore(made, filled, now=NOW)
    assert done.aside
    assert done.aside.read_bytes() == before
    assert COPY.title in copy_titles(filled)
    assert stat.S_IMODE(filled.stat().st_mode) == 0o640


def test_another_programs_database_is_left_alone(filled: Path, made: Path) -> None:
    make_foreign(filled)
    before = filled.read_bytes()
    with pytest.raises(ForeignDatabase, match="point `database` at another file"):
        restore(made, filled, now=NOW)
    assert filled.read_bytes() == before


@pytest.mark.parametrize(("spoil", "kind", "what"), UNFIT)
def test_it_refuses_a_copy_that_cannot_be_used(
    filled: Path, made: Path, spoil: Callable[[Path], None], kind: type[StoreError], what: str
) -> None:
    spoil(made)
    before = filled.read_bytes()
    for refuse in (lambda: restore(made, filled, now=NOW), lambda: examine(made, filled)):
        with pytest.raises(StoreError) as caught:
            refuse()
        assert type(caught.value) is kind
        assert said(caught, made.parent).startswith("DB/copy.db cannot be restored: it ")
        assert what in str(caught.value)
    assert filled.read_bytes() == before
    assert set(names(filled.parent)) <= {"linkwatch.db", "linkwatch.db.lock"}


def test_it_refuses_a_copy_that_is_not_there_or_is_the_database(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="There is no file"):
        restore(tmp_path / "nowhere.db", filled, now=NOW)
    with pytest.raises(DatabaseUnavailable, match="is the database itself"):
        restore(filled, filled, now=NOW)


def test_it_waits_for_no_run(filled: Path, made: Path) -> None:
    with run_lock(filled, NOW), pytest.raises(AlreadyRunning):
        restore(made, filled, now=NOW)


def _sit(path: Path, ready: object, done: object) -> None:
    with Desk.open(path, create=False, read_only=True):
        ready.set()  # type: ignore[attr-defined]
        done.wait(20)  # type: ignore[attr-defined]


@contextmanager
def desk_open(path: Path) -> Iterator[None]:
    """Another process that has the database open, and does nothing with it."""
    ready, done = FORK.Event(), FORK.Event()
    child = FORK.Process(target=_sit, args=(path, ready, done), daemon=True)
    child.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        done.set()
        child.join(20)


def test_it_refuses_while_a_desk_has_the_database_open(filled: Path, made: Path, tmp_path: Path) -> None:
    later(filled)
    with desk_open(filled):
        with pytest.raises(DatabaseUnavailable) as caught:
            restore(made, filled, now=NOW)
        assert said(caught, tmp_path) == (
            "DB/db/linkwatch.db is open in another program, such as `linkwatch serve`: stop that, and run again. "
            "Nothing has been changed."
        )
    assert "Later" in titles(filled)
    assert not list(filled.parent.glob("*before*"))


def test_it_refuses_while_a_desk_has_a_database_open_that_has_been_damaged_since(filled: Path, made: Path) -> None:
    with desk_open(filled):
        make_text(filled)
        with pytest.raises(DatabaseUnavailable, match="is open in another program"):
            restore(made, filled, now=NOW)


def test_who_opens_it_just_then_waits_and_reads_the_copy(filled: Path, made: Path) -> None:
    """A database that is exchanged under another's feet would take the log of the one for that of the other."""
    later(filled)
    seen, stop = set[str | None](), threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.update(titles(filled))

    looking = threading.Thread(target=look)
    looking.start()
    refused = 0
    for _ in range(5):
        try:
            restore(made, filled, now=NOW)
        except DatabaseUnavailable:
            refused += 1
    stop.set()
    looking.join(20)
    assert refused < 5
    assert titles(filled) == {COPY_TITLE, None}
    with Store.open(filled) as store:
        store.verify()


COPY_TITLE = decision().facts.title


def test_a_full_disk_leaves_the_database_as_it_was(tiny_disk: Path, made: Path) -> None:
    path = tiny_disk / "linkwatch.db"
    restore(made, path, now=NOW)
    later(path)
    fill(tiny_disk, 300_000)
    with pytest.raises(DatabaseUnavailable) as caught:
        restore(made, path, now=NOW)
    assert "room" in said(caught, tiny_disk)
    assert "DB/" in said(caught, tiny_disk)
    assert "Later" in titles(path)
    assert names(tiny_disk) == ["filler", "linkwatch.db", "linkwatch.db.lock"]


def _restore_for_ever(one: Path, other: Path, path: Path) -> None:
    while True:
        restore(one, path, now=NOW)
        restore(other, path, now=NOW)


def test_a_kill_leaves_the_one_or_the_other_whole(filled: Path, made: Path, tmp_path: Path) -> None:
    later(filled)
    other, chance = backup(filled, tmp_path / "later.db", now=NOW), random.Random(7)
    states = {frozenset(titles(made)), frozenset(titles(other))}
    for _ in range(15):
        child = FORK.Process(target=_restore_for_ever, args=(made, other, filled), daemon=True)
        child.start()
        time.sleep(chance.uniform(0.02, 0.25))
        child.kill()
        child.join()
        with Store.open(filled, create=False) as store:
            store.verify()
        assert frozenset(titles(filled)) in states
    backup(filled, tmp_path / "last.db", now=NOW)
    assert not [name for name in names(filled.parent) if ".part" in name]


def test_a_database_that_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    real, link = tmp_path / "real.db", tmp_path / "link.db"
    link.symlink_to(real)
    with Store.open(link):
        modes = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert modes == {0o600}


# ---------------------------------------------------------------- copies that others have made


@pytest.fixture
def with_log(filled: Path, tmp_path: Path) -> Path:
    """A database as it lay there, with the log that holds its newest changes."""
    folder = tmp_path / "lay there"
    folder.mkdir()
    with Store.open(filled) as store:
        store.sync_sources([replace(source(), name="Out of the log")], after(1))
        for end in ("", "-wal", "-shm"):
            shutil.copy(f"{filled}{end}", folder)
    return folder / filled.name


def link_names(path: Path) -> set[str]:
    with Store.open(path, create=False) as store:
        return {link.source.name for link in store.snapshot(NOW).links}


@pytest.mark.parametrize("is_linked", [False, True])
def test_the_log_beside_a_copy_goes_with_it_and_stays_as_it_is(with_log: Path, tmp_path: Path, is_linked: bool) -> None:
    before = {one: one.read_bytes() for one in with_log.parent.iterdir()}
    named = with_log
    if is_linked:
        named = tmp_path / "link.db"
        named.symlink_to(with_log)
    path = tmp_path / "new" / "linkwatch.db"
    assert not examine(named, path).lacks_log
    assert not restore(named, path, now=NOW).lacks_log
    assert link_names(path) == {"Out of the log"}
    assert {one: one.read_bytes() for one in with_log.parent.iterdir()} == before


def test_a_database_that_is_at_work_is_a_copy_too(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "linkwatch.db"
    with desk_open(filled):
        later(filled)
        restore(filled, path, now=NOW)
    assert "Later" in titles(path)


def test_it_knows_of_a_log_that_is_not_there(with_log: Path, made: Path, tmp_path: Path) -> None:
    with_log.with_name("linkwatch.db-wal").unlink()
    path = tmp_path / "new" / "linkwatch.db"
    assert examine(with_log, path).lacks_log
    assert restore(with_log, path, now=NOW).lacks_log
    assert not restore(made, path, now=NOW).lacks_log


def test_a_copy_that_cannot_be_brought_up_to_date_is_named(filled: Path, made: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(made, isolation_level=None)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (STEP_NAMES[-1],))
    before = filled.read_bytes()
    for refuse in (lambda: restore(made, filled, now=NOW), lambda: examine(made, filled)):
        with pytest.raises(DamagedDatabase) as caught:
            refuse()
        assert said(caught, tmp_path) == (
            "DB/copy.db cannot be restored: it is damaged (table withdrawn_tokens already exists). Nothing has been "
            "changed; take another copy."
        )
    assert filled.read_bytes() == before
