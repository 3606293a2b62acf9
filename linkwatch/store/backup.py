"""Copies of the database, taken while it is in use, and how many of them are kept.

    database ─▶ a file beside the target, page by page ─▶ looked through ─▶ synced ─▶ in its place under its name

A copy is a file by itself, without a log beside it, that only its owner can read.
"""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from linkwatch.errors import DamagedDatabase, DatabaseUnavailable, ForeignDatabase, NewerDatabase, StoreError
from linkwatch.store.copying import connect, copy, flaw, identity, is_copy, is_ours, open_view, told_apart, unfit
from linkwatch.store.faults import translated
from linkwatch.store.parts import clear_away_dead, part_of, put_in_place, put_where_nothing_is, unwritable

__all__ = ["backup", "backup_into", "backups_in", "connect", "dated_name", "rotate", "unfit"]

PAGES_AT_ONCE = 256  # a megabyte, after which others have a moment
PAUSE_S = 0.002

Beat = Callable[[], object]

_NAME = re.compile(r"linkwatch-\d{8}T\d{6}Z\.db", re.ASCII)
_STAMPED = "linkwatch-%Y%m%dT%H%M%SZ.db"
_OF_A_DATABASE = ("-wal", "-shm", "-journal", ".lock")  # what lies beside one, after its name

_WHAT_TO_DO: dict[type[StoreError], str] = {
    DamagedDatabase: "restore an earlier copy of it with `linkwatch restore`",
    ForeignDatabase: "point `database` at another file",
    NewerDatabase: "update linkwatch",
}


def dated_name(now: datetime) -> str:
    """`linkwatch-20261127T030000Z.db`, with the time in UTC."""
    return f"{now.astimezone(UTC):{_STAMPED}}"


def backup(
    database: Path, to: Path, *, now: datetime, pages_at_once: int = PAGES_AT_ONCE, pause_s: float = PAUSE_S,
    beat: Beat = lambda: None,
) -> Path:  # fmt: skip
    """Copy the database, as it is at this moment, to the file `to`, or into the folder `to` under a dated name: the
    first second from `now` on whose name nothing has.

    Neither a run nor the desk has to wait for it; `beat` is called again and again meanwhile. The copy has its name
    only when it is whole, looked through and synced. Raises the StoreError family; then nothing is left behind, and a
    copy that had the name before is as it was.
    """
    if not database.is_file():
        raise DatabaseUnavailable(f"There is no database at {database}: run `linkwatch check` to make one.")
    is_dated = to.is_dir()
    target = to / dated_name(now) if is_dated else to
    if not is_dated:
        _refuse_taken(target, database)
    clear_away_dead(database.resolve())  # what a restore has left

    def pause() -> None:
        beat()
        time.sleep(pause_s)

    with part_of(target.resolve()) as part:
        with translated(database):
            origin = open_view(database)
        with told_apart(database, target):
            with closing(origin):
                copy(origin, part, pages_at_once=pages_at_once, pause=pause)
            found = flaw(part)
        if found:
            raise found.kind(f"{database} cannot be copied: {found.what}. {_then(_WHAT_TO_DO[found.kind])}")
        if is_dated:
            return _put_under_free_name(part, to, now)
        put_in_place(part, target.resolve())
    return target


def backup_into(
    folder: Path, database: Path, *, keep: int, now: datetime, beat: Beat = lambda: None
) -> tuple[Path, tuple[Path, ...]]:
    """Copy the database into a folder, made where it is not there yet, and delete all but the `keep` newest copies of
    it: the new one, and those that were deleted. Raises as `backup` and `rotate`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    made = backup(database, folder, now=now, beat=beat)
    return made, rotate(folder, keep, made=made, now=now)


def backups_in(folder: Path) -> tuple[Path, ...]:
    """Our copies in a folder, oldest first: files that are named by a date and are databases of ours."""
    try:
        named = sorted(one for one in folder.iterdir() if _is_dated(one.name))
    except OSError:
        return ()
    return tuple(one for one in named if is_ours(one))


def rotate(folder: Path, keep: int, *, made: Path, now: datetime) -> tuple[Path, ...]:
    """Delete all but the `keep` newest copies of the database of which `made` is one; those that were deleted.

    What another installation has put there stays, and so does, uncounted, what a clock has dated after `now` that was
    wrong. `made`, the one that has just been taken, is never deleted.
    """
    whose, newest = identity(made), dated_name(now)
    others = (one for one in backups_in(folder) if one.name != made.name and one.name <= newest)
    ours = [one for one in others if whose and is_copy(one) and identity(one) == whose]
    old = ours[: max(len(ours) - max(keep - 1, 0), 0)]
    _delete(old, made)
    return tuple(old)


# ---------------------------------------------------------------- within


def _refuse_taken(target: Path, database: Path) -> None:
    """A name that a copy would take from something else."""
    real = target.resolve()
    if target.exists() and target.samefile(database):
        raise DatabaseUnavailable(f"{target} is the database itself: name another file for the copy.")
    if real.name.endswith(_OF_A_DATABASE):
        raise DatabaseUnavailable(
            f"{target} has the name of a file that belongs to a database: name another file for the copy."
        )
    beside = [one for end in _OF_A_DATABASE if (one := real.with_name(f"{real.name}{end}")).exists()]
    if beside:
        raise DatabaseUnavailable(
            f"{target} is a database in use, for {beside[0].name} lies beside it: name another file for the copy."
        )
    if target.exists() and (not target.is_file() or (target.stat().st_size and not is_copy(real))):
        raise DatabaseUnavailable(f"{target} is there already, and is no copy of ours: name another file for the copy.")


def _put_under_free_name(part: Path, folder: Path, now: datetime) -> Path:
    names = (dated_name(now + timedelta(seconds=number)) for number in count())
    return next(folder / name for name in names if put_where_nothing_is(part, folder / name))


def _is_dated(name: str) -> bool:
    try:
        return bool(_NAME.fullmatch(name) and datetime.strptime(name, _STAMPED))  # noqa: DTZ007  (only whether it is one)
    except ValueError:
        return False


def _delete(copies: Iterable[Path], made: Path) -> None:
    for one in copies:
        try:
            one.unlink(missing_ok=True)
        except OSError as error:
            raise DatabaseUnavailable(
                f"The copy {made} has been made, but the old copy {one} cannot be deleted ({error.strerror}): make its "
                "folder writable."
            ) from error


def _then(what_to_do: str) -> str:
    return f"{what_to_do[0].upper()}{what_to_do[1:]}."
