"""What befalls sites out there: pure answers that take a page's place."""

from datetime import UTC, datetime
from importlib.resources import files
from string import Template

from linkwatch.demo.looks import LOOKS, short_page
from linkwatch.demo.site import Answer, Site, redirect
from linkwatch.demo.sites import County

MERGED_HOST = "www.regionmalarmitt.example"
MERGED_NAME = "Region Mälarmitt"
LOGIN_PATH = "/_layouts/15/Authenticate.aspx"

_TODAY = datetime(2026, 1, 2, tzinfo=UTC).date()


def bot_wall(host: str) -> Answer:
    """Cloudflare's challenge, as it comes in place of any page."""
    headers = (("cf-mitigated", b"challenge"), ("CF-RAY", b"8d0f00000000abcd-ARN"), ("Cache-Control", b"no-store"))
    return Answer(status=403, body=_filled("challenge", host), headers=headers)


def parked(host: str) -> Answer:
    """A seller's page on a domain that was let go."""
    return Answer(body=_filled("parked", host))


def login_form(host: str) -> Answer:
    return Answer(body=_filled("login", host))


def to_login(source: str) -> Answer:
    """SharePoint's way of asking who is there."""
    return redirect(302, f"{LOGIN_PATH}?Source={source}")


def overloaded() -> Answer:
    body = b"<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>"
    return Answer(status=503, body=body, content_type="text/html")


def wound_up(one: County) -> Answer:
    """An authority's last page, which answers every address it ever had."""
    texts = [
        "Regionförbundet har avvecklats och verksamheten har övergått till en ny organisation.",
        "Den här webbplatsen uppdateras inte längre.",
    ]
    title = "Regionförbundet har avvecklats"
    return Answer(body=short_page(LOOKS[one.look], title=title, texts=texts, site=one.owner, updated=_TODAY))


def merged_region() -> Site:
    """The new region that an old one was merged into, with little more than a front page."""
    look = LOOKS["sitevision"]
    texts = [
        "Sedan årsskiftet är vi en region. Här hittar du vårdcentraler, tidtabeller och lediga jobb.",
        "Under våren flyttar vi över innehåll från de tidigare webbplatserna. Tack för ditt tålamod!",
        "Sök vård på 1177, planera resan i appen eller ring växeln.",
    ]
    front = short_page(look, title=f"Välkommen till {MERGED_NAME}", texts=texts, site=MERGED_NAME, updated=_TODAY)
    missing = short_page(look, title="Sidan kan inte hittas (404)", texts=[], site=MERGED_NAME, updated=_TODAY)
    return Site(
        host=MERGED_HOST,
        pages={"/": Answer(body=front)},
        missing=Answer(status=404, body=missing),
        server=look.server,
    )


def _filled(name: str, host: str) -> bytes:
    text = files("linkwatch.demo").joinpath("looks", f"{name}.html").read_text(encoding="utf-8")
    return Template(text).substitute(host=host).encode()
