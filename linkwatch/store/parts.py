"""What is to become a copy or a database lies beside its place under a hidden name until all of it is on the disk.

A lock beside it, which the kernel frees when its holder dies, tells what is being written from what a kill has left.
The lock is a file of its own: a network file system may take a lock on a database for one of SQLite's.
"""

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from linkwatch.errors import DatabaseUnavailable

_LOCK = ".lock"
_ENDS = ("", "-journal", "-wal", "-shm", _LOCK)  # the lock last: while it is there, the others are somebody's
_PART = re.compile(rf"(?P<part>\.(?P<of>.+)\.[a-z0-9_]{{8}}\.part)({'|'.join(map(re.escape, _ENDS[1:]))})?")
_STAMP = re.compile(r"(-before-restore)?-\d{8}T\d{6}Z(-\d+)?")
_WITHOUT_LOCK_DEAD_AFTER = timedelta(days=1)


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, for what is to become it; gone after the block, whatever happens in it.

    What earlier ones have left that were killed is cleared away.
    """
    clear_away_dead(target)
    try:
        lock, part = _locked(target)
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        yield part
    finally:
        _remove(part)
        os.close(lock)


def clear_away_dead(target: Path) -> None:
    """What was to become a file of this name, whatever time may be in it, and is nobody's any more."""
    with suppress(OSError):
        for one in list(target.parent.iterdir()):
            found = _PART.fullmatch(one.name)
            if found and _STAMP.sub("", found["of"]) == _STAMP.sub("", target.name):
                _clear_away_if_dead(one.with_name(found["part"]))


def put_in_place(part: Path, target: Path) -> None:
    """Under its name when all of it is on the disk."""
    try:
        sync(part)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise unwritable(target, error) from error


def put_where_nothing_is(part: Path, target: Path) -> bool:
    """As `put_in_place`; False: something has that name already, and keeps it."""
    try:
        sync(part)
        try:
            target.hardlink_to(part)
        except FileExistsError:
            return False
        except OSError:  # a disk that knows no second names
            if os.path.lexists(target):
                return False
            part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise unwritable(target, error) from error
    return True


def sync(path: Path) -> None:
    """A file, or the names in a folder, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(path: Path, error: OSError) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The copy {path} cannot be written ({error.strerror}): name a folder that is there and can be written to, on "
        "a disk with room."
    )


# ---------------------------------------------------------------- within


def _locked(target: Path) -> tuple[int, Path]:
    """The descriptor that holds the lock, and the part."""
    while True:
        lock, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=f".part{_LOCK}")
        part = Path(name.removesuffix(_LOCK))
        try:
            if _is_held(lock) and Path(name).exists():
                os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                return lock, part
        except OSError:
            _remove(part)
            os.close(lock)
            raise
        os.close(lock)  # another has just cleared it away


def _is_held(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return True
    return True


def _clear_away_if_dead(part: Path) -> None:
    try:
        lock = os.open(part.with_name(part.name + _LOCK), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        if _is_old(part):
            _remove(part)
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(part)
    except BlockingIOError:
        return
    except OSError:  # a disk without locks
        if _is_old(part):
            _remove(part)
    finally:
        os.close(lock)


def _is_old(part: Path) -> bool:
    newest = max((one.stat().st_mtime for one in _files_of(part) if one.exists()), default=0.0)
    return time.time() - newest > _WITHOUT_LOCK_DEAD_AFTER.total_seconds()


def _remove(part: Path) -> None:
    for one in _files_of(part):
        with suppress(OSError):
            one.unlink(missing_ok=True)


def _files_of(part: Path) -> tuple[Path, ...]:
    return tuple(part.with_name(part.name + end) for end in _ENDS)
