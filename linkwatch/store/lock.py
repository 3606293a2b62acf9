"""One run at a time, and one at the jobs of the night: advisory locks that the kernel frees when their holder dies."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from linkwatch.errors import AlreadyRunning, DatabaseUnavailable

_held: set[int] = set()


def _let_go_in_child() -> None:
    # A lock of flock(2) lives as long as any copy of its descriptor: a forked worker must not outlive us with one.
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def run_lock(path: Path, now: datetime) -> Iterator[None]:
    """Holds the lock of the database at `path`: the file beside it, named with ".lock" after its name.

    Raises AlreadyRunning, at once, when another holds it, and DatabaseUnavailable when it cannot be made. The file
    stays: removing it would let two in, one by the old file and one by the new.
    """
    with _held_at(lock_path(path), now):
        yield


@contextmanager
def jobs_lock(path: Path, now: datetime) -> Iterator[bool]:
    """Whether the jobs of the night are for us alone until the end of the block; False: another process is at them.

    Raises DatabaseUnavailable when the lock cannot be made.
    """
    with ExitStack() as held:
        try:
            held.enter_context(_held_at(jobs_lock_path(path), now))
        except AlreadyRunning:
            yield False
        else:
            yield True


@contextmanager
def _held_at(place: Path, now: datetime) -> Iterator[None]:
    try:
        descriptor = _open(place)
    except OSError as error:
        raise _unavailable(place, error) from error
    _held.add(descriptor)
    try:
        _take(descriptor, place, now)
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


def lock_path(path: Path) -> Path:
    """Where the lock of a database is: the same for every name that leads to the file."""
    real = path.resolve()
    return real.with_name(f"{real.name}.lock")


def jobs_lock_path(path: Path) -> Path:
    return lock_path(path).with_suffix(".jobs.lock")


def _open(place: Path) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    return os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _take(descriptor: int, place: Path, now: datetime) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {now.isoformat()}\n".encode(), 0)
    except BlockingIOError:
        raise AlreadyRunning(f"Another run{_holder(descriptor, now)} holds {place}.") from None
    except OSError as error:
        raise _unavailable(place, error) from error


def _holder(descriptor: int, now: datetime) -> str:
    """What the holder wrote of itself; nothing while it is still about to."""
    try:
        pid, _, since = os.pread(descriptor, 100, 0).decode("ascii").strip().partition(" ")
        started = datetime.fromisoformat(since).astimezone(now.tzinfo)
        return f" (process {int(pid)}, since {_clock(started, now)})"
    except (OSError, ValueError, OverflowError):
        return ""


def _clock(started: datetime, now: datetime) -> str:
    return started.strftime("%H:%M %Z" if started.date() == now.date() else "%Y-%m-%d %H:%M %Z").strip()


def _unavailable(place: Path, error: OSError) -> DatabaseUnavailable:
    if error.errno == errno.ENOSPC:
        return DatabaseUnavailable(f"There is no room left for the lock {place}: free space on its disk and run again.")
    return DatabaseUnavailable(
        f"The lock {place} cannot be taken ({error.strerror}): make its folder writable, or point `database` elsewhere."
    )
