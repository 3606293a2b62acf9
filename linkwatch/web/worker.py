"""Looks at the links that people want looked at now: a run of its own for a few at a time, in turn with all other runs.

    requests that wait ─▶ run lock (or wait) ─▶ configuration as it is then ─▶ run_once ─▶ requests done

A request is done when its run has ended. One whose run was killed is still waiting, and taken again. The configuration
is asked for after the requests are taken: whoever accepts an address writes it there first.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from linkwatch.config import Config
from linkwatch.config_watch import taken_over
from linkwatch.core.models import Code, Source, Verdict
from linkwatch.core.overlay import with_paused
from linkwatch.core.reviews import Request
from linkwatch.errors import AlreadyRunning, LinkwatchError
from linkwatch.mailing.heralds import Herald
from linkwatch.run import RunReport, run_once
from linkwatch.running import run_until
from linkwatch.store import Ledger, Store, run_lock
from linkwatch.store.place import SameFile

_log = logging.getLogger(__name__)

_BATCH = 20  # so that who asks next has not long to wait
_LONGEST_PAUSE = 15.0  # seconds between two attempts while another run goes on or something is wrong
_GRACE = 5.0  # seconds in which visits under way may end when we are told to stop


class Worker:
    """One for a process. Any number of processes may have one each: the run lock lets in one at a time."""

    def __init__(
        self, *, config: Callable[[], Config], ledger: Ledger, now: Callable[[], datetime], poll_s: float = 1.0
    ) -> None:
        """`config` is asked for each run anew."""
        self._config = config
        self._database = SameFile(config().database)
        self._ledger = ledger
        self._now = now
        self._poll_s = poll_s

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Whatever goes wrong is logged, and tried again after a while."""
        patience = self._poll_s
        while not stop.is_set():
            pace = await self._turn(stop)
            patience = self._poll_s if pace is not None else min(patience * 2, _LONGEST_PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(patience, pace or 0.0))

    async def _turn(self, stop: asyncio.Event) -> float | None:
        """One batch in a thread with a loop of its own, so that reading pages keeps no request waiting."""
        batch = _Batch(
            config=self._config, database=self._database, ledger=self._ledger, now=self._now, stopped=Event()
        )
        work = asyncio.ensure_future(asyncio.to_thread(batch.work))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
            batch.stopped.set()
            return await work
        except Exception:
            _log.exception("the links that were asked for could not be looked at")
            return None
        finally:
            batch.stopped.set()
            stopping.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One turn of the worker, in a thread."""

    config: Callable[[], Config]
    database: SameFile
    ledger: Ledger
    now: Callable[[], datetime]
    stopped: Event

    def work(self) -> float | None:
        """How many seconds the hosts are to be left alone now. None: others are at work, or something is wrong that may
        be over later."""
        try:
            if not self.ledger.waiting(1):
                return 0.0
            config = self.config()
            self.database.look()
            with run_lock(config.database, self.now()), Store.open(config.database, create=False) as store:
                self._work_through(store)
        except AlreadyRunning:
            return None
        except LinkwatchError as error:
            _log.warning("the links that were asked for cannot be looked at now: %s", error)
            return None
        return config.fetch.per_host_delay_s

    def _work_through(self, store: Store) -> None:
        at = self.now()
        store.interrupted_runs()
        asked = self.ledger.waiting(_BATCH)  # what another worker did before the lock was ours waits no longer
        config = taken_over(self.config, store, at)
        turned_away = _turned_away(asked, config, store)
        self._finish(turned_away, None)
        left = [request for request in asked if request.id not in turned_away]
        if not left:
            return
        try:
            report = _looked_at(config, store, left, at, self.stopped)
        except LinkwatchError:
            raise
        except Exception:  # a fault of ours: what brought it about must not do so for ever
            self._finish({request.id: "failed" for request in left}, None)
            raise
        if report is not None:
            self._finish(_outcomes(left, report), report.run.id)

    def _finish(self, outcomes: Mapping[int, str], run_id: int | None) -> None:
        """Those that have no outcome wait on."""
        for outcome in dict.fromkeys(outcomes.values()):
            ended = [request_id for request_id, word in outcomes.items() if word == outcome]
            self.ledger.finish(ended, self.now(), run_id=run_id, outcome=outcome)


def _turned_away(asked: Sequence[Request], config: Config, store: Store) -> dict[int, str]:
    """The requests that no visit can answer, each with the word why."""
    sources = {source.id: source for source in with_paused(config.watched, store.paused())}
    words = ((request.id, _why_not(sources.get(request.link_id))) for request in asked)
    return {request_id: word for request_id, word in words if word}


def _why_not(source: Source | None) -> str | None:
    if source is None:
        return "gone"
    if not source.url:
        return "no_link"
    return "paused" if source.paused else None


def _looked_at(
    config: Config, store: Store, asked: Sequence[Request], at: datetime, stopped: Event
) -> RunReport | None:
    """None where there was no time for it any more."""
    wanted = {request.link_id for request in asked}

    def begin(stop: asyncio.Event) -> Coroutine[object, object, RunReport]:
        return run_once(
            config=config,
            store=store,
            sources=[source for source in config.sources if source.id in wanted],
            listings=[listing for listing in config.listings if listing.as_source.id in wanted],
            now=at,
            stop=stop,
            asked=True,
            herald=Herald(config),
        )

    return run_until(stopped.is_set, begin, grace_s=_GRACE)


def _outcomes(asked: Sequence[Request], report: RunReport) -> dict[int, str]:
    verdicts = report.verdicts | {seen.finding.source.id: seen.verdict for seen in report.listings}
    found = ((request.id, verdicts.get(request.link_id)) for request in asked)
    return {request_id: _outcome(verdict, report) for request_id, verdict in found if verdict}


def _outcome(verdict: Verdict, report: RunReport) -> str:
    return "done" if report.run.conclusive and verdict.code is not Code.INCONCLUSIVE else "inconclusive"
