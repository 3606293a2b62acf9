"""One run of what is due, with all that goes with it: the lock, who is told at once, the dead-man's switch, the log."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkwatch.config import Config, Listing
from linkwatch.config_watch import taken_over
from linkwatch.core.models import Source
from linkwatch.core.overlay import with_paused
from linkwatch.core.recheck import due_of
from linkwatch.errors import AlreadyRunning, LinkwatchError
from linkwatch.logs import log_run
from linkwatch.mailing.heralds import Herald
from linkwatch.run import RunReport, run_once
from linkwatch.running import Stopped, run_until
from linkwatch.scheduling.pings import Switch
from linkwatch.store import Store, run_lock
from linkwatch.textfile import write_metrics

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    sources: Sequence[Source] = ()
    listings: Sequence[Listing] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.listings)


def due(config: Config, store: Store, now: datetime) -> Due:
    """The links and pages of ours whose time has come."""
    come = due_of(with_paused(config.watched, store.paused()), store.known(), now)
    pages = {one.id for one in come if one.is_listing}
    return Due(
        sources=[one for one in come if not one.is_listing],
        listings=[one for one in config.listings if one.as_source.id in pages],
    )


def run_due(
    newest: Callable[[], Config], clock: Callable[[], datetime], stopped: Stopped, switch: Switch
) -> RunReport | None:
    """Visit what is due; None where nothing is, or others are at work. Raises LinkwatchError.

    `newest` is asked once more when the lock is ours: an address may have been accepted meanwhile.
    """
    config = newest()
    with Store.open(config.database) as store:
        if not due(config, store, clock()):
            return None
        try:
            with run_lock(config.database, clock()):
                return _visited(newest, store, clock(), stopped, switch)
        except AlreadyRunning as error:
            _log.info("%s", error)
            return None


def _visited(
    newest: Callable[[], Config], store: Store, now: datetime, stopped: Stopped, switch: Switch
) -> RunReport | None:
    store.interrupted_runs()
    config = taken_over(newest, store, now)
    wanted = due(config, store, now)  # what others did before the lock was ours is done
    if not wanted:
        return None

    def begin(stop: asyncio.Event) -> Coroutine[object, object, RunReport]:
        return run_once(
            config=config,
            store=store,
            sources=wanted.sources,
            listings=wanted.listings,
            now=now,
            stop=stop,
            herald=Herald(config),
        )

    switch.start()
    report = run_until(stopped, begin)
    if report:
        switch.success(noted(report))
    return report


def noted(report: RunReport) -> str:
    """The run in one line of the log; that line."""
    return log_run(report.run, report.verdicts.values(), changed=len(report.transitions))


def note_metrics(config: Config, now: datetime) -> None:
    """The file of metrics, where there is to be one. What fails of it is a line in the log."""
    if path := config.operations.metrics_file:
        try:
            write_metrics(config, path, now)
        except (LinkwatchError, OSError) as error:
            _log.warning("the file of metrics could not be written: %s", error)
