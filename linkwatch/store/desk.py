"""`Desk`: what the review desk shows. It reads only; every method is one view of the database, and takes threads."""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import TypeVar

from sqlite_utils import Database

from linkwatch.core.incidents import is_trouble
from linkwatch.core.listed import KeptReading
from linkwatch.core.models import (
    Belief,
    Code,
    Copy,
    Incident,
    LinkView,
    RunSummary,
    Snapshot,
    Source,
    State,
    Transition,
)
from linkwatch.core.reviews import Request, Review
from linkwatch.core.selection import Answer, Selection
from linkwatch.store import desk_statements as sql
from linkwatch.store import rows, search, statements, views
from linkwatch.store.desk_records import Counts, CountyCount, Found, OwnerCount, TitleSeen
from linkwatch.store.desk_selection import chosen
from linkwatch.store.desk_todo import places, to_waiting
from linkwatch.store.records import CheckRecord
from linkwatch.store.transactions import Connected

T = TypeVar("T")

_MOST_TITLES = 50
_LAST_ROW = 2**63 - 1


class Desk(Connected):
    """Some milliseconds a call at 10,000 links with years of history, and .1 ms more for each whole link it gives."""

    # ------------------------------------------------------------ at a glance

    def last_run(self) -> RunSummary | None:
        with self.reading() as db:
            return views.last_run(db)

    def counts(self, now: datetime) -> Counts:
        with self.reading() as db:
            when = {"now": rows.iso(now)}
            states = db.execute(sql.COUNT_STATES).fetchall()
            (to_answer,) = db.execute(sql.COUNT_OPEN, when).fetchone()
            answered = dict(db.execute(sql.COUNT_ANSWERS, when).fetchall())
        by_state = {State(state): number for state, number, _ in states}
        return Counts(
            by_state={state: by_state[state] for state in State if state in by_state},
            working=sum(working for _, _, working in states),
            open=to_answer,
            by_answer={answer: answered.get(answer.value, 0) for answer in Answer} | {Answer.OPEN: to_answer},
            total=sum(by_state.values()),
        )

    def counties(self) -> tuple[CountyCount, ...]:
        """By county letter, and in the order of `State` within."""
        with self.reading() as db:
            found = [(county, State(state), n, one) for county, state, n, one in db.execute(sql.COUNT_COUNTIES)]
        total: Counter[str] = Counter()
        for county, _, number, _ in found:
            total[county] += number
        order = list(State)
        return tuple(
            CountyCount(county=county, state=state, number=n, one_link=one if total[county] == 1 else None)
            for county, state, n, one in sorted(found, key=lambda row: (row[0], order.index(row[1])))
        )

    def owners(self, now: datetime) -> tuple[OwnerCount, ...]:
        """In the order of the alphabet."""
        with self.reading() as db:
            found = db.execute(sql.COUNT_OWNERS).fetchall()
            to_answer = dict(db.execute(sql.COUNT_OPEN_OF_OWNERS, {"now": rows.iso(now)}).fetchall())
        counts = [OwnerCount(name=name, total=n, broken=bad, open=to_answer.get(name, 0)) for name, n, bad in found]
        return tuple(sorted(counts, key=lambda owner: search.sort_key(owner.name)))

    def assignees(self) -> tuple[str, ...]:
        """Everybody who was ever given a link, in the order of the alphabet."""
        with self.reading() as db:
            return tuple(sorted((who for (who,) in db.execute(sql.ASSIGNEES)), key=search.sort_key))

    def tags(self) -> tuple[str, ...]:
        with self.reading() as db:
            return tuple(sorted((tag for (tag,) in db.execute(sql.TAGS)), key=search.sort_key))

    # ------------------------------------------------------------ links

    def todo(self, now: datetime, *, limit: int | None, offset: int = 0, with_history: bool = True) -> Found:
        """What nobody has answered yet of what `report.story.sections` tells as what there is to do, in its order.

        Our own pages in trouble come first. What shares a cause is one place, also with what is only suspected, and
        `limit` and `offset` count places: one may hold many links.
        """
        with self.reading() as db:
            told = _todo(db, now)
            shown = [link_id for place in _page(told, limit, offset) for link_id in place]
            links = views.views(db, shown, now, with_history=with_history)
            return Found(links=links, total=sum(map(len, told)), places=len(told))

    def find(
        self,
        selection: Selection,
        now: datetime,
        *,
        limit: int | None = 100,
        offset: int = 0,
        with_history: bool = True,
    ) -> Found:
        """`limit` None: all of them. `with_history`: with their transitions."""
        with self.reading() as db:
            found = _ids(db, selection, now)
            links = views.views(db, _page(found, limit, offset), now, with_history=with_history)
            return Found(links=links, total=len(found), places=len(found))

    def ids(self, selection: Selection, now: datetime) -> tuple[str, ...]:
        with self.reading() as db:
            return tuple(_ids(db, selection, now))

    def link(self, link_id: str, now: datetime) -> LinkView | None:
        """Also a page of our own ("listing:…"); None where there is no such link, or no more."""
        return next(iter(self.links((link_id,), now)), None)

    def links(self, link_ids: Iterable[str], now: datetime, *, with_history: bool = True) -> tuple[LinkView, ...]:
        """Those that there are, in the order asked, each once."""
        with self.reading() as db:
            return views.views(db, link_ids, now, with_history=with_history)

    def by_owner(self, name: str, now: datetime, *, with_history: bool = True) -> tuple[LinkView, ...]:
        return self.find(Selection(owner=name), now, limit=None, with_history=with_history).links

    def snapshot(self, now: datetime, links: Sequence[LinkView]) -> Snapshot:
        """These links as reports take them, with the latest run."""
        return views.snapshot(links, self.last_run(), now)

    # ------------------------------------------------------------ what one link was

    def transitions(self, link_id: str, limit: int) -> tuple[Transition, ...]:
        """Newest first."""
        with self.reading() as db:
            found = db.execute(sql.TRANSITIONS, (rows.clean(link_id), _number(limit)))
            return tuple(map(rows.to_transition, found))

    def transitions_of(self, link_ids: Iterable[str], since: datetime) -> Mapping[str, tuple[Transition, ...]]:
        """Of every link asked for those since, and the last one before; oldest first."""
        wanted = _wanted(link_ids)
        found: defaultdict[str, list[Transition]] = defaultdict(list)
        with self.reading() as db:
            for row in db.execute(sql.TRANSITIONS_SINCE, {"ids": rows.pack_json(wanted), "since": rows.iso(since)}):
                found[row[0]].append(rows.to_transition(row))
        return {link_id: tuple(found.get(link_id, ())) for link_id in wanted}

    def history(self, link_id: str, limit: int) -> tuple[CheckRecord, ...]:
        """The checks, newest first: those in a row that found the same, or an old day of them, are one record."""
        with self.reading() as db:
            return views.history(db, rows.clean(link_id), _number(limit))

    def beats(self, link_id: str) -> tuple[tuple[datetime, int], ...]:
        """When the latest 120 checks that were answered were, and after how many milliseconds; oldest first."""
        with self.reading() as db:
            row = db.execute(sql.BEATS, (rows.clean(link_id),)).fetchone()
            return rows.to_beats(row[0]) if row else ()

    def titles(self, link_id: str) -> tuple[TitleSeen, ...]:
        """What it called itself and how it dated itself, through time; newest first, at most 50."""
        with self.reading() as db:
            days = [day for (day,) in db.execute(sql.DAYS_OF_TITLES, (rows.clean(link_id),))]
            joined = _joined(db.execute(sql.TITLES, (rows.clean(link_id),)), days)
            return tuple(islice(joined, _MOST_TITLES))

    def copy(self, link_id: str) -> Copy | None:
        """The approved copy in force."""
        return self._copy(statements.CURRENT_COPY, link_id)

    def seen(self, link_id: str) -> Copy | None:
        """The page as it was read last, where it is not the approved one."""
        return self._copy(sql.SEEN, link_id)

    def _copy(self, statement: str, link_id: str) -> Copy | None:
        with self.reading() as db:
            row = db.execute(statement, (rows.clean(link_id),)).fetchone()
            return rows.to_copy(row) if row else None

    # ------------------------------------------------------------ incidents and listings

    def incident(self, incident_id: str) -> Incident | None:
        with self.reading() as db:
            row = db.execute(sql.INCIDENT, (rows.clean(incident_id),)).fetchone()
            return rows.to_incident(row) if row else None

    def incidents(self, since: datetime) -> tuple[Incident, ...]:
        """Those that are open, or closed at `since` or later; in the order in which they opened."""
        with self.reading() as db:
            return tuple(map(rows.to_incident, db.execute(statements.INCIDENTS, (rows.iso(since),))))

    def incidents_of(self, link_id: str) -> tuple[Incident, ...]:
        """All that it ever was in, the latest first."""
        with self.reading() as db:
            return tuple(map(rows.to_incident, db.execute(sql.INCIDENTS_OF_LINK, (rows.clean(link_id),))))

    def readings(self) -> dict[str, KeptReading]:
        """The latest good reading of each listing, by the id of its page as a source."""
        with self.reading() as db:
            return {row[0]: rows.to_reading(row) for row in db.execute(statements.READINGS)}

    # ------------------------------------------------------------ what people answered

    def reviews(self, link_id: str | None = None, *, limit: int, before_id: int | None = None) -> tuple[Review, ...]:
        """The audit log, newest first: of one link or of all, from the one before `before_id` on."""
        asked = {
            "link_id": rows.clean(link_id or ""),
            "before": _number(_LAST_ROW if before_id is None else before_id),
            "limit": _number(limit),
        }
        with self.reading() as db:
            found = db.execute(sql.REVIEWS if link_id is None else sql.REVIEWS_OF_LINK, asked)
            return tuple(map(rows.to_review, found))

    def review(self, review_id: int) -> Review | None:
        with self.reading() as db:
            row = db.execute(sql.REVIEW, (_number(review_id),)).fetchone()
            return rows.to_review(row) if row else None

    def requests(self, link_ids: Iterable[str]) -> Mapping[str, Request]:
        """The newest of each link that somebody ever wanted looked at."""
        with self.reading() as db:
            found = db.execute(sql.REQUESTS, (rows.pack_json(_wanted(link_ids)),))
            return {row[1]: rows.to_request(row) for row in found}


def _ids(db: Database, selection: Selection, now: datetime) -> list[str]:
    return [link_id for (link_id,) in db.execute(*chosen(selection, now))]


def _todo(db: Database, now: datetime) -> list[tuple[str, ...]]:
    """The places in their order, each with the ids of its links."""
    when = {"now": rows.iso(now)}
    ours = [(row[0],) for row in db.execute(sql.OUR_PAGES, when) if _is_trouble(row)]
    opened = db.execute(sql.OPEN_INCIDENTS)
    incident_of = {link_id: incident for incident, open_links in opened for link_id in json.loads(open_links)}
    told = places(map(to_waiting, db.execute(sql.WAITING, when)), incident_of)
    return [*ours, *(tuple(link.link_id for link in place) for place in told)]


def _is_trouble(our_page: rows.Row) -> bool:
    link_id, state, finding = our_page
    belief = Belief(state=State(state), finding=None if finding is None else Code(finding))
    return is_trouble(Source(id=link_id, name="", url="", owner=""), belief)


def _joined(found: Iterable[rows.Row], days: Sequence[str]) -> Iterator[TitleSeen]:
    """Checks in a row that saw the same as one, newest first. Of what was seen on `days`, in their order, no title is
    left: those before and after do not become one."""

    def days_after(row: rows.Row) -> int:
        return len(days) - bisect_left(days, row[1][:10])

    for (title, last_modified, _), same in groupby(found, key=lambda row: (*row[2:], days_after(row))):
        alike = list(same)
        yield TitleSeen(
            first_at=datetime.fromisoformat(alike[-1][0]),
            last_at=datetime.fromisoformat(alike[0][1]),
            title=title,
            last_modified=rows.to_time(last_modified),
        )


def _page(found: Sequence[T], limit: int | None, offset: int) -> Sequence[T]:
    start = max(offset, 0)
    return found[start : None if limit is None else start + max(limit, 0)]


def _wanted(link_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(rows.clean, link_ids)))


def _number(given: int) -> int:
    """Within what SQLite can count to: people write numbers into addresses."""
    return min(max(given, 0), _LAST_ROW)
