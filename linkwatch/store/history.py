"""`History`: keeps the past from growing with every check, in small steps, beside a run and the desk."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from linkwatch.store import history_statements as statements
from linkwatch.store import rows
from linkwatch.store.connection import pragma
from linkwatch.store.faults import translated
from linkwatch.store.rollup import Check, Day, RollUp, combined, rolled_up
from linkwatch.store.transactions import Connected, decoded

Work = Callable[[Database, int], int]
Step = Callable[[int], tuple[int, float]]

# Seconds that a transaction should take. Others may wait for the writer 0.1 at most, also on a machine that is busy.
_TARGET = 0.01
# Seconds of transactions, after which what they wrote goes from the log into the file. Not more often: the next one
# begins the log anew, and then SQLite waits for the disk within the transaction. The log grows to some 30 MB.
_CHECKPOINT_AFTER = 0.3
_MOST_UNWRITTEN = 64 * 2**20  # bytes of the log that wait for a reader
_TRIES = 60  # so many seconds it is waited for, before the rest is left for the next time
_LONGEST_PAUSE = 0.1  # seconds after a transaction, in which others get their turn
_LINKS_AT_ONCE = 200
_CHECKS_AT_ONCE = 100
_UNHURRIED = {"wal_autocheckpoint": 0, "synchronous": 1, "journal_size_limit": -1}  # 1: NORMAL
_PRUNED_UNTIL = "pruned_until"  # the mark of how far it has come
_FARTHEST = timedelta(days=4)  # it comes in one call, and for each day since the last on which there was a run
_INCREMENTAL = 2  # of PRAGMA auto_vacuum


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What has been done, or would be: rows of `checks` that are told by fewer, and rows that are gone, by table."""

    folded: int = 0  # checks told by the one after them, which found the same
    rolled: int = 0  # checks told by a row of days
    forgotten: Mapping[str, int] = field(default_factory=dict)
    given_back: int = 0  # bytes of the file
    days_behind: int = 0  # the clock is so many days ahead of what it was taken to be
    is_whole: bool = True  # False: it was asked to stop before all was done, or somebody read for too long

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do with any row."""
        return not (self.folded or self.rolled or self.forgotten)

    def __str__(self) -> str:
        told = {"folded": self.folded, "rolled up": self.rolled, "bytes given back": self.given_back}
        told |= {f"{table} forgotten": number for table, number in self.forgotten.items()}
        said = [f"{number} {what}" for what, number in told.items() if number] or ["nothing to do"]
        said += [f"the last {self.days_behind} days are left for the next times"] if self.days_behind else []
        return ", ".join(said if self.is_whole else [*said, "the rest is left for the next time"])


@dataclass(slots=True)
class _Pace:
    """How much is done in one transaction, after how long the last one took."""

    size: int
    most: int

    def took(self, seconds: float) -> None:
        factor = min(max(_TARGET / max(seconds, 0.001), 0.2), 1.5)
        self.size = min(max(int(self.size * factor), 2), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ages:
    """Checks that ended before `old` are rolled up, before `past` forgotten: midnights as the database writes them."""

    old: str
    past: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forgets:
    """What of a table goes: how it is found, and the statements that take what is still to go, children first."""

    table: str
    find: str
    before: str
    forget: Sequence[str]


class History(Connected):
    """Each step is a transaction of its own: killed at any moment, it goes on with what is left when it is called
    again; two at once share the work.

    `PRAGMA optimize` is left alone: every statement is written for the plan that it gets without statistics, and with
    them some come to read whole tables.
    """

    def prune(
        self,
        now: datetime,
        *,
        raw: timedelta,
        days: timedelta,
        retention: timedelta,
        stop: Callable[[], bool] = lambda: False,
        pause: Callable[[float], None] = time.sleep,
    ) -> Pruned:
        """Rolls up the checks that are older than `raw`, forgets what is left of them after `days`, and after
        `retention` whatever else is over; gives the room back. A `now` that is farther ahead of the last call than
        the runs since then bear out is taken for some days later: a clock that is wrong must not forget years.

        What a finding stands on, what holds and what is current stays whatever its age. `stop` is asked between
        steps. `pause` lets that many seconds pass.
        """
        until = self._until(now)
        pruning = _Pruning(self, until, raw=raw, days=days, retention=retention, stop=stop, pause=pause)
        pruned = replace(pruning.carried_out(), days_behind=(now - until).days)
        if pruned.is_whole:
            with self.writing() as db:
                db.execute(statements.MARK, (_PRUNED_UNTIL, rows.iso(until)))
        return pruned

    def planned(self, now: datetime, *, raw: timedelta, days: timedelta, retention: timedelta) -> Pruned:
        """What `prune` would do. The bytes are those that are free already."""
        until = self._until(now)
        return replace(
            _Pruning(self, until, raw=raw, days=days, retention=retention).planned(), days_behind=(now - until).days
        )

    def _until(self, now: datetime) -> datetime:
        with self.reading() as db:
            last = rows.to_time(db.execute(statements.MARKED, (_PRUNED_UNTIL,)).fetchone()[0])
            if last is None:
                return now
            lived = int(db.execute(statements.DAYS_LIVED, {"last": rows.iso(last)}).fetchone()[0])
        return min(now, last + _FARTHEST * (1 + lived))

    @property
    def path(self) -> Path:
        return self._path

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Without SQLite looking for rows that name what goes: it would read all checks for each run."""
        self._db.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            self._db.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """With the disk waited for between the transactions and not in them.

        A power cut may then undo the last of them, never half of one: what they did is simply to be done again.
        """
        before = {name: _number(self._db, name) for name in _UNHURRIED}
        try:
            for name, value in _UNHURRIED.items():
                self._db.execute(f"PRAGMA {name} = {value}").fetchall()
            yield
        finally:
            for name, value in before.items():
                self._db.execute(f"PRAGMA {name} = {value}").fetchall()

    def vacuum(self, pages: int) -> int:
        """Gives so many free pages back, as a transaction of its own; how many are left."""
        with translated(self._path):
            # Only a script is stepped to its end: `execute` gives one page back.
            self._db.conn.executescript(f"PRAGMA incremental_vacuum({pages})")
            return _number(self._db, "freelist_count")

    def checkpoint(self, kind: str) -> int:
        """PASSIVE waits for nobody; TRUNCATE is tried only while nobody else is about. The bytes of the log that cannot
        go into the file yet, since somebody reads what was before."""
        patience = _number(self._db, "busy_timeout")
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            with translated(self._path):
                ((_, logged, written),) = self._db.execute(f"PRAGMA wal_checkpoint({kind})").fetchall()
                return max(int(logged) - int(written), 0) * _number(self._db, "page_size")
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {patience}")


class _Pruning:
    """One call of `prune`."""

    def __init__(
        self,
        history: History,
        now: datetime,
        *,
        raw: timedelta,
        days: timedelta,
        retention: timedelta,
        stop: Callable[[], bool] = lambda: False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._history = history
        self._ages = _Ages(old=_midnight(now - raw), past=_midnight(now - max(days, raw)))
        self._retained = rows.iso(now - max(retention, raw)) or ""
        self._now = rows.iso(now) or ""
        self._stop = stop
        self._pause = pause
        self._counts = Counter[str]()
        self._is_stopped = False

    def carried_out(self) -> Pruned:
        with self._history.unhurried():
            self._roll_up()
            self._forget_days()
            for table in self._tables():
                self._forget(table)
            with self._history.unguarded():
                self._forget(self._runs())
            given_back = self._give_back()
            self._history.checkpoint("PASSIVE")
            self._history.checkpoint("TRUNCATE")
        return self._pruned(given_back)

    def planned(self) -> Pruned:
        for links in self._links():
            with self._history.reading() as db:
                for link_id in links:
                    after: int | None = 0
                    while after is not None:
                        todo, after = _planned(db, link_id, self._ages, after=after)
                        self._count(todo)
        with self._history.reading() as db:
            for (day,) in db.execute(statements.DAYS_BEFORE, {"before": self._ages.past[:10]}).fetchall():
                self._counts["days"] += len(db.execute(statements.SOME_DAYS, (day, -1)).fetchall())
            for one in (*self._tables(), self._runs()):
                self._counts[one.table] += len(db.execute(one.find, {"before": one.before}).fetchall())
            free = _number(db, "freelist_count") * _number(db, "page_size")
        return self._pruned(free)

    def _pruned(self, given_back: int) -> Pruned:
        return Pruned(
            folded=self._counts["folded"],
            rolled=self._counts["rolled"],
            forgotten={
                name: number for name, number in self._counts.items() if name not in ("folded", "rolled") and number
            },
            given_back=given_back,
            is_whole=not self._is_stopped,
        )

    # ------------------------------------------------------------ checks

    def _links(self) -> Iterator[list[str]]:
        """Some at a time: a view that is held for long keeps the log from being written into the file."""
        after = ""
        while not self._is_over():
            with self._history.reading() as db:
                links = [link_id for (link_id,) in db.execute(statements.LINKS_AFTER, (after, _LINKS_AT_ONCE))]
            if not links:
                return
            yield links
            after = links[-1]

    def _roll_up(self) -> None:
        pace = _Pace(100, 20_000)
        for links in self._links():
            with self._history.reading() as db:
                queue = [(link_id, 0) for link_id in reversed(links) if self._has_work(db, link_id)]
            if queue:
                self._repeat(self._written(_RollingUp(queue, self._ages, self._count)), pace)

    def _has_work(self, db: Database, link_id: str) -> bool:
        after: int | None = 0
        while after is not None:
            todo, after = _planned(db, link_id, self._ages, after=after, limit=_CHECKS_AT_ONCE)
            if todo.gone:
                return True
        return False

    def _count(self, todo: RollUp) -> None:
        self._counts["folded"] += len(todo.merged)
        self._counts["rolled"] += len(todo.rolled)
        self._counts["checks"] += len(todo.forgotten)

    # ------------------------------------------------------------ what is over

    def _tables(self) -> tuple[_Forgets, ...]:
        """In this order: an answer that is kept keeps the copies that it names."""
        of = statements
        after_retention: tuple[tuple[str, str, Sequence[str]], ...] = (
            ("links", of.GONE_LINKS, of.FORGET_LINKS),
            ("transitions", of.OLD_TRANSITIONS, (of.FORGET_TRANSITIONS,)),
            ("reviews", of.OLD_REVIEWS, (of.FORGET_REVIEWS,)),
            ("copies", of.OLD_COPIES, (of.FORGET_COPIES,)),
            ("incidents", of.OLD_INCIDENTS, (of.FORGET_INCIDENT_LINKS, of.FORGET_INCIDENTS)),
            ("requests", of.OLD_REQUESTS, (of.FORGET_REQUESTS,)),
            ("probes", of.OLD_PROBES, (of.FORGET_PROBES,)),
        )
        return (
            *(
                _Forgets(table=table, find=find, before=self._retained, forget=forget)
                for table, find, forget in after_retention
            ),
            _Forgets(table="sessions", find=of.OVER_SESSIONS, before=self._now, forget=(of.FORGET_SESSIONS,)),
        )

    def _runs(self) -> _Forgets:
        return _Forgets(table="runs", find=statements.OLD_RUNS, before=self._retained, forget=(statements.FORGET_RUNS,))

    def _forget(self, one: _Forgets) -> None:
        """Until nothing goes any more: what is gone may have kept something else."""
        while not self._is_over():
            with self._history.reading() as db:
                found = [row[0] for row in db.execute(one.find, {"before": one.before})]
            before = self._counts[one.table]
            if found:
                self._repeat(self._written(self._forgetting(one, found)), _Pace(50, 5_000))
            if self._counts[one.table] == before:
                return

    def _forgetting(self, one: _Forgets, found: list[Any]) -> Work:
        def work(db: Database, size: int) -> int:
            wanted = {"ids": json.dumps(found[:size]), "before": one.before}
            del found[:size]
            number = 0
            for statement in one.forget:
                number = db.execute(statement, wanted).rowcount
            self._counts[one.table] += number
            return len(found)

        return work

    def _forget_days(self) -> None:
        with self._history.reading() as db:
            past = [day for (day,) in db.execute(statements.DAYS_BEFORE, {"before": self._ages.past[:10]})]
        past.reverse()

        def work(db: Database, size: int) -> int:
            gone = [(link_id, past[-1]) for (link_id,) in db.execute(statements.SOME_DAYS, (past[-1], size))]
            db.conn.executemany(statements.FORGET_DAY, gone)
            self._counts["days"] += len(gone)
            if len(gone) < size:
                past.pop()
            return len(past)

        if past:
            self._repeat(self._written(work), _Pace(200, 20_000))

    # ------------------------------------------------------------ the file

    def _give_back(self) -> int:
        """Bytes that the file is smaller. One that was not made by linkwatch may not be able to."""
        with self._history.reading() as db:
            mode, page, before = (_number(db, name) for name in ("auto_vacuum", "page_size", "page_count"))
            free = _number(db, "freelist_count")
        if mode != _INCREMENTAL:
            return 0
        if free:
            self._repeat(self._vacuumed, _Pace(100, 10_000))
        with self._history.reading() as db:
            after = _number(db, "page_count")
        return max(before - after, 0) * page

    # ------------------------------------------------------------ little by little

    def _is_over(self) -> bool:
        self._is_stopped = self._is_stopped or self._stop()
        return self._is_stopped

    def _repeat(self, step: Step, pace: _Pace) -> None:
        """A step does so much as it is told, and says how much is left and how long it took. Others get as long."""
        left, unwritten = 1, 0.0
        while left and not self._is_over():
            left, seconds = step(pace.size)
            pace.took(seconds)
            unwritten += seconds
            if unwritten > _CHECKPOINT_AFTER:
                self._wait_for_readers()
                unwritten = 0.0
            self._pause(min(seconds, _LONGEST_PAUSE))

    def _wait_for_readers(self) -> None:
        """The log goes into the file; while somebody reads for long it cannot, and would grow without end."""
        for _ in range(_TRIES):
            if self._history.checkpoint("PASSIVE") <= _MOST_UNWRITTEN or self._is_over():
                return
            self._pause(1.0)
        self._is_stopped = True

    def _written(self, work: Work) -> Step:
        """`work` as a transaction. It says how much is left."""

        def step(size: int) -> tuple[int, float]:
            with self._history.writing() as db:
                began = time.perf_counter()
                with decoded(self._history.path):
                    left = work(db, size)
            return left, time.perf_counter() - began

        return step

    def _vacuumed(self, pages: int) -> tuple[int, float]:
        began = time.perf_counter()
        return self._history.vacuum(pages), time.perf_counter() - began


@dataclass(slots=True)
class _RollingUp:
    """Rolls up links, the last first; a pair is a link and the check after which to go on with it."""

    queue: list[tuple[str, int]]
    ages: _Ages
    count: Callable[[RollUp], None]

    def __call__(self, db: Database, size: int) -> int:
        done, began = 0, time.perf_counter()
        while self.queue and done < size and time.perf_counter() - began < _TARGET:
            link_id, after = self.queue.pop()
            limit = min(max(size - done, 2), _CHECKS_AT_ONCE)
            todo, following = _planned(db, link_id, self.ages, after=after, limit=limit)
            _carry_out(db, todo)
            self.count(todo)
            done += len(todo.gone) + 1
            if following is not None:
                self.queue.append((link_id, following))
        return len(self.queue)


def _planned(
    db: Database, link_id: str, ages: _Ages, *, after: int = 0, limit: int | None = None
) -> tuple[RollUp, int | None]:
    """What is to be done with at most `limit` checks of a link, up to the next that stays as it is, and after which to
    go on; None: it is all."""
    row = db.execute(statements.KEPT, (link_id,)).fetchone()
    kept = next((number for number in sorted(filter(None, row or ())) if number > after), None)
    if kept is None:
        return RollUp(), None
    asked = {"link_id": link_id, "after": after, "kept": kept, "limit": -1 if limit is None else limit + 1}
    checks = [Check(*found) for found in db.execute(statements.CHECKS, asked)]
    has_days = db.execute(statements.HAS_DAYS_BETWEEN, (link_id, "", "~")).fetchone() is not None

    def apart(check: Check, following: Check) -> bool:
        between = (link_id, check.last_at[:10], following.first_at[:10])
        return has_days and db.execute(statements.HAS_DAYS_BETWEEN, between).fetchone() is not None

    todo = rolled_up(link_id, checks, old=ages.old, past=ages.past, apart=apart)
    # The last of them once more: what follows may have found the same.
    if limit is not None and len(checks) > limit and checks[-2].last_at < ages.old:
        return todo, checks[-2].id - 1
    return todo, kept if kept != row[0] else None


def _carry_out(db: Database, todo: RollUp) -> None:
    db.conn.executemany(statements.FOLD_INTO, [check._asdict() for check in todo.folded])
    for day in todo.days:
        found = db.execute(statements.DAY, (day.link_id, day.day)).fetchone()
        whole = combined(_to_day(found), day) if found else day
        db.execute(statements.SAVE_DAY, asdict(whole))
    db.conn.executemany(statements.FORGET_CHECK, [(number,) for number in todo.gone])


def _to_day(row: rows.Row) -> Day:
    link_id, day, times, verdict, reason, http_status, kinds, timed, elapsed_sum, elapsed_min, elapsed_max = row
    return Day(
        link_id=link_id, day=day, times=times, verdict=verdict, reason=reason, http_status=http_status, kinds=kinds,
        timed=timed, elapsed_sum=elapsed_sum, elapsed_min=elapsed_min, elapsed_max=elapsed_max,
    )  # fmt: skip


def _number(db: Database, name: str) -> int:
    """What a pragma answers, where that is a number."""
    return int(str(pragma(db, name)))


def _midnight(when: datetime) -> str:
    """The beginning of that day in UTC, as the database writes it."""
    return f"{(rows.iso(when) or '')[:10]}T00:00:00+00:00"
