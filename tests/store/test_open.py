"""Opening: only our own, whole, known databases; the sentence for each other case."""

import multiprocessing
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from linkwatch.errors import (
    DamagedDatabase,
    DatabaseUnavailable,
    ForeignDatabase,
    NewerDatabase,
    StoreError,
)
from linkwatch.store import Store
from linkwatch.store.connection import pragma
from linkwatch.store.migrations import APPLICATION_ID
from tests.store.storing import COPY, NOW, decision, source


def said(path: Path, kind: type[StoreError], *, create: bool = True, read_only: bool = False) -> str:
    with pytest.raises(kind) as caught:
        Store.open(path, create=create, read_only=read_only)
    assert type(caught.value) is kind
    return str(caught.value).replace(str(path.parent), "DB")


def test_it_makes_the_folder_and_the_database(path: Path) -> None:
    with Store.open(path):
        pass
    assert path.is_file()
    assert [file.name for file in path.parent.iterdir()] == ["linkwatch.db"]


def test_it_sets_what_keeps_data_safe(store: Store) -> None:
    settings = {
        "application_id": APPLICATION_ID,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "auto_vacuum": 2,
    }
    assert {name: pragma(store._db, name) for name in settings} == settings


def test_every_table_is_strict(store: Store) -> None:
    ours = [table for table in store._db.tables if not table.name.startswith("_sqlite")]
    names = {"runs", "links", "checks", "transitions", "copies", "hosts", "incidents", "probes",
             "readings", "seen", "reviews", "requests", "tokens", "sessions", "link_tags",
             "incident_links", "contents", "tellings", "subscriptions", "outbox", "problems", "keys",
             "jobs", "days", "withdrawn_tokens", "marks"}  # fmt: skip
    assert {table.name for table in ours} == names
    assert all(table.strict for table in ours)


def test_an_empty_file_is_a_new_database(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Store.open(path) as store:
        assert store.known() == {}


def test_a_name_with_any_letter_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "länk koll?mode=ro#1%20" / "data?.db"
    with Store.open(path) as store:
        store.sync_sources([source()], NOW)
    assert path.is_file()


@pytest.mark.parametrize("content", [b"xy", b"hello\n" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_it_refuses_a_file_that_is_no_database_and_leaves_it_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert said(path, ForeignDatabase) == (
        "DB/linkwatch.db is not a SQLite database: point `database` at another file, or restore it from a backup."
    )
    assert path.read_bytes() == content


def test_it_refuses_the_database_of_another_program_and_leaves_it_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    for name in ("feeds", "entries", "a", "b", "c", "d"):
        other.execute(f"CREATE TABLE {name} (id INTEGER)")
    other.close()
    before = path.read_bytes()
    assert said(path, ForeignDatabase) == (
        "DB/linkwatch.db is not a linkwatch database (it holds the tables a, b, c, d, entries and 1 more): "
        "point `database` at another file."
    )
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["linkwatch.db"]


def test_it_refuses_an_empty_database_that_another_program_marked(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 42")
    other.close()
    assert "another program marked it" in said(path, ForeignDatabase)


def test_it_refuses_what_a_later_linkwatch_wrote(store: Store, path: Path) -> None:
    store._db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('linkwatch', 'm0009_later', '2031')"
    )
    sentence = (
        "The database DB/linkwatch.db was written by a later linkwatch (step m0009_later): update linkwatch, "
        "or point `database` at another file."
    )
    assert said(path, NewerDatabase) == sentence
    assert said(path, NewerDatabase, read_only=True) == sentence


def test_to_read_it_must_be_up_to_date(store: Store, path: Path) -> None:
    store._db.execute("DELETE FROM _sqlite_migrations")
    assert "by an earlier linkwatch: run `linkwatch check`" in said(path, DatabaseUnavailable, read_only=True)


def test_it_refuses_a_damaged_database(store: Store, path: Path) -> None:
    sources = [source(f"link-{n}") for n in range(200)]
    store.sync_sources(sources, NOW)
    store.commit(store.begin_run(NOW, due=200), [decision(of, new_copy=COPY) for of in sources])
    store.close()
    with path.open("r+b") as file:
        for page in range(20, 60):
            file.seek(page * 4096)
            file.write(b"\xa5" * 200)
    sentence = said(path, DamagedDatabase)
    assert sentence.startswith("The database DB/linkwatch.db is damaged (")
    assert sentence.endswith("): restore it from a backup.")


def test_it_refuses_a_truncated_database(store: Store, path: Path) -> None:
    store.sync_sources([source(f"link-{n}") for n in range(200)], NOW)
    store.close()
    path.write_bytes(path.read_bytes()[:20_000])
    assert "is damaged" in said(path, DamagedDatabase)


def test_verify_finds_what_opening_does_not_look_for(store: Store) -> None:
    store.verify()
    store._db.execute("PRAGMA foreign_keys = OFF")
    store._db.execute("INSERT INTO transitions (link_id, at, old, new) VALUES ('nowhere', '', 'ok', 'ok')")
    with pytest.raises(DamagedDatabase, match="a row of transitions belongs to nothing in links"):
        store.verify()


# ---------------------------------------------------------------- places


def test_a_folder_in_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    assert said(path, DatabaseUnavailable) == (
        "DB/linkwatch.db is not a file: point `database` at a file in that place."
    )


def test_a_file_in_place_of_the_folder(path: Path) -> None:
    path.parent.write_text("")
    assert said(path, DatabaseUnavailable).startswith("The folder DB for the database cannot be used (")


def test_a_device_in_place_of_the_file() -> None:
    assert "is not a file" in said(Path("/dev/full"), DatabaseUnavailable)


@pytest.mark.parametrize("name", ["linkwatch.db", "db/linkwatch.db"])
def test_a_folder_that_nothing_can_be_made_in(name: str) -> None:
    sentence = said(Path("/proc") / name, DatabaseUnavailable)
    assert "cannot be" in sentence
    assert "writable" in sentence


def test_reading_makes_nothing(path: Path) -> None:
    sentence = "There is no database at DB/linkwatch.db: run `linkwatch check` to make one."
    assert said(path, DatabaseUnavailable, read_only=True) == sentence
    assert said(path, DatabaseUnavailable, create=False) == sentence
    assert not path.parent.exists()


def test_reading_an_empty_file_says_so(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert "is empty: run `linkwatch check`" in said(path, DatabaseUnavailable, read_only=True)


def test_a_read_only_disk(tiny_disk: Path) -> None:
    path = tiny_disk / "linkwatch.db"
    with Store.open(path) as store:
        store.sync_sources([source()], NOW)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    assert "check that its folder exists and is writable" in said(path, DatabaseUnavailable)
    assert said(tiny_disk / "new" / "linkwatch.db", DatabaseUnavailable).startswith("The folder DB for the")


# ---------------------------------------------------------------- rights of one opened to read


def test_one_that_reads_cannot_write(store: Store, path: Path) -> None:
    with Store.open(path, read_only=True) as reader, pytest.raises(DatabaseUnavailable, match="cannot be written"):
        reader.begin_run(NOW, due=0)


# ---------------------------------------------------------------- many at once


def test_it_waits_for_another_that_is_making_the_same_file(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.execute, ["COMMIT"]).start()
    with Store.open(path) as store:
        assert store.known() == {}
    other.close()


def _open_and_sync(path: Path, number: int) -> None:
    with Store.open(path) as store:
        store.begin_run(NOW, due=number)


def test_several_may_make_the_same_database_at_once(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    for attempt in range(4):
        path = tmp_path / f"{attempt}.db"
        makers = [fork.Process(target=_open_and_sync, args=(path, number)) for number in range(4)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join(20)
        assert [maker.exitcode for maker in makers] == [0] * 4
        with Store.open(path) as store:
            last = store.last_run()
            assert last
            assert last.id == 4
            store.verify()
