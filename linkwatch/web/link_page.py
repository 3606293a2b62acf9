"""One link with all that is known of it: how it stands and what to do, the evidence, and its past."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import Copy, LinkView
from linkwatch.core.safe import plain
from linkwatch.core.textdiff import Comparison, side_by_side
from linkwatch.report import answers
from linkwatch.report.answers import Line
from linkwatch.report.card import LONGEST_NAME, change
from linkwatch.report.discretion import nameless_review
from linkwatch.report.overview import anchors, told
from linkwatch.report.reading import Reading
from linkwatch.report.spark import spark
from linkwatch.store.desk_records import TitleSeen
from linkwatch.web.flash import flash_of
from linkwatch.web.people import person_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, show
from linkwatch.web.trends import trend_of
from linkwatch.web.view import incident_path, link_path, prepared, reading_of, view_of

_MOST_EVENTS = 200
_LONGEST_TITLE = 300


def link_page(request: Request) -> Response:
    current, reading = current_of(request), reading_of(request)
    desk, link_id = current.desk, request.path_params["id"]
    link = desk.link(link_id, reading.now)
    if link is None:
        raise Refused(404, "not_found")
    view = replace(view_of(request, [link], back=link_path(link_id), swaps=False), shows_all=True)
    if "checking" in request.query_params and "hx-request" in request.headers and link_id in view.waiting:
        return Response(status_code=204)
    is_known = person_of(request).is_known
    (link,) = prepared(request, [link])
    return show(
        request,
        "desk/link.html",
        reading=reading,
        desk=view,
        flash=flash_of(request),
        link=link,
        name=plain(link.source.name, LONGEST_NAME),
        told=told(link, reading, anchors([link])),
        events=_events(link, desk.reviews(link_id, limit=_MOST_EVENTS), reading, is_known=is_known),
        spark=spark(desk.beats(link_id), reading),
        trend=trend_of(desk, [link], reading),
        titles=[_title(one, reading) for one in desk.titles(link_id)],
        about=list(_about(link, reading)),
        incident=incident_path(link.incident.id) if link.incident else None,
        **_difference(desk.copy(link_id), desk.seen(link_id), reading),
    )


def _events(link: LinkView, reviews: Sequence[Any], reading: Reading, *, is_known: bool) -> list[Line]:
    """What happened to the page and what people answered, in one line of time, the latest first."""
    known = reviews if is_known else map(nameless_review, reviews)
    answered = [answers.line(one, "", "", reading) for one in known]
    changed = [
        Line(at=one.at, text=change(one, reading.words), symbol=one.new, name="", href="") for one in link.transitions
    ]
    return sorted([*answered, *changed], key=lambda line: line.at, reverse=True)[:_MOST_EVENTS]


def _difference(old: Copy | None, new: Copy | None, reading: Reading) -> dict[str, Any]:
    if old is None or new is None:
        return {"difference": None}
    compared = side_by_side(old.text, new.text)
    words = reading.words
    labels = (
        words.text("desk.difference.old", date=reading.date(old.learnt_at)),
        words.text("desk.difference.new", date=reading.date(new.learnt_at)),
    )
    return {
        "difference": None if compared.is_same else compared,
        "difference_words": (_summary(compared, reading), *labels),
    }


def _summary(compared: Comparison, reading: Reading) -> str:
    words = reading.words
    gone, new = (
        words.count("desk.difference.gone_words", compared.gone),
        words.count("desk.difference.new_words", compared.new),
    )
    if compared.kept is None:
        return words.text("desk.difference.summary", gone=gone, new=new)
    return words.text("desk.difference.summary_kept", kept=words.percent(compared.kept), gone=gone, new=new)


def _title(one: TitleSeen, reading: Reading) -> dict[str, str | None]:
    first, last = reading.date(one.first_at), reading.date(one.last_at)
    when = first if first == last else reading.words.text("desk.link.from_to", first=first, last=last)
    return {
        "when": when,
        "title": plain(one.title, _LONGEST_TITLE) if one.title else reading.words.text("desk.link.no_title"),
        "modified": reading.date(one.last_modified) if one.last_modified else None,
    }


def _about(link: LinkView, reading: Reading) -> Iterable[tuple[str, str]]:
    words, source = reading.words, link.source
    yield words.text("desk.link.id"), source.id
    if source.county in COUNTIES:
        yield words.text("desk.filter.county"), COUNTIES[source.county]
    if source.tags:
        yield words.text("desk.filter.tag"), ", ".join(plain(tag, LONGEST_NAME) for tag in source.tags)
    if source.listing:
        yield words.text("desk.link.listing"), source.listing
    if source.contact:
        yield words.text("report.label.contact"), plain(source.contact, LONGEST_NAME)


routes: list[BaseRoute] = [Route("/links/{id}", link_page)]
