"""Has a bot wall answered in place of the page? Looked at before the status: walls answer with any of them."""

import re
from dataclasses import dataclass

from linkwatch.core.models import Page, Visit
from linkwatch.core.signs import phrases
from linkwatch.core.signs.wall_marks import BLOCKED, CAPTCHA, CAPTCHA_WORDS, CHALLENGE, CONSENT, MARKS, REFUSAL, Mark

_FEW = 150  # words of visible text: no challenge says more
_HANDFUL = 60
_NOTHING = 30
_REFUSING = (202, 403, 405, 406, 429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    name: str
    mark: str  # what gave it away

    @property
    def evidence(self) -> dict[str, str]:
        return {"wall": self.name, "mark": self.mark}


def find(visit: Visit, page: Page | None, markup: str) -> Wall | None:
    """The wall that answered, by its own signature or by its words. `markup`: the body's first bytes, lower case."""
    for mark in MARKS:
        if found := _by_header(visit, mark) or _by_address(visit, mark):
            return found
    if _is_out_of_order(visit) or _words(page) > _FEW:
        return None
    for mark in MARKS:
        if found := _by_words(visit, page, mark) or _by_markup(page, mark, markup):
            return found
    return _by_server(visit, page) or _unnamed(visit, page, markup)


def _is_out_of_order(visit: Visit) -> bool:
    """No answer, or a server's failure in an edge's frame (Cloudflare's 520 to 530). Walls use 503 alone of these."""
    return visit.status is None or (visit.status >= 500 and visit.status not in (503, 999))


def on_the_way(visit: Visit) -> Wall | None:
    """A wall that a chain of redirects led through, for visits that ended without an answer."""
    if not visit.hops:
        return None
    addresses = [visit.final_url, *(hop.url for hop in visit.hops), *(hop.location or "" for hop in visit.hops)]
    for mark in MARKS:
        if mark.address and any(mark.address.search(address) for address in addresses):
            return Wall(name=mark.name, mark="address")
    return None


def _by_header(visit: Visit, mark: Mark) -> Wall | None:
    for name, value in mark.headers:
        if (sent := visit.header(name)) and re.search(value, sent):
            return Wall(name=mark.name, mark=f"header {name}")
    return None


def _by_address(visit: Visit, mark: Mark) -> Wall | None:
    if mark.address and visit.hops and mark.address.search(visit.final_url):
        return Wall(name=mark.name, mark="address")
    return None


def _by_words(visit: Visit, page: Page | None, mark: Mark) -> Wall | None:
    """In title or h1; in the text only where hardly anything else is said, or the status says no as well."""
    if page is None or mark.words is None:
        return None
    is_bare = _words(page) < _HANDFUL or visit.status in _REFUSING
    where = (page.title, page.h1, _seen(page) if is_bare else None)
    said = any(mark.words.search(text.lower()) for text in where if text)
    return Wall(name=mark.name, mark="words") if said else None


def _by_markup(page: Page | None, mark: Mark, markup: str) -> Wall | None:
    is_empty = page is None or (not page.h1 and _words(page) < _NOTHING)
    signs = mark.markup + mark.injected if is_empty else mark.markup
    seen = _seen(page)
    written = next((sign for sign in signs if sign in markup and sign not in seen), None)
    return Wall(name=mark.name, mark=written) if written else None


def _by_server(visit: Visit, page: Page | None) -> Wall | None:
    """Edges that refuse in their own name; a bare 403 that they pass on from the site bears the same name."""
    server = (visit.header("server") or "").lower()
    if visit.status == 403 and server == "akamaighost":
        return Wall(name="akamai", mark="header server")
    if visit.status == 403 and server.startswith("ddos-guard"):
        return Wall(name="ddos_guard", mark="header server")
    if visit.status == 403 and (visit.header("x-datadome") or visit.header("x-datadome-cid")):
        return Wall(name="datadome", mark="header x-datadome")
    if visit.status in (403, 503) and page and (page.title or "").strip().lower().startswith("just a moment"):
        return Wall(name="cloudflare", mark="title")
    return None


def _unnamed(visit: Visit, page: Page | None, markup: str) -> Wall | None:
    """A challenge of no known make: its heading says so, or a captcha stands where the page should."""
    if page is None or page.words > _FEW // 2 or visit.status in (401, 407):
        return None
    few = _words(page) < _HANDFUL
    seen = _seen(page)
    captcha = next((sign for sign in CAPTCHA if sign in markup and sign not in seen), None)
    asks = _opens_with(CHALLENGE, page, few=few)
    doubts = few and visit.status not in (404, 410) and CAPTCHA_WORDS.search(page.full_text)
    if captcha and (asks or doubts):
        return Wall(name="captcha", mark=captcha)
    if asks and (few or visit.status in _REFUSING):
        return Wall(name="challenge", mark="heading")
    if few and visit.status != 403 and _opens_with(REFUSAL, page, few=few):
        return Wall(name="refusal", mark="heading")
    if few and visit.status != 403 and BLOCKED.search(page.full_text):
        return Wall(name="refusal", mark="words")
    return Wall(name="consent", mark="heading") if _opens_with(CONSENT, page, few=few) else None


def _opens_with(pattern: re.Pattern[str], page: Page, *, few: bool) -> bool:
    """A part of title or h1, or a text of a few lines, begins so."""
    headings = [part for heading in (page.title, page.h1) for part in phrases.segments(heading)]
    return any(pattern.match(part) for part in headings) or (few and bool(pattern.match(page.text)))


def _words(page: Page | None) -> int:
    return len(page.full_text.split()) if page else 0


def _seen(page: Page | None) -> str:
    """Title and visible text in one line, lower case."""
    if page is None:
        return ""
    return f"{page.title or ''} {page.h1 or ''} {page.full_text}".lower()
