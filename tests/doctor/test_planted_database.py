"""Faults of the database, of the runs and of the outbox, each planted for real."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from linkwatch.core.outbox import Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.doctor.records import Level
from linkwatch.store import Outbox, parcels
from linkwatch.store.migrations import STEP_NAMES
from tests.doctor.world import NOW, World, damage, settings
from tests.notify.servers import Mailbox

FAULT, WARNING = Level.FAULT, Level.WARNING


def test_no_database_yet(world: World) -> None:
    for one in world.database.parent.iterdir():
        one.unlink()
    for one in world.copies.iterdir():
        one.unlink()
    assert world.wrong() == {"database_none": WARNING}


def break_reference(path: Path) -> None:
    _execute(path, "INSERT INTO transitions (link_id, at, old, new) VALUES ('nowhere', '', 'ok', 'ok')")


def make_foreign(path: Path) -> None:
    path.unlink()
    _execute(path, "CREATE TABLE feeds (id INTEGER)")


def make_newer(path: Path) -> None:
    _execute(path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('linkwatch', 'm9', '')")


def make_older(path: Path) -> None:
    _execute(path, f"DELETE FROM _sqlite_migrations WHERE name = '{STEP_NAMES[-1]}'")


def make_text(path: Path) -> None:
    path.write_text("no database " * 1000)


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement)


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (damage, {"database_damaged": FAULT}),
        (break_reference, {"database_damaged": FAULT}),
        (make_foreign, {"database_foreign": FAULT}),
        (make_text, {"database_foreign": FAULT}),
        (make_newer, {"database_newer": FAULT}),
        (make_older, {"database_older": WARNING}),
        (make_empty, {"database_empty": FAULT}),
        (make_folder, {"database_unusable": FAULT}),
    ],
)
def test_a_database_that_cannot_be_used(world: World, spoil: Callable[[Path], None], wrong: dict[str, Level]) -> None:
    spoil(world.database)
    assert world.wrong() == wrong


@pytest.mark.parametrize(("version", "wrong"), [((3, 36, 9), {"sqlite_old": FAULT}), ((3, 37, 0), {})])
def test_a_sqlite_that_is_too_old(world: World, version: tuple[int, ...], wrong: dict[str, Level]) -> None:
    world.with_around(sqlite=version)
    assert world.wrong(is_offline=True) == wrong


def killed_writer(path: Path) -> None:
    """What was written last stands in the log only, and nobody has the database open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE links SET name = 'planted'")
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", path.parent / f"kept{end}")
    for end in ("", "-wal"):
        (path.parent / f"kept{end}").replace(f"{path}{end}")


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (lambda path: None, {}),
        (damage, {"database_damaged": FAULT}),
        (make_older, {"database_older": WARNING}),
    ],
)  # fmt: skip
def test_it_leaves_what_a_killed_writer_has_left(
    world: World, spoil: Callable[[Path], None], wrong: dict[str, Level]
) -> None:
    spoil(world.database)
    killed_writer(world.database)
    log = world.database.with_name("linkwatch.db-wal")
    before = world.database.read_bytes(), log.read_bytes()
    assert world.wrong() == wrong
    assert (world.database.read_bytes(), log.read_bytes()) == before


def test_runs_that_have_stopped(world: World) -> None:
    world.with_around(clock=world.clock(timedelta(days=2)))
    assert world.wrong(is_offline=True) == {"runs_stopped": FAULT}


def test_a_run_that_came_to_nothing(world: World) -> None:
    world.run(NOW - timedelta(hours=1), conclusive=False)
    assert world.wrong() == {"run_inconclusive": WARNING}


def test_no_run_yet(world: World) -> None:
    _execute(world.database, "DELETE FROM runs")
    assert world.wrong() == {"runs_none": WARNING}


def posted(world: World, at: datetime, fate: Fate = Fate.PENDING) -> None:
    parcel = Parcel(
        kind=Kind.NOTICE, channel=Channel.MAIL, recipient="drift@myndigheten.se", message_id="<1>",
        content=Content(subject="", text=""),
    )  # fmt: skip
    with Outbox.open(world.database) as outbox:
        with outbox.writing() as db:
            parcels.post(db, parcel, at)
        if fate is not Fate.PENDING:
            lease = outbox.claim(at)
            assert lease
            outbox.settle(lease, Settled(fate=fate), Outcome(result=Result.NEVER, detail="550"), at)


@pytest.mark.parametrize(
    ("at", "fate", "wrong"),
    [
        (NOW - timedelta(hours=1), Fate.DEAD, {"outbox_dead": FAULT}),
        (NOW - timedelta(hours=25), Fate.PENDING, {"outbox_waits": FAULT}),
        (NOW - timedelta(hours=23), Fate.PENDING, {}),
        (NOW - timedelta(hours=25), Fate.SENT, {}),
    ],
)
def test_mail_that_does_not_go_out(world: World, at: datetime, fate: Fate, wrong: dict[str, Level]) -> None:
    posted(world, at, fate)
    with Mailbox() as server:
        world.write(mail=settings(server))
        assert world.wrong() == wrong
