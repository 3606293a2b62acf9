"""The pages for looking: the overview, the list of links, a link, the owners, an incident, and the audit log."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import LinkView, Snapshot, State
from linkwatch.core.selection import Answer, Order, Selection
from linkwatch.report import addresses, answers, story
from linkwatch.report import card as cards
from linkwatch.report.overview import Entry, Overview, Part, anchors, parts, told
from linkwatch.report.reading import Reading
from linkwatch.report.story import Tally
from linkwatch.report.tiles import Placed, tiles
from linkwatch.store.desk import Desk
from linkwatch.store.desk_records import Counts, CountyCount
from linkwatch.web.flash import flash_of
from linkwatch.web.letters import letter_values
from linkwatch.web.people import person_of
from linkwatch.web.query import pairs_of, query_of, selection_of, window_of
from linkwatch.web.refusals import Refused
from linkwatch.web.showing import current_of, show, show_in_pieces
from linkwatch.web.trends import trend_of
from linkwatch.web.view import incident_path, link_path, prepared, reading_of, view_of

_SHOWN = 20  # places in the queue that the overview shows; the rest are one click away
_OTHERS = 5
_TABLE = 60  # so many links are few enough to be listed on the overview too
_PAGE = 100
_PIECE = 250  # links that are read at a time, where all are shown
_LOG = 100
_MOST_LINKS = 200  # that an owner's page tells of


# ---------------------------------------------------------------- overview


def overview_page(request: Request) -> Response:
    desk, reading = current_of(request).desk, reading_of(request)
    counts = desk.counts(reading.now)
    shown = _all(request) if counts.total <= _TABLE else _worst(request)
    view = _overview(shown, counts, desk, reading)
    links = [link for part in view.parts for one in part.told for link in one.links]
    return show(
        request,
        "desk/overview.html",
        title=current_of(request).config.title,
        view=view,
        answered=_answered(counts, reading),
        reading=reading,
        desk=replace(view_of(request, links), is_brief=counts.total > _TABLE),
        flash=flash_of(request),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """The links that the overview tells of, and of the kinds that are not all shown, how many cards and links."""

    snapshot: Snapshot
    rows: tuple[LinkView, ...] = ()
    numbers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    hrefs: Mapping[str, str] = field(default_factory=dict)


def _all(request: Request) -> _Shown:
    """Few links: each as the report tells of it."""
    desk, now = current_of(request).desk, reading_of(request).now
    links = prepared(request, desk.find(Selection(), now, limit=None).links)
    own = tuple(link for link in desk.todo(now, limit=None).links if link.source.is_listing)
    return _Shown(
        snapshot=Snapshot(generated_at=now, run=desk.last_run(), links=links, listings=own),
        rows=links,
    )


def _worst(request: Request) -> _Shown:
    """Many links: the first that there is something to do about, and the way to the others."""
    desk, now = current_of(request).desk, reading_of(request).now
    todo = desk.todo(now, limit=_SHOWN, with_history=False)
    found, numbers = [*todo.links], {"todo": (todo.places, todo.total)}
    for key, selection in _OTHER_PARTS.items():
        part = desk.find(selection, now, limit=_OTHERS, with_history=False)
        found += part.links
        numbers[key] = (part.total, part.total)
    links = prepared(request, [link for link in found if not link.source.is_listing])
    own = tuple(link for link in found if link.source.is_listing)
    return _Shown(
        snapshot=Snapshot(generated_at=now, run=desk.last_run(), links=links, listings=own),
        numbers=numbers,
        hrefs={key: f"/links?{query_of(selection)}" for key, selection in {"todo": _OPEN, **_OTHER_PARTS}.items()},
    )


_OPEN = Selection(answer=Answer.OPEN, order=Order.GRAVITY)
_OTHER_PARTS = {
    "suspected": Selection(states=(State.FAILING,), order=Order.GRAVITY),
    "unverifiable": Selection(states=(State.UNVERIFIABLE,), order=Order.GRAVITY),
}


def _overview(shown: _Shown, counts: Counts, desk: Desk, reading: Reading) -> Overview:
    words, snapshot, tally = reading.words, shown.snapshot, tally_of(counts)
    listed = parts(story.sections(snapshot), reading, anchors((*snapshot.links, *snapshot.listings)))
    return Overview(
        headline=story.headline(tally, words),
        run=story.run_sentence(snapshot.run, words, reading.timezone, reading.now),
        beside=story.beside(tally, words),
        is_known=snapshot.run is not None,
        parts=tuple(_numbered(part, shown) for part in listed),
        mended=tuple(cards.mended(link, at, reading) for link, at in story.mended(snapshot)),
        entries=entries_of(shown.rows, reading),
        number=counts.total,
        tiles=tiles(_placed(desk.counties(), reading), words),
        trend=trend_of(desk, snapshot.links, reading),
    )


def _numbered(part: Part, shown: _Shown) -> Part:
    """With the number of all that belong here, and the way to them where some are not shown."""
    places, links = shown.numbers.get(part.key, (part.number, part.links))
    href = shown.hrefs.get(part.key) if links > part.links else None
    return replace(part, number=max(places, part.number), links=max(links, part.links), href=href)


def _answered(counts: Counts, reading: Reading) -> list[tuple[str, str, int]]:
    """The ways to what has been answered: words, address, number."""
    return [
        (reading.words.text(f"desk.filter.answer_{one}"), f"/links?{query_of(Selection(answer=one))}", number)
        for one, number in counts.by_answer.items()
        if number and one is not Answer.OPEN
    ]


def tally_of(counts: Counts) -> Tally:
    redirected = counts.working - counts.by_state.get(State.OK, 0)
    return Tally(by_state=counts.by_state, redirected=redirected)


def _placed(counties: Iterable[CountyCount], reading: Reading) -> list[Placed]:
    return [
        Placed(county=one.county, href=_county_path(one), symbol=one.state, says=_stands(one, reading))
        for one in counties
    ]


def _county_path(one: CountyCount) -> str:
    if one.one_link:
        return link_path(one.one_link)
    return f"/links?{query_of(Selection(county=one.county, order=Order.GRAVITY))}"


def _stands(one: CountyCount, reading: Reading) -> str:
    if one.one_link:
        return reading.words.text(f"state.{one.state}.name")
    return reading.words.count(f"state.{one.state}.count", one.number)


# ---------------------------------------------------------------- the list of links


def links_page(request: Request) -> Response:
    desk, reading = current_of(request).desk, reading_of(request)
    selection = selection_of(request.query_params.multi_items())
    if selection.assignee is not None and not person_of(request).is_known:
        raise Refused(403, "names_hidden")
    window = window_of(request.query_params.multi_items(), limit=_PAGE)
    limit = window.limit or _PAGE
    found = desk.find(selection, reading.now, limit=limit, offset=window.offset, with_history=False)
    links: Iterable[LinkView] = prepared(request, found.links)
    shown = min(len(found.links), found.total) if window.limit else found.total
    if window.limit is None and shown > limit:
        links = chain(links, _rest(request, selection))
    query = query_of(selection)
    last = window.limit is None or window.offset + window.limit >= found.total
    return (show if shown <= limit else show_in_pieces)(
        request,
        "desk/links.html",
        reading=reading,
        desk=replace(view_of(request, swaps=False), chooses=True),
        flash=flash_of(request),
        selection=selection,
        chosen_state=",".join(selection.states),
        pairs={"owner": "", "incident": ""} | pairs_of(selection),
        query=query,
        total=found.total,
        found_sentence=_found_sentence(found.total, shown, window.offset, reading),
        entries=_entries(links, reading) if shown else (),
        is_whole=shown == found.total,
        states=tuple(State),
        answers=tuple(Answer),
        orders=tuple(Order),
        counties=sorted(COUNTIES.items(), key=lambda one: one[1]),
        tags=desk.tags(),
        previous=f"/links?{query_of(selection, page=window.page - 1)}" if window.offset else None,
        next=None if last else f"/links?{query_of(selection, page=window.page + 1)}",
        show_all=None if last and not window.offset else f"/links?{query_of(selection, all=1)}",
    )


def _rest(request: Request, selection: Selection) -> Iterator[LinkView]:
    """What follows on the first page, read as it is sent."""
    desk, now = current_of(request).desk, reading_of(request).now
    ids = desk.ids(selection, now)
    for start in range(_PAGE, len(ids), _PIECE):
        yield from prepared(request, desk.links(ids[start : start + _PIECE], now, with_history=False))


def _found_sentence(total: int, shown: int, offset: int, reading: Reading) -> str:
    words = reading.words
    if shown == total:
        return words.count("desk.links.found", total)
    first, last = words.number(offset + 1), words.number(offset + shown)
    return words.count("desk.links.found_part", total, first=first, last=last)


def entries_of(links: Iterable[LinkView], reading: Reading) -> tuple[Entry, ...]:
    return tuple(_entries(links, reading))


def _entries(links: Iterable[LinkView], reading: Reading) -> Iterator[Entry]:
    for number, link in enumerate(links, 1):
        yield Entry(
            anchor=f"row-{number}",
            href=None,
            row=cards.row(link, reading.words),
            link=link,
            answer=answers.short(link, reading),
        )


# ---------------------------------------------------------------- owners and incidents


def owners_page(request: Request) -> Response:
    desk, reading = current_of(request).desk, reading_of(request)
    return show(request, "desk/owners.html", reading=reading, owners=desk.owners(reading.now), desk=view_of(request))


def owner_page(request: Request) -> Response:
    desk, reading, name = current_of(request).desk, reading_of(request), request.path_params["name"]
    links = prepared(request, desk.by_owner(name, reading.now, with_history=False))
    if not links:
        raise Refused(404, "not_found")
    view = view_of(request, swaps=False)
    contact = next((link.source.contact for link in links if link.source.contact), None)
    shown = links[:_MOST_LINKS]
    tally = story.tally(Snapshot(generated_at=reading.now, run=None, links=links))
    return show(
        request,
        "desk/owner.html",
        reading=reading,
        desk=view,
        flash=flash_of(request),
        name=name,
        contact=addresses.web(contact) if contact else None,
        headline=story.headline(tally, reading.words),
        entries=entries_of(shown, reading),
        trend=trend_of(desk, shown, reading),
        **letter_values(request, links, name, view.owner(name), reading),
    )


def incident_page(request: Request) -> Response:
    desk, reading = current_of(request).desk, reading_of(request)
    incident = desk.incident(request.path_params["id"])
    if incident is None:
        raise Refused(404, "not_found")
    links = prepared(request, desk.links(incident.links, reading.now))
    is_open = {link.source.id for link in links if story.open_incident(link)}
    snapshot = Snapshot(
        generated_at=reading.now, run=None, links=tuple(link for link in links if link.source.id in is_open)
    )
    sections = story.sections(snapshot)
    shown = [
        told(one, reading, anchors(links))
        for part in (sections.todo, sections.suspected, sections.answered)
        for one in part
    ]
    heading = reading.words.text(
        "report.cause.title",
        owner=incident.owner,
        finding=reading.words.text(f"verdict.{incident.code}.name"),
    )
    return show(
        request,
        "desk/incident.html",
        reading=reading,
        desk=view_of(request, links, swaps=False),
        flash=flash_of(request),
        heading=heading,
        opened=reading.words.count("desk.incident.opened", len(incident.links), date=reading.date(incident.opened_at)),
        told=shown,
        was=[link for link in links if link.source.id not in is_open],
        **letter_values(request, snapshot.links, incident.owner, incident_path(incident.id), reading),
    )


# ---------------------------------------------------------------- the audit log


def log_page(request: Request) -> Response:
    desk, reading = current_of(request).desk, reading_of(request)
    before = request.query_params.get("before", "")
    reviews = desk.reviews(limit=_LOG, before_id=int(before) if re.fullmatch("[0-9]{1,18}", before) else None)
    answered = desk.links({one.link_id for one in reviews}, reading.now, with_history=False)
    names = {link.source.id: link.source.name for link in answered}
    older = f"/log?{urlencode({'before': reviews[-1].id})}" if len(reviews) == _LOG else None
    lines = [answers.line(one, names.get(one.link_id, one.link_id), link_path(one.link_id), reading) for one in reviews]
    return show(
        request,
        "desk/log.html",
        reading=reading,
        desk=view_of(request),
        flash=flash_of(request),
        lines=lines,
        older=older,
    )


def help_page(request: Request) -> Response:
    return show(request, "desk/help.html")


routes: list[BaseRoute] = [
    Route("/", overview_page),
    Route("/links", links_page),
    Route("/owners", owners_page),
    Route("/owners/{name:path}", owner_page),
    Route("/incidents/{id}", incident_page),
    Route("/log", log_page),
    Route("/help", help_page),
]
