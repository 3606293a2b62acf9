"""Sends what there is to send for as long as the desk is open, as `linkwatch digest` does from cron.

Any number of processes may do so at the same time: the outbox gives each parcel to one of them.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from linkwatch.config import load
from linkwatch.core.safe import plain
from linkwatch.errors import LinkwatchError
from linkwatch.mailing.telling import tell

_log = logging.getLogger(__name__)

_PAUSE_S = 30.0
_GRACE_S = 5.0  # in which what is being sent may end when we are told to stop; else its lease runs out


class Postman:
    """One for a process."""

    def __init__(self, *, path: Path, now: Callable[[], datetime], pause_s: float = _PAUSE_S) -> None:
        """`path` is that of the configuration, which is read anew each time."""
        self._path = path
        self._now = now
        self._pause_s = pause_s

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Whatever goes wrong is logged, and tried again."""
        while not stop.is_set():
            await self._round(stop)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause_s)

    async def _round(self, stop: asyncio.Event) -> None:
        """In a thread that the end of the process does not wait for: a mail server may keep us waiting for minutes."""
        loop, stopped, done = asyncio.get_running_loop(), Event(), asyncio.Event()

        def work() -> None:
            try:
                self._work(stopped)
            finally:
                with suppress(RuntimeError):  # the loop has ended before us
                    loop.call_soon_threadsafe(done.set)

        Thread(target=work, name="postman", daemon=True).start()
        ends = [asyncio.ensure_future(done.wait()), asyncio.ensure_future(stop.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.set()
        await asyncio.wait(ends[:1], timeout=_GRACE_S)
        for one in ends:
            one.cancel()

    def _work(self, stopped: Event) -> None:
        try:
            delivered = tell(load(self._path), self._now, stop=stopped.is_set)
        except LinkwatchError as error:
            _log.warning("nothing can be sent now: %s", error)
        except Exception:
            _log.exception("nothing could be sent")
        else:
            for complaint in delivered.complaints:
                _log.warning("could not be sent now: %s", plain(complaint))
