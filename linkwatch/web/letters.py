"""The letter to an owner: on the owner's and the incident's page, as a file that a mail program opens, and, where
the deployment allows it, sent from here.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import make_msgid
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch.answers import REMIND_AFTER
from linkwatch.core.models import LinkView
from linkwatch.core.outbox import Channel, Content, Kind, Parcel
from linkwatch.core.reviews import Action, Review
from linkwatch.core.safe import plain
from linkwatch.locale import LANGUAGES
from linkwatch.report import answers
from linkwatch.report import card as cards
from linkwatch.report.card import LONGEST_NAME
from linkwatch.report.letter import Letter, in_trouble, letter
from linkwatch.report.pages import upper_first
from linkwatch.report.reading import Reading
from linkwatch.store.ledger import Overtaken
from linkwatch.web.bodies import Form, form_of
from linkwatch.web.people import Role, needs, person_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, show
from linkwatch.web.view import incident_path, prepared, reading_of, view_of

LONGEST_SUBJECT = 200
LONGEST_BODY = 20_000

_SEEN = "seen:"  # as in web.forms
_MOST_REVIEWS = 100  # of one link
_LONGEST_DETAIL = 300
_NUMBER = re.compile("[0-9]{1,18}", re.ASCII)
_ONCE = re.compile("[A-Za-z0-9_-]{16,64}")
_JUST_NOW = timedelta(hours=1)  # so long a page says that a letter is on its way
_LINE_END = re.compile("\r\n|\r")
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How a letter is sent from here. `once` goes with one form and is taken once."""

    to: tuple[str, ...]
    replies: str  # the mailbox that an answer comes to
    once: str
    seen: int  # the newest line of the log that says of its links that the owner was told; 0: there is none
    is_anyway: bool = False  # though the owner was told while it was written
    subject_limit: int = LONGEST_SUBJECT
    body_limit: int = LONGEST_BODY


def letter_values(
    request: Request, links: Sequence[LinkView], owner: str, base: str, reading: Reading
) -> dict[str, Any]:
    """What `letter.html` draws: nothing where there is nothing to write about, or nobody known who would write."""
    language = _language(request, reading)
    written = _written(request, links, owner, language)
    if written is None:
        return {"letter": None}
    concerned = in_trouble(links)
    log, about = _reports(request, concerned), {link.source.id for link in concerned}
    others = (one for link in links if link.source.id not in about for one in link.reviews)
    reported = [one for one in (*log, *others) if one.action is Action.REPORT and one.holds]
    sending = _sending(request, written, seen=max((one.id for one in log), default=0))
    return {
        "letter": written,
        "sending": sending,
        "on_its_way": _on_its_way(request, reported, sending, reading),
        "undelivered": _undelivered(log, reading),
        "letter_language": language,
        "letter_base": base,
        "letter_links": concerned,
        "letter_is_open": "letter" in request.query_params,
        "reported": list(dict.fromkeys(answers.sentence(one, reading) for one in reported)),
    }


def _reports(request: Request, links: Iterable[LinkView]) -> list[Review]:
    """Every line of the log that says of one of these links that its owner was told, also those that have ended."""
    desk = current_of(request).desk
    return [
        review
        for link in links
        for review in desk.reviews(link.source.id, limit=_MOST_REVIEWS)
        if review.action is Action.REPORT
    ]


def _undelivered(log: Iterable[Review], reading: Reading) -> list[str]:
    """Of each letter that did not arrive, where nobody has told its links' owner since."""
    latest: dict[str, Review] = {}
    for one in log:
        if one.ended_as != "undone" and one.id > (latest[one.link_id].id if one.link_id in latest else 0):
            latest[one.link_id] = one
    return list(dict.fromkeys(_bounced(one, reading) for one in latest.values() if one.ended_as == "undelivered"))


def _bounced(review: Review, reading: Reading) -> str:
    details, words = review.details, reading.words
    to = words.join(plain(str(one), LONGEST_NAME) for one in details.get("to", ()))
    why = plain(str(details.get("detail", "")), _LONGEST_DETAIL)
    if not to:
        return words.text("answer.ended.undelivered")
    return words.text("desk.letter.undelivered_why" if why else "desk.letter.undelivered", to=to, detail=why)


def _language(request: Request, reading: Reading) -> str:
    asked = request.query_params.get("letter") or request.query_params.get("language") or ""
    return asked if asked in LANGUAGES else reading.words.language


def _written(request: Request, links: Sequence[LinkView], owner: str, language: str) -> Letter | None:
    told = in_trouble(links)
    if not told or not person_of(request).is_known:
        return None
    config = current_of(request).config
    return letter(
        told,
        owner=owner,
        reading=reading_of(request),
        sender=config.fetch.contact,
        site=config.title,
        page=next((listing.url for listing in config.listings), None),
        language=language,
    )


def owner_letter(request: Request) -> Response:
    name = request.path_params["name"]
    return _file(request, current_of(request).desk.by_owner(name, current_of(request).now()), name)


def incident_letter(request: Request) -> Response:
    desk, now = current_of(request).desk, current_of(request).now()
    incident = desk.incident(request.path_params["id"])
    if incident is None:
        raise Refused(404, "not_found")
    return _file(request, desk.links(incident.open_links, now), incident.owner)


def _file(request: Request, links: Sequence[LinkView], owner: str) -> Response:
    written = _written(request, prepared(request, links), owner, _language(request, reading_of(request)))
    if written is None:
        raise Refused(404, "not_found")
    headers = {"Content-Disposition": 'attachment; filename="linkwatch.eml"'}
    return Response(written.eml, media_type="message/rfc822", headers=headers)


# ---------------------------------------------------------------- sent from here


def _sending(request: Request, written: Letter, *, seen: int, is_anyway: bool = False) -> Sending | None:
    """None where nothing is sent: it is not allowed, there is no server, nobody to send it to, or this is a reader."""
    mail = current_of(request).config.mail
    if not (mail.letters and mail.can_send and written.to and person_of(request).may_edit):
        return None
    return Sending(
        to=_to(written),
        replies=mail.reply_to or mail.sender,
        once=secrets.token_urlsafe(16),
        seen=seen,
        is_anyway=is_anyway,
    )


def _to(written: Letter) -> tuple[str, ...]:
    return tuple(written.to.split(", "))


def _on_its_way(request: Request, reported: Sequence[Review], sending: Sending | None, reading: Reading) -> str | None:
    """That a letter has just been sent, where the address says so and the log does too."""
    is_so = any("letter" in one.details and reading.now - one.at < _JUST_NOW for one in reported)
    if sending is None or not is_so or "sent" not in request.query_params:
        return None
    to = reading.words.join(sending.to)
    return reading.words.text("desk.letter.on_its_way", to=to, reply_to=sending.replies)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """A letter as its form brings it back, and what there is to write about by now."""

    form: Form
    links: Sequence[LinkView]
    written: Letter | None
    owner: str
    base: str  # the address of the page with the form

    @property
    def subject(self) -> str:
        return plain(self.form.get("subject", ""))

    @property
    def body(self) -> str:
        """In lines that end as they do here, without what is no text."""
        lines = _LINE_END.sub("\n", self.form.get("body", ""))
        return _NOT_TEXT.sub("\ufffd", lines).strip("\n") + "\n"

    @property
    def seen(self) -> int:
        number = self.form.get("told", "")
        return int(number) if _NUMBER.fullmatch(number) else 0

    @property
    def language(self) -> str:
        language = self.form.get("language", "")
        return language if language in LANGUAGES else "sv"

    @property
    def about(self) -> list[LinkView]:
        """The links that it was shown for, as they are now."""
        shown = set(self.form.getlist("id"))
        return [link for link in self.links if link.source.id in shown]


@needs(Role.EDITOR)
def send_to_owner(request: Request) -> Response:
    current, name = current_of(request), request.path_params["name"]
    return _send(request, current.desk.by_owner(name, current.now()), name, view_of(request).owner(name))


@needs(Role.EDITOR)
def send_about_incident(request: Request) -> Response:
    current = current_of(request)
    incident = current.desk.incident(request.path_params["id"])
    if incident is None:
        raise Refused(404, "not_found")
    links = current.desk.links(incident.open_links, current.now())
    return _send(request, links, incident.owner, incident_path(incident.id))


def _send(request: Request, links: Sequence[LinkView], owner: str, base: str) -> Response:
    form, mail, reading = form_of(request), current_of(request).config.mail, reading_of(request)
    once = form.get("once", "")
    if not (mail.letters and mail.can_send):
        raise Refused(404, "not_found")
    if not _ONCE.fullmatch(once):
        raise Refused(400, "bad_request")
    links = prepared(request, links)
    written = _written(request, links, owner, reading.words.language)
    typed = _Typed(form=form, links=links, written=written, owner=owner, base=base)
    wrong = _wrong(typed)
    if wrong or written is None:
        to = written.to if written else ""
        return _anew(request, typed, reading.words.text(f"desk.letter.wrong.{wrong}", to=to))
    parcels = _parcels(request, typed, _to(written))
    reviews = _reviews(request, typed, parcels)
    given = current_of(request).ledger.send_letter(parcels, reviews, once, reading.now, seen=typed.seen)
    if isinstance(given, Overtaken):
        return _anew(request, typed, _overtaken(given.review, reading), overtaken_by=given.review)
    if given is not None and not given.reviews:
        why = given.refused[0].why if given.refused else "nothing_chosen"
        return _anew(request, typed, reading.words.text(f"answers.refused.{why}"))
    return RedirectResponse(f"{base}?sent=1#letter", 303)


def _wrong(typed: _Typed) -> str | None:
    """A stable word why a letter cannot be sent."""
    if typed.written is None:
        return "nothing"
    if not typed.written.to:
        return "no_contact"
    if typed.form.get("to") != typed.written.to:
        return "other_contact"
    if not typed.subject or not typed.body.strip():
        return "empty"
    return "too_long" if len(typed.subject) > LONGEST_SUBJECT or len(typed.body) > LONGEST_BODY + 1 else None


def _parcels(request: Request, typed: _Typed, to: tuple[str, ...]) -> list[Parcel]:
    """One for each mailbox: one letter, which names all of them."""
    mail = current_of(request).config.mail
    message_id = make_msgid(domain=mail.domain)
    return [
        Parcel(
            kind=Kind.LETTER,
            channel=Channel.MAIL,
            recipient=one,
            message_id=message_id,
            content=Content(subject=typed.subject, text=typed.body, language=typed.language),
            to=to,
            reply_to=mail.reply_to,
        )
        for one in to
    ]


def _overtaken(review: Review, reading: Reading) -> str:
    words, who = reading.words, plain(review.who, answers.LONGEST_PERSON) if reading.names else ""
    how = "letter" if "letter" in review.details else "otherwise"
    return words.text(f"desk.letter.overtaken.{how}", who=who or upper_first(words.text("answer.somebody")))


def _reviews(request: Request, typed: _Typed, parcels: Sequence[Parcel]) -> list[Review]:
    """That the owner has been told, of each link that the letter was shown for."""
    now, who = current_of(request).now(), person_of(request).name
    return [
        Review(
            id=0,
            link_id=link.source.id,
            at=now,
            who=who,
            action=Action.REPORT,
            until=now + REMIND_AFTER,
            fingerprint=typed.form.get(f"{_SEEN}{link.source.id}", ""),
            details={"letter": parcels[0].message_id, "to": list(parcels[0].to)},
        )
        for link in typed.about
    ]


def _anew(request: Request, typed: _Typed, sentence: str, *, overtaken_by: Review | None = None) -> Response:
    """The form again with what was typed, and with how its links stand now.

    It knows of no more than it did before, save of what it says itself.
    """
    seen = overtaken_by.id if overtaken_by else typed.seen
    reading, written = reading_of(request), typed.written
    return show(
        request,
        "desk/mail_letter.html",
        status=409,
        sentence=sentence,
        owner=plain(typed.owner),
        rows=[cards.row(link, reading.words) for link in typed.about],
        letter=written,
        letter_base=typed.base,
        letter_language=typed.language,
        letter_links=in_trouble(typed.about),
        sending=_sending(request, written, seen=seen, is_anyway=overtaken_by is not None) if written else None,
        subject=typed.form.get("subject", ""),
        body=typed.body,
    )


routes: list[BaseRoute] = [
    Route("/owners/{name:path}/letter.eml", owner_letter),
    Route("/incidents/{id}/letter.eml", incident_letter),
    Route("/owners/{name:path}/letter", send_to_owner, methods=["POST"]),
    Route("/incidents/{id}/letter", send_about_incident, methods=["POST"]),
]
