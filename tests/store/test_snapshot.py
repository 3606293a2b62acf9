"""What reports read: the world in a few queries."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.models import HostMemory, RunSummary
from linkwatch.errors import DamagedDatabase
from linkwatch.store import Store, statements
from tests.store.storing import NOW, after, decision, source, transition


def test_it_shows_a_new_database_as_empty(path: Path) -> None:
    with Store.open(path) as store:
        shown = store.snapshot(NOW)
        assert (shown.generated_at, shown.run, shown.links, store.known(), store.hosts()) == (NOW, None, (), {}, {})


def test_each_link_has_its_newest_fifty_transitions(store: Store, run: int) -> None:
    for hours in range(60):
        store.commit(run, [decision(at=after(hours), changed=True)])
    store.commit(run, [decision(source("dalarna"), changed=True)])
    blekinge, dalarna = store.snapshot(NOW).links
    assert blekinge.transitions == tuple(transition(at=after(hours)) for hours in range(59, 9, -1))
    assert dalarna.transitions == (transition("dalarna"),)


def test_it_asks_as_much_for_many_links_as_for_few(store: Store) -> None:
    def asked() -> int:
        statements_run: list[str] = []
        with store._db.tracer(lambda sql, _: statements_run.append(sql)):
            store.snapshot(NOW)
            store.known()
        return len(statements_run)

    few = asked()
    store.sync_sources([source(f"link-{n}") for n in range(200)], NOW)
    assert asked() == few


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (statements.FOLD_CHECK, None),
        (statements.UPDATE_LINK, None),
        (statements.CURRENT_COPY, ("blekinge",)),
        (statements.REPLACE_COPY, ("at", "blekinge")),
        (statements.HISTORY, ("blekinge", 10)),
        (statements.NEWEST_TRANSITIONS, ("[]",)),
        (statements.LAST_RUN, ()),
    ],
)
def test_no_query_reads_a_table_that_grows_from_end_to_end(store: Store, statement: str, values: Any) -> None:
    if values is None:
        values = dict.fromkeys(_names(statement), 0)
    plan = [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plan
    assert not [step for step in plan if step.startswith(("SCAN checks", "SCAN t", "SCAN copies", "SCAN transitions"))]


def _names(statement: str) -> list[str]:
    return [word.strip(",()")[1:] for word in statement.replace("(:", " :").split() if word.startswith(":")]


def test_ten_thousand_links_are_shown_in_a_moment(path: Path) -> None:
    with Store.open(path) as store:
        store.sync_sources([source(f"link-{n}") for n in range(10_000)], NOW)
        started = time.perf_counter()
        assert len(store.snapshot(NOW).links) == 10_000
        assert time.perf_counter() - started < 5  # measured .3; the rest is room for a busy machine


# ---------------------------------------------------------------- runs


def test_a_run_is_shown_from_its_beginning(store: Store) -> None:
    run = store.begin_run(NOW, due=21)
    begun = RunSummary(id=run, started_at=NOW, finished_at=None, conclusive=None, note=None, visited=0)
    assert store.last_run() == begun
    store.finish_run(run, after(1), conclusive=False, note="own_network", visited=21)
    ended = replace(begun, finished_at=after(1), conclusive=False, note="own_network", visited=21)
    assert store.last_run() == store.snapshot(NOW).run == ended


def test_a_run_counts_what_it_committed_while_it_lasts(store: Store, run: int) -> None:
    store.commit(run, [decision(), decision(source("dalarna"))])
    last = store.last_run()
    assert last
    assert last.visited == 2


def test_runs_that_a_crash_left_open_are_closed_as_of_their_last_commit(store: Store, run: int) -> None:
    store.commit(run, [decision(at=after(2))])
    assert store.interrupted_runs() == 1
    assert store.last_run() == RunSummary(
        id=run, started_at=NOW, finished_at=after(2), conclusive=False, note="interrupted", visited=1
    )
    assert store.interrupted_runs() == 0


# ---------------------------------------------------------------- hosts


def test_it_remembers_hosts(store: Store) -> None:
    asked = HostMemory(
        host="region.example:8443",
        robots_status=200,
        robots_body="User-agent: *\nDisallow: /ö\ud800\x00",
        robots_at=NOW,
        not_before=NOW + timedelta(seconds=90),
    )
    never = HostMemory(host="other.example")
    store.save_hosts([asked, never])
    store.save_hosts(iter([replace(never, robots_status=404)]))
    assert store.hosts() == {
        "region.example:8443": replace(asked, robots_body="User-agent: *\nDisallow: /ö\ufffd\x00"),
        "other.example": replace(never, robots_status=404),
    }


# ---------------------------------------------------------------- rot


@pytest.mark.parametrize(
    "rot",
    [
        "UPDATE links SET state = 'melted'",
        "UPDATE links SET since = 'yesterday'",
        "UPDATE links SET evidence = '{'",
        "UPDATE links SET redirects = '[{}]'",
        "UPDATE links SET title = CAST(x'ff' AS TEXT)",
    ],
)
def test_a_value_that_cannot_be_read_is_damage_and_not_a_crash(store: Store, rot: str) -> None:
    store._db.execute(rot)
    with pytest.raises(DamagedDatabase, match=r"cannot read|is damaged"):
        store.snapshot(NOW)
