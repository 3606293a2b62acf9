"""Judges the machine: room on its disks, and what we may read and write there."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkwatch.config import Config
from linkwatch.doctor.records import Check, Finding, fault, or_well, warning, well
from linkwatch.store.copying import log_of
from linkwatch.store.health import size_with_log

May = Callable[[Path, int], bool]  # whether we have a right (os.R_OK, os.W_OK, os.X_OK) there

LITTLE_BYTES = 500_000_000
LEAST_BYTES = 50_000_000
LEAST_FILES = 100

_OTHERS_OF_A_SECRET = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP  # a group that reads it may be that of the service
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A disk that we write to."""

    folder: Path
    free: int  # bytes, for whoever is not root
    needed: int  # bytes, for a copy of the database
    files: int | None = None  # how many more can be made; None: as many as there is room for


def may(path: Path, right: int) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, right, effective_ids=effective)


def room_at(folder: Path, database: Path) -> Room:
    disk = os.statvfs(_nearest(folder))
    files = disk.f_favail if disk.f_files else None
    return Room(folder=folder, free=disk.f_bavail * disk.f_frsize, needed=size_with_log(database), files=files)


def disks(rooms: Sequence[Room]) -> tuple[Finding, ...]:
    least = min((room.free for room in rooms), default=0)
    return or_well(_disks(rooms), well(Check.DISK, "disk_good", free=least))


def _disks(rooms: Sequence[Room]) -> Iterator[Finding]:
    for room in rooms:
        if room.files is not None and room.files < LEAST_FILES:
            yield fault(Check.DISK, "disk_files", path=str(room.folder), number=room.files)
        if room.free < max(LEAST_BYTES, room.needed):
            yield fault(Check.DISK, "disk_full", path=str(room.folder), free=room.free)
        elif room.free < max(LITTLE_BYTES, 2 * room.needed):
            yield warning(Check.DISK, "disk_low", path=str(room.folder), free=room.free)


def permissions(config: Config, locks: Sequence[Path], copies: Sequence[Path], may: May = may) -> tuple[Finding, ...]:
    """`locks` are where those are of runs and of the jobs of the night, `copies` are those of the database."""
    found = [
        *_of_database(config.database, locks, may),
        *_of_files(config, may),
        *_of_secrets(config, may),
        *_of_readers([config.database, *copies]),
    ]
    return or_well(found, well(Check.PERMISSIONS, "permissions_good"))


def _of_database(database: Path, locks: Sequence[Path], may: May) -> Iterator[Finding]:
    if not _may_make(database.parent, may):
        yield fault(Check.PERMISSIONS, "folder_unwritable", path=str(database.parent))
    for path in (database, *locks):
        if _is_there(path) and not may(path, os.R_OK | os.W_OK):
            yield fault(Check.PERMISSIONS, "file_unwritable", path=str(path))
    log = log_of(database)
    for path in (log, log.with_name(f"{log.name.removesuffix('-wal')}-shm")):
        if _is_there(path) and not may(path, os.R_OK | os.W_OK):
            yield fault(Check.PERMISSIONS, "log_unwritable", path=str(path))


def _of_files(config: Config, may: May) -> Iterator[Finding]:
    files = [config.path, *([config.sources_csv] if config.sources_csv else [])]
    for path in files:  # each is replaced whole, by a new file beside it
        if not (may(path, os.W_OK) and _may_make(path.resolve().parent, may)):
            yield warning(Check.PERMISSIONS, "config_unwritable", path=str(path))
    folder = config.operations.backup_folder
    if folder and not _may_make(folder, may):
        yield fault(Check.PERMISSIONS, "backups_unwritable", path=str(folder))


def _of_secrets(config: Config, may: May) -> Iterator[Finding]:
    for path in secrets_of(config):
        if not (may(path, os.R_OK) and is_filled(path)):
            yield fault(Check.PERMISSIONS, "secret_unreadable", path=str(path))
        elif path.stat().st_mode & _OTHERS_OF_A_SECRET:
            yield warning(Check.PERMISSIONS, "secret_open", path=str(path))


def _of_readers(files: Iterable[Path]) -> Iterator[Finding]:
    """Mail addresses stand in a database."""
    open_to_all = [str(path) for path in files if _may_anybody_read(path)]
    if open_to_all:
        more = ["…"] if len(open_to_all) > _MOST_NAMED else []
        yield warning(Check.PERMISSIONS, "data_open", paths=", ".join(open_to_all[:_MOST_NAMED] + more))


def _may_anybody_read(path: Path) -> bool:
    """Whether every folder on the way lets them through, too."""
    try:
        real = path.resolve()
        mode = real.stat().st_mode
        is_reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
        return is_reached and stat.S_ISREG(mode) and bool(mode & stat.S_IROTH)
    except (OSError, RuntimeError):  # RuntimeError: links that lead in a circle
        return False


def secrets_of(config: Config) -> tuple[Path, ...]:
    """The files that hold what nobody else may know."""
    mail = config.mail
    named = (mail.password_file, config.web.oidc_secret_file)
    others = (*(hook.secret_file for hook in mail.webhooks), *(mail.apprise_files or {}).values())
    return (*(path for path in named if path), *others)


def is_filled(path: Path) -> bool:
    """Whether there is a text to read."""
    try:
        return bool(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return False


def _may_make(folder: Path, may: May) -> bool:
    """Whether a file can be made in a folder, which is made first where it is not there."""
    nearest = _nearest(folder)
    return nearest.is_dir() and may(nearest, os.W_OK | os.X_OK)


def _nearest(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if _is_there(one)), Path("/"))


def _is_there(path: Path) -> bool:
    """False too where we may not look."""
    try:
        return path.exists()
    except OSError:
        return False
