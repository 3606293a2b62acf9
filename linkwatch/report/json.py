"""The contract's JSON: `status --json`, `check --json` and `report --format json`."""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from linkwatch.core.models import Grounds, Incident, LinkView, RunSummary, Snapshot, Suggestion
from linkwatch.locale import Words
from linkwatch.report.story import open_incident

# Valid inside a JSON string, but not on a terminal: C1 controls, and what turns the reading direction.
_UNSHOWABLE = re.compile("[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:  # noqa: ARG001  (data has no language)
    return dumps(snapshot) + "\n"


def dumps(snapshot: Snapshot) -> str:
    """`document(snapshot)` as indented JSON, without a newline at its end."""
    text = json.dumps(document(snapshot), ensure_ascii=False, allow_nan=False, indent=2)
    return _UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def document(snapshot: Snapshot) -> dict[str, Any]:
    """JSON values only; the contract's fields first, in its order, then additions."""
    shape = {
        "generated_at": _time(snapshot.generated_at),
        "run": _run(snapshot.run),
        "summary": {state.value: n for state, n in snapshot.summary.items()},
        "links": [_link(link) for link in snapshot.links],
        "listings": [_link(page) for page in snapshot.listings],
    }
    clean: dict[str, Any] = _clean(shape)
    return clean


def _run(run: RunSummary | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": run.id,
        "conclusive": run.conclusive,
        "started_at": _time(run.started_at),
        "finished_at": _time(run.finished_at),
        "note": run.note,
        "visited": run.visited,
    }


def _link(link: LinkView) -> dict[str, Any]:
    return {**_belief(link), **_facts(link), **_repair(link), **_additions(link)}


def _belief(link: LinkView) -> dict[str, Any]:
    source, belief = link.source, link.belief
    return {
        "id": source.id,
        "name": source.name,
        "owner": source.owner,
        "url": source.url,
        "state": belief.state.value,
        "verdict": belief.verdict.value if belief.verdict else None,
        "reason": belief.reason,
        "since": _time(belief.since),
        "checked_at": _time(belief.checked_at),
        "failures": belief.failures,
    }


def _facts(link: LinkView) -> dict[str, Any]:
    facts = link.facts
    return {
        "http_status": facts.http_status,
        "final_url": facts.final_url,
        "redirects": [{"status": hop.status, "url": hop.url} for hop in facts.redirects],
        "title": facts.title,
        "last_modified": _time(facts.last_modified),
        "content_type": facts.content_type,
        "elapsed_ms": facts.elapsed_ms,
        "tls_expires_at": _time(facts.tls_expires_at),
    }


def _repair(link: LinkView) -> dict[str, Any]:
    best = link.suggestion
    return {
        "suggestion": {"url": best.url, "score": best.score, "why": best.why} if best else None,
        "possible": [_possible(one) for one in link.possible],
    }


def _possible(one: Suggestion) -> dict[str, Any]:
    return {"url": one.url, "score": one.score}


def _additions(link: LinkView) -> dict[str, Any]:
    source, belief = link.source, link.belief
    return {
        "county": source.county,
        "listing": source.listing,
        "tags": list(source.tags),
        "contact": source.contact,
        "severity": belief.verdict.severity.name.lower() if belief.verdict else None,
        "finding": belief.finding.value if belief.finding else None,
        "finding_reason": belief.finding_reason,
        "seen_at": _time(belief.seen_at),
        "evidence": link.evidence,
        "grounds": _grounds(link.grounds),
        "incident": _incident(open_incident(link)),
        "mended": _incident(link.mended),
    }


def _grounds(grounds: Grounds | None) -> dict[str, Any] | None:
    """What the state stands on; `evidence` beside it is the latest check's."""
    if grounds is None:
        return None
    return {
        "first_seen": _time(grounds.first_seen),
        "last_seen": _time(grounds.last_seen),
        "times": grounds.times,
        "evidence": grounds.evidence,
    }


def _incident(incident: Incident | None) -> dict[str, Any] | None:
    """`links` are all that were ever in it, `open_links` those that still fail."""
    if incident is None:
        return None
    return {
        "id": incident.id,
        "verdict": incident.code.value,
        "reason": incident.reason,
        "opened_at": _time(incident.opened_at),
        "closed_at": _time(incident.closed_at),
        "closed_as": incident.closed_as,
        "links": list(incident.links),
        "open_links": list(incident.open_links),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _clean(value: Any) -> Any:
    """JSON values only: no lone surrogates (they have no UTF-8), no NaN or infinity (they have no JSON)."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {_clean(str(key)): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case None | bool() | int():
            return value
    return _clean(str(value))
