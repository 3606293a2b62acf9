"""What programs are told of a link: the body of a webhook."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from linkwatch.core.models import ALARMS, Belief, Code, Source, State, Suggestion, Transition
from linkwatch.core.safe import plain

TYPE = "link.changed"


def event(
    transition: Transition,
    source: Source,
    belief: Belief,
    *,
    final_url: str | None,
    suggestion: Suggestion | None,
    site: str,
    desk: str | None,
) -> dict[str, Any] | None:
    """The change as JSON values; None where it is no news.

    News is what somebody has to see to (`ALARMS`, but for a harmless redirect), and that it works again after that.
    `belief` is the one after the change. `desk` is the review desk's address, which ends in a slash.

        {"type": "link.changed",
         "timestamp": "2026-11-20T05:07:00+00:00",          when the change was found
         "data": {"id": "blekinge", "name": "Blekinge", "owner": "Region Blekinge",
                  "url": "https://…",                       as it is watched
                  "old": "failing", "new": "broken",        states (README, "What it says of a link")
                  "verdict": "not_found", "reason": null,   what it stands on
                  "final_url": "https://…" or null,         where the visit ended
                  "suggestion": "https://…" or null,        an address to use in its place
                  "since": "2026-11-19T05:07:00+00:00",     since when it has been so; for "broken", the first failure
                  "site": "Regionala serviceprogram",       whose links these are
                  "desk_url": "https://…" or null}}         where it can be answered
    """
    if not _is_news(transition):
        return None
    return {
        "type": TYPE,
        "timestamp": _time(transition.at),
        "data": {
            "id": source.id,
            "name": plain(source.name),
            "owner": plain(source.owner),
            "url": plain(source.url),
            "old": transition.old.value,
            "new": transition.new.value,
            "verdict": transition.verdict.value if transition.verdict else None,
            "reason": transition.reason,
            "final_url": plain(final_url) if final_url else None,
            "suggestion": plain(suggestion.url) if suggestion else None,
            "since": _time(_since(transition, belief)),
            "site": plain(site),
            "desk_url": f"{desk}links/{quote(source.id, errors='replace')}" if desk else None,
        },
    }


def _is_news(transition: Transition) -> bool:
    if _is_well(transition):
        return transition.old in ALARMS
    return transition.new in ALARMS


def _is_well(transition: Transition) -> bool:
    """Redirected to the same content is well."""
    is_redirected = transition.new is State.ATTENTION and transition.verdict is Code.REDIRECTED
    return transition.new is State.OK or is_redirected


def _since(transition: Transition, belief: Belief) -> datetime:
    if transition.new is State.BROKEN and belief.failing_since:
        return min(belief.failing_since, transition.at)
    return transition.at


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
