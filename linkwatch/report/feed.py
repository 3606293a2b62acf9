"""What has happened to the links of a selection, as an Atom feed (RFC 4287): the newest first, at most 100 entries.

An entry is a change that somebody has to know of: a link that broke, moved or needs a look, one that works again after
that, and a finding that stands. Suspicions are left out until they are confirmed, and what cannot be verified too,
unless the selection asks for that very state. An id (RFC 4151) stays the same for as long as what it tells of does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

from linkwatch.core.counties import COUNTIES
from linkwatch.core.models import ALARMS, Belief, Code, Incident, LinkView, State, Transition
from linkwatch.core.safe import plain
from linkwatch.core.selection import Selection
from linkwatch.report import addresses
from linkwatch.report import card as cards
from linkwatch.report.addresses import Address
from linkwatch.report.card import LONGEST_NAME
from linkwatch.report.reading import Reading
from linkwatch.report.story import works

LONGEST = 100
LATELY = timedelta(days=90)  # so long what is over is told of

_ATOM = "http://www.w3.org/2005/Atom"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)  # of a feed's id; and when one without entries was last renewed


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a feed is. `desk` ends in a slash; `authority` is a name that is ours: a domain or a mail address."""

    desk: str
    authority: str
    query: str = ""  # of the selection

    def at(self, path: str, query: str = "") -> str:
        return f"{self.desk}{path}" + (f"?{query}" if query else "")

    def tag(self, day: datetime, *parts: str) -> str:
        """`tag:example.se,2026-11-20:link/blekinge/…`"""
        specific = "/".join(quote(part, safe=":=&,+%", errors="replace") for part in parts)
        return f"tag:{self.authority},{_utc(day).date().isoformat()}:{specific}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    id: str
    title: str
    at: datetime
    link: str
    category: State
    content: Markup
    related: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What was found of a link, and when: a change of state, or another finding in the same state."""

    link: LinkView
    at: datetime
    since: datetime
    state: State
    verdict: Code | None
    reason: str | None
    stands: bool  # still believed, on this finding
    is_over: bool = False  # works again


def atom(links: Iterable[LinkView], selection: Selection, reading: Reading, *, title: str, place: Place) -> bytes:
    """The feed of these links: those of the selection."""
    asked = frozenset(selection.states)
    moments = [one for link in links for one in _moments(link, asked)]
    moments.sort(key=lambda one: (one.at, one.link.source.id), reverse=True)
    entries = [_entry(one, reading, place) for one in moments[:LONGEST]]
    named = " – ".join([title, *_described(selection, reading)])
    return _feed(entries, reading, named, place, page="links", kind="links.atom")


def incidents_atom(incidents: Iterable[Incident], reading: Reading, *, title: str, place: Place) -> bytes:
    """One entry for what happened to several links from one cause; it is renewed when that is over."""
    shared = [one for one in incidents if len(one.links) > 1]
    shared.sort(key=lambda one: (one.closed_at or one.opened_at, one.id), reverse=True)
    entries = [_incident(one, reading, place) for one in shared[:LONGEST]]
    named = reading.words.text("desk.feed.incidents", title=title)
    return _feed(entries, reading, named, place, page="incidents", kind="incidents.atom")


# ---------------------------------------------------------------- what is told


def _moments(link: LinkView, asked: frozenset[State]) -> Iterator[_Moment]:
    """The changes that are told of, and the finding that stands where no change tells of it."""
    is_alarmed, latest = False, None
    for change in sorted(link.transitions, key=lambda one: one.at):
        latest = _moment(link, change)
        if _is_told(latest, asked):
            is_alarmed = True
            yield latest
        elif _is_well(latest) and (is_alarmed or change.old in (asked or ALARMS)):
            is_alarmed = False
            yield replace(latest, is_over=True)
    standing = _standing(link, latest)
    if standing and _is_told(standing, asked):
        yield standing


def _moment(link: LinkView, change: Transition) -> _Moment:
    belief = link.belief
    present = (belief.since, belief.state, _finding(link))
    return _Moment(
        link=link,
        at=change.at,
        since=change.at,
        state=change.new,
        verdict=change.verdict,
        reason=change.reason,
        stands=(change.at, change.new, change.verdict) == present,
    )


def _finding(link: LinkView) -> Code | None:
    return link.belief.finding or link.belief.verdict


def _is_told(moment: _Moment, asked: frozenset[State]) -> bool:
    return moment.state in asked if asked else moment.state in ALARMS and not _is_well(moment)


def _is_well(moment: _Moment) -> bool:
    """Redirected to the same content is well."""
    return moment.state is State.OK or (moment.state is State.ATTENTION and moment.verdict is Code.REDIRECTED)


def _standing(link: LinkView, latest: _Moment | None) -> _Moment | None:
    """What is believed now, unless the latest change says so. Trouble that only changes its name is no news."""
    belief, found = link.belief, _finding(link)
    if belief.since is None:
        return None
    is_same = latest is not None and (latest.at, latest.state) == (belief.since, belief.state)
    if is_same and latest and (latest.verdict is found or _are_trouble(latest.verdict, found)):
        return None
    at = max(belief.since, link.grounds.first_seen) if is_same and link.grounds else belief.since
    return _Moment(
        link=link,
        at=at,
        since=belief.since,
        state=belief.state,
        verdict=found,
        reason=belief.finding_reason,
        stands=True,
    )


def _are_trouble(*codes: Code | None) -> bool:
    return all(code is not None and code.is_trouble for code in codes)


# ---------------------------------------------------------------- in words


def _entry(moment: _Moment, reading: Reading, place: Place) -> _Entry:
    source, link = moment.link.source, _as_it_was(moment)
    found = "well" if moment.is_over else moment.verdict or "none"
    address = addresses.web(source.url)
    return _Entry(
        id=place.tag(moment.since, "link", source.id, f"{_utc(moment.since):%Y%m%dT%H%M%S}", moment.state, found),
        title=_title(moment, link, reading),
        at=moment.at,
        link=place.at(f"links/{quote(source.id, errors='replace')}"),
        category=State.OK if works(link) else moment.state,
        content=_content(moment, link, address, reading),
        related=address.href,
    )


def _as_it_was(moment: _Moment) -> LinkView:
    """The link as that moment saw it, of which less is known than of the present."""
    if moment.stands:
        return moment.link
    belief = Belief(
        state=moment.state,
        since=moment.at,
        verdict=moment.verdict,
        finding=moment.verdict,
        reason=moment.reason,
        finding_reason=moment.reason,
        checked_at=moment.at,
    )
    return LinkView(
        source=moment.link.source, belief=belief, facts=replace(moment.link.facts, final_url=None), evidence={}
    )


def _title(moment: _Moment, link: LinkView, reading: Reading) -> str:
    words = reading.words
    found = words.text("desk.feed.again") if moment.is_over else cards.standing(link, words)
    return words.text("desk.feed.entry", name=plain(moment.link.source.name, LONGEST_NAME), found=found)


def _content(moment: _Moment, link: LinkView, address: Address, reading: Reading) -> Markup:
    """What it means and, where it stands, what to do; as HTML, all text from elsewhere escaped."""
    told = cards.card(link, reading)
    rows: list[tuple[str, str | Markup | None]] = [
        ("means", told.means),
        ("reason", told.reason),
        ("do", told.do if moment.stands and not moment.is_over else None),
        ("owner", told.row.owner),
        ("address", _anchor(address) if address.text else None),
    ]
    parts = [_row(reading.words.text(f"report.label.{key}"), value) for key, value in rows if value]
    if moment.stands and told.proposal:
        parts.append(_row(told.proposal.label, _anchor(told.proposal.address)))
    return Markup("").join(parts)


def _incident(incident: Incident, reading: Reading, place: Place) -> _Entry:
    words, n = reading.words, len(incident.links)
    owner = plain(incident.owner or incident.host, LONGEST_NAME)
    many = words.find(f"verdict.{incident.code}.many", n=words.number(n)) or words.text("report.cause.many", n=n)
    since = reading.date(incident.opened_at)
    sentences = [words.text(f"verdict.{incident.code}.means"), words.count("report.incident.shared", n, since=since)]
    if incident.closed_at:
        sentences = [words.text("desk.feed.over", since=since, date=reading.date(incident.closed_at))]
    return _Entry(
        id=place.tag(incident.opened_at, "incident", incident.id),
        title=words.text("report.cause.title", owner=owner, finding=many),
        at=incident.closed_at or incident.opened_at,
        link=place.at(f"incidents/{quote(incident.id, errors='replace')}"),
        category=State.OK if incident.closed_at else State.BROKEN,
        content=Markup("").join(Markup("<p>{}</p>").format(sentence) for sentence in sentences),
    )


def _row(label: str, value: str | Markup) -> Markup:
    return Markup("<p><b>{}</b><br>{}</p>").format(label, value)


def _anchor(address: Address) -> Markup:
    if address.href is None:
        return escape(address.text)
    return Markup('<a href="{}">{}</a>').format(address.href, address.text)


def _described(selection: Selection, reading: Reading) -> Iterator[str]:
    """What tells a feed from another in the reader's list of feeds."""
    if selection.states:
        yield ", ".join(reading.words.text(f"state.{state}.name") for state in selection.states)
    county = COUNTIES.get(selection.county or "")
    yield from (one for one in (selection.owner, county, selection.tag, selection.assignee, selection.text) if one)


# ---------------------------------------------------------------- XML


def _feed(entries: Sequence[_Entry], reading: Reading, title: str, place: Place, *, page: str, kind: str) -> bytes:
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": reading.words.language})
    _text(feed, "id", place.tag(_BEGAN, kind, *filter(None, [place.query])))
    _text(feed, "title", plain(title, LONGEST_NAME))
    _text(feed, "updated", _time(max((entry.at for entry in entries), default=_BEGAN)))
    _text(ET.SubElement(feed, "author"), "name", "linkwatch")
    _link(feed, "self", place.at(kind, place.query), "application/atom+xml")
    _link(feed, "alternate", place.at(page, place.query), "text/html")
    for entry in entries:
        _append(feed, entry, reading)
    ET.indent(feed)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _append(feed: ET.Element, entry: _Entry, reading: Reading) -> None:
    element = ET.SubElement(feed, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "updated", _time(entry.at))
    _link(element, "alternate", entry.link, "text/html")
    if entry.related:
        _link(element, "related", entry.related)
    label = reading.words.text(f"state.{entry.category}.name")
    ET.SubElement(element, "category", {"term": entry.category.value, "label": label})
    content = ET.SubElement(element, "content", {"type": "html"})
    content.text = str(entry.content)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _link(parent: ET.Element, rel: str, href: str, media: str | None = None) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": href, **({"type": media} if media else {})})


def _time(moment: datetime) -> str:
    return _utc(moment).isoformat(timespec="seconds")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
