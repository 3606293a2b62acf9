"""The evidence for one finding: how it was decided, what was seen, since when, and on which way.

The finding that stands may be an older one than the latest check's: then each has its evidence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linkwatch.core.models import Code, Facts, Grounds, LinkView, Severity, State
from linkwatch.core.safe import plain
from linkwatch.report import saw
from linkwatch.report.reading import Reading
from linkwatch.report.way import Step, answer, way

_LONGEST_TITLE = 300

Fact = tuple[str, str]  # label, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`decided` and each of `saw` are whole sentences."""

    decided: str | None
    saw: tuple[str, ...]
    facts: tuple[Fact, ...]
    way: tuple[Step, ...]


def is_latest(link: LinkView) -> bool:
    """Whether the latest check found what the link's state stands on."""
    return link.belief.finding is None or link.belief.finding is link.belief.verdict


def of_finding(link: LinkView, reading: Reading) -> Evidence:
    """For what the state stands on, and what is remembered of the link."""
    facts, seen = stands_on(link)
    first_seen = link.grounds.evidence if link.grounds else seen  # a later 304 saw less than what it stands on
    told = (*_of_page(facts, link, reading), *_sightings(link, reading), *_strikes(link, reading))
    return _evidence(first_seen, told, way(facts, seen, reading.words), reading)


def of_latest(link: LinkView, reading: Reading) -> Evidence | None:
    """For what the latest check found, where that is something else."""
    if is_latest(link):
        return None
    told = (*_checked(link, reading), *_of_answer(link.facts, reading, is_asked=link.facts != Facts()))
    return _evidence(link.evidence, told, way(link.facts, link.evidence, reading.words), reading)


def stands_on(link: LinkView) -> tuple[Facts, Mapping[str, Any]]:
    """What the latest check saw that found what the state stands on, and what its rule saw."""
    if is_latest(link):
        return link.facts, link.evidence
    return (link.grounds.facts, link.grounds.evidence) if link.grounds else (Facts(), {})


def _evidence(seen: Mapping[str, Any], facts: tuple[Fact, ...], steps: tuple[Step, ...], reading: Reading) -> Evidence:
    return Evidence(decided=saw.decided(seen, reading), saw=tuple(saw.sentences(seen, reading)), facts=facts, way=steps)


# ---------------------------------------------------------------- facts


def _of_page(facts: Facts, link: LinkView, reading: Reading) -> Iterator[Fact]:
    if is_latest(link):
        yield from _checked(link, reading)
        yield from _of_answer(facts, reading, is_asked=link.belief.checked_at is not None)
        yield from _certificate(facts.tls_expires_at, reading)
    elif link.grounds:
        yield from _of_answer(facts, reading, is_asked=True)


def _checked(link: LinkView, reading: Reading) -> Iterator[Fact]:
    if link.belief.checked_at:
        yield reading.words.text("report.label.checked"), reading.when_and_ago(link.belief.checked_at)


def _of_answer(facts: Facts, reading: Reading, *, is_asked: bool) -> Iterator[Fact]:
    """What was answered; nothing for what is not known."""
    words = reading.words
    if is_asked:
        yield words.text("report.label.http"), answer(facts.http_status, words)
    if facts.title:
        yield words.text("report.label.title"), plain(facts.title, _LONGEST_TITLE)
    if facts.last_modified:
        yield words.text("report.label.modified"), reading.date(facts.last_modified)
    if facts.elapsed_ms is not None:
        seconds = words.number(round(facts.elapsed_ms / 1000, 2))
        yield words.text("report.label.elapsed"), words.text("report.elapsed", seconds=seconds)


def _certificate(ends: datetime | None, reading: Reading) -> Iterator[Fact]:
    if ends:
        key = "certificate" if ends >= reading.now else "certificate_over"
        yield reading.words.text(f"report.label.{key}"), reading.date(ends)


# ---------------------------------------------------------------- since when


def _sightings(link: LinkView, reading: Reading) -> Iterator[Fact]:
    """When the finding was first and last seen, and by how many checks in a row."""
    grounds, words = link.grounds, reading.words
    if grounds is None:
        return
    first = _first_seen(grounds, link)
    yield words.text("report.label.first_seen"), reading.when(first)
    yield words.text("report.label.last_seen"), reading.when(grounds.last_seen)
    times = words.number(grounds.times)
    interrupted = grounds.first_seen > first
    since = words.text("report.in_a_row_since", n=times, date=reading.date(grounds.first_seen))
    yield words.text("report.label.in_a_row"), since if interrupted else times


def _first_seen(grounds: Grounds, link: LinkView) -> datetime:
    """Before a check that said nothing, such as one without a network, it may have been seen already."""
    belief, known = link.belief, [grounds.first_seen]
    if belief.finding and belief.finding.severity is Severity.BROKEN and belief.failing_since:
        known.append(belief.failing_since)
    if belief.state is State.MOVED and belief.finding is Code.MOVED and belief.since:
        known.append(belief.since)
    return min(known)


def _strikes(link: LinkView, reading: Reading) -> Iterator[Fact]:
    words, belief, grounds = reading.words, link.belief, link.grounds
    if belief.failures and (grounds is None or grounds.times != belief.failures):
        yield words.text("report.label.failures"), words.number(belief.failures)
    if belief.failing_since and grounds is None:
        yield words.text("report.label.failing_since"), reading.when(belief.failing_since)
    if belief.seen_at and belief.seen_at != belief.checked_at:
        yield words.text("report.label.seen"), reading.when(belief.seen_at)
