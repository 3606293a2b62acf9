"""Judges what has to go on by itself: copies of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkwatch.doctor.records import Check, Finding, fault, warning, well

OLD_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The copies in the folder that the configuration names."""

    folder: Path
    made_at: Sequence[datetime]  # oldest first
    flaw: str | None = None  # of the newest


def made_at(copy: Path) -> datetime:
    """By its name: `linkwatch-20261127T030000Z.db`."""
    return datetime.strptime(copy.stem.partition("-")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def copies(found: Copies | None, now: datetime, *, begun: datetime | None) -> tuple[Finding, ...]:
    """`begun`: when the first run was, or now where there is no database to copy yet; None: nobody knows."""
    if found is None:
        return (warning(Check.BACKUPS, "backups_unset"),)
    path = str(found.folder)
    if not found.made_at:
        is_young = begun is not None and now - begun < OLD_AFTER
        none = well(Check.BACKUPS, "backups_to_come") if is_young else fault(Check.BACKUPS, "backups_none", path=path)
        return (none,)
    newest = found.made_at[-1]
    if found.flaw:
        return (fault(Check.BACKUPS, "backup_unfit", path=path, when=newest, detail=found.flaw),)
    if now - newest > OLD_AFTER:
        return (fault(Check.BACKUPS, "backups_old", path=path, when=newest),)
    return (well(Check.BACKUPS, "backups_good", number=len(found.made_at), when=newest),)
