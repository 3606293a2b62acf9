"""`Store`: records in and out of the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from linkwatch.core.listed import KeptReading, Reading
from linkwatch.core.models import (
    Code,
    Copy,
    Decision,
    HostMemory,
    Incident,
    Known,
    Probe,
    RunSummary,
    Snapshot,
    Source,
    Transition,
)
from linkwatch.core.overlay import with_paused
from linkwatch.core.problems import Noted
from linkwatch.errors import DamagedDatabase
from linkwatch.store import parcels, probes, rows, search, statements, views
from linkwatch.store.connection import pragma, refuse_if_not_ok
from linkwatch.store.parcels import Notices
from linkwatch.store.records import CheckRecord
from linkwatch.store.rows import BELIEF_WIDTH, FACTS_WIDTH, SOURCE_WIDTH, Row
from linkwatch.store.sync import Change, Kept, changes
from linkwatch.store.transactions import Connected, decoded
from linkwatch.store.views import HEAD

_BODY = BELIEF_WIDTH + FACTS_WIDTH


class Store(Connected):
    """What a run remembers and what a report shows of it. Every method is one transaction."""

    # ------------------------------------------------------------ configuration

    def sync_sources(self, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
        """Takes over the configuration; the transitions are those that it causes.

        A source that is gone keeps its history and comes back with its id. A changed address starts anew as
        `unknown`, without validators, facts and approved copy: somebody has chosen another page. One that is resumed
        starts as `unknown` too, and keeps them. What people have paused stays so until they resume it.
        """
        with self.writing() as db, decoded(self._path):
            return take_over(db, sources, now)

    # ------------------------------------------------------------ runs

    def begin_run(self, now: datetime, *, due: int, asked: bool = False) -> int:
        """`asked`: it visits links that somebody named, and is not the run that reports speak of."""
        with self.writing() as db:
            return int(db.execute(statements.BEGIN_RUN, (rows.iso(now), due, asked)).lastrowid or 0)

    def finish_run(
        self,
        run_id: int,
        now: datetime,
        *,
        conclusive: bool,
        note: str | None,
        visited: int,
        notices: Notices | None = None,
    ) -> None:
        """`notices`: what the operators hear of it, in the same transaction."""
        with self.writing() as db:
            db.execute(statements.FINISH_RUN, (rows.iso(now), conclusive, note, visited, run_id))
            if notices:
                parcels.notify(db, notices, now)

    def problems(self) -> tuple[Noted, ...]:
        """What the operators have to see to, as it was last noted."""
        with self.reading() as db:
            return parcels.noted(db)

    def interrupted_runs(self) -> int:
        """Closes the runs that a crash left open, as of their last commit; their number.

        Only for whoever holds the run lock: without it, a run that is under way would be closed.
        """
        with self.writing() as db:
            return db.execute(statements.CLOSE_INTERRUPTED).rowcount

    def paused(self) -> frozenset[str]:
        """The links that people have paused, whatever the configuration says."""
        with self.reading() as db:
            return frozenset(row[0] for row in db.execute(statements.PAUSED))

    def last_run(self) -> RunSummary | None:
        with self.reading() as db:
            return views.last_run(db)

    def doubted_since(self) -> datetime | None:
        """Since when runs have been inconclusive in a row; None: the last one was not."""
        with self.reading() as db:
            (at,) = db.execute(statements.DOUBTED_SINCE).fetchone()
            return rows.to_time(at)

    def commit(self, run_id: int, decisions: Sequence[Decision]) -> None:
        """Writes all that the checks of a batch found and changed: all of it or, on any error, nothing.

        A link that was paused or got another address since the decision was made keeps what it has; the check
        stands in its history all the same. An inconclusive check stands in the history too, and changes nothing else.
        """
        if not decisions:
            return
        with self.writing() as db:
            _write_decisions(db, run_id, decisions)
            latest = rows.iso(max(decision.at for decision in decisions))
            db.execute(statements.COUNT_VISITED, (len(decisions), latest, run_id))

    # ------------------------------------------------------------ what is remembered

    def known(self) -> dict[str, Known]:
        """What is remembered of every link in the configuration, by its id."""
        with self.reading() as db:
            return {row[0]: _known(row[1:]) for row in db.execute(statements.KNOWN)}

    def copy(self, link_id: str) -> Copy | None:
        """The approved copy in force."""
        with self.reading() as db:
            row = db.execute(statements.CURRENT_COPY, (link_id,)).fetchone()
            return rows.to_copy(row) if row else None

    def hosts(self) -> dict[str, HostMemory]:
        with self.reading() as db:
            return {row[0]: rows.to_host(row) for row in db.execute(statements.HOSTS)}

    def save_hosts(self, hosts: Iterable[HostMemory]) -> None:
        with self.writing() as db:
            db.conn.executemany(statements.SAVE_HOST, map(rows.host_columns, hosts))

    def incidents(self, since: datetime) -> tuple[Incident, ...]:
        """Those that are open, or closed at `since` or later; in the order in which they opened."""
        with self.reading() as db:
            return tuple(map(rows.to_incident, db.execute(statements.INCIDENTS, (rows.iso(since),))))

    def probes(self, folder: str, since: datetime) -> tuple[Probe, ...]:
        """What was answered beside the links of a folder, unless that was before `since`. Bodies are cut short."""
        with self.reading() as db:
            row = db.execute(statements.PROBES, (folder, rows.iso(since))).fetchone()
            return probes.unpack(row[0]) if row else ()

    def save_probes(self, folder: str, at: datetime, answers: Sequence[Probe]) -> None:
        with self.writing() as db:
            db.execute(statements.SAVE_PROBES, (folder, rows.iso(at), probes.pack(answers)))

    def forget_probes(self, before: datetime) -> None:
        with self.writing() as db:
            db.execute(statements.FORGET_PROBES, (rows.iso(before),))

    def commit_listing(self, run_id: int, decision: Decision, reading: Reading | None) -> None:
        """What a visit to a page of ours found, and what it read there where that is to be believed."""
        with self.writing() as db:
            _write_decisions(db, run_id, (decision,))
            if reading:
                _save_reading(db, KeptReading(listing_id=decision.source.id, at=decision.at, reading=reading))

    def save_reading(self, kept: KeptReading) -> None:
        with self.writing() as db:
            _save_reading(db, kept)

    def readings(self) -> dict[str, KeptReading]:
        """The latest good reading of each listing, by the id of its page as a source."""
        with self.reading() as db:
            return {row[0]: rows.to_reading(row) for row in db.execute(statements.READINGS)}

    # ------------------------------------------------------------ what is shown

    def snapshot(self, now: datetime, *, is_brief: bool = False) -> Snapshot:
        """Every link of the configuration, in its order, each with its newest transitions (at most 50). `is_brief`:
        without those, and with no more than that they do of the links that simply work."""
        with self.reading() as db:
            link_ids = [link_id for (link_id,) in db.execute(statements.IN_ORDER)]
            links = views.views(db, link_ids, now, with_history=not is_brief, is_brief=is_brief)
            return views.snapshot(links, views.last_run(db), now)

    def link_history(self, link_id: str, *, limit: int = 200) -> tuple[CheckRecord, ...]:
        """As `Desk.history`."""
        with self.reading() as db:
            return views.history(db, link_id, limit)

    # ------------------------------------------------------------ health

    def verify(self) -> None:
        """Reads every page of the database, whatever its size; raises DamagedDatabase when it is not whole."""
        with self.reading() as db:
            refuse_if_not_ok(pragma(db, "integrity_check(1)"), self._path)
            stray = db.execute("PRAGMA foreign_key_check").fetchone()
            if stray:
                raise DamagedDatabase(
                    f"The database {self._path} is damaged (a row of {stray[0]} belongs to nothing in {stray[2]}): "
                    "restore it from a backup."
                )


# ---------------------------------------------------------------- writing


def take_over(db: Database, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
    """`Store.sync_sources` within a transaction."""
    kept = {row[0]: to_kept(row) for row in db.execute(statements.KEPT)}
    paused = {row[0] for row in db.execute(statements.PAUSED)}
    todo = changes(with_paused(sources, paused), kept, now)
    for change in todo:
        write_change(db, change, now)
    gone = [link_id for link_id in kept.keys() - {s.id for s in sources} if not kept[link_id].removed]
    db.conn.executemany(statements.REMOVE, [(rows.iso(now), link_id) for link_id in gone])
    db.conn.executemany(statements.FORGET_TAGS, [(link_id,) for link_id in gone])
    return tuple(change.transition for change in todo if change.transition)


def write_change(db: Database, change: Change, now: datetime) -> None:
    columns = rows.source_columns(change.source, change.position) | _looked_for(change.source)
    if change.belief is None:
        db.execute(statements.UPDATE_SOURCE, columns)
    else:
        db.execute(statements.START_ANEW, columns | rows.belief_columns(change.belief))
    if change.forget:
        db.execute(statements.FORGET_ADDRESS, (columns["id"],))
        db.execute(statements.REPLACE_COPY, (rows.iso(now), columns["id"]))
        db.execute(statements.FORGET_SEEN, (columns["id"],))
        db.execute(statements.END_BOUND, (rows.iso(now), columns["id"]))
    db.execute(statements.FORGET_TAGS, (columns["id"],))
    db.conn.executemany(statements.ADD_TAG, [(columns["id"], rows.clean(tag)) for tag in change.source.tags])
    if change.transition:
        db.execute(statements.ADD_TRANSITION, rows.transition_columns(change.transition, None))


def _looked_for(source: Source) -> rows.Columns:
    return {"sort_name": search.sort_key(source.name), "searched": search.searched(source)}


def _write_decisions(db: Database, run_id: int, decisions: Sequence[Decision]) -> None:
    taken = [decision for decision in decisions if _write_decision(db, run_id, decision)]
    for incident in {one.incident.id: one.incident for one in taken if one.incident}.values():  # as the last leaves it
        columns = rows.incident_columns(incident)
        db.execute(statements.SAVE_INCIDENT, columns)
        db.execute(statements.ADD_INCIDENT_LINKS, columns)


def _write_decision(db: Database, run_id: int, decision: Decision) -> bool:
    """Whether the link takes it: what has become of it meanwhile may stand against that."""
    check = rows.check_columns(run_id, decision)
    if not db.execute(statements.FOLD_CHECK, check).rowcount:
        db.execute(statements.ADD_CHECK, check)
    if decision.verdict.code is Code.INCONCLUSIVE:
        return False
    titled = {"searched_title": search.fold(decision.facts.title or "")}
    if not db.execute(statements.UPDATE_LINK, rows.link_columns(decision) | titled).rowcount:
        return False
    if decision.transition:
        db.execute(statements.ADD_TRANSITION, rows.transition_columns(decision.transition, run_id))
    for parcel in decision.parcels:
        parcels.post(db, parcel, decision.at)
    db.execute(statements.END_CHANGED, rows.ending_columns(decision))
    if decision.seen:
        db.execute(statements.SAVE_SEEN, rows.copy_columns(decision.source.id, decision.seen))
    elif decision.belief.finding is decision.verdict.code:  # what was seen before is not what was found now
        db.execute(statements.FORGET_SEEN, (check["link_id"],))
    if decision.new_copy:
        db.execute(statements.REPLACE_COPY, (check["at"], check["link_id"]))
        db.execute(statements.ADD_COPY, rows.copy_columns(decision.source.id, decision.new_copy))
    return True


# ---------------------------------------------------------------- reading


def to_kept(row: Row) -> Kept:
    position, removed_at = row[HEAD:]
    return Kept(
        source=rows.to_source(row[:SOURCE_WIDTH]),
        position=position,
        removed=removed_at is not None,
        belief=rows.to_belief(row[SOURCE_WIDTH:HEAD]),
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


def _save_reading(db: Database, kept: KeptReading) -> None:
    db.execute(statements.SAVE_READING, rows.reading_columns(kept))
