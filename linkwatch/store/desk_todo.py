"""What there is to do, in its order: the same as a report tells it, from as little of each link as that takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from linkwatch.core.models import ALARMS, Code, Severity, State
from linkwatch.store.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`found` is what its state stands on, or else what the latest check found. `since` sorts as text."""

    link_id: str
    state: State
    found: Code | None
    finding: str | None
    reason: str | None
    since: str | None


Place = tuple[Waiting, ...]


def to_waiting(row: Row) -> Waiting:
    link_id, state, found, finding, reason, since = row
    return Waiting(
        link_id=link_id,
        state=State(state),
        found=None if found is None else Code(found),
        finding=finding,
        reason=reason,
        since=since,
    )


def places(waiting: Iterable[Waiting], incident_of: Mapping[str, str]) -> Sequence[Place]:
    """The gravest first, then the oldest; links of one cause stand where the gravest and oldest of them belongs.

    `waiting` come as on the page, and so stay those that are alike. What is only suspected comes with what is not.
    """
    alike: dict[object, list[Waiting]] = {}
    for link in waiting:
        incident = incident_of.get(link.link_id)
        cause = (incident, link.finding, link.reason) if incident else link.link_id
        alike.setdefault(cause, []).append(link)
    told = [tuple(place) for place in alike.values() if any(link.state in ALARMS for link in place)]
    return sorted(told, key=lambda place: (-max(map(_gravity, place)), min(map(_age, place))))


def _gravity(link: Waiting) -> int:
    if link.state is State.BROKEN:
        return Severity.BROKEN
    return link.found.severity if link.found else Severity.NOTICE


def _age(link: Waiting) -> str:
    return link.since or "~"  # after every time
