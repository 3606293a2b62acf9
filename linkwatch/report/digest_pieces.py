"""What a digest says of one entry, made once for all its readers: pieces that lack only their links' numbers."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from markupsafe import escape

from linkwatch.core import fingerprint
from linkwatch.core.causes import finding
from linkwatch.core.digest import Entry, Group, Mended
from linkwatch.core.models import LinkView
from linkwatch.core.outbox import Asked, mark
from linkwatch.core.reviews import Action, approvable
from linkwatch.report import digest_text, digest_words
from linkwatch.report.digest_words import MOST_MEMBERS, Answer, Said
from linkwatch.report.pages import page
from linkwatch.report.reading import Reading

MOST_KEPT = 20_000

_ANSWERS = (Action.ACKNOWLEDGE, Action.APPROVE, Action.SNOOZE)
_FOR_AN_ADDRESS = 220  # bytes of an answer's address, without the desk's own and the link's id
_FOR_A_HEADING = 180  # bytes, without the name

Told = tuple[Group, Entry]
Grouped = Iterator[tuple[str, list[str]]]  # the entries under each heading, in one form
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One entry in every form. `asked` are its links where they can be answered from the mail."""

    of: object  # kept, so that nothing else takes its place in memory
    named: tuple[str, ...]  # the links whose names stand in it
    group: str  # the heading that it stands under
    asked: tuple[Asked, ...] = ()
    text: str
    html: str
    bare: str
    links: int = 1
    size: int  # bytes of the HTML, when its addresses are filled in
    heading: int = 0  # bytes of the heading above it, where that is not there yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section: the first `in_html` of its pieces stand in the HTML too, `left` links in neither."""

    pieces: Sequence[Piece] = ()
    in_html: int = 0
    left: int = 0
    size: int = 0  # of what stands in the HTML

    @property
    def left_in_html(self) -> int:
        return self.left + sum(piece.links for piece in self.pieces[self.in_html :])

    @property
    def named(self) -> Iterator[str]:
        return (link_id for piece in self.pieces for link_id in piece.named)

    @property
    def asked(self) -> Iterator[Asked]:
        return (asked for piece in self.pieces for asked in piece.asked)

    def texts(self, number: int) -> Grouped:
        """The text by group; `number` is that of the first link that is asked about."""
        return _by_group(self.pieces, [piece.text for piece in self.pieces], number)

    def htmls(self, number: int) -> Grouped:
        pieces = self.pieces[: self.in_html]
        return _by_group(pieces, [piece.html for piece in pieces], number)

    def bares(self) -> Grouped:
        return _by_group(self.pieces, [piece.bare for piece in self.pieces], 0)


def _by_group(pieces: Sequence[Piece], forms: Sequence[str], number: int) -> Grouped:
    numbered = list[tuple[str, str]]()
    for piece, form in zip(pieces, forms, strict=True):
        for place in range(len(piece.asked)):
            form = form.replace(_own(place), mark(number))  # noqa: PLW2901
            number += 1
        numbered.append((piece.group, form))
    return ((group, [form for _, form in forms]) for group, forms in groupby(numbered, key=lambda one: one[0]))


def fill(
    told: Sequence[_T],
    make: Callable[[_T, bool], Piece],
    *,
    links: int,
    most: int,
    most_text: int,
    room: int,
    is_alike: bool = False,
) -> Part:
    """The first `most_text` of what is told of `links` links; in the HTML the first `most`, or as many as `room` takes.

    With `is_alike` the text has no more than the HTML. `make` is told whether a piece is for both: only such a one can
    be answered.
    """
    pieces, size, in_html = list[Piece](), 0, 0
    for number, one in enumerate(told[:most_text]):
        if in_html == number < most:
            piece = make(one, True)
            is_under_it = bool(pieces) and pieces[-1].group == piece.group
            larger = size + piece.size + (0 if is_under_it else piece.heading)
            if larger <= room:
                pieces.append(piece)
                size, in_html = larger, in_html + 1
                continue
        if is_alike:
            break
        pieces.append(make(one, False))
    return Part(pieces=pieces, in_html=in_html, left=links - sum(piece.links for piece in pieces), size=size)


class Pieces:
    """Those of one language and one snapshot, kept as they are made."""

    def __init__(self, reading: Reading, *, desk: str | None, answers: bool) -> None:
        self._reading, self._words = reading, reading.words
        self._desk = desk
        self._answers = answers
        self._kept: dict[Hashable, Piece] = {}

    def new(self, told: Told, is_for_both: bool) -> Piece:
        return self._entry(told, is_new=True, is_asked=is_for_both and self._answers)

    def open(self, told: Told, is_for_both: bool) -> Piece:
        return self._entry(told, is_new=False, is_asked=is_for_both and self._answers)

    def silent(self, told: Told, _: bool) -> Piece:
        """What is open, without its answers."""
        return self._entry(told, is_new=False, is_asked=False)

    def mended(self, one: Mended, _: bool) -> Piece:
        key = (id(one.link), one.how, one.at, one.broke_at)
        return self._keep(key, lambda: self._line(one.link, digest_words.mended(one, self._reading, self._desk)))

    def unverified(self, link: LinkView, _: bool) -> Piece:
        return self._keep(id(link), lambda: self._line(link, digest_words.unverified(link, self._reading, self._desk)))

    def _entry(self, told: Told, *, is_new: bool, is_asked: bool) -> Piece:
        group, entry = told
        key = (is_new, is_asked, *map(id, entry.links))
        return self._keep(key, lambda: self._finding(group, entry, is_new=is_new, is_asked=is_asked))

    def _keep(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        piece = self._kept.get(key)
        if piece is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            piece = self._kept[key] = make()
        return piece

    def _finding(self, group: Group, entry: Entry, *, is_new: bool, is_asked: bool) -> Piece:
        said = digest_words.entry(entry, self._reading, self._desk, is_new=is_new)
        asked = tuple(map(_asked, entry.links[:MOST_MEMBERS])) if is_asked else ()
        members = entry.links[: len(asked)]
        answers = [tuple(self._answers_to(place, link)) for place, link in enumerate(members)]
        html = page("mail/new.html" if is_new else "mail/open.html", said=said, answers=answers, words=self._words)
        owner = digest_words.owner(group, self._words)
        return Piece(
            of=entry.links,
            named=tuple(link.source.id for link in entry.links[:MOST_MEMBERS]),
            group=owner,
            asked=asked,
            text=digest_text.entry(said, [self._any_answer(*one) for one in enumerate(members)], self._words),
            html=html,
            bare=digest_text.item(digest_text.bare(said, self._words)),
            links=len(entry.links),
            size=_bytes(html) + len(_ANSWERS) * sum(map(self._address_size, asked)),
            heading=_FOR_A_HEADING + _bytes(escape(owner)),
        )

    def _line(self, link: LinkView, said: Said) -> Piece:
        html = page("mail/line.html", said=said, words=self._words)
        return Piece(
            of=link,
            named=(link.source.id,),
            group="",
            text=digest_text.item(digest_text.line(said, self._words)),
            html=html,
            bare=digest_text.item(digest_text.bare(said, self._words)),
            size=_bytes(html),
        )

    def _answers_to(self, place: int, link: LinkView) -> Iterator[Answer]:
        for action in _ANSWERS:
            if action is Action.APPROVE and not approvable(finding(link)):
                continue
            label = self._words.text(f"mail.digest.answer.{action}")
            yield Answer(label=label, href=f"{_own(place)}?do={action}")

    def _any_answer(self, place: int, link: LinkView) -> Answer:
        """All of them: the page that it leads to has the others too. In the text, three addresses are two too many."""
        is_seen = approvable(finding(link))
        label = self._words.text("mail.digest.answer.any" if is_seen else "mail.digest.answer.any_unseen")
        return Answer(label=label, href=f"{_own(place)}?do={_ANSWERS[0]}")

    def _address_size(self, asked: Asked) -> int:
        return _FOR_AN_ADDRESS + len(self._desk or "") + 2 * _bytes(asked.link_id)


def _asked(link: LinkView) -> Asked:
    return Asked(link_id=link.source.id, fingerprint=link.fingerprint or fingerprint.of(link))


def _own(place: int) -> str:
    """Stands for the mark of the piece's link at that place, until it is known which number that has in the mail."""
    return f"\x02+{place}\x03"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
