"""One cause, one incident: what fails the same way, at one owner or host, in the same days, is told once.

A link that recovers and fails again within `FLAP` is in the same incident still, however often it goes to and fro.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from linkwatch.core.causes import MAY_SHARE_A_CAUSE
from linkwatch.core.models import LISTING_PREFIX, Belief, Code, Incident, Source, State
from linkwatch.core.urls import host

WINDOW = timedelta(hours=72)
FLAP = timedelta(days=7)

_NO_CAUSE = (Code.REDIRECTED,)  # works, and nobody has to do anything


class Register:
    """The incidents that are open, or that closed so lately that they may open again."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._incidents = {incident.id: incident for incident in incidents}

    def note(self, source: Source, belief: Belief, now: datetime, *, closed_as: str | None = None) -> Incident | None:
        """The incident that a link's new belief opens, joins, keeps or leaves, as it now is; None: it concerns none.

        `closed_as`: why it closes, should it close now.
        """
        if is_trouble(source, belief):
            changed: Incident | None = self._in_trouble(source, belief, now)
        else:
            changed = self._out_of_trouble(source, belief, now, closed_as)
        if changed:
            self._incidents[changed.id] = changed
        return changed

    def has_open(self, link_id: str) -> bool:
        return any(link_id in one.open_links for one in self._incidents.values())

    def _in_trouble(self, source: Source, belief: Belief, now: datetime) -> Incident:
        known = self._own(source, now) or self._shared(source, belief, now)
        if known is None:
            return _opened(source, belief, now)
        return replace(
            known,
            last_at=now,
            closed_at=None,
            closed_as=None,
            links=_with(known.links, source.id),
            open_links=_with(known.open_links, source.id),
        )

    def _out_of_trouble(self, source: Source, belief: Belief, now: datetime, closed_as: str | None) -> Incident | None:
        if belief.state is State.UNVERIFIABLE:
            return None
        known = next((one for one in self._incidents.values() if source.id in one.open_links), None)
        if known is None:
            return None
        left = tuple(link for link in known.open_links if link != source.id)
        return replace(known, open_links=left, closed_at=None if left else now, closed_as=None if left else closed_as)

    def _own(self, source: Source, now: datetime) -> Incident | None:
        """The incident it is in, or was in so lately that this is the same one."""
        mine = [one for one in self._incidents.values() if source.id in one.links]
        return next((one for one in reversed(mine) if one.closed_at is None or now - one.closed_at <= FLAP), None)

    def _shared(self, source: Source, belief: Belief, now: datetime) -> Incident | None:
        return next((one for one in self._incidents.values() if _is_same_cause(one, source, belief, now)), None)


def is_trouble(source: Source, belief: Belief) -> bool:
    """Whether somebody has something to do. A page of our own that cannot be read is trouble too."""
    if source.is_listing and belief.state is State.UNVERIFIABLE:
        return True
    return belief.state in MAY_SHARE_A_CAUSE and belief.finding not in _NO_CAUSE


def _is_same_cause(incident: Incident, source: Source, belief: Belief, now: datetime) -> bool:
    if source.is_listing or incident.links[0].startswith(LISTING_PREFIX):
        return False
    near = incident.owner == source.owner or incident.host == host(source.url)
    alike = (incident.code, incident.reason) == (belief.finding, belief.finding_reason)
    return near and alike and incident.closed_at is None and now - incident.opened_at <= WINDOW


def _opened(source: Source, belief: Belief, now: datetime) -> Incident:
    assert belief.finding is not None
    return Incident(
        id=f"{now:%Y%m%dT%H%M%S}-{source.id}",
        owner=source.owner,
        host=host(source.url),
        code=belief.finding,
        reason=belief.finding_reason,
        opened_at=belief.failing_since or now,
        last_at=now,
        closed_at=None,
        links=(source.id,),
        open_links=(source.id,),
    )


def _with(links: tuple[str, ...], link: str) -> tuple[str, ...]:
    return links if link in links else (*links, link)
