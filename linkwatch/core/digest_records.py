"""What a recipient has been told: what the next digest is measured against."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`findings`: by link, the fingerprint of what was told of it as wrong, until it is told of as mended."""

    findings: Mapping[str, str] = field(default_factory=dict)
    unverified: frozenset[str] = frozenset()  # told of as not to be verified for long
    unchecked: bool = False  # told that links could not be checked
