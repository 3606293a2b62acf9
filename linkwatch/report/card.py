"""One link in words: what is believed, what it means, the one thing to do, and the evidence for it.

All text from elsewhere has passed `plain` here; the formats escape it in their own way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from linkwatch.core.models import Code, LinkView, State, Suggestion, Transition
from linkwatch.core.proposal import proposal
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import addresses
from linkwatch.report.addresses import Address
from linkwatch.report.story import certificate_ends_soon, finding, works

_LONGEST_NAME = 200
_LONGEST_TITLE = 300
_LONGEST_HISTORY = 10
_MOST_POSSIBLE = 3
_STATUSES = ("status_behind", "root", "sibling")  # the evidence that is an HTTP status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """For whom a card is written, and when."""

    words: Words
    timezone: str
    now: datetime

    def when(self, moment: datetime) -> str:
        return self.words.datetime(moment, self.timezone)

    def when_and_ago(self, moment: datetime) -> str:
        ago = self.words.before(moment, self.now)
        return self.words.text("report.when", when=self.when(moment), ago=ago)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A new address, and how it was found."""

    label: str
    address: Address
    found: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Possibility:
    """A new address that is not sure enough to be suggested; `alike` says how near it is."""

    address: Address
    alike: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stop on the way to the page. `status` is None where nobody answered."""

    status: int | None
    words: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the table of all links says of one."""

    symbol: State  # which sign and colour; a redirect that works looks like what works
    name: str
    owner: str
    address: Address | None
    standing: str
    since: datetime | None
    checked_at: datetime | None
    http_status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`since` is an age and a date, all other text whole sentences or phrases."""

    row: Row
    since: str | None
    means: str
    do: str
    reason: str | None
    proposal: Proposal | None
    possible: tuple[Possibility, ...]
    latest: str | None  # where the latest check found something else than what the state stands on
    contact: Address | None
    certificate: str | None  # a gentle line when it expires soon
    facts: tuple[tuple[str, str], ...]  # label, value
    saw: tuple[str, ...]  # what the rule saw, in whole phrases
    way: tuple[Step, ...]
    history: tuple[tuple[datetime, str], ...]  # newest first


def row(link: LinkView, words: Words) -> Row:
    source, belief = link.source, link.belief
    return Row(
        symbol=State.OK if works(link) else belief.state,
        name=plain(source.name, _LONGEST_NAME),
        owner=plain(source.owner, _LONGEST_NAME),
        address=addresses.web(source.url) if source.url else None,
        standing=standing(link, words),
        since=belief.since,
        checked_at=belief.checked_at,
        http_status=link.facts.http_status,
    )


def card(link: LinkView, reading: Reading) -> Card:
    words, belief = reading.words, link.belief
    proposal = _proposal(link, words)
    return Card(
        row=row(link, words),
        since=_since(link, reading),
        means=_means(link, words),
        do=_do(link, words, proposed=proposal is not None),
        reason=_reason(belief.finding_reason, words),
        proposal=proposal,
        possible=tuple(_possible(one, words) for one in link.possible[:_MOST_POSSIBLE]),
        latest=_latest(link, words),
        contact=_contact(link, reading),
        certificate=_certificate(link, reading),
        facts=tuple(_facts(link, reading)),
        saw=tuple(_saw(link.evidence, words)),
        way=_way(link, words),
        history=tuple((change.at, _change(change, words)) for change in link.transitions[:_LONGEST_HISTORY]),
    )


def mended(link: LinkView, at: datetime, reading: Reading) -> str:
    """A link that was fixed on the page, in one sentence."""
    name, date = plain(link.source.name, _LONGEST_NAME), reading.words.date(at, reading.timezone)
    return reading.words.text("report.mended.one", name=name, date=date)


def standing(link: LinkView, words: Words) -> str:
    """The state and, where it says more, the finding: "trasig: sidan hittades inte"."""
    state, code = link.belief.state, finding(link)
    name = words.text(f"state.{state}.name")
    if state in (State.OK, State.UNKNOWN, State.NO_LINK, State.PAUSED) or code is None:
        return name
    found = words.text(f"verdict.{code}.name")
    if works(link) or found == name:
        return found
    return words.text("report.name.more", name=name, finding=found)


# ---------------------------------------------------------------- sentences


def _since(link: LinkView, reading: Reading) -> str | None:
    since = link.belief.since
    if since is None:
        return None
    date = reading.words.date(since, reading.timezone)
    return reading.words.text("report.since", ago=reading.words.ago(since, reading.now), date=date)


def _means(link: LinkView, words: Words) -> str:
    code = finding(link)
    if code is None or link.belief.state is State.OK:
        return words.text(f"state.{link.belief.state}.means")
    return words.text(f"verdict.{code}.means")


def _do(link: LinkView, words: Words, *, proposed: bool) -> str:
    code = finding(link) or Code.OK
    if link.source.is_listing:
        return words.text("report.listing.do")
    if link.belief.state is State.FAILING:
        return words.text("report.suspected.do")
    if proposed and code is not Code.MOVED:
        return words.text("report.suggestion.do")
    return words.text(f"verdict.{Code.OK if link.belief.state is State.OK else code}.do")


def _reason(reason: str | None, words: Words) -> str | None:
    return words.find(f"reason.{reason}") if reason else None


def _latest(link: LinkView, words: Words) -> str | None:
    latest, code = link.belief.verdict, finding(link)
    if latest is None or latest is code or link.belief.state is State.OK:
        return None
    if latest is Code.INCONCLUSIVE:
        return words.text("report.latest_inconclusive")
    return words.text("report.latest", finding=words.text(f"verdict.{latest}.name"))


def _certificate(link: LinkView, reading: Reading) -> str | None:
    ends = link.facts.tls_expires_at
    if ends is None or not certificate_ends_soon(link, reading.now):
        return None
    return reading.words.text("report.certificate.soon", when=reading.words.date(ends, reading.timezone))


# ---------------------------------------------------------------- where to go from here


def _proposal(link: LinkView, words: Words) -> Proposal | None:
    moved = finding(link) is Code.MOVED
    best = proposal(link)
    if best is None:
        return None
    label = words.text("report.label.new_address" if moved else "report.label.suggestion")
    return Proposal(label=label, address=addresses.web(best.url), found=words.find(f"why.{best.why}"))


def _possible(one: Suggestion, words: Words) -> Possibility:
    alike = words.text("report.possible.alike", share=words.percent(one.score))
    return Possibility(address=addresses.web(one.url), alike=alike)


def _contact(link: LinkView, reading: Reading) -> Address | None:
    source, checked = link.source, link.belief.checked_at or reading.now
    if not source.contact:
        return None
    words, when = reading.words, reading.when(checked)
    return addresses.contact(
        plain(source.contact, _LONGEST_NAME),
        subject=words.text("report.letter.subject", name=plain(source.name, _LONGEST_NAME)),
        body=words.text("report.letter.body", url=addresses.web(source.url).text, when=when, means=_means(link, words)),
    )


# ---------------------------------------------------------------- evidence


def _facts(link: LinkView, reading: Reading) -> Iterator[tuple[str, str]]:
    """Label and value of what the latest check saw and what is remembered; nothing for what is not known."""
    words, facts, belief = reading.words, link.facts, link.belief
    label = {key: words.text(f"report.label.{key}") for key in ("checked", "http", "title", "modified", "elapsed")}
    if belief.checked_at:
        yield label["checked"], reading.when_and_ago(belief.checked_at)
        yield label["http"], _answer(facts.http_status, words)
    if facts.title:
        yield label["title"], plain(facts.title, _LONGEST_TITLE)
    if facts.last_modified:
        yield label["modified"], words.date(facts.last_modified, reading.timezone)
    if facts.elapsed_ms is not None:
        yield label["elapsed"], words.text("report.elapsed", seconds=words.number(round(facts.elapsed_ms / 1000, 2)))
    yield from _certificate_fact(link, reading)
    yield from _strikes(link, reading)


def _certificate_fact(link: LinkView, reading: Reading) -> Iterator[tuple[str, str]]:
    if ends := link.facts.tls_expires_at:
        key = "certificate" if ends >= reading.now else "certificate_over"
        yield reading.words.text(f"report.label.{key}"), reading.words.date(ends, reading.timezone)


def _strikes(link: LinkView, reading: Reading) -> Iterator[tuple[str, str]]:
    words, belief = reading.words, link.belief
    if belief.failures:
        yield words.text("report.label.failures"), words.number(belief.failures)
    if belief.failing_since:
        yield words.text("report.label.failing_since"), reading.when(belief.failing_since)
    if belief.seen_at and belief.seen_at != belief.checked_at:
        yield words.text("report.label.seen"), reading.when(belief.seen_at)


def _way(link: LinkView, words: Words) -> tuple[Step, ...]:
    """Every redirect with its status, then where it ended; nothing where there was no redirect."""
    facts = link.facts
    if not facts.redirects:
        return ()
    hops = [(hop.status, hop.url) for hop in facts.redirects]
    stops: list[tuple[int | None, str]] = [*hops, (facts.http_status, facts.final_url or "")]
    return tuple(
        Step(status=status, words=http_words(status, words), address=addresses.web(url)) for status, url in stops
    )


def _answer(status: int | None, words: Words) -> str:
    if status is None:
        return words.text("report.no_answer")
    return words.text("report.http", status=status, words=http_words(status, words))


def http_words(status: int | None, words: Words) -> str:
    """404 as "sidan hittades inte"; a status without words of its own as its class."""
    if status is None:
        return words.text("report.no_answer")
    exact = words.find(f"http.{status}") or words.find(f"http.{status // 100}xx")
    return exact or words.text("http.other")


def _saw(evidence: Mapping[str, Any], words: Words) -> Iterator[str]:
    for key, seen in evidence.items():
        value = _value(key, seen, words)
        if value and (phrase := words.find(f"evidence.{key}", value=value)):
            yield phrase


def _value(key: str, seen: object, words: Words) -> str | None:
    """Shares as per cent, answers in words, text as text; what is not so, or nothing, is not told."""
    match seen:
        case bool():
            return str(seen) if seen else None  # its phrase is whole without it
        case int():
            return (_answer(seen, words) if key in _STATUSES else words.number(seen)) if seen else None
        case float() if isfinite(seen):
            return words.percent(seen)
        case str():
            return plain(seen, _LONGEST_TITLE)
    return None


def _change(change: Transition, words: Words) -> str:
    old, new = words.text(f"state.{change.old}.name"), words.text(f"state.{change.new}.name")
    found = words.text(f"verdict.{change.verdict}.name") if change.verdict else new
    if change.reason == "fixed_on_page":
        found = words.text("reason.fixed_on_page")
    if found == new:
        return words.text("report.history.change", old=old, new=new)
    return words.text("report.history.finding", old=old, new=new, finding=found)
