"""HTML → Outline: the visible text in reading order, and where in it the parts of a page lie.

lxml's parser hands over its events and no tree is built: as fast as a tree, and linear in the input whatever that is (a
tree takes seconds for an element with 50,000 attributes, and libxml2 stops at the 2,048th nested element).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from lxml import etree

MAX_BYTES = 2_000_000
_MAX_SPANS = 20_000
_MAX_METAS = 500
_SOME, _MOSTLY = 4, 0.8  # so many links, and such a share of the characters in them, make a list of links

Attributes = Mapping[str, str]


class Part(Enum):
    """What a stretch of a page is, as far as its markup says."""

    BODY = auto()
    MAIN = auto()
    CONTENT = auto()  # called so by id: #content, #main
    ARTICLE = auto()
    CHROME = auto()  # navigation, aside, footer, controls
    CALLED_CHROME = auto()  # only by its class or id
    HEADER = auto()
    FORM = auto()
    HEADING = auto()  # h1
    LINK = auto()
    LINK_LIST = auto()  # hardly anything but links


@dataclass(slots=True)
class Span:
    """A stretch `parts[start:end]`. `chars` and `link_chars`: visible characters in it, and those that are links."""

    part: Part
    attributes: Attributes
    start: int
    end: int
    chars: int
    link_chars: int
    links: int
    name: str = ""  # of a link: its first picture's


@dataclass(slots=True)
class Outline:
    """All that was read. `parts` are text runs and, between blocks, line breaks; `spans` are in document order."""

    parts: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)  # where headings (h1) and main parts start
    chars: int = 0
    link_chars: int = 0
    links: int = 0
    titles: list[str] = field(default_factory=list)
    metas: list[Attributes] = field(default_factory=list)  # in order
    canonical: str | None = None
    base: str | None = None
    language: str | None = None
    password_field: bool = False
    scripts: int = 0
    without_scripts: list[str] = field(default_factory=list)  # text of <noscript>


def outline(data: bytes) -> Outline:
    """`data`: UTF-8, of which 2 MB are read. Never fails; markup can be anything."""
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, encoding="utf-8", huge_tree=True, no_network=True)
    try:
        parser.feed(data[:MAX_BYTES].replace(b"\0", b""))
        parser.close()
    except etree.ParseError:  # no markup at all
        return reader.outline
    return reader.outline


# ---------------------------------------------------------------- what markup means

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font html i img ins kbd label mark meta nobr q s samp "
    "small span strike strong sub sup time tt u var wbr".split()
)
_UNSEEN = frozenset(
    "script style template svg math noframes iframe object audio video canvas datalist noembed applet".split()
)
_TAGS = {
    "main": Part.MAIN,
    "article": Part.ARTICLE,
    **dict.fromkeys(("nav", "aside", "footer", "button", "select", "textarea", "menu"), Part.CHROME),
    "header": Part.HEADER,
    "form": Part.FORM,
    "h1": Part.HEADING,
    "a": Part.LINK,
}
_ROLES = {
    "main": Part.MAIN,
    **dict.fromkeys(("navigation", "search", "contentinfo", "complementary", "menu", "menubar"), Part.CHROME),
    "banner": Part.HEADER,
}
_NOTED = frozenset(("meta", "link", "base", "html", "input", "img"))
_NAMELESS = frozenset(("html", "body", "head", "span", "img", "input", "li", "link", "meta", "option"))
_LISTS = frozenset(("ul", "ol", "td", "div", "dl"))
_CONTENT = re.compile(
    r"(?:main|content|innehall|innehåll)|(?:main|page|body|primary|site|sid|huvud)[-_]?(?:content|innehall|body|area|column)"
    r"|content[-_]?(?:main|area|body)|mittspalt|deltaplaceholdermain|primary"
)  # fmt: skip
_CHROME = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:nav|menu|meny|navigation|navbar|footer|sidfot|sidebar|breadcrumbs?|brodsmulor|lankstig"
    r"|cookies?|kakor|consent|gdpr|cookiebot|onetrust|skip-?links?|social-?share|share-?links)(?![a-z])"
)
_HEADER = re.compile(r"(?:site|page|sid|global)?[-_]?(?:header|huvud|top)|masthead|toppen|topbar")
_LINK_SUFFIX = re.compile(
    r"\b(?:env-assistive-text|env-link-meta|sv-linkicon)\b"
)  # Sitevision's, for the ear or the eye only
_HIDING = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def _part(tag: str, attributes: Attributes) -> Part | None:
    by_tag = _TAGS.get(tag)
    if not attributes or by_tag in (Part.LINK, Part.HEADING, Part.MAIN):
        return by_tag or (Part.LINK_LIST if tag in _LISTS else None)
    by_role = _ROLES.get(attributes.get("role", ""))
    by_name = _by_name(attributes.get("id", ""), attributes.get("class", "")) if tag not in _NAMELESS else None
    return by_role or by_tag or by_name or (Part.LINK_LIST if tag in _LISTS else None)


def _by_name(identity: str, classes: str) -> Part | None:
    if not identity and not classes:
        return None
    identity = identity.lower()
    if _CONTENT.fullmatch(identity):
        return Part.CONTENT
    if _CHROME.search(f"{identity} {classes.lower()}"):
        return Part.CALLED_CHROME
    if _HEADER.fullmatch(identity):
        return Part.HEADER
    return Part.ARTICLE if any(map(_CONTENT.fullmatch, classes.lower().split())) else None


def _is_unseen(tag: str, attributes: Attributes) -> bool:
    if tag in _UNSEEN or (tag == "dialog" and "open" not in attributes):
        return True
    if not attributes or tag in ("html", "body"):  # a body is hidden until a script has run
        return False
    if attributes.get("hidden", "until-found") != "until-found":
        return True
    style, classes = attributes.get("style"), attributes.get("class")
    return bool((style and _HIDING.search(style)) or (classes and _LINK_SUFFIX.search(classes)))


# ---------------------------------------------------------------- the parser's events


class _Reader:
    """A target for lxml's parser (lxml.de/parsing.html#the-target-parser-interface). Its events are balanced."""

    def __init__(self) -> None:
        self.outline = Outline()
        self._parts = self.outline.parts  # where text goes: to `without_scripts` inside <noscript>
        self._depth = 0
        self._unseen_at = 0  # depth of the element whose content nobody sees; 0: we are not in one
        self._noscript_at = 0
        self._in_title = False
        self._open: list[tuple[int, Span]] = []
        self._links: list[Span] = []  # those open now

    def start(self, tag: str, attributes: Attributes) -> None:
        self._depth += 1
        self.outline.scripts += tag == "script"
        if self._unseen_at:
            return
        if tag == "title" or _is_unseen(tag, attributes):
            self._unseen_at = self._depth
            self._in_title = tag == "title"
            self.outline.titles += [""] * self._in_title
        elif tag == "noscript" and not self._noscript_at:
            self._noscript_at = self._depth
            self._parts = self.outline.without_scripts
        else:
            self._start_seen(tag, attributes)

    def _start_seen(self, tag: str, attributes: Attributes) -> None:
        if tag not in _INLINE:
            self._parts.append("\n")
        if self._noscript_at:
            return
        if attributes and tag in _NOTED:
            self._note(tag, attributes)
        part = _part(tag, attributes)
        if part and len(self.outline.spans) < _MAX_SPANS:
            self._open_span(part, attributes)

    def _open_span(self, part: Part, attributes: Attributes) -> None:
        out = self.outline
        span = Span(part, attributes, len(out.parts), 0, out.chars, out.link_chars, out.links)
        self._open.append((self._depth, span))
        if part is not Part.LINK_LIST:
            out.spans.append(span)
        if part is Part.LINK:
            self._links.append(span)
            out.links += 1
        if part in (Part.HEADING, Part.MAIN):
            out.anchors.append(span.start)

    def end(self, tag: str) -> None:
        if self._unseen_at:
            if self._unseen_at == self._depth:
                self._unseen_at = 0
                self._in_title = False
        else:
            self._end_seen(tag)
        self._depth -= 1

    def _end_seen(self, tag: str) -> None:
        if self._open and self._open[-1][0] == self._depth:
            self._close_span(self._open.pop()[1])
        if tag not in _INLINE:
            self._parts.append("\n")
        if self._noscript_at == self._depth:
            self._noscript_at = 0
            self._parts = self.outline.parts

    def _close_span(self, span: Span) -> None:
        out = self.outline
        span.end = len(out.parts)
        span.chars = out.chars - span.chars
        span.link_chars = out.link_chars - span.link_chars
        span.links = out.links - span.links
        if span.part is Part.LINK:
            self._links.pop()
        elif span.part is Part.LINK_LIST and span.links >= _SOME and span.link_chars >= _MOSTLY * span.chars:
            out.spans.append(span)

    def data(self, text: str) -> None:
        if self._unseen_at:
            if self._in_title:
                self.outline.titles[-1] += text
            return
        self._parts.append(text)
        if not self._noscript_at and not text.isspace():
            self.outline.chars += len(text)
            self.outline.link_chars += len(text) if self._links else 0

    def close(self) -> None:
        """What is still open ends here: lxml closes every element first, unless an error stopped it."""
        for _, span in reversed(self._open):
            span.end = len(self.outline.parts)
        self._open.clear()

    def _note(self, tag: str, attributes: Attributes) -> None:
        out = self.outline
        match tag:
            case "meta" if len(out.metas) < _MAX_METAS:
                out.metas.append(attributes)
            case "link" if "canonical" in attributes.get("rel", "").lower().split():
                out.canonical = out.canonical or attributes.get("href")
            case "base":
                out.base = out.base or attributes.get("href")
            case "html":
                out.language = attributes.get("lang") or attributes.get("xml:lang")
            case "input":
                out.password_field |= attributes.get("type", "").strip().lower() == "password"
            case "img" if self._links:
                self._links[-1].name = self._links[-1].name or attributes.get("alt", "")
