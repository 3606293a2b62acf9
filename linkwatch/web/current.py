"""The configuration as it is now, and the database: what a request works with."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from linkwatch.config import Config
from linkwatch.config_watch import WatchedConfig
from linkwatch.store.desk import Desk
from linkwatch.store.ledger import Ledger
from linkwatch.store.place import SameFile
from linkwatch.store.subscriptions import Subscriptions
from linkwatch.store.tokens import Tokens


class Current:
    """One for the whole app; every thread may use it."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        """Reads the configuration and brings its database up to date. Raises ConfigError and the StoreError family."""
        self.now = clock
        self.watched = WatchedConfig(path)
        config = self.watched.now()
        self.ledger = Ledger.open(config.database)
        self.database = SameFile(config.database)
        self.desk = Desk.open(config.database, create=False, read_only=True)
        self.tokens = Tokens.open(config.database, create=False)
        self.subscriptions = Subscriptions.open(config.database, create=False)
        self._take_over(config)
        self.watched.take_over = self._take_over

    @property
    def config(self) -> Config:
        """What sources.toml says. A file that cannot be used leaves the one before it in force, with a `complaint`."""
        return self.watched.now()

    @property
    def complaint(self) -> str | None:
        return self.watched.complaint

    def close(self) -> None:
        for connected in (self.desk, self.ledger, self.tokens, self.subscriptions):
            connected.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_over(self, config: Config) -> None:
        self.ledger.sync_sources(config.watched, self.now())
        self.subscriptions.sync(config.mail.subscribers, config.timezone, self.now())
