"""Databases for the desk's tests: links in any state, alone or by one cause, answered or not."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from linkwatch.core.models import Belief, Code, Decision, Facts, Incident, Source, State, Transition, Verdict
from linkwatch.core.reviews import Action, Review
from linkwatch.store import Desk, Store, rows
from tests.store.storing import NOW

_FOUND = {
    State.UNKNOWN: (None,),
    State.OK: (Code.OK,),
    State.FAILING: (Code.NOT_FOUND, Code.SERVER_ERROR),
    State.BROKEN: (Code.NOT_FOUND, Code.SERVER_ERROR),
    State.MOVED: (Code.MOVED,),
    State.ATTENTION: (Code.REDIRECTED, Code.CHANGED, Code.TLS_ERROR, None),
    State.UNVERIFIABLE: (Code.BLOCKED,),
}
_ADD_REVIEW = """
INSERT INTO reviews (link_id, at, who, action, note, until, fingerprint, details, undoes, ended_at)
VALUES (:link_id, :at, :who, :action, :note, :until, :fingerprint, :details, :undoes, :ended_at)
"""


def at(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def link(link_id: str, **changes: Any) -> Source:
    given: dict[str, Any] = {"id": link_id, "name": link_id, "url": f"https://{link_id}.example/", "owner": "Region"}
    return Source(**given | changes)


def found(
    source: Source,
    state: State = State.OK,
    code: Code | None = Code.OK,
    *,
    reason: str | None = None,
    days: float = 9,
    facts: Facts | None = None,
    **changes: Any,
) -> Decision:
    """What a check made of a link that has stood so for some days."""
    belief = Belief(
        state=state, since=at(days=days), verdict=code, reason=reason, finding=code, finding_reason=reason,
        checked_at=at(hours=1),
    )  # fmt: skip
    seen = Verdict(code=code or Code.OK, reason=reason)
    given: dict[str, Any] = {"belief": belief, "verdict": seen, "facts": facts or Facts(title=f"Sidan {source.id}")}
    return Decision(source=source, at=at(hours=1), **given | changes)


def incident(incident_id: str, *links: str, of: Decision, **changes: Any) -> Incident:
    given: dict[str, Any] = {
        "id": incident_id, "owner": of.source.owner, "host": "www.region.example", "code": of.belief.finding or Code.OK,
        "reason": None, "opened_at": at(days=9), "last_at": at(hours=1), "closed_at": None, "links": links,
        "open_links": links,
    }  # fmt: skip
    return Incident(**given | changes)


def answer(link_id: str, action: Action, **changes: Any) -> Review:
    given: dict[str, Any] = {"id": 0, "link_id": link_id, "at": at(days=1), "who": "Anna", "action": action}
    return Review(**given | changes)


def changed(link_id: str, when: datetime, new: State = State.OK) -> Transition:
    return Transition(link_id=link_id, at=when, old=State.UNKNOWN, new=new, verdict=None, reason=None)


def fill(store: Store, sources: Sequence[Source], decisions: Sequence[Decision], reviews: Sequence[Review] = ()) -> int:
    """The number of the run in which all was found. The answers stand as given, whatever the ledger would say."""
    store.sync_sources(sources, at(days=30))
    run = store.begin_run(at(hours=1), due=len(sources))
    store.commit(run, decisions)
    with store.writing() as db:
        db.conn.executemany(_ADD_REVIEW, [_review_columns(one) for one in reviews])
    return run


def _review_columns(review: Review) -> rows.Columns:
    return rows.review_columns(review) | {"ended_at": rows.iso(review.ended_at)}


@contextmanager
def desk_on(
    path: Path, sources: Sequence[Source], decisions: Sequence[Decision] = (), reviews: Sequence[Review] = ()
) -> Iterator[Desk]:
    with Store.open(path) as store:
        fill(store, sources, decisions, reviews)
    with Desk.open(path, read_only=True) as desk:
        yield desk


# ---------------------------------------------------------------- anything that may be


def fill_at_random(store: Store, seed: int) -> None:
    """Sixty links and three pages of ours, few owners, counties, causes and times, so that much is alike."""
    dice = random.Random(seed)
    sources = [_source(dice, n) for n in range(60)] + [link(f"listing:sida-{n}") for n in range(3)]
    dice.shuffle(sources)
    decisions = [_found(dice, source) for source in sources if source.url and not source.paused]
    decisions = _with_causes(dice, decisions)
    fill(store, sources, decisions, [_answer(dice, source.id) for source in sources if dice.random() < 0.5])
    store.sync_sources([source for source in sources if not source.id.endswith("7")], at(hours=0.5))


def _source(dice: random.Random, n: int) -> Source:
    return link(
        f"l{n}",
        name=dice.choice(("Åre", "Örebro", "Ale", "älv", "Zinkgruvan", "år 9", "år 10")),
        owner=dice.choice(("Region Åre", "Region Ö", "Kommun")),
        county=dice.choice(("K", "AB", None)) if n else "Z",
        url="" if n % 19 == 1 else f"https://r.example/{n}",
        paused=n % 23 == 2,
        tags=tuple(dice.sample(("service", "ö", "väg"), dice.randrange(3))),
    )


def _found(dice: random.Random, source: Source) -> Decision:
    state = dice.choice(list(_FOUND))
    reason = dice.choice((None, "dns_nxdomain"))
    decided = found(source, state, dice.choice(_FOUND[state]), reason=reason, days=dice.choice((1, 2, 3)))
    belief = decided.belief
    if dice.random() < 0.1:
        belief = replace(belief, finding=None)
    if dice.random() < 0.1:
        belief = replace(belief, since=None)
    if dice.random() < 0.2:
        belief = replace(belief, checked_at=at(days=dice.randrange(5)))
    return replace(decided, belief=belief)


def _with_causes(dice: random.Random, decisions: list[Decision]) -> list[Decision]:
    """Some in an incident that is open, in one that they have left, or in one that has closed."""
    told = list(decisions)
    for number in range(4):
        members = dice.sample(range(len(told)), 8)
        ids = tuple(told[n].source.id for n in members)
        is_closed = number == 3
        cause = incident(
            f"i{number}", *ids, of=told[members[0]], opened_at=at(days=dice.choice((5, 6))),
            closed_at=at(days=2) if is_closed else None, open_links=() if is_closed else ids[:6],
        )  # fmt: skip
        for n in members:
            told[n] = replace(told[n], incident=cause)
    return told


def _answer(dice: random.Random, link_id: str) -> Review:
    action = dice.choice([one for one in Action if one is not Action.PAUSE])
    until = dice.choice((at(days=1), NOW, at(days=-1), None)) if action in (Action.SNOOZE, Action.REPORT) else None
    details = {"assignee": dice.choice(("Åsa", "Bo"))} if action is Action.ASSIGN else {}
    return answer(link_id, action, until=until, details=details, ended_at=at(hours=2) if dice.random() < 0.3 else None)
