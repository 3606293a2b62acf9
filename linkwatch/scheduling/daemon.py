"""`linkwatch schedule`, and what `linkwatch serve` does beside its pages: works until it is told to stop."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from types import FrameType

from linkwatch.config_watch import WatchedConfig
from linkwatch.core.safe import plain
from linkwatch.errors import StoreError
from linkwatch.mailing.telling import tell
from linkwatch.scheduling import systemd
from linkwatch.scheduling.nightly import do_jobs
from linkwatch.scheduling.pings import watched_over
from linkwatch.scheduling.runs import note_metrics, run_due
from linkwatch.scheduling.ticks import Beat, Ticks
from linkwatch.store import Store
from linkwatch.store.place import SameFile, is_first

_log = logging.getLogger(__name__)

CHECK_S, TELL_S, JOBS_S, METRICS_S = 60.0, 30.0, 60.0, 300.0
_WAKE_S = 5.0
_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
BEGUN = "there was no database: %s begins to learn what the pages are like"


class Schedule:
    """What ticks. It can be begun and ended by whoever holds it."""

    def __init__(self, config: WatchedConfig, clock: Callable[[], datetime], *, pace: float = 1.0) -> None:
        """`pace`: the pauses are so many times as long; for tests."""
        self.config = config
        self._clock = clock
        self._stopped = Event()
        self._database = SameFile(config.now().database)
        self._has_failed = False
        self._metrics_at = 0.0
        self._ticks = Ticks(
            {
                "check": (CHECK_S * pace, self.check),
                "tell": (TELL_S * pace, self.tell),
                "jobs": (JOBS_S * pace, self.jobs),
            }
        )

    def check(self, beat: Beat) -> None:
        config = self.config.now()
        again, self._has_failed = self._has_failed, True
        with watched_over(config, again=again) as switch:
            self._database.look()
            report = run_due(self.config.newest, self._clock, self._stop(beat), switch)
            if again and not switch.has_begun:
                switch.success("it works again, and nothing is due")
        self._has_failed = False
        if report:
            note_metrics(config, self._clock())
            self.tell(beat)

    def tell(self, beat: Beat) -> None:
        self._database.look()
        delivered = tell(self.config.now(), self._clock, stop=self._stop(beat))
        if delivered.sent:
            _log.info("%s sent", delivered.sent)
        for complaint in delivered.complaints:
            _log.warning("could not be sent now: %s", plain(complaint))

    def jobs(self, beat: Beat) -> None:
        self._database.look()
        config = self.config.now()
        if time.monotonic() >= self._metrics_at:
            self._metrics_at = time.monotonic() + METRICS_S
            note_metrics(config, self._clock())
        do_jobs(config, self._clock, stop=self._stop(beat))

    def begin(self) -> None:
        self._ticks.start()

    def look_after(self) -> None:
        """To be called every few seconds. Raises StoreError where another database stands in the place of ours."""
        self._ticks.nudge()
        self._database.look()

    def hung(self) -> str | None:
        return self._ticks.hung()

    def reload(self) -> None:
        self.config.read_anew()
        self.config.now()
        self._ticks.soon()

    def end(self) -> None:
        """Visits under way are finished, and so is the mail that is being sent."""
        self._stopped.set()
        self._ticks.stop()

    def _stop(self, beat: Beat) -> Callable[[], bool]:
        """Whether to stop; whoever asks is alive."""

        def is_stopped() -> bool:
            beat()
            return self._stopped.is_set()

        return is_stopped


class Beside:
    """What works beside a desk, for as long as that is open: food for the watchdog, and a schedule where one is."""

    def __init__(self, config: WatchedConfig, feed: Callable[[], object], schedule: Schedule | None = None) -> None:
        """`feed` asks the database something, and raises StoreError where it does not answer."""
        self.is_told_anew = False  # True: the configuration is to be read anew. No lock, for a signal handler sets it
        self._config = config
        self._food = _Food(feed, schedule)
        self._schedule = schedule

    async def run(self, stop: asyncio.Event) -> None:
        if self._schedule:
            self._schedule.begin()
        while not stop.is_set():
            if self.is_told_anew:
                self.is_told_anew = False
                await asyncio.to_thread(self._schedule.reload if self._schedule else self._config.read_anew)
            await asyncio.to_thread(self._food.serve)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _wake_s(1.0))
        systemd.notify(systemd.STOPPING)
        if self._schedule:
            await asyncio.to_thread(self._schedule.end)


def run(path: Path, clock: Callable[[], datetime], *, on_ready: Callable[[], None], pace: float = 1.0) -> int:
    """Until SIGTERM or SIGINT; the exit code. SIGHUP reads the configuration anew. Raises ConfigError, StoreError."""
    config = WatchedConfig(path)
    is_new = is_first(config.now().database)
    with Store.open(config.now().database) as store:
        if is_new:
            _log.warning(BEGUN, config.now().database)
        schedule, signals = Schedule(config, clock, pace=pace), _Signals()
        food = _Food(store.last_run, schedule)
        with signals:
            schedule.begin()
            on_ready()
            systemd.notify(systemd.READY)
            while (number := signals.next_one(_wake_s(pace))) in (None, signal.SIGHUP):
                if number == signal.SIGHUP:
                    schedule.reload()
                food.serve()
            systemd.notify(systemd.STOPPING)
            schedule.end()
    return 0


def _wake_s(pace: float) -> float:
    dog = systemd.watchdog_s()
    return min(_WAKE_S * pace, dog / 3) if dog else _WAKE_S * pace


class _Food:
    """The watchdog is fed only when the database has answered, and nothing hangs."""

    def __init__(self, ask: Callable[[], object], schedule: Schedule | None) -> None:
        self._ask = ask
        self._schedule = schedule
        self._said: str | None = None

    def serve(self) -> None:
        fault = self._fault()
        if fault and fault != self._said:
            _log.error("%s", fault)
        self._said = fault
        if fault is None:
            systemd.notify(systemd.WATCHDOG)

    def _fault(self) -> str | None:
        try:
            if self._schedule:
                self._schedule.look_after()
            self._ask()
        except StoreError as error:
            return f"the database does not answer: {error}"
        hung = self._schedule.hung() if self._schedule else None
        return f"{hung} has given no sign of life for a quarter of an hour" if hung else None


class _Signals:
    """Those that have come. A second SIGTERM or SIGINT ends us at once.

    A handler may come in the midst of another, and of whatever the main thread does: it must take no lock, as an
    `Event` does to be set. A `SimpleQueue` is made for that.
    """

    def __init__(self) -> None:
        self._come: SimpleQueue[int] = SimpleQueue()
        self._is_stopping = False

    def next_one(self, seconds: float) -> int | None:
        """None: there was none for so long."""
        try:
            return self._come.get(timeout=seconds)
        except Empty:
            return None

    def __enter__(self) -> None:
        for number in _HEARD:
            signal.signal(number, self._on_signal)

    def __exit__(self, *_: object) -> None:
        for number in _HEARD:
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if number != signal.SIGHUP:
            if self._is_stopping:
                os._exit(128 + number)  # threads that wait for a server are not waited for
            self._is_stopping = True
        self._come.put(number)
