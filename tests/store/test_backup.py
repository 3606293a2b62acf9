"""Copies while the database is in use, and the way back: nothing half, nothing lost, no mail twice."""

import multiprocessing
import os
import random
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.digest_records import Told
from linkwatch.core.due import Every, Rhythm
from linkwatch.core.outbox import Channel, Content, Fate, Kind, Parcel
from linkwatch.core.roles import Role
from linkwatch.core.subscribers import Choice, Subscriber
from linkwatch.errors import (
    AlreadyRunning,
    DamagedDatabase,
    DatabaseUnavailable,
    ForeignDatabase,
    NewerDatabase,
    StoreError,
)
from linkwatch.store import Desk, Outbox, Store, Subscriptions, parcels, run_lock
from linkwatch.store.backup import backup, backup_into, dated_name, rotate
from linkwatch.store.migrations import STEP_NAMES
from linkwatch.store.restore import HELD_BACK, Restored, examine, restore
from linkwatch.store.subscriptions import Composed
from linkwatch.store.tokens import Tokens
from tests.store.storing import COPY, NOW, after, decision, source
from tests.store.test_crash import commit_for_ever, whole_batches

FORK = multiprocessing.get_context("fork")
ZONE = "Europe/Stockholm"
ANNA = Subscriber(id="anna@example.se", address="anna@example.se", rhythm=Rhythm(every=Every.DAY, hour=7))
BERTIL = Subscriber(id="bertil@example.se", address="bertil@example.se", rhythm=Rhythm(every=Every.WEEK, hour=7))


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def titles(path: Path) -> set[str | None]:
    with Store.open(path, create=False) as store:
        return {link.facts.title for link in store.snapshot(NOW).links}


def said(error: pytest.ExceptionInfo[StoreError], folder: Path) -> str:
    sentence = str(error.value).replace(str(folder), "DB")
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def filled(store: Store, path: Path, run: int) -> Path:
    """A closed database with something in it."""
    store.commit(run, [decision(new_copy=COPY)])
    store.close()
    return path


@pytest.fixture
def made(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return backup(filled, tmp_path / "copy.db", now=NOW)


# ---------------------------------------------------------------- a copy


def test_it_copies_what_is_there_into_one_file_for_its_owner_alone(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    made = backup(filled, folder, now=NOW)
    assert made == folder / "linkwatch-20261123T130000Z.db"
    assert names(folder) == [made.name]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert made.read_bytes()[18:20] == b"\1\1"  # no log beside it: it can be read where nothing can be written
    with Store.open(made) as store:
        store.verify()
        assert store.copy("blekinge") == COPY


def test_its_name_tells_the_time_in_utc() -> None:
    assert dated_name(datetime.fromisoformat("2026-11-23T01:30:00+01:00")) == "linkwatch-20261123T003000Z.db"


def test_it_ends_though_another_writes_all_the_time_and_holds_whole_batches_only(path: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    writer = FORK.Process(target=commit_for_ever, args=(path, 0, writing), daemon=True)
    writer.start()
    os.close(writing)
    with open(reading, encoding="ascii") as told:  # noqa: PTH123 - a descriptor, not a path
        before = [told.readline().strip() for _ in range(10)]
        began = time.monotonic()
        made = backup(path, tmp_path / "copy.db", now=NOW, pages_at_once=4, pause_s=0.002)
        took = time.monotonic() - began
        writer.kill()
        writer.join()
        after_it = told.read().split()
    with Store.open(made) as store:
        store.verify()
        assert set(before) <= whole_batches(store)
    assert took < 10
    assert len(after_it) > 5  # the writer did not wait


def test_it_copies_a_database_of_an_earlier_version_as_it_is(filled: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled, isolation_level=None)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (STEP_NAMES[-1],))
    made = backup(filled, tmp_path / "copy.db", now=NOW)
    with closing(sqlite3.connect(made)) as db:
        assert db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (len(STEP_NAMES) - 1,)


def test_a_copy_takes_the_place_of_an_earlier_copy(filled: Path, made: Path) -> None:
    with Store.open(filled) as store:
        facts = replace(decision().facts, title="Later")
        store.commit(store.begin_run(after(24), due=1), [decision(at=after(24), facts=facts)])
    assert backup(filled, made, now=after(24)) == made
    assert "Later" in titles(made)


def _other_file(folder: Path, _database: Path) -> Path:
    (folder / "sources.toml").write_text("[monitor]\n" * 20)
    return folder / "sources.toml"


def _other_database(folder: Path, _database: Path) -> Path:
    with closing(sqlite3.connect(folder / "other.db")) as db:
        db.execute("CREATE TABLE feeds (id INTEGER)")
    return folder / "other.db"


def _device(_folder: Path, _database: Path) -> Path:
    return Path("/dev/null")


def _itself(_folder: Path, database: Path) -> Path:
    return database


def _link_to_itself(folder: Path, database: Path) -> Path:
    (folder / "link.db").symlink_to(database)
    return folder / "link.db"


def _nowhere(folder: Path, _database: Path) -> Path:
    return folder / "nowhere" / "copy.db"


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (_other_file, "is there already, and is no copy of ours"),
        (_other_database, "is there already, and is no copy of ours"),
        (_device, "is there already, and is no copy of ours"),
        (_itself, "is the database itself"),
        (_link_to_itself, "is the database itself"),
        (_nowhere, "cannot be written (No such file or directory)"),
    ],
)
def test_it_takes_no_other_files_place(
    filled: Path, tmp_path: Path, place: Callable[[Path, Path], Path], what: str
) -> None:
    to = place(tmp_path, filled)
    before = to.read_bytes() if to.is_file() else None
    with pytest.raises(DatabaseUnavailable) as caught:
        backup(filled, to, now=NOW)
    assert what in said(caught, tmp_path)
    assert (to.read_bytes() if to.is_file() else None) == before


def test_where_there_is_no_database_it_says_so(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="run `linkwatch check` to make one"):
        backup(path, tmp_path / "copy.db", now=NOW)
    assert names(tmp_path) == []


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


UNFIT = [
    (damage, DamagedDatabase, "it is damaged ("),
    (break_reference, DamagedDatabase, "it is damaged (a row of transitions belongs to nothing in links)"),
    (cut, DamagedDatabase, "it is damaged ("),
    (make_newer, NewerDatabase, "it was written by a later linkwatch (step m9)"),
    (make_foreign, ForeignDatabase, "it is not a linkwatch database"),
    (make_text, ForeignDatabase, "it is not a SQLite database"),
    (empty, ForeignDatabase, "it is not a linkwatch database"),
]


@pytest.mark.parametrize(("spoil", "kind", "what"), UNFIT)
def test_a_database_that_is_not_whole_is_no_copy(
    filled: Path, tmp_path: Path, spoil: Callable[[Path], None], kind: type[StoreError], what: str
) -> None:
    spoil(filled)
    folder = tmp_path / "copies"
    folder.mkdir()
    with pytest.raises(StoreError) as caught:
        backup(filled, folder, now=NOW)
    assert type(caught.value) is kind
    assert what.removeprefix("it ") in said(caught, tmp_path)
    assert names(folder) == []


def fill(disk: Path, leave: int) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize > leave:
                filler.write(bytes(4096))
        except OSError:
            return


@pytest.mark.parametrize("room", [0, 100_000])
def test_a_full_disk_is_one_sentence_and_leaves_the_copy_that_was_there(
    filled: Path, tiny_disk: Path, room: int
) -> None:
    made = backup(filled, tiny_disk / "copy.db", now=NOW)
    before = made.read_bytes()
    fill(tiny_disk, room)
    with pytest.raises(DatabaseUnavailable) as caught:
        backup(filled, made, now=after(1))
    sentence = said(caught, tiny_disk)
    assert "DB/copy.db" in sentence
    assert "room" in sentence
    assert names(tiny_disk) == ["copy.db", "filler"]
    assert made.read_bytes() == before


def _copy_for_ever(database: Path, folder: Path) -> None:
    number = 0
    while True:
        number += 1
        backup(database, folder, now=NOW + timedelta(seconds=number), pages_at_once=4, pause_s=0.001)


def test_a_kill_leaves_no_half_copy_under_a_copys_name(filled: Path, tmp_path: Path) -> None:
    folder, chance = tmp_path / "copies", random.Random(20261127)
    folder.mkdir()
    for _ in range(12):
        child = FORK.Process(target=_copy_for_ever, args=(filled, folder), daemon=True)
        child.start()
        time.sleep(chance.uniform(0.02, 0.12))
        child.kill()
        child.join()
        for one in folder.glob("linkwatch-*.db"):
            assert COPY.title in _copy_titles(one)
    left = [one for one in folder.iterdir() if one.name.startswith(".")]
    for one in left:
        os.utime(one, (time.time() - 100_000,) * 2)
    fresh, _ = backup_into(folder, filled, keep=1, now=after(24))
    assert names(folder) == [fresh.name]


def _copy_titles(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {title for (title,) in db.execute("SELECT title FROM copies")}


# ---------------------------------------------------------------- how many are kept


@pytest.mark.parametrize(
    ("ours", "keep", "left"),
    [
        ([1, 2, 3, 4], 2, [3, 4]),
        ([1, 2, 3, 4], 9, [1, 2, 3, 4]),
        ([1], 1, [1]),
        ([2, 1], 1, [1]),  # made by a clock that was set back: still the one that was just made
        ([3, 4, 1], 2, [1, 4]),
    ],
)
def test_it_keeps_the_newest(made: Path, tmp_path: Path, ours: list[int], keep: int, left: list[int]) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in ours:
        last = folder / dated_name(NOW + timedelta(days=day))
        last.write_bytes(made.read_bytes())
    rotate(folder, keep, made=last)
    assert names(folder) == [dated_name(NOW + timedelta(days=day)) for day in sorted(left)]


def test_it_deletes_nothing_that_is_not_a_copy_of_ours(made: Path, filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    kept = {
        "linkwatch-20200101T000000Z.db": b"named like ours, and a text",
        "linkwatch-20200102T000000Z.db": b"",
        "linkwatch-before-restore-20200101T000000Z.db": made.read_bytes(),
        "linkwatch.db": made.read_bytes(),
        "my-linkwatch-20200101T000000Z.db": made.read_bytes(),
        ".linkwatch-20200101T000000Z.db.x.part": b"of one that is under way",
    }
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    (folder / "linkwatch-20200103T000000Z.db").symlink_to(filled)
    (folder / "linkwatch-20200104T000000Z.db").mkdir()
    (folder / "linkwatch-20200105T000000Z.db").write_bytes(made.read_bytes())
    fresh, deleted = backup_into(folder, filled, keep=1, now=NOW)
    assert [one.name for one in deleted] == ["linkwatch-20200105T000000Z.db"]
    there = {*kept, fresh.name, "linkwatch-20200103T000000Z.db", "linkwatch-20200104T000000Z.db"}
    assert set(names(folder)) == there


# ---------------------------------------------------------------- put back


def later(path: Path) -> None:
    """What happens after the copy was made."""
    with Store.open(path) as store:
        facts = replace(decision().facts, title="Later")
        store.commit(store.begin_run(after(24), due=1), [decision(at=after(24), facts=facts, changed=True)])


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
    assert COPY.title in _copy_titles(path)
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
    assert COPY.title in _copy_titles(filled)
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


# ---------------------------------------------------------------- mail and rights after it


def waiting_mail(path: Path) -> None:
    """A digest that Anna has not got yet, and a letter, an event and a notice that wait."""
    with Subscriptions.open(path) as subscriptions:
        subscriptions.sync([ANNA, BERTIL], ZONE, NOW - timedelta(days=1))
        due = [one for one in subscriptions.due(NOW) if one.id == ANNA.id]
        told = Told(findings={"blekinge": "x"})
        digest = Parcel(
            kind=Kind.DIGEST, channel=Channel.MAIL, recipient=ANNA.address, message_id="<digest>",
            content=Content(subject="", text=""), subscriber=ANNA.id, told=told,
        )  # fmt: skip
        subscriptions.move_on([Composed(subscription=due[0], parcel=digest, told=told)], NOW)
        with subscriptions.writing() as db:
            for kind, channel in (
                (Kind.LETTER, Channel.MAIL), (Kind.EVENT, Channel.WEBHOOK), (Kind.NOTICE, Channel.MAIL),
            ):  # fmt: skip
                parcel = Parcel(
                    kind=kind, channel=channel, recipient=kind.value, message_id=f"<{kind}>",
                    content=Content(subject="", text=""),
                )  # fmt: skip
                parcels.post(db, parcel, NOW)


def due_on(path: Path) -> dict[str, date]:
    with Subscriptions.open(path) as subscriptions:
        return {one.id: one.due_on for one in subscriptions.all()}


def restored_elsewhere(filled: Path, tmp_path: Path, now: datetime) -> tuple[Path, Restored]:
    """On another machine: nothing is known of what has happened since."""
    made, path = backup(filled, tmp_path / "copy.db", now=NOW), tmp_path / "elsewhere" / "linkwatch.db"
    return path, restore(made, path, now=now)


def test_mail_that_waited_does_not_go_out_by_itself(filled: Path, tmp_path: Path) -> None:
    waiting_mail(filled)
    path, done = restored_elsewhere(filled, tmp_path, after(30))
    assert done.held_back == 3
    with Outbox.open(path) as outbox:
        assert outbox.claim(after(31)) is None
        listed = outbox.listed()
        assert {(one.kind, one.fate, one.detail) for one in listed} == {
            (kind, Fate.DEAD, HELD_BACK) for kind in ("letter", "event", "notice")
        }
        outbox.retry([one.id for one in listed if one.kind == "letter"], after(31))
        lease = outbox.claim(after(31))
        assert lease
        assert lease.waiting.parcel.message_id == "<letter>"


def test_the_next_digest_comes_at_its_usual_time_and_tells_what_the_last_one_may_have_told(
    filled: Path, tmp_path: Path
) -> None:
    waiting_mail(filled)
    path, _ = restored_elsewhere(filled, tmp_path, after(24 * 9))  # Wednesday the 2nd of December, 14:00
    assert due_on(path) == {ANNA.id: date(2026, 12, 3), BERTIL.id: date(2026, 12, 7)}
    with Subscriptions.open(path) as subscriptions:
        assert subscriptions.due(after(24 * 9)) == ()
        assert subscriptions.heard([ANNA.id])[ANNA.id].told is None


def test_one_that_is_still_to_come_stays(filled: Path, tmp_path: Path) -> None:
    waiting_mail(filled)
    before = due_on(filled)
    path, _ = restored_elsewhere(filled, tmp_path, after(0.1))
    assert due_on(path)[ANNA.id] == before[ANNA.id]


def test_what_people_have_withdrawn_since_stays_withdrawn(filled: Path, tmp_path: Path) -> None:
    waiting_mail(filled)
    with Tokens.open(filled) as tokens:
        stolen, good = tokens.add("stolen", Role.EDITOR, NOW), tokens.add("good", Role.EDITOR, NOW)
    made = backup(filled, tmp_path / "copy.db", now=NOW)
    with Tokens.open(filled) as tokens, Subscriptions.open(filled) as subscriptions:
        tokens.revoke("stolen")
        cecilia = replace(ANNA, id="cecilia@example.se", address="cecilia@example.se")
        subscriptions.sync([ANNA, BERTIL, cecilia], ZONE, NOW)
        for one in (ANNA, cecilia):
            subscriptions.choose(one.id, Choice(has_left=True), one.rhythm, NOW)
    done = restore(made, filled, now=after(24))
    assert done.keeps_withdrawn
    with Tokens.open(filled) as tokens, Subscriptions.open(filled) as subscriptions:
        assert [one.name for one in tokens.all()] == ["good"]
        assert tokens.find(good)
        assert not tokens.find(stolen)
        left = {one.id: one.choice.has_left for one in subscriptions.all()}
        assert left == {ANNA.id: True, BERTIL.id: False, cecilia.id: True}


def test_a_database_with_another_history_says_nothing_of_what_was_withdrawn(filled: Path, tmp_path: Path) -> None:
    with Tokens.open(filled) as tokens:
        tokens.add("good", Role.EDITOR, NOW)
    made, other = backup(filled, tmp_path / "copy.db", now=NOW), tmp_path / "begun anew" / "linkwatch.db"
    with Store.open(other) as store:
        store.begin_run(after(99), due=0)
    assert not restore(made, other, now=after(100)).keeps_withdrawn
    with Tokens.open(other) as tokens:
        assert [one.name for one in tokens.all()] == ["good"]


def test_whoever_was_logged_in_logs_in_again(filled: Path, tmp_path: Path) -> None:
    with Tokens.open(filled) as tokens:
        session = tokens.begin("anna", token=None, now=NOW, ends_at=after(24))
        assert tokens.session(session, NOW)
    path, _ = restored_elsewhere(filled, tmp_path, after(1))
    with Tokens.open(path) as tokens:
        assert tokens.session(session, after(1)) is None
