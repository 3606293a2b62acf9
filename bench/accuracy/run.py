"""How often linkwatch is right: `python bench/accuracy/run.py [--half calibration|test|both] [--only FAMILY]`.

Serves the corpus from loopback in a process of its own and sends the real pipeline over it twice: on day 0, when what
is known was good and its approved copies are learnt, and on day 1, when it is judged. Prints, per family and per
verdict, how often that was right, with Wilson's 95 % intervals; the figures that have goals (docs/accuracy.md); what
the suspicious pages cost in requests; the time that a judgement takes; and the worst mistakes. Exit code 0 whatever the
figures: only a bench that cannot do its work fails.

Rules are calibrated on the calibration half alone; the test half is for the figures that are published.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.accuracy import shown, timing
from bench.accuracy.corpus import Item, World, build
from bench.accuracy.corpus.faults import BODY_LIMIT_MB
from bench.accuracy.corpus.model import Phase
from bench.accuracy.measure import Row, attribute
from bench.accuracy.serve import CONTROL
from linkwatch.config import Config, load
from linkwatch.core.models import Source, Verdict
from linkwatch.run import run_once
from linkwatch.store import Store

DAY_0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY_1 = DAY_0 + timedelta(hours=25)  # past the day for which a robots.txt may be kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The corpus, served by a process of its own."""

    port: int
    closed_port: int
    ca_file: str

    def ask(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": CONTROL})
            return json.loads(connection.getresponse().read())

    def resolve(self, world: World, phase: Phase) -> dict[str, str]:
        """Where each host is found: `[fetch] resolve`."""
        return {
            name: f"127.0.0.1:{self.closed_port if host.closed_after and phase is Phase.AFTER else self.port}"
            for name, host in world.hosts.items()
        }


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Server]:
    command = [sys.executable, str(Path(__file__).with_name("serve.py")), "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()


def configure(folder: Path, server: Server, world: World, phase: Phase, sources: Sequence[Source]) -> Config:
    """The real loader over a written file; only the sources are handed over as they are."""
    pins = "\n".join(f'"{name}" = "{where}"' for name, where in server.resolve(world, phase).items())
    path = folder / "config" / "sources.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"""
[monitor]
title = "Träffsäkerhet"
contact = "webbredaktion@example.se"
about = "https://example.se/linkwatch"
[fetch]
timeout_s = 6
per_host_delay_s = 0
concurrency = 32
max_body_mb = {BODY_LIMIT_MB}
allow_networks = ["127.0.0.0/8"]
ca_file = "{server.ca_file}"
[fetch.resolve]
{pins}
[[source]]
id = "one"
name = "One, since a configuration must have one"
url = "https://www.norrsjo.example/"
owner = "Norrsjö kommun"
""",
        encoding="utf-8",
    )
    return replace(load(path), sources=tuple(sources))


def source_of(item: Item) -> Source:
    return Source(id=item.id, name=item.id, url=item.url, owner=item.site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where both days are run: a folder with the configuration and the database, and the web that is visited."""

    folder: Path
    world: World
    server: Server

    async def judge(self, items: Sequence[Item]) -> list[Row]:
        """Both days; the rows of day 1."""
        await self._day(Phase.BEFORE, [source_of(item) for item in items if item.before], DAY_0)
        verdicts = await self._day(Phase.AFTER, [source_of(item) for item in items], DAY_1)
        extra, strays = attribute(self.server.ask("/log"), {item.url: item.id for item in items})
        if strays:
            print(f"{strays} requests went to hosts of which no link had been visited yet", file=sys.stderr)
        return [_row(item, verdicts.get(item.id), extra[item.id]) for item in items]

    async def _day(self, phase: Phase, sources: list[Source], now: datetime) -> dict[str, Verdict]:
        self.server.ask(f"/phase/{phase}")
        self.server.ask("/log")
        config = configure(self.folder, self.server, self.world, phase, sources)
        with Store.open(config.database) as store:
            store.sync_sources(sources, now)
            report = await run_once(config=config, store=store, sources=sources, now=now)
        if not report.run.conclusive:
            print(f"the run {phase} was inconclusive: {report.run.note}", file=sys.stderr)
        return report.verdicts


def _row(item: Item, verdict: Verdict | None, extra: int) -> Row:
    if verdict is None:
        return Row(item=item, code="none", extra=extra)
    return Row(
        item=item,
        code=verdict.code.value,
        rule=verdict.rule,
        reason=verdict.reason,
        evidence=dict(verdict.evidence),
        extra=extra,
    )


def chosen(world: World, half: str, only: str | None) -> list[Item]:
    return [
        item
        for item in world.items
        if (half in ("both", item.half)) and (only is None or only.lower() in item.family.lower())
    ]


def main(arguments: argparse.Namespace) -> None:
    world = build()
    items = chosen(world, arguments.half, arguments.only)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "db").mkdir()
        with served(folder) as server:
            rows = asyncio.run(Bench(folder=folder, world=world, server=server).judge(items))
    took = time.perf_counter() - started
    times = {name: statistics.median(found) for name, found in timing.judgements(world).items()}
    if arguments.json:
        print(
            json.dumps(shown.as_json(rows, arguments.half, took, times, arguments.worst), ensure_ascii=False, indent=1)
        )
    else:
        print(shown.as_text(rows, arguments.half, took, times, arguments.worst))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How often linkwatch is right, over the labelled corpus.")
    parser.add_argument("--half", choices=("calibration", "test", "both"), default="both")
    parser.add_argument("--only", metavar="FAMILY", help="only families that contain this, as in wall/ or soft")
    parser.add_argument("--worst", type=int, default=20, metavar="N", help="how many mistakes are shown (20)")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
