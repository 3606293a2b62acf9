"""What was just done, told once at the top of the next page, with the way to undo it.

It travels in the address ("?done=17-19": the lines of the audit log, which one transaction wrote one after another), so
that it needs no session, and a page that is loaded again says the same again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from linkwatch.core.reviews import UNDOABLE, Action, Review
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report.answers import LONGEST_PERSON
from linkwatch.report.card import LONGEST_NAME
from linkwatch.web.people import person_of
from linkwatch.web.sessions import here
from linkwatch.web.showing import current_of, words_of

_RANGE = re.compile(r"([1-9]\d{0,17})(?:-([1-9]\d{0,17}))?")
_OWN = ("done", "refused", "of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """`undo` are the lines of the log that one click takes back, as ranges."""

    text: str
    undo: tuple[str, ...] = ()
    is_refusal: bool = False


def flash_of(request: Request) -> Flash | None:
    """What the address says was done; nothing where it says nothing that is true."""
    words, query = words_of(request), request.query_params
    why, found = query.get("refused"), ids_in(query.get("done", ""))
    sentence = words.find(f"answers.refused.{why}", url="", name="") if why else None
    first, last = map(current_of(request).desk.review, found) if found else (None, None)
    if not found or not first or not last or not _are_one(first, last) or not person_of(request).may_view:
        return Flash(text=sentence, is_refusal=True) if sentence else None
    told = done([first], found[1] - found[0] + 1, request)
    return replace(told, text=f"{told.text} {sentence}", is_refusal=True) if sentence else told


def _are_one(first: Review, last: Review) -> bool:
    """Whether lines were written together: an address that somebody made up must not offer to undo what others did."""
    is_undone = first.action is last.action is Action.UNDO
    return is_undone or (first.at, first.who, first.action) == (last.at, last.who, last.action)


def done(reviews: Sequence[Review], number: int, request: Request) -> Flash:
    """ "Blekinge är kvitterad." or, of several, "3 länkar är kvitterade." """
    first, words, person = reviews[0], words_of(request), person_of(request)
    undo = (range_of(first.id, first.id + number - 1),) if _is_undoable(first) and person.may_edit else ()
    return Flash(text=_text(first, number, _name(first, request), words, names=person.is_known), undo=undo)


def _text(review: Review, number: int, name: str, words: Words, *, names: bool) -> str:
    action: str = review.action
    if review.action is Action.UNDO:
        return words.count("desk.done.undo", number, name=name)
    assignee = plain(review.assignee or "", LONGEST_PERSON) if names else words.text("answer.somebody")
    return words.count(f"desk.done.{action}", number, name=name, assignee=assignee)


def _name(review: Review, request: Request) -> str:
    current = current_of(request)
    link = current.desk.link(review.link_id, current.now())
    return plain(link.source.name if link else review.link_id, LONGEST_NAME)


def _is_undoable(review: Review) -> bool:
    return review.action in UNDOABLE and review.is_undoable()


def range_of(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def ids_in(text: str) -> tuple[int, int] | None:
    """The first and the last of "17-19" or "17"."""
    if not (match := _RANGE.fullmatch(text)):
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (first, last) if first <= last else None


def back_with(back: str, **said: str) -> str:
    """The page to come back to, with what is to be told there in place of what it told before."""
    parts = urlsplit(here(back))
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in _OWN]
    query = urlencode([*kept, *said.items()])
    return f"{parts.path}{'?' + query if query else ''}#flash"
