"""One link in words: what is believed, what it means, the one thing to do, and the evidence for it.

All text from elsewhere has passed `plain` here; the formats escape it in their own way.
"""

from dataclasses import dataclass
from datetime import datetime

from linkwatch.core.models import Code, LinkView, State, Suggestion, Transition
from linkwatch.core.proposal import proposal
from linkwatch.core.reviews import BY_PEOPLE
from linkwatch.core.safe import plain
from linkwatch.locale import Words
from linkwatch.report import addresses, answers, evidence, saw
from linkwatch.report.addresses import Address
from linkwatch.report.evidence import Evidence
from linkwatch.report.letter import contact
from linkwatch.report.reading import Reading
from linkwatch.report.story import certificate_ends_soon, finding, open_incident, works

LONGEST_NAME = 200
_MOST_POSSIBLE = 3


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
    no_copy: str | None  # where something is wrong, and there was no approved copy to compare with
    others: str | None  # where more links fail the same way
    latest: str | None  # where the latest check found something else than what the state stands on
    answers: tuple[str, ...]  # what people have said of it
    contact: Address | None
    certificate: str | None  # a gentle line when it expires soon
    evidence: Evidence
    latest_evidence: Evidence | None
    history: tuple[tuple[datetime, str], ...]  # newest first


def row(link: LinkView, words: Words) -> Row:
    source, belief = link.source, link.belief
    return Row(
        symbol=State.OK if works(link) else belief.state,
        name=name(link),
        owner=plain(source.owner, LONGEST_NAME),
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
        since=reading.ago_and_date(belief.since) if belief.since else None,
        means=_means(link, words),
        do=_do(link, words, proposed=proposal is not None),
        reason=_reason(belief.finding_reason, words),
        proposal=proposal,
        possible=tuple(_possible(one, words) for one in link.possible[:_MOST_POSSIBLE]),
        no_copy=_no_copy(link, words),
        others=_others(link, words),
        latest=_latest(link, words),
        answers=answers.standing(link, reading),
        contact=contact((link,), link.source.owner, reading),
        certificate=_certificate(link, reading),
        evidence=evidence.of_finding(link, reading),
        latest_evidence=evidence.of_latest(link, reading),
        history=tuple((one.at, change(one, words)) for one in link.transitions),
    )


def mended(link: LinkView, at: datetime, reading: Reading) -> str:
    """A link that was fixed on the page, in one sentence."""
    name, date = plain(link.source.name, LONGEST_NAME), reading.words.date(at, reading.timezone)
    return reading.words.text("report.mended.one", name=name, date=date)


def name(link: LinkView) -> str:
    return plain(link.source.name, LONGEST_NAME)


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
    code = Code.OK if link.belief.state is State.OK else code
    return words.find(f"verdict.{code}.do_{link.belief.finding_reason}") or words.text(f"verdict.{code}.do")


def _reason(reason: str | None, words: Words) -> str | None:
    return words.find(f"reason.{reason}") if reason else None


def _no_copy(link: LinkView, words: Words) -> str | None:
    without = link.belief.state is not State.OK and saw.is_without_copy(evidence.stands_on(link)[1])
    return words.text("report.no_copy") if without else None


def _others(link: LinkView, words: Words) -> str | None:
    incident = open_incident(link)
    others = len(incident.open_links) - 1 if incident else 0
    return words.count("report.incident.others", others) if others > 0 else None


def _latest(link: LinkView, words: Words) -> str | None:
    latest, code = link.belief.verdict, finding(link)
    if latest is None or latest is code:
        return None
    if latest is Code.INCONCLUSIVE:
        return words.text("report.latest_inconclusive")
    return words.text("report.latest", finding=words.text(f"verdict.{latest}.name"))


def _certificate(link: LinkView, reading: Reading) -> str | None:
    ends = link.facts.tls_expires_at
    if ends is None or not certificate_ends_soon(link, reading.now):
        return None
    return reading.words.text("report.certificate.soon", when=reading.date(ends))


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


# ---------------------------------------------------------------- history


def change(one: Transition, words: Words) -> str:
    """ "fungerar → trasig: sidan hittades inte" """
    old, new = words.text(f"state.{one.old}.name"), words.text(f"state.{one.new}.name")
    found = words.text(f"verdict.{one.verdict}.name") if one.verdict else new
    if one.reason in BY_PEOPLE:
        found = words.text(f"reason.{one.reason}")
    if found == new:
        return words.text("report.history.change", old=old, new=new)
    return words.text("report.history.finding", old=old, new=new, finding=found)
