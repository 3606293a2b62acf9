"""`Store`: records in and out of the database. Every method is one transaction; threads take turns."""

import struct
import threading
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from linkwatch.core.listed import KeptReading, Reading
from linkwatch.core.models import (
    Code,
    Copy,
    Decision,
    Grounds,
    HostMemory,
    Incident,
    Known,
    LinkView,
    Probe,
    RunSummary,
    Snapshot,
    Source,
    Transition,
)
from linkwatch.errors import DamagedDatabase
from linkwatch.store import probes, rows, statements
from linkwatch.store.connection import open_database, pragma, refuse_if_not_ok
from linkwatch.store.faults import translated
from linkwatch.store.records import CheckRecord
from linkwatch.store.rows import BELIEF_WIDTH, FACTS_WIDTH, SOURCE_WIDTH, Row
from linkwatch.store.sync import Change, Kept, changes

_HEAD = SOURCE_WIDTH + BELIEF_WIDTH
_BODY = BELIEF_WIDTH + FACTS_WIDTH
_LATELY = timedelta(days=30)  # so long a mended link is told of


class Store:
    """The memory of linkwatch. Errors of the database come as the StoreError family, each with what to do."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path
        self._turn = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> Self:
        """The database at `path`, brought up to date; with `create` also its folder and itself.

        `read_only` asks for no write access, waits for no writer, and refuses a database that is not up to date.
        """
        return cls(open_database(path, create=create, read_only=read_only), path)

    def close(self) -> None:
        with self._turn, translated(self._path):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ transactions

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        """One view of the database for all that is read in it, whatever is written meanwhile."""
        with self._turn, translated(self._path), _decoded(self._path), self._db.atomic():
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        # Immediate: a transaction that reads first and then wants to write is refused at once, without the busy
        # timeout, when another has written in between.
        with self._turn, translated(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise

    # ------------------------------------------------------------ configuration

    def sync_sources(self, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
        """Takes over the configuration; the transitions are those that it causes.

        A source that is gone keeps its history and comes back with its id. A changed address starts anew as
        `unknown`, without validators, facts and approved copy: somebody has chosen another page. One that is resumed
        starts as `unknown` too, and keeps them.
        """
        with self._writing() as db:
            with _decoded(self._path):
                kept = {row[0]: _kept(row) for row in db.execute(statements.KEPT)}
            todo = changes(sources, kept, now)
            for change in todo:
                _write_change(db, change, now)
            gone = [link_id for link_id in kept.keys() - {s.id for s in sources} if not kept[link_id].removed]
            db.conn.executemany(statements.REMOVE, [(rows.iso(now), link_id) for link_id in gone])
        return tuple(change.transition for change in todo if change.transition)

    # ------------------------------------------------------------ runs

    def begin_run(self, now: datetime, *, due: int) -> int:
        with self._writing() as db:
            return int(db.execute(statements.BEGIN_RUN, (rows.iso(now), due)).lastrowid or 0)

    def finish_run(self, run_id: int, now: datetime, *, conclusive: bool, note: str | None, visited: int) -> None:
        with self._writing() as db:
            db.execute(statements.FINISH_RUN, (rows.iso(now), conclusive, note, visited, run_id))

    def interrupted_runs(self) -> int:
        """Closes the runs that a crash left open, as of their last commit; their number.

        Only for whoever holds the run lock: without it, a run that is under way would be closed.
        """
        with self._writing() as db:
            return db.execute(statements.CLOSE_INTERRUPTED).rowcount

    def last_run(self) -> RunSummary | None:
        with self._reading() as db:
            return _last_run(db)

    def doubted_since(self) -> datetime | None:
        """Since when runs have been inconclusive in a row; None: the last one was not."""
        with self._reading() as db:
            (at,) = db.execute(statements.DOUBTED_SINCE).fetchone()
            return rows.to_time(at)

    def commit(self, run_id: int, decisions: Sequence[Decision]) -> None:
        """Writes all that the checks of a batch found and changed: all of it or, on any error, nothing.

        A link that was paused or got another address since the decision was made keeps what it has; the check
        stands in its history all the same. An inconclusive check stands in the history too, and changes nothing else.
        """
        if not decisions:
            return
        with self._writing() as db:
            for decision in decisions:
                _write_decision(db, run_id, decision)
            latest = rows.iso(max(decision.at for decision in decisions))
            db.execute(statements.COUNT_VISITED, (len(decisions), latest, run_id))

    # ------------------------------------------------------------ what is remembered

    def known(self) -> dict[str, Known]:
        """What is remembered of every link in the configuration, by its id."""
        with self._reading() as db:
            return {row[0]: _known(row[1:]) for row in db.execute(statements.KNOWN)}

    def copy(self, link_id: str) -> Copy | None:
        """The approved copy in force."""
        with self._reading() as db:
            row = db.execute(statements.CURRENT_COPY, (link_id,)).fetchone()
            return rows.to_copy(row) if row else None

    def hosts(self) -> dict[str, HostMemory]:
        with self._reading() as db:
            return {row[0]: rows.to_host(row) for row in db.execute(statements.HOSTS)}

    def save_hosts(self, hosts: Iterable[HostMemory]) -> None:
        with self._writing() as db:
            db.conn.executemany(statements.SAVE_HOST, map(rows.host_columns, hosts))

    def incidents(self, since: datetime) -> tuple[Incident, ...]:
        """Those that are open, or closed at `since` or later; in the order in which they opened."""
        with self._reading() as db:
            return tuple(map(rows.to_incident, db.execute(statements.INCIDENTS, (rows.iso(since),))))

    def probes(self, folder: str, since: datetime) -> tuple[Probe, ...]:
        """What was answered beside the links of a folder, unless that was before `since`. Bodies are cut short."""
        with self._reading() as db:
            row = db.execute(statements.PROBES, (folder, rows.iso(since))).fetchone()
            return probes.unpack(row[0]) if row else ()

    def save_probes(self, folder: str, at: datetime, answers: Sequence[Probe]) -> None:
        with self._writing() as db:
            db.execute(statements.SAVE_PROBES, (folder, rows.iso(at), probes.pack(answers)))

    def forget_probes(self, before: datetime) -> None:
        with self._writing() as db:
            db.execute(statements.FORGET_PROBES, (rows.iso(before),))

    def commit_listing(self, run_id: int, decision: Decision, reading: Reading | None) -> None:
        """What a visit to a page of ours found, and what it read there where that is to be believed."""
        with self._writing() as db:
            _write_decision(db, run_id, decision)
            if reading:
                _save_reading(db, KeptReading(listing_id=decision.source.id, at=decision.at, reading=reading))

    def save_reading(self, kept: KeptReading) -> None:
        with self._writing() as db:
            _save_reading(db, kept)

    def readings(self) -> dict[str, KeptReading]:
        """The latest good reading of each listing, by the id of its page as a source."""
        with self._reading() as db:
            return {row[0]: rows.to_reading(row) for row in db.execute(statements.READINGS)}

    # ------------------------------------------------------------ what is shown

    def snapshot(self, now: datetime) -> Snapshot:
        """Every link of the configuration, in its order, each with its newest transitions (at most 50)."""
        with self._reading() as db:
            beside = _Beside(
                transitions=_transitions(db),
                grounds={row[0]: rows.to_grounds(row[1:]) for row in db.execute(statements.GROUNDS)},
                incidents=_open_incidents(db, now),
                mended=_mended(db, now),
            )
            views = [_view(row, beside) for row in db.execute(statements.VIEWS)]
            return Snapshot(
                generated_at=now,
                run=_last_run(db),
                links=tuple(view for view in views if not view.source.is_listing),
                listings=tuple(view for view in views if view.source.is_listing),
            )

    def link_history(self, link_id: str, *, limit: int = 200) -> tuple[CheckRecord, ...]:
        """The checks of a link, newest first; those in a row that found the same are one record."""
        with self._reading() as db:
            return tuple(map(rows.to_check, db.execute(statements.HISTORY, (link_id, limit))))

    # ------------------------------------------------------------ health

    def verify(self) -> None:
        """Reads every page of the database, whatever its size; raises DamagedDatabase when it is not whole."""
        with self._reading() as db:
            refuse_if_not_ok(pragma(db, "integrity_check(1)"), self._path)
            stray = db.execute("PRAGMA foreign_key_check").fetchone()
            if stray:
                raise DamagedDatabase(
                    f"The database {self._path} is damaged (a row of {stray[0]} belongs to nothing in {stray[2]}): "
                    "restore it from a backup."
                )


@contextmanager
def _decoded(path: Path) -> Iterator[None]:
    """A value that cannot have been written by us: rot inside a page that SQLite has no checksum for, or a hand."""
    try:
        yield
    except (ValueError, LookupError, zlib.error, struct.error) as error:
        raise DamagedDatabase(
            f"The database {path} holds a value that linkwatch cannot read ({error}): restore it from a backup, or "
            "update linkwatch if a later one has used it."
        ) from error


# ---------------------------------------------------------------- writing


def _write_change(db: Database, change: Change, now: datetime) -> None:
    columns = rows.source_columns(change.source, change.position)
    if change.belief is None:
        db.execute(statements.UPDATE_SOURCE, columns)
    else:
        db.execute(statements.START_ANEW, columns | rows.belief_columns(change.belief))
    if change.forget:
        db.execute(statements.FORGET_ADDRESS, (columns["id"],))
        db.execute(statements.REPLACE_COPY, (rows.iso(now), columns["id"]))
    if change.transition:
        db.execute(statements.ADD_TRANSITION, rows.transition_columns(change.transition, None))


def _write_decision(db: Database, run_id: int, decision: Decision) -> None:
    check = rows.check_columns(run_id, decision)
    if not db.execute(statements.FOLD_CHECK, check).rowcount:
        db.execute(statements.ADD_CHECK, check)
    if decision.verdict.code is Code.INCONCLUSIVE:
        return
    if not db.execute(statements.UPDATE_LINK, rows.link_columns(decision)).rowcount:
        return
    if decision.transition:
        db.execute(statements.ADD_TRANSITION, rows.transition_columns(decision.transition, run_id))
    if decision.incident:
        db.execute(statements.SAVE_INCIDENT, rows.incident_columns(decision.incident))
    if decision.new_copy:
        db.execute(statements.REPLACE_COPY, (check["at"], check["link_id"]))
        db.execute(statements.ADD_COPY, rows.copy_columns(decision.source.id, decision.new_copy))


# ---------------------------------------------------------------- reading


def _kept(row: Row) -> Kept:
    position, removed_at = row[_HEAD:]
    return Kept(
        source=rows.to_source(row[:SOURCE_WIDTH]),
        position=position,
        removed=removed_at is not None,
        belief=rows.to_belief(row[SOURCE_WIDTH:_HEAD]),
    )


def _known(row: Row) -> Known:
    evidence, validators, body_hash = row[_BODY:]
    return Known(
        belief=rows.to_belief(row[:BELIEF_WIDTH]),
        facts=rows.to_facts(row[BELIEF_WIDTH:_BODY]),
        evidence=rows.to_evidence(evidence),
        validators=rows.to_validators(validators),
        body_hash=body_hash,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside the rows of the links, by link."""

    transitions: Mapping[str, list[Transition]]
    grounds: Mapping[str, Grounds]
    incidents: Mapping[str, Incident]
    mended: Mapping[str, Incident]


def _view(row: Row, beside: _Beside) -> LinkView:
    evidence, suggestion = row[_HEAD + FACTS_WIDTH :]
    return LinkView(
        source=rows.to_source(row[:SOURCE_WIDTH]),
        belief=rows.to_belief(row[SOURCE_WIDTH:_HEAD]),
        facts=rows.to_facts(row[_HEAD : _HEAD + FACTS_WIDTH]),
        evidence=rows.to_evidence(evidence),
        suggestion=rows.to_suggestion(suggestion),
        grounds=beside.grounds.get(row[0]),
        incident=beside.incidents.get(row[0]),
        mended=beside.mended.get(row[0]),
        transitions=tuple(beside.transitions.get(row[0], ())),
    )


def _transitions(db: Database) -> Mapping[str, list[Transition]]:
    found: defaultdict[str, list[Transition]] = defaultdict(list)
    for row in db.execute(statements.NEWEST_TRANSITIONS):
        found[row[0]].append(rows.to_transition(row))
    return found


def _open_incidents(db: Database, now: datetime) -> Mapping[str, Incident]:
    found = map(rows.to_incident, db.execute(statements.INCIDENTS, (rows.iso(now),)))
    return {link: incident for incident in found for link in incident.open_links}


def _mended(db: Database, now: datetime) -> Mapping[str, Incident]:
    """Each link's latest incident, where it closed lately and the link is in none now."""
    found = list(map(rows.to_incident, db.execute(statements.INCIDENTS, (rows.iso(now - _LATELY),))))
    closed = sorted((one for one in found if one.closed_at), key=lambda one: one.closed_at or now)
    failing = {link for one in found for link in one.open_links}
    return {link: one for one in closed for link in one.links if link not in failing}


def _save_reading(db: Database, kept: KeptReading) -> None:
    db.execute(statements.SAVE_READING, rows.reading_columns(kept))


def _last_run(db: Database) -> RunSummary | None:
    row = db.execute(statements.LAST_RUN).fetchone()
    return rows.to_run(row) if row else None
