"""What years of checks weigh, and what pruning them costs: `python3 do.py python bench/history.py [--links 10000]`.

Makes five years of daily checks, with pages that date themselves anew every day, week or month; measures `linkwatch
status`; prunes while another connection tries to become the writer all the time; and measures once more. Says how large
the database was and is, how long the pruning took, and how long the other one found the writer's place taken.
"""

import argparse
import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.desk_world import make
from linkwatch.config import Config
from linkwatch.store import Store
from linkwatch.store.history import History, Pruned

ROOT = Path(__file__).parent.parent

# Of 100 links so many have pages that say another date after so many days, and another title too.
_LIVELY = ((5, 1, False), (1, 1, True), (10, 7, False), (24, 30, False))
_COLUMNS = (
    "link_id, first_run_id, last_run_id, first_at, last_at, times, verdict, reason, evidence, http_status, final_url, "
    "redirects, title, last_modified, content_type, timed, elapsed_sum, elapsed_min, elapsed_max"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--years", type=float, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        now = datetime.now(UTC)
        began = time.monotonic()
        config = make(Path(name), now=now, links=wanted.links, years=wanted.years)
        checks = _liven(config)
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
              f"SQLite {sqlite3.sqlite_version}; {wanted.links} links, {checks} rows of checks; "
              f"made in {time.monotonic() - began:.0f} s")  # fmt: skip
        _say("before", config)
        _prune(config, now)
        _say("after", config)
        with Store.open(config.database) as store:
            store.verify()


# ---------------------------------------------------------------- the past


def _liven(config: Config) -> int:
    """Splits what pages found well into as many rows as the store would have written; the number of all rows."""
    with Store.open(config.database) as store, store.writing() as db:
        found = db.execute(f"SELECT {_COLUMNS} FROM checks").fetchall()
        split = sorted((part for row in found for part in _split(row)), key=lambda row: row[1])
        db.execute("DELETE FROM checks")
        places = ", ".join("?" * len(split[0]))
        db.conn.executemany(f"INSERT INTO checks ({_COLUMNS}) VALUES ({places})", split)
    with sqlite3.connect(config.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return len(split)


def _split(row: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    link_id, first, last, verdict = row[0], row[1], row[2], row[6]
    step, is_retitled = _rhythm(int(link_id.rpartition("-")[2])) if link_id.startswith("lank-") else (None, False)
    if verdict != "ok" or step is None:
        yield row
        return
    start = datetime.fromisoformat(row[3])
    for begin in range(first, last + 1, step):
        end = min(begin + step - 1, last)
        at, until = (start + timedelta(days=day - first) for day in (begin, end))
        times = end - begin + 1
        title = f"{row[12]} {at:%d.%m.%Y}" if is_retitled else row[12]
        modified = (at - timedelta(hours=3)).isoformat()
        yield (
            link_id, begin, end, at.isoformat(), until.isoformat(), times, *row[6:12], title, modified, row[14],
            times, times * 180, 120, 340,
        )  # fmt: skip


def _rhythm(number: int) -> tuple[int | None, bool]:
    place = number % 100
    for share, days, is_retitled in _LIVELY:
        if place < share:
            return days, is_retitled
        place -= share
    return None, False


# ---------------------------------------------------------------- measured


def _prune(config: Config, now: datetime) -> None:
    kept = config.operations
    with _beside(config.database) as waits, History.open(config.database) as history:
        began = time.monotonic()
        pruned = history.prune(now, raw=kept.raw, days=kept.days, retention=kept.retention)
        took = time.monotonic() - began
    _say_pruned(pruned, took)
    taken = sorted(wait for wait in waits if wait > 0) or [0.0]
    print(f"another found the writer's place taken {len(taken)} times of {len(waits)}: "
          f"median {statistics.median(taken):.0f} ms, 99 of 100 at most {taken[len(taken) * 99 // 100]:.0f}, "
          f"longest {taken[-1]:.0f}; longer than 100 ms: {sum(wait > 100 for wait in taken)} times")  # fmt: skip


def _say_pruned(pruned: Pruned, took: float) -> None:
    gone = ", ".join(f"{number} {table}" for table, number in pruned.forgotten.items()) or "nothing"
    print(f"pruned in {took:.0f} s: {pruned.folded} checks folded, {pruned.rolled} rolled up; {gone} forgotten; "
          f"{pruned.given_back / 1e6:.0f} MB given back")  # fmt: skip


@contextmanager
def _beside(database: Path) -> Iterator[list[float]]:
    """How long another waited each time to become the writer, in ms; 0 where nobody was. It asks all the time."""
    waits = list[float]()
    code = _WATCH.format(database=str(database))
    watcher = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert watcher.stdout
        watcher.stdout.readline()
        yield waits
        told, _ = watcher.communicate("over\n", timeout=60)
        waits += [float(line) for line in told.split()]
    finally:
        watcher.kill()


# A process of its own, so that it does not wait for the interpreter of the one that it watches.
_WATCH = """
import sqlite3, sys, threading, time
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
connection = sqlite3.connect({database!r}, timeout=0, isolation_level=None)
waits, since = [], None
print("ready", flush=True)
while not over.is_set():
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        waits.append(0 if since is None else 1000 * (time.perf_counter() - since))
        since = None
    except sqlite3.OperationalError:
        since = since or time.perf_counter()
    time.sleep(0.0005)
print("\\n".join(f"{{wait:.2f}}" for wait in waits))
"""


def _say(when: str, config: Config) -> None:
    wal = config.database.with_name(config.database.name + "-wal")
    size = config.database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
    _status(config)  # its bytecode is written
    seconds = sorted(_status(config) for _ in range(5))
    print(f"{when}: {size / 1e6:.0f} MB; `linkwatch status` {seconds[2][0]:.2f} s (median of 5, best "
          f"{seconds[0][0]:.2f}), of which it computes {min(cpu for _, cpu in seconds):.2f} s")  # fmt: skip


def _status(config: Config) -> tuple[float, float]:
    """Seconds that the whole command takes as it is installed, and those in which it has a processor."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    surroundings |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(config.path.parent.parent / "bytecode")}
    command = [sys.executable, "-m", "linkwatch", "status", "--config", str(config.path)]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=surroundings, stdout=subprocess.DEVNULL, check=True)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
