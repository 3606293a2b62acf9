"""The pages of ours that list the links: visited like any link, read, compared, followed.

    listing ─▶ visit ─▶ classify ─▶ read ─▶ compare ─▶ (auto_apply) sources.toml ─▶ verdict of its own

A page that answers with anything but the list changes nothing. What it came to is a `Seen`; the run writes it down.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from linkwatch import config as configuration
from linkwatch import editing
from linkwatch.config import Config, Listing
from linkwatch.core import listing as listing_page
from linkwatch.core import publishing
from linkwatch.core.compare import compare, edits, is_same_address, match
from linkwatch.core.hints import hints
from linkwatch.core.listed import Difference, DifferenceKind, Edit, Hint, KeptReading, Reading
from linkwatch.core.models import Verdict, Visit
from linkwatch.errors import LinkwatchError
from linkwatch.fetch.visit import Visitor
from linkwatch.look import Finding, Looker
from linkwatch.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One listing looked at. `reading` is None where it is not to be believed, and then nothing differs."""

    listing: Listing
    finding: Finding
    reading: Reading | None = None
    differences: tuple[Difference, ...] = ()
    applied: tuple[Edit, ...] = ()
    complaint: str = ""  # why what was to be applied was not

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict

    @property
    def kept(self) -> KeptReading | None:
        if self.reading is None:
            return None
        return KeptReading(listing_id=self.finding.source.id, at=self.finding.at, reading=self.reading)


async def look(config: Config, looker: Looker, listings: Sequence[Listing]) -> tuple[Seen, ...]:
    """Every listing visited and read, side by side. Raises only when the store fails."""
    return tuple(await asyncio.gather(*(_seen(config, looker, listing) for listing in listings)))


def follow(config: Config, seen: Sequence[Seen], before: Mapping[str, KeptReading]) -> tuple[Config, tuple[Seen, ...]]:
    """Make sources.toml say what the pages say, where `auto_apply` asks for it; the configuration as it then is.

    A change that cannot be written leaves everything as it was and stands as the `complaint`.
    """
    after: list[Seen] = []
    for one in seen:
        wanted = _automatic(config, one, before.get(one.finding.source.id)) if one.listing.auto_apply else ()
        if not wanted:
            after.append(one)
            continue
        try:
            editing.apply(config.path, wanted, expected=replaced(config, wanted))
            config = configuration.load(config.path)
        except LinkwatchError as error:
            after.append(replace(one, complaint=str(error)))
        else:
            after.append(replace(one, applied=wanted))
    return config, tuple(judged(config, one) for one in after)


def replaced(config: Config, wanted: Iterable[Edit]) -> dict[str, str]:
    """The addresses that edits are to take the place of: whoever has accepted another meanwhile keeps it."""
    urls = {source.id: source.url for source in config.sources}
    return {edit.source_id: urls[edit.source_id] for edit in wanted if edit.source_id in urls}


def judged(config: Config, seen: Seen) -> Seen:
    """With the differences from the sources as they are now, and the verdict on the listing that follows."""
    sources = seen.listing.among(config.sources)
    if seen.reading is None:
        return seen
    differences = compare(seen.reading, sources)
    verdict = publishing.verdict(seen.verdict, seen.reading, differences, expect=seen.listing.expect)
    return replace(seen, differences=differences, finding=replace(seen.finding, verdict=verdict))


def wanted(config: Config, listing: Listing, differences: Iterable[Difference]) -> tuple[Edit, ...]:
    """All edits that make the sources say what the page says."""
    # Where no source names its listing, all belong to it; the first that did would be its only one.
    names_it = any(source.listing == listing.id for source in config.sources) or not config.sources
    return edits(differences, listing=listing.id if names_it else "", taken=[source.id for source in config.sources])


def on_page(config: Config, readings: Mapping[str, KeptReading]) -> frozenset[str]:
    """The sources that stand on a listing with the very address that is watched, by the latest reading of each."""
    found: set[str] = set()
    for listing in config.listings:
        if kept := readings.get(listing.as_source.id):
            pairs = match(kept.reading, listing.among(config.sources)).pairs
            found |= {source.id for source, link in pairs if link.url and is_same_address(source.url, link.url)}
    return frozenset(found)


def read(config: Config, listing: Listing, visit: Visit) -> Reading:
    return listing_page.read(
        visit.body,
        base=visit.final_url,
        heading=listing.heading,
        selector=listing.selector,
        names=[source.name for source in listing.among(config.sources)],
        content_type=visit.header("content-type") or "",
    )


async def _seen(config: Config, looker: Looker, listing: Listing) -> Seen:
    finding, visit = await looker.look_closely(listing.as_source)
    finding = replace(finding, validators=None, body_hash=None)
    if visit is None or not publishing.may_be_the_list(finding.verdict):
        return Seen(listing=listing, finding=finding)
    reading = await asyncio.to_thread(read, config, listing, visit)
    fault = publishing.fault(reading, listing.among(config.sources))
    if fault is not None:
        return Seen(listing=listing, finding=replace(finding, verdict=fault, new_copy=None))
    return judged(config, Seen(listing=listing, finding=finding, reading=reading))


def _automatic(config: Config, seen: Seen, before: KeptReading | None) -> tuple[Edit, ...]:
    """An address is followed when the page has come to show it; one that it has shown all along, and that a person
    has replaced in the configuration, is not brought back."""
    if seen.reading is None:
        return ()
    old = {link.url for link in before.reading.links} if before else set()
    news = [one for one in seen.differences if one.kind is not DifferenceKind.ADDRESS_CHANGED or one.now not in old]
    is_expected = seen.listing.expect == len(seen.reading.links)  # with no number to expect, nothing is taken away
    sources = seen.listing.among(config.sources)
    return publishing.safe(wanted(config, seen.listing, news), sources, is_expected=is_expected)


async def look_now(config: Config, store: Store, now: datetime) -> tuple[Seen, ...]:
    """Every listing visited without a run around it. A good reading is kept; nothing is believed of the page itself."""
    async with Visitor(config.fetch, now=now, hosts=store.hosts()) as visitor:
        looker = Looker.at_work(config=config, store=store, visitor=visitor, known=store.known(), now=now)
        seen = await look(config, looker, config.listings)
        store.save_hosts(visitor.changed_hosts())
    for kept in filter(None, (one.kept for one in seen)):
        store.save_reading(kept)
    return seen


def tips(config: Config, seen: Seen, store: Store) -> tuple[Hint, ...]:
    if seen.reading is None:
        return ()
    facts = {link: known.facts for link, known in store.known().items()}
    return hints(seen.reading, match(seen.reading, seen.listing.among(config.sources)), facts)
