"""Where a visit was led, and what the shape of the way says of it."""

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from linkwatch.core.models import Page, Visit
from linkwatch.core.urls import is_root, is_trivial_redirect, join, path_depth, sibling

_PERMANENT = (301, 308)  # RFC 9110 §15.4
_LONGEST_WAIT = 60.0  # seconds; a page that reloads later than that is read first
_STUB_WORDS = 120
_STUB_BYTES = 4_000

# The address of a page for missing pages, and that of a search for what was asked for.
_ERROR_ADDRESS = re.compile(
    r"(?:/|^)(?:[\w-]*[_-])?(?:404|410|error404|404error|fel-?404|404-?fel|sidan-?(?:finns|hittades|kunde|kan|saknas"
    r"|hittas)-?\w*(?:-\w+)*"
    r"|sida-(?:saknas|hittades|finns)[\w-]*|page-?not-?found|file-?not-?found|not-?found|not_found|page_not_found"
    r"|notfound"
    r"|siden-(?:findes|finnes|blev|ble)[\w-]*|side-ikke-f[uü]ndet|side-ikke-funnet|ikke-funnet|ikke-fundet"
    r"|sivua-ei-loy[\w-]*"
    r"|felsida|fejlside|feilside|virhesivu|error-?page|errors?|fel|customerror|generic-?error|missing|missing-?page"
    r"|borttagen|gone)"
    r"(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_ERROR_QUERY = re.compile(
    r"(?:^|&)(?:aspxerrorpath|404;|errorpath|error=404|status=404|statuscode=404|code=404|notfound|err=404)",
    re.IGNORECASE,
)
_SEARCH_ADDRESS = re.compile(
    r"/(?:sok|sök|soksida|sokresultat|sökresultat|sok-pa-webbplatsen|search|searchresults?|search-results?|suche|haku"
    r"|hae|sog|søg|soeg|sok-resultat)"
    r"(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[\w.-]*\d[\w.-]*")
_GENERIC_NAME = re.compile(
    r"(?:index|default|start|home|page|sida|show|visa|view|download|main|\d+)?(?:\.\w{2,5})?", re.IGNORECASE
)
_JUNK = re.compile(r"\.\w{2,5}$|\d+|[^\w]+|_+")
_LOCATION = re.compile(
    r"(?:window\.|document\.|top\.|self\.|parent\.)?location(?:\.href)?\s*=\s*[\"']([^\"'\s]{1,2000})[\"']"
    r"|location\.(?:replace|assign)\(\s*[\"']([^\"'\s]{1,2000})[\"']\s*\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`leaves`: the end is another place than the one asked for. `is_permanent`: each step that left said so."""

    hops: int
    end: str
    leaves: bool
    is_permanent: bool
    to_front: bool  # a front page, or a hub: depth ≤ 1 from depth ≥ 2
    to_error: bool  # the end's address is that of a page for missing pages
    to_search: bool
    same_name: bool  # the last word of the address has stayed

    @property
    def evidence(self) -> dict[str, object]:
        return {"hops": self.hops, "final_url": self.end}


def way(asked: str, visit: Visit) -> Way:
    end = visit.final_url
    leaves = not is_same_place(asked, end)
    towards = [*(hop.url for hop in visit.hops[1:]), end]
    leaving = [h for h, to in zip(visit.hops, towards, strict=False) if not is_trivial_redirect(h.url, to)]
    return Way(
        hops=len(visit.hops),
        end=end,
        leaves=leaves,
        is_permanent=bool(leaving) and all(hop.status in _PERMANENT for hop in leaving),
        to_front=leaves and not is_root(asked) and (is_root(end) or path_depth(end) <= 1 < path_depth(asked)),
        to_error=leaves and is_error_address(end),
        to_search=leaves and bool(_SEARCH_ADDRESS.search(unquote(urlsplit(end).path))),
        same_name=has_same_name(asked, end),
    )


def is_same_place(a: str, b: str) -> bool:
    """The same address, spelt otherwise or with a query added on the way (cookie tests, language choices)."""
    return is_trivial_redirect(a, b) or ("?" in b and "?" not in a and is_trivial_redirect(a, b.partition("?")[0]))


def is_same_end(a: str, b: str) -> bool:
    """Two redirects that end at one page: what they say in the query is only where they came from."""
    return is_trivial_redirect(a.partition("?")[0], b.partition("?")[0])


def is_error_address(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_ERROR_ADDRESS.search(unquote(parts.path)) or _ERROR_QUERY.search(parts.query))


def has_same_name(a: str, b: str) -> bool:
    """The last words of both addresses are the same, or share most of their parts; generic names say nothing."""
    one, other = _name_words(a), _name_words(b)
    return bool(one and other) and len(one & other) / min(len(one), len(other)) >= 0.6


def name_in(url: str, headings: tuple[str | None, ...]) -> bool:
    """Most words of the address's last part stand in a heading, as on a page that was moved with its name."""
    wanted = _name_words(url)
    found = {_plain(word) for heading in headings for word in re.findall(r"\w+", heading or "")}
    return bool(wanted) and len(wanted & found) / len(wanted) >= 0.6


def _name_words(url: str) -> frozenset[str]:
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    if _GENERIC_NAME.fullmatch(last):
        return frozenset()
    return frozenset(_plain(word) for word in _JUNK.sub(" ", last).split() if len(word) > 2)


def _plain(word: str) -> str:
    return word.casefold().translate(str.maketrans("åäöøæéü", "aaooaeu"))


def stranger(url: str, seed: str) -> str:
    """An address like this one that cannot exist.

    Its last name is another one; where the folder before that is an identifier, so is that, since systems that go by
    it take any name after it ("/artikel/73f2a/vad-som-helst").
    """
    made = sibling(url, seed)
    folder, _, last = made.rstrip("/").rpartition("/")
    if not last or not _IDENTIFIER.fullmatch(folder.rpartition("/")[2]) or path_depth(url) < 2:
        return made
    return f"{sibling(folder, seed)}/{last}{'/' if made.endswith('/') else ''}"


# ---------------------------------------------------------------- pages that only send the reader on


def forward(visit: Visit, page: Page | None) -> str | None:
    """Where a page without content of its own sends its reader: a refresh, or a script of one line. Else None."""
    if page is None or page.words > _STUB_WORDS:
        return None
    target = _refresh(page) or _by_script(visit, page)
    return target if target and not is_same_place(visit.final_url, target) else None


def ending(visit: Visit, page: Page | None) -> str:
    """The address where a reader ends, forwarding pages included."""
    return forward(visit, page) or visit.final_url


def _refresh(page: Page) -> str | None:
    if page.refresh is None:
        return None
    seconds, target = page.refresh
    return target if seconds <= _LONGEST_WAIT else None


def _by_script(visit: Visit, page: Page) -> str | None:
    if len(visit.body) > _STUB_BYTES or len(page.full_text.split()) > 30:
        return None
    found = _LOCATION.search(visit.body.decode("latin-1"))
    return join(visit.final_url, html.unescape(found[1] or found[2])) if found else None


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+$")
_NOTICE = re.compile(
    r"(?:sidan|sida|webbsidan|hemsidan|webbplatsen|innehållet|dokumentet|informationen|siden|nettsiden|hjemmesiden"
    r"|indholdet|innholdet"
    r"|dokumentet|page|site|website|content|document|sivu|sivusto|den här sidan|denna sida|vi|this page|we)"
    r"(?: du (?:söker|letar efter))? (?:har|er|has|have|is|on)(?: now| nu| nå| nyligen| been| blivit| permanently)* "
    r"(?:flyttats?|flyttad|flyttet|flytta|moved|siirretty|siirtynyt|relocated)\b|\b(?:ny adress|ny adresse"
    r"|new address|uusi osoite)\b",
    re.IGNORECASE,
)


def notice(page: Page, own: str) -> str | None:
    """The one address that a short notice of removal ("Sidan har flyttats till …") points to. Else None."""
    front = f"{page.title or ''} . {page.h1 or ''} . {page.text}"
    if page.words >= _STUB_WORDS or not _NOTICE.search(front[:2_000]):
        return None
    links = [link for link in page.links if not is_root(link.url) and not is_same_place(own, link.url)]
    spelt_out = {link.url for link in links if _ADDRESS.match(link.text)}
    targets = spelt_out or {link.url for link in links}
    return targets.pop() if len(targets) == 1 else None
