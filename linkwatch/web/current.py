"""The configuration as it is now, and the database: what a request works with."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from linkwatch.config import Config, load
from linkwatch.config_watch import files_of, stamp_of
from linkwatch.errors import ConfigError, StoreError
from linkwatch.store.desk import Desk
from linkwatch.store.ledger import Ledger
from linkwatch.store.subscriptions import Subscriptions
from linkwatch.store.tokens import Tokens

_log = logging.getLogger("linkwatch.web")
_PATIENCE = timedelta(seconds=10)  # so long until a change that the database could not take is tried again


class Current:
    """One for the whole app; every thread may use it."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        """Reads the configuration and brings its database up to date. Raises ConfigError and the StoreError family."""
        self.now = clock
        self.complaint: str | None = None  # why the configuration on disk is not the one in use
        self._files = files_of(path)
        self._stamp = stamp_of(self._files)
        self._config = load(path)
        self._not_before: datetime | None = None
        self._turn = threading.Lock()
        database = self._config.database
        self.ledger = Ledger.open(database)
        self.ledger.sync_sources(self._config.watched, clock())
        self.desk = Desk.open(database, create=False, read_only=True)
        self.tokens = Tokens.open(database, create=False)
        self.subscriptions = Subscriptions.open(database, create=False)
        self._take_subscribers()

    @property
    def config(self) -> Config:
        """What sources.toml says. A file that cannot be used leaves the one before it in force, with a `complaint`."""
        if self._turn.acquire(blocking=False):  # who comes while another takes over a change goes on with what was
            try:
                self._follow()
            finally:
                self._turn.release()
        return self._config

    def close(self) -> None:
        for connected in (self.desk, self.ledger, self.tokens, self.subscriptions):
            connected.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self) -> None:
        if stamp_of(self._files) == self._stamp or (self._not_before and self.now() < self._not_before):
            return
        path = self._config.path
        # Both before the files are read: a change meanwhile is seen next time.
        self._files = files_of(path)
        stamp = stamp_of(self._files)
        try:
            self._take_over(load(path))
        except StoreError as error:
            self._not_before = self.now() + _PATIENCE
            self._complain(str(error))
            return
        except ConfigError as error:
            self._complain(str(error))
        self._stamp, self._not_before = stamp, None

    def _take_over(self, config: Config) -> None:
        if config.database != self._config.database:
            return self._complain(f"{config.path.name}: monitor.database is another one: start linkwatch serve anew")
        self.ledger.sync_sources(config.watched, self.now())
        self._config = config
        self._take_subscribers()
        self.complaint = None
        return None

    def _take_subscribers(self) -> None:
        self.subscriptions.sync(self._config.mail.subscribers, self._config.timezone, self.now())

    def _complain(self, sentence: str) -> None:
        self.complaint = sentence
        _log.warning("the configuration on disk is not in use: %s", sentence)
