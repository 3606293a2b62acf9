"""What the API answers with, beside the link itself (`report.json`): JSON values, as `openapi.py` describes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from linkwatch.core.models import Incident, LinkView, RunSummary
from linkwatch.core.reviews import Request as Asking
from linkwatch.core.selection import Answer
from linkwatch.report.json import (
    incident_document,
    link_document,
    review_document,
    run_document,
    time,
    transition_document,
)
from linkwatch.store.desk_records import Counts, OwnerCount, TitleSeen
from linkwatch.store.records import CheckRecord
from linkwatch.web.people import Person

Shape = dict[str, Any]


def links(found: Sequence[LinkView], total: int, following: str | None) -> Shape:
    return {"total": total, "links": [link_document(link) for link in found], "next": following}


def whole_link(link: LinkView, asking: Asking | None, *, is_known: bool) -> Shape:
    """A link with its latest changes of state, and whether it waits to be looked at."""
    return {
        **link_document(link),
        "transitions": [transition_document(change) for change in link.transitions],
        "request": _request(asking, is_known=is_known),
    }


def _request(asking: Asking | None, *, is_known: bool) -> Shape | None:
    if asking is None:
        return None
    return {
        "asked_at": time(asking.at),
        "who": (asking.who if is_known else "") or None,
        "done_at": time(asking.done_at),
        "outcome": asking.outcome,
    }


def check(record: CheckRecord) -> Shape:
    """Checks in a row that found the same."""
    mean = record.elapsed_mean_ms
    return {
        "first_at": time(record.first_at),
        "last_at": time(record.last_at),
        "times": record.times,
        "kinds": record.kinds,
        "verdict": record.verdict.value,
        "reason": record.reason,
        "http_status": record.http_status,
        "final_url": record.final_url,
        "redirects": [{"status": hop.status, "url": hop.url} for hop in record.redirects],
        "title": record.title,
        "last_modified": time(record.last_modified),
        "content_type": record.content_type,
        "elapsed_ms": None if mean is None else round(mean),
        "evidence": record.evidence,
    }


def title(seen: TitleSeen) -> Shape:
    return {
        "first_at": time(seen.first_at),
        "last_at": time(seen.last_at),
        "title": seen.title,
        "last_modified": time(seen.last_modified),
    }


def summary(counts: Counts, run: RunSummary | None, sentence: str) -> Shape:
    return {
        "sentence": sentence,
        "total": counts.total,
        "working": counts.working,
        "open": counts.open,
        "by_state": {state.value: number for state, number in counts.by_state.items()},
        "by_answer": {answer.value: counts.by_answer.get(answer, 0) for answer in Answer},
        "run": run_document(run),
    }


def owner(count: OwnerCount) -> Shape:
    return {"name": count.name, "total": count.total, "broken": count.broken, "open": count.open}


def incident(one: Incident) -> Shape:
    return {**(incident_document(one) or {}), "owner": one.owner, "host": one.host, "last_at": time(one.last_at)}


def reviews(given: Iterable[Any], following: str | None = None) -> Shape:
    return {"reviews": [review_document(review) for review in given], "next": following}


def me(person: Person, language: str) -> Shape:
    return {
        "name": person.name or None,
        "role": person.role.word,
        "is_known": person.is_known,
        "language": language,
    }
