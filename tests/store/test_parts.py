"""Hidden files of what is under way: a killed one's are cleared away, a living one's never."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from linkwatch.store.parts import part_of
from tests.store.copied import names

FORK = multiprocessing.get_context("fork")


def _write(target: Path, begun: Event) -> None:
    with part_of(target) as part:
        part.with_name(f"{part.name}-journal").write_bytes(b"half")
        begun.set()
        time.sleep(60)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[multiprocessing.context.ForkProcess]:
    """Another process that is writing a copy of the third of November."""
    begun = FORK.Event()
    child = FORK.Process(target=_write, args=(tmp_path / "linkwatch-20261103T030000Z.db", begun), daemon=True)
    child.start()
    assert begun.wait(20)
    yield child
    child.kill()
    child.join()


def clear_away(folder: Path, name: str) -> None:
    with part_of(folder / name) as part:
        assert part.stat().st_size == 0


def test_what_another_is_writing_stays(writer: multiprocessing.context.ForkProcess, tmp_path: Path) -> None:
    before = names(tmp_path)
    clear_away(tmp_path, "linkwatch-20261104T030000Z.db")
    assert names(tmp_path) == before
    assert len(before) == 3
    assert writer.is_alive()


@pytest.mark.parametrize(
    "name", ["linkwatch.db", "linkwatch-20261104T030000Z.db", "linkwatch-before-restore-20261104T030000Z-2.db"]
)
def test_what_a_kill_has_left_goes_with_the_next(
    writer: multiprocessing.context.ForkProcess, tmp_path: Path, name: str
) -> None:
    writer.kill()
    writer.join()
    clear_away(tmp_path, "other.db")
    assert len(names(tmp_path)) == 3
    clear_away(tmp_path, name)
    assert names(tmp_path) == []


@pytest.mark.parametrize(("age_s", "left"), [(3_600, 1), (100_000, 0)])
def test_one_without_a_lock_goes_when_it_is_old(tmp_path: Path, age_s: int, left: int) -> None:
    part = tmp_path / ".linkwatch.db.abcdefgh.part"
    part.write_bytes(b"half")
    os.utime(part, (time.time() - age_s,) * 2)
    clear_away(tmp_path, "linkwatch.db")
    assert len(names(tmp_path)) == left


@pytest.mark.parametrize("name", [".linkwatch.db.part", ".other.db.abcdefgh.part", "linkwatch.db.abcdefgh.part"])
def test_what_is_not_of_our_making_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"another's")
    os.utime(tmp_path / name, (0, 0))
    clear_away(tmp_path, "linkwatch.db")
    assert names(tmp_path) == [name]
