"""The last twelve months of some links, drawn."""

from collections.abc import Sequence

from linkwatch.core.models import LinkView
from linkwatch.report.overview import MOST_STRIPS
from linkwatch.report.reading import Reading
from linkwatch.report.trend import Trend, since, trend
from linkwatch.store.desk import Desk


def trend_of(desk: Desk, links: Sequence[LinkView], reading: Reading) -> Trend | None:
    """The strips of the first of them; None where nothing was ever checked."""
    shown = [link for link in links if link.source.url][:MOST_STRIPS]
    if not any(link.belief.checked_at for link in shown):
        return None
    changes = desk.transitions_of([link.source.id for link in shown], since(reading))
    return trend(shown, changes, reading)
