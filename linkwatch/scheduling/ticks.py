"""The ticks. APScheduler says "now" every so often and nothing else: what is due stands in the database, so that
neither a restart nor a second process loses or doubles anything.

It reckons with the clock of the wall. One that is set back would keep it waiting for as long: `nudge` is called every
few seconds, and goes by a clock that only goes forward. One that is set ahead has missed nothing: see `_Every`.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError

_log = logging.getLogger(__name__)

_PATIENCE = 3  # so many times its pause may a job not have been begun
_HUNG_S = 15 * 60.0  # so long without a sign of life from one that is under way

Beat = Callable[[], None]
Work = Callable[[Beat], None]


class _Every(BaseTrigger):  # type: ignore[misc]
    """APScheduler's own trigger would count every pause that a clock has leapt over: twenty years are a gigabyte."""

    def __init__(self, pause: float) -> None:
        self._pause = timedelta(seconds=pause)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        following = (previous or now) + self._pause
        return following if following > now else now + self._pause


class Ticks:
    """`jobs` are done every so many seconds, each in a thread, never one twice at the same time. While it is at work a
    job calls what it is given, as a sign of life."""

    def __init__(self, jobs: Mapping[str, tuple[float, Work]]) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._pauses = {name: pause for name, (pause, _) in jobs.items()}
        self._begun = dict.fromkeys(jobs, time.monotonic())
        self._alive = dict[str, float]()  # those under way, and when they last gave a sign of life
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(len(jobs))}, daemon=True
        )
        for name, (pause, work) in jobs.items():
            self._scheduler.add_job(
                self._do,
                _Every(pause),
                (name, work),
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No more of them; what is under way is waited for."""
        self._scheduler.shutdown(wait=True)

    def nudge(self) -> None:
        """Set right what a clock that was set back has put off."""
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            pause = self._pauses[job.id]
            is_late = time.monotonic() - self._begun[job.id] > _PATIENCE * pause
            if is_late and job.next_run_time and job.next_run_time - now > timedelta(seconds=pause):
                _log.warning("the clock was set back: %s goes on now", job.id)
                job.modify(next_run_time=now)

    def hung(self) -> str | None:
        """One that is under way and has given no sign of life for a quarter of an hour."""
        now = time.monotonic()
        return next((name for name, at in list(self._alive.items()) if now - at > _HUNG_S), None)

    def soon(self) -> None:
        """All of them now."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _do(self, name: str, work: Work) -> None:
        def beat() -> None:
            self._alive[name] = time.monotonic()

        self._begun[name] = time.monotonic()
        try:
            beat()
            work(beat)
        except LinkwatchError as error:
            _log.error("%s: %s", name, plain(str(error)))
        except Exception:
            _log.exception("%s has failed", name)
        finally:
            del self._alive[name]
