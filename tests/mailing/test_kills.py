"""The process is killed before every step of telling people, one after the other; then it starts again.

The steps are found, not listed: each line of the rooms that compose, lease, send and settle, the first time that it is
reached, and the last where a later one can matter. The process is a fork that ends itself with SIGKILL; the mail server
lives on.
"""

import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest

import linkwatch
from linkwatch.core.outbox import Fate
from linkwatch.mailing.telling import tell
from linkwatch.store import Store
from tests.mailing.world import ANNA, BERTIL, World, at, well
from tests.notify.servers import Mailbox

PACKAGE = Path(linkwatch.__file__).parent
ROOMS = (
    "mailing/telling.py", "mailing/digests.py", "mailing/delivery.py", "mailing/carriers.py", "store/outbox.py",
    "store/subscriptions.py", "store/transactions.py", "notify/smtp.py", "notify/smtp_line.py",
)  # fmt: skip
AGAIN = ("mailing/delivery.py", "mailing/carriers.py", "store/outbox.py")
SHARDS = 4
IN_MEMORY = Path("/dev/shm")  # nothing here is to outlive the machine, only processes
RECIPIENTS = {"anna@example.se", "bertil@example.se"}


@dataclass(frozen=True)
class Step:
    place: tuple[str, int]
    time: int  # the how manieth time that it is reached


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: otherwise most of the time goes by waiting for the disk."""
    has_memory = os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > 32_000_000
    with TemporaryDirectory(dir=IN_MEMORY if has_memory else tmp_path) as name:
        yield Path(name)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_kill_at_any_step_loses_no_mail_and_doubles_none(folder: Path, shard: int) -> None:
    with Mailbox() as server:
        world = _about_to_tell(folder, server)
        kept = _copied(world.folder, folder / "kept")
        steps = _steps(world)
        assert len(steps) > 150
        in_doubt = 0
        for step in steps[shard::SHARDS]:
            _put_back(kept, world.folder)
            server.kept.clear()
            assert _forked(world, _killer(step)) == -signal.SIGKILL, step
            unsure = _unsettled(world)
            had = {one.recipients[0] for one in server.kept}
            world.go_to(at(2026, 11, 25, 8))
            tell(world.config, world.clock)
            world.go_to(at(2026, 11, 25))
            got = [(one.recipients[0], str(one.message["Message-ID"])) for one in server.kept]
            assert {recipient for recipient, _ in got} == RECIPIENTS, step
            assert len(set(got)) == len(RECIPIENTS), step  # the same Message-ID, however often
            doubled = {recipient for recipient, _ in got if [one for one, _ in got].count(recipient) > 1}
            assert doubled <= had & unsure, step  # accepted by the server, and not yet written down by us
            in_doubt += len(doubled)
            with Store.open(world.config.database) as store:
                store.verify()
        assert 0 < in_doubt < len(steps[shard::SHARDS]) / 2  # that moment has been met, and it is short


def _about_to_tell(folder: Path, server: Mailbox) -> World:
    world = World.made(folder / "project", server, ANNA, BERTIL, links=well(1))
    world.go_to(at(2026, 11, 24))
    world.tell()
    world.go_to(at(2026, 11, 24, 20))
    world.break_("blekinge")
    world.go_to(at(2026, 11, 25))
    return world


def _unsettled(world: World) -> set[str]:
    """Who has something in the outbox that is not known to have been sent."""
    with world.outbox() as outbox:
        return {one.recipient for one in outbox.listed() if one.fate is Fate.PENDING}


# ---------------------------------------------------------------- steps


def _steps(world: World) -> list[Step]:
    """Each line that is reached, the first and the last time."""
    places: list[tuple[str, int]] = []
    read, write = os.pipe()

    def note(place: tuple[str, int]) -> None:
        os.write(write, f"{place[0]}:{place[1]}\n".encode())

    kept = _copied(world.folder, world.folder.parent / "before")
    assert _forked(world, note) == 0
    os.close(write)
    with os.fdopen(read) as told:
        for line in told:
            name, _, number = line.strip().rpartition(":")
            places.append((name, int(number)))
    _put_back(kept, world.folder)
    times = {place: places.count(place) for place in places}
    return [
        Step(place, time) for place, last in times.items() for time in sorted({1, last} if place[0] in AGAIN else {1})
    ]


def _killer(step: Step) -> Callable[[tuple[str, int]], None]:
    reached = 0

    def meet(place: tuple[str, int]) -> None:
        nonlocal reached
        reached += place == step.place
        if reached == step.time:
            os.kill(os.getpid(), signal.SIGKILL)

    return meet


def _forked(world: World, at_line: Callable[[tuple[str, int]], None]) -> int:
    """Tell everybody in a process of its own; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            gc.disable()  # a collection would copy all that the tests have in memory
            sys.settrace(_tracer(at_line))
            tell(world.config, world.clock)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tracer(at_line: Callable[[tuple[str, int]], None]) -> Callable[[FrameType, str, Any], Any]:
    rooms = {str(PACKAGE / room): room for room in ROOMS}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        room = rooms.get(frame.f_code.co_filename)
        if room is None:
            return None
        if event == "line":
            at_line((room, frame.f_lineno))
        return trace

    return trace


def _files(folder: Path) -> Iterator[Path]:
    return (folder / "db").glob("linkwatch.db*")


def _copied(folder: Path, to: Path) -> Path:
    to.mkdir()
    for file in _files(folder):
        shutil.copy(file, to)
    return to


def _put_back(kept: Path, folder: Path) -> None:
    for file in _files(folder):
        file.unlink()
    for file in kept.iterdir():
        shutil.copy(file, folder / "db")
