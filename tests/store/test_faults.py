"""SQLite's refusals, provoked for real, as sentences."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, StoreError
from linkwatch.store import Store
from linkwatch.store.connection import pragma
from linkwatch.store.faults import explain
from tests.store.storing import COPY, NOW, after, decision, source


@pytest.fixture
def other(store: Store, path: Path) -> Iterator[sqlite3.Connection]:
    """Another program on the same file."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def test_a_full_database_says_so_and_loses_nothing(store: Store, run: int) -> None:
    store.commit(run, [decision()])
    before = store.snapshot(NOW)
    pages = pragma(store._db, "page_count")
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = replace(COPY, shingles=tuple(range(200_000)))
    with pytest.raises(DatabaseUnavailable) as caught:
        store.commit(run, [decision(at=after(1), changed=True, new_copy=noise)])
    assert str(caught.value) == (
        f"There is no room left for the database {store._path}: free space on its disk and run again."
    )
    assert store.snapshot(NOW) == before

    store._db.execute("PRAGMA max_page_count = 1000000")
    store.commit(run, [decision(at=after(1), new_copy=noise)])
    assert store.copy("blekinge") == noise


def commits_until_full(store: Store, run: int) -> Iterator[str]:
    """The titles whose commit returned; 1,000 of them would take ten times the disk."""
    copy = replace(COPY, shingles=tuple(range(1024)))
    for title in map(str, range(1000)):
        try:
            store.commit(run, [decision(facts=replace(decision().facts, title=title), new_copy=copy)])
        except DatabaseUnavailable as error:
            assert "There is no room left" in str(error)
            return
        yield title
    pytest.fail("the disk never filled")


def test_a_full_disk_says_so_and_loses_nothing(tiny_disk: Path) -> None:
    with Store.open(tiny_disk / "linkwatch.db") as store:
        store.sync_sources([source()], NOW)
        run = store.begin_run(NOW, due=1)
        done = list(commits_until_full(store, run))
        assert len(done) > 5
        assert [check.title for check in store.link_history("blekinge", limit=1000)] == done[::-1]
        store.verify()


def test_a_database_that_turned_read_only(store: Store, run: int) -> None:
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnavailable) as caught:
        store.commit(run, [decision()])
    assert str(caught.value) == (
        f"The database {store._path} cannot be written to (attempt to write a readonly database): "
        "make the file and its folder writable."
    )


def test_one_that_writes_waits_for_another(store: Store, run: int, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.execute, ["COMMIT"]).start()
    started = time.monotonic()
    store.commit(run, [decision()])
    assert time.monotonic() - started > 0.2
    assert len(store.link_history("blekinge")) == 1


def test_a_database_that_stays_locked(store: Store, run: int, other: sqlite3.Connection) -> None:
    store._db.execute("PRAGMA busy_timeout = 50")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match=r"has been locked by another program for more than 10 seconds"):
        store.commit(run, [decision()])
    other.execute("ROLLBACK")
    store.commit(run, [decision()])


def test_a_reader_is_not_held_up_by_a_writer_and_sees_whole_batches(store: Store, run: int, path: Path) -> None:
    sources = [source("blekinge"), source("dalarna")]
    stop = threading.Event()

    def write() -> None:
        for batch in count():
            facts = replace(decision().facts, title=f"Batch {batch}")
            store.commit(run, [decision(of, facts=facts, changed=True) for of in sources])
            if stop.is_set():
                return

    seen = set[tuple[str | None, ...]]()
    with Store.open(path, read_only=True) as reader, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        deadline = time.monotonic() + 10
        while len(seen) < 10 and time.monotonic() < deadline:
            links = reader.snapshot(NOW).links
            seen.add(tuple(link.facts.title for link in links))
            assert len({len(link.transitions) for link in links}) == 1
        stop.set()
        writing.result(10)
    assert len(seen) == 10
    assert all(first == second for first, second in seen)


def test_a_store_may_be_used_from_several_threads(store: Store, run: int) -> None:
    def use(number: int) -> int:
        store.commit(run, [decision(at=after(number))])
        return len(store.snapshot(NOW).links)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, range(40))) == [2] * 40
    assert [check.times for check in store.link_history("blekinge")] == [40]


def test_a_closed_store_is_our_own_fault(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="does not expect: Cannot operate on a closed database"):
        store.known()


@pytest.mark.parametrize(
    ("code", "kind", "what_to_do"),
    [
        (sqlite3.SQLITE_IOERR_READ, DatabaseUnavailable, "check its disk"),
        (sqlite3.SQLITE_CORRUPT, DamagedDatabase, "restore it from a backup"),
        (sqlite3.SQLITE_READONLY_DBMOVED, DatabaseUnavailable, "make the file and its folder writable"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseUnavailable, "close what holds it open"),
    ],
)
def test_an_extended_code_is_told_as_its_primary_one(code: int, kind: type[StoreError], what_to_do: str) -> None:
    error = sqlite3.OperationalError("it says")
    error.sqlite_errorcode = code
    told = explain(error, Path("linkwatch.db"))
    assert type(told) is kind
    assert what_to_do in str(told)


def test_two_that_read_before_they_write_wait_for_each_other(store: Store, path: Path) -> None:
    def rename(opened: Store, name: str) -> None:
        for number in range(40):
            opened.sync_sources([replace(source(), name=f"{name} {number}")], after(number))

    with Store.open(path) as second, ThreadPoolExecutor(2) as pool:
        for renaming in [pool.submit(rename, store, "first"), pool.submit(rename, second, "second")]:
            renaming.result(20)
        assert second.snapshot(NOW).links[0].source.name in {"first 39", "second 39"}
