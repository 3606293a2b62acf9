"""Bytes → Page: what a visit brought home, read as far as it can be read.

Pure, bounded and never failing: 2 MB of a document are read, 200,000 characters kept. A file that cannot be read is a
`Page` with a fault. PDFs are read by linkwatch.core.pdf; linkwatch.extract does that in a process of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from linkwatch.core import charset, dates, maintext
from linkwatch.core.html import MAX_BYTES, Outline, outline
from linkwatch.core.models import Page, PageKind, Visit
from linkwatch.core.pdf import read_pdf
from linkwatch.core.sniff import kind_of
from linkwatch.core.text import fold
from linkwatch.core.urls import join

_MAX_TITLE = 1_000
_MAX_WORD = 40  # of a language or a charset

_MODIFIED = (
    "last-modified", "dcterms.modified", "dc.date.modified", "article:modified_time", "og:updated_time", "dc.modified",
)  # fmt: skip
_JSON_LD = re.compile(rb"\"dateModified\"\s*:\s*\"([\w:.+-]{4,40})\"")
_REFRESH = re.compile(r"\s*(\d{1,9}(?:\.\d*)?|\.\d+)\s*[;,\s]\s*(?:url\s*=\s*)?(.+)", re.IGNORECASE | re.DOTALL)
_NO_INDEX = re.compile(r"(?:^|,)\s*(?:noindex|none)\s*(?=,|$)", re.IGNORECASE)


def read_page(visit: Visit) -> Page:
    """Never raises. PDFs too are read in this process: for bytes that are not ours to trust see `linkwatch.extract`."""
    match kind_of_visit(visit):
        case PageKind.HTML:
            return _html(visit)
        case PageKind.PDF:
            return dated(read_pdf(visit.body), visit)
        case PageKind.TEXT:
            return dated(_text(visit), visit)
        case kind:
            return dated(Page(kind=kind, fault=_fault(visit, kind)), visit)


def kind_of_visit(visit: Visit) -> PageKind:
    return kind_of(visit.body, visit.header("content-type") or "")


def dated(page: Page, visit: Visit, *further: tuple[str, datetime | None]) -> Page:
    """The page with the first date that can be believed: the header's, then `further`, then its own."""
    candidates = (("header", _header_date(visit)), *further, (page.last_modified_from, page.last_modified))
    for origin, date in candidates:
        if believed := dates.believable(date, visit.started_at):
            return replace(page, last_modified=believed, last_modified_from=origin)
    return replace(page, last_modified=None, last_modified_from=None)


def _header_date(visit: Visit) -> datetime | None:
    date = dates.http_date(visit.header("last-modified") or "")
    if not date or dates.is_generated(date, visit.started_at, dates.http_date(visit.header("date") or "")):
        return None
    return date


def _fault(visit: Visit, kind: PageKind) -> str | None:
    """A body that says it is a page and is not one. An office file is none: it was never meant to be read."""
    says_page = (visit.header("content-type") or "").strip().lower().startswith(("text/", "application/xhtml"))
    return "undecodable" if kind is PageKind.OTHER and says_page else None


# ---------------------------------------------------------------- text


def _decoded(visit: Visit, *, is_html: bool) -> charset.Decoded:
    content_type = visit.header("content-type") or ""
    complete = visit.complete and len(visit.body) <= MAX_BYTES
    return charset.decode(visit.body[:MAX_BYTES], content_type=content_type, is_html=is_html, complete=complete)


def _text(visit: Visit) -> Page:
    decoded = _decoded(visit, is_html=False)
    text = fold(decoded.text)[: maintext.MAX_TEXT]
    kind = PageKind.TEXT if text else PageKind.EMPTY
    return Page(kind=kind, text=text, full_text=text, declared_charset=decoded.declared, charset=decoded.used)


# ---------------------------------------------------------------- HTML


def _html(visit: Visit) -> Page:
    decoded = _decoded(visit, is_html=True)
    read = outline(decoded.text.encode("utf-8", "replace"))
    base = (join(visit.final_url, read.base) if read.base else None) or visit.final_url
    main = maintext.read(read, base)
    page = Page(
        kind=PageKind.HTML,
        title=_title(read),
        h1=main.heading,
        text=main.text,
        full_text=main.full_text,
        links=main.links,
        declared_charset=decoded.declared,
        charset=decoded.used,
        language=(read.language or visit.header("content-language") or "").strip()[:_MAX_WORD] or None,
        canonical=join(base, read.canonical) if read.canonical else None,
        refresh=_refresh(read, visit, base),
        noindex=_noindex(read, visit),
        password_field=read.password_field,
        scripts=read.scripts,
    )
    return dated(page, visit, ("meta", _meta_date(read, visit)))


def _title(read: Outline) -> str | None:
    titles = (fold(title)[:_MAX_TITLE] for title in (*read.titles, *_metas(read, "og:title")))
    return next(filter(None, titles), None)


def _metas(read: Outline, *names: str) -> Iterator[str]:
    """The contents of the meta elements of these (lower-case) names."""
    for meta in read.metas:
        name = meta.get("name") or meta.get("property") or meta.get("http-equiv") or meta.get("itemprop") or ""
        if name.strip().lower() in names:
            yield meta.get("content", "")


def _refresh(read: Outline, visit: Visit, base: str) -> tuple[float, str] | None:
    for content in (*_metas(read, "refresh"), visit.header("refresh") or ""):
        found = _REFRESH.match(content[: maintext.MAX_TEXT])
        url = join(base, found.group(2).strip().strip("\"'")) if found else None
        if found and url:
            return float(found.group(1)), url
    return None


def _noindex(read: Outline, visit: Visit) -> bool:
    """Said to all robots. A header for one of them (`X-Robots-Tag: otherbot: noindex`) is not for us."""
    headers = (value for name, value in visit.headers if name == "x-robots-tag")
    return any(_NO_INDEX.search(value) for value in (*_metas(read, "robots"), *headers))


def _meta_date(read: Outline, visit: Visit) -> datetime | None:
    written = [
        *_metas(read, *_MODIFIED),
        *(found.group(1).decode() for found in _JSON_LD.finditer(visit.body, 0, MAX_BYTES)),
    ]
    read_dates = (dates.iso_date(text) for text in written)
    return next((date for date in read_dates if dates.believable(date, visit.started_at)), None)
