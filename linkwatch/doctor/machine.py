"""Judges the machine: room on its disks, and what we may read and write there."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkwatch.config import Config
from linkwatch.doctor.records import Check, Finding, fault, or_well, warning, well

May = Callable[[Path, int], bool]  # whether we have a right (os.R_OK, os.W_OK, os.X_OK) there

LITTLE_BYTES = 500_000_000
LEAST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A disk that we write to."""

    folder: Path
    free: int  # bytes, for whoever is not root
    needed: int  # bytes, for a copy of the database


def may(path: Path, right: int) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, right, effective_ids=effective)


def room_at(folder: Path, database: Path) -> Room:
    disk = os.statvfs(_nearest(folder))
    needed = database.stat().st_size if _is_there(database) else 0
    return Room(folder=folder, free=disk.f_bavail * disk.f_frsize, needed=needed)


def disks(rooms: Sequence[Room]) -> tuple[Finding, ...]:
    least = min((room.free for room in rooms), default=0)
    return or_well(_disks(rooms), well(Check.DISK, "disk_good", free=least))


def _disks(rooms: Sequence[Room]) -> Iterator[Finding]:
    for room in rooms:
        if room.free < max(LEAST_BYTES, room.needed):
            yield fault(Check.DISK, "disk_full", path=str(room.folder), free=room.free)
        elif room.free < max(LITTLE_BYTES, 2 * room.needed):
            yield warning(Check.DISK, "disk_low", path=str(room.folder), free=room.free)


def permissions(config: Config, lock: Path, may: May = may) -> tuple[Finding, ...]:
    """`lock` is where the run lock is."""
    found = [*_of_database(config.database, lock, may), *_of_files(config, may), *_of_secrets(config, may)]
    return or_well(found, well(Check.PERMISSIONS, "permissions_good"))


def _of_database(database: Path, lock: Path, may: May) -> Iterator[Finding]:
    if not _may_make(database.parent, may):
        yield fault(Check.PERMISSIONS, "folder_unwritable", path=str(database.parent))
    for path in (database, lock):
        if _is_there(path) and not may(path, os.R_OK | os.W_OK):
            yield fault(Check.PERMISSIONS, "file_unwritable", path=str(path))


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
        elif path.stat().st_mode & stat.S_IROTH:
            yield warning(Check.PERMISSIONS, "secret_open", path=str(path))


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
