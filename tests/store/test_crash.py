"""A kill at any moment loses nothing that was said to be done, and leaves nothing half done."""

import contextlib
import multiprocessing
import os
import random
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

from linkwatch.core.models import Decision
from linkwatch.store import Store
from tests.store.storing import COPY, NOW, decision, source

LINKS = [source(f"link-{n}") for n in range(10)]
FORK = multiprocessing.get_context("fork")


def batch(title: str) -> list[Decision]:
    facts = replace(decision().facts, title=title)
    copy = replace(COPY, title=title)
    return [decision(of, facts=facts, changed=True, new_copy=copy) for of in LINKS]


def commit_for_ever(path: Path, life: int, told: int) -> None:
    store = Store.open(path)
    store.sync_sources(LINKS, NOW)
    run = store.begin_run(NOW, due=len(LINKS))
    for number in count():
        store.commit(run, batch(f"{life}.{number}"))
        os.write(told, f"{life}.{number}\n".encode())


def live_and_die(path: Path, life: int, seconds: float) -> list[str]:
    """The batches whose commit returned before the kill."""
    reading, writing = os.pipe()
    child = FORK.Process(target=commit_for_ever, args=(path, life, writing), daemon=True)
    child.start()
    os.close(writing)
    time.sleep(seconds)
    child.kill()
    child.join()
    child.close()
    with open(reading, encoding="ascii") as told:  # noqa: PTH123 - a descriptor, not a path
        return told.read().splitlines()


def whole_batches(store: Store) -> set[str]:
    """The batches in the database, each seen to be whole: its checks, its copies and its transitions."""
    counted = {
        table: dict(store._db.execute(f"SELECT title, count(*) FROM {table} GROUP BY title").fetchall())
        for table in ("checks", "copies")
    }
    assert set(counted["checks"].values()) <= {len(LINKS)}
    assert counted["checks"] == counted["copies"]
    ((transitions,),) = store._db.execute("SELECT count(*) FROM transitions").fetchall()
    assert transitions == len(LINKS) * len(counted["checks"])
    return set(counted["checks"])


def test_a_kill_at_any_moment_keeps_every_batch_that_was_committed(path: Path) -> None:
    chance, told = random.Random(20261123), set[str]()
    for life in range(20):
        told |= set(live_and_die(path, life, chance.uniform(0.0, 0.15)))
        with contextlib.ExitStack() as stack:
            store = stack.enter_context(Store.open(path))
            store.verify()
            assert told <= whole_batches(store)
    assert len(told) > 20


def test_one_that_only_reads_sees_what_a_killed_writer_left_in_its_log(path: Path) -> None:
    told = live_and_die(path, 0, 0.3)
    assert path.with_name("linkwatch.db-wal").stat().st_size > 0
    with Store.open(path, read_only=True) as store:
        assert set(told) <= whole_batches(store)


def test_a_kill_while_it_is_made_leaves_a_database_or_none(tmp_path: Path) -> None:
    chance = random.Random(7)
    for life in range(10):
        path = tmp_path / f"{life}.db"
        live_and_die(path, life, chance.uniform(0.0, 0.02))
        with Store.open(path) as store:
            store.verify()


def test_runs_of_killed_processes_are_closed(path: Path) -> None:
    told = live_and_die(path, 0, 0.3)
    with Store.open(path) as store:
        assert store.interrupted_runs() == 1
        last = store.last_run()
        assert last
        assert (last.conclusive, last.note) == (False, "interrupted")
        assert last.visited >= len(LINKS) * len(told)
