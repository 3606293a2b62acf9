"""A listing page → Reading: the links of a section, whatever content system drew it.

The section is found by a CSS selector, by its heading's text, or by the names that are watched; a redesign that keeps
the names is still found. A row may be a link by itself, a row of a table, a card, a term and its description: where a
link's own text is not its name, the row's heading is. Plain text, as copied from a page, is read too.

Pure and bounded: a million characters of markup and 5,000 links are looked at, a few seconds of the worst there is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from linkwatch.core import charset
from linkwatch.core.listed import FoundBy, Listed, Reading
from linkwatch.core.listing_text import read_text
from linkwatch.core.naming import clean_name, name_key, says_new_window, says_nothing
from linkwatch.core.text import fold
from linkwatch.core.urls import join

_MOST_MARKUP = 1_000_000
_MOST_LINKS = 5_000
_MOST_LEVELS = 40
_DEEPEST = 200
_MOST_CHARS = 500
_A_LIST = 3
_MOST_IN_A_ROW = 4  # links to one address: a card has a picture, a title and a button

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|main|section|article|div|p|ul|ol|li|dl|table|h[1-6]|a)\b", re.IGNORECASE
)
_SIGNS = re.compile(r"[^\w]+")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TITLES = (*_HEADINGS, "caption", "legend", "summary", "strong", "b", "dt", "th")
_BLOCKS = frozenset(("li", "td", "th", "dd", "dt", "p", "div", "section", "article", *_HEADINGS))
_CHROME = frozenset(("nav", "footer", "header", "aside"))
_CHROME_ROLES = frozenset(("navigation", "contentinfo", "banner", "search", "complementary"))
_UNREAD = frozenset(("img", "svg", "script", "style", "template", "noscript"))
_UNREAD_CLASSES = frozenset(("sv-linkicon", "env-assistive-text", "env-link-meta", "env-link-icon"))


def read(
    html_or_text: bytes | str,
    *,
    base: str,
    heading: str | None = None,
    selector: str | None = None,
    names: Sequence[str] = (),
    content_type: str = "",
) -> Reading:
    """The links that a page lists. `names` are those that are watched. Never raises, unless `selector` is none."""
    text = html_or_text if isinstance(html_or_text, str) else _decoded(html_or_text, content_type)
    text = text[:_MOST_MARKUP].replace("\0", "").encode(errors="replace").decode()
    known = {name_key(name): name for name in names}
    if not _MARKUP.search(text):
        return read_text(text, base=base, heading=heading, known=known)
    return _Page.of(text, base, known).reading(heading, selector)


def is_selector(text: str) -> bool:
    """Whether a CSS selector is one."""
    try:
        soupsieve.compile(text)
    except (soupsieve.SelectorSyntaxError, NotImplementedError):
        return False
    return True


def _decoded(body: bytes, content_type: str) -> str:
    complete = len(body) <= _MOST_MARKUP
    return charset.decode(body[:_MOST_MARKUP], content_type=content_type, is_html=True, complete=complete).text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One link of the page. `row` is the largest part of the page in which it is the only one."""

    anchor: Tag
    url: str
    row: Tag
    name: str
    is_known: bool
    title: Tag | None  # the heading above it, or the one it is in


@dataclass(slots=True, kw_only=True)
class _Page:
    soup: BeautifulSoup
    known: dict[str, str]  # key → name
    rows: list[_Row]

    @classmethod
    def of(cls, text: str, base: str, known: dict[str, str]) -> "_Page":
        soup = BeautifulSoup(text, "lxml")
        first = soup.find("base", href=True)
        base = (join(base, str(first["href"])) if isinstance(first, Tag) else None) or base
        found = [(anchor, url) for anchor in _anchors(soup) if (url := _target(anchor, base))][:_MOST_LINKS]
        return cls(soup=soup, known=known, rows=list(_rows(found, known, _titles(soup))))

    def reading(self, heading: str | None, selector: str | None) -> Reading:
        for found_by, rows in self._ways(heading, selector):
            if rows:
                return self._as_reading(rows, found_by)
        found = any(_is_title_of(tag, heading) for tag in self.soup.find_all(_TITLES)) if heading else False
        return Reading(links=(), found_by=FoundBy.HEADING if found else FoundBy.NOTHING)

    def _ways(self, heading: str | None, selector: str | None) -> Iterator[tuple[FoundBy, list[_Row]]]:
        if selector:
            yield FoundBy.SELECTOR, self._selected(selector)
        if heading:
            yield FoundBy.HEADING, self._narrowed(self._under(heading))
        if self.known:
            yield FoundBy.NAMES, self._by_names()
        elif not heading and not selector:
            yield FoundBy.WHOLE, _most_alike(self._of_content())

    # ------------------------------------------------------------ where the links are

    def _selected(self, selector: str) -> list[_Row]:
        inside = [tag for part in self.soup.select(selector, limit=_MOST_LINKS) for tag in (part, *part.find_all("a"))]
        wanted = set(map(id, inside))
        return [row for row in self.rows if id(row.anchor) in wanted]

    def _under(self, heading: str) -> list[_Row]:
        """The links from a heading to the next of its rank or higher."""
        for title in self.soup.find_all(_TITLES):
            if _is_title_of(title, heading):
                wanted = set(map(id, _section(title)))
                if rows := [row for row in self.rows if id(row.anchor) in wanted]:
                    return rows
        return []

    def _by_names(self) -> list[_Row]:
        """Where more than half of the names are links; in a menu only for want of better."""
        for rows in (self._of_content(), self.rows):
            found = {row.name for row in rows if row.is_known}
            if len(found) * 2 > len(self.known):
                return self._narrowed(rows)
        return []

    def _of_content(self) -> list[_Row]:
        content = [row for row in self.rows if not _is_chrome(row.anchor)]
        main = self.soup.find("main") or self.soup.select_one("[role=main]")
        inside = [row for row in content if isinstance(main, Tag) and _is_in(row.anchor, main)]
        return inside or content

    def _narrowed(self, rows: list[_Row]) -> list[_Row]:
        """The rows of the smallest part that holds the names, without links in the prose around them."""
        named = {row.name for row in rows if row.is_known}
        if len(named) < 2:
            return _without_prose(rows)
        part = _smallest(rows, named)
        inside = [row for row in rows if _is_in(row.anchor, part)] if part else rows
        blocks = {id(_block(row.anchor)) for row in inside if row.is_known}
        titles = {id(row.title) for row in inside if row.is_known}
        return [row for row in inside if row.is_known or id(_block(row.anchor)) in blocks or _is_one_of(row, titles)]

    # ------------------------------------------------------------ what they say

    def _as_reading(self, rows: list[_Row], found_by: FoundBy) -> Reading:
        told = list(_merged(rows))
        links = tuple(
            Listed(
                name=row.name,
                url=row.url,
                position=position,
                new_window=says_new_window(_everything_said(row.anchor)),
                text=fold(_everything_said(row.anchor))[:_MOST_CHARS],
            )
            for position, row in enumerate(told, 1)
        )
        return Reading(links=links, found_by=found_by, unlinked=self._unlinked({name_key(row.name) for row in told}))

    def _unlinked(self, linked: set[str]) -> tuple[str, ...]:
        missing = {key: name for key, name in self.known.items() if key not in linked}
        if not missing:
            return ()
        strings = (fold(text[:_MOST_CHARS]) for text in self.soup.find_all(string=True) if not _is_chrome(text))
        seen = {name_key(text) for text in strings if text}
        return tuple(name for key, name in missing.items() if key in seen)


# ---------------------------------------------------------------- the parts of a page


def _anchors(soup: BeautifulSoup) -> Iterator[Tag]:
    return (tag for tag in soup.find_all("a", href=True) if not str(tag["href"]).lstrip().startswith("#"))


def _target(anchor: Tag, base: str) -> str | None:
    return join(base, str(anchor["href"]).strip())


def _levels(tag: Tag | NavigableString) -> list[Tag]:
    """The elements around one, innermost first, so many as matter."""
    found: list[Tag] = []
    for parent in tag.parents:
        if len(found) == _MOST_LEVELS or isinstance(parent, BeautifulSoup):
            break
        found.append(parent)
    return found


def _titles(soup: BeautifulSoup) -> dict[int, Tag]:
    """The last heading before each link."""
    found: dict[int, Tag] = {}
    latest: Tag | None = None
    for tag in soup.find_all(("a", *_HEADINGS)):
        if tag.name != "a":
            latest = tag
        elif latest is not None:
            found[id(tag)] = latest
    return found


def _is_in(tag: Tag, part: Tag) -> bool:
    return tag is part or any(level is part for level in islice(tag.parents, _DEEPEST))


def _is_chrome(tag: Tag | NavigableString) -> bool:
    inside_main = False
    for level in _levels(tag):
        inside_main |= level.name in ("main", "article")
        if level.name in ("nav", "footer", "aside") or str(level.get("role", "")) in _CHROME_ROLES:
            return True
        if level.name in _CHROME and not inside_main:
            return True
    return False


def _is_title_of(tag: Tag, heading: str) -> bool:
    said, wanted = fold(_text(tag)).casefold(), fold(heading).casefold()
    if tag.name in ("strong", "b", "dt", "th"):
        return said.strip(" :") == wanted.strip(" :")
    return said == wanted or (wanted in said and tag.name in _HEADINGS)


def _rank(tag: Tag) -> int:
    return int(tag.name[1]) if tag.name in _HEADINGS else 7


def _section(title: Tag) -> Iterator[Tag]:
    """What comes after a heading, or is in the same table, group or details."""
    whole = {"caption": "table", "legend": "fieldset", "summary": "details"}.get(title.name)
    if whole and isinstance(group := title.find_parent(whole), Tag):
        yield from group.find_all("a")
        return
    rank, region = _rank(title), title.find_parent(("main", "article", "body"))
    for element in title.next_elements:
        if not isinstance(element, Tag):
            continue
        if (element.name in _HEADINGS and _rank(element) <= rank) or element.name == "footer":
            return
        if region is not None and element.name == "a":
            if not _is_in(element, region):
                return
            if not _is_chrome(element):
                yield element


def _smallest(rows: list[_Row], named: set[str]) -> Tag | None:
    """The smallest element with half of the names, grown while more names are gained than other links."""
    inside: dict[int, tuple[Tag, set[str], int]] = {}
    for row in rows:
        for level in _levels(row.anchor):
            part, names, links = inside.get(id(level), (level, set(), 0))
            inside[id(level)] = (part, names | {row.name} if row.is_known else names, links + 1)
    enough = [held for held in inside.values() if len(held[1]) * 2 >= len(named)]
    if not enough:
        return None
    part, names, links = min(enough, key=lambda held: (held[2], -len(held[1])))
    for level in _levels(part):
        _, more_names, more_links = inside[id(level)]
        gained = len(more_names) - len(names)
        if gained and gained * 2 >= more_links - links:
            part, names, links = level, more_names, more_links
    return part


def _block(anchor: Tag) -> Tag:
    return next((level for level in _levels(anchor) if level.name in _BLOCKS), anchor)


def _is_one_of(row: _Row, titles: set[int]) -> bool:
    """Whether an unknown link looks like the known: a row by itself, under their heading or its own."""
    above = row.title
    own = above is not None and (_is_in(above, row.row) or clean_name(_own_text(above)) == row.name)
    return not _is_prose(row.anchor) and (own or id(above) in titles)


def _without_prose(rows: list[_Row]) -> list[_Row]:
    """Where most links are rows by themselves, those in sentences are none of the list."""
    alone = [row for row in rows if not _is_prose(row.anchor)]
    return alone if len(alone) >= _A_LIST and len(alone) * 2 >= len(rows) else rows


def _most_alike(rows: list[_Row]) -> list[_Row]:
    """The links that stand in the same kind of place, where there are enough of them to be a list."""
    shapes: dict[str, list[_Row]] = {}
    for row in rows:
        shapes.setdefault("/".join(level.name for level in _levels(row.anchor)), []).append(row)
    most = max(shapes.values(), key=len, default=rows)
    return most if len(most) >= _A_LIST else rows


def _is_prose(anchor: Tag) -> bool:
    said, around = len(fold(_text(anchor))), len(fold(_text(_block(anchor))))
    return around > 2 * said + 40


# ---------------------------------------------------------------- names


def _rows(found: Sequence[tuple[Tag, str]], known: dict[str, str], titles: dict[int, Tag]) -> Iterator[_Row]:
    alone = _alone(found)
    texts = [clean_name(_own_text(anchor.find(_HEADINGS) or anchor)) for anchor, _ in found]
    leads_to: dict[str, set[str]] = {}
    for (_, url), text in zip(found, texts, strict=True):
        leads_to.setdefault(text, set()).add(url)
    exact = {key for text in texts if (key := name_key(text)) in known}
    for (anchor, url), own in zip(found, texts, strict=True):
        row = alone[id(anchor)]
        name = _name(anchor, row, own, known, exact, is_repeated=len(leads_to[own]) > 1)
        if name:
            known_name = name_key(name) in known
            yield _Row(anchor=anchor, url=url, row=row, name=name, is_known=known_name, title=titles.get(id(anchor)))


def _alone(found: Sequence[tuple[Tag, str]]) -> dict[int, Tag]:
    """For each link the largest element in which there is no link to another address."""
    targets: dict[int, list[str]] = {}
    for anchor, url in found:
        for level in _levels(anchor):
            targets.setdefault(id(level), []).append(url)
    alone: dict[int, Tag] = {}
    for anchor, _ in found:
        alone[id(anchor)] = anchor
        for level in _levels(anchor):
            inside = targets[id(level)]
            if (
                len(inside) > _MOST_IN_A_ROW
                or len(set(inside)) > 1
                or level.name in ("body", "main", "ul", "ol", "table", "tbody", "dl")
            ):
                break
            alone[id(anchor)] = level
    return alone


def _name(anchor: Tag, row: Tag, own: str, known: dict[str, str], exact: set[str], *, is_repeated: bool) -> str:
    """The link's own text; the row's where that is the one that is watched, or where the own says nothing."""
    if name_key(own) in known:
        return known[name_key(own)]
    labels = [label for label in map(clean_name, _labels(anchor, row)) if label]
    for label in labels:
        if name_key(label) in known:
            return known[name_key(label)]
    if (held := _held_name(own, known, exact)) is not None:
        return held
    if own and not is_repeated and not says_nothing(own):
        return own
    return next((label for label in labels if not says_nothing(label)), own)


def _held_name(own: str, known: dict[str, str], exact: set[str]) -> str | None:
    """The one name that is watched in a longer text such as "Läs mer om Blekinge", unless it is a link elsewhere."""
    said = f" {_SIGNS.sub(' ', own.casefold())} "
    held = sorted((key for key in known if key and key not in exact and f" {key} " in said), key=len)
    longest = held[-1:]
    return known[longest[0]] if longest and all(key in longest[0] for key in held) else None


def _labels(anchor: Tag, row: Tag) -> Iterator[str]:
    """What could be the name of a link beside its own text: headings in it and in its row, a first cell, a term."""
    for part in (anchor, row):
        for title in part.find_all(_TITLES, limit=3):
            yield _own_text(title)
    cells = row.find_all(("td", "th"), limit=1) if row.name == "tr" else []
    for cell in cells:
        yield _own_text(cell)
    if row.name in ("dd", "p", "div", "td", "span", "a"):
        wanted = ("dt",) if row.name == "dd" else ("th", *_HEADINGS)
        before = (one for one in islice(row.previous_siblings, 12) if isinstance(one, Tag) and one.name in wanted)
        yield _own_text(next(before, NavigableString("")))
    if row is not anchor and row.name not in ("tr", "body", "main", "div", "section"):
        yield _own_text(next(iter(row.find_all(string=lambda text: bool(text and text.strip()), limit=1)), row))
    for attribute in ("aria-label", "title"):
        yield str(anchor.get(attribute, ""))


def _own_text(part: Tag | NavigableString) -> str:
    """Its text without pictures and what is only there for assistive technology; a picture's, where that is all."""
    if isinstance(part, NavigableString):
        return str(part)[:_MOST_CHARS]
    text = "".join(_strings(part))[:_MOST_CHARS]
    if text.strip():
        return text
    pictures = (str(image.get("alt", "")) for image in part.find_all("img", limit=3))
    return " ".join((*pictures, str(part.get("aria-label", ""))))[:_MOST_CHARS]


def _text(part: Tag) -> str:
    """All its text, as far as it matters."""
    return "".join(islice(part.strings, 200))[: 2 * _MOST_CHARS]


def _strings(part: Tag) -> Iterator[str]:
    for string in part.find_all(string=True, limit=200):
        if type(string) is NavigableString and not _is_unread(string, part):
            yield str(string)


def _is_unread(string: NavigableString, part: Tag) -> bool:
    for level in string.parents:
        if level is part:
            return False
        if level.name in _UNREAD or _UNREAD_CLASSES & set(level.get_attribute_list("class")):
            return True
    return False


def _everything_said(anchor: Tag) -> str:
    alts = [str(image.get("alt", "")) for image in anchor.find_all("img", limit=3)]
    return "".join((_text(anchor), *alts))


def _merged(rows: Iterable[_Row]) -> Iterator[_Row]:
    """A card's picture and its title are one link."""
    before: _Row | None = None
    for row in rows:
        if before and (before.row is row.row) and (before.url, before.name) == (row.url, row.name):
            continue
        yield row
        before = row
