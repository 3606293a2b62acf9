"""One connection, and its transactions: a view to read in, or the writer's turn. Threads take turns."""

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from linkwatch.errors import DamagedDatabase
from linkwatch.store.connection import open_database
from linkwatch.store.faults import BUSY_SECONDS, busy, translated


class Connected:
    """One connection to the database. Its errors come as the StoreError family, each with what to do."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path
        self._turn = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> Self:
        """The database at `path`, brought up to date; with `create` also its folder and itself.

        `read_only` asks for no write access, waits for no writer, and refuses a database that is not up to date.
        """
        return cls(open_database(path, create=create, read_only=read_only), path)

    def close(self) -> None:
        with self._turn, translated(self._path):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """One view of the database for all that is read in it, whatever is written meanwhile."""
        with self._turn, translated(self._path), decoded(self._path), self._db.atomic():
            yield self._db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        # Immediate: a transaction that reads first and then wants to write is refused at once, without the busy
        # timeout, when another has written in between.
        # Who waits for a thread that waits for another program waits no longer than that one does.
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise busy(self._path)
        try:
            with translated(self._path):
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.commit()
                except BaseException:
                    self._db.rollback()
                    raise
        finally:
            self._turn.release()


@contextmanager
def decoded(path: Path) -> Iterator[None]:
    """A value that cannot have been written by us: rot inside a page that SQLite has no checksum for, or a hand."""
    try:
        yield
    except (ValueError, LookupError, zlib.error, struct.error) as error:
        raise DamagedDatabase(
            f"The database {path} holds a value that linkwatch cannot read ({error}): restore it from a backup, or "
            "update linkwatch if a later one has used it."
        ) from error
