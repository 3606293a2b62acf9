"""The 21 county sites and the agency that links to them, as they are on the first day."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from linkwatch.demo.looks import LOOKS, Look, article_page, content_type, page, short_page
from linkwatch.demo.pdf import pdf
from linkwatch.demo.prose import Article, Line, article, line
from linkwatch.demo.site import Answer, Site, decoded

AGENCY_HOST = "www.landsbygdsverket.example"
LISTING_PATH = "/amnesomraden/regional-kapacitet/service-i-landsbygder/regional-samordning.html"
LISTING_URL = f"https://{AGENCY_HOST}{LISTING_PATH}"

LISTING_HEADING = "Länens regionala serviceprogram"

_AGENCY = "Landsbygdsverket"
_FIRST_EDIT = datetime(2025, 9, 1, 7, 30, tzinfo=UTC)
_NOT_THERE = {
    "sitevision": "Sidan kan inte hittas (404)",
    "episerver": "Sidan kunde inte hittas",
    "wordpress": "Hoppsan! Den sidan kan inte hittas",
    "sharepoint": "404 - Sidan hittades inte",
    "plain": "Sidan finns inte",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """One county: who answers for its page, where it lies (`path` as in a link) and the facts its text uses."""

    id: str
    name: str
    letter: str
    owner: str
    host: str
    path: str
    look: str
    title: str
    period: str
    places: list[str]
    municipalities: int
    number: int
    scheme: str = "https"
    form: str = "page"
    new_window: bool = False

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def ascii_host(self) -> str:
        return self.host.encode("idna").decode()

    @property
    def updated(self) -> datetime:
        """When the page was last edited before the story begins."""
        return _FIRST_EDIT + timedelta(days=3 * self.number, minutes=17 * self.number)


@cache
def counties() -> tuple[County, ...]:
    """The 21, in the order of the agency's page."""
    text = files("linkwatch.demo").joinpath("counties.toml").read_text(encoding="utf-8")
    return tuple(County(**row, number=number) for number, row in enumerate(tomllib.loads(text)["county"]))


def county(identifier: str) -> County:
    return next(one for one in counties() if one.id == identifier)


def first_day() -> list[Site]:
    """Every site as it stands when the story begins."""
    return [*map(county_site, counties()), agency_site({one.id: one.url for one in counties()})]


def county_site(one: County) -> Site:
    """A county's site: its programme, the pages above it, and its own way of saying that a page is not there."""
    look = LOOKS[one.look]
    return Site(
        host=one.ascii_host,
        pages=_hubs(one) | {decoded(one.path): programme(one)},
        missing=not_there(one),
        server=look.server,
        robots=f"User-agent: *\nDisallow: /admin/\n\nSitemap: https://{one.ascii_host}/sitemap.xml\n",
        https_only=one.scheme == "https",
        adds_slash=look.adds_slash and one.path.endswith("/"),
        chunked=look.chunked,
    )


def programme(one: County, *, period: str | None = None, renewed: Line | None = None) -> Answer:
    """The page or file that the agency links to, for its own period or another; `renewed` rewrites most of it."""
    text = programme_text(one, period=period, renewed=renewed)
    if one.form == "pdf":
        body = pdf(text, modified=one.updated)
        return Answer(body=body, content_type="application/pdf", modified=one.updated, tagged=True)
    look = LOOKS[one.look]
    return _html(look, article_page(look, text, site=one.owner, updated=one.updated.date()), one.updated)


def programme_text(one: County, *, period: str | None = None, renewed: Line | None = None) -> Article:
    shown = period or one.period
    return article(
        title=one.title.format(period=shown),
        contact=f"service@{one.ascii_host.removeprefix('www.')}",
        facts=_facts(one, shown),
        by=line(one.number),
        renewed=renewed,
    )


def not_there(one: County, *, status: int = 404) -> Answer:
    """The site's page for an address that it does not have."""
    look, title = LOOKS[one.look], _NOT_THERE[one.look]
    texts = ["Sidan kan ha flyttats eller tagits bort.", 'Gå till <a href="/">startsidan</a> eller använd sökrutan.']
    body = short_page(look, title=title, texts=texts, site=one.owner, updated=_FIRST_EDIT.date())
    return Answer(status=status, body=body, content_type=content_type(look))


def agency_site(links: Mapping[str, str]) -> Site:
    """The agency's site with its listing page; `links` gives each county's address there, empty for none."""
    look = LOOKS["sitevision"]
    rows = "\n".join(f"<li>{_link(one, links[one.id])}</li>" for one in counties())
    main = (
        "<h1>Regional samordning</h1>\n"
        '<p class="normal">Regionerna samordnar arbetet med service på landsbygden i sina län.</p>\n'
        f"<h2>{LISTING_HEADING}</h2>\n<ul>\n{rows}\n</ul>"
    )
    body = page(look, title="Regional samordning", main=main, site=_AGENCY, updated=_FIRST_EDIT.date())
    front = short_page(look, title=_AGENCY, texts=["Välkommen."], site=_AGENCY, updated=_FIRST_EDIT.date())
    missing = short_page(look, title=_NOT_THERE["sitevision"], texts=[], site=_AGENCY, updated=_FIRST_EDIT.date())
    return Site(
        host=AGENCY_HOST,
        pages={"/": _html(look, front, _FIRST_EDIT), LISTING_PATH: _html(look, body, _FIRST_EDIT)},
        missing=Answer(status=404, body=missing),
        server=look.server,
    )


def _facts(one: County, period: str) -> dict[str, object]:
    n = one.number
    places = {f"ort{index}": place for index, place in enumerate(one.places)}
    return places | {
        "lan": one.name,
        "region": one.owner,
        "period": period,
        "kommuner": one.municipalities,
        "butiker": 31 + 13 * n % 97,
        "mackar": 17 + 7 * n % 53,
        "punkter": 8 + 5 * n % 23,
        "mil": 1 + n % 4,
        "hushall": 140 + 37 * n,
        "procent": 55 + 11 * n % 37,
    }


def _hubs(one: County) -> dict[str, Answer]:
    """The front page and every folder above the programme, each with a link one level down."""
    path = decoded(one.path.partition("?")[0])
    folders = path.strip("/").split("/")[:-1]
    hubs, here = {}, "/"
    for depth, below in enumerate([*folders, path.strip("/").rsplit("/", 1)[-1]]):
        title = _shown(folders[depth - 1]) if depth else one.owner
        is_last = depth == len(folders)
        target = quote(f"{here}{below}" + ("/" if not is_last or path.endswith("/") else ""))
        hubs[here] = _hub(one, title, target=one.path if is_last else target, text=_shown(below))
        here = f"{here}{below}/"
    return hubs


def _hub(one: County, title: str, *, target: str, text: str) -> Answer:
    look = LOOKS[one.look]
    texts = [
        f"Här har {escape(one.owner)} samlat det som rör {escape(title.lower())}.",
        f"<a href={quoteattr(target)}>{escape(text)}</a>",
        f"Frågor besvaras av kontaktcenter i {escape(one.name)} vardagar mellan 8 och 16.",
    ]
    body = short_page(look, title=title, texts=texts, site=one.owner, updated=one.updated.date())
    return _html(look, body, one.updated)


def _shown(folder: str) -> str:
    return folder.replace("-", " ").replace("_", " ").strip().capitalize()


def _html(look: Look, body: bytes, modified: datetime) -> Answer:
    return Answer(
        body=body,
        content_type=content_type(look),
        modified=modified if look.dated else None,
        tagged=look.tagged,
    )


def _link(one: County, url: str) -> str:
    """A row of the listing page: the link's text runs straight into the assistive suffix, as on the real page."""
    if not url:
        return escape(one.name)
    suffix = "länk till annan webbplats" + (", öppnas i nytt fönster" if one.new_window else "")
    icon = f'<img alt="{suffix}" class="sv-linkicon" src="/sitevision/util/images/externallink.png">'
    return f'<a rel="external" href={quoteattr(url)}>{escape(one.name)}{icon}</a>'
