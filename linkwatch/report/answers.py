"""What people have answered, in sentences. Names stand in them only where the reader may see names."""

from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.models import LinkView
from linkwatch.core.reviews import QUIETING, STANDING, Action, Review, holding, is_over
from linkwatch.core.safe import plain
from linkwatch.report.reading import Reading

LONGEST_NOTE = 2_000
LONGEST_PERSON = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the log. `undo` is the review that can be taken back; `ended` says how an answer ended."""

    at: datetime
    text: str
    name: str
    href: str
    symbol: str = "paused"
    note: str | None = None
    ended: str | None = None
    undo: str | None = None


def line(review: Review, name: str, href: str, reading: Reading) -> Line:
    """One answer as the log tells it; `name` is the link's."""
    return Line(
        at=review.at,
        text=sentence(review, reading, overdue=False),
        name=plain(name, LONGEST_PERSON),
        href=href,
        symbol=review.action,
        note=note(review, reading),
        ended=_ended(review, reading),
        undo=str(review.id) if review.is_undoable() else None,
    )


def standing(link: LinkView, reading: Reading) -> tuple[str, ...]:
    """Every answer that holds, one sentence each, the latest first."""
    return tuple(sentence(review, reading) for review in reversed(link.reviews))


def short(link: LinkView, reading: Reading) -> str | None:
    """What a row of a table says: the answer that keeps it quiet, else who has it."""
    kept = [review for review in link.reviews if review.action in QUIETING]
    if kept:
        key = "over" if is_over(kept[-1], reading.now) else "short"
        known = reading.words.find(f"answer.{kept[-1].action}.{key}", date=_until(kept[-1], reading))
        return known or reading.words.text(f"answer.{kept[-1].action}.short")
    assigned = holding(link.reviews, Action.ASSIGN)
    if assigned and reading.names and assigned.assignee:
        return reading.words.text("answer.assign.short", assignee=_person(assigned.assignee))
    return None


def sentence(review: Review, reading: Reading, *, overdue: bool = True) -> str:
    """ "Kvitterad av Karin den 3 november 2026." With `overdue`, that its date has come."""
    words = reading.words
    told = {
        "when": words.text("answer.by_on" if reading.names and review.who else "answer.on",
                           who=_person(review.who), date=reading.date(review.at)),
        "date": _until(review, reading),
        "assignee": _person(review.assignee or "") if reading.names else words.text("answer.somebody"),
        "url": plain(str(review.details.get("url", "")), 1_000),
        "old": plain(str(review.details.get("old", "")), 1_000),
    }  # fmt: skip
    is_due = overdue and is_over(review, reading.now)
    over = words.find(f"answer.{review.action}.overdue", **told) if is_due else None
    return over or words.text(f"answer.{review.action}.told", **told)


def note(review: Review, reading: Reading) -> str | None:
    """What somebody wrote with an answer: for those who work here only."""
    return plain(review.note, LONGEST_NOTE) if review.note and reading.names else None


def _ended(review: Review, reading: Reading) -> str | None:
    if review.ended_at is None or (review.ended_as == "over" and review.action not in STANDING):
        return None
    return reading.words.find(f"answer.ended.{review.ended_as}", date=reading.date(review.ended_at))


def _until(review: Review, reading: Reading) -> str:
    return reading.date(review.until) if review.until else ""


def _person(name: str) -> str:
    return plain(name, LONGEST_PERSON)
