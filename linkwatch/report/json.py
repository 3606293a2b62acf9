"""The contract's JSON: `status --json`, `check --json`, `report --format json`, and what the review desk answers."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from linkwatch.core.models import Grounds, Incident, LinkView, RunSummary, Snapshot, Suggestion, Transition
from linkwatch.core.reviews import Action, Review, holding
from linkwatch.locale import Words
from linkwatch.report.story import open_incident

# Valid inside a JSON string, but not on a terminal: C1 controls, and what turns the reading direction.
_UNSHOWABLE = re.compile("[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOLD = ("assignee", "url", "old", "state", "finding", "reason")  # of a review; the rest is for taking it back


def render(snapshot: Snapshot, *, words: Words, title: str, timezone: str) -> str:  # noqa: ARG001  (data has no language)
    return dumps(snapshot) + "\n"


def dumps(snapshot: Snapshot) -> str:
    """`document(snapshot)` as indented JSON, without a newline at its end."""
    return _shown(json.dumps(document(snapshot), ensure_ascii=False, allow_nan=False, indent=2))


def encoded(value: Any) -> str:
    """JSON on one line, of anything that is like JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):  # no JSON as it is; most are, and reading them through first takes longest
        text = json.dumps(cleaned(value), ensure_ascii=False, allow_nan=False)
    return _shown(_SURROGATE.sub("\ufffd", text))


def lines(snapshot: Snapshot) -> Iterator[str]:
    """The same document as `dumps`, a line for each link, piece by piece: for many links."""
    head = encoded(_head(snapshot))
    yield head[:-1]
    for key, links in (("links", snapshot.links), ("listings", snapshot.listings)):
        yield f', "{key}": ['
        for number, link in enumerate(links):
            yield (",\n" if number else "\n") + encoded(link_document(link))
        yield "]"
    yield f', "outbox": {encoded(_outbox(snapshot))}}}\n'


def document(snapshot: Snapshot) -> dict[str, Any]:
    """JSON values only; the contract's fields first, in its order, then additions."""
    shape = {
        **_head(snapshot),
        "links": [link_document(link) for link in snapshot.links],
        "listings": [link_document(page) for page in snapshot.listings],
        "outbox": _outbox(snapshot),
    }
    clean: dict[str, Any] = cleaned(shape)
    return clean


def _head(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "generated_at": time(snapshot.generated_at),
        "run": run_document(snapshot.run),
        "summary": {state.value: n for state, n in snapshot.summary.items()},
    }


def _outbox(snapshot: Snapshot) -> dict[str, int] | None:
    """None where nobody is told of anything."""
    counts = snapshot.outbox
    return {"pending": counts.pending, "dead": counts.dead} if counts else None


def run_document(run: RunSummary | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "id": run.id,
        "conclusive": run.conclusive,
        "started_at": time(run.started_at),
        "finished_at": time(run.finished_at),
        "note": run.note,
        "visited": run.visited,
    }


def link_document(link: LinkView) -> dict[str, Any]:
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
        "since": time(belief.since),
        "checked_at": time(belief.checked_at),
        "failures": belief.failures,
    }


def _facts(link: LinkView) -> dict[str, Any]:
    facts = link.facts
    return {
        "http_status": facts.http_status,
        "final_url": facts.final_url,
        "redirects": [{"status": hop.status, "url": hop.url} for hop in facts.redirects],
        "title": facts.title,
        "last_modified": time(facts.last_modified),
        "content_type": facts.content_type,
        "elapsed_ms": facts.elapsed_ms,
        "tls_expires_at": time(facts.tls_expires_at),
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
    assigned = holding(link.reviews, Action.ASSIGN)
    return {
        "county": source.county,
        "listing": source.listing,
        "tags": list(source.tags),
        "contact": source.contact,
        "severity": belief.verdict.severity.name.lower() if belief.verdict else None,
        "finding": belief.finding.value if belief.finding else None,
        "finding_reason": belief.finding_reason,
        "seen_at": time(belief.seen_at),
        "evidence": link.evidence,
        "grounds": _grounds(link.grounds),
        "incident": incident_document(open_incident(link)),
        "mended": incident_document(link.mended),
        "reviews": [review_document(review) for review in link.reviews],
        "assignee": assigned.assignee if assigned else None,
        "fingerprint": link.fingerprint,
    }


def _grounds(grounds: Grounds | None) -> dict[str, Any] | None:
    """What the state stands on; `evidence` beside it is the latest check's."""
    if grounds is None:
        return None
    return {
        "first_seen": time(grounds.first_seen),
        "last_seen": time(grounds.last_seen),
        "times": grounds.times,
        "evidence": grounds.evidence,
    }


def incident_document(incident: Incident | None) -> dict[str, Any] | None:
    """`links` are all that were ever in it, `open_links` those that still fail."""
    if incident is None:
        return None
    return {
        "id": incident.id,
        "verdict": incident.code.value,
        "reason": incident.reason,
        "opened_at": time(incident.opened_at),
        "closed_at": time(incident.closed_at),
        "closed_as": incident.closed_as,
        "links": list(incident.links),
        "open_links": list(incident.open_links),
    }


def transition_document(change: Transition) -> dict[str, Any]:
    return {
        "link": change.link_id,
        "at": time(change.at),
        "from": change.old.value,
        "to": change.new.value,
        "verdict": change.verdict.value if change.verdict else None,
        "reason": change.reason,
    }


def review_document(review: Review) -> dict[str, Any]:
    """One answer, as the audit log has it. `who` is null where nobody is told from anybody."""
    return {
        "id": review.id,
        "link": review.link_id,
        "at": time(review.at),
        "who": review.who or None,
        "action": review.action.value,
        "note": review.note,
        "until": time(review.until),
        "fingerprint": review.fingerprint,
        "details": {key: review.details[key] for key in _TOLD if key in review.details},
        "ended_at": time(review.ended_at),
        "ended_as": review.ended_as,
        "undoes": review.undoes,
    }


def time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _shown(text: str) -> str:
    return _UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def cleaned(value: Any) -> Any:
    """JSON values only: no lone surrogates (they have no UTF-8), no NaN or infinity (they have no JSON)."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {cleaned(str(key)): cleaned(one) for key, one in value.items()}
        case list() | tuple():
            return [cleaned(one) for one in value]
        case None | bool() | int():
            return value
    return cleaned(str(value))
