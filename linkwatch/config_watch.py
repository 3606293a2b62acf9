"""The configuration as it is now, for whatever runs for long: edits are noticed, and one that cannot be used leaves the
one before it in force."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from linkwatch.config import Config, load, table_path
from linkwatch.config_files import read_text
from linkwatch.errors import ConfigError, StoreError

_log = logging.getLogger(__name__)
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
        path = self._config.path
        # Both before the files are read: a change meanwhile is seen next time.
        self._files = files_of(path)
        stamp = stamp_of(self._files)
        try:
            config = self._loaded(path)
            if stamp_of(self._files) != stamp:  # to take over what is overtaken would undo what somebody just accepted
                return self._follow()
            self.take_over(config)
        except StoreError as error:
            self._stamp, self._not_before = None, time.monotonic() + _PATIENCE_S
            return self._complain(str(error))
        except ConfigError as error:
            self._stamp = stamp
            return self._complain(str(error))
        if config != self._config or self.complaint:
            _log.info("the configuration was read anew")
        self._stamp, self._config, self.complaint = stamp, config, None
        return None

    def _loaded(self, path: Path) -> Config:
        config = load(path)
        if config.database != self._config.database:
            raise ConfigError([f"{path.name}: monitor.database is another one: start linkwatch anew"])
        return config

    def _complain(self, sentence: str) -> None:
        self.complaint = sentence
        _log.warning("the configuration on disk is not in use: %s", sentence)


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
