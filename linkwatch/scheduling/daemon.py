"""`linkwatch schedule`, and what `linkwatch serve` does beside its pages: works until it is told to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from types import FrameType

from linkwatch.config_watch import WatchedConfig
from linkwatch.core.safe import plain
from linkwatch.errors import StoreError
from linkwatch.mailing.telling import tell
from linkwatch.scheduling import systemd
from linkwatch.scheduling.nightly import do_jobs
from linkwatch.scheduling.runs import run_due
from linkwatch.scheduling.ticks import Ticks
from linkwatch.store import Store

_log = logging.getLogger(__name__)

CHECK_S, TELL_S, JOBS_S = 60.0, 30.0, 60.0
_WAKE_S = 5.0


class Schedule:
    """What ticks. It can be begun and ended by whoever holds it."""

    def __init__(self, config: WatchedConfig, clock: Callable[[], datetime], *, pace: float = 1.0) -> None:
        """`pace`: the pauses are so many times as long; for tests."""
        self.config = config
        self._clock = clock
        self.stopped = Event()
        self._ticks = Ticks(
            {
                "check": (CHECK_S * pace, self.check),
                "tell": (TELL_S * pace, self.tell),
                "jobs": (JOBS_S * pace, self.jobs),
            }
        )

    def check(self) -> None:
        report = run_due(self.config.now(), self._clock, self.stopped)
        if report:
            self.tell()

    def tell(self) -> None:
        delivered = tell(self.config.now(), self._clock, stop=self.stopped.is_set)
        if delivered.sent:
            _log.info("%s sent", delivered.sent)
        for complaint in delivered.complaints:
            _log.warning("could not be sent now: %s", plain(complaint))

    def jobs(self) -> None:
        do_jobs(self.config.now(), self._clock, stop=self.stopped.is_set)

    def begin(self) -> None:
        self._ticks.start()

    def look_after(self) -> None:
        """To be called every few seconds."""
        self._ticks.nudge()

    def reload(self) -> None:
        self.config.read_anew()
        self.config.now()
        self._ticks.soon()

    def end(self) -> None:
        """Visits under way are finished, and so is the mail that is being sent."""
        self.stopped.set()
        self._ticks.stop()


class Beside:
    """A schedule that works beside a desk, for as long as that is open."""

    def __init__(self, schedule: Schedule, feed: Callable[[], object]) -> None:
        """`feed` asks the database something, and raises StoreError where it does not answer."""
        self._schedule = schedule
        self._feed = feed
        self.hup = Event()  # set: the configuration is to be read anew

    async def run(self, stop: asyncio.Event) -> None:
        self._schedule.begin()
        while not stop.is_set():
            self._schedule.look_after()
            if self.hup.is_set():
                self.hup.clear()
                await asyncio.to_thread(self._schedule.reload)
            await asyncio.to_thread(_feed, self._feed)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _wake_s(1.0))
        systemd.notify(systemd.STOPPING)
        await asyncio.to_thread(self._schedule.end)


def run(path: Path, clock: Callable[[], datetime], *, on_ready: Callable[[], None], pace: float = 1.0) -> int:
    """Until SIGTERM or SIGINT; the exit code. SIGHUP reads the configuration anew. Raises ConfigError, StoreError."""
    config = WatchedConfig(path)
    with Store.open(config.now().database) as store:
        schedule, signals = Schedule(config, clock, pace=pace), _Signals()
        with signals:
            schedule.begin()
            on_ready()
            systemd.notify(systemd.READY)
            while not signals.stop.wait(_wake_s(pace)):
                schedule.look_after()
                if signals.hup.is_set():
                    signals.hup.clear()
                    schedule.reload()
                _feed(store.last_run)
            systemd.notify(systemd.STOPPING)
            schedule.end()
    return 0


def _wake_s(pace: float) -> float:
    dog = systemd.watchdog_s()
    return min(_WAKE_S * pace, dog / 3) if dog else _WAKE_S * pace


def _feed(ask: Callable[[], object]) -> None:
    """The watchdog is fed only when the database has answered."""
    try:
        ask()
    except StoreError as error:
        _log.error("the database does not answer: %s", error)
    else:
        systemd.notify(systemd.WATCHDOG)


class _Signals:
    """A second SIGTERM or SIGINT ends us at once."""

    def __init__(self) -> None:
        self.stop, self.hup = Event(), Event()

    def __enter__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_hup)

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def _on_stop(self, number: int, _: FrameType | None) -> None:
        if self.stop.is_set():
            os._exit(128 + number)  # threads that wait for a server are not waited for
        self.stop.set()

    def _on_hup(self, number: int, _: FrameType | None) -> None:  # noqa: ARG002
        self.hup.set()
