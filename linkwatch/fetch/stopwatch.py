"""The time that one link may take: it runs while we wait for a server, and stands while we wait for our own turn."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Seconds left of a budget. Starts stopped. `deadline` is on the clock of `time.monotonic` (asyncio's too)."""

    def __init__(self, seconds: float, *, of: "Stopwatch | None" = None) -> None:
        self._budget = seconds
        self._left = seconds
        self._spent = 0.0
        self._since: float | None = None
        self._of = of

    @property
    def spent(self) -> float:
        return self._spent + self._running()

    @property
    def left(self) -> float:
        return self._left - self._running()

    @property
    def has_run_out(self) -> bool:
        """So little is left that nobody could answer in it: what fails now says nothing of whom we would ask."""
        return self.left <= self._budget / 50

    @property
    def deadline(self) -> float:
        return time.monotonic() + self.left

    @contextmanager
    def running(self) -> Iterator[None]:
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within `running`: this wait is ours, not the server's."""
        self._stop()
        try:
            yield
        finally:
            self._since = time.monotonic()

    def share(self, seconds: float) -> "Stopwatch":
        """A smaller budget within this one; what it spends, this one spends."""
        return Stopwatch(min(seconds, self.left), of=self)

    def _running(self) -> float:
        return time.monotonic() - self._since if self._since is not None else 0.0

    def _stop(self) -> None:
        elapsed, self._since = self._running(), None
        self._charge(elapsed)

    def _charge(self, seconds: float) -> None:
        self._left -= seconds
        self._spent += seconds
        if self._of is not None:
            self._of._charge(seconds)  # noqa: SLF001 - its own kind
