"""How fast the review desk is: `python3 do.py python bench/desk.py [--links 10000] [--years 5] [--keep PATH]`.

Makes a database of many links with years of daily checks, then measures, each as the median of 20: every call of
`Desk`; every page over real HTTP from a server of its own; and reads and answers side by side while a run writes, of
which none may fail and no answer may be lost. `--keep` leaves the project where it says, and uses it again if it is
there already. Other work on the machine shows in the wall times; the CPU column tells what a call itself costs.
"""

import argparse
import platform
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from os import cpu_count
from pathlib import Path
from urllib.parse import quote

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.desk_load import under_load
from bench.desk_world import make
from linkwatch.config import Config, load
from linkwatch.core.models import LinkView, State
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.store import Desk

ROOT = Path(__file__).parent.parent
Call = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--years", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20, help="of load; 0: none")
    parser.add_argument("--keep", type=Path, metavar="PATH")
    wanted = parser.parse_args()
    with _folder(wanted.keep) as folder:
        config = _project(folder, wanted.links, wanted.years)
        print(f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
              f"SQLite {sqlite3.sqlite_version}; {len(config.sources)} links, "
              f"database {config.database.stat().st_size / 1e6:.0f} MB; medians of {wanted.rounds}")  # fmt: skip
        measure_calls(config, wanted.rounds)
        with serving(config) as url:
            measure_pages(config, url, wanted.rounds)
            if wanted.seconds:
                under_load(config, url, wanted.seconds)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        yield keep
    else:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)


def _project(folder: Path, links: int, years: float) -> Config:
    path = folder / "config" / "sources.toml"
    if path.exists():
        return load(path)
    started = time.monotonic()
    config = make(folder, now=datetime.now(UTC), links=links, years=years)
    print(f"made in {time.monotonic() - started:.0f} s")
    return config


# ---------------------------------------------------------------- calls


def measure_calls(config: Config, rounds: int) -> None:
    with Desk.open(config.database, read_only=True) as desk:
        print(f"\n{'call':28} {'wall ms':>8} {'CPU ms':>8} {'worst':>8}")
        for name, call in _calls(desk, datetime.now(UTC)).items():
            _say_call(name, call, 3 if "every link" in name else rounds)


def _say_call(name: str, call: Call, rounds: int) -> None:
    wall, cpu = list[float](), list[float]()
    for _ in range(rounds):
        before = time.perf_counter(), time.thread_time()
        call()
        wall.append(1000 * (time.perf_counter() - before[0]))
        cpu.append(1000 * (time.thread_time() - before[1]))
    print(f"{name:28} {statistics.median(wall):8.2f} {statistics.median(cpu):8.2f} {max(wall):8.1f}")


def _calls(desk: Desk, now: datetime) -> dict[str, Call]:
    """Every call, on links that have something to show."""
    links = desk.todo(now, limit=200).links[1:]
    ids, cause = [link.source.id for link in links[:100]], _cause(links)
    one, owner, year = ids[0], links[0].source.owner, now - timedelta(days=365)

    def find(**asked: object) -> Call:
        return lambda: desk.find(Selection(**asked), now)  # type: ignore[arg-type]

    return {
        "last_run": desk.last_run,
        "counts": lambda: desk.counts(now),
        "counties": desk.counties,
        "owners": lambda: desk.owners(now),
        "assignees": desk.assignees,
        "tags": desk.tags,
        "todo, 20 places": lambda: desk.todo(now, limit=20),
        "todo, the last 20": lambda: desk.todo(now, limit=20, offset=270),
        "todo, every link of it": lambda: desk.todo(now, limit=None),
        "find, all: 100": find(),
        "find, all by gravity": find(order=Order.GRAVITY),
        "find, all by name": find(order=Order.NAME),
        "find, all by check": find(order=Order.CHECKED),
        "find, broken": find(states=(State.BROKEN,)),
        "find, ok by name": find(states=(State.OK,), order=Order.NAME),
        "find, open by gravity": find(answer=Answer.OPEN, order=Order.GRAVITY),
        "find, snoozed": find(answer=Answer.SNOOZED),
        "find, an owner": find(owner=owner),
        "find, a county": find(county="AB", order=Order.GRAVITY),
        "find, a tag": find(tag="grupp 3"),
        "find, somebody's": find(assignee="Bo Ek"),
        "find, an incident": find(incident=cause),
        "find, a rare word": find(text="sida-777"),
        "find, two common words": find(text="region åtgärd"),
        "find, a word, ok, by name": find(text="region", states=(State.OK,), order=Order.NAME),
        "find, a word by check": find(text="region", order=Order.CHECKED),
        "ids, all": lambda: desk.ids(Selection(), now),
        "link": lambda: desk.link(one, now),
        "links, 100": lambda: desk.links(ids, now),
        "by_owner": lambda: desk.by_owner(owner, now),
        "snapshot, 100": lambda: desk.snapshot(now, links[:100]),
        "transitions": lambda: desk.transitions(one, 50),
        "transitions_of, 100, a year": lambda: desk.transitions_of(ids, year),
        "history": lambda: desk.history(one, 100),
        "beats": lambda: desk.beats(one),
        "titles": lambda: desk.titles(one),
        "copy": lambda: desk.copy(one),
        "seen": lambda: desk.seen(one),
        "incident": lambda: desk.incident(cause),
        "incidents, 30 days": lambda: desk.incidents(now - timedelta(days=30)),
        "incidents_of": lambda: desk.incidents_of(one),
        "readings": desk.readings,
        "reviews, 100": lambda: desk.reviews(limit=100),
        "reviews of a link": lambda: desk.reviews(one, limit=100),
        "review": lambda: desk.review(7),
        "requests, 100": lambda: desk.requests(ids),
        "find, every link": lambda: desk.find(Selection(), now, limit=None),
    }


def _cause(links: tuple[LinkView, ...]) -> str:
    return next(link.incident.id for link in links if link.incident and len(link.incident.links) > 1)


# ---------------------------------------------------------------- pages


@contextmanager
def serving(config: Config) -> Iterator[str]:
    """`linkwatch serve` in a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "linkwatch",
        "serve",
        "--listen",
        f"127.0.0.1:{port}",
        "--config",
        str(config.path),
    ]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("linkwatch serve did not begin")


def measure_pages(config: Config, url: str, rounds: int) -> None:
    print(f"\n{'page':44} {'median ms':>9} {'worst':>8} {'kB':>8}")
    with httpx.Client(base_url=url, timeout=60) as client:
        for path in pages(config):
            took, size = list[float](), 0
            for _ in range(3 if "all=1" in path or path in _WHOLE else rounds):
                started = time.perf_counter()
                answer = client.get(path)
                took.append(1000 * (time.perf_counter() - started))
                size = len(answer.content)
                if answer.status_code != 200:
                    raise SystemExit(f"{path}: {answer.status_code}")
            shown = path if len(path) <= 44 else f"{path[:43]}…"
            print(f"{shown:44} {statistics.median(took):9.1f} {max(took):8.1f} {size / 1000:8.1f}")


_WHOLE = ("/links.csv", "/links.json")


def pages(config: Config) -> list[str]:
    now = datetime.now(UTC)
    with Desk.open(config.database, read_only=True) as desk:
        links = desk.todo(now, limit=200).links[1:]
        alone, cause = links[-1].source.id, quote(_cause(links))
        owner = quote(links[0].source.owner)
    return [
        "/",
        "/links",
        "/links?state=broken&sort=gravity",
        "/links?answer=open&sort=gravity",
        "/links?q=region+%C3%A5tg%C3%A4rd",
        "/links?sort=name&page=50",
        f"/links?owner={owner}",
        f"/links/{alone}",
        f"/links/{links[0].source.id}",
        f"/links/{config.sources[-1].id}",
        "/owners",
        f"/owners/{owner}",
        f"/owners/{owner}/letter.eml",
        f"/incidents/{cause}",
        "/log",
        "/help",
        f"/links.csv?owner={owner}",
        "/links.atom?state=broken",
        "/incidents.atom",
        "/api/v1/summary",
        "/api/v1/links?limit=100",
        f"/api/v1/links/{alone}",
        f"/api/v1/links/{alone}/history",
        "/api/v1/owners",
        "/api/v1/incidents",
        "/api/v1/reviews",
        *_WHOLE,
        "/links?all=1",
    ]


if __name__ == "__main__":
    main()
