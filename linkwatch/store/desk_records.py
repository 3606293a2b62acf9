"""What the review desk counts and lists; single links come as `core.models.LinkView`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.models import LinkView, State
from linkwatch.core.selection import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """All links at a glance; our own listing pages are not among them.

    `open` links are to be answered, as `by_answer[Answer.OPEN]`. The other answers are those that keep quiet now: a
    snoozed link whose date has come is open.
    """

    by_state: Mapping[State, int]  # the states that occur, in the order of `State`
    working: int  # ok, or redirected to the same content
    open: int
    by_answer: Mapping[Answer, int]  # every answer
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyCount:
    """So many links of a county stand in one state; what is redirected to the same content is ok."""

    county: str  # its letter
    state: State
    number: int
    one_link: str | None = None  # where it is the only link of the county


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerCount:
    name: str
    total: int
    broken: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was looked for. `total` counts links, `places` what is told of as one; both of all pages."""

    links: tuple[LinkView, ...]
    total: int
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleSeen:
    """A page called itself this, and dated itself so, in every check from `first_at` to `last_at` that read it."""

    first_at: datetime
    last_at: datetime
    title: str | None
    last_modified: datetime | None
