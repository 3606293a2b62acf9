"""Records to rows and back. A row goes in as a dict of columns, and comes out as a tuple in the order of its SELECT."""

import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from linkwatch.core.listed import FoundBy, KeptReading, Listed, Reading
from linkwatch.core.models import (
    Belief,
    Code,
    Copy,
    Decision,
    Facts,
    Grounds,
    Hop,
    HostMemory,
    Incident,
    RunSummary,
    Source,
    State,
    Suggestion,
    Transition,
    Validators,
)
from linkwatch.core.reviews import Action, Request, Review
from linkwatch.store.records import CheckRecord

Row = Sequence[Any]
Columns = dict[str, Any]

SOURCE_WIDTH, BELIEF_WIDTH, FACTS_WIDTH = 9, 12, 11

_CODES, _STATES = cache(Code), cache(State)  # a call of the enumeration takes seven times as long
_BEAT = struct.Struct("<IH")

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")

# ---------------------------------------------------------------- single values


def clean(text: str) -> str:
    """The text with lone surrogates as U+FFFD: UTF-8, and so SQLite, has no place for them."""
    return text if text.isascii() else _LONE_SURROGATES.sub("\ufffd", text)


def _cleaned(columns: Columns) -> Columns:
    return {name: clean(value) if isinstance(value, str) else value for name, value in columns.items()}


def iso(when: datetime | None) -> str | None:
    """ISO 8601 in UTC; raises TypeError for a time without a zone."""
    if when is None:
        return None
    if when.tzinfo is None:
        raise TypeError(f"a time without a zone cannot be stored: {when}")
    try:
        return when.astimezone(UTC).isoformat()
    except OverflowError:  # a page dated 0001-01-01 east of Greenwich
        return when.replace(tzinfo=UTC).isoformat()


def to_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _code(text: str | None) -> Code | None:
    return None if text is None else _CODES(text)


def pack_json(value: object) -> str:
    # A rule that puts more than JSON values in its evidence must not cost the whole batch its commit.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def to_evidence(text: str) -> Mapping[str, Any]:
    evidence: dict[str, Any] = {} if text == "{}" else json.loads(text)
    return evidence


def _pack_text(text: str) -> bytes:
    return zlib.compress(clean(text).encode(), 6)


def _text(packed: bytes) -> str:
    return zlib.decompress(packed).decode()


def _pack_shingles(shingles: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(shingles)}Q", *shingles)


def _shingles(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}Q", packed)


def _pack_redirects(redirects: tuple[Hop, ...]) -> str:
    if not redirects:
        return "[]"
    return pack_json([{"url": hop.url, "status": hop.status, "location": hop.location} for hop in redirects])


def _redirects(text: str) -> tuple[Hop, ...]:
    if text == "[]":
        return ()
    hops = json.loads(text)
    return tuple(Hop(url=hop["url"], status=hop["status"], location=hop["location"]) for hop in hops)


def _pack_suggestion(suggestion: Suggestion | None) -> str | None:
    if suggestion is None:
        return None
    return pack_json({"url": suggestion.url, "score": suggestion.score, "why": suggestion.why})


def to_suggestion(text: str | None) -> Suggestion | None:
    if text is None:
        return None
    said = json.loads(text)
    return Suggestion(url=said["url"], score=said["score"], why=said["why"])


def _pack_validators(validators: Validators | None) -> str | None:
    if validators is None:
        return None
    return pack_json({"url": validators.url, "etag": validators.etag, "last_modified": validators.last_modified})


def to_validators(text: str | None) -> Validators | None:
    if text is None:
        return None
    kept = json.loads(text)
    return Validators(url=kept["url"], etag=kept["etag"], last_modified=kept["last_modified"])


# ---------------------------------------------------------------- records to rows


def source_columns(source: Source, position: int) -> Columns:
    return _cleaned(
        {
            "id": source.id,
            "position": position,
            "name": source.name,
            "url": source.url,
            "owner": source.owner,
            "contact": source.contact,
            "county": source.county,
            "listing": source.listing,
            "tags": pack_json(source.tags),
            "paused": source.paused,
        }
    )


def belief_columns(belief: Belief) -> Columns:
    return {
        "state": belief.state,
        "since": iso(belief.since),
        "verdict": belief.verdict,
        "reason": belief.reason,
        "finding": belief.finding,
        "finding_reason": belief.finding_reason,
        "failures": belief.failures,
        "failing_since": iso(belief.failing_since),
        "missing": belief.missing,
        "missing_since": iso(belief.missing_since),
        "checked_at": iso(belief.checked_at),
        "seen_at": iso(belief.seen_at),
    }


def facts_columns(facts: Facts) -> Columns:
    return {
        "http_status": facts.http_status,
        "final_url": facts.final_url,
        "redirects": _pack_redirects(facts.redirects),
        "title": facts.title,
        "h1": facts.h1,
        "last_modified": iso(facts.last_modified),
        "content_type": facts.content_type,
        "charset": facts.charset,
        "elapsed_ms": facts.elapsed_ms,
        "tls_expires_at": iso(facts.tls_expires_at),
        "wire_bytes": facts.wire_bytes,
    }


def check_columns(run_id: int, decision: Decision) -> Columns:
    return _cleaned(
        facts_columns(decision.facts)
        | {
            "link_id": decision.source.id,
            "run_id": run_id,
            "at": iso(decision.at),
            "verdict": decision.verdict.code,
            "reason": decision.verdict.reason,
            "evidence": pack_json(decision.verdict.grounds),
        }
    )


def link_columns(decision: Decision) -> Columns:
    return _cleaned(
        belief_columns(decision.belief)
        | facts_columns(decision.facts)
        | {
            "id": decision.source.id,
            "url": decision.source.url,
            "evidence": pack_json(decision.verdict.grounds),
            "suggestion": _pack_suggestion(decision.verdict.suggestion),
            "validators": _pack_validators(decision.validators),
            "body_hash": decision.body_hash,
            "fingerprint": decision.fingerprint,
            "beat": pack_beat(decision),
        }
    )


def ending_columns(decision: Decision) -> Columns:
    return {
        "at": iso(decision.at),
        "link_id": decision.source.id,
        "fingerprint": decision.fingerprint,
        "is_well": _works(decision.belief),
    }


def _works(belief: Belief) -> bool:
    """Nobody has anything to do with it: a temporary redirect to the page is no fault."""
    return belief.state is State.OK or (belief.state is State.ATTENTION and belief.finding is Code.REDIRECTED)


def pack_beat(decision: Decision) -> bytes:
    """When a check was and how long it took, in six bytes: minutes since 1970 and milliseconds (65,535 at most)."""
    elapsed = decision.facts.elapsed_ms
    if elapsed is None or decision.facts.http_status is None:
        return b""
    return _BEAT.pack(int(decision.at.timestamp() // 60), min(elapsed, 0xFFFF))


def to_beats(packed: bytes | None) -> tuple[tuple[datetime, int], ...]:
    return tuple((datetime.fromtimestamp(minute * 60, UTC), ms) for minute, ms in _BEAT.iter_unpack(packed or b""))


def transition_columns(transition: Transition, run_id: int | None) -> Columns:
    return _cleaned(
        {
            "link_id": transition.link_id,
            "run_id": run_id,
            "at": iso(transition.at),
            "old": transition.old,
            "new": transition.new,
            "verdict": transition.verdict,
            "reason": transition.reason,
        }
    )


def copy_columns(link_id: str, copy: Copy) -> Columns:
    return _cleaned(
        {
            "link_id": link_id,
            "url": copy.url,
            "learnt_at": iso(copy.learnt_at),
            "title": copy.title,
            "h1": copy.h1,
            "text": _pack_text(copy.text),
            "shingles": _pack_shingles(copy.shingles),
            "shingle_count": copy.shingle_count,
            "links": pack_json(copy.links),
        }
    )


def incident_columns(incident: Incident) -> Columns:
    return _cleaned(
        {
            "id": incident.id,
            "owner": incident.owner,
            "host": incident.host,
            "code": incident.code,
            "reason": incident.reason,
            "opened_at": iso(incident.opened_at),
            "last_at": iso(incident.last_at),
            "closed_at": iso(incident.closed_at),
            "links": pack_json(incident.links),
            "open_links": pack_json(incident.open_links),
            "closed_as": incident.closed_as,
        }
    )


def host_columns(memory: HostMemory) -> Columns:
    return _cleaned(
        {
            "host": memory.host,
            "robots_status": memory.robots_status,
            "robots_body": _pack_text(memory.robots_body),
            "robots_at": iso(memory.robots_at),
            "not_before": iso(memory.not_before),
        }
    )


# ---------------------------------------------------------------- rows to records


def to_source(row: Row) -> Source:
    link_id, name, url, owner, contact, county, listing, tags, paused = row
    return Source(
        id=link_id,
        name=name,
        url=url,
        owner=owner,
        contact=contact,
        county=county,
        listing=listing,
        tags=() if tags == "[]" else tuple(json.loads(tags)),
        paused=bool(paused),
    )


def to_belief(row: Row) -> Belief:
    (state, since, verdict, reason, finding, finding_reason,
     failures, failing_since, missing, missing_since, checked_at, seen_at) = row  # fmt: skip
    return Belief(
        state=_STATES(state),
        since=to_time(since),
        verdict=_code(verdict),
        reason=reason,
        finding=_code(finding),
        finding_reason=finding_reason,
        failures=failures,
        failing_since=to_time(failing_since),
        missing=missing,
        missing_since=to_time(missing_since),
        checked_at=to_time(checked_at),
        seen_at=to_time(seen_at),
    )


def to_facts(row: Row) -> Facts:
    (http_status, final_url, redirects, title, h1, last_modified,
     content_type, charset, elapsed_ms, tls_expires_at, wire_bytes) = row  # fmt: skip
    return Facts(
        http_status=http_status,
        final_url=final_url,
        redirects=_redirects(redirects),
        title=title,
        h1=h1,
        last_modified=to_time(last_modified),
        content_type=content_type,
        charset=charset,
        elapsed_ms=elapsed_ms,
        tls_expires_at=to_time(tls_expires_at),
        wire_bytes=wire_bytes,
    )


def to_incident(row: Row) -> Incident:
    incident_id, owner, host, code, reason, opened_at, last_at, closed_at, links, open_links, closed_as = row
    return Incident(
        id=incident_id,
        owner=owner,
        host=host,
        code=Code(code),
        reason=reason,
        opened_at=datetime.fromisoformat(opened_at),
        last_at=datetime.fromisoformat(last_at),
        closed_at=to_time(closed_at),
        links=tuple(json.loads(links)),
        open_links=tuple(json.loads(open_links)),
        closed_as=closed_as,
    )


def reading_columns(kept: KeptReading) -> Columns:
    links = [[one.name, one.url, one.new_window, one.text] for one in kept.reading.links]
    return _cleaned(
        {
            "listing": kept.listing_id,
            "at": iso(kept.at),
            "found_by": kept.reading.found_by,
            "links": pack_json(links),
            "unlinked": pack_json(kept.reading.unlinked),
        }
    )


def to_reading(row: Row) -> KeptReading:
    listing_id, at, found_by, links, unlinked = row
    listed = tuple(
        Listed(name=name, url=url, position=position, new_window=new_window, text=text)
        for position, (name, url, new_window, text) in enumerate(json.loads(links), 1)
    )
    reading = Reading(links=listed, found_by=FoundBy(found_by), unlinked=tuple(json.loads(unlinked)))
    return KeptReading(listing_id=listing_id, at=datetime.fromisoformat(at), reading=reading)


def to_grounds(row: Row) -> Grounds:
    first_at, last_at, times, evidence, http_status, final_url, redirects, title, last_modified, content_type = row
    return Grounds(
        first_seen=datetime.fromisoformat(first_at),
        last_seen=datetime.fromisoformat(last_at),
        times=times,
        evidence=to_evidence(evidence),
        facts=Facts(
            http_status=http_status,
            final_url=final_url,
            redirects=_redirects(redirects),
            title=title,
            last_modified=to_time(last_modified),
            content_type=content_type,
        ),
    )


def to_transition(row: Row) -> Transition:
    link_id, at, old, new, verdict, reason = row
    return Transition(
        link_id=link_id,
        at=datetime.fromisoformat(at),
        old=State(old),
        new=State(new),
        verdict=_code(verdict),
        reason=reason,
    )


def to_copy(row: Row) -> Copy:
    url, learnt_at, title, h1, text, shingles, shingle_count, links = row
    return Copy(
        title=title,
        h1=h1,
        text=_text(text),
        shingles=_shingles(shingles),
        shingle_count=shingle_count,
        links=tuple(json.loads(links)),
        learnt_at=datetime.fromisoformat(learnt_at),
        url=url,
    )


def to_host(row: Row) -> HostMemory:
    host, robots_status, robots_body, robots_at, not_before = row
    return HostMemory(
        host=host,
        robots_status=robots_status,
        robots_body=_text(robots_body),
        robots_at=to_time(robots_at),
        not_before=to_time(not_before),
    )


def to_run(row: Row) -> RunSummary:
    run_id, started_at, finished_at, conclusive, note, visited, asked = row
    return RunSummary(
        id=run_id,
        started_at=datetime.fromisoformat(started_at),
        finished_at=to_time(finished_at),
        conclusive=None if conclusive is None else bool(conclusive),
        note=note,
        visited=visited,
        asked=bool(asked),
    )


def review_columns(review: Review) -> Columns:
    return _cleaned(
        {
            "link_id": review.link_id,
            "at": iso(review.at),
            "who": review.who,
            "action": review.action,
            "note": review.note,
            "until": iso(review.until),
            "fingerprint": review.fingerprint,
            "details": pack_json(review.details),
            "ended_at": iso(review.ended_at),
            "ended_as": review.ended_as,
            "undoes": review.undoes,
        }
    )


def to_review(row: Row) -> Review:
    (review_id, link_id, at, who, action, note, until, fingerprint, details, ended_at, ended_as, undoes) = row
    return Review(
        id=review_id,
        link_id=link_id,
        at=datetime.fromisoformat(at),
        who=who,
        action=Action(action),
        note=note,
        until=to_time(until),
        fingerprint=fingerprint,
        details=to_evidence(details),
        ended_at=to_time(ended_at),
        ended_as=ended_as,
        undoes=undoes,
    )


def to_request(row: Row) -> Request:
    request_id, link_id, at, who, done_at, run_id, outcome = row
    return Request(
        id=request_id,
        link_id=link_id,
        at=datetime.fromisoformat(at),
        who=who,
        done_at=to_time(done_at),
        run_id=run_id,
        outcome=outcome,
    )


def to_check(row: Row) -> CheckRecord:
    (link_id, first_run_id, last_run_id, first_at, last_at, times, verdict, reason, evidence, http_status, final_url,
     redirects, title, last_modified, content_type, timed, elapsed_sum, elapsed_min, elapsed_max) = row  # fmt: skip
    return CheckRecord(
        link_id=link_id,
        first_run_id=first_run_id,
        last_run_id=last_run_id,
        first_at=datetime.fromisoformat(first_at),
        last_at=datetime.fromisoformat(last_at),
        times=times,
        verdict=Code(verdict),
        reason=reason,
        evidence=to_evidence(evidence),
        http_status=http_status,
        final_url=final_url,
        redirects=_redirects(redirects),
        title=title,
        last_modified=to_time(last_modified),
        content_type=content_type,
        elapsed_min_ms=elapsed_min,
        elapsed_mean_ms=elapsed_sum / timed if timed else None,
        elapsed_max_ms=elapsed_max,
    )
