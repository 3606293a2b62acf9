"""The configuration as it is now, for whatever runs for long: edits are noticed, and one that cannot be used leaves the
one before it in force."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from linkwatch.config import Config, load, table_path
from linkwatch.config_files import read_text
from linkwatch.errors import ConfigError, StoreError
from linkwatch.store import Store

_log = logging.getLogger(__name__)
_READINGS = 20  # before it is left for later
_PATIENCE_S = 10.0  # so long until a change that the database could not take is tried again

Stamp = tuple[tuple[int, int, int] | None, ...]


class WatchedConfig:
    """Any thread may ask `now`, and a signal handler too: nobody waits. Raises ConfigError when it is made of a
    configuration that cannot be used.

    `take_over` is called with every new one before it is in force, and may refuse it with a StoreError.
    """

    def __init__(self, path: Path) -> None:
        self.take_over: Callable[[Config], None] = lambda _: None
        self.complaint: str | None = None  # why the configuration on disk is not the one in use
        self._files = files_of(path)
        self._stamp: Stamp | None = stamp_of(self._files)
        self._config = load(path)
        self._is_asked_for = False
        self._not_before = 0.0  # by the clock that only goes forward
        self._turn = threading.Lock()

    def now(self) -> Config:
        """What it says now; who comes while another takes over a change goes on with what was."""
        if self._turn.acquire(blocking=False):
            try:
                if time.monotonic() >= self._not_before:
                    self._keep_up()
            finally:
                self._turn.release()
        return self._config

    def newest(self) -> Config:
        """For whoever visits links by it, in a thread that may wait: what was before a change that another is taking
        over has the address that somebody has just replaced. Raises StoreError while the database cannot take it.
        """
        with self._turn:
            self._keep_up()
            if self._stamp is None:
                raise StoreError(self.complaint or "")
            return self._config

    def read_anew(self) -> None:
        """The next to ask gets what is on disk, also where nothing seems to have changed."""
        self._is_asked_for, self._not_before = True, 0.0

    def _keep_up(self) -> None:
        if self._is_asked_for or stamp_of(self._files) != self._stamp:
            self._is_asked_for = False
            self._follow()

    def _follow(self) -> None:
        try:
            stamp, config = self._read()
            if not isinstance(config, ConfigError):
                self.take_over(config)
        except StoreError as error:
            self._stamp, self._not_before = None, time.monotonic() + _PATIENCE_S
            return self._complain(str(error))
        if isinstance(config, ConfigError):
            self._stamp = stamp
            return self._complain(str(config))
        if config != self._config or self.complaint:
            _log.info("the configuration was read anew")
        self._stamp, self._config, self.complaint = stamp, config, None
        return None

    def _read(self) -> tuple[Stamp, Config | ConfigError]:
        """What did not change while it was read: half a file is no mistake of anybody's, and to take over what is
        overtaken would undo what somebody has just accepted."""
        path = self._config.path
        for _ in range(_READINGS):
            self._files = files_of(path)
            stamp = stamp_of(self._files)
            found = self._loaded(path)
            if stamp_of(self._files) == stamp:
                return stamp, found
        raise StoreError(f"{path.name} changes while it is read, again and again")

    def _loaded(self, path: Path) -> Config | ConfigError:
        try:
            config = load(path)
        except ConfigError as error:
            return error
        if config.database != self._config.database:
            return ConfigError([f"{path.name}: monitor.database is another one: start linkwatch anew"])
        return config

    def _complain(self, sentence: str) -> None:
        self.complaint = sentence
        _log.warning("the configuration on disk is not in use: %s", sentence)


def taken_over(newest: Callable[[], Config], store: Store, now: datetime) -> Config:
    """The configuration, and the database as it says: also what was accepted while the database was waited for. Whoever
    accepts an address writes it into the configuration before the database. Raises as `newest`, and StoreError."""
    config = None
    while config != (found := newest()):
        config = found
        store.sync_sources(config.watched, now)
    return config


def files_of(path: Path) -> tuple[Path, ...]:
    """The configuration, and the table that it names, be it there or not."""
    try:
        table = table_path(path, read_text(path))
    except ConfigError:
        table = None
    return (path, table) if table else (path,)


def stamp_of(files: tuple[Path, ...]) -> Stamp:
    """What changes when one of the files does."""
    return tuple(_state(path) for path in files)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
