"""What every page needs that a mail leads to: the ticket in its address, and its reader's language."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from linkwatch.core import tickets
from linkwatch.core.subscribers import Subscriber
from linkwatch.core.tickets import ANSWERS_FOR, Purpose, Ticket
from linkwatch.locale import Words
from linkwatch.report.reading import Reading
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, language_of, show
from linkwatch.web.view import link_path


def ticket_of(request: Request, purpose: Purpose) -> Ticket:
    """The one in the address. Whoever brings another learns nothing, not even what was wrong with it."""
    ticket = tickets.read(request.path_params["ticket"], current_of(request).subscriptions.key())
    if ticket is None or ticket.purpose is not purpose:
        raise Refused(404, "not_found")
    return ticket


def subscriber_of(request: Request, ticket: Ticket) -> Subscriber | None:
    """Whose mail it was; None where the configuration no longer names them, or names another mailbox: whoever reads
    the one that the mail went to has no say in what a successor is told."""
    found = current_of(request).config.mail.subscriber(ticket.subscriber)
    return found if found and tickets.hash_of(found.address) == ticket.address_hash else None


def who_is(subscriber: Subscriber) -> str:
    return subscriber.name or subscriber.address


def reading_for(request: Request, subscriber: Subscriber | None) -> Reading:
    """In the language of the mail; without names, since a mail may be passed on."""
    current = current_of(request)
    words = Words(subscriber.language if subscriber else language_of(request))
    return Reading(words=words, timezone=current.config.timezone, now=current.now(), names=False, letters=False)


def show_to(request: Request, reading: Reading, template: str, *, status: int = 200, **values: Any) -> Response:
    return show(request, template, status=status, **values, words=reading.words, reading=reading)


def say(request: Request, reading: Reading, why: str, status: int, *, link_id: str = "") -> Response:
    """A page of one sentence: the words of `desk.mail.<why>`."""
    return show_to(
        request,
        reading,
        "desk/mail_says.html",
        status=status,
        title=reading.words.text(f"desk.mail.says.{why}.title"),
        sentence=reading.words.text(f"desk.mail.says.{why}.text", days=ANSWERS_FOR.days),
        at_desk=link_path(link_id) if link_id else None,
    )


def back_to(request: Request, more: str = "") -> Response:
    """The same page anew, so that loading it again sends nothing again."""
    return RedirectResponse(f"{request.url.path}{more}", 303)
