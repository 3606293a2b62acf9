"""What becomes of old history: what is rolled up, what is forgotten, what stays, and that nobody is disturbed."""

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkwatch.core.jobs import JobName
from linkwatch.core.models import Code, Facts, State, Verdict
from linkwatch.core.reviews import Action
from linkwatch.store import CheckRecord, Desk, Jobs, Store, history, rows
from linkwatch.store.history import History, Pruned
from linkwatch.store.rollup import Check, rolled_up
from tests.store.desking import answer, at, changed, fill, found, incident, link
from tests.store.storing import COPY, NOW

RAW, DAYS, RETENTION = timedelta(days=30), timedelta(days=200), timedelta(days=300)
KEPT = {"raw": RAW, "days": DAYS, "retention": RETENTION}


def prune(path: Path, now: datetime = NOW, **changes: Any) -> Pruned:
    """As in the night after the last one, whenever that was."""
    with History.open(path) as opened:
        with opened.writing() as db:
            db.execute("DELETE FROM marks")
        return opened.prune(now, **{**KEPT, "pause": lambda _: None, **changes})


def check_daily(store: Store, link_id: str, days: range, see: Any, *, hour: float = 0) -> None:
    """One check a day, the first so many days ago; `see` gives the code, the title and when the page was changed."""
    for day in days:
        code, title, modified = see(day)
        facts = Facts(http_status=200, title=title, last_modified=modified, elapsed_ms=100 + day)
        when = at(days=day) + timedelta(hours=hour)
        run = store.begin_run(when, due=1)
        state = State.OK if code is Code.OK else State.BROKEN
        decided = found(link(link_id), state, code, facts=facts)
        store.commit(run, [replace(decided, at=when, belief=replace(decided.belief, checked_at=when, seen_at=when))])
        store.finish_run(run, when, conclusive=True, note=None, visited=1)


def redated(day: int) -> tuple[Code, str, datetime]:
    return Code.OK, "Hem", at(days=day)


def retitled(day: int) -> tuple[Code, str, datetime]:
    return Code.OK, f"Dag {day}", at(days=day)


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        opened.sync_sources([link("a"), link("b")], at(days=400))
        yield opened


def checks(path: Path, link_id: str = "a") -> list[CheckRecord]:
    """The history, oldest first."""
    with Desk.open(path, read_only=True) as desk:
        return list(reversed(desk.history(link_id, 10_000)))


def count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(number)


# ---------------------------------------------------------------- rolled up


def test_old_checks_of_a_page_that_dates_itself_anew_become_one(path: Path, store: Store) -> None:
    check_daily(store, "a", range(60, 0, -1), redated)
    before = checks(path)
    pruned = prune(path)
    assert (pruned.folded, pruned.rolled, pruned.forgotten, pruned.is_whole) == (29, 0, {}, True)
    old, *recent = checks(path)
    assert recent == before[30:]
    assert (old.first_at, old.last_at, old.times, old.kinds) == (at(days=60), at(days=31), 30, 1)
    assert (old.first_run_id, old.last_run_id) == (before[0].first_run_id, before[29].last_run_id)
    assert (old.elapsed_min_ms, old.elapsed_mean_ms, old.elapsed_max_ms) == (131, 145.5, 160)
    assert (old.title, old.last_modified) == ("Hem", at(days=31))


def test_an_old_day_becomes_a_row_of_its_own(path: Path, store: Store) -> None:
    check_daily(store, "a", range(40, 0, -1), retitled)
    pruned = prune(path)
    assert (pruned.folded, pruned.rolled) == (0, 10)
    assert count(path, "days") == 10
    told = checks(path)
    assert [record.times for record in told] == [1] * 40
    day = told[0]
    assert (day.first_at.isoformat(), day.last_at - day.first_at) == (
        f"{at(days=40).date()}T00:00:00+00:00", timedelta(seconds=86_399),
    )  # fmt: skip
    assert (day.verdict, day.http_status, day.elapsed_mean_ms, day.title) == (Code.OK, 200, 140, None)


def test_a_day_tells_the_worst_and_how_many_kinds_there_were(path: Path, store: Store) -> None:
    seen = (Code.OK, Code.NOT_FOUND, Code.INCONCLUSIVE, Code.OK)
    for hour, code in enumerate(seen):
        check_daily(store, "a", range(50, 49, -1), lambda _, code=code: (code, None, None), hour=hour)
    check_daily(store, "a", range(40, 0, -1), redated)
    prune(path)
    day = checks(path)[0]
    assert (day.verdict, day.kinds, day.times, day.evidence) == (Code.NOT_FOUND, 3, 4, {})


def test_a_row_of_many_days_stays_as_it_is(path: Path, store: Store) -> None:
    check_daily(store, "a", range(90, 40, -1), lambda _: (Code.OK, "Hem", None))
    check_daily(store, "a", range(40, 0, -1), lambda _: (Code.OK, "Annat", None))
    before = checks(path)
    assert [record.times for record in before] == [50, 40]
    assert prune(path) == Pruned()
    assert checks(path) == before


def test_what_found_the_same_is_not_joined_over_another_day(path: Path, store: Store) -> None:
    codes = {45: Code.NOT_FOUND}
    check_daily(store, "a", range(60, 0, -1), lambda day: (codes.get(day, Code.OK), "Hem", at(days=day)))
    for night in range(40, -1, -1):
        prune(path, at(days=night))
    told = [(record.verdict, record.times) for record in checks(path)][:3]
    assert told == [(Code.OK, 15), (Code.NOT_FOUND, 1), (Code.OK, 14)]


@pytest.mark.parametrize("see", [redated, retitled, lambda day: (Code.OK, f"Vecka {day // 7}", at(days=day))])
def test_night_after_night_comes_to_the_same_as_all_at_once(tmp_path: Path, see: Any) -> None:
    told = []
    for name, nights in (("nightly", range(70, -1, -1)), ("once", range(1))):
        path = tmp_path / name / "linkwatch.db"
        with Store.open(path) as store:
            store.sync_sources([link("a")], at(days=400))
            check_daily(store, "a", range(100, 0, -1), see)
        for night in nights:
            prune(path, at(days=night))
        told.append([(one.first_at, one.last_at, one.times, one.verdict, one.title) for one in checks(path)])
    assert told[0] == told[1]
    assert sum(times for _, _, times, _, _ in told[0]) == 100


def test_many_checks_of_a_link_are_rolled_up_some_at_a_time(path: Path, store: Store, monkeypatch: Any) -> None:
    check_daily(store, "a", range(100, 0, -1), redated)
    check_daily(store, "b", range(100, 0, -1), retitled)
    monkeypatch.setattr(history, "_CHECKS_AT_ONCE", 7)
    pruned = prune(path)
    assert (pruned.folded, pruned.rolled) == (69, 70)
    assert [record.times for record in checks(path)][:2] == [70, 1]


# ---------------------------------------------------------------- what stays


def test_what_a_finding_stands_on_stays_and_so_does_the_newest(path: Path, store: Store) -> None:
    check_daily(store, "a", range(90, 80, -1), redated)
    check_daily(store, "a", range(80, 60, -1), lambda day: (Code.NOT_FOUND, "404", at(days=day)))
    for day in range(60, 0, -1):
        run = store.begin_run(at(days=day), due=1)
        unsure = Verdict(code=Code.INCONCLUSIVE, reason="internal", evidence={"day": day})
        store.commit(run, [replace(found(link("a")), verdict=unsure, at=at(days=day), facts=Facts(title=str(day)))])
    (before,) = store.snapshot(NOW).links[:1]
    prune(path)
    (after,) = store.snapshot(NOW).links[:1]
    assert before.grounds is not None
    assert after == before
    told = checks(path)
    assert [record.verdict for record in told].count(Code.INCONCLUSIVE) == 60
    assert [record.times for record in told][:3] == [10, 19, 1]
    assert (count(path, "checks"), count(path, "days")) == (33, 30)  # however long it is unsure
    assert prune(path).is_empty


def test_the_newest_check_stays_whatever_its_age(path: Path, store: Store) -> None:
    check_daily(store, "a", range(390, 380, -1), redated)
    assert prune(path).forgotten["checks"] == 9
    assert [record.last_at for record in checks(path)] == [at(days=381)]


def test_a_paused_link_is_left_alone(path: Path, store: Store) -> None:
    check_daily(store, "a", range(60, 0, -1), retitled)
    store.sync_sources([link("a", paused=True), link("b")], NOW)
    assert prune(path) == Pruned()


def test_what_checks_were_is_forgotten_after_the_time_for_days(path: Path, store: Store) -> None:
    check_daily(store, "a", range(230, 220, -1), retitled)
    prune(path, at(days=100))
    assert count(path, "days") == 9
    check_daily(store, "b", range(230, 150, -1), redated)
    check_daily(store, "b", range(150, 140, -1), retitled)
    pruned = prune(path)
    assert pruned.forgotten == {"days": 9, "checks": 30}
    assert [record.times for record in checks(path, "b")] == [50, *[1] * 10]


# ---------------------------------------------------------------- a clock that is wrong


def test_a_clock_that_is_years_ahead_makes_it_forget_days_at_most(path: Path, store: Store) -> None:
    check_daily(store, "a", range(250, 0, -1), retitled)
    prune(path)
    before = count(path, "days")
    with History.open(path) as opened:
        for night in range(3):
            pruned = opened.prune(NOW + timedelta(days=4_000 + night), **KEPT, pause=lambda _: None)
            assert pruned.days_behind == 3_996 - 3 * night
            assert "days are left for the next times" in str(pruned)
    assert count(path, "days") == before  # twelve days later, as many have gone as have come
    with History.open(path) as opened:
        assert opened.planned(NOW + timedelta(days=1), **KEPT).days_behind == 0
        assert opened.prune(NOW + timedelta(days=1), **KEPT).days_behind == 0  # the clock is right again
        assert opened.prune(NOW + timedelta(days=2), **KEPT).is_empty


def test_a_clock_that_is_ahead_is_seen_the_first_time_too(path: Path, store: Store) -> None:
    """By the last job, of the time before there was a mark."""
    check_daily(store, "a", range(250, 0, -1), retitled)
    with Jobs.open(path) as jobs:
        jobs.sync({JobName.PRUNE: 3}, "Europe/Stockholm", at(days=3))
        job = jobs.due(at(days=1))
        assert job
        jobs.end(job, at(days=1), outcome="done")
    with History.open(path) as opened:
        assert opened.planned(NOW + timedelta(days=7_000), **KEPT).days_behind > 6_900


def test_whoever_prunes_once_a_week_catches_up(path: Path, store: Store) -> None:
    with History.open(path) as opened:
        for week in range(10):
            when = NOW + timedelta(days=7 * week)
            run = store.begin_run(when - timedelta(hours=1), due=0)
            store.finish_run(run, when, conclusive=True, note=None, visited=0)
            assert opened.prune(when, **KEPT).days_behind == 0


def test_one_that_was_stopped_comes_no_farther_for_it(path: Path, store: Store) -> None:
    with History.open(path) as opened:
        opened.prune(NOW, **KEPT)
        for _ in range(3):
            stopped = opened.prune(NOW + timedelta(days=900), **KEPT, stop=lambda: True)
            assert stopped.days_behind == 896


# ---------------------------------------------------------------- forgotten after the retention


def old_world(store: Store) -> None:
    """Everything twice: what is over for so long that it goes, and what is current or holds, as old or not."""
    decided = found(link("a"), State.BROKEN, Code.NOT_FOUND)
    over = {"ended_at": at(days=350), "at": at(days=360)}
    given = [
        answer("a", Action.ACKNOWLEDGE, who="Anna", **over),
        answer("a", Action.SNOOZE, until=at(days=340), **over),
        answer("a", Action.UNDO, undoes=2, **over),
        answer("a", Action.REPORT, **over),
        answer("a", Action.ASSIGN, at=at(days=360), details={"assignee": "Bo", "replaced": [4]}),
        answer("a", Action.APPROVE, at=at(days=360), details={"copy": 3, "was": 2}),
        answer("b", Action.ACKNOWLEDGE, ended_at=at(days=299)),
        answer("b", Action.ACKNOWLEDGE),
        answer("b", Action.RESUME, at=at(days=310), details={"replaced": [10]}),  # which waits to be taken back
        answer("b", Action.PAUSE, ended_at=at(days=310), at=at(days=320)),
        answer("b", Action.RESUME, at=at(days=290)),
    ]
    gone = incident("gone", "a", "b", of=decided, opened_at=at(days=350), closed_at=at(days=340), open_links=())
    late = incident("late", "a", of=decided, opened_at=at(days=350), closed_at=at(days=290), open_links=())
    holds = incident("holds", "a", of=decided, opened_at=at(days=350))
    fill(store, [link("a"), link("b")], [replace(decided, incident=one) for one in (gone, late, holds)], given)
    run = store.begin_run(at(days=350), due=1)
    for days in (350, 320, 299, 5):
        store.commit(run, [replace(decided, transition=changed("a", at(days=days)))])
    store.commit(run, [found(link("b"), transition=changed("b", at(days=350)))])
    with store.writing() as db:
        for days in (380, 370, 360):
            db.execute("INSERT INTO runs (started_at, due, finished_at) VALUES (?, 1, ?)", (_iso(days), _iso(days)))
        for number, days in ((1, 350), (2, 340), (3, 330), (4, None)):
            columns = {**rows.copy_columns("a", COPY), "id": number, "replaced_at": days and _iso(days)}
            named = ", ".join(columns)
            db.execute(f"INSERT INTO copies ({named}) VALUES (:{', :'.join(columns)})", columns)
        for done in (_iso(350), _iso(299), None):
            db.execute("INSERT INTO requests (link_id, at, who, done_at) VALUES ('a', ?, 'Bo', ?)", (_iso(355), done))
        for folder, days in (("a", 350), ("b", 299)):
            db.execute("INSERT INTO probes (folder, at, answers) VALUES (?, ?, x'')", (folder, _iso(days)))
        for digest, days in (("a", 1), ("b", -1)):
            sql = "INSERT INTO sessions (digest, name, \"groups\", made_at, ends_at) VALUES (?, 'Bo', '[]', ?, ?)"
            db.execute(sql, (digest, _iso(9), _iso(days)))
    last = store.begin_run(at(hours=1), due=2)
    store.finish_run(last, at(hours=1), conclusive=True, note=None, visited=2)


def _iso(days: float) -> str | None:
    return rows.iso(at(days=days))


def numbers(path: Path, table: str, column: str = "id") -> list[Any]:
    with sqlite3.connect(path) as connection:
        found_ = [row[0] for row in connection.execute(f"SELECT {column} FROM {table} ORDER BY 1")]
    connection.close()
    return found_


def test_what_is_over_goes_after_the_retention_and_what_holds_stays(path: Path, store: Store) -> None:
    old_world(store)
    before = store.snapshot(NOW)
    runs = numbers(path, "runs")
    pruned = prune(path)
    assert pruned.forgotten == {
        "transitions": 1, "reviews": 5, "copies": 1, "incidents": 1, "requests": 1, "probes": 1, "sessions": 1,
        "runs": 3,
    }  # fmt: skip
    assert numbers(path, "transitions", "at") == sorted(filter(None, map(_iso, (350, 320, 299, 5))))
    assert numbers(path, "reviews") == [4, 5, 6, 7, 8, 11]  # 4 would hold again if 5 were taken back
    assert numbers(path, "copies") == [2, 3, 4]  # 2 and 3: an answer that holds names them
    assert numbers(path, "incidents") == ["holds", "late"]
    assert numbers(path, "incident_links", "incident_id") == ["holds", "late"]
    assert len(numbers(path, "requests")) == 2
    assert numbers(path, "probes", "folder") == ["b"]
    assert numbers(path, "sessions", "digest") == ["b"]
    assert numbers(path, "runs") == [runs[0], runs[1], runs[-1]]
    store.verify()
    after = store.snapshot(NOW)
    assert [replace(one, transitions=()) for one in after.links] == [
        replace(one, transitions=()) for one in before.links
    ]
    assert after.run == before.run


def test_a_link_that_was_removed_goes_with_all_that_is_its_own(path: Path, store: Store) -> None:
    check_daily(store, "a", range(390, 360, -1), retitled)
    check_daily(store, "b", range(390, 360, -1), retitled)
    old_world(store)
    store.sync_sources([link("b")], at(days=301))
    prune(path)
    assert numbers(path, "links") == ["a", "b"]  # something became of it since
    assert prune(path, NOW + timedelta(days=300)).forgotten["links"] == 1
    assert numbers(path, "links") == ["b"]
    for table in ("checks", "days", "transitions", "reviews", "requests", "incident_links"):
        assert "a" not in numbers(path, table, "link_id"), table
    store.verify()
    store.sync_sources([link("a"), link("b")], NOW)
    assert store.known()["a"].belief.state is State.UNKNOWN


def test_a_link_that_a_wrong_clock_has_removed_long_ago_stays(path: Path, store: Store) -> None:
    check_daily(store, "a", range(20, 0, -1), retitled)
    store.sync_sources([link("b")], at(days=9_000))
    prune(path)
    assert numbers(path, "links") == ["a", "b"]


def test_it_would_do_what_it_does(path: Path, store: Store) -> None:
    check_daily(store, "a", range(230, 0, -1), retitled)
    check_daily(store, "b", range(230, 0, -1), redated)
    old_world(store)
    with History.open(path, read_only=True) as opened:
        planned = opened.planned(NOW, **KEPT)
        assert planned == opened.planned(NOW, **KEPT)
    pruned = prune(path)
    assert min(pruned.folded, pruned.rolled, *pruned.forgotten.values()) > 0
    # Runs and undone answers come free as what names them goes.
    free = ("runs", "reviews")
    assert {**planned.forgotten, **dict.fromkeys(free)} == {**pruned.forgotten, **dict.fromkeys(free)}
    assert (planned.folded, planned.rolled) == (pruned.folded, pruned.rolled)
    assert prune(path) == Pruned()


# ---------------------------------------------------------------- little by little


def test_the_room_is_given_back(path: Path, store: Store) -> None:
    check_daily(store, "a", range(150, 0, -1), redated)
    store.close()
    before = path.stat().st_size
    pruned = prune(path, raw=timedelta(days=2))
    assert pruned.given_back > 0
    assert path.stat().st_size == before - pruned.given_back
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    connection.close()


def test_it_leaves_the_rest_for_later_when_somebody_reads_for_long(path: Path, store: Store, monkeypatch: Any) -> None:
    """The log cannot go into the file meanwhile, and would fill the disk."""
    check_daily(store, "a", range(200, 0, -1), retitled)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    monkeypatch.setattr(history, "_MOST_UNWRITTEN", 100_000)
    monkeypatch.setattr(history, "_CHECKPOINT_AFTER", 0)
    waited = list[float]()
    with Store.open(path, read_only=True) as reader, reader.reading() as view:
        view.execute("SELECT count(*) FROM checks").fetchone()
        pruned = prune(path, pause=waited.append)
        assert not pruned.is_whole
        assert "the rest is left for the next time" in str(pruned)
        assert waited.count(1.0) == 60
        assert path.with_name(f"{path.name}-wal").stat().st_size < 1_000_000
    assert prune(path).is_whole
    assert prune(path).is_empty


def test_it_stops_when_asked_and_goes_on_the_next_time(path: Path, store: Store, monkeypatch: Any) -> None:
    for name in ("a", "b"):
        check_daily(store, name, range(100, 0, -1), retitled)
    monkeypatch.setattr(history, "_CHECKS_AT_ONCE", 10)
    monkeypatch.setattr(history._Pace, "took", lambda self, _: setattr(self, "size", 10))
    asked = iter([False] * 5 + [True] * 100)
    stopped = prune(path, stop=lambda: next(asked))
    assert not stopped.is_whole
    assert 0 < stopped.rolled < 140
    rest = prune(path)
    assert rest.is_whole
    assert stopped.rolled + rest.rolled == 140


def test_the_next_step_is_as_large_as_the_last_one_took_short() -> None:
    pace = history._Pace(1000, 2000)
    sizes = []
    for seconds in (0.1, 0.01, 0.001, 0.001, 5.0, 5.0, 5.0, 5.0, 5.0):
        pace.took(seconds)
        sizes.append(pace.size)
    assert sizes == [200, 200, 300, 450, 90, 18, 3, 2, 2]


@pytest.mark.parametrize("moment", range(1, 12, 2))
def test_killed_at_any_moment_it_loses_nothing_and_goes_on(
    path: Path, store: Store, monkeypatch: Any, moment: int
) -> None:
    check_daily(store, "a", range(60, 0, -1), redated)
    check_daily(store, "b", range(60, 0, -1), retitled)
    store.close()
    done, left = history._carry_out, [moment]

    def die_at_last(*given: Any) -> None:
        done(*given)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        history._CHECKS_AT_ONCE = 5
        history._carry_out = die_at_last
        prune(path)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with Store.open(path) as opened:
        opened.verify()
    assert [sum(one.times for one in checks(path, name)) for name in ("a", "b")] == [60, 60]
    prune(path)
    assert [len(checks(path, name)) for name in ("a", "b")] == [31, 60]
    assert [sum(one.times for one in checks(path, name)) for name in ("a", "b")] == [60, 60]


def test_two_at_once_and_a_run_beside_them_do_no_harm(path: Path, store: Store) -> None:
    names = [f"l{n}" for n in range(6)]
    store.sync_sources(list(map(link, names)), at(days=400))
    for name in names:
        check_daily(store, name, range(60, 1, -1), retitled)
    failed = list[BaseException]()

    def one() -> None:
        try:
            prune(path)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for name in names:
        check_daily(store, name, range(1, 0, -1), retitled)
    for thread in threads:
        thread.join()
    assert failed == []
    assert [sum(record.times for record in checks(path, name)) for name in names] == [60] * 6
    assert count(path, "days") == 6 * 30
    store.verify()


# ---------------------------------------------------------------- what is decided


def some(*told: tuple[str, str, str]) -> list[Check]:
    """Checks by the days of their first and last time, and what they found."""
    return [
        Check(
            id=number, first_run_id=number, first_at=f"2026-01-{first}T03:00:00+00:00",
            last_at=f"2026-01-{last}T04:00:00+00:00", times=2, verdict=verdict, reason=None, http_status=200,
            title=None, timed=0, elapsed_sum=0, elapsed_min=None, elapsed_max=None,
        )
        for number, (first, last, verdict) in enumerate(told, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "merged", "rolled", "forgotten"),
    [
        ((), (), (), ()),
        ((("10", "10", "ok"),), (), (), ()),
        ((("10", "10", "ok"), ("11", "11", "gone")), (), (1,), ()),
        ((("10", "10", "ok"), ("11", "11", "ok")), (), (), ()),  # it waits for the next, which stays
        ((("10", "11", "ok"), ("12", "12", "gone")), (), (), ()),
        ((("10", "10", "ok"), ("11", "11", "ok"), ("12", "12", "gone")), (1,), (), ()),
        ((("10", "10", "ok"), ("10", "10", "ok"), ("12", "12", "gone")), (), (1, 2), ()),
        ((("10", "10", "ok"), ("10", "10", "gone"), ("12", "12", "ok")), (), (1, 2), ()),
        ((("10", "21", "ok"), ("11", "11", "gone"), ("12", "12", "ok")), (), (), ()),  # a clock went back
        ((("01", "02", "ok"), ("03", "06", "ok"), ("07", "07", "ok")), (), (), (1,)),
    ],
)
def test_what_is_to_be_done_with_checks(
    told: Sequence[tuple[str, str, str]], merged: tuple[int, ...], rolled: tuple[int, ...], forgotten: tuple[int, ...]
) -> None:
    ages = {"old": "2026-01-20T00:00:00+00:00", "past": "2026-01-05T00:00:00+00:00"}
    todo = rolled_up("a", some(*told), **ages, apart=lambda *_: False)
    assert (todo.merged, todo.rolled, todo.forgotten) == (merged, rolled, forgotten)


def test_what_has_days_between_is_not_joined() -> None:
    told = some(("10", "11", "ok"), ("13", "14", "ok"), ("15", "15", "gone"))
    ages = {"old": "2026-01-20T00:00:00+00:00", "past": "2026-01-05T00:00:00+00:00"}
    assert rolled_up("a", told, **ages, apart=lambda *_: True).gone == ()
    assert rolled_up("a", told, **ages, apart=lambda *_: False).gone == (1,)
