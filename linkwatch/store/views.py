"""Links with everything that is shown of them, read together: so many statements however many links there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from sqlite_utils import Database

from linkwatch.core.models import Facts, Grounds, Incident, LinkView, RunSummary, Snapshot, State, Transition
from linkwatch.core.reviews import Review
from linkwatch.store import rollup, rows, statements
from linkwatch.store.records import CheckRecord
from linkwatch.store.rows import BELIEF_WIDTH, FACTS_WIDTH, SOURCE_WIDTH, Row

HEAD = SOURCE_WIDTH + BELIEF_WIDTH
_STATE, _ENDS = SOURCE_WIDTH, HEAD + 9  # the state, and when the certificate ends
_SOON = timedelta(days=90)  # much later than a certificate that ends soon is told of
_NO_FACTS = Facts()
_LATELY = timedelta(days=30)  # so long a mended link is told of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside the rows of the links, by link."""

    transitions: Mapping[str, list[Transition]]
    grounds: Mapping[str, Grounds]
    incidents: Mapping[str, Incident]
    mended: Mapping[str, Incident]
    reviews: Mapping[str, list[Review]]


def views(
    db: Database, link_ids: Iterable[str], now: datetime, *, with_history: bool = True, is_brief: bool = False
) -> tuple[LinkView, ...]:
    """These links in the order asked, each once; those removed left out.

    `with_history`: with their newest transitions (at most 50), which are a third of the work. `is_brief`: of those that
    simply work, and whose certificates last, no more than that.
    """
    wanted = tuple(dict.fromkeys(map(rows.clean, link_ids)))
    listed = rows.pack_json(wanted)
    found = {row[0]: row for row in db.execute(statements.VIEWS, (listed,))}
    beside = _beside(db, listed, now, with_history=with_history)
    soon = (rows.iso(now + _SOON) or "") if is_brief else None
    return tuple(_view(found[link_id], beside, soon) for link_id in wanted if link_id in found)


def snapshot(links: Sequence[LinkView], run: RunSummary | None, now: datetime) -> Snapshot:
    """The links as reports take them, our own listing pages apart."""
    return Snapshot(
        generated_at=now,
        run=run,
        links=tuple(link for link in links if not link.source.is_listing),
        listings=tuple(link for link in links if link.source.is_listing),
    )


def last_run(db: Database) -> RunSummary | None:
    row = db.execute(statements.LAST_RUN).fetchone()
    return rows.to_run(row) if row else None


def history(db: Database, link_id: str, limit: int) -> tuple[CheckRecord, ...]:
    """The checks of a link, newest first: those in a row that found the same, or an old day of them, are one record."""
    checks = map(rows.to_check, db.execute(statements.HISTORY, (link_id, limit)))
    days = map(rollup.to_record, db.execute(statements.DAYS_OF_LINK, (link_id, limit)))
    newest = merge(checks, days, key=lambda record: record.first_at, reverse=True)
    return tuple(islice(newest, limit))


def _beside(db: Database, listed: str, now: datetime, *, with_history: bool) -> _Beside:
    """`listed` is a JSON array of ids."""
    incidents = _incidents(db, listed, now)
    return _Beside(
        transitions=_transitions(db, listed) if with_history else {},
        grounds={row[0]: rows.to_grounds(row[1:]) for row in db.execute(statements.GROUNDS, (listed,))},
        incidents=_open(incidents, now),
        mended=_mended(incidents, now),
        reviews=_holding(db, listed),
    )


def _view(row: Row, beside: _Beside, soon: str | None) -> LinkView:
    """`soon`: where nothing is to be told but what ends before then."""
    evidence, suggestion, fingerprint = row[HEAD + FACTS_WIDTH :]
    is_plain = soon is not None and row[_STATE] == State.OK and (row[_ENDS] is None or row[_ENDS] > soon)
    return LinkView(
        source=rows.to_source(row[:SOURCE_WIDTH]),
        belief=rows.to_belief(row[SOURCE_WIDTH:HEAD]),
        facts=_NO_FACTS if is_plain else rows.to_facts(row[HEAD : HEAD + FACTS_WIDTH]),
        evidence={} if is_plain else rows.to_evidence(evidence),
        suggestion=rows.to_suggestion(suggestion),
        fingerprint=fingerprint,
        grounds=beside.grounds.get(row[0]),
        incident=beside.incidents.get(row[0]),
        mended=beside.mended.get(row[0]),
        transitions=tuple(beside.transitions.get(row[0], ())),
        reviews=tuple(beside.reviews.get(row[0], ())),
    )


def _transitions(db: Database, listed: str) -> Mapping[str, list[Transition]]:
    found: defaultdict[str, list[Transition]] = defaultdict(list)
    for row in db.execute(statements.NEWEST_TRANSITIONS, (listed,)):
        found[row[0]].append(rows.to_transition(row))
    return found


def _incidents(db: Database, listed: str, now: datetime) -> Sequence[Incident]:
    """Those that any of the links is in, or was in lately, in the order in which they opened."""
    return [
        rows.to_incident(row) for row in db.execute(statements.INCIDENTS_OF_LINKS, (listed, rows.iso(now - _LATELY)))
    ]


def _open(incidents: Sequence[Incident], now: datetime) -> Mapping[str, Incident]:
    found = (one for one in incidents if one.closed_at is None or one.closed_at >= now)
    return {link: one for one in found for link in one.open_links}


def _mended(incidents: Sequence[Incident], now: datetime) -> Mapping[str, Incident]:
    """Each link's latest incident, where it closed lately and the link is in none now."""
    closed = sorted((one for one in incidents if one.closed_at), key=lambda one: one.closed_at or now)
    failing = {link for one in incidents for link in one.open_links}
    return {link: one for one in closed for link in one.links if link not in failing}


def _holding(db: Database, listed: str) -> Mapping[str, list[Review]]:
    found: defaultdict[str, list[Review]] = defaultdict(list)
    for review in map(rows.to_review, db.execute(statements.REVIEWS_THAT_HOLD, (listed,))):
        found[review.link_id].append(review)
    return found
