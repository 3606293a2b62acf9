"""The whole at a glance, as the report and the review desk show it: headline, cards, map, trend, all links."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from linkwatch.core.models import LinkView, Snapshot, State
from linkwatch.report import answers, story
from linkwatch.report import card as cards
from linkwatch.report.card import Card, Row
from linkwatch.report.cause import CauseCard, cause_card
from linkwatch.report.reading import Reading
from linkwatch.report.story import Headline, RunSentence, Sections
from linkwatch.report.tiles import WORST_FIRST, Placed, Tile, tiles
from linkwatch.report.trend import Trend, trend

MOST_STRIPS = 60  # of the trend: more are not compared by eye

_ANCHOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A card on the page: of one link, or of several with one cause, which are its `members`."""

    anchor: str
    symbol: State
    card: Card | CauseCard
    links: tuple[LinkView, ...]
    members: tuple["Told", ...] = ()

    @property
    def link(self) -> LinkView:
        """The only link, or the first of several."""
        return self.links[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One heading with its cards; `key` is the part's anchor and the middle of its words' keys.

    `number` is how many cards belong here and `links` how many links, where not all of them are shown.
    """

    key: str
    symbol: State
    told: tuple[Told, ...]
    number: int
    links: int
    href: str | None = None  # where all of them are


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the table. `href` leads to what more is told of the link, where there is more."""

    anchor: str
    href: str | None
    row: Row
    link: LinkView
    answer: str | None = None  # what people have said of it, in a few words


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    headline: Headline
    run: RunSentence
    beside: str | None
    is_known: bool  # whether anything has been checked at all
    parts: tuple[Part, ...]
    mended: tuple[str, ...]
    entries: tuple[Entry, ...]
    number: int  # of all links
    tiles: tuple[Tile, ...]
    trend: Trend | None

    @property
    def legend(self) -> tuple[State, ...]:
        """The states that the map shows, the worst first."""
        shown = {tile.symbol for tile in self.tiles}
        return tuple(state for state in WORST_FIRST if state in shown)


def overview(snapshot: Snapshot, reading: Reading) -> Overview:
    """All of it, for a page that stands alone: every link leads to a place on the same page."""
    words = reading.words
    anchor = anchors((*snapshot.links, *snapshot.listings))
    sections = story.sections(snapshot)
    told = {link.source.id for link in sections.all}
    rows = tuple(
        Entry(
            anchor=f"link-{anchor(link)}",
            href=f"#card-{anchor(link)}" if link.source.id in told else None,
            row=cards.row(link, words),
            link=link,
            answer=answers.short(link, reading),
        )
        for link in snapshot.links
    )
    tally = story.tally(snapshot)
    return Overview(
        headline=story.headline(tally, words),
        run=story.run_sentence(snapshot.run, words, reading.timezone, reading.now),
        beside=story.beside(tally, words),
        is_known=any(link.belief.checked_at for link in snapshot.links),
        parts=parts(sections, reading, anchor),
        mended=tuple(cards.mended(link, at, reading) for link, at in story.mended(snapshot)),
        entries=rows,
        number=len(rows),
        tiles=tiles(_placed(rows), words),
        trend=_trend(snapshot, reading),
    )


def _trend(snapshot: Snapshot, reading: Reading) -> Trend | None:
    """Of the first links of the page; nothing where nothing has been checked."""
    shown = [link for link in snapshot.links if link.source.url][:MOST_STRIPS]
    changes = {link.source.id: link.transitions for link in shown}
    return trend(shown, changes, reading) if any(link.belief.checked_at for link in shown) else None


def anchors(links: Sequence[LinkView]) -> Callable[[LinkView], str]:
    """What a link's anchors end in: its id where that can be one, so that they stay the same from day to day."""
    names = {link.source.id: index for index, link in enumerate(links, 1)}

    def name(link: LinkView) -> str:
        own = link.source.id
        return own if _ANCHOR.fullmatch(own) else f"n:{names[own]}"

    return name


def parts(sections: Sections, reading: Reading, anchor: Callable[[LinkView], str]) -> tuple[Part, ...]:
    keys: tuple[tuple[str, State, Sequence[story.Told]], ...] = (
        ("todo", _worst(sections.todo), sections.todo),
        ("suspected", State.FAILING, sections.suspected),
        ("unverifiable", State.UNVERIFIABLE, sections.unverifiable),
        ("answered", _worst(sections.answered), sections.answered),
        ("notices", State.OK, sections.notices),
    )
    return tuple(
        Part(
            key=key,
            symbol=symbol,
            told=tuple(told(one, reading, anchor) for one in part),
            number=len(part),
            links=sum(len(story.links_of(one)) for one in part),
        )
        for key, symbol, part in keys
    )


def told(one: story.Told, reading: Reading, anchor: Callable[[LinkView], str]) -> Told:
    if isinstance(one, LinkView):
        return _shown(one, cards.card(one, reading), anchor)
    card = cause_card(one, reading)
    members = tuple(_shown(link, own, anchor) for link, own in zip(one.links, card.cards, strict=True))
    return Told(anchor=f"cause-{anchor(one.links[0])}", symbol=card.symbol, card=card, links=one.links, members=members)


def _shown(link: LinkView, card: Card, anchor: Callable[[LinkView], str]) -> Told:
    return Told(anchor=f"card-{anchor(link)}", symbol=card.row.symbol, card=card, links=(link,))


def _worst(part: Sequence[story.Told]) -> State:
    states = {link.belief.state for one in part for link in story.links_of(one)}
    return next((state for state in WORST_FIRST if state in states), State.OK)


def _placed(entries: Sequence[Entry]) -> list[Placed]:
    return [
        Placed(
            county=entry.link.source.county,
            href=f"#{entry.anchor}",
            symbol=entry.row.symbol,
            says=entry.row.standing,
        )
        for entry in entries
        if entry.link.source.county
    ]
