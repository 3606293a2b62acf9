"""The links of /links?… as files, all of them: a table for Excel, JSON for scripts, a feed for readers."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch.core.models import ALARMS, LinkView, Snapshot
from linkwatch.core.selection import Selection
from linkwatch.report import csv, feed, json
from linkwatch.report.feed import Place
from linkwatch.store.desk import Desk
from linkwatch.web.people import person_of
from linkwatch.web.query import query_of, selection_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, settings_of
from linkwatch.web.view import prepared, reading_of

_FEED = "application/atom+xml; charset=utf-8"


def links_csv(request: Request) -> Response:
    return _file(request, csv.lines(_snapshot(request)), "csv", "text/csv; charset=utf-8; header=present")


def links_json(request: Request) -> Response:
    return _file(request, json.lines(_snapshot(request)), "json", "application/json")


def links_atom(request: Request) -> Response:
    selection = _selection(request)
    body = feed.atom(
        prepared(request, _newsworthy(current_of(request).desk, selection, current_of(request).now())),
        selection,
        reading_of(request),
        title=current_of(request).config.title,
        place=_place(request, query_of(selection)),
    )
    return _fresh(request, body)


def incidents_atom(request: Request) -> Response:
    current, reading = current_of(request), reading_of(request)
    found = current.desk.incidents(reading.now - feed.LATELY)
    body = feed.incidents_atom(found, reading, title=current.config.title, place=_place(request, ""))
    return _fresh(request, body)


def _selection(request: Request) -> Selection:
    selection = selection_of(request.query_params.multi_items())
    if selection.assignee is not None and not person_of(request).is_known:
        raise Refused(403, "names_hidden")
    return selection


def _snapshot(request: Request) -> Snapshot:
    current = current_of(request)
    now = current.now()
    links = current.desk.find(_selection(request), now, limit=None, with_history=False).links
    return current.desk.snapshot(now, prepared(request, links))


def _newsworthy(desk: Desk, selection: Selection, now: datetime) -> tuple[LinkView, ...]:
    """The links of a selection that a feed can have something to say of: the others are most, and take long to read."""
    ids = desk.ids(selection, now)
    if selection.states:
        return desk.links(ids, now)
    since = now - feed.LATELY
    standing = frozenset(desk.ids(replace(selection, states=ALARMS), now))
    changes = desk.transitions_of(ids, since)
    return desk.links(
        [one for one in ids if one in standing or any(change.at >= since for change in changes[one])], now
    )


def _file(request: Request, text: Iterable[str], ending: str, media: str) -> Response:
    """To be kept: its name says of which day it is."""
    reading = reading_of(request)
    name = f"links-{reading.words.day(reading.now, reading.timezone)}.{ending}"
    body = b"".join(part.encode("utf-8") for part in text)
    return Response(body, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _place(request: Request, query: str) -> Place:
    """The desk by its public name, else by the one that the reader used; `Hosts` has seen to it that it is ours."""
    settings, contact = settings_of(request), current_of(request).config.fetch.contact
    desk = f"{settings.public_url}/" if settings.public_url else str(request.base_url)
    ours = contact.rpartition("@")[2] if contact else urlsplit(desk).hostname
    return Place(desk=desk, authority=ours or "localhost", query=query)


def _fresh(request: Request, body: bytes) -> Response:
    """Readers ask every hour: what they have already is not sent again (RFC 9110 §13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache, private"}
    sent = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if sent & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=_FEED, headers=headers)


routes: tuple[BaseRoute, ...] = (
    Route("/links.csv", links_csv),
    Route("/links.json", links_json),
    Route("/links.atom", links_atom),
    Route("/incidents.atom", incidents_atom),
)
