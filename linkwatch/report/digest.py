"""The digest as a mail: subject, plain text, and one HTML page that needs nothing else.

The styles stand as attributes in the templates: mail programs that take away `<style>` leave those, and a library that
wrote them there would have to read every mail once more. Only what follows the reader's light or dark is a style sheet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from markupsafe import Markup

from linkwatch.core import digest_records
from linkwatch.core.digest import Digest, Group
from linkwatch.core.outbox import Content, mark
from linkwatch.core.safe import plain
from linkwatch.core.tickets import ANSWERS_FOR
from linkwatch.report import digest_text, digest_words, lines
from linkwatch.report.card import LONGEST_NAME
from linkwatch.report.digest_pieces import Grouped, Part, Pieces, Told, fill
from linkwatch.report.pages import page
from linkwatch.report.reading import Reading

LARGEST_HTML = 95_000  # bytes; Gmail cuts a mail at 102 kB
MOST_NEW, MOST_OPEN = 40, 60  # entries in HTML
MOST_NEW_TEXT, MOST_OPEN_TEXT = 100, 200
MOST_OTHERS, MOST_OTHERS_TEXT = 30, 100  # of each: what is over, and what is not known
MOST_UNCHECKED = 20

_AS_CARDS = ("new", "first")
_NAMED_LATER = ("new", "first", "fixed")  # what of these has no name in a mail without a desk is in the next one
_FOR_NEW = 60_000  # bytes at most, so that there is room for what is open
_FOR_OTHERS = 8_000
_FOR_THE_FRAME = 15_000  # what stands around the entries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """`first` is the number of the first link in it that is asked about."""

    title: str
    part: Part
    first: int = 0
    is_list: bool = True
    is_named_later: bool = False  # what is left out
    intro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """A line at the end of the mail; with `href`, `text` says where that leads."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What stands before and after the entries. `answers` is about the links that answer them."""

    opening: tuple[str, ...]
    unchecked: tuple[str, ...]
    answers: str
    footer: tuple[_Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail, and what has been told when it has arrived."""

    content: Content
    told: digest_records.Told


class Writer:
    """The mails of one language about one snapshot.

    `site` is what the links belong to. `desk` is the address of the review desk, ending in "/"; None: there is none to
    go to, the mails hold no `mark`, and only what they name has been told. With `answers`, findings can be answered
    from the mail. With `replies`, somebody reads the replies to it.
    """

    def __init__(self, reading: Reading, *, site: str, desk: str | None, answers: bool, replies: bool = False) -> None:
        self._reading, self._words = replace(reading, names=True, letters=False), reading.words
        self._site = plain(site, LONGEST_NAME)
        self._desk = desk
        self._replies = replies
        self._pieces = Pieces(self._reading, desk=desk, answers=answers and desk is not None)

    def written(self, digest: Digest) -> Written:
        sections = self._sections(digest)
        named = frozenset(link_id for section in sections for link_id in section.part.named)
        told = digest.told if self._desk is not None else digest.told_of(named)
        return Written(content=self._content(digest, sections), told=told)

    def content(self, digest: Digest) -> Content:
        return self.written(digest).content

    def _content(self, digest: Digest, sections: Sequence[_Section]) -> Content:
        asked = tuple(asked for section in sections for asked in section.part.asked)
        subject = digest_words.subject(digest, self._words)
        around = _Around(
            opening=tuple(self._opening(digest)),
            unchecked=tuple(self._unchecked(digest)),
            answers=self._words.count("mail.digest.answers_for", ANSWERS_FOR.days) if asked else "",
            footer=tuple(self._footer(digest)),
        )
        return Content(
            subject=subject,
            text=self._text(around, [(one, one.part.texts(one.first)) for one in sections], around.answers),
            html=self._html(around, sections, subject),
            bare=self._text(around, [(one, one.part.bares()) for one in sections]),
            language=self._words.language,
            asked=asked,
        )

    # ---------------------------------------------------------------- what is said

    def _sections(self, digest: Digest) -> list[_Section]:
        """Those that say something. What is open has its answers where there is room for those to all of it."""
        make, n_new, n_open = self._pieces, digest_words.links_in(digest.new), digest_words.links_in(digest.open)
        put = partial(fill, is_alike=self._desk is None)
        fill_others = partial(put, most=MOST_OTHERS, most_text=MOST_OTHERS_TEXT, room=_FOR_OTHERS)
        fixed = fill_others(digest.fixed, make.mended, links=len(digest.fixed))
        unverified = fill_others(digest.unverified, make.unverified, links=len(digest.unverified))
        room = LARGEST_HTML - _FOR_THE_FRAME - fixed.size - unverified.size
        fill_new = partial(put, _told(digest.new), links=n_new, most=MOST_NEW, most_text=MOST_NEW_TEXT)
        fill_open = partial(put, _told(digest.open), links=n_open, most=MOST_OPEN, most_text=MOST_OPEN_TEXT)
        first = fill_new(make=make.new, room=min(room, _FOR_NEW) if n_open else room)
        rest = fill_open(make=make.open, room=room - first.size)
        if rest.in_html < min(len(rest.pieces), MOST_OPEN):
            rest = fill_open(make=make.silent, room=room - first.size)
        sections = (
            self._section("first" if digest.is_first else "new", n_new, first, 1),
            self._section("first_open" if digest.is_first else "open", n_open, rest, 1 + len(tuple(first.asked))),
            self._section("fixed", len(digest.fixed), fixed),
            self._section("unverified", len(digest.unverified), unverified),
        )
        return [section for section in sections if section.part.pieces]

    def _section(self, name: str, n: int, part: Part, first: int = 0) -> _Section:
        title = self._words.text(f"mail.digest.title.{name}", n=self._words.number(n))
        intro = self._words.text("report.unverifiable.intro") if name == "unverified" else ""
        return _Section(
            title=title,
            part=part,
            first=first,
            is_list=name not in _AS_CARDS,
            is_named_later=self._desk is None and name in _NAMED_LATER,
            intro=intro,
        )

    def _opening(self, digest: Digest) -> Iterator[str]:
        if digest.is_unmatched:
            yield digest_words.unmatched(digest, self._words, self._site)
        else:
            yield digest_words.opening(digest, self._words)
        if digest.is_first:
            change = self._words.text("mail.digest.first_change") if self._desk is not None or self._replies else ""
            yield f"{digest_words.welcome(digest, self._words, self._site)} {change}".rstrip()

    def _unchecked(self, digest: Digest) -> Iterator[str]:
        """What linkwatch itself could not do, and of which links."""
        for sentence, links in digest_words.unchecked(digest, self._reading):
            yield sentence
            yield digest_words.named([link.source.name for link in links], MOST_UNCHECKED, self._words)

    def _footer(self, digest: Digest) -> Iterator[_Note]:
        words = self._words
        yield _Note(text=digest_words.why(digest, words, self._site))
        if self._desk is not None:
            yield _Note(text=words.text("mail.digest.settings"), href=mark(0))
            yield _Note(text=words.text("mail.digest.desk"), href=self._desk)
        elif self._replies:
            yield _Note(text=words.text("mail.digest.reply"))

    def _more(self, section: _Section, left: int) -> _Note | None:
        """How many links are left out, and where or when they are to be seen."""
        if not left:
            return None
        if section.is_named_later:
            return _Note(text=self._words.count("mail.digest.more_later", left))
        text = self._words.count("mail.digest.more_links" if self._desk is None else "mail.digest.more_on_desk", left)
        return _Note(text=text, href=self._desk)

    # ---------------------------------------------------------------- how it stands

    def _text(self, around: _Around, sections: Iterable[tuple[_Section, Grouped]], answers: str = "") -> str:
        words = self._words
        footer = "\n".join(filter(None, (answers, *map(self._noted, around.footer))))
        blocks = [lines.heading(self._site, "="), *around.opening]
        for section, groups in sections:
            more = self._more(section, section.part.left)
            texts = [section.intro, *digest_text.grouped(groups), self._noted(more) if more else None]
            blocks.append(digest_text.section(section.title, *texts))
        if around.unchecked:
            blocks.append(digest_text.section(words.text("mail.digest.title.unchecked"), *around.unchecked))
        blocks.append(digest_text.section(words.text("mail.digest.title.why"), footer))
        return digest_text.blocks(*blocks) + "\n"

    def _noted(self, note: _Note) -> str:
        return digest_text.labelled(note.text, note.href, self._words) if note.href else note.text

    def _html(self, around: _Around, sections: Sequence[_Section], subject: str) -> str:
        return page(
            "mail/digest.html",
            words=self._words,
            subject=subject,
            site=self._site,
            around=around,
            sections=[
                (one, _joined(one.part.htmls(one.first)), self._more(one, one.part.left_in_html)) for one in sections
            ],
        )


def _told(groups: Sequence[Group]) -> list[Told]:
    return [(group, entry) for group in groups for entry in group.entries]


def _joined(groups: Grouped) -> list[tuple[str, Markup]]:
    return [(group, Markup("".join(htmls))) for group, htmls in groups]  # noqa: S704  (from templates)
