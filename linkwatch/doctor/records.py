"""What the doctor finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, and may not for long, or not as one would want
    FAULT = "fault"


class Check(StrEnum):
    """What is looked at, in the order in which it is told. A closed list."""

    CONFIGURATION = "configuration"
    TIME_ZONE = "time_zone"
    TLS = "tls"
    DNS = "dns"
    NETWORK = "network"
    CLOCK = "clock"
    MAIL = "mail"
    DATABASE = "database"
    RUNS = "runs"
    OUTBOX = "outbox"
    DISK = "disk"
    PERMISSIONS = "permissions"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`code` has its words in the locale files: what was found and, unless it is well, the remedy.

    `values` go into those words: numbers, moments, and texts, which may come from elsewhere.
    """

    check: Check
    code: str
    level: Level = Level.FAULT
    values: Mapping[str, object] = field(default_factory=dict)


def well(check: Check, code: str, **values: object) -> Finding:
    return Finding(check=check, code=code, level=Level.OK, values=values)


def warning(check: Check, code: str, **values: object) -> Finding:
    return Finding(check=check, code=code, level=Level.WARNING, values=values)


def fault(check: Check, code: str, **values: object) -> Finding:
    return Finding(check=check, code=code, values=values)


def or_well(found: Iterable[Finding], otherwise: Finding) -> tuple[Finding, ...]:
    """What was found, or that all is well."""
    return tuple(found) or (otherwise,)
