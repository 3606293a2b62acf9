"""Outline → what a page has to say: its main part without navigation, header, footer, controls and cookie banners.

The main part is <main>; else what the markup calls so; else the whole body, and then lists of links go too. Links are
those of the main part, from such lists as well: a page may be nothing but a list.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from linkwatch.core.html import Outline, Part, Span
from linkwatch.core.models import Link
from linkwatch.core.text import fold
from linkwatch.core.urls import join

MAX_TEXT = 200_000
MAX_LINKS = 2_000
MAX_HEADING = 1_000
_MAX_NAME = 300
_MAX_PARTS = 400  # of a heading or a link: one that was never closed is not read to the end of the page
_MAX_TRIES = 50

_SMALL_FORM = 400  # characters: a search box, a login; a larger one, or most of the page, is ASP.NET's around it all
_OUTWEIGHS = 0.4  # of the visible characters: what is called content by its class must be that much of the page
_TOO_MUCH = 0.6  # of the visible characters: what a class calls navigation cannot be that much
_NEARLY_NOTHING = 60  # visible characters: what stands in <noscript> is then all that can be read

# Sitevision says it for the ear, in old versions as the text of a picture or as plain text; files add type and size.
_SUFFIX = re.compile(
    r"[\s(,]*(?:(?:extern\s+)?länk till annan webbplats|öppnas i nytt fönster"
    r"|(?:pdf|docx?|xlsx?|pptx?), [\d.,]+ ?[kmg]?b)\)?[\s.]*\Z",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    text: str
    full_text: str
    heading: str | None
    links: tuple[Link, ...]


class _Hole(NamedTuple):
    start: int
    end: int


def read(outline: Outline, base: str) -> Reading:
    """`base` is the address that references are relative to."""
    region = _region(outline)
    chrome = _merged(
        [_Hole(span.start, span.end) for span in _inside(outline, region) if _is_chrome(span, outline, region)]
    )
    lists = [_Hole(span.start, span.end) for span in _inside(outline, region) if _is_link_list(span, outline, region)]
    return Reading(
        text=fold("".join(_without(outline.parts, region, _merged(chrome + lists))))[:MAX_TEXT],
        full_text=_full_text(outline),
        heading=_heading(outline, region),
        links=tuple(_links(outline, region, chrome, base)),
    )


def _full_text(outline: Outline) -> str:
    unscripted = outline.without_scripts if outline.chars < _NEARLY_NOTHING else []
    return fold("".join([*outline.parts, *unscripted]))[:MAX_TEXT]


# ---------------------------------------------------------------- where the main part is


def _region(outline: Outline) -> Span:
    found = _largest(outline, Part.MAIN) or _largest(outline, Part.CONTENT)
    if found:
        return found
    called = _largest(outline, Part.ARTICLE)
    if called and called.chars >= _OUTWEIGHS * outline.chars:
        return called
    return Span(Part.BODY, {}, 0, len(outline.parts), outline.chars, outline.link_chars, outline.links)


def _largest(outline: Outline, part: Part) -> Span | None:
    spans = [span for span in outline.spans if span.part is part and span.chars]
    return max(spans, key=lambda span: span.chars, default=None)


def _inside(outline: Outline, region: Span) -> Iterator[Span]:
    return (span for span in outline.spans if region.start <= span.start and span.end <= region.end)


# ---------------------------------------------------------------- what is left out of it


def _is_chrome(span: Span, outline: Outline, region: Span) -> bool:
    match span.part:
        case Part.CHROME:  # unless it was never closed, and the page is in it
            return not (_is_most(span, outline) and _is_titled(span, outline))
        case Part.CALLED_CHROME:
            return not _is_most(span, outline) and not _is_titled(span, outline)
        case Part.HEADER:
            return region.part is Part.BODY and not _is_titled(span, outline)
        case Part.FORM:
            return span.chars < _SMALL_FORM and not _is_most(span, outline) and not _is_titled(span, outline)
    return False


def _is_link_list(span: Span, outline: Outline, region: Span) -> bool:
    return span.part is Part.LINK_LIST and region.part is not Part.MAIN and not _is_titled(span, outline)


def _is_most(span: Span, outline: Outline) -> bool:
    return span.chars > _TOO_MUCH * outline.chars


def _is_titled(span: Span, outline: Outline) -> bool:
    """Whether the page's heading, or its main part, is in there."""
    at = bisect_left(outline.anchors, span.start)
    return at < len(outline.anchors) and outline.anchors[at] < span.end


def _merged(holes: list[_Hole]) -> list[_Hole]:
    """In order, without those inside others."""
    merged: list[_Hole] = []
    for hole in sorted(holes):
        if not merged or hole.start >= merged[-1].end:
            merged.append(hole)
    return merged


def _without(parts: list[str], region: Span, holes: list[_Hole]) -> Iterator[str]:
    at = region.start
    for hole in holes:
        yield from parts[at : hole.start]
        at = hole.end
    yield from parts[at : region.end]


# ---------------------------------------------------------------- headings and links


def _heading(outline: Outline, region: Span) -> str | None:
    headings = [span for span in outline.spans if span.part is Part.HEADING and span.chars]
    at_home = [span for span in headings if region.start <= span.start < region.end]
    texts = (_text(outline, span) for span in [*at_home[:_MAX_TRIES], *headings[:_MAX_TRIES]])
    return next((text[:MAX_HEADING] for text in texts if text), None)


def _text(outline: Outline, span: Span) -> str:
    return fold("".join(outline.parts[span.start : min(span.end, span.start + _MAX_PARTS)]))


def _links(outline: Outline, region: Span, chrome: list[_Hole], base: str) -> Iterator[Link]:
    targets: dict[str, str | None] = {}
    seen: set[tuple[str, str]] = set()
    for span in _visible_links(outline, region, chrome):
        reference = span.attributes.get("href", "").strip()
        if reference not in targets:
            targets[reference] = join(base, reference) if not reference.startswith("#") else None
        url, name = targets[reference], ""
        if url and (url, name := _name(outline, span)) not in seen:
            seen.add((url, name))
            yield Link(url=url, text=name)
        if len(seen) == MAX_LINKS:
            return


def _visible_links(outline: Outline, region: Span, chrome: list[_Hole]) -> Iterator[Span]:
    ends = [hole.end for hole in chrome]
    for span in _inside(outline, region):
        if span.part is Part.LINK and "href" in span.attributes:
            at = bisect_left(ends, span.end)
            if at == len(chrome) or span.start < chrome[at].start:
                yield span


def _name(outline: Outline, span: Span) -> str:
    """What a link says: its text, else its picture's, else its label; without Sitevision's suffixes."""
    attributes = span.attributes
    text = _text(outline, span) or fold(span.name or attributes.get("aria-label", "") or attributes.get("title", ""))
    text = text[: 2 * _MAX_NAME]
    while found := _SUFFIX.search(text):
        text = text[: found.start()]
    return text[:_MAX_NAME]
