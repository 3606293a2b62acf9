"""What is remembered of the links, as the configuration has them now."""

from dataclasses import replace
from datetime import datetime

from linkwatch.answers import listed_elsewhere
from linkwatch.config import Config
from linkwatch.core.models import Snapshot
from linkwatch.core.overlay import with_listed, with_paused, with_sources
from linkwatch.store import Outbox, Store


def snapshot(config: Config, at: datetime, *, with_history: bool = True) -> Snapshot:
    """In the configuration's present order; before the first run every link is unknown.

    `with_history`: with their newest transitions, which are a third of the work.
    """
    if not config.database.exists() or config.database.stat().st_size == 0:
        return with_sources(Snapshot(generated_at=at, run=None, links=()), config.sources)
    with Store.open(config.database, create=False, read_only=True) as store:
        sources = with_paused(config.sources, store.paused())
        view, readings = with_sources(store.snapshot(at, with_history=with_history), sources), store.readings()
    if config.mail.tells_anybody:
        with Outbox.open(config.database, create=False, read_only=True) as outbox:
            view = replace(view, outbox=outbox.counts())
    return with_listed(view, listed_elsewhere(config, readings))
