"""What an operator's own monitoring is told of linkwatch: numbers and times, no names, nothing for each link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.models import Code, State
from linkwatch.core.reviews import Precision

DURATION_BOUNDS_MS = (100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long the latest check of each link took, of those that were answered."""

    count: int
    sum_ms: int
    within: tuple[int, ...]  # so many took no longer than each of DURATION_BOUNDS_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """How a job of the night ended last, and when it last ended well."""

    name: str
    done_at: datetime | None
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """At one moment. Runs are those that visited all that was due, not those that somebody asked for."""

    links: Mapping[State, int]  # every state; our own listing pages are not among them
    findings: Mapping[Code, int]  # every code: what each link's state stands on
    due: int  # links that are to be visited now
    durations: Durations
    last_run_at: datetime | None  # when the last that has ended did; None: there was none
    last_conclusive_at: datetime | None  # when the last that visited any and was believed did
    is_conclusive: bool | None  # that last run
    pending: int  # parcels that wait to be sent
    dead: int  # parcels that were given up, and that nobody has dropped
    oldest_pending_at: datetime | None
    requests_waiting: int  # links that somebody wants visited now
    precision: Precision
    subscribers: int
    jobs: tuple[JobEnd, ...]
    database_bytes: int
    database_free_bytes: int  # within the file, to be used again
    disk_free_bytes: int
