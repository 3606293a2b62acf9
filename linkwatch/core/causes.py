"""Which findings stand together: what a link's state stands on, which links share a cause, and what weighs most."""

from collections.abc import Iterable, Sequence

from linkwatch.core.models import ALARMS, Code, Incident, LinkView, Severity, State

MAY_SHARE_A_CAUSE = (*ALARMS, State.FAILING)


def finding(link: LinkView) -> Code | None:
    """The verdict that a link's state stands on."""
    return link.belief.finding or link.belief.verdict


def works(link: LinkView) -> bool:
    """Redirected to the same content is working."""
    state = link.belief.state
    return state is State.OK or (state is State.ATTENTION and finding(link) is Code.REDIRECTED)


def open_incident(link: LinkView) -> Incident | None:
    """The incident that a link is in now: none where its address was taken away, or where it could not be checked."""
    incident = link.incident
    if incident is None or incident.closed_at or link.source.id not in incident.open_links:
        return None
    return incident if link.belief.state in MAY_SHARE_A_CAUSE else None


def by_cause(links: Iterable[LinkView]) -> list[tuple[LinkView, ...]]:
    """Links of one open incident that stand on the same finding are together; all others are by themselves."""
    alike: dict[object, list[LinkView]] = {}
    for link in links:
        alike.setdefault(cause(link), []).append(link)
    return [tuple(members) for members in alike.values()]


def cause(link: LinkView) -> object:
    """What is equal for links that are told of as one, and for no others."""
    incident = open_incident(link)
    return (incident.id, link.belief.finding, link.belief.finding_reason) if incident else link.source.id


def severity(link: LinkView) -> Severity:
    """A confirmed failure weighs most, whatever the latest check found."""
    if link.belief.state is State.BROKEN:
        return Severity.BROKEN
    code = finding(link)
    return code.severity if code else Severity.NOTICE


def weight(links: Sequence[LinkView]) -> tuple[int, float]:
    """For sorting what is told of as one: the gravest first, then what has been so for longest."""
    gravest = max(map(severity, links))
    since = min(link.belief.since.timestamp() if link.belief.since else float("inf") for link in links)
    return -gravest, since
