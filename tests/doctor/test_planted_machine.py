"""Faults of disks, permissions and copies, each planted for real."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

from linkwatch.doctor.machine import Room, room_at
from linkwatch.doctor.records import Check, Level
from linkwatch.store import run_lock
from linkwatch.store.lock import jobs_lock, jobs_lock_path, lock_path
from tests.doctor.world import NOW, World, damage

FAULT, WARNING = Level.FAULT, Level.WARNING


def test_a_full_disk(world: World, tiny_disk: Path) -> None:
    (tiny_disk / "filler").write_bytes(bytes(900_000))
    world.with_around(room_at=room_at)
    world.write(backup={"folder": str(tiny_disk / "copies")})
    found = {one.code: one.values.get("path") for one in world.found() if one.level is Level.FAULT}
    assert found["disk_full"] == str(tiny_disk / "copies")


def test_a_disk_on_which_no_more_files_can_be_made(world: World) -> None:
    world.with_around(room_at=lambda folder, _: Room(folder=folder, free=10**10, needed=10**6, files=99))
    assert world.wrong() == {"disk_files": FAULT}


@pytest.mark.parametrize(("all_files", "left", "said"), [(1000, 7, 7), (0, 0, None)])
def test_the_room_on_a_disk(
    world: World, monkeypatch: pytest.MonkeyPatch, all_files: int, left: int, said: int | None
) -> None:
    """One without a table of inodes says 0 of both."""
    disk = SimpleNamespace(f_bavail=3, f_frsize=4096, f_files=all_files, f_favail=left)
    monkeypatch.setattr(os, "statvfs", lambda folder: disk)
    world.database.with_name("linkwatch.db-wal").write_bytes(bytes(1000))
    found = room_at(world.folder, world.database)
    assert found == Room(folder=world.folder, free=3 * 4096, needed=world.database.stat().st_size + 1000, files=said)


NOBODY = 65534


@contextmanager
def reached_by_all(world: World) -> Iterator[None]:
    """The project in a folder to which everybody finds their way."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        if not all(one.stat().st_mode & 0o001 for one in folder.parents):
            pytest.skip("not everybody gets to temporary files here")
        shutil.copytree(world.folder, folder, dirs_exist_ok=True)
        folder.chmod(0o755)
        world.folder = folder
        yield


def as_nobody(world: World) -> dict[str, Level]:
    """What is found by a user who owns nothing; only root may become one."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user takes root")
    world.wrong(is_offline=True)  # what is imported on the way may lie where that user cannot read
    with reached_by_all(world):
        os.seteuid(NOBODY)
        try:
            return world.wrong(is_offline=True)
        finally:
            os.seteuid(0)


def test_what_may_not_be_written(world: World) -> None:
    with run_lock(world.database, NOW):
        pass
    world.database.chmod(0o644)
    assert as_nobody(world) == {
        "folder_unwritable": FAULT,
        "file_unwritable": FAULT,
        "config_unwritable": WARNING,
        "backups_unwritable": FAULT,
        "data_open": WARNING,
    }


@pytest.mark.parametrize("which", ["database", "lock", "lock of the jobs"])
def test_one_file_that_may_not_be_written(world: World, which: str) -> None:
    with run_lock(world.database, NOW), jobs_lock(world.database, NOW):
        pass
    locks = {"lock": lock_path(world.database), "lock of the jobs": jobs_lock_path(world.database)}
    path = {"database": world.database, **locks}[which]
    world.with_around(may=lambda asked, right: asked != path or not right & os.W_OK)
    assert world.wrong() == {"file_unwritable": FAULT}


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_a_log_of_another_user(world: World, end: str) -> None:
    log = world.database.with_name(f"linkwatch.db{end}")
    log.touch()
    world.with_around(may=lambda asked, right: asked != log)
    assert world.wrong(is_offline=True) == {"log_unwritable": FAULT}


@pytest.mark.parametrize(("which", "mode", "wrong"), [
    ("database", 0o604, {"data_open": WARNING}), ("copy", 0o644, {"data_open": WARNING}), ("database", 0o640, {}),
])  # fmt: skip
def test_mail_addresses_that_everybody_can_read(world: World, which: str, mode: int, wrong: dict[str, Level]) -> None:
    (copy,) = world.copies.iterdir()
    world.copies.chmod(0o755)
    world.database.chmod(0o600)
    {"database": world.database, "copy": copy}[which].chmod(mode)
    with reached_by_all(world):
        assert world.wrong(is_offline=True) == wrong
        world.folder.chmod(0o700)
        assert world.wrong(is_offline=True) == {}  # nobody gets there


def test_a_check_that_fails_keeps_no_other_from_being_made(world: World) -> None:
    def broken(*asked: object) -> Room:
        raise RuntimeError("Symlink loop")

    world.with_around(room_at=broken)
    assert world.wrong() == {"check_failed": FAULT}
    assert world.looked_at() == set(Check) - {Check.MAIL, Check.OUTBOX}
    (found,) = [one for one in world.found() if one.level is FAULT]
    assert (found.check, found.values["detail"]) == (Check.DISK, "RuntimeError: Symlink loop")


@pytest.mark.parametrize(
    ("ago", "wrong"),
    [(timedelta(days=2, hours=23), {}), (timedelta(days=3, hours=1), {"backups_old": FAULT})],
)
def test_copies_that_are_made_no_more(world: World, ago: timedelta, wrong: dict[str, Level]) -> None:
    for one in world.copies.iterdir():
        one.unlink()
    world.copy(NOW - ago)
    assert world.wrong() == wrong


def test_no_copies(world: World) -> None:
    for one in world.copies.iterdir():
        one.unlink()
    assert world.wrong() == {"backups_none": FAULT}


def test_no_folder_for_copies(world: World) -> None:
    del world.tables["backup"]
    world.write()
    assert world.wrong() == {"backups_unset": WARNING}


def test_copies_of_a_time_that_is_yet_to_come(world: World) -> None:
    damage(world.copy(NOW + timedelta(days=4000)))
    assert world.wrong() == {"backups_ahead": WARNING}
    for one in world.copies.glob("linkwatch-2026*"):
        one.unlink()
    assert world.wrong() == {"backups_ahead": WARNING, "backups_none": FAULT}


def test_a_copy_of_a_day_that_does_not_exist(world: World) -> None:
    world.copy(NOW).rename(world.copies / "linkwatch-20261399T999999Z.db")
    assert world.wrong() == {}


def test_copies_that_may_not_be_read(world: World) -> None:
    copy = world.copy(NOW - timedelta(days=1))
    world.with_around(may=lambda asked, right: asked != copy)
    assert world.wrong() == {"backups_unreadable": WARNING}


@pytest.mark.parametrize("where", ["copies", "database"])
def test_what_is_left_of_copies_that_were_broken_off(world: World, where: str) -> None:
    folder = {"copies": world.copies, "database": world.database.parent}[where]
    part = folder / ".linkwatch-20261101T030000Z.db.ab12cd_9.part"
    part.write_bytes(bytes(3_000_000))
    for ago, wrong in ((timedelta(hours=23), {}), (timedelta(hours=25), {"parts_left": WARNING})):
        os.utime(part, ((NOW - ago).timestamp(),) * 2)
        assert world.wrong() == wrong
    (found,) = [one for one in world.found() if one.code == "parts_left"]
    assert found.values == {"path": str(folder), "number": 1, "size": 3_000_000}


def test_many_databases_that_restores_have_put_aside(world: World) -> None:
    for number in range(5):
        (world.database.parent / f"linkwatch-before-restore-2026110{number}T120000Z.db").write_bytes(b"1234")
    assert world.wrong() == {}
    (world.database.parent / "linkwatch-before-restore-20261109T120000Z-2.db").write_bytes(b"1234")
    assert world.wrong() == {"asides_many": WARNING}
    (found,) = [one for one in world.found() if one.code == "asides_many"]
    assert found.values == {"path": str(world.database.parent), "number": 6, "size": 24}


def test_a_copy_that_could_not_be_put_back(world: World) -> None:
    damage(world.copy(NOW))
    assert world.wrong() == {"backup_unfit": FAULT}
