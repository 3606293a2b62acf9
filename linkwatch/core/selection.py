"""Which links somebody wants to see: what an address of the review desk says after its question mark."""

from dataclasses import dataclass
from enum import StrEnum

from linkwatch.core.models import State


class Answer(StrEnum):
    """How people have answered what was found of a link."""

    OPEN = "open"  # there is something to do, and nobody has answered
    ACKNOWLEDGED = "acknowledge"
    SNOOZED = "snooze"
    IGNORED = "ignore"
    APPROVED = "approve"
    REPORTED = "report"


class Order(StrEnum):
    PAGE = "page"  # as in the configuration, and so as on the page that lists them
    GRAVITY = "gravity"  # the worst first, then the oldest
    NAME = "name"
    CHECKED = "checked"  # the longest unchecked first


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All that is given must hold. `text`: every word of it is in id, name, owner, address, title or tags."""

    states: tuple[State, ...] = ()
    answer: Answer | None = None
    owner: str | None = None
    county: str | None = None
    tag: str | None = None
    assignee: str | None = None
    incident: str | None = None
    text: str = ""
    order: Order = Order.PAGE

    @property
    def is_all(self) -> bool:
        return self == Selection(order=self.order)
