"""The page that a first configuration is made from: fetched or read from a file, and the links that it lists."""

from datetime import datetime
from pathlib import Path

from linkwatch.core import listing
from linkwatch.core.listed import Listed
from linkwatch.core.models import FetchPolicy, Visit
from linkwatch.core.starter import Origin
from linkwatch.core.urls import normalise
from linkwatch.errors import LinkwatchError, UsageError
from linkwatch.fetch.visit import Visitor

_MOST_BYTES = 10_000_000


async def visited(url: str, policy: FetchPolicy, now: datetime) -> Visit:
    """One visit, as polite and as guarded as any."""
    async with Visitor(policy, now=now) as visitor:
        return await visitor.fetch(url)


def links_of_page(visit: Visit, origin: Origin) -> tuple[Listed, ...]:
    content_type = visit.header("content-type") or ""
    return _links(visit.body, origin, base=visit.final_url, content_type=content_type)


def links_of_file(path: Path, origin: Origin) -> tuple[Listed, ...]:
    """A saved page, or its text. Addresses that are relative have nothing to start from, and are left out."""
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    return _links(body, origin, base="", content_type="")


def is_address(place: str) -> bool:
    return "://" in place and normalise(place) is not None


def _links(body: bytes, origin: Origin, *, base: str, content_type: str) -> tuple[Listed, ...]:
    reading = listing.read(body, base=base, heading=origin.heading, selector=origin.selector, content_type=content_type)
    if not reading.links:
        raise LinkwatchError(
            f"No links were found in {origin.url}: say which part of the page they are in with --heading or --selector."
        )
    return reading.links
