"""Records that only the history speaks of; all others are in `core.models`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linkwatch.core.models import Code, Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """`times` checks in a row that found the same, from `first_at` to `last_at`.

    `evidence` is that of the first of them; of those older than [history] raw_days all that may vary is that of the
    last. Of a whole day of theirs, which may be all that is kept, `verdict` is the worst of its `kinds`, and there are
    no runs, evidence, address and title. The elapsed times span those checks that have one.
    """

    link_id: str
    first_run_id: int | None
    last_run_id: int | None
    first_at: datetime
    last_at: datetime
    times: int
    verdict: Code
    reason: str | None
    evidence: Mapping[str, Any]
    http_status: int | None
    final_url: str | None
    redirects: tuple[Hop, ...]
    title: str | None
    last_modified: datetime | None
    content_type: str | None
    elapsed_min_ms: int | None
    elapsed_mean_ms: float | None
    elapsed_max_ms: int | None
    kinds: int = 1  # different verdicts
