"""What is remembered of the links, as the configuration has them now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from linkwatch.config import Config
from linkwatch.core.compare import compare
from linkwatch.core.listed import DifferenceKind, KeptReading
from linkwatch.core.models import Snapshot
from linkwatch.core.overlay import with_listed, with_paused, with_sources
from linkwatch.store import Outbox, Store
from linkwatch.store.health import is_filled


def snapshot(config: Config, at: datetime, *, is_brief: bool = False) -> Snapshot:
    """In the configuration's present order; before the first run every link is unknown. `is_brief`: as
    `Store.snapshot`, which is half the work."""
    if not is_filled(config.database):
        return with_sources(Snapshot(generated_at=at, run=None, links=()), config.sources)
    with Store.open(config.database, create=False, read_only=True) as store:
        sources = with_paused(config.sources, store.paused())
        view, readings = with_sources(store.snapshot(at, is_brief=is_brief), sources), store.readings()
    if config.mail.tells_anybody:
        with Outbox.open(config.database, create=False, read_only=True) as outbox:
            view = replace(view, outbox=outbox.counts())
    return with_listed(view, listed_elsewhere(config, readings))


def listed_elsewhere(config: Config, readings: Mapping[str, KeptReading]) -> dict[str, str]:
    """The addresses that our own pages show in place of those that are watched, by the link's id."""
    pages = ((listing, readings.get(listing.as_source.id)) for listing in config.listings)
    return {
        one.source_id: one.now
        for listing, kept in pages
        if kept
        for one in compare(kept.reading, listing.among(config.sources))
        if one.kind is DifferenceKind.ADDRESS_CHANGED and one.source_id
    }
