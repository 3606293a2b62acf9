"""What a listing page says, and how that differs from what is watched: the records of listing, compare and hints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FoundBy(StrEnum):
    """How the links were told from all else on the page."""

    SELECTOR = "selector"
    HEADING = "heading"
    NAMES = "names"  # the smallest part that holds most of the names that are watched
    WHOLE = "whole"  # nothing was known to look for
    NOTHING = "nothing"  # what was looked for is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One link of a listing. `url` is absolute, None in a text that shows no addresses; `position` starts at 1."""

    name: str
    url: str | None
    position: int
    new_window: bool = False  # it says "öppnas i nytt fönster"
    text: str = ""  # as it stands there, suffixes and all


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The links of a page, in its order."""

    links: tuple[Listed, ...]
    found_by: FoundBy
    unlinked: tuple[str, ...] = ()  # names looked for that stand there without a link


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReading:
    """The latest good reading of a listing, and when it was made."""

    listing_id: str
    at: datetime
    reading: Reading


class DifferenceKind(StrEnum):
    NEW = "new"  # listed, not watched
    GONE = "gone"  # watched, no longer listed
    RENAMED = "renamed"
    ADDRESS_CHANGED = "address_changed"
    DUPLICATE = "duplicate"  # listed twice
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One way in which a listing and the sources differ. `was` is the source's side, `now` the listing's."""

    kind: DifferenceKind
    name: str
    source_id: str | None = None
    was: str = ""
    now: str = ""
    listed: Listed | None = None


class HintKind(StrEnum):
    NEW_WINDOW = "new_window"  # some links say that they open a new window, others do not
    REDIRECTS = "redirects"  # the address only leads to another spelling of itself
    SAME_ADDRESS = "same_address"
    SAYS_NOTHING = "says_nothing"  # "läs mer", "här"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something that the web editor could do better. `names` are the links it is about, in the page's order."""

    kind: HintKind
    names: tuple[str, ...]
    url: str = ""
    better: str = ""  # the address to use instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to make in sources.toml. `kind`: set (these keys of a source), add (a source), remove (a source)."""

    kind: str
    source_id: str
    fields: Mapping[str, str] = field(default_factory=dict)
