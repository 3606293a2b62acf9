"""The report as one page that needs nothing else: to be read, mailed on, printed and kept.

No script and nothing remote, and the page's own Content-Security-Policy says so to the browser.
"""

from linkwatch.core.models import Snapshot
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report.overview import overview
from linkwatch.report.pages import page
from linkwatch.report.reading import Reading


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:
    reading = Reading(words=words, timezone=timezone, now=snapshot.generated_at)
    return page(
        "report.html", words=words, reading=reading, title=plain(title), view=overview(snapshot, reading), desk=None
    )
