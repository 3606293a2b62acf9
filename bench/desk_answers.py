"""Answers that people have given to what was found: most of them over, some keeping quiet what is in trouble now."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from linkwatch.core.models import Decision, State
from linkwatch.core.reviews import BOUND, Action, Review
from linkwatch.store import rows

PEOPLE = ("Anna Åström", "Bo Ek", "Cecilia Öberg", "Daniel Ahl", "Elin Ärlig")

ADD_REVIEW = """
INSERT INTO reviews (link_id, at, who, action, note, until, fingerprint, details, undoes, ended_at, ended_as)
VALUES (:link_id, :at, :who, :action, :note, :until, :fingerprint, :details, :undoes, :ended_at, :ended_as)
"""
ADD_REQUEST = "INSERT INTO requests (link_id, at, who, done_at, run_id, outcome) VALUES (?, ?, ?, ?, ?, 'done')"


def reviews(dice: random.Random, now: datetime, days: int, decisions: list[Decision]) -> Iterator[Review]:
    """Half as many as there are links; most are over, and some keep quiet what is in trouble now."""
    left = len(decisions) // 2
    quiet = (Action.ACKNOWLEDGE, Action.SNOOZE, Action.REPORT, Action.IGNORE, Action.CONFIRM)
    troubled = [one for one in decisions if one.belief.state not in (State.OK, State.UNVERIFIABLE)]
    for decision in dice.sample(troubled, len(troubled) * 2 // 5):
        yield _review(dice, now, decision, dice.choice(quiet), dice.randrange(1, 20))
        left -= 1
    for decision in dice.sample(troubled, len(troubled) // 6):
        yield _review(dice, now, decision, Action.ASSIGN, dice.randrange(1, 20))
        left -= 1
    for number, decision in enumerate(dice.sample(decisions, len(decisions) // 100)):
        yield _review(dice, now, decision, Action.IGNORE if number % 3 else Action.PAUSE, dice.randrange(1, 900))
        left -= 1
    for decision in dice.choices(decisions, k=max(left, 0)):
        over = _review(dice, now, decision, dice.choice((*quiet, Action.ASSIGN)), dice.randrange(60, days + 60))
        yield replace(over, ended_at=over.at + timedelta(days=9), ended_as="changed")


def _review(dice: random.Random, now: datetime, decision: Decision, action: Action, days: int) -> Review:
    until = now + timedelta(days=dice.randint(-3, 30))
    return Review(
        id=0,
        link_id=decision.source.id,
        at=now - timedelta(days=days, minutes=dice.randrange(600)),
        who=dice.choice(PEOPLE),
        action=action,
        note="Vi har skrivit till dem." if dice.random() < 0.5 else None,
        until=until if action in (Action.SNOOZE, Action.REPORT) else None,
        fingerprint=decision.fingerprint if action in BOUND else None,
        details={"assignee": dice.choice(PEOPLE)} if action is Action.ASSIGN else {},
    )


def columns(review: Review) -> rows.Columns:
    ended = {"ended_at": rows.iso(review.ended_at), "ended_as": review.ended_as}
    return rows.review_columns(review) | ended


def requests(dice: random.Random, now: datetime, run: int, decisions: list[Decision]) -> Iterator[tuple[object, ...]]:
    for decision in dice.sample(decisions, min(len(decisions), len(decisions) // 50)):
        at = now - timedelta(days=dice.randrange(1, 25))
        yield decision.source.id, rows.iso(at), "Bo Ek", rows.iso(at + timedelta(minutes=1)), run
