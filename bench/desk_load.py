"""Many people at once while a run writes: reads and answers at a steady pace, whether or not the last one is done."""

import asyncio
import itertools
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import quote

import httpx

from linkwatch.config import Config
from linkwatch.core.fingerprint import fingerprint
from linkwatch.core.models import Decision, LinkView, Verdict
from linkwatch.store import Store

READS_A_SECOND = 50
ANSWERS_A_SECOND = 5
_BATCH = 100  # as a run commits
_BATCHES_A_SECOND = 5


def under_load(config: Config, url: str, seconds: float) -> None:
    context = multiprocessing.get_context("spawn")
    begun, stop = context.Event(), context.Event()
    counted = context.Value("i", 0)
    writer = context.Process(target=write_as_a_run, args=(config.database, begun, stop, counted))
    writer.start()
    try:
        begun.wait(60)
        visitors = Visitors(url=url)
        asyncio.run(visitors.come(seconds))
    finally:
        stop.set()
        writer.join(30)
    visitors.say(counted.value, writer.exitcode)


def write_as_a_run(
    path: Path, begun: Event, stop: Event, counted: "multiprocessing.sharedctypes.Synchronized[int]"
) -> None:
    """Checks that find what was found before, batch after batch, as fast as a run finds them."""
    with Store.open(path) as store:
        links = [link for link in store.snapshot(datetime.now(UTC)).links if link.belief.checked_at]
        run = store.begin_run(datetime.now(UTC), due=len(links))
        begun.set()
        for batch in itertools.cycle(links[start : start + _BATCH] for start in range(0, len(links), _BATCH)):
            if stop.is_set():
                break
            started = time.monotonic()
            store.commit(run, [_again(link, datetime.now(UTC)) for link in batch])
            counted.value += len(batch)
            time.sleep(max(0, 1 / _BATCHES_A_SECOND - (time.monotonic() - started)))
        store.finish_run(run, datetime.now(UTC), conclusive=True, note=None, visited=counted.value)


def _again(link: LinkView, now: datetime) -> Decision:
    belief = replace(link.belief, checked_at=now)
    verdict = Verdict(code=belief.verdict or belief.finding, reason=belief.reason, evidence=link.evidence)  # type: ignore[arg-type]
    return Decision(
        source=link.source,
        at=now,
        verdict=verdict,
        facts=link.facts,
        belief=belief,
        incident=link.incident,
        fingerprint=fingerprint(belief, link.facts),
    )


@dataclass(slots=True, kw_only=True)
class Visitors:
    url: str
    reads: list[float] = field(default_factory=list)  # milliseconds
    answers: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    given: dict[int, str] = field(default_factory=dict)  # number of each answer, what it was
    lost: int = 0
    took_s: float = 0.0

    async def come(self, seconds: float) -> None:
        # A connection that has rested for 5 s the server closes, perhaps as we send on it.
        limits = httpx.Limits(max_connections=200, keepalive_expiry=2)
        async with httpx.AsyncClient(base_url=self.url, timeout=60, limits=limits) as client:
            found = await client.get("/api/v1/links", params={"answer": "open", "sort": "gravity", "limit": 300})
            ids = [link["id"] for link in found.json()["links"]]
            paths = itertools.cycle(_paths(ids))
            todo = itertools.cycle(ids)
            started = time.monotonic()
            await asyncio.gather(
                _at_a_pace(READS_A_SECOND, seconds, lambda: self._read(client, next(paths))),
                _at_a_pace(ANSWERS_A_SECOND, seconds, lambda: self._answer(client, next(todo))),
            )
            self.took_s = time.monotonic() - started
            await self._look_for_lost(client)

    async def _read(self, client: httpx.AsyncClient, path: str) -> None:
        await self._timed(self.reads, path, 200, client.get(path))

    async def _answer(self, client: httpx.AsyncClient, link_id: str) -> None:
        """Every second one is taken back by the next."""
        if len(self.answers) % 2 and self.given:
            number = next(iter(reversed(self.given)))
            if self.given[number] == "acknowledge":
                self.given[number] = "undone"
                await self._timed(self.answers, "undo", 200, client.post(f"/api/v1/reviews/{number}/undo"), "undo")
                return
        wish = {"action": "acknowledge", "note": "Åtgärdas"}
        sent = client.post(f"/api/v1/links/{quote(link_id)}/reviews", json=wish)
        await self._timed(self.answers, "acknowledge", 201, sent, "acknowledge")

    async def _timed(
        self, took: list[float], name: str, expected: int, sent: Awaitable[httpx.Response], action: str | None = None
    ) -> None:
        started = time.perf_counter()
        try:
            answer = await sent
        except httpx.HTTPError as error:
            self.failed[f"{name}: {type(error).__name__}"] += 1
            return
        took.append(1000 * (time.perf_counter() - started))
        if answer.status_code != expected:
            self.failed[f"{name}: {answer.status_code} {answer.text[:80]}"] += 1
        elif action:
            self.given[answer.json()["reviews"][0]["id"]] = action

    async def _look_for_lost(self, client: httpx.AsyncClient) -> None:
        """What was answered with success must be in the log, and stand as it was left."""
        log = (await client.get("/api/v1/reviews", params={"limit": 1000})).json()["reviews"]
        kept = {one["id"]: one for one in log}
        for number, action in self.given.items():
            one = kept.get(number)
            is_undone = one is not None and one["ended_as"] == "undone"
            self.lost += one is None or (action == "undone") != is_undone

    def say(self, written: int, writer_exit: int | None) -> None:
        seconds = self.took_s
        print(f"\nfor {seconds:.1f} s, {written / seconds:.0f} checks/s written by a run beside (exit {writer_exit})")
        for name, took in (("reads", self.reads), ("answers", self.answers)):
            cuts = statistics.quantiles(took, n=100)
            print(f"{name:8} {len(took):5}  {len(took) / seconds:5.1f}/s  median {cuts[49]:6.1f} ms  "
                  f"95 % {cuts[94]:7.1f}  worst {max(took):7.1f}")  # fmt: skip
        print(f"errors {self.failed.total()}, answers given {len(self.given)}, lost {self.lost}")
        for what, number in self.failed.most_common(10):
            print(f"  {number} × {what}")


async def _at_a_pace(a_second: int, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    begun, tasks = time.monotonic(), set[asyncio.Future[None]]()
    for number in range(int(a_second * seconds)):
        await asyncio.sleep(max(0, begun + number / a_second - time.monotonic()))
        tasks.add(asyncio.ensure_future(act()))
    await asyncio.gather(*tasks)


def _paths(ids: list[str]) -> list[str]:
    return ["/", "/links", "/links?state=broken&sort=gravity", "/links?q=region", "/owners", "/log",
            *(f"/links/{quote(link_id)}" for link_id in ids[:6])]  # fmt: skip
