"""What a recipient has been told: what the next digest is measured against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`findings`: by link, the fingerprint of what was told of it as wrong, until it is told of as mended.

    `through`: of each link that had changed shortly before, the newest change that was known. A link that is not in it
    had none. None: that was not noted, and all that was dated before counts as known.
    """

    findings: Mapping[str, str] = field(default_factory=dict)
    unverified: frozenset[str] = frozenset()  # told of as not to be verified for long
    unchecked: bool = False  # told that links could not be checked
    unmatched: bool = False  # told that no link is followed
    through: Mapping[str, datetime] | None = None
