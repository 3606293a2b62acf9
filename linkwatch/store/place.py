"""Where the database is, for whatever runs for long: it keeps to the file that it began with, and begins none where one
has been."""

from contextlib import suppress
from pathlib import Path

from linkwatch.errors import DatabaseUnavailable
from linkwatch.store.health import is_filled
from linkwatch.store.lock import lock_path


def is_first(path: Path) -> bool:
    """Whether a database is to be begun there. Raises DatabaseUnavailable where one is missing: a run left its lock."""
    if is_filled(path):
        return False
    if lock_path(path).exists():
        raise DatabaseUnavailable(
            f"There is no database at {path}, and there has been one: put it back, or begin anew by `linkwatch check`."
        )
    return True


class SameFile:
    """The database is to stay the file that it was: who finds none would begin an empty one, and a desk would go on
    with the one that it has open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was: tuple[int, int] | None = None
        with suppress(DatabaseUnavailable):  # it has yet to be made
            self.look()

    def look(self) -> None:
        """Raises DatabaseUnavailable where it is another file, or none."""
        try:
            found = self._path.stat()
        except OSError:
            found = None
        now = (found.st_dev, found.st_ino) if found else None
        self._was = self._was or now
        if now != self._was:
            raise DatabaseUnavailable(
                f"The database {self._path} is gone, or another file is in its place: put it back, or start linkwatch "
                "anew."
            )
