"""Judges what has to go on by itself: copies of the database, and that what they leave is cleared away."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkwatch.doctor.machine import May
from linkwatch.doctor.records import Check, Finding, fault, warning, well
from linkwatch.store.backup import backups_in
from linkwatch.store.health import health

OLD_AFTER = timedelta(days=3)
MOST_ASIDES = 5

_AHEAD_AFTER = timedelta(minutes=5)  # a clock is never quite right
_DEAD_AFTER = timedelta(days=1)
_DATED = re.compile(r"linkwatch-\d{8}T\d{6}Z\.db")
_PART = re.compile(r"\..+\.[a-z0-9_]{8}\.part(-journal|-wal|-shm|\.lock)?")
_ASIDE = re.compile(r".+-before-restore-\d{8}T\d{6}Z.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The copies in the folder that the configuration names."""

    folder: Path
    made_at: Sequence[datetime]  # oldest first, by their names; without those that are yet to come
    ahead: int = 0  # how many bear a time that is yet to come
    unreadable: int = 0  # files that have a copy's name, and that we may not read
    flaw: str | None = None  # of the newest, a clause about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Litter:
    """What copies and restores have left in a folder."""

    folder: Path
    parts: int = 0  # begun, and broken off more than a day ago
    parts_size: int = 0  # bytes
    asides: int = 0  # databases as they were before a restore
    asides_size: int = 0


def copies_in(folder: Path, now: datetime, may: May) -> Copies:
    """Looks through the newest copy."""
    made = {one: _made_at(one) for one in backups_in(folder)}
    past = [one for one, at in made.items() if at - now <= _AHEAD_AFTER]
    return Copies(
        folder=folder,
        made_at=[made[one] for one in past],
        ahead=len(made) - len(past),
        unreadable=sum(not may(one, os.R_OK) for one in dated_in(folder)),
        flaw=_flaw(past[-1]) if past else None,
    )


def dated_in(folder: Path) -> tuple[Path, ...]:
    """Files that have a copy's name, whether we may read them or not."""
    return tuple(one for one in _files_in(folder) if _DATED.fullmatch(one.name))


def litter_in(folder: Path, now: datetime) -> Litter:
    files = _files_in(folder)
    parts = [one for one in files if _PART.fullmatch(one.name) and _is_dead(one, now)]
    asides = [one for one in files if _ASIDE.fullmatch(one.name)]
    return Litter(
        folder=folder, parts=len(parts), parts_size=_size(parts), asides=len(asides), asides_size=_size(asides)
    )


def judge(
    found: Copies | None, litter: Sequence[Litter], now: datetime, *, begun: datetime | None
) -> Iterator[Finding]:
    """`found` is None where no folder is named. `begun`: when the first run was, or now where there is no database to
    copy yet; None: nobody knows."""
    yield warning(Check.BACKUPS, "backups_unset") if found is None else _newest(found, now, begun)
    if found and found.ahead:
        yield warning(Check.BACKUPS, "backups_ahead", path=str(found.folder), number=found.ahead)
    if found and found.unreadable:
        yield warning(Check.BACKUPS, "backups_unreadable", path=str(found.folder), number=found.unreadable)
    for one in litter:
        yield from _left(one)


def _newest(found: Copies, now: datetime, begun: datetime | None) -> Finding:
    path = str(found.folder)
    if not found.made_at:
        is_young = begun is not None and now - begun < OLD_AFTER
        return well(Check.BACKUPS, "backups_to_come") if is_young else fault(Check.BACKUPS, "backups_none", path=path)
    newest = found.made_at[-1]
    if found.flaw:
        return fault(Check.BACKUPS, "backup_unfit", path=path, when=newest, detail=found.flaw)
    if now - newest > OLD_AFTER:
        return fault(Check.BACKUPS, "backups_old", path=path, when=newest)
    return well(Check.BACKUPS, "backups_good", number=len(found.made_at), when=newest)


def _left(one: Litter) -> Iterator[Finding]:
    path = str(one.folder)
    if one.parts:
        yield warning(Check.BACKUPS, "parts_left", path=path, number=one.parts, size=one.parts_size)
    if one.asides > MOST_ASIDES:
        yield warning(Check.BACKUPS, "asides_many", path=path, number=one.asides, size=one.asides_size)


def _made_at(copy: Path) -> datetime:
    """By its name: `linkwatch-20261127T030000Z.db`."""
    return datetime.strptime(copy.stem.partition("-")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _flaw(copy: Path) -> str | None:
    """Of an earlier version it is as good as any."""
    seen = health(copy)
    return str(seen.trouble) if seen and seen.trouble and not seen.is_older else None


def _files_in(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(one for one in sorted(folder.iterdir()) if one.is_file() and not one.is_symlink())
    except OSError:
        return ()


def _is_dead(part: Path, now: datetime) -> bool:
    return now - datetime.fromtimestamp(part.stat().st_mtime, UTC) > _DEAD_AFTER


def _size(files: Sequence[Path]) -> int:
    return sum(one.stat().st_size for one in files)
