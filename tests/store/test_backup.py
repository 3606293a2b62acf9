"""Copies while the database is in use, and how many of them are kept: nothing half, nothing of another's."""

import errno
import multiprocessing
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from linkwatch.errors import (
    DatabaseUnavailable,
    StoreError,
)
from linkwatch.store import Store
from linkwatch.store.backup import backup, backup_into, backups_in, dated_name, rotate
from linkwatch.store.migrations import STEP_NAMES
from linkwatch.store.parts import part_of, put_where_nothing_is
from tests.store.copied import (
    UNFIT,
    copy_titles,
    damage,
    fill,
    names,
    said,
    titles,
)
from tests.store.storing import COPY, NOW, after, decision, source
from tests.store.test_crash import commit_for_ever, whole_batches

FORK = multiprocessing.get_context("fork")


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


def test_a_long_one_gives_a_sign_of_life_again_and_again(filled: Path, tmp_path: Path) -> None:
    beats = list[int]()
    backup(filled, tmp_path / "copy.db", now=NOW, pages_at_once=1, pause_s=0, beat=lambda: beats.append(1))
    assert len(beats) > 10


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


def _other_installation(folder: Path, _database: Path) -> Path:
    with Store.open(folder / "other.db"):
        pass
    return folder / "other.db"


def _other_log(folder: Path, database: Path) -> Path:
    (folder / "other.db-wal").write_bytes(b"not in the database yet")
    return backup(database, folder, now=NOW).rename(folder / "other.db")


def _other_lock(folder: Path, _database: Path) -> Path:
    (folder / "other.db.lock").touch()
    return folder / "other.db"


BELONGING = ("-wal", "-shm", "-journal", ".lock")


def _belonging(_folder: Path, database: Path, *, end: str) -> Path:
    return database.with_name(f"{database.name}{end}")


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (_other_file, "is there already, and is no copy of ours"),
        (_other_database, "is there already, and is no copy of ours"),
        (_device, "is there already, and is no copy of ours"),
        (_itself, "is the database itself"),
        (_link_to_itself, "is the database itself"),
        (_nowhere, "cannot be written (No such file or directory)"),
        (_other_installation, "is there already, and is no copy of ours"),
        (_other_log, "is a database in use, for other.db-wal lies beside it"),
        (_other_lock, "is a database in use, for other.db.lock lies beside it"),
        *((partial(_belonging, end=end), "has the name of a file that belongs to a database") for end in BELONGING),
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
            assert COPY.title in copy_titles(one)
    fresh, _ = backup_into(folder, filled, keep=1, now=after(24))
    assert names(folder) == [fresh.name]


def test_what_a_killed_restore_has_left_beside_the_database_goes(filled: Path, tmp_path: Path) -> None:
    for end in (".part", ".part.lock", ".part-journal"):
        (filled.parent / f".{filled.name}.abcdefgh{end}").write_bytes(b"half")
    backup(filled, tmp_path / "copy.db", now=NOW)
    assert names(filled.parent) == [filled.name]


# ---------------------------------------------------------------- how many are kept


@pytest.mark.parametrize(
    ("ours", "keep", "left"),
    [
        ([1, 2, 3, 4], 2, [3, 4]),
        ([1, 2, 3, 4], 9, [1, 2, 3, 4]),
        ([1], 1, [1]),
        ([5, 6, 1], 1, [1, 5, 6]),  # made by a clock that was ahead: neither counted nor deleted
        ([1, 2, 9, 3], 2, [2, 3, 9]),
    ],
)
def test_it_keeps_the_newest(made: Path, tmp_path: Path, ours: list[int], keep: int, left: list[int]) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in ours:
        last = folder / dated_name(NOW + timedelta(days=day))
        last.write_bytes(made.read_bytes())
    rotate(folder, keep, made=last, now=NOW + timedelta(days=ours[-1]))
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


def test_what_bears_no_date_of_any_calendar_is_none_of_them(made: Path, filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    astray = folder / "linkwatch-20261399T999999Z.db"
    astray.write_bytes(made.read_bytes())
    fresh, deleted = backup_into(folder, filled, keep=1, now=NOW)
    assert (backups_in(folder), deleted) == ((fresh,), ())
    assert astray.exists()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another installation's database."""
    path = tmp_path / "other" / "linkwatch.db"
    with Store.open(path):
        return path


def test_two_installations_share_a_folder(filled: Path, other: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    made = [backup_into(folder, one, keep=1, now=NOW)[0] for one in (filled, other, filled)]
    assert [one.name for one in made] == [dated_name(NOW + timedelta(seconds=number)) for number in range(3)]
    assert names(folder) == [made[1].name, made[2].name]
    fresh, deleted = backup_into(folder, filled, keep=1, now=after(24))
    assert deleted == (made[2],)
    assert names(folder) == [made[1].name, fresh.name]


def _no_second_names(_self: Path, _target: Path) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("knows_second_names", [True, False])
def test_a_name_that_another_takes_meanwhile_stays_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_second_names: bool
) -> None:
    if not knows_second_names:
        monkeypatch.setattr(Path, "hardlink_to", _no_second_names)
    taken, free = tmp_path / "taken.db", tmp_path / "free.db"
    taken.write_text("another's")
    with part_of(taken) as part:
        part.write_text("ours")
        assert not put_where_nothing_is(part, taken)
        assert put_where_nothing_is(part, free)
    assert (taken.read_text(), free.read_text()) == ("another's", "ours")
    assert names(tmp_path) == ["free.db", "taken.db"]


def test_what_cannot_be_told_whose_it_is_stays(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    copies = [folder / dated_name(NOW + timedelta(days=day)) for day in (1, 2)]
    for one in copies:
        one.write_bytes(made.read_bytes())
        damage(one)
        one.write_bytes(one.read_bytes()[:4096])
    assert rotate(folder, 1, made=copies[1], now=after(99)) == ()
    assert len(names(folder)) == 2


# ---------------------------------------------------------------- the database's own disk


def test_a_database_on_a_disk_that_cannot_be_written_to_is_copied(
    filled: Path, tiny_disk: Path, tmp_path: Path
) -> None:
    shutil.copy(filled, tiny_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    made = backup(tiny_disk / filled.name, tmp_path / "copy.db", now=NOW)
    assert copy_titles(made) == {COPY.title}


def _with_log(filled: Path, folder: Path) -> Path:
    """Its newest changes are in the log, and nobody has it open."""
    with Store.open(filled) as store:
        store.sync_sources([replace(source(), name="Out of the log")], after(1))
        for end in ("", "-wal"):
            shutil.copy(f"{filled}{end}", folder)
    return folder / filled.name


def test_where_the_database_cannot_be_read_the_copy_is_not_blamed(
    filled: Path, tiny_disk: Path, tmp_path: Path
) -> None:
    database = _with_log(filled, tiny_disk)
    fill(tiny_disk, 0)
    with pytest.raises(DatabaseUnavailable) as caught:
        backup(database, tmp_path / "copy.db", now=NOW)
    sentence = said(caught, tiny_disk)
    assert "the database DB/linkwatch.db" in sentence
    assert "free space on its disk" in sentence
    assert not (tmp_path / "copy.db").exists()
