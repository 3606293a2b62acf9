"""One run at a time, whatever becomes of the others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from linkwatch.errors import AlreadyRunning, DatabaseUnavailable
from linkwatch.store import run_lock
from linkwatch.store.lock import lock_path

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)

HOLD = """
import os, sys, time
from datetime import datetime, UTC
from pathlib import Path
from linkwatch.store import run_lock
with run_lock(Path(sys.argv[1]), datetime(2026, 11, 23, 12, 30, tzinfo=UTC)):
    if len(sys.argv) > 2 and os.fork() == 0:
        sys.stdout.close()
        time.sleep(60)
    print(os.getpid(), flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock, in a session of its own."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout
    assert child.stdout.readline().strip() == str(child.pid)
    with child:
        yield child
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def test_another_process_is_told_at_once_who_holds_it(path: Path) -> None:
    with holder(path) as child:
        started = time.monotonic()
        with pytest.raises(AlreadyRunning) as caught, run_lock(path, NOW):
            pass
        assert time.monotonic() - started < 1
    assert str(caught.value) == (f"Another run (process {child.pid}, since 12:30 UTC) holds {path}.lock.")
    assert caught.value.exit_code == 75


def test_a_killed_process_holds_nothing(path: Path) -> None:
    with holder(path) as child:
        child.kill()
        child.wait()
        with run_lock(path, NOW):
            pass


def is_free_soon(path: Path) -> bool:
    """A worker that was only just forked may not have begun to run yet."""
    for _ in range(40):
        try:
            with run_lock(path, NOW):
                return True
        except AlreadyRunning:
            time.sleep(0.05)
    return False


def test_a_worker_that_outlives_its_run_holds_nothing(path: Path) -> None:
    with holder(path, "fork") as child:
        child.kill()
        child.wait()
        os.killpg(child.pid, 0)  # the worker is alive
        assert is_free_soon(path)


def test_it_is_free_again_after_a_run_and_after_one_that_failed(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(path, NOW):
        raise ZeroDivisionError
    for _ in range(2):
        with run_lock(path, NOW):
            pass
    assert lock_path(path).exists()


def test_one_process_cannot_take_it_twice(path: Path) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=1), "CET"))
    with run_lock(path, NOW), pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}, since 14:00 CET"):  # noqa: SIM117
        with run_lock(path, local):
            pass


def test_a_run_of_another_day_is_told_with_its_date(path: Path) -> None:
    with run_lock(path, NOW), pytest.raises(AlreadyRunning, match="since 2026-11-23 13:00 UTC"):  # noqa: SIM117
        with run_lock(path, NOW + timedelta(days=1)):
            pass


@pytest.mark.parametrize("content", ["", "rubbish", "\u00ff 12", "12 13:00", "1 2026-11-23T12:00:00"])
def test_a_lock_that_says_nothing_of_its_holder_is_held_all_the_same(path: Path, content: str) -> None:
    with run_lock(path, NOW):
        lock_path(path).write_text(content, encoding="utf-8")
        with pytest.raises(AlreadyRunning, match=r"Another run .*holds"), run_lock(path, NOW):
            pass


def test_a_file_by_two_names_has_one_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    with run_lock(tmp_path / "real" / "linkwatch.db", NOW), pytest.raises(AlreadyRunning):  # noqa: SIM117
        with run_lock(tmp_path / "alias" / "linkwatch.db", NOW):
            pass


@pytest.mark.parametrize("place", [Path("/proc/linkwatch.db"), Path("/proc/db/linkwatch.db")])
def test_a_folder_that_cannot_be_written_to(place: Path) -> None:
    with (
        pytest.raises(DatabaseUnavailable, match=r"The lock /proc/.*linkwatch\.db\.lock cannot be taken"),
        run_lock(place, NOW),
    ):
        pass


def test_a_full_disk_is_told(tiny_disk: Path) -> None:
    (tiny_disk / "full").write_bytes(b"")
    with pytest.raises(OSError, match="No space"):
        (tiny_disk / "full").write_bytes(b"x" * 2_000_000)
    with pytest.raises(DatabaseUnavailable, match="no room left"), run_lock(tiny_disk / "linkwatch.db", NOW):
        pass
