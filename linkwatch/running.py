"""A run in a thread of its own, with a loop of its own, that another thread can end."""

import asyncio
from collections.abc import Callable, Coroutine

from linkwatch.run import RunReport

Begin = Callable[[asyncio.Event], Coroutine[object, object, RunReport]]
Stopped = Callable[[], bool]


def run_until(stopped: Stopped, begin: Begin, *, grace_s: float | None = None) -> RunReport | None:
    """`begin` gets the event that ends a run (`run_once`). When it is `stopped`, visits that are not begun are left at
    once; those under way may end, within `grace_s` where that is given. None where there was no time for that."""
    return asyncio.run(_until(stopped, begin, grace_s))


async def _until(stopped: Stopped, begin: Begin, grace_s: float | None) -> RunReport | None:
    stop = asyncio.Event()
    run = asyncio.ensure_future(begin(stop))
    watch = asyncio.ensure_future(_end_when(stopped, stop, run, grace_s))
    try:
        return await run
    except asyncio.CancelledError:
        return None
    finally:
        watch.cancel()


async def _end_when(
    stopped: Stopped, stop: asyncio.Event, run: "asyncio.Future[RunReport]", grace_s: float | None
) -> None:
    while not stopped():  # noqa: ASYNC110  (a thread's event, which no loop can wait for)
        await asyncio.sleep(0.1)
    stop.set()
    if grace_s is not None:
        await asyncio.sleep(grace_s)
        run.cancel()
