"""The report as one page that needs nothing else: to be read, mailed on, printed and kept.

No script and nothing remote, and the page's own Content-Security-Policy says so to the browser.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from linkwatch.core.models import LinkView, Snapshot, State
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import card as cards
from linkwatch.report import story
from linkwatch.report.card import Card, Row
from linkwatch.report.cause import CauseCard, cause_card
from linkwatch.report.reading import Reading
from linkwatch.report.tiles import WORST_FIRST, Placed, Tile, tiles

_ANCHOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A row of the table. `card` is the anchor of the link's card, where it has one."""

    anchor: str
    card: str | None
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A card on the page: of one link, or of several with one cause, which are its `members`."""

    anchor: str
    symbol: State
    card: Card | CauseCard
    members: tuple["_Told", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One heading with its cards; `key` is the part's anchor and the middle of its words' keys."""

    key: str
    symbol: State
    told: tuple[_Told, ...]


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:
    reading = Reading(words=words, timezone=timezone, now=snapshot.generated_at)
    names = {link.source.id: _name(index, link) for index, link in enumerate((*snapshot.links, *snapshot.listings), 1)}
    sections = story.sections(snapshot)
    entries = _entries(snapshot.links, sections, names, words)
    county_map = tiles(_placed(snapshot.links, entries), words)
    return _page().render(
        words=words,
        reading=reading,
        title=plain(title),
        snapshot=snapshot,
        headline=story.headline(snapshot, words),
        beside=story.beside(snapshot, words),
        run=story.run_sentence(snapshot, words, timezone),
        is_known=any(link.belief.checked_at for link in snapshot.links),
        parts=_parts(sections, names, reading),
        mended=[cards.mended(link, at, reading) for link, at in story.mended(snapshot)],
        entries=entries,
        tiles=county_map,
        legend=_legend(county_map),
    )


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("linkwatch.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["upper_first"] = _upper_first
    return environment.get_template("report.html")


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(index: int, link: LinkView) -> str:
    """What a link's anchors end in: its id, so that they stay the same from one report to the next."""
    return link.source.id if _ANCHOR.fullmatch(link.source.id) else f"n:{index}"


def _parts(sections: story.Sections, names: dict[str, str], reading: Reading) -> tuple[_Part, ...]:
    keys: tuple[tuple[str, State, Sequence[story.Told]], ...] = (
        ("todo", _worst(sections.todo), sections.todo),
        ("suspected", State.FAILING, sections.suspected),
        ("unverifiable", State.UNVERIFIABLE, sections.unverifiable),
        ("notices", State.OK, sections.notices),
    )
    return tuple(
        _Part(key=key, symbol=symbol, told=tuple(_told(one, names, reading) for one in part))
        for key, symbol, part in keys
    )


def _worst(todo: Sequence[story.Told]) -> State:
    states = {link.belief.state for told in todo for link in story.links_of(told)}
    return next((state for state in WORST_FIRST if state in states), State.OK)


def _told(told: story.Told, names: dict[str, str], reading: Reading) -> _Told:
    if isinstance(told, story.Cause):
        return _told_once(told, names, reading)
    return _shown(told, cards.card(told, reading), names)


def _told_once(cause: story.Cause, names: dict[str, str], reading: Reading) -> _Told:
    card = cause_card(cause, reading)
    members = tuple(_shown(link, one, names) for link, one in zip(cause.links, card.cards, strict=True))
    return _Told(anchor=f"cause-{names[cause.links[0].source.id]}", symbol=card.symbol, card=card, members=members)


def _shown(link: LinkView, card: Card, names: dict[str, str]) -> _Told:
    return _Told(anchor=f"card-{names[link.source.id]}", symbol=card.row.symbol, card=card)


def _entries(
    links: Sequence[LinkView], sections: story.Sections, names: dict[str, str], words: Words
) -> tuple[_Entry, ...]:
    told = {link.source.id for link in sections.all}
    return tuple(
        _Entry(
            anchor=f"link-{names[link.source.id]}",
            card=f"card-{names[link.source.id]}" if link.source.id in told else None,
            row=cards.row(link, words),
        )
        for link in links
    )


def _placed(links: Sequence[LinkView], entries: Sequence[_Entry]) -> list[Placed]:
    return [
        Placed(county=link.source.county, anchor=entry.anchor, row=entry.row)
        for link, entry in zip(links, entries, strict=True)
        if link.source.county
    ]


def _legend(county_map: Sequence[Tile]) -> tuple[State, ...]:
    """The states that the map shows, the worst first."""
    shown = {tile.symbol for tile in county_map}
    return tuple(state for state in WORST_FIRST if state in shown)
