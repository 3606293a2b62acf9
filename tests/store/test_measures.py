"""What is measured: the same as the rest of the program says of the same database, by indexes, and quickly."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from linkwatch.core.jobs import JobName
from linkwatch.core.measured import DURATION_BOUNDS_MS, Measured
from linkwatch.core.models import Belief, Code, Facts, Source, State
from linkwatch.core.outbox import Channel, Content, Fate, Kind, Outcome, Parcel, Result, Settled
from linkwatch.core.recheck import is_due
from linkwatch.core.reviews import Action, precision
from linkwatch.store import Desk, Ledger, Outbox, Store, measures, parcels, rows
from linkwatch.store.jobs import Jobs
from linkwatch.store.measures import measure
from tests.store.desking import answer, at, desk_on, fill, fill_at_random, found, link
from tests.store.storing import NOW

# Runs and jobs are few, and runs are read from the last one back.
_MAY_BE_SCANNED = re.compile(r"SCAN (\w+ )?USING (COVERING )?INDEX|SCAN \w+ USING|SCAN runs|SCAN \(")
_STATEMENTS = {name: text for name, text in vars(measures).items()
               if name.isupper() and isinstance(text, str) and re.match(r"\s*SELECT\b", text)}  # fmt: skip


def measured(path: Path) -> Measured:
    with Desk.open(path, read_only=True) as desk:
        return measure(desk, path, NOW)


@pytest.fixture(params=range(12))
def world(request: pytest.FixtureRequest, path: Path) -> Iterator[tuple[Desk, Measured]]:
    """A database filled at random, and what is measured of it."""
    with Store.open(path) as store:
        fill_at_random(store, request.param)
        with store.writing() as db:
            db.execute("UPDATE links SET failures = (rowid * 7) % 6, elapsed_ms = (rowid * 977) % 40000")
            db.execute("UPDATE links SET checked_at = ? WHERE rowid % 5 = 0", (rows.iso(at(hours=request.param * 2)),))
            db.execute("UPDATE links SET elapsed_ms = NULL WHERE rowid % 11 = 0")
            db.execute("UPDATE reviews SET ended_as = 'undone' WHERE id % 5 = 0")
            db.execute("UPDATE reviews SET fingerprint = 'f' || (id % 2) WHERE action IN ('confirm', 'approve')")
    with Desk.open(path, read_only=True) as desk:
        yield desk, measure(desk, path, NOW)


def test_it_counts_links_as_the_desk_does(world: tuple[Desk, Measured]) -> None:
    desk, told = world
    counts = desk.counts(NOW)
    assert {state: n for state, n in told.links.items() if n} == counts.by_state
    assert list(told.links) == list(State)


def views(desk: Desk) -> list[Belief]:
    ids = [row[0] for row in desk._db.execute("SELECT id FROM links WHERE removed_at IS NULL")]
    return [one.belief for one in desk.links(ids, NOW) if not one.source.is_listing]


def test_it_counts_what_states_stand_on(world: tuple[Desk, Measured]) -> None:
    desk, told = world
    expected = Counter(one.finding or one.verdict for one in views(desk))
    assert {code: n for code, n in told.findings.items() if n} == {code: n for code, n in expected.items() if code}
    assert list(told.findings) == list(Code)


def test_it_counts_as_due_what_a_run_would_visit(world: tuple[Desk, Measured]) -> None:
    desk, told = world
    visited = [one for one in views(desk) if one.state not in (State.NO_LINK, State.PAUSED)]
    assert told.due == sum(is_due(one, NOW) for one in visited)


def test_it_judges_alarms_as_the_core_does(world: tuple[Desk, Measured]) -> None:
    desk, told = world
    expected = precision(desk.reviews(limit=10_000))
    assert (told.precision.confirmed, told.precision.approved) == (expected.confirmed, expected.approved)


def test_it_sorts_durations_into_buckets(world: tuple[Desk, Measured]) -> None:
    desk, told = world
    of_links = "SELECT elapsed_ms FROM links WHERE removed_at IS NULL AND id NOT GLOB 'listing:*'"
    took = [ms for (ms,) in desk._db.execute(of_links) if ms is not None]
    assert (told.durations.count, told.durations.sum_ms) == (len(took), sum(took))
    assert told.durations.within == tuple(sum(ms <= bound for ms in took) for bound in DURATION_BOUNDS_MS)


@pytest.mark.parametrize("failures", range(7))
@pytest.mark.parametrize("state", [State.OK, State.FAILING, State.BROKEN])
@pytest.mark.parametrize("hours", [-1, 0.5, 2.9, 3, 5.9, 6, 11.9, 12, 19.9, 20])
def test_it_is_due_by_the_same_pauses(path: Path, state: State, failures: int, hours: float) -> None:
    one = found(link("a"), state)
    belief = replace(one.belief, failures=failures, checked_at=at(hours=hours))
    with desk_on(path, [link("a")], [replace(one, belief=belief)]) as desk:
        assert measure(desk, path, NOW).due == is_due(belief, NOW)


# ---------------------------------------------------------------- runs


def test_an_empty_database_says_so(path: Path) -> None:
    with Store.open(path):
        pass
    told = measured(path)
    assert sum(told.links.values()) == told.due == told.durations.count == told.subscribers == 0
    assert (told.last_run_at, told.last_conclusive_at, told.is_conclusive) == (None, None, None)
    assert (told.pending, told.dead, told.oldest_pending_at, told.precision.share) == (0, 0, None, None)
    assert told.database_bytes > told.database_free_bytes >= 0
    assert told.disk_free_bytes > 0


def test_it_tells_of_the_last_run_and_of_the_last_that_was_believed(path: Path) -> None:
    with Store.open(path) as store:
        store.sync_sources([link("a")], at(days=9))
        for days, is_conclusive, asked in ((3, True, False), (2, False, False), (1, True, True)):
            run = store.begin_run(at(days=days), due=1, asked=asked)
            store.finish_run(run, at(days=days) + timedelta(minutes=2), conclusive=is_conclusive, note=None, visited=1)
        told = measured(path)
        assert (told.last_run_at, told.is_conclusive) == (at(days=2) + timedelta(minutes=2), False)
        assert told.last_conclusive_at == at(days=3) + timedelta(minutes=2)
        store.begin_run(NOW, due=1)  # goes on
    assert measured(path).last_run_at == told.last_run_at
    assert measured(path).is_conclusive is False


def test_a_run_that_visited_nothing_shows_nothing_of_our_network(path: Path) -> None:
    with Store.open(path) as store:
        run = store.begin_run(at(hours=1), due=0)
        store.finish_run(run, at(hours=1), conclusive=True, note=None, visited=0)
    told = measured(path)
    assert (told.last_run_at, told.is_conclusive, told.last_conclusive_at) == (at(hours=1), True, None)


# ---------------------------------------------------------------- what waits


def posted(outbox: Outbox, recipient: str, minutes: float) -> None:
    content = Content(subject="ämne", text="text")
    parcel = Parcel(
        kind=Kind.DIGEST, channel=Channel.MAIL, recipient=recipient, message_id=f"<{recipient}>", content=content
    )
    with outbox.writing() as db:
        parcels.post(db, parcel, at(minutes=minutes))


def test_it_counts_what_waits_and_what_was_given_up(path: Path) -> None:
    with Outbox.open(path) as outbox:
        posted(outbox, "first@example.se", 90)
        lease = outbox.claim(NOW)
        assert lease
        outbox.settle(lease, Settled(fate=Fate.DEAD), Outcome(result=Result.NEVER, detail="no"), NOW)
        posted(outbox, "second@example.se", 60)
        posted(outbox, "third@example.se", 30)
        told = measured(path)
        assert (told.pending, told.dead, told.oldest_pending_at) == (2, 1, at(minutes=60))
        outbox.drop([1], NOW)
    assert measured(path).dead == 0


def test_it_counts_what_somebody_wants_visited(path: Path) -> None:
    with Store.open(path) as store:
        fill(store, [link("a"), link("b")], [])
    with Ledger.open(path) as ledger:
        first, _ = ledger.ask(["a", "b"], "Anna", NOW)
        ledger.finish([first.id], NOW, run_id=None, outcome="done")
    assert measured(path).requests_waiting == 1


def test_it_tells_how_each_job_ended_and_when_it_last_ended_well(path: Path) -> None:
    with Jobs.open(path) as jobs:
        jobs.sync({JobName.PRUNE: 3}, "Europe/Stockholm", at(days=2))
        for when, outcome in ((at(days=1), "done"), (NOW, "failed")):
            job = jobs.due(when)
            assert job
            jobs.end(job, when, outcome=outcome)
            (told,) = measured(path).jobs
            assert (told.name, told.done_at, told.is_well) == (JobName.PRUNE, at(days=1), outcome == "done")


# ---------------------------------------------------------------- how


@pytest.mark.parametrize("name", _STATEMENTS)
def test_no_statement_reads_a_table_from_end_to_end(path: Path, name: str) -> None:
    with Store.open(path) as store:
        fill_at_random(store, 1)
    with Desk.open(path, read_only=True) as desk:
        values = dict.fromkeys(re.findall(r":([a-z_0-9]+)", _STATEMENTS[name]), "x")
        plan = [row[3] for row in desk._db.execute(f"EXPLAIN QUERY PLAN {_STATEMENTS[name]}", values)]
    assert plan
    assert [step for step in plan if step.startswith("SCAN") and not _MAY_BE_SCANNED.match(step)] == []


def test_every_statement_is_looked_at() -> None:
    source = Path(measures.__file__).read_text(encoding="utf-8")
    asked = set(re.findall(r"\b(?:execute|_count)\((?:db, )?([A-Z_]+)", source))
    assert asked == _STATEMENTS.keys()


def test_it_takes_no_longer_than_a_moment_at_ten_thousand_links(path: Path) -> None:
    sources = [Source(id=f"l{n}", name=f"L{n}", url=f"https://r{n}.example/", owner="Region") for n in range(10_000)]
    facts = Facts(title="Sidan", http_status=200, elapsed_ms=200)
    kinds = [(State.OK, Code.OK)] * 8 + [(State.FAILING, Code.NOT_FOUND), (State.BROKEN, Code.NOT_FOUND)]
    decisions = [found(one, *kinds[n % 10], facts=facts) for n, one in enumerate(sources)]
    judged = [answer(f"l{n}", (Action.CONFIRM, Action.APPROVE)[n % 2], ended_at=NOW) for n in range(2_000)]
    with desk_on(path, sources, decisions, judged) as desk:
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            told = measure(desk, path, NOW)
            took.append(time.perf_counter() - begun)
    assert (sum(told.links.values()), told.precision.confirmed) == (10_000, 1_000)
    assert min(took) < 0.05
