"""The page on which a mail's reader answers a finding, with one button."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from linkwatch import answers
from linkwatch.answers import Given, Wish
from linkwatch.core import fingerprint
from linkwatch.core.models import LinkView
from linkwatch.core.reviews import Action, Review, approvable, is_over
from linkwatch.core.subscribers import Subscriber
from linkwatch.core.tickets import Purpose, Ticket
from linkwatch.report import answers as told
from linkwatch.report import card as cards
from linkwatch.report.discretion import nameless
from linkwatch.report.reading import Reading
from linkwatch.web.bodies import form_of
from linkwatch.web.mail_tickets import back_to, reading_for, say, show_to, subscriber_of, ticket_of, who_is
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of
from linkwatch.web.view import link_path, start_of, today

ANSWERS = (Action.ACKNOWLEDGE, Action.APPROVE, Action.SNOOZE)

_WEEK = timedelta(days=7)
_UNDO = "undo"
_MOST_REVIEWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a mail told of, as it is now. `own` is the answer to it that its reader has given."""

    ticket: Ticket
    subscriber: Subscriber
    reading: Reading
    link: LinkView
    own: Review | None
    is_same: bool  # nothing else has been found since the mail

    @property
    def answers(self) -> tuple[Action, ...]:
        """What it can be answered with; of a finding without a page nobody can say that the page is right."""
        return tuple(one for one in ANSWERS if one is not Action.APPROVE or approvable(self.link.belief.finding))

    @property
    def who(self) -> str:
        return who_is(self.subscriber)


def answer_page(request: Request) -> Response:
    asked = _asked(request)
    if isinstance(asked, Response):
        return asked
    wanted, own = _answer(request.query_params.get("do", "")), asked.own.action if asked.own else None
    if wanted not in (*asked.answers, own):
        wanted = own
    return _finding(request, asked, wanted or Action.ACKNOWLEDGE)


def answer(request: Request) -> Response:
    form, asked = form_of(request), _asked(request)
    if isinstance(asked, Response):
        return asked
    word = str(form.get("do", ""))
    if word == _UNDO:
        return _undone(request, asked)
    wanted = _answer(word)
    if wanted is None:
        raise Refused(400, "bad_request")
    if asked.own and asked.own.action is wanted:
        return back_to(request, f"?do={wanted}#said")
    if not asked.is_same:
        return _finding(request, asked, wanted, status=409)
    if wanted not in asked.answers:
        sentence = asked.reading.words.text("desk.mail.not_approvable")
        return _finding(request, asked, Action.ACKNOWLEDGE, status=409, sentence=sentence)
    current = current_of(request)
    given = answers.give(current.config, current.ledger, _wish(asked, wanted), current.now())
    return _refusal(request, asked, wanted, given) or back_to(request, f"?do={wanted}#said")


def _undone(request: Request, asked: _Asked) -> Response:
    if asked.own is None:
        return back_to(request)
    current, action = current_of(request), asked.own.action
    given = answers.take_back(current.config, current.ledger, asked.own.id, asked.who, current.now())
    return _refusal(request, asked, action, given) or back_to(request, f"?do={action}&undone=1#said")


def _refusal(request: Request, asked: _Asked, wanted: Action, given: Given) -> Response | None:
    """None where nothing was refused."""
    if not given.refused:
        return None
    anew = _asked(request)  # what stood in the way is there by now
    sentence = asked.reading.words.find(f"answers.refused.{given.refused[0].why}")
    return anew if isinstance(anew, Response) else _finding(request, anew, wanted, status=409, sentence=sentence)


def _asked(request: Request) -> _Asked | Response:
    """What the ticket is about, or the page that says why it cannot be answered any more."""
    current, ticket = current_of(request), ticket_of(request, Purpose.ANSWER)
    subscriber = subscriber_of(request, ticket)
    reading, now = reading_for(request, subscriber), current.now()
    if ticket.is_over(now):
        return say(request, reading, "over", 410, link_id=ticket.link_id)
    subscription = current.subscriptions.get(ticket.subscriber)
    if subscriber is None or (subscription and subscription.choice.has_left):
        return say(request, reading, "not_told", 403)
    link = current.desk.link(ticket.link_id, now)
    if link is None:
        return say(request, reading, "no_link", 410)
    is_same = _seen_as(link) == ticket.fingerprint
    reviews = current.desk.reviews(ticket.link_id, limit=_MOST_REVIEWS)
    return _Asked(
        ticket=ticket,
        subscriber=subscriber,
        reading=reading,
        link=link,
        own=_own(reviews, ticket, who_is(subscriber), now, is_same=is_same),
        is_same=is_same,
    )


def _own(reviews: Iterable[Review], ticket: Ticket, who: str, now: datetime, *, is_same: bool) -> Review | None:
    """The latest answer of the reader to what the ticket is about, where it can be taken back and has not run out.

    An approval has done its work once the page is found well; found the same again, it is a finding anew.
    """
    for one in reviews:
        is_theirs = one.who == who and one.fingerprint == ticket.fingerprint and one.action in ANSWERS
        if is_theirs and one.is_undoable() and not is_over(one, now):
            return one if one.holds or (one.ended_as == "changed" and not is_same) else None
    return None


def _seen_as(link: LinkView) -> str:
    return link.fingerprint or fingerprint.of(link)


def _wish(asked: _Asked, action: Action) -> Wish:
    link_id, reading = asked.ticket.link_id, asked.reading
    return Wish(
        action=action,
        link_ids=(link_id,),
        who=asked.who,
        until=_in_a_week(reading) if action is Action.SNOOZE else None,
        seen={link_id: asked.link.fingerprint or ""},
    )


def _in_a_week(reading: Reading) -> datetime:
    return start_of(today(reading) + _WEEK, reading.timezone)


def _answer(word: str) -> Action | None:
    return next((action for action in ANSWERS if action == word), None)


def _finding(
    request: Request, asked: _Asked, wanted: Action, *, status: int = 200, sentence: str | None = None
) -> Response:
    """The page about a finding, with the button for what is `wanted`, or what has become of it."""
    reading, link = asked.reading, nameless(asked.link)
    done = asked.own if asked.own and asked.own.action is wanted else None
    until = done.until if done and done.until else _in_a_week(reading)
    return show_to(
        request,
        reading,
        "desk/mail_answer.html",
        status=status,
        card=cards.card(link, reading),
        said=told.standing(link, reading),
        wanted=wanted,
        others=[action for action in asked.answers if action is not wanted],
        done=done,
        until=reading.date(until),
        is_same=asked.is_same,
        is_undone="undone" in request.query_params and asked.own is None,
        sentence=sentence if asked.is_same else None,
        at_desk=link_path(link.source.id),
    )
