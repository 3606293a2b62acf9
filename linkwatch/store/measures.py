"""What metrics are made of: a few numbers, each read by an index, all in one view of the database."""
# ruff: noqa: S608  (put together from constants; what is given is always bound)

import shutil
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from linkwatch.core.measured import DURATION_BOUNDS_MS, Durations, JobEnd, Measured
from linkwatch.core.models import Belief, Code, State
from linkwatch.core.recheck import due_at
from linkwatch.core.reviews import Precision
from linkwatch.store import rows
from linkwatch.store.connection import pragma
from linkwatch.store.desk_statements import IS_LINK
from linkwatch.store.transactions import Connected

_MOST_FAILURES = 4  # from then on a failing link is looked at once a day (core.recheck)

FINDINGS = f"""
SELECT l.state, coalesce(l.finding, l.verdict), count(*) FROM links AS l INDEXED BY links_by_state
WHERE {IS_LINK} GROUP BY 1, 2
"""

DUE = f"""
SELECT count(*) FROM links AS l INDEXED BY links_by_check
WHERE {IS_LINK} AND l.state NOT IN ('failing', 'no_link', 'paused')
    AND (l.checked_at IS NULL OR l.checked_at <= :daily OR l.checked_at > :now)
"""

DUE_FAILING = f"""
SELECT count(*) FROM links AS l INDEXED BY links_by_state
WHERE {IS_LINK} AND l.state = 'failing'
    AND (l.checked_at IS NULL OR l.checked_at > :now OR l.checked_at <=
        CASE WHEN l.failures <= 1 THEN :after_1 WHEN l.failures = 2 THEN :after_2 WHEN l.failures = 3 THEN :after_3
        ELSE :after_4 END)
"""

DURATIONS = f"""
SELECT count(l.elapsed_ms), coalesce(sum(l.elapsed_ms), 0),
    {", ".join(f"count(*) FILTER (WHERE l.elapsed_ms <= {bound})" for bound in DURATION_BOUNDS_MS)}
FROM links AS l INDEXED BY links_by_check WHERE {IS_LINK}
"""

# By their numbers, from the last one back until one is found.
LAST_RUN = """
SELECT finished_at, conclusive FROM runs WHERE NOT asked AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1
"""

# Where nothing was due there is nothing that could have shown whether our network is well.
LAST_CONCLUSIVE_RUN = """
SELECT finished_at FROM runs WHERE NOT asked AND conclusive AND visited > 0 ORDER BY id DESC LIMIT 1
"""

PENDING = "SELECT count(*), min(made_at) FROM outbox WHERE fate = 'pending' AND acknowledged = 0"

DEAD = "SELECT count(*) FROM outbox WHERE fate = 'dead' AND acknowledged = 0"

REQUESTS_WAITING = "SELECT count(*) FROM requests INDEXED BY requests_waiting WHERE done_at IS NULL"

# As `core.reviews.precision`: the last word on each alarm, without what was taken back. With `max` SQLite takes the
# other columns from the row that has it (https://www.sqlite.org/lang_select.html#bareagg).
JUDGED = """
SELECT action, count(*) FROM (
    SELECT action, max(id) FROM reviews
    WHERE action IN ('approve', 'confirm') AND ended_as IS NOT 'undone' GROUP BY link_id, fingerprint)
GROUP BY action
"""

SUBSCRIBERS = "SELECT count(*) FROM subscriptions WHERE removed_at IS NULL"

JOBS = "SELECT name, done_at, outcome FROM jobs WHERE ended_at IS NOT NULL ORDER BY name"


def measure(opened: Connected, database: Path, now: datetime) -> Measured:
    """`opened` may be any connection to the database at that path. Raises the StoreError family."""
    with opened.reading() as db:
        found = db.execute(FINDINGS).fetchall()
        last_run = db.execute(LAST_RUN).fetchone()
        conclusive = db.execute(LAST_CONCLUSIVE_RUN).fetchone()
        pending, oldest = db.execute(PENDING).fetchone()
        pages, page_bytes, free_pages = (_number(db, name) for name in ("page_count", "page_size", "freelist_count"))
        return Measured(
            links={state: sum(n for one, _, n in found if one == state) for state in State},
            findings={code: sum(n for _, one, n in found if one == code) for code in Code},
            due=_due(db, now),
            durations=_durations(db),
            last_run_at=rows.to_time(last_run[0]) if last_run else None,
            last_conclusive_at=rows.to_time(conclusive[0]) if conclusive else None,
            is_conclusive=bool(last_run[1]) if last_run else None,
            pending=pending,
            dead=_count(db, DEAD),
            oldest_pending_at=rows.to_time(oldest),
            requests_waiting=_count(db, REQUESTS_WAITING),
            precision=_precision(db),
            subscribers=_count(db, SUBSCRIBERS),
            jobs=tuple(
                JobEnd(name=name, done_at=rows.to_time(at), is_well=outcome == "done")
                for name, at, outcome in db.execute(JOBS)
            ),
            database_bytes=pages * page_bytes,
            database_free_bytes=free_pages * page_bytes,
            disk_free_bytes=shutil.disk_usage(database.parent).free,
        )


def _due(db: Database, now: datetime) -> int:
    daily = {"now": rows.iso(now), "daily": _before(State.OK, 0, now)}
    failing = {f"after_{n}": _before(State.FAILING, n, now) for n in range(1, _MOST_FAILURES + 1)}
    return _count(db, DUE, daily) + _count(db, DUE_FAILING, {"now": rows.iso(now)} | failing)


def _before(state: State, failures: int, now: datetime) -> str | None:
    """A link in that state is due now if it was checked then, or earlier."""
    next_at = due_at(Belief(state=state, failures=failures, checked_at=now))
    assert next_at is not None
    return rows.iso(now - (next_at - now))


def _durations(db: Database) -> Durations:
    count, sum_ms, *within = db.execute(DURATIONS).fetchone()
    return Durations(count=count, sum_ms=sum_ms, within=tuple(within))


def _precision(db: Database) -> Precision:
    judged = dict(db.execute(JUDGED).fetchall())
    return Precision(confirmed=judged.get("confirm", 0), approved=judged.get("approve", 0))


def _count(db: Database, statement: str, values: rows.Columns | None = None) -> int:
    (number,) = db.execute(statement, values or {}).fetchone()
    return int(number)


def _number(db: Database, name: str) -> int:
    found = pragma(db, name)
    assert isinstance(found, int)
    return found
