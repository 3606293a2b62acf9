"""What people answer to a finding: a closed list of actions, and which answers still hold.

An answer is bound to the fingerprint of what was seen (`core.fingerprint`): it ends by itself when that changes. Those
that are about the link and not about a finding (`ignore`, `assign`, `pause`) are not bound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What somebody did with a link; the words are stable, users script against them."""

    ACKNOWLEDGE = "acknowledge"  # seen; say nothing more until it changes
    SNOOZE = "snooze"  # say nothing until a date
    IGNORE = "ignore"  # say nothing of this link any more
    APPROVE = "approve"  # the page is right: a false alarm
    CONFIRM = "confirm"  # the page is wrong: the alarm was right
    REPORT = "report"  # the owner has been told, a reply is awaited
    ACCEPT = "accept"  # the new address is taken into the configuration
    ASSIGN = "assign"  # somebody has it
    CHECK = "check"  # look again now
    PAUSE = "pause"  # do not visit it
    RESUME = "resume"
    UNDO = "undo"


# Reasons of a change of state that say more than its verdict: people brought it about.
BY_PEOPLE = frozenset({"fixed_on_page", "accepted", "undone"})

QUIETING = frozenset({Action.ACKNOWLEDGE, Action.SNOOZE, Action.IGNORE, Action.APPROVE, Action.REPORT})
BOUND = frozenset({Action.ACKNOWLEDGE, Action.SNOOZE, Action.APPROVE, Action.CONFIRM, Action.REPORT})
STANDING = QUIETING | {Action.CONFIRM, Action.ASSIGN, Action.PAUSE}  # they hold for a time; the others are done at once
UNDOABLE = STANDING | {Action.ACCEPT, Action.RESUME}

# Findings of which a page was seen, so that somebody can say that it is the right one (`core.models.Code`).
_WITH_A_PAGE = frozenset(
    {"changed", "outdated", "soft_404", "moved_to_home", "replaced", "parked", "tls_error", "moved"}
)

# Which answers that hold end when another is given.
REPLACES: Mapping[Action, frozenset[Action]] = {
    **dict.fromkeys(QUIETING, QUIETING),
    Action.APPROVE: QUIETING | {Action.CONFIRM},
    Action.CONFIRM: frozenset({Action.CONFIRM, Action.APPROVE}),
    Action.ASSIGN: frozenset({Action.ASSIGN}),
    Action.PAUSE: frozenset({Action.PAUSE, Action.RESUME}),
    Action.RESUME: frozenset({Action.PAUSE, Action.RESUME}),
    Action.ACCEPT: frozenset({Action.ACCEPT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One line of the audit log. `who` is "" where nobody is told from anybody (a desk for this machine only)."""

    id: int
    link_id: str
    at: datetime
    who: str
    action: Action
    note: str | None = None
    until: datetime | None = None  # snooze, report: from then on it is told of again
    fingerprint: str | None = None  # of the finding it answers, where it is bound to one
    details: Mapping[str, Any] = field(default_factory=dict)  # assignee; old and new address; what was approved
    ended_at: datetime | None = None
    ended_as: str | None = None  # undone | replaced | changed | over | undelivered
    undoes: int | None = None

    @property
    def holds(self) -> bool:
        return self.action in STANDING and self.ended_at is None

    @property
    def assignee(self) -> str | None:
        return self.details.get("assignee") if self.action is Action.ASSIGN else None

    def is_undoable(self) -> bool:
        """Whether it can still be taken back.

        What ends an approval does not take back the page that it approved: the next check, which finds that page well,
        is when a mistake is seen.
        """
        has_done_its_work = self.action is Action.APPROVE and self.ended_as in ("changed", "replaced")
        return self.action in UNDOABLE and (self.ended_at is None or has_done_its_work)


def approvable(code: str | None) -> bool:
    """Whether "the page is right" can be an answer to a finding: not where there was no page."""
    return code in _WITH_A_PAGE


def quieting(reviews: Iterable[Review], now: datetime) -> Review | None:
    """The answer that keeps a finding out of what there is to do."""
    return next((one for one in reviews if one.action in QUIETING and one.holds and not is_over(one, now)), None)


def is_over(review: Review, now: datetime) -> bool:
    """Whether its date has come: a snoozed finding returns, a reminder is due."""
    return review.until is not None and review.until <= now


def holding(reviews: Iterable[Review], action: Action) -> Review | None:
    return next((one for one in reviews if one.action is action and one.holds), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A link that somebody wants looked at now, waiting for the writer."""

    id: int
    link_id: str
    at: datetime
    who: str
    done_at: datetime | None = None
    run_id: int | None = None
    outcome: str | None = None  # done | inconclusive | failed | overtaken; not visited: gone | no_link | paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer that was not taken. `why` is a stable word, `detail` for the operator's eyes."""

    link_id: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of what was asked: the lines of the audit log, in order, and what was refused."""

    reviews: tuple[Review, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many of the alarms that people judged were right."""

    confirmed: int
    approved: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where nothing has been judged."""
        judged = self.confirmed + self.approved
        return self.confirmed / judged if judged else None


def precision(reviews: Iterable[Review]) -> Precision:
    """Of these lines of the log. An alarm is one finding of one link; the last word on it counts, what was taken back
    does not."""
    said: dict[tuple[str, str | None], tuple[int, Action]] = {}
    for one in reviews:
        if one.action in (Action.CONFIRM, Action.APPROVE) and one.ended_as != "undone":
            alarm = (one.link_id, one.fingerprint)
            said[alarm] = max(said.get(alarm, (one.id, one.action)), (one.id, one.action))
    words = [action for _, action in said.values()]
    return Precision(confirmed=words.count(Action.CONFIRM), approved=words.count(Action.APPROVE))
