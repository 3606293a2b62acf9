"""What is told of a run at once and written down with it: changes to programs, faults of our own to the operators."""

import json
import shutil
import uuid
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime

from linkwatch.config import Config
from linkwatch.core.events import event
from linkwatch.core.incidents import is_trouble
from linkwatch.core.models import Decision, LinkView, RunSummary
from linkwatch.core.outbox import Channel, Content, Kind, Parcel
from linkwatch.core.problems import Noted, Problem, ProblemKind
from linkwatch.core.proposal import proposal
from linkwatch.mailing.notices import notices_of
from linkwatch.store import Notices
from linkwatch.store.outbox import Dead

_CLEARLY = 1.2
_MOST_NAMED = 5

LEAST_FREE_BYTES = 500_000_000  # and no less than the database has, so that it can be copied


class Herald:
    """For one run. It decides and words; the store writes it down."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def changed(self, decision: Decision) -> tuple[Parcel, ...]:
        """What each webhook is told of a check."""
        change, hooks = decision.transition, self._config.mail.webhooks
        if change is None or not hooks or decision.source.is_listing:
            return ()
        desk = self._config.web.public_url
        said = event(
            change,
            decision.source,
            decision.belief,
            final_url=decision.facts.final_url,
            suggestion=proposal(_shown(decision)),
            site=self._config.title,
            desk=f"{desk}/" if desk else None,
        )
        if said is None:
            return ()
        content = Content(subject="", text=json.dumps(said, ensure_ascii=False, separators=(",", ":")))
        return tuple(
            Parcel(
                kind=Kind.EVENT,
                channel=Channel.WEBHOOK,
                recipient=hook.id,
                message_id=f"msg_{uuid.uuid4().hex}",
                content=content,
            )
            for hook in hooks
        )

    def ended(
        self, run: RunSummary, listings: Iterable[Decision], noted: Iterable[Noted], now: datetime
    ) -> Notices | None:
        """What the operators are told when a run has ended; `listings` are the pages of ours that it looked at.

        A run that somebody asked for looks at a few links: it says nothing of the network.
        """
        kinds = [ProblemKind.DISK_FULL]
        noted = tuple(noted)
        problems = list(disk_problems(self._config, noted))
        if run.visited and not run.asked and run.note != "stopped":
            kinds.append(ProblemKind.RUN_INCONCLUSIVE)
            problems += _of_run(run)
        seen = {one.source.id: one for one in listings}
        problems += [_of_listing(one) for one in seen.values() if is_trouble(one.source, one.belief)]
        known = (one for one in noted if not _is_of_another_listing(one.problem, seen))
        return notices_of(self._config, problems, known, now, looked_at=[*kinds, ProblemKind.LISTING_MISSING])


def disk_problems(config: Config, noted: Iterable[Noted]) -> Iterator[Problem]:
    """That the disk of the database is nearly full. Where that was so already, until there is clearly more room: else a
    disk that hovers at the limit would be told of again and again."""
    folder, was_full = config.database.parent, any(one.problem.kind is ProblemKind.DISK_FULL for one in noted)
    try:
        free = shutil.disk_usage(folder).free
        least = max(LEAST_FREE_BYTES, config.database.stat().st_size)
    except OSError:
        return
    if free < (least * _CLEARLY if was_full else least):
        details = {"free_mb": free // 1_000_000, "path": str(folder)}
        yield Problem(kind=ProblemKind.DISK_FULL, details=details)


def dead_problems(dead: Sequence[Dead]) -> list[Problem]:
    """That some things were given up, all of them told of as one. `dead`: newest first."""
    if not dead:
        return []
    newest = dead[0]
    recipients = list(dict.fromkeys(one.recipient for one in dead))
    details = {
        "kind": newest.kind if len({one.kind for one in dead}) == 1 else None,
        "recipient": newest.recipient,
        "detail": newest.detail,
        "count": len(dead),
        "recipients": recipients[:_MOST_NAMED],
    }
    return [Problem(kind=ProblemKind.OUTBOX_DEAD, details=details, news_at=newest.at)]


def _shown(decision: Decision) -> LinkView:
    return LinkView(
        source=decision.source,
        belief=decision.belief,
        facts=decision.facts,
        evidence={},
        suggestion=decision.verdict.suggestion,
    )


def _is_of_another_listing(problem: Problem, seen: Container[str]) -> bool:
    return problem.kind is ProblemKind.LISTING_MISSING and problem.subject not in seen


def _of_run(run: RunSummary) -> Iterator[Problem]:
    if run.conclusive is False:
        yield Problem(kind=ProblemKind.RUN_INCONCLUSIVE, details={"note": run.note, "visited": run.visited})


def _of_listing(decision: Decision) -> Problem:
    source = decision.source
    details = {"name": source.name, "url": source.url}
    return Problem(kind=ProblemKind.LISTING_MISSING, subject=source.id, details=details)
