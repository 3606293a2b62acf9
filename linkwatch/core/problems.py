"""What the operators have to see to, told once when it begins, again while it lasts, and once when it is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

AGAIN = timedelta(days=7)
WORSE = timedelta(days=1)


class ProblemKind(StrEnum):
    RUN_INCONCLUSIVE = "run_inconclusive"
    LISTING_MISSING = "listing_missing"  # our own page cannot be read, or lists nothing
    OUTBOX_DEAD = "outbox_dead"  # something was given up
    DIGEST_FAILED = "digest_failed"  # could not be composed: a fault of ours
    DISK_FULL = "disk_full"  # or nearly
    JOB_FAILED = "job_failed"  # of those that run at night


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`subject` tells several of a kind apart: a listing's id, a recipient. `details` are for the words."""

    kind: ProblemKind
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    news_at: datetime | None = None  # it has become worse since, and is told of again after a day

    @property
    def key(self) -> tuple[ProblemKind, str]:
        return self.kind, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A problem as it is remembered."""

    problem: Problem
    since: datetime
    told_at: datetime | None = None


class Telling(StrEnum):
    BEGAN = "began"
    LASTS = "lasts"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    telling: Telling
    problem: Problem
    since: datetime


def tell(
    problems: Iterable[Problem], noted: Iterable[Noted], now: datetime, *, looked_at: Iterable[ProblemKind]
) -> tuple[Tell, ...]:
    """What is to be told, given the problems there are now and those that were noted before.

    `looked_at` are the kinds that were looked for: one of another kind that is not among `problems` is not over. What
    was never told of is not told of as over.
    """
    kinds, before = frozenset(looked_at), {one.problem.key: one for one in noted}
    present = {one.key: one for one in problems}
    told = [_now(one, before.get(key), now) for key, one in present.items()]
    over = [
        Tell(telling=Telling.OVER, problem=one.problem, since=one.since)
        for key, one in before.items()
        if key not in present and one.problem.kind in kinds and one.told_at
    ]
    return (*(one for one in told if one), *over)


def _now(problem: Problem, noted: Noted | None, now: datetime) -> Tell | None:
    if noted is None or noted.told_at is None:
        return Tell(telling=Telling.BEGAN, problem=problem, since=noted.since if noted else now)
    is_worse = problem.news_at is not None and problem.news_at > noted.told_at and now - noted.told_at >= WORSE
    if is_worse or now - noted.told_at >= AGAIN or noted.told_at > now:  # then, by a clock that has been set right
        return Tell(telling=Telling.LASTS, problem=problem, since=noted.since)
    return None
