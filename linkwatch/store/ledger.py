"""`Ledger`: what people do with links, each action with its line in the audit log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from linkwatch.core import fingerprint
from linkwatch.core.listed import KeptReading
from linkwatch.core.models import Belief, LinkView, Source, State, Transition
from linkwatch.core.outbox import Parcel
from linkwatch.core.reviews import BOUND, REPLACES, STANDING, UNDOABLE, Action, Given, Refused, Request, Review
from linkwatch.store import desk_statements, ledger_statements, outbox_statements, rows, statements
from linkwatch.store.parcels import post
from linkwatch.store.repository import take_over, to_kept, write_change
from linkwatch.store.rows import BELIEF_WIDTH, FACTS_WIDTH, SOURCE_WIDTH, Row
from linkwatch.store.sync import Change, change, is_suspected
from linkwatch.store.transactions import Connected, decoded

_BELIEF = SOURCE_WIDTH + BELIEF_WIDTH
_FACTS = _BELIEF + FACTS_WIDTH
NOTHING_FOUND = (State.UNKNOWN, State.OK, State.NO_LINK, State.PAUSED)  # there is no finding to answer
_THEN_CHECKED = frozenset({Action.CHECK, Action.APPROVE, Action.RESUME, Action.ACCEPT})
_UNDONE_THEN_CHECKED = frozenset({Action.APPROVE, Action.PAUSE, Action.ACCEPT})
_LAST_ROW = 2**63 - 1
_MOST_REVIEWS = 100  # of one link, in the time that it takes to write a letter
_BELIEF_KEYS = tuple(rows.belief_columns(Belief()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A link as an answer finds it. `copy` is the number of the approved copy in force."""

    link: LinkView  # without transitions, incidents and reviews
    copy: int | None

    @property
    def fingerprint(self) -> str:
        """Of the finding. A check from before there were any left none behind."""
        return self.link.fingerprint or fingerprint.of(self.link)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """A letter that was not sent: somebody else has told the owner while it was written."""

    review: Review  # that says so, the newest


class Ledger(Connected):
    """Every method is one transaction: an action and its line are both there, or neither."""

    def sync_sources(self, sources: Sequence[Source], now: datetime) -> tuple[Transition, ...]:
        """As `Store.sync_sources`."""
        with self.writing() as db, decoded(self._path):
            return take_over(db, sources, now)

    # ------------------------------------------------------------ answers

    def record(self, reviews: Sequence[Review], now: datetime, *, sources: Sequence[Source] | None = None) -> Given:
        """Write the answers, each with what it does, or say why not.

        `Review.fingerprint` is that of the finding which was seen: where a check has found something else since, the
        answer is refused. None: it is to whatever was found last. `sources`: an address has been accepted into the
        configuration, which is taken over in the same transaction.
        """
        with self.writing() as db, decoded(self._path):
            if sources is not None:
                take_over(db, sources, now)
            return _recorded(db, reviews, now)

    def send_letter(
        self,
        parcels: Sequence[Parcel],
        reviews: Sequence[Review],
        once: str,
        now: datetime,
        *,
        seen: int | None = None,
    ) -> Given | Overtaken | None:
        """Put a letter to an owner into the outbox and note of each of its links that it is reported, together.

        It goes out if there is one link at least of which that can be said; those that have changed since they were
        shown are refused. `once` is a word that only this letter has: None where it was sent before. `seen` is the
        number of the newest report of these links that its writer knew of (0: of none): a later one stops the letter.
        """
        with self.writing() as db, decoded(self._path):
            if db.execute(outbox_statements.IS_POSTED, (f"{once} 0",)).fetchone():
                return None
            if seen is not None and (newer := _reported_since(db, reviews, seen)):
                return Overtaken(review=newer)
            given = _recorded(db, reviews, now)
            if given.reviews:
                for number, parcel in enumerate(parcels):
                    post(db, parcel, now, once=f"{once} {number}")
            return given

    def undo(
        self, review_id: int, who: str, now: datetime, *, sources: Sequence[Source] | None = None
    ) -> Review | None:
        """Take an answer back, with all that it did and what it replaced; None where that cannot be done any more.

        `sources`: the configuration, from which an accepted address has been taken out again.
        """
        with self.writing() as db, decoded(self._path):
            review = _review(db, review_id)
            if review is None or not review.is_undoable():
                return None
            db.execute(ledger_statements.END, (rows.iso(now), "undone", review.id))
            if sources is not None:
                take_over(db, sources, now)
            held = _standing(db, [review.link_id]).get(review.link_id)
            if review.ended_at is None:
                _revive(db, review, held)
            _reverse(db, review, held, now)
            undone = Review(id=0, link_id=review.link_id, at=now, who=who, action=Action.UNDO, undoes=review.id)
            if review.action in _UNDONE_THEN_CHECKED:
                _ask(db, undone, now)
            return _written(db, undone, now)

    def review(self, review_id: int) -> Review | None:
        with self.reading() as db:
            return _review(db, review_id)

    def standing(self, link_ids: Iterable[str]) -> dict[str, Standing]:
        """The links that are watched, as an answer would find them."""
        with self.reading() as db:
            return _standing(db, link_ids)

    def readings(self) -> dict[str, KeptReading]:
        """As `Store.readings`."""
        with self.reading() as db:
            return {row[0]: rows.to_reading(row) for row in db.execute(statements.READINGS)}

    # ------------------------------------------------------------ links to be looked at now

    def ask(self, link_ids: Iterable[str], who: str, now: datetime) -> tuple[Request, ...]:
        """Have links looked at now, those that wait for it already no second time. What waits then, oldest first."""
        wanted = tuple(dict.fromkeys(map(rows.clean, link_ids)))
        with self.writing() as db, decoded(self._path):
            known = _standing(db, wanted)
            waits = [(link_id, rows.iso(now), rows.clean(who)) for link_id in wanted if link_id in known]
            db.conn.executemany(ledger_statements.ASK, waits)
            found = db.execute(ledger_statements.WAITING_OF, (rows.pack_json(wanted),))
            return tuple(sorted(map(rows.to_request, found), key=lambda request: request.id))

    def waiting(self, limit: int = 20) -> tuple[Request, ...]:
        """The oldest first."""
        with self.reading() as db:
            return tuple(map(rows.to_request, db.execute(ledger_statements.WAITING, (limit,))))

    def finish(self, request_ids: Iterable[int], now: datetime, *, run_id: int | None, outcome: str) -> None:
        """`outcome` is a word of `Request`."""
        done = [(rows.iso(now), run_id, outcome, request_id) for request_id in request_ids]
        with self.writing() as db:
            db.conn.executemany(ledger_statements.FINISH, done)


# ---------------------------------------------------------------- what an answer finds


def _standing(db: Database, link_ids: Iterable[str]) -> dict[str, Standing]:
    listed = rows.pack_json(tuple(dict.fromkeys(map(rows.clean, link_ids))))
    grounds = {row[0]: rows.to_grounds(row[1:]) for row in db.execute(statements.GROUNDS, (listed,))}
    found = db.execute(ledger_statements.STANDING, (listed,))
    return {row[0]: Standing(link=_link(row, grounds), copy=row[-1]) for row in found}


def _link(row: Row, grounds: Mapping[str, Any]) -> LinkView:
    evidence, suggestion, seen_as, _ = row[_FACTS:]
    return LinkView(
        source=rows.to_source(row[:SOURCE_WIDTH]),
        belief=rows.to_belief(row[SOURCE_WIDTH:_BELIEF]),
        facts=rows.to_facts(row[_BELIEF:_FACTS]),
        evidence=rows.to_evidence(evidence),
        suggestion=rows.to_suggestion(suggestion),
        grounds=grounds.get(row[0]),
        fingerprint=seen_as,
    )


def _why_not(db: Database, review: Review, held: Standing | None) -> str | None:
    """A stable word why an answer cannot be taken; None where it can."""
    if held is None:
        return "no_such_link"
    link, action = held.link, review.action
    if action in BOUND:
        if review.fingerprint is not None and review.fingerprint != (link.fingerprint or ""):
            return "changed"
        return "no_finding" if link.belief.state in NOTHING_FOUND else None
    if action in (Action.CHECK, Action.PAUSE):
        if not link.source.url:
            return "no_link"
        if link.source.paused:
            return "paused" if action is Action.CHECK else "already_paused"
    if action is Action.RESUME and Action.PAUSE not in _holding(db, review.link_id).values():
        return "paused_in_config" if link.source.paused else "not_paused"
    return None


def _holding(db: Database, link_id: str) -> dict[int, Action]:
    """What has not ended, by number: the answers that hold, and what was done last and can be taken back."""
    return {number: Action(word) for number, word in db.execute(ledger_statements.HOLDING, (link_id,))}


def _reported_since(db: Database, about: Iterable[Review], seen: int) -> Review | None:
    """The newest word that the owner of any of these links was told."""
    newest = None
    for one in about:
        asked = {"link_id": one.link_id, "before": _LAST_ROW, "limit": _MOST_REVIEWS}
        for review in map(rows.to_review, db.execute(desk_statements.REVIEWS_OF_LINK, asked)):
            if _told_owner(review) and review.id > max(seen, newest.id if newest else 0):
                newest = review
    return newest


def _told_owner(review: Review) -> bool:
    """A letter has gone out also where its line was taken back; one that did not arrive has told nobody."""
    is_void = review.ended_as == "undelivered" or (review.ended_as == "undone" and "letter" not in review.details)
    return review.action is Action.REPORT and not is_void


# ---------------------------------------------------------------- carried out


def _recorded(db: Database, reviews: Sequence[Review], now: datetime) -> Given:
    given, refused = list[Review](), list[Refused]()
    standing = _standing(db, (review.link_id for review in reviews))
    for review in reviews:
        link_id = review.link_id
        held = standing.pop(link_id, None) or _standing(db, [link_id]).get(link_id)
        why = _why_not(db, review, held)
        if why or held is None:
            refused.append(Refused(link_id=link_id, why=why or "no_such_link"))
        else:
            given.append(_carried_out(db, review, held, now))
    return Given(reviews=tuple(given), refused=tuple(refused))


def _carried_out(db: Database, review: Review, held: Standing, now: datetime) -> Review:
    replaced = _replaced(db, review, now)
    details = {**review.details, **_done(db, review.action, held, now), **({"replaced": replaced} if replaced else {})}
    bound_to = held.fingerprint if review.action in BOUND else None
    written = _written(db, replace(review, fingerprint=bound_to, details=details), now)
    if review.action in _THEN_CHECKED:
        _ask(db, written, now)
    return written


def _replaced(db: Database, review: Review, now: datetime) -> list[int]:
    """Ends the answers that this one comes in place of; their numbers."""
    ending = REPLACES.get(review.action, frozenset())
    numbers = [number for number, action in _holding(db, review.link_id).items() if action in ending]
    if review.action is Action.CONFIRM:  # who says that the page is wrong does not want it for the approved one
        for number in numbers:
            approved = _review(db, number)
            if approved and approved.action is Action.APPROVE and "copy" in approved.details:
                _withdraw(db, approved, now)
                _ask(db, review, now)
    db.conn.executemany(ledger_statements.END, [(rows.iso(now), "replaced", number) for number in numbers])
    return numbers


def _done(db: Database, action: Action, held: Standing, now: datetime) -> dict[str, Any]:
    """Does what an answer does beside being written down; what is to be kept of it: what it was about, for those who
    count right alarms, and what undoing takes."""
    link = held.link
    if action is Action.PAUSE:
        _settle(db, link.source.id, is_paused=True, now=now)
        return {"url": link.source.url, "before": {**rows.belief_columns(link.belief), "fingerprint": link.fingerprint}}
    if action is Action.RESUME:
        _settle(db, link.source.id, is_paused=False, now=now)
    if action not in BOUND:
        return {}
    found = {"state": link.belief.state, "finding": link.belief.finding, "reason": link.belief.finding_reason}
    return found | (_approved(db, held, now) if action is Action.APPROVE else {})


def _approved(db: Database, held: Standing, now: datetime) -> dict[str, Any]:
    """The page as it was seen becomes the approved copy. Where none was seen there is nothing but the word."""
    link_id = held.link.source.id
    if not db.execute(ledger_statements.HAS_SEEN, (link_id,)).fetchone():
        return {}
    db.execute(statements.REPLACE_COPY, (rows.iso(now), link_id))
    new = db.execute(ledger_statements.APPROVE_SEEN, (link_id,)).lastrowid
    db.execute(statements.FORGET_SEEN, (link_id,))
    db.execute(ledger_statements.FORGET_VALIDATORS, (link_id,))
    return {"copy": new, "was": held.copy}


def _settle(db: Database, link_id: str, *, is_paused: bool, now: datetime) -> None:
    row = db.execute(ledger_statements.KEPT_OF, (link_id,)).fetchone()
    kept = to_kept(row)
    write_change(db, change(kept.position, replace(kept.source, paused=is_paused), kept, now), now)


def _written(db: Database, review: Review, now: datetime) -> Review:
    """One line of the log. What is done at once has ended with it, and only what can be taken back stays open."""
    is_over = review.action not in STANDING | UNDOABLE
    line = replace(review, at=now, ended_at=now if is_over else None, ended_as="over" if is_over else None)
    return replace(line, id=int(db.execute(ledger_statements.ADD_REVIEW, rows.review_columns(line)).lastrowid or 0))


def _ask(db: Database, review: Review, now: datetime) -> None:
    """Who is just looking at the link for somebody else may not know yet what this answer changes."""
    if review.action is not Action.CHECK:
        db.execute(ledger_statements.OVERTAKE, (rows.iso(now), review.link_id))
    db.execute(ledger_statements.ASK, (review.link_id, rows.iso(now), rows.clean(review.who)))


# ---------------------------------------------------------------- taken back


def _review(db: Database, review_id: int) -> Review | None:
    row = db.execute(ledger_statements.REVIEW, (review_id,)).fetchone()
    return rows.to_review(row) if row else None


def _revive(db: Database, review: Review, held: Standing | None) -> None:
    # What is bound and holds is to what was found last; of a paused link that is what was found before.
    seen_as = review.fingerprint or _found_before_pause(db, review.link_id) or (held.fingerprint if held else None)
    for number in review.details.get("replaced", ()):
        db.execute(ledger_statements.REVIVE, {"id": number, "fingerprint": seen_as})


def _found_before_pause(db: Database, link_id: str) -> str | None:
    paused = [number for number, action in _holding(db, link_id).items() if action is Action.PAUSE]
    pause = _review(db, paused[-1]) if paused else None
    return pause.details.get("before", {}).get("fingerprint") if pause else None


def _reverse(db: Database, review: Review, held: Standing | None, now: datetime) -> None:
    details = review.details
    if review.action is Action.APPROVE and "copy" in details:
        _withdraw(db, review, now)
    if review.action is Action.ACCEPT and details.get("copy"):
        db.execute(statements.REPLACE_COPY, (rows.iso(now), review.link_id))
        db.execute(ledger_statements.REVIVE_COPY, (details["copy"], review.link_id))
    if held is None:  # its source is gone: what it comes back as is the configuration's to say
        return
    if review.action is Action.PAUSE and held.link.source.paused:
        _unpause(db, review, held, now)
    if review.action is Action.RESUME and not held.link.source.paused:
        _settle(db, review.link_id, is_paused=True, now=now)


def _withdraw(db: Database, review: Review, now: datetime) -> None:
    """The copy before it is the approved one again, unless a later one has taken the place of both."""
    copy, was = review.details["copy"], review.details.get("was")
    if db.execute(ledger_statements.WITHDRAW_COPY, (rows.iso(now), copy)).rowcount:
        db.execute(ledger_statements.REVIVE_COPY, (was, review.link_id))
        db.execute(ledger_statements.SEE_AGAIN, (copy,))
        db.execute(ledger_statements.FORGET_VALIDATORS, (review.link_id,))


def _unpause(db: Database, review: Review, held: Standing, now: datetime) -> None:
    """What was believed when it was paused is believed again, save for failures that nobody had confirmed."""
    before = dict(review.details.get("before", {}))
    belief = rows.to_belief([before[key] for key in _BELIEF_KEYS]) if before else Belief()
    if review.details.get("url") != held.link.source.url or is_suspected(belief) or not before:
        _settle(db, review.link_id, is_paused=False, now=now)
        return
    kept = to_kept(db.execute(ledger_statements.KEPT_OF, (review.link_id,)).fetchone())
    back = Transition(
        link_id=review.link_id, at=now, old=kept.belief.state, new=belief.state, verdict=None, reason="undone"
    )
    source = replace(kept.source, paused=False)
    write_change(db, Change(source=source, position=kept.position, belief=belief, transition=back), now)
    db.execute(ledger_statements.RESTORE_FINGERPRINT, (before["fingerprint"], review.link_id))
