"""The configuration as it is now, for whatever runs for long: edits are noticed, and one that cannot be used leaves the
one before it in force."""

import logging
import threading
from pathlib import Path

from linkwatch.config import Config, load, table_path
from linkwatch.config_files import read_text
from linkwatch.errors import ConfigError

_log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int, int] | None, ...]


class WatchedConfig:
    """Any thread may ask. Raises ConfigError when it is made of a configuration that cannot be used."""

    def __init__(self, path: Path) -> None:
        self.complaint: str | None = None  # why the configuration on disk is not the one in use
        self._files = files_of(path)
        self._stamp = stamp_of(self._files)
        self._config = load(path)
        self._turn = threading.Lock()

    def now(self, *, anew: bool = False) -> Config:
        """What it says now; `anew`: read it also where nothing seems to have changed."""
        with self._turn:
            if anew or stamp_of(self._files) != self._stamp:
                self._follow()
            return self._config

    def _follow(self) -> None:
        path = self._config.path
        # Both before the files are read: a change meanwhile is seen next time.
        self._files = files_of(path)
        self._stamp = stamp_of(self._files)
        try:
            config = load(path)
        except ConfigError as error:
            return self._complain(str(error))
        if config.database != self._config.database:
            return self._complain(f"{path.name}: monitor.database is another one: start linkwatch anew")
        if config != self._config or self.complaint:
            _log.info("the configuration was read anew")
        self._config, self.complaint = config, None
        return None

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
