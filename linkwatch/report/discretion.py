"""What a reader may not see who has not said who they are: names, notes and addresses of people.

It is taken out of the records before any format is made of them, so that none can forget to.
"""

from dataclasses import replace

from linkwatch.core.models import LinkView, Snapshot
from linkwatch.core.reviews import Review

_PERSONAL = frozenset({"assignee"})


def nameless(link: LinkView) -> LinkView:
    """That it was answered stays, and how; who did and what they wrote does not."""
    source = replace(link.source, contact=None)
    return replace(link, source=source, reviews=tuple(map(nameless_review, link.reviews)))


def nameless_review(review: Review) -> Review:
    details = {key: value for key, value in review.details.items() if key not in _PERSONAL}
    return replace(review, who="", note=None, details=details)


def nameless_snapshot(snapshot: Snapshot) -> Snapshot:
    links, listings = tuple(map(nameless, snapshot.links)), tuple(map(nameless, snapshot.listings))
    return replace(snapshot, links=links, listings=listings)
