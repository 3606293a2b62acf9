"""Answers as forms send them: with a browser's own means, or with htmx, which puts the answer in the card's place."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from linkwatch import answers
from linkwatch.answers import Given, Wish
from linkwatch.core.models import Snapshot
from linkwatch.core.reviews import Action, Review
from linkwatch.report import story
from linkwatch.report.overview import anchors, told
from linkwatch.web.bodies import Form, form_of
from linkwatch.web.flash import Flash, back_with, done, ids_in, range_of
from linkwatch.web.people import Role, person_of
from linkwatch.web.query import selection_of
from linkwatch.web.refusals import Refused
from linkwatch.web.sessions import here
from linkwatch.web.showing import current_of, show, words_of
from linkwatch.web.view import prepared, reading_of, start_of, today, view_of

_MOST_UNDONE = 20_000
_SEEN = "seen:"  # and the id of a link: the fingerprint with which it was shown
_MANY = 20  # so many links are not answered without asking back
_DATES = {Action.SNOOZE: "until", Action.REPORT: "remind"}


def answer(request: Request) -> Response:
    form = form_of(request)
    _may_edit(request)
    ids = _ids(request, form)
    back = here(_text(form, "back") or "/")
    if not ids:
        return _refusal(request, back, "nothing_chosen")
    action = _action(form)
    if action is None:
        return _refusal(request, back, "unknown_action")
    if len(ids) > _MANY and not _text(form, "sure"):
        return _ask_back(request, form, action, len(ids), back)
    wish = _wish(request, form, action, ids)
    if isinstance(wish, str):
        return _refusal(request, back, wish)
    current = current_of(request)
    given = answers.give(current.config, current.ledger, wish, current.now())
    return _answered(request, given, ids, back)


def undo(request: Request) -> Response:
    form = form_of(request)
    _may_edit(request)
    back = here(_text(form, "back") or "/")
    current, person = current_of(request), person_of(request)
    reviews, links, why = list[Review](), list[str](), None
    named = filter(None, map(ids_in, map(str, form.getlist("review"))))
    numbers = (number for first, last in named for number in range(first, last + 1))
    for number in islice(numbers, _MOST_UNDONE):
        given = answers.take_back(current.config, current.ledger, number, person.name, current.now())
        reviews += given.reviews
        links += [one.link_id for one in given.reviews]
        why = given.refused[0].why if given.refused else why
    if not reviews:
        return _refusal(request, back, why or "not_undoable")
    return _answered(request, Given(reviews=tuple(reviews)), list(dict.fromkeys(links)), back)


# ---------------------------------------------------------------- what was asked for


def _may_edit(request: Request) -> None:
    if not person_of(request).may_edit:
        raise Refused(403, "not_allowed", role=Role.EDITOR)


def _text(form: Form, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _ids(request: Request, form: Form) -> list[str]:
    """The links that are chosen: those named, or with `whole` all of a selection."""
    if _text(form, "whole"):
        current = current_of(request)
        return list(current.desk.ids(selection_of(parse_qsl(_text(form, "query"))), current.now()))
    return list(dict.fromkeys(value for value in form.getlist("id") if isinstance(value, str)))


def _seen(form: Form) -> dict[str, str]:
    """The fingerprint of what the editor saw of each link; for a whole selection nobody has seen each."""
    return {name.removeprefix(_SEEN): value for name, value in form.items() if name.startswith(_SEEN)}


def _action(form: Form) -> Action | None:
    word = _text(form, "action")
    word = Action.ACCEPT if word == "accept_this" else word
    return Action(word) if word in set(Action) - {Action.UNDO} else None


def _wish(request: Request, form: Form, action: Action, ids: Sequence[str]) -> Wish | str:
    """What is wished for, or a stable word why that cannot be."""
    until = None
    if action in _DATES:
        found = _date(_text(form, _DATES[action]), request)
        if isinstance(found, str):
            return found
        until = found
    named = _text(form, "action") == "accept_this" or bool(_text(form, "proposed"))
    url = _text(form, "proposed") or _text(form, "url") if named else None
    if named and not url:
        return "no_address"
    return Wish(
        action=action,
        link_ids=tuple(ids),
        who=person_of(request).name,
        note=_text(form, "note"),
        until=until,
        assignee=_text(form, "assignee") or None,
        url=url,
        seen=_seen(form),
    )


def _date(text: str, request: Request) -> datetime | str:
    reading = reading_of(request)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "no_date"
    return start_of(day, reading.timezone) if day > today(reading) else "past_date"


# ---------------------------------------------------------------- what is answered


def _is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _refusal(request: Request, back: str, why: str) -> Response:
    if _is_htmx(request):
        return HTMLResponse(status_code=204, headers={"HX-Redirect": back_with(back, refused=why)})
    return RedirectResponse(back_with(back, refused=why), status_code=303)


def _answered(request: Request, given: Given, ids: Sequence[str], back: str) -> Response:
    if not given.reviews:
        return _refusal(request, back, given.refused[0].why if given.refused else "nothing_chosen")
    first, last = given.reviews[0].id, given.reviews[-1].id
    if not _is_htmx(request):
        said = {"refused": given.refused[0].why} if given.refused else {}
        return RedirectResponse(back_with(back, done=range_of(first, last), **said), status_code=303)
    return card_anew(request, ids, back, done(given.reviews, last - first + 1, request))


def card_anew(request: Request, ids: Sequence[str], back: str, flash: Flash | None) -> Response:
    """The card of these links as it is now, or in its place what was answered."""
    current, reading = current_of(request), reading_of(request)
    links = prepared(request, current.desk.links(ids, reading.now))
    sections = story.sections(
        Snapshot(
            generated_at=reading.now,
            run=None,
            links=tuple(link for link in links if not link.source.is_listing),
            listings=tuple(link for link in links if link.source.is_listing),
        )
    )
    found = [*sections.todo, *sections.suspected, *sections.unverifiable]
    values: dict[str, Any] = {
        "reading": reading,
        "desk": view_of(request, links, back=back),
        "flash": flash,
        "open": current.desk.counts(reading.now).open,
    }
    if len(found) != 1:
        flash = flash or Flash(text=words_of(request).text("desk.done.well"))
        return show(request, "desk/answered.html", **(values | {"flash": flash}))
    return show(request, "desk/card.html", **values, told=told(found[0], reading, anchors(links)))


def checking(request: Request) -> Response:
    """Asked every two seconds by a card whose link is about to be checked: nothing yet, or the card as it is now."""
    current, ids = current_of(request), request.query_params.getlist("id")[:100]
    waiting = current.desk.requests(ids)
    if not ids or any(one.done_at is None for one in waiting.values()):
        return Response(status_code=204)
    back = here(request.headers.get("hx-current-url", "/").partition("://")[2].partition("/")[2].join(["/", ""]))
    return card_anew(request, ids, back, None)


def _ask_back(request: Request, form: Form, action: Action, number: int, back: str) -> Response:
    words = words_of(request)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "sure"]
    if _text(form, "whole"):
        fields = [(name, value) for name, value in fields if name != "id"]
    question = words.count("desk.confirm.question", number, action=words.text(f"desk.action.{action}"))
    asked = show(request, "desk/confirm.html", question=question, fields=fields, back=back)
    if _is_htmx(request):  # in the place of the page, not of the card
        asked.headers.update({"HX-Retarget": "#content", "HX-Reselect": "#content", "HX-Reswap": "outerHTML"})
    return asked


routes: list[BaseRoute] = [
    Route("/answer", answer, methods=["POST"]),
    Route("/undo", undo, methods=["POST"]),
    Route("/checking", checking),
]
