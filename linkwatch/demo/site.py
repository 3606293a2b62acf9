"""What one site of the county web answers: pure records, and one function from a request to an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from urllib.parse import quote, unquote_to_bytes
from xml.sax.saxutils import escape

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One GET. `target` is the path and query as sent; header names are lower-case."""

    host: str
    target: str
    secure: bool
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response before transport: body not compressed, header values as the bytes that are sent."""

    status: int = 200
    body: bytes = b""
    content_type: str = HTML
    headers: tuple[tuple[str, bytes], ...] = ()
    modified: datetime | None = None
    tagged: bool = False  # sends an ETag


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One host. `host` is its ASCII name; `pages` are keyed by decoded path (and `?query` as it stands)."""

    host: str
    pages: Mapping[str, Answer]
    missing: Answer
    server: str = "nginx"
    robots: str | None = None
    everywhere: Answer | None = None  # answers every address, robots.txt too: a wall, a redirect, a closing notice
    https_only: bool = True
    adds_slash: bool = False
    chunked: bool = False
    silent: bool = False  # takes the request and hangs up
    lapsed: bool = False  # presents a certificate that has expired


def answer(site: Site, request: Request) -> Answer:
    """What the site says to this request, conditional headers not yet looked at."""
    if site.everywhere is not None:
        return site.everywhere
    if site.https_only and not request.secure:
        return redirect(301, f"https://{site.host}{request.target}")
    path, _, query = request.target.partition("?")
    key = decoded(path) + (f"?{query}" if query else "")
    return _own_file(site, key) or _page(site, key) or site.missing


def conditional(found: Answer, request: Request) -> Answer:
    """The answer, or its 304 where the request's validators still hold (RFC 9110 §13.2.2)."""
    if found.status != 200:
        return found
    tags = request.headers.get("if-none-match")
    if tags is not None:
        fresh = found.tagged and etag(found) in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    else:
        fresh = _unmodified(found, request.headers.get("if-modified-since"))
    return Answer(status=304, modified=found.modified, headers=_tag(found)) if fresh else found


def head(found: Answer) -> list[tuple[str, bytes]]:
    """The answer's own header fields, without those of the transport."""
    fields = [("Content-Type", found.content_type.encode())] if found.status != 304 else []
    if found.modified is not None:
        fields.append(("Last-Modified", format_datetime(found.modified.astimezone(UTC), usegmt=True).encode()))
    return [*fields, *_tag(found), *found.headers]


def redirect(status: int, location: str | bytes) -> Answer:
    """A redirect whose `Location` is sent byte for byte (a str as UTF-8)."""
    raw = location if isinstance(location, bytes) else location.encode()
    return Answer(status=status, headers=(("Location", raw),))


def etag(found: Answer) -> str:
    return f'"{sha256(found.body).hexdigest()[:16]}"'


def decoded(path: str) -> str:
    """A path's characters: UTF-8 where it is, else Latin-1, as older servers do."""
    raw = unquote_to_bytes(path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _own_file(site: Site, key: str) -> Answer | None:
    if key == "/robots.txt" and site.robots is not None:
        return Answer(body=site.robots.encode(), content_type="text/plain; charset=utf-8")
    if key == "/sitemap.xml":
        return Answer(body=_sitemap(site), content_type="application/xml")
    return None


def _page(site: Site, key: str) -> Answer | None:
    if key in site.pages:
        return site.pages[key]
    other = key.removesuffix("/") if key.endswith("/") else f"{key}/"
    found = site.pages.get(other)
    if found is not None and site.adds_slash and other.endswith("/"):
        return redirect(301, f"https://{site.host}{quote(other)}")
    return found or site.pages.get(key.partition("?")[0])


def _sitemap(site: Site) -> bytes:
    addresses = (f"https://{site.host}{quote(key, safe='/?=&')}" for key in site.pages)
    rows = "".join(f"<url><loc>{escape(address)}</loc></url>" for address in addresses)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def _unmodified(found: Answer, since: str | None) -> bool:
    if since is None or found.modified is None:
        return False
    try:
        return found.modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # a date that cannot be read, or one without a zone
        return False


def _tag(found: Answer) -> tuple[tuple[str, bytes], ...]:
    return (("ETag", etag(found).encode()),) if found.tagged and found.status == 200 else ()
